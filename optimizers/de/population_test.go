package de

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func at(x, loss float64) member { return member{u: []float64{x}, loss: loss} }

func show(p population) string {
	out := ""
	for _, m := range p.members {
		out += fmt.Sprintf("%v:%v ", m.u[0], m.loss)
	}
	out += "|"
	for _, m := range p.archive {
		out += fmt.Sprintf(" %v", m.u[0])
	}
	return out
}

// TestSelection admits and challenges members of a population of three by hand.
func TestSelection(t *testing.T) {
	p, rng := population{size: 3}, rand.New(rand.NewPCG(1, 2))
	inf := math.Inf(1)
	for _, m := range []member{at(0.1, 5), at(0.2, inf), at(0.3, 3)} {
		p.admit(m)
	}
	for _, step := range []struct {
		what     string
		position int // -1: admitted
		m        member
		gain     float64
		success  bool
		want     string
	}{
		{"worse than the worst", -1, at(0.9, inf), 0, false, "0.1:5 0.2:+Inf 0.3:3 |"},
		{"better than the worst", -1, at(0.4, 9), 0, false, "0.1:5 0.4:9 0.3:3 |"},
		{"loses", 0, at(0.5, 6), 0, false, "0.1:5 0.4:9 0.3:3 |"},
		{"wins", 0, at(0.5, 4), 1, true, "0.5:4 0.4:9 0.3:3 | 0.1"},
		{"is as good", 0, at(0.6, 4), 0, false, "0.6:4 0.4:9 0.3:3 | 0.1"},
		{"fails", 1, at(0.7, inf), 0, false, "0.6:4 0.4:9 0.3:3 | 0.1"},
		{"wins again", 1, at(0.7, 1), 8, true, "0.6:4 0.7:1 0.3:3 | 0.1 0.4"},
	} {
		var gain float64
		var success bool
		if step.position < 0 {
			p.admit(step.m)
		} else {
			gain, success = p.challenge(step.position, step.m, rng)
		}
		if got := show(p); got != step.want || gain != step.gain || success != step.success {
			t.Errorf("%s: %s, gain %v, %v; want %s, %v, %v", step.what, got, gain, success, step.want, step.gain, step.success)
		}
	}
	if fmt.Sprint(p.ranking) != "[1 2 0]" {
		t.Errorf("the ranking is %v", p.ranking)
	}
	for k := range 10 {
		p.challenge(0, at(0, -float64(k)), rng)
	}
	if len(p.archive) != 3 {
		t.Errorf("the archive has %d members", len(p.archive))
	}
}

// TestOthers draws all members but one, never twice, and the archive in the last place only.
func TestOthers(t *testing.T) {
	p := population{size: 5, archive: []member{at(10, 0), at(11, 0)}}
	for i := range 5 {
		p.admit(at(float64(i), 0))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	seen := [2]map[float64]int{{}, {}}
	for range 4000 {
		r := p.others(2, 2, true, rng)
		a, b := r[0].u[0], r[1].u[0]
		if a == 2 || b == 2 || a == b || a >= 10 {
			t.Fatalf("drawn: %v and %v", a, b)
		}
		seen[0][a]++
		seen[1][b]++
	}
	if len(seen[0]) != 4 || len(seen[1]) != 6 {
		t.Errorf("%d and %d different members are drawn", len(seen[0]), len(seen[1]))
	}
	for x, n := range seen[0] {
		if n < 900 || n > 1100 {
			t.Errorf("member %v is drawn %d of 4000 times, not a quarter", x, n)
		}
	}
}

// TestBest draws from the best two of a small population, and from the best fifth of a large one.
func TestBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for size, want := range map[int]int{4: 2, 10: 2, 20: 4} {
		p := population{size: size}
		for i := range size {
			p.admit(at(float64(size-i), float64(size-i)))
		}
		seen := map[float64]bool{}
		for range 500 {
			x := p.best(bestShare, rng).u[0]
			if x > float64(want) {
				t.Fatalf("of %d, number %v is one of the best", size, x)
			}
			seen[x] = true
		}
		if len(seen) != want {
			t.Errorf("of %d, %d are the best, not %d", size, len(seen), want)
		}
	}
}
