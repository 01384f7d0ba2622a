package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// goldenSet holds the golden records of package record, among them every odd value that canonical JSON allows.
func goldenSet(t testing.TB) *record.Set {
	t.Helper()
	golden, err := os.ReadFile("../record/testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	set := record.NewSet()
	for line := range strings.Lines(string(golden)) {
		put(t, set, strings.TrimSuffix(line[65:], "\n"))
	}
	return set
}

func put(t testing.TB, set *record.Set, text string) {
	t.Helper()
	r, err := record.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	set.Put(record.Sum([]byte(text)), r)
}

// texts returns the canonical bytes of all records, sorted, without repetitions.
func texts(t testing.TB, set *record.Set) []string {
	t.Helper()
	var list []string
	for r := range set.All() {
		b, err := record.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(b))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func mustPack(t testing.TB, set *record.Set) []byte {
	t.Helper()
	b, err := Encode(set, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	unknown := goldenSet(t)
	for i := range 3 {
		put(t, unknown, strings.Replace(string(encode(t, testRun())), `"kind":"run"`, fmt.Sprintf(`"grade":%d,"kind":"run"`, i), 1))
	}
	for name, set := range map[string]*record.Set{
		"empty": record.NewSet(), "golden": goldenSet(t), "synthetic": synthetic(t, 7, 23), "unknown fields": unknown, "random": randomSet(t, 300),
	} {
		t.Run(name, func(t *testing.T) {
			for _, opt := range []Options{{}, {Fast: true}} {
				b, err := Encode(set, opt)
				if err != nil {
					t.Fatal(err)
				}
				back, err := Decode(b)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := texts(t, back), texts(t, set); !slices.Equal(got, want) {
					t.Errorf("%d records came back of %d, or others", len(got), len(want))
				}
				if err := Verify(b); err != nil {
					t.Error(err)
				}
				for r := range back.All() {
					if err := record.Validate(r); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

func encode(t testing.TB, r record.Record) []byte {
	t.Helper()
	b, err := record.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func testRun() *record.Run {
	digit := func(c string) record.ID { return record.ID(strings.Repeat(c, 64)) }
	return &record.Run{
		Task: digit("a"), Protocol: digit("b"), Space: digit("c"), Config: space.Config{"x": space.Float(0.1)}, Status: study.Complete,
		Measures: []record.Measure{{Metric: "m", Validation: []float64{0.5, 0.25}, Test: []float64{0.75}}}, Evaluator: record.Evaluator{Name: "e"},
	}
}

// randomSet has runs of every shape and values of every size, in no relation to each other.
func randomSet(t testing.TB, n int) *record.Set {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	value := func() float64 {
		switch v := math.Ldexp(rng.NormFloat64(), rng.IntN(400)-200); rng.IntN(6) {
		case 0:
			return v
		case 1:
			return 0
		case 2:
			return float64(rng.IntN(50)) / 50
		case 3:
			return -record.Round6(rng.Float64())
		case 4:
			return math.Round(v*1000) / 1000
		default:
			return record.Round6(v)
		}
	}
	values := func() []float64 {
		list := make([]float64, rng.IntN(5))
		for i := range list {
			list[i] = value()
		}
		return list
	}
	fidelity := func() study.Fidelity {
		return []study.Fidelity{nil, {"rows": 0.5}, {"rows": 10, "epochs": 3}, {"epochs": 1e-3}}[rng.IntN(4)]
	}
	set := record.NewSet()
	for range n {
		r := testRun()
		r.Task = record.ID(strings.Repeat(fmt.Sprint(rng.IntN(5)), 64))
		r.Config = space.Config{"x": space.Float(math.Abs(math.Mod(value(), 1000))), "n": space.Int(int64(rng.IntN(9)) - 4), "s": space.String("é\n"), "b": space.Bool(rng.IntN(2) == 0), "z": space.Null()}
		r.Measures = nil
		r.Status = study.Status(2 + rng.IntN(5))
		for _, metric := range []string{"a", "b", "c"} {
			m := record.Measure{Metric: metric, Validation: values(), Test: values()}
			if len(m.Validation)+len(m.Test) > 0 && rng.IntN(3) > 0 {
				r.Measures = append(r.Measures, m)
				r.Status = study.Complete
			}
		}
		for range rng.IntN(3) {
			r.Curve = append(r.Curve, record.CurvePoint{Fidelity: fidelity(), Value: value()})
		}
		r.Fidelity, r.Seed, r.Time = fidelity(), rng.Uint64N(1<<53+1), rng.Int64N(1<<53+1)
		r.Cost = study.Cost{Wall: math.Abs(value()), Memory: math.Abs(value())}
		r.Reason, r.Split, r.Machine, r.Contributor = []string{"", "limit"}[rng.IntN(2)], fmt.Sprint(rng.IntN(3)), "m", []string{"", "c"}[rng.IntN(2)]
		set.Runs = append(set.Runs, r)
	}
	return set
}

func TestSameSetSameBytes(t *testing.T) {
	set := synthetic(t, 5, 10)
	want := mustPack(t, set)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		mixed := *set
		mixed.Runs = append(slices.Clone(set.Runs), set.Runs[rng.IntN(len(set.Runs))])
		mixed.Labels = append(slices.Clone(set.Labels), set.Labels[0])
		mixed.Features = slices.Clone(set.Features)
		rng.Shuffle(len(mixed.Runs), func(i, j int) { mixed.Runs[i], mixed.Runs[j] = mixed.Runs[j], mixed.Runs[i] })
		rng.Shuffle(len(mixed.Labels), func(i, j int) { mixed.Labels[i], mixed.Labels[j] = mixed.Labels[j], mixed.Labels[i] })
		if got := mustPack(t, &mixed); !bytes.Equal(got, want) {
			t.Fatal("another order or repetitions change the pack")
		}
	}
	back, err := Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if again := mustPack(t, back); !bytes.Equal(again, want) {
		t.Error("packing what was unpacked gives another pack")
	}
}

func TestRefusesInvalidRecords(t *testing.T) {
	set := record.NewSet()
	bad := testRun()
	bad.Measures[0].Test[0] = math.NaN()
	set.Runs = append(set.Runs, bad)
	if _, err := Encode(set, Options{}); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

// TestEveryDamagedByteIsFound flips bits of every byte of a pack, and cuts it everywhere.
func TestEveryDamagedByteIsFound(t *testing.T) {
	good := mustPack(t, synthetic(t, 2, 4))
	for i := range good {
		for _, mask := range []byte{1, 0x80, 0xff} {
			bad := bytes.Clone(good)
			bad[i] ^= mask
			if _, err := Decode(bad); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrForeign) {
				t.Fatalf("byte %d of %d changed by %#x: %v", i, len(good), mask, err)
			}
		}
		if _, err := Decode(good[:i]); !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrForeign) {
			t.Fatalf("cut to %d of %d bytes: %v", i, len(good), err)
		}
	}
	if _, err := Decode(append(bytes.Clone(good), 0)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a trailing byte: %v", err)
	}
}

func TestForeignAndNewer(t *testing.T) {
	for name, b := range map[string][]byte{"empty": nil, "text": []byte("task,name\n"), "sqlite": []byte("SQLite format 3\x00")} {
		if _, err := Decode(b); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := mustPack(t, record.NewSet())
	h, raw, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	newer := h.join(raw)
	newer[len(magic)+2] = version + 1
	if _, err := Decode(resum(newer)); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
}

// resum repairs the checksum of a changed head.
func resum(b []byte) []byte {
	end := len(magic) + 2 + int(binary.LittleEndian.Uint16(b[len(magic):]))
	h := bytes.Clone(b)
	sum := sha256.Sum256(h[:end])
	copy(h[end:], sum[:])
	return h
}

// TestBombs claims sizes that a small pack does not have; none may be believed.
func TestBombs(t *testing.T) {
	h, raw, err := open(mustPack(t, synthetic(t, 2, 4)))
	if err != nil {
		t.Fatal(err)
	}
	for name, lie := range map[string]func(*Head){
		"runs":     func(h *Head) { h.Runs = 1 << 28 },
		"values":   func(h *Head) { h.values = 1 << 28 },
		"measures": func(h *Head) { h.measures = 1 << 28 },
		"points":   func(h *Head) { h.points = 1 << 28 },
		"texts":    func(h *Head) { h.Texts = 1 << 28 },
		"features": func(h *Head) { h.Features = 1 << 28 },
	} {
		forged := h
		for i := range forged.parts {
			forged.parts[i].codec = stored
		}
		lie(&forged)
		if _, err := Decode(forged.join(raw)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	forged := h
	zeros := raw
	zeros[sectionTexts] = make([]byte, 1<<28) // compresses to some kilobytes
	for i := range forged.parts {
		forged.parts[i].codec, forged.parts[i].raw = stored, len(zeros[i])
	}
	forged.parts[sectionTexts].codec = compressed
	zeros[sectionTexts] = compress(t, zeros[sectionTexts])
	if _, err := Decode(forged.join(zeros)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("zstd bomb: %v", err)
	}
	forged.parts[sectionTexts].raw = 10 // or the head lies about it
	if _, err := Decode(forged.join(zeros)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("zstd bomb with a small claim: %v", err)
	}
}

// TestRepetitiveSetIsNoBomb: an honest set may compress beyond what a reader believes.
func TestRepetitiveSetIsNoBomb(t *testing.T) {
	set := record.NewSet()
	for i := range 115000 {
		r := testRun()
		r.Seed = uint64(i)
		set.Runs = append(set.Runs, r)
	}
	b, err := Encode(set, Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	if h, err := ReadHead(b); err != nil || h.Runs != 115000 {
		t.Errorf("%d runs, %v", h.Runs, err)
	}
}

func TestReadHeadNeedsOnlyTheBeginning(t *testing.T) {
	set := synthetic(t, 3, 5)
	b := mustPack(t, set)
	want, err := DigestOf(set)
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHead(b[:1000])
	if err != nil || h.Runs != 15 || h.Features != 3 || h.Texts != 8 || h.Digest != want {
		t.Errorf("got %d runs, %d texts, digest %s, %v; want 15, 8, %s", h.Runs, h.Texts, h.Digest, err, want)
	}
}

func TestVerifyFindsWrongDigest(t *testing.T) {
	h, raw, err := open(mustPack(t, synthetic(t, 1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.parts {
		h.parts[i].codec = stored
	}
	h.Digest[0] ^= 1
	if err := Verify(h.join(raw)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}

// TestRunsShareMemory: decoding must not allocate per run.
func TestRunsShareMemory(t *testing.T) {
	small, large := synthetic(t, 2, 50), synthetic(t, 2, 50)
	for i := range 20 {
		for _, r := range small.Runs {
			more := *r
			more.Seed = uint64(i + 1)
			large.Runs = append(large.Runs, &more)
		}
	}
	count := func(set *record.Set) float64 {
		b := mustPack(t, set)
		return testing.AllocsPerRun(3, func() {
			if _, err := Decode(b); err != nil {
				t.Fatal(err)
			}
		})
	}
	if a, b := count(small), count(large); b > a+100 {
		t.Errorf("%v allocations for %d runs, %v for %d", a, len(small.Runs), b, len(large.Runs))
	}
}

// FuzzDecode damages one section of a good pack and gives it the checksum that goes with it.
func FuzzDecode(f *testing.F) {
	h, raw, err := open(mustPack(f, synthetic(f, 2, 5)))
	if err != nil {
		f.Fatal(err)
	}
	for i := range raw {
		f.Add(uint8(i), raw[i])
	}
	f.Fuzz(func(t *testing.T, section uint8, b []byte) {
		forged, payloads := h, raw
		payloads[int(section)%sections] = b
		for i := range forged.parts {
			forged.parts[i].codec, forged.parts[i].raw = stored, len(payloads[i])
		}
		decodeHostile(t, forged.join(payloads))
		decodeHostile(t, b)
	})
}

// decodeHostile decodes bytes from anywhere: they fail by a sentinel, or give valid records.
func decodeHostile(t *testing.T, b []byte) {
	set, err := Decode(b)
	if err != nil {
		if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrForeign) && !errors.Is(err, ErrNewer) && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("error without a sentinel: %v", err)
		}
		return
	}
	for r := range set.All() {
		if _, err := record.Encode(r); err != nil {
			t.Fatalf("decoded an invalid record: %v", err)
		}
	}
}

// TestMutationsOfPacks is a short fixed fuzzing run over random damage with valid checksums.
func TestMutationsOfPacks(t *testing.T) {
	h, raw, err := open(mustPack(t, synthetic(t, 2, 5)))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 8))
	for range 1000 {
		forged, payloads := h, raw
		at := rng.IntN(sections)
		b := bytes.Clone(raw[at])
		for range 1 + rng.IntN(3) {
			if len(b) > 0 {
				b[rng.IntN(len(b))] = byte(rng.Uint32())
			}
		}
		payloads[at] = b[:len(b)-rng.IntN(min(len(b)/10+1, 3))]
		for i := range forged.parts {
			forged.parts[i].codec, forged.parts[i].raw = stored, len(payloads[i])
		}
		decodeHostile(t, forged.join(payloads))
	}
}
