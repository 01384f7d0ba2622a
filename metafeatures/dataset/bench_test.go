package dataset

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// numericText is a table of numbers as programs write them: few digits, many digits, integers.
func numericText(rows, columns int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for j := range columns {
		fmt.Fprintf(&b, "x%d,", j)
	}
	b.WriteString("y\n")
	for range rows {
		for j := range columns {
			switch j % 3 {
			case 0:
				fmt.Fprintf(&b, "%.4f,", rng.NormFloat64())
			case 1:
				fmt.Fprintf(&b, "%d,", rng.IntN(1000))
			case 2:
				fmt.Fprintf(&b, "%.8g,", rng.ExpFloat64()*100)
			}
		}
		fmt.Fprintf(&b, "%d\n", rng.IntN(2))
	}
	return b.Bytes()
}

// mixedText is a table of numbers, categories and missing values, some of them quoted.
func mixedText(rows int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString("age,job,income,town,married,since,y\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,job %d,%.2f,\"town, %d\",%s,2020-%02d-%02d,%s\n", rng.IntN(80), rng.IntN(12), rng.Float64()*1e5,
			rng.IntN(200), []string{"yes", "no", ""}[rng.IntN(3)], 1+i%12, 1+rng.IntN(28), []string{"good", "bad"}[rng.IntN(2)])
	}
	return b.Bytes()
}

// exactText is a table of numbers with all the digits of a float64.
func exactText(rows, columns int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for j := range columns {
		fmt.Fprintf(&b, "x%d,", j)
	}
	b.WriteString("y\n")
	for range rows {
		for range columns {
			fmt.Fprintf(&b, "%v,", rng.NormFloat64())
		}
		fmt.Fprintf(&b, "%d\n", rng.IntN(2))
	}
	return b.Bytes()
}

func benchmarkRead(b *testing.B, text []byte) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(context.Background(), "-", Options{Stdin: bytes.NewReader(text)}); err != nil {
			b.Fatal(err)
		}
	}
}

// 1.2 million cells.
func BenchmarkReadNumeric(b *testing.B) { benchmarkRead(b, numericText(24_000, 49)) }

func BenchmarkReadAllDigits(b *testing.B) { benchmarkRead(b, exactText(24_000, 49)) }

func BenchmarkReadMixed(b *testing.B) { benchmarkRead(b, mixedText(170_000)) }

func BenchmarkReadGzip(b *testing.B) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(numericText(24_000, 49))
	w.Close()
	benchmarkRead(b, packed.Bytes())
}
