package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// parameter is a hyperparameter, as the parallel coordinates place its values: numbers on a linear or logarithmic
// axis, choices in their order.
type parameter struct {
	Name        string        `json:"name"`
	Low         *float64      `json:"low,omitempty"`
	High        *float64      `json:"high,omitempty"`
	Log         bool          `json:"log,omitempty"`
	Integer     bool          `json:"integer,omitempty"`
	Choices     []space.Value `json:"choices,omitempty"`
	Conditional bool          `json:"conditional,omitempty"` // it can be inactive
	Parent      bool          `json:"parent,omitempty"`      // others are active or not by its value
}

func (s *subject) parameters() []parameter {
	all := s.problem.Space.Parameters()
	parents := map[string]bool{}
	for _, h := range all {
		if h.When != nil {
			for _, name := range h.When.Parents() {
				parents[name] = true
			}
		}
	}
	list := make([]parameter, 0, len(all))
	for _, h := range all {
		p := parameter{Name: h.Name, Choices: h.Values(), Conditional: h.When != nil, Parent: parents[h.Name]}
		if !h.Discrete() {
			p.Low, p.High, p.Log, p.Integer = number(h.Low), number(h.High), h.Log, h.Type == space.TypeInt
		}
		list = append(list, p)
	}
	return list
}

// trial is a trial of the study.
type trial struct {
	ID       study.TrialID  `json:"id"`
	Status   string         `json:"status"`
	Origin   string         `json:"origin"`
	Value    *float64       `json:"value,omitempty"`
	Test     *float64       `json:"test,omitempty"`     // mean over the models of all folds, on the untouched test split
	Fidelity study.Fidelity `json:"fidelity,omitempty"` // empty: full
	Effort   float64        `json:"effort"`             // share of a full evaluation
	Full     bool           `json:"full,omitempty"`     // it can be compared with the incumbent
	End      *float64       `json:"end,omitempty"`
	Seconds  *float64       `json:"seconds,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Config   settings       `json:"config"`
}

// settings are a configuration as pairs of a hyperparameter's position among the parameters and its value.
type settings [][2]any

// rows lists the trials.
func (s *subject) rows() []trial {
	rows := make([]trial, 0, len(s.trials))
	for _, t := range s.trials {
		r := trial{
			ID: t.ID, Status: t.Status.String(), Origin: t.Origin, Fidelity: t.Fidelity,
			Effort: round(optimizers.Effort(s.problem, t.Fidelity)), Full: s.full(t),
			End: s.clock.end(t.ID), Seconds: s.clock.seconds(t), Reason: t.Reason, Config: s.settings(t.Config),
		}
		if len(t.Losses) > 0 {
			r.Value = number(s.value(t.Losses[0]))
		}
		if sample := s.folds(t, "test"); len(sample) > 0 {
			mean, _ := meanSD(sample)
			r.Test = number(mean)
		}
		rows = append(rows, r)
	}
	return rows
}

// settings writes a configuration in the space's order.
func (s *subject) settings(c space.Config) settings {
	pairs := settings{}
	for i, name := range s.problem.Space.Names() {
		if v, ok := c[name]; ok {
			pairs = append(pairs, [2]any{i, v})
		}
	}
	return pairs
}

// folds returns what a trial measured of the metric fold by fold: on validation rows ("fold") or on the test split
// ("test").
func (s *subject) folds(t study.Trial, part string) []float64 {
	if len(t.Observations) == 0 {
		return nil
	}
	metrics := t.Observations[len(t.Observations)-1].Metrics
	var sample []float64
	for i := 0; ; i++ {
		x, ok := metrics[fmt.Sprintf("%s/%s/%d", s.metric.Metric, part, i)]
		if !ok {
			return sample
		}
		sample = append(sample, x)
	}
}

// meanSD returns the mean and the sample standard deviation, NaN for fewer than two.
func meanSD(sample []float64) (mean, sd float64) {
	for _, x := range sample {
		mean += x / float64(len(sample))
	}
	if len(sample) < 2 {
		return mean, math.NaN()
	}
	for _, x := range sample {
		sd += (x - mean) * (x - mean) / float64(len(sample)-1)
	}
	return mean, math.Sqrt(sd)
}

// round keeps six significant digits.
func round(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		return x // beyond the largest float once rounded
	}
	return y
}

// text writes a value as people read it.
func text(v space.Value) string {
	if v.Kind() == space.KindFloat {
		return strconv.FormatFloat(v.Float(), 'g', 4, 64)
	}
	return v.Text()
}

// compact writes JSON on one line, or as it stands where it is none.
func compact(raw json.RawMessage) string {
	var b strings.Builder
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return string(raw)
	}
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return string(raw)
	}
	return strings.TrimSpace(b.String())
}
