package tunebench

// The scores that runs are compared by.
const (
	OnTest       = "test"
	OnValidation = "validation"
)

// Report is what a benchmark found. Regrets are normalised on each table: 0 is its best configuration, 1 its median one,
// at most 2. Means are over tasks, of means over seeds; intervals draw groups of tasks.
type Report struct {
	Groups  int         `json:"groups"`
	Trials  int         `json:"trials"` // of a run
	Tasks   []TaskScore `json:"tasks"`
	Methods []Score     `json:"methods"`
	// Agreement is that of validation and test rows; nil in reports of earlier versions.
	Agreement *Agreement `json:"agreement,omitempty"`
	// Goals say how many trials warm runs need for what cold runs have after the last one.
	Goals []Goal `json:"goals"`
	// Differences are of regrets, trial by trial.
	Differences []Difference `json:"differences"`
	// Losses say how many trials runs with advice lose against cold ones to the same goal.
	Losses []Cost `json:"losses"`
}

// TaskScore describes a table, and how the methods did on it.
type TaskScore struct {
	Name   string `json:"name"`
	Group  string `json:"group"`
	Type   string `json:"type"`
	Metric string `json:"metric"`
	Rows   int    `json:"rows"`
	Failed int    `json:"failed"`
	// Noise is as Task.Noise; Best and Median are the table's test losses.
	Noise  float64 `json:"noise"`
	Best   float64 `json:"best"`
	Median float64 `json:"median"`
	// Chosen is the regret on test rows of the row with the least loss on validation rows: what a run ends with that has
	// seen everything.
	Chosen float64 `json:"chosen"`
	// Regret is the mean regret on test rows after the last trial, by method, of those that have runs.
	Regret map[string]float64 `json:"regret"`
}

// Score is a method's mean regret: at checkpoints with standard errors over groups, and at every trial.
type Score struct {
	Method     string               `json:"method"`
	Tables     int                  `json:"tables"` // that it has runs on; means over others are not comparable
	Runs       int                  `json:"runs"`
	Test       map[string]Regret    `json:"test"`
	Validation map[string]Regret    `json:"validation"`
	Curves     map[string][]float64 `json:"curves"` // by score
}

// Regret is a mean with its standard error.
type Regret struct {
	Mean float64 `json:"mean"`
	SE   float64 `json:"se"`
}

// Goal is how long a method takes to what another one has after the last trial, run by run with the same seed.
type Goal struct {
	Method    string  `json:"method"`
	Against   string  `json:"against"`
	Tables    int     `json:"tables"`
	Score     string  `json:"score"`
	Tolerance float64 `json:"tolerance"` // in units of the task's noise
	Reach
}

// Difference is the regret of a method minus that of another one, paired by task, with its simultaneous band.
type Difference struct {
	Method  string `json:"method"`
	Against string `json:"against"`
	Tables  int    `json:"tables"`
	Score   string `json:"score"`
	Band
	Above []int `json:"above"` // trials at which the band lies wholly above 0
	Below []int `json:"below"` // and below
}

// Cost is what advice costs: the trials that runs with it need to reach the results of cold runs with other seeds, beside
// those that a cold run needs, so that neither is compared with its own luck.
type Cost struct {
	Method    string  `json:"method"`
	Against   string  `json:"against"`
	Tables    int     `json:"tables"`
	Score     string  `json:"score"`
	Tolerance float64 `json:"tolerance"`
	Loss
}

// Checkpoints are the trials at which methods are compared.
func Checkpoints(trials int) []int {
	var list []int
	for _, n := range []int{10, 25, 100} {
		if n < trials {
			list = append(list, n)
		}
	}
	return append(list, trials)
}

// criteria are the goals: a score and a tolerance.
var criteria = [...]struct {
	score     string
	tolerance float64
}{{OnTest, 1}, {OnTest, 0}, {OnValidation, 1}, {OnValidation, 0}}

// Entrant is a method as the report sees it. Peers have no Optimizer.
type Entrant struct {
	Name, Optimizer string
	Start           Start
}

// Summarise compares the runs of the entrants on the tasks, of as many trials. Two of them are compared on the tasks on
// which both have runs, with the same seeds where seeds are paired; an entrant without any run is left out.
func Summarise(tasks []*Task, entrants []Entrant, runs Runs, trials int, seed uint64) *Report {
	s := &summary{tasks: tasks, trials: trials, seed: seed, samples: map[string]*sample{}, curves: map[string][]map[uint64]curve{},
		regrets: map[string]map[string][][]float64{}}
	for _, e := range entrants {
		s.add(e, runs)
	}
	r := &Report{Groups: s.sample(func(int) bool { return true }).clusters.groups, Trials: trials}
	for _, e := range s.entrants {
		s.regrets[e.Name] = map[string][][]float64{OnTest: s.regret(e.Name, OnTest), OnValidation: s.regret(e.Name, OnValidation)}
		r.Methods = append(r.Methods, s.score(e.Name))
	}
	r.Tasks = s.taskScores()
	agreement := agree(tasks)
	r.Agreement = &agreement
	for _, e := range s.entrants {
		s.compare(r, e)
	}
	return r
}

// compare adds the comparisons of an entrant.
func (s *summary) compare(r *Report, e Entrant) {
	for _, against := range s.opponents(e) {
		both := s.both(e.Name, against)
		for _, score := range []string{OnTest, OnValidation} {
			if len(both.tasks) > 0 {
				r.Differences = append(r.Differences, s.difference(both, e.Name, against, score))
			}
		}
	}
	for _, against := range s.twins(e) {
		both := s.both(e.Name, against)
		for _, c := range criteria {
			if a := s.toTwin(both, e.Name, against, c.score, c.tolerance); arrived(a) {
				r.Goals = append(r.Goals, Goal{e.Name, against, len(both.tasks), c.score, c.tolerance, both.clusters.reach(a)})
			}
		}
	}
	cold := Label(e.Optimizer, Cold)
	if e.Start == Cold || !s.has(cold) {
		return
	}
	both := s.both(e.Name, cold)
	for _, c := range criteria {
		mine, theirs := s.toOthers(both, e.Name, cold, c.score, c.tolerance), s.toOthers(both, cold, cold, c.score, c.tolerance)
		if arrived(mine) && arrived(theirs) {
			r.Losses = append(r.Losses, Cost{e.Name, cold, len(both.tasks), c.score, c.tolerance, both.clusters.lost(mine, theirs)})
		}
	}
}
