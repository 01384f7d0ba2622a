package main

import (
	"bufio"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
)

// writeCostTable writes a seeded table: numbers of four decimals, skewed numbers and small integers in turn, categories
// of two to eight levels, and three unequal classes y that depend on the first columns.
func writeCostTable(path string, rows, columns int, categorical float64, seed uint64) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	rng := rand.New(rand.NewPCG(seed, 50))
	line := []byte{}
	for j := range columns {
		line = append(strconv.AppendInt(append(line, 'x'), int64(j), 10), ',')
	}
	if _, err := out.Write(append(line, "y\n"...)); err != nil {
		return err
	}
	for range rows {
		line = line[:0]
		score := rng.NormFloat64() / 2
		for j := range columns {
			v := rng.NormFloat64()
			if j < 5 {
				score += v / float64(j+1)
			}
			line = append(appendCell(line, v, j, categoricalColumn(j, categorical)), ',')
		}
		class := byte('a')
		switch {
		case score > 1.5:
			class = 'c'
		case score > 0:
			class = 'b'
		}
		if _, err := out.Write(append(line, class, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// categoricalColumn spreads the categorical columns evenly, the first column being the last to be one.
func categoricalColumn(column int, share float64) bool {
	return math.Floor(float64(column+1)*share) > math.Floor(float64(column)*share)
}

// appendCell writes a standard normal value as the column's kind has it.
func appendCell(line []byte, v float64, column int, categorical bool) []byte {
	if categorical {
		levels := 2 + column%7
		return append(line, 'p'+byte(min(int(math.Abs(v)/2.5*float64(levels)), levels-1)))
	}
	switch column % 3 {
	case 0:
		return strconv.AppendFloat(line, v, 'f', 4, 64)
	case 1:
		return strconv.AppendInt(line, int64(math.Abs(v)*300), 10)
	}
	return strconv.AppendFloat(line, math.Exp(v)*100, 'f', 6, 64)
}
