package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestTuneManyWarmStarts has 8 workers evaluate 100 warm starts, each of which must be evaluated exactly once: twice,
// or with METAML_SOAK=1 twenty times.
func TestTuneManyWarmStarts(t *testing.T) {
	t.Parallel()
	rounds := 2
	if os.Getenv("METAML_SOAK") == "1" {
		rounds = 20
	}
	for round := range rounds {
		l := newTuneLab(t, "")
		var points []map[string]float64
		for i := range 100 {
			points = append(points, map[string]float64{"x": float64(100*round+i) / 2048})
		}
		text, err := json.Marshal(points)
		if err != nil {
			t.Fatal(err)
		}
		l.write(t, "points.json", string(text))
		o := l.run(t, l.onData("judge", "--workers", "8", "--warm-start", "points.json", "--trials", "100")...)
		if o.code != 0 || len(o.trials) != 100 || o.done.WarmStarted != 100 {
			t.Fatalf("round %d: status %d, %d trials\n%s", round+1, o.code, len(o.trials), o.stderr)
		}
		begun := map[string]int{}
		for line, n := range l.count(t) {
			what, rest, _ := strings.Cut(line, " ")
			_, x, _ := strings.Cut(rest, " ")
			if n != 1 {
				t.Errorf("round %d: %d times %q", round+1, n, line)
			}
			begun[what+x]++
		}
		for _, p := range points {
			if x := fmt.Sprint(p["x"]); begun["begin"+x] != 1 || begun["end"+x] != 1 {
				t.Errorf("round %d: x %s was begun %d and ended %d times", round+1, x, begun["begin"+x], begun["end"+x])
			}
		}
		if runtime.GOOS == "linux" {
			l.expectNothingLeft(t)
		}
	}
}
