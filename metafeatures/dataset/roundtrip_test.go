package dataset

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// drawn is a random table as it should be read: per column either numbers (NaN missing) or texts ("" missing).
type drawn struct {
	names   []string
	numbers [][]float64
	texts   [][]string
	rows    int
}

// draw makes a table whose last column is a complete target.
func draw(rng *rand.Rand) *drawn {
	d := &drawn{rows: 15 + rng.IntN(40)}
	columns := 2 + rng.IntN(5)
	for j := range columns {
		d.names = append(d.names, fmt.Sprintf("%s %d", drawText(rng), j))
		var numbers []float64
		var texts []string
		if rng.IntN(2) == 0 {
			numbers = drawNumbers(rng, d.rows)
		} else {
			texts = drawTexts(rng, d.rows)
		}
		missing := rng.IntN(3) == 0 && j < columns-1
		for i := range d.rows {
			if missing && rng.IntN(4) == 0 && numbers != nil {
				numbers[i] = math.NaN()
			} else if missing && rng.IntN(4) == 0 && texts != nil {
				texts[i] = ""
			}
		}
		d.numbers, d.texts = append(d.numbers, numbers), append(d.texts, texts)
	}
	return d
}

func drawNumbers(rng *rand.Rand, rows int) []float64 {
	kind := rng.IntN(4)
	out := make([]float64, rows)
	for i := range out {
		switch kind {
		case 0:
			out[i] = float64(rng.IntN(20) - 10)
		case 1:
			out[i] = math.Round(rng.NormFloat64()*1e4) / 1e4
		case 2:
			out[i] = rng.NormFloat64() * math.Pow10(rng.IntN(40)-20)
		case 3:
			for {
				out[i] = math.Float64frombits(rng.Uint64())
				if !math.IsNaN(out[i]) && !math.IsInf(out[i], 0) {
					break
				}
			}
		}
	}
	out[0], out[1] = 1, 2.5 // neither constant nor all integers
	return out
}

func drawTexts(rng *rand.Rand, rows int) []string {
	levels := make([]string, 2+rng.IntN(4))
	for i := range levels {
		levels[i] = drawText(rng) + strconv.Itoa(i)
	}
	out := make([]string, rows)
	for i := range out {
		out[i] = levels[rng.IntN(len(levels))]
	}
	out[0], out[1] = levels[0], levels[1]
	return out
}

// drawText is a text that no reader may take for something else: it begins and ends with a letter.
func drawText(rng *rand.Rand) string {
	pieces := []string{"a", "Zürich", "東", ",", ";", "|", "\t", " ", "\"", "\"\"", "'", "\n", "\\", "5", "-", "%", "{", "}", "<"}
	var b strings.Builder
	b.WriteString("q")
	for range rng.IntN(5) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	b.WriteString("w")
	return b.String()
}

// writeNumber writes v in one of the forms that programs use.
func writeNumber(rng *rand.Rand, v float64) string {
	if math.IsNaN(v) {
		return []string{"", "NA", "?", "NaN"}[rng.IntN(4)]
	}
	switch format := rng.IntN(5); {
	case format == 0:
		return strconv.FormatFloat(v, 'e', -1, 64)
	case format == 1 && math.Abs(v) < 1e6 && math.Abs(v) > 1e-6:
		return strconv.FormatFloat(v, 'f', -1, 64) + strings.Repeat("0", rng.IntN(2)*boolToInt(v != math.Trunc(v)))
	case format == 2 && v >= 0:
		return "+" + strconv.FormatFloat(v, 'g', -1, 64)
	case format == 3 && v == math.Trunc(v) && math.Abs(v) < 1e6:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'G', -1, 64)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// delimited writes the table as a delimited file, with all freedom that the format gives.
func (d *drawn) delimited(rng *rand.Rand, delimiter byte, newline string) []byte {
	var b bytes.Buffer
	field := func(s string, quote bool) {
		if quote || strings.ContainsAny(s, "\"\n"+string(delimiter)) {
			s = `"` + strings.ReplaceAll(strings.ReplaceAll(s, `"`, `""`), "\n", newline) + `"`
		}
		b.WriteString(s)
	}
	end := func(j int) {
		if j < len(d.names)-1 {
			b.WriteByte(delimiter)
		} else {
			b.WriteString(newline)
		}
	}
	for j, n := range d.names {
		field(n, rng.IntN(2) == 0)
		end(j)
	}
	for i := range d.rows {
		for j := range d.names {
			if d.numbers[j] != nil {
				field(writeNumber(rng, d.numbers[j][i]), rng.IntN(8) == 0)
			} else {
				field(d.texts[j][i], rng.IntN(2) == 0)
			}
			end(j)
		}
	}
	return b.Bytes()
}

// arff writes the table as an ARFF file.
func (d *drawn) arff(rng *rand.Rand) []byte {
	quote := func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`).Replace(s) + "'"
	}
	var b bytes.Buffer
	b.WriteString("% made for a test\n@relation drawn\n\n")
	for j, n := range d.names {
		fmt.Fprintf(&b, "@attribute %s ", quote(n))
		if d.numbers[j] != nil {
			b.WriteString("numeric\n")
			continue
		}
		levels := slices.Clone(d.texts[j])
		slices.Sort(levels)
		levels = slices.DeleteFunc(slices.Compact(levels), func(s string) bool { return s == "" })
		for k := range levels {
			levels[k] = quote(levels[k])
		}
		fmt.Fprintf(&b, "{%s}\n", strings.Join(levels, ","))
	}
	b.WriteString("@data\n")
	for i := range d.rows {
		for j := range d.names {
			if j > 0 {
				b.WriteByte(',')
			}
			switch {
			case d.numbers[j] != nil && math.IsNaN(d.numbers[j][i]), d.numbers[j] == nil && d.texts[j][i] == "":
				b.WriteByte('?')
			case d.numbers[j] != nil:
				b.WriteString(writeNumber(rng, d.numbers[j][i]))
			default:
				b.WriteString(quote(d.texts[j][i]))
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// same compares a dataset with what it should hold.
func (d *drawn) same(got *Dataset) error {
	columns := append(slices.Clone(got.Features), got.Target)
	if len(columns) != len(d.names) || got.Rows != d.rows {
		return fmt.Errorf("%d columns and %d rows, want %d and %d; dropped %v", len(columns), got.Rows, len(d.names), d.rows, got.Dropped)
	}
	for j, c := range columns {
		if c.Name != d.names[j] {
			return fmt.Errorf("column %d is named %q, want %q", j, c.Name, d.names[j])
		}
		missing := 0
		for i, v := range c.Values {
			switch {
			case math.IsNaN(v):
				missing++
				if d.numbers[j] != nil && !math.IsNaN(d.numbers[j][i]) || d.numbers[j] == nil && d.texts[j][i] != "" {
					return fmt.Errorf("%q, row %d is missing", c.Name, i)
				}
			case d.numbers[j] != nil && v != d.numbers[j][i]:
				return fmt.Errorf("%q, row %d is %v, want %v", c.Name, i, v, d.numbers[j][i])
			case d.numbers[j] == nil && c.Levels[int(v)] != d.texts[j][i]:
				return fmt.Errorf("%q, row %d is %q, want %q", c.Name, i, c.Levels[int(v)], d.texts[j][i])
			}
		}
		if missing != c.MissingCount {
			return fmt.Errorf("%q: %d missing, counted %d", c.Name, missing, c.MissingCount)
		}
	}
	return nil
}

// Whatever is written is read back, and equal tables have equal fingerprints, in whatever form they are written.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 1))
		d := draw(rng)
		fingerprint := ""
		for form, text := range map[string][]byte{
			"comma":        d.delimited(rng, ',', "\n"),
			"semicolon":    d.delimited(rng, ';', "\r\n"),
			"tab":          d.delimited(rng, '\t', "\n"),
			"bar, BOM":     append([]byte("\ufeff"), d.delimited(rng, '|', "\n")...),
			"gzip":         gzipped(t, d.delimited(rng, ',', "\r\n")),
			"zstd":         zstandard(t, d.delimited(rng, '\t', "\n")),
			"no line end":  bytes.TrimRight(d.delimited(rng, ',', "\n"), "\n"),
			"ARFF":         d.arff(rng),
			"ARFF in gzip": gzipped(t, d.arff(rng)),
		} {
			got, err := readText(t, string(text), Options{Task: d.task()})
			if err == nil {
				err = d.same(got)
			}
			if err != nil {
				t.Fatalf("seed %d, %s: %v\n%s", seed, form, err, text)
			}
			if fingerprint == "" {
				fingerprint = got.Fingerprint
			}
			if got.Fingerprint != fingerprint {
				t.Fatalf("seed %d: the fingerprint of %s differs from another form's\n%s", seed, form, text)
			}
		}
	}
}

func (d *drawn) task() TaskType {
	if d.numbers[len(d.names)-1] != nil {
		return Regression
	}
	return Classification
}

// The fingerprint tells apart what is not equal, and is that of the whole file in a sample.
func TestFingerprint(t *testing.T) {
	const text = "a,b,y\n1,x,1.5\n2,,2.5\n3,z,3.5\n"
	base := mustRead(t, text, Options{}).Fingerprint
	same := map[string]Options{
		text: {MaxCells: 6}, // a sample of two rows
		"a;b;y\r\n1.0;\"x\";15e-1\r\n\r\n 2 ; NA ;2.50\r\n+3;z;3.5": {},
	}
	for other, opt := range same {
		if got := mustRead(t, other, opt).Fingerprint; got != base {
			t.Errorf("%q has another fingerprint", other)
		}
	}
	if got := mustRead(t, "b,a,c,y\nx,1,5,1.5\n,2,6,2.5\nz,3,7,3.5\n", Options{Columns: []string{"a"}}).Fingerprint; got !=
		mustRead(t, "a,y\n1,1.5\n2,2.5\n3,3.5\n", Options{}).Fingerprint {
		t.Error("columns that are not used count")
	}
	for _, other := range []string{
		"a,b,y\n1,x,1.5\n2,,2.5\n3,z,3.25\n", // a cell
		"a,b,y\n1,x,1.5\n3,z,3.5\n2,,2.5\n",  // the order of rows
		"a,c,y\n1,x,1.5\n2,,2.5\n3,z,3.5\n",  // a name
		"a,b,y\n1,x,1.5\n2,w,2.5\n3,z,3.5\n", // a missing value
		"a,b,y\n1,x,1.5\n2,,2.5\n3,z,3.5\n3,z,3.5\n",
		"a,b,y\n1,x,1.5\n2,,2.5\n3,z,3.5\n4,z,\n", // a row without target
	} {
		if mustRead(t, other, Options{}).Fingerprint == base {
			t.Errorf("%q has the same fingerprint", other)
		}
	}
	if mustRead(t, text, Options{Target: "a"}).Fingerprint == base {
		t.Error("another target has the same fingerprint")
	}
}

// The value comes from an independent program:
//
//	import hashlib, struct
//	q = lambda n: struct.pack("<Q", n); s = lambda t: q(len(t.encode())) + t.encode(); d = lambda x: struct.pack("<d", x)
//	missing, text = q(0x7FF8000000000001), q(0x7FF8000000000002)
//	b = b"metaml table 1\n" + q(3) + s("a") + s("bé") + s("y") + q(0)
//	b += d(1) + text + d(1.5) + s("x y") + d(-2) + missing + text + s("z") + missing + text + text + s("p") + s("qq")
//	print(hashlib.sha256(b).hexdigest())
func TestFingerprintGolden(t *testing.T) {
	const want = "6c96c0b25fa77fdc9fa483159c463941a0d9ed4b021857f429b59fa653b0ec04"
	d := mustRead(t, "a,bé,y\n1,x y,1.5\n-2,NA,z\n,p,qq\n", Options{Target: "a", Task: Regression})
	if d.Fingerprint != want {
		t.Errorf("%s, want %s", d.Fingerprint, want)
	}
}
