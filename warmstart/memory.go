package warmstart

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// Memory keeps what was learned from a knowledge base under keys that name its content. It may forget anything at
// any time; what it returns was saved under the same key by the same version of metaml.
type Memory interface {
	Load(key string) ([]byte, bool)
	Save(key string, data []byte)
}

// memoryVersion is part of the keys. It must change when what is learned, or how it is stored, does.
const memoryVersion = 6

// insight is what advice needs that follows from the knowledge base alone.
type insight struct {
	m           *transfer.Matrix // with groups
	belief      *transfer.Belief
	plain       []plainScale // by task
	novelty     *novelty
	strategy    Strategy
	recommender Recommender
	forecaster  *Forecaster
}

// learnInsight learns from the knowledge base.
func learnInsight(m *transfer.Matrix, strategy Strategy, opt Options) (*insight, error) {
	in := &insight{m: m.WithGroups(transfer.Siblings(m)), strategy: strategy}
	in.novelty = newNovelty(in.m)
	var err error
	if in.recommender, err = strategy.Learn(in.m, opt.Seed); err != nil {
		return nil, err
	}
	if p, ok := in.recommender.(*taskPosterior); ok {
		in.belief, in.plain = p.filled, p.plain // the same, which take long where there is much
	} else {
		in.plain = plainScales(in.m)
		if in.belief, err = in.m.Believe(opt.Seed); err != nil {
			return nil, err
		}
	}
	in.forecaster, err = newForecaster(in.m, in.belief, in.novelty, strategy, in.recommender, opt)
	return in, err
}

// memorable is the number of cells from which on a matrix is worth remembering: less is learned in a tenth of a second.
const memorable = 30000

// ownKept is how many of the configurations that it alone has tried a task brings into a large matrix, at least.
const ownKept = 5

// recalledInsight is learnInsight, from memory if it is there. Only the posterior's is remembered. Of a large matrix the
// columns of single tasks are left out but for the best, see transfer.Matrix.Thin.
func recalledInsight(m *transfer.Matrix, strategy Strategy, opt Options) (*insight, error) {
	if len(m.Tasks)*len(m.Configs) < memorable {
		return learnInsight(m, strategy, opt)
	}
	thin := m.Thin(max(ownKept, opt.K))
	if _, static := strategy.(posterior); !static || opt.Memory == nil {
		return learnInsight(thin, strategy, opt)
	}
	key := memoryKey(m, opt)
	if data, ok := opt.Memory.Load(key); ok {
		if l, ok := decodeLesson(data); ok && l.fits(thin) {
			return l.insight(thin, strategy), nil
		}
	}
	in, err := learnInsight(thin, strategy, opt)
	if err != nil {
		return nil, err
	}
	data, err := in.lesson().encode()
	if err != nil {
		return nil, err
	}
	opt.Memory.Save(key, data)
	return in, nil
}

// encode writes a lesson behind its own digest.
func (l *lesson) encode() ([]byte, error) {
	data := bytes.NewBuffer(make([]byte, sha256.Size))
	if err := gob.NewEncoder(data).Encode(l); err != nil {
		return nil, fmt.Errorf("warmstart: what was learned: %w", err)
	}
	digest := sha256.Sum256(data.Bytes()[sha256.Size:])
	copy(data.Bytes(), digest[:])
	return data.Bytes(), nil
}

// decodeLesson is false for what encode did not write, or what was damaged since.
func decodeLesson(data []byte) (*lesson, bool) {
	if len(data) < sha256.Size || sha256.Sum256(data[sha256.Size:]) != [sha256.Size]byte(data[:sha256.Size]) {
		return nil, false
	}
	var l lesson
	return &l, gob.NewDecoder(bytes.NewReader(data[sha256.Size:])).Decode(&l) == nil
}

// lesson is an insight in the form that is stored.
type lesson struct {
	Groups          []string
	Mean, SD        []float64 // of the cells that were never run, row by row
	Own             []float64 // of the novelty
	Sections        []int
	Forest          []*grove // of the posterior; nil: meta-features are not believed
	Caution         []float64
	Margin          []float64
	Ridge           *taskRidge
	Factors         transfer.Factors
	Plain           []plainScale
	Cases           []storedCase
	Places          [][2]float64 // of the calibration: value, weight
	Outcomes        []*grove     // of the calibration, with OutcomeSections; nil: it says nothing
	OutcomeSections []int
	LevelSection    []int
	Level           []*grove // nil: no level
	Errors          map[int][]float64
	Least, Most     float64
}

// storedCase is held with its fields exported.
type storedCase struct {
	Task                    int
	Distance, Weight        float64
	Reached, Loss, Expected []float64
}

func (in *insight) lesson() *lesson {
	p := in.recommender.(*taskPosterior)
	c, level := in.forecaster.calibration, in.forecaster.level
	l := &lesson{
		Own: in.novelty.own, Caution: p.caution, Margin: p.margin, Ridge: p.ridge, Factors: p.factors, Plain: p.plain,
		Errors: level.errors, Least: level.least, Most: level.most,
	}
	for t := range in.m.Tasks {
		l.Groups = append(l.Groups, in.m.Tasks[t].Group)
		for column, status := range in.m.Status[t] {
			if status == study.Pending {
				l.Mean, l.SD = append(l.Mean, in.belief.Mean[t][column]), append(l.SD, in.belief.SD[t][column])
			}
		}
	}
	if p.forest != nil {
		l.Sections, l.Forest = p.forest.section, present(p.forest.sections)
	}
	if level.forest != nil {
		l.LevelSection, l.Level = level.forest.section, present(level.forest.sections)
	}
	for _, h := range c.cases {
		l.Cases = append(l.Cases, storedCase{h.task, h.distance, h.weight, h.reached, h.loss, h.expected})
	}
	for _, x := range c.places {
		l.Places = append(l.Places, [2]float64{x.value, x.weight})
	}
	if c.outcomes != nil {
		l.OutcomeSections, l.Outcomes = c.outcomes.section, present(c.outcomes.sections)
	}
	return l
}

// present puts an empty grove where there is none: gob has no nil inside a slice.
func present(sections []*grove) []*grove {
	out := slices.Clone(sections)
	for i, s := range out {
		if s == nil {
			out[i] = &grove{}
		}
	}
	return out
}

// fits reports whether the lesson can be about m.
func (l *lesson) fits(m *transfer.Matrix) bool {
	pending := 0
	for t := range m.Tasks {
		for _, status := range m.Status[t] {
			if status == study.Pending {
				pending++
			}
		}
	}
	n := len(m.Tasks)
	return len(l.Groups) == n && len(l.Own) == n && len(l.Plain) == n && len(l.Mean) == pending && len(l.SD) == pending &&
		(l.Forest == nil || len(l.Sections) == n && len(l.Factors.Scores) == n) &&
		(l.Ridge == nil || l.Ridge.Tasks == n) && (l.Level == nil || len(l.LevelSection) == n) &&
		(l.Outcomes == nil || len(l.OutcomeSections) == n)
}

// insight restores what was learned from m.
func (l *lesson) insight(m *transfer.Matrix, strategy Strategy) *insight {
	m = m.WithGroups(l.Groups)
	in := &insight{m: m, strategy: strategy, novelty: newNoveltyOf(m, l.Own), belief: l.belief(m), plain: l.Plain}
	p := &taskPosterior{
		m: m, belief: in.belief, candidates: m.Candidates(), groups: m.GroupNumbers(),
		caution: l.Caution, margin: l.Margin, plain: l.Plain, novelty: in.novelty, watch: stopwatch(m),
	}
	if l.Forest != nil {
		p.belief, p.forest = withPlain(m, in.belief, l.Plain), restoredForest(len(m.Tasks), l.Sections, l.Forest)
		p.factors, p.common = l.Factors, l.Factors.Belief()
		if p.ridge = l.Ridge; p.ridge != nil {
			p.ridge.rank(m)
		}
	}
	in.recommender = p
	c := l.calibration(len(m.Tasks))
	level := &level{m: m, errors: l.Errors, least: l.Least, most: l.Most}
	if l.Level != nil {
		level.forest = restoredForest(len(m.Tasks), l.LevelSection, l.Level)
	}
	in.forecaster = &Forecaster{belief: in.belief, novelty: in.novelty, calibration: c, level: level}
	return in
}

func (l *lesson) calibration(tasks int) *calibration {
	c := &calibration{}
	for _, s := range l.Cases {
		c.cases = append(c.cases, held{s.Task, s.Distance, s.Weight, s.Reached, s.Loss, s.Expected})
	}
	for _, x := range l.Places {
		c.places = append(c.places, weighted{x[0], x[1]})
	}
	if l.Outcomes != nil {
		c.outcomes = restoredForest(tasks, l.OutcomeSections, l.Outcomes)
	}
	c.sort()
	return c
}

func (l *lesson) belief(m *transfer.Matrix) *transfer.Belief {
	if len(l.Mean) == 0 {
		return &transfer.Belief{Mean: m.Regret}
	}
	b, next := &transfer.Belief{}, 0
	for t := range m.Tasks {
		mean, sd := slices.Clone(m.Regret[t]), make([]float64, len(m.Configs))
		for column, status := range m.Status[t] {
			if status == study.Pending {
				mean[column], sd[column] = l.Mean[next], l.SD[next]
				next++
			}
		}
		b.Mean, b.SD = append(b.Mean, mean), append(b.SD, sd)
	}
	return b
}

func restoredForest(tasks int, section []int, sections []*grove) *taskForest {
	f := &taskForest{tasks: tasks, section: section, sections: slices.Clone(sections)}
	for i, s := range f.sections {
		if len(s.Roots) == 0 {
			f.sections[i] = nil
		}
	}
	return f
}

// memoryKey names what is learned from m: a digest of everything that it follows from.
func memoryKey(m *transfer.Matrix, opt Options) string {
	h := sha256.New()
	fmt.Fprintln(h, "metaml insight", memoryVersion, opt.K, opt.Seed, opt.Seconds, m.Metric, m.Extractor, m.FeatureNames)
	for _, c := range m.Configs {
		fmt.Fprintln(h, c.Hash, c.Reference)
	}
	var row []byte
	floats := func(values []float64) {
		for _, v := range values {
			row = binary.LittleEndian.AppendUint64(row, math.Float64bits(v))
		}
	}
	for t, task := range m.Tasks {
		fmt.Fprintln(h, task.ID, task.Name, task.Group)
		row = row[:0]
		floats([]float64{task.Best, task.Spread, task.Noise})
		floats(task.Features)
		floats(m.Loss[t])
		if opt.Seconds > 0 {
			floats(m.Cost[t])
			fmt.Fprintln(h, m.RowCap, task.Rows, task.Columns)
		}
		for _, status := range m.Status[t] {
			row = append(row, byte(status))
		}
		h.Write(row)
	}
	return hex.EncodeToString(h.Sum(nil))
}
