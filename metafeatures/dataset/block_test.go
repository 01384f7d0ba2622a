package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// Rows wait in a block before they are written into the columns: whatever a column turns into meanwhile, every kept
// row has the cells of its line.
func TestWaitingRowsAreKeptAsTheyWere(t *testing.T) {
	const rows = 3000
	rng := rand.New(rand.NewPCG(3, 4))
	for draw := range 20 {
		turns := [3]int{rng.IntN(rows), rng.IntN(rows), rows - 1 - rng.IntN(3)}
		var text strings.Builder
		text.WriteString("row,a,b,c,y\n")
		cells := make([][3]string, rows)
		for i := range rows {
			for j, turn := range turns {
				cells[i][j] = turningCell(rng, i, j, turn)
			}
			fmt.Fprintf(&text, "%d.5,%s,%s\n", i, strings.Join(cells[i][:], ","), []string{"p", "q", "r"}[i%3])
		}
		opt := Options{Seed: uint64(draw), Kinds: map[string]Kind{"a": Categorical, "b": Categorical, "c": Categorical}}
		if draw%2 == 0 {
			opt.MaxCells = 5 * (20 + rng.IntN(1000))
		}
		d := mustRead(t, text.String(), opt)
		if opt.MaxCells == 0 && d.Rows != rows {
			t.Fatalf("%d rows", d.Rows)
		}
		for k := range d.Rows {
			i := int(d.Features[0].Values[k])
			for j, f := range d.Features[1:] {
				if got := levelOf(f, k); got != cells[i][j] {
					t.Fatalf("draw %d: column %s has %q in row %d, want %q", draw, f.Name, got, i, cells[i][j])
				}
			}
			if got := levelOf(d.Target, k); got != []string{"p", "q", "r"}[i%3] {
				t.Fatalf("draw %d: row %d has class %s", draw, i, got)
			}
		}
	}
}

// turningCell is a small number or nothing, and from the row turn on now and then one of few texts.
func turningCell(rng *rand.Rand, row, column, turn int) string {
	switch {
	case row == turn || row > turn && rng.IntN(3) == 0:
		return fmt.Sprintf("t%d", rng.IntN(4+8*column))
	case rng.IntN(10) == 0:
		return ""
	}
	return fmt.Sprint(rng.IntN(7))
}

func levelOf(c Column, row int) string {
	if v := c.Values[row]; !math.IsNaN(v) {
		return c.Levels[int(v)]
	}
	return ""
}
