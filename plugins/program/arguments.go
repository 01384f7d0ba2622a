package program

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/optimizers/study"
)

// part is a piece of an argument: text as it is, or a reference.
type part struct {
	text      string
	reference bool
}

// fidelityPrefix begins references to fidelities.
const fidelityPrefix = "fidelity."

// parse takes an argument apart and checks its references.
func (p *Protocol) parse(arg string) ([]part, error) {
	var parts []part
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			parts = append(parts, part{text: text.String()})
			text.Reset()
		}
	}
	for i := 0; i < len(arg); i++ {
		switch {
		case strings.HasPrefix(arg[i:], "{{"), strings.HasPrefix(arg[i:], "}}"):
			text.WriteByte(arg[i])
			i++
		case arg[i] == '{':
			end := strings.IndexByte(arg[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("%w: argument %q: { without } (write {{ for a brace)", ErrInvalid, arg)
			}
			name := arg[i+1 : i+end]
			if err := p.refer(name); err != nil {
				return nil, fmt.Errorf("%w: argument %q: %w", ErrInvalid, arg, err)
			}
			flush()
			parts = append(parts, part{name, true})
			i += end
		default:
			text.WriteByte(arg[i])
		}
	}
	flush()
	return parts, nil
}

// refer checks that there is something of a name.
func (p *Protocol) refer(name string) error {
	known := append(p.Space.Names(), "trial", "seed", "checkpoint")
	if p.Result {
		known = append(known, "result")
	}
	for _, f := range p.Fidelities {
		known = append(known, fidelityPrefix+f.Name)
	}
	if slices.Contains(known, name) {
		return nil
	}
	if strings.ContainsAny(name, " \t\n\"':,") {
		return fmt.Errorf("there is no {%s}; write {{ for a brace", name)
	}
	hint := spelling.Hint(name, known)
	if hint == "" && len(known) <= shownNames {
		hint = "; there are {" + strings.Join(known, "}, {") + "}"
	}
	return fmt.Errorf("there is no {%s}%s", name, hint)
}

// shownNames is how many names a message lists.
const shownNames = 20

// fill returns the arguments with the values of a trial in place of references, the folder of which is dir.
func (e *evaluator) fill(s study.Suggestion, dir string) []string {
	values := map[string]string{
		"trial": strconv.FormatUint(uint64(s.ID), 10), "seed": strconv.FormatUint(s.Seed, 10),
		"checkpoint": dir, "result": resultFile(dir),
	}
	for _, f := range e.protocol.Fidelities {
		values[fidelityPrefix+f.Name] = strconv.FormatFloat(fidelityOf(f, s.Fidelity), 'g', -1, 64)
	}
	for name, v := range s.Config {
		values[name] = v.Text()
	}
	var args []string
	option := false // the last argument is an option that may belong to the next
	for _, parts := range e.args {
		text, active := join(parts, values)
		alone := len(parts) == 1 && parts[0].reference
		switch {
		case active:
			args = append(args, text)
			option = len(args) > 1 && len(parts) == 1 && !alone && strings.HasPrefix(text, "-") && !strings.Contains(text, "=")
		case alone && option:
			args, option = args[:len(args)-1], false
		default:
			option = false
		}
	}
	return args
}

// join writes an argument; active is false if it refers to a parameter that is not.
func join(parts []part, values map[string]string) (text string, active bool) {
	var b strings.Builder
	for _, p := range parts {
		if !p.reference {
			b.WriteString(p.text)
			continue
		}
		v, ok := values[p.text]
		if !ok {
			return "", false
		}
		b.WriteString(v)
	}
	return b.String(), true
}

// fidelityOf is a fidelity's value in f: its maximum where f does not say.
func fidelityOf(r study.Range, f study.Fidelity) float64 {
	if v, ok := f[r.Name]; ok {
		return v
	}
	return r.High
}

// full writes out a fidelity with every name, for programs.
func full(ranges []study.Range, f study.Fidelity) study.Fidelity {
	all := maps.Clone(f)
	if all == nil {
		all = study.Fidelity{}
	}
	for _, r := range ranges {
		all[r.Name] = fidelityOf(r, f)
	}
	return all
}
