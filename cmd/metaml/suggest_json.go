package main

import (
	"strconv"
	"strings"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/warmstart"
)

// suggestionJSON is the document of `suggest --output json`; programs rely on its names.
type suggestionJSON struct {
	SchemaVersion   int                  `json:"schema_version"`
	Task            suggestionTask       `json:"task"`
	KB              knowledge            `json:"kb"`
	Strategy        string               `json:"strategy"`
	Metric          metricJSON           `json:"metric"`
	Distance        *float64             `json:"distance"` // null: no meta-features to compare
	Nearest         string               `json:"nearest"`  // the task at that distance; empty: none
	UsualDistance   [2]float64           `json:"usual_distance"`
	InDistribution  bool                 `json:"in_distribution"`
	Recommendations []recommendationJSON `json:"recommendations"`
	Neighbors       []neighborJSON       `json:"neighbors"`
	OwnResults      int                  `json:"own_results"` // on these very data
	Evidence        float64              `json:"evidence"`    // groups of tasks that the weights amount to
	LeftOut         []leftOutJSON        `json:"left_out"`
	Notes           []string             `json:"notes"`
}

// leftOutJSON is a column that is no feature.
type leftOutJSON struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

// metricJSON names what expectations are told in.
type metricJSON struct {
	Name     string `json:"name"`
	Maximize bool   `json:"maximize"`
}

// suggestionTask is the new task.
type suggestionTask struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Rows    int    `json:"rows"`
	Columns int    `json:"columns"`
	Target  string `json:"target"`
}

// recommendationJSON is one configuration; null expectations cannot be told.
type recommendationJSON struct {
	Rank           int          `json:"rank"`
	Learner        string       `json:"learner,omitempty"`
	Config         space.Config `json:"config"`
	ExpectedRegret float64      `json:"expected_regret"`
	Interval       [2]float64   `json:"interval"`
	ExpectedMetric *float64     `json:"expected_metric"`
	MetricInterval *[2]float64  `json:"metric_interval"`
	RegretAlone    *float64     `json:"regret_alone"`
	Seconds        *float64     `json:"seconds"`
	Gain           *float64     `json:"gain,omitempty"` // with --explain
	Reasons        []string     `json:"reasons"`
}

// neighborJSON is one prior task; with --explain it says why it is near and how the configurations did on it.
type neighborJSON struct {
	Task     record.ID  `json:"task"`
	Name     string     `json:"name"`
	Distance *float64   `json:"distance"`
	Weight   float64    `json:"weight"`
	Alike    []string   `json:"alike,omitempty"`
	Regrets  []*float64 `json:"regrets,omitempty"` // by rank; null: never run there
}

func (e *environment) writeSuggestionJSON(s *suggestion, explain bool) error {
	a := s.advice
	out := suggestionJSON{
		SchemaVersion: 1,
		Task: suggestionTask{s.data.Name, string(s.data.Task), s.data.TotalRows,
			len(s.data.Features) + len(s.data.Dropped), s.data.Target.Name},
		KB: s.knowledge, Strategy: a.Strategy, Metric: metricJSON(a.Metric), Distance: a.Distance, Nearest: a.Nearest, UsualDistance: a.Usual,
		InDistribution: a.InDistribution, Recommendations: []recommendationJSON{}, Neighbors: []neighborJSON{},
		OwnResults: a.Own, Evidence: a.Evidence, LeftOut: []leftOutJSON{}, Notes: append(append([]string{}, s.data.Notes...), a.Notes...),
	}
	for _, c := range s.data.Dropped {
		out.LeftOut = append(out.LeftOut, leftOutJSON{c.Name, c.Kind.String(), c.Reason})
	}
	for _, r := range a.Recommendations {
		out.Recommendations = append(out.Recommendations, recommendationOf(r))
	}
	for _, n := range a.Neighbors {
		out.Neighbors = append(out.Neighbors, neighborJSON{Task: n.Task, Name: n.Name, Distance: n.Distance, Weight: n.Weight})
	}
	if explain {
		x := explained(s)
		for i := range out.Recommendations {
			out.Recommendations[i].Gain = &x.gains[i]
		}
		for i := range out.Neighbors {
			out.Neighbors[i].Alike, out.Neighbors[i].Regrets = x.alike[i], a.Neighbors[i].Regrets
		}
	}
	return e.writeJSON(out)
}

func recommendationOf(r warmstart.Recommendation) recommendationJSON {
	return recommendationJSON{
		Rank: r.Rank, Learner: r.Learner, Config: r.Config, ExpectedRegret: r.ExpectedRegret, Interval: r.Interval,
		ExpectedMetric: r.ExpectedMetric, MetricInterval: r.MetricInterval, RegretAlone: finite(r.Alone),
		Seconds: r.Seconds, Reasons: append([]string{}, r.Reasons...),
	}
}

// writeSuggestionCSV writes a row per configuration, which itself is a cell of JSON.
func (e *environment) writeSuggestionCSV(s *suggestion) error {
	number := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'g', 6, 64)
	}
	var rows [][]string
	for _, r := range s.advice.Recommendations {
		config, err := r.Config.Canonical()
		if err != nil {
			return err
		}
		var low, high *float64
		if r.MetricInterval != nil {
			low, high = &r.MetricInterval[0], &r.MetricInterval[1]
		}
		rows = append(rows, []string{strconv.Itoa(r.Rank), r.Learner, string(config),
			number(&r.ExpectedRegret), number(&r.Interval[0]), number(&r.Interval[1]),
			number(r.ExpectedMetric), number(low), number(high), strings.Join(r.Reasons, "; ")})
	}
	return e.writeCSV([]string{"rank", "learner", "config", "expected_regret", "regret_low", "regret_high",
		"expected_metric", "metric_low", "metric_high", "reasons"}, rows)
}
