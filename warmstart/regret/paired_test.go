package regret

import (
	"fmt"
	"math"
	"testing"
)

func TestPairedMeanCountsSiblingsOnce(t *testing.T) {
	var differences []float64
	var alone, together []string
	for i := range 40 {
		differences = append(differences, math.Sin(float64(i)))
		alone = append(alone, fmt.Sprint(i))
		together = append(together, fmt.Sprint(i/10))
	}
	separate := PairedMean(differences, alone, 2000, 1)
	if want := mean(differences); separate.Mean != want || separate.Lo >= want || separate.Hi <= want {
		t.Errorf("%+v does not hold the mean %v", separate, want)
	}
	if se := .71 / math.Sqrt(40); math.Abs((separate.Hi-separate.Lo)/(2*1.96*se)-1) > .15 {
		t.Errorf("interval %+v is not about 1.96 standard errors (%v) wide", separate, se)
	}
	copies := append([]float64{}, differences...)
	groups := append([]string{}, alone...)
	for range 3 {
		copies = append(copies, differences...)
		groups = append(groups, alone...)
	}
	copied := PairedMean(copies, groups, 2000, 1)
	if math.Abs(copied.Lo-separate.Lo) > 1e-12 || math.Abs(copied.Hi-separate.Hi) > 1e-12 {
		t.Errorf("near-copies narrow the interval: %+v, without them %+v", copied, separate)
	}
	if same := PairedMean(differences, together, 2000, 1); same.Mean != separate.Mean {
		t.Errorf("groups change the mean: %v", same.Mean)
	}
}
