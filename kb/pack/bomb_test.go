package pack

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// allocated returns how many bytes f asks for in all: more than what it ever holds at once.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestSmallPackTakesLittleMemory has sections of some kilobytes, once compressed, whose entries are far larger in memory
// than in the pack.
func TestSmallPackTakesLittleMemory(t *testing.T) {
	for _, many := range []int{1_000_000, 8_000_000} {
		t.Run(strconv.Itoa(many), func(t *testing.T) { takeLittleMemory(t, many) })
	}
}

func takeLittleMemory(t *testing.T, many int) {
	for name, forge := range map[string]func(raw *[sections][]byte){
		"folds": func(raw *[sections][]byte) {
			w := dictionaryOf("m")
			w.uint(0)    // configurations
			w.uint(0)    // fidelities
			w.uint(2000) // shapes, each of one measure with all the folds there may be
			for range 2000 {
				w.uint(1)
				w.uint(1)
				w.uint(100 << 10)
				w.uint(100 << 10)
			}
			raw[sectionDictionaries] = w.b
		},
		"metrics": func(raw *[sections][]byte) {
			w := dictionaryOf("m")
			w.uint(0)
			w.uint(0)
			w.uint(1)
			w.uint(uint64(many / 3))
			for range many / 3 {
				w.uint(1)
				w.uint(1)
				w.uint(0)
			}
			raw[sectionDictionaries] = w.b
		},
		"texts": func(raw *[sections][]byte) {
			w := &columns{}
			w.uint(uint64(many))
			w.b = append(w.b, make([]byte, many)...)
			raw[sectionDictionaries] = w.b
		},
		"configurations": func(raw *[sections][]byte) {
			w := dictionaryOf("x")
			w.uint(uint64(many))
			w.b = append(w.b, make([]byte, many)...) // empty ones
			raw[sectionDictionaries] = w.b
		},
		"texts of meta-features": func(raw *[sections][]byte) {
			w := &columns{}
			w.uint(uint64(many))
			w.b = append(w.b, make([]byte, many)...)
			raw[sectionFeatures] = w.b
		},
		"shapes of meta-features": func(raw *[sections][]byte) {
			w := &columns{}
			texts := int(math.Sqrt(float64(many) / 2))
			w.uint(uint64(texts))
			for i := range texts {
				w.text(strings.Repeat("x", i%50) + fmt.Sprint(i))
			}
			w.uint(uint64(texts))
			for extractor := range texts {
				w.uint(uint64(extractor))
				w.uint(uint64(texts))
				for name := range texts {
					w.uint(uint64(name))
				}
			}
			raw[sectionFeatures] = w.b
		},
		"slots": func(raw *[sections][]byte) { raw[sectionSlots] = make([]byte, many) },
	} {
		h, raw, err := open(mustPack(t, synthetic(t, 2, 4)))
		if err != nil {
			t.Fatal(err)
		}
		forge(&raw)
		for i := range raw {
			h.parts[i].raw, h.parts[i].codec = len(raw[i]), stored
			if len(raw[i]) > 1<<16 {
				h.parts[i].codec, raw[i] = compressed, compress(t, raw[i])
			}
		}
		b := h.join(raw)
		took := allocated(func() { _, err = Decode(b) })
		t.Logf("%s: %d bytes take %d MiB: %v", name, len(b), took>>20, err)
		if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if took > 256<<20 {
			t.Errorf("%s: a pack of %d bytes takes %d MiB", name, len(b), took>>20)
		}
	}
}

// dictionaryOf begins the section of dictionaries: two texts, no ids, no evaluators.
func dictionaryOf(text string) *columns {
	w := &columns{}
	w.uint(2)
	w.text("")
	w.text(text)
	w.uint(0)
	w.uint(0)
	return w
}
