package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/metaml/metaml/optimizers/space"
)

// readJSON reads a table in JSON: an object with a key of one digit per parameter for every configuration, and as its
// value the list of results of the repeats, whose mean counts.
func readJSON(r io.Reader, opt TableOptions) (Problem, error) {
	keys, means, err := readResults(json.NewDecoder(r))
	if err != nil {
		return Problem{}, err
	}
	s := opt.Space
	if s.Len() == 0 {
		if s, err = digitSpace(keys); err != nil {
			return Problem{}, err
		}
	}
	g, err := newGrid(s)
	if err != nil {
		return Problem{}, err
	}
	losses, err := fillGrid(g, keys, means, opt.Maximize)
	if err != nil {
		return Problem{}, err
	}
	return tabular(s, g, "", []level{{losses: losses}}), nil
}

// readResults reads the keys and the means of their results.
func readResults(dec *json.Decoder) (keys []string, means []float64, err error) {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, fmt.Errorf("no JSON object of results: it begins with %v (%w)", t, errors.Join(err, ErrTable))
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("after %d results: %w", len(keys), err)
		}
		key := t.(string) // the decoder accepts nothing else as a key
		var repeats []json.Number
		if err := dec.Decode(&repeats); err != nil {
			return nil, nil, fmt.Errorf("configuration %q: the results are no list of numbers: %w", key, err)
		}
		mean, err := meanOf(repeats)
		if err != nil {
			return nil, nil, fmt.Errorf("configuration %q: %w", key, err)
		}
		keys, means = append(keys, key), append(means, mean)
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, fmt.Errorf("after %d results: %w", len(keys), err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("something follows the object of results")
	}
	if len(keys) == 0 {
		return nil, nil, errors.New("it has no results")
	}
	return keys, means, nil
}

// meanOf averages repeats.
func meanOf(repeats []json.Number) (float64, error) {
	sum := 0.0
	for _, text := range repeats {
		x, err := strconv.ParseFloat(text.String(), 64)
		if err != nil {
			return 0, fmt.Errorf("result %q is no number", text)
		}
		sum += x
	}
	mean := sum / float64(len(repeats))
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return 0, fmt.Errorf("the mean of its %d results is no number", len(repeats))
	}
	return mean, nil
}

// mostDigits bounds the length of a key; a table of more parameters would not fit anywhere.
const mostDigits = 28

// digitSpace is the space of one integer per digit of the keys.
func digitSpace(keys []string) (space.Space, error) {
	n := len(keys[0])
	if n == 0 || n > mostDigits {
		return space.Space{}, fmt.Errorf("configuration %q: a key has from 1 to %d digits", keys[0], mostDigits)
	}
	greatest := make([]int, n)
	for _, key := range keys {
		if len(key) != n {
			return space.Space{}, fmt.Errorf("configuration %q has another number of digits than %q", key, keys[0])
		}
		for i := range n {
			if key[i] < '0' || key[i] > '9' {
				return space.Space{}, fmt.Errorf("configuration %q: %q is no digit", key, key[i])
			}
			greatest[i] = max(greatest[i], int(key[i]-'0'))
		}
	}
	params := make([]space.Hyperparameter, n)
	for i, high := range greatest {
		// Leading zeros keep the alphabetical order that of the digits.
		params[i] = space.Hyperparameter{Name: fmt.Sprintf("p%0*d", len(strconv.Itoa(n-1)), i), Type: space.TypeInt, High: float64(high)}
		if high == 0 {
			params[i].Type, params[i].Choices = space.TypeConstant, []space.Value{space.Int(0)}
		}
	}
	return space.New(params)
}

// fillGrid puts results into their cells. Every cell must have exactly one.
func fillGrid(g grid, keys []string, means []float64, maximize bool) ([]float64, error) {
	losses := make([]float64, g.size())
	for i := range losses {
		losses[i] = math.NaN()
	}
	for i, key := range keys {
		cell, err := g.keyed(key)
		if err != nil {
			return nil, fmt.Errorf("configuration %q: %w", key, err)
		}
		if !math.IsNaN(losses[cell]) {
			return nil, fmt.Errorf("configuration %q is there twice", key)
		}
		losses[cell] = means[i]
		if maximize {
			losses[cell] = 1 - means[i]
		}
	}
	for cell, loss := range losses {
		if math.IsNaN(loss) {
			return nil, fmt.Errorf("%d of %d configurations are there; one that is missing is %q", len(keys), len(losses), g.key(cell))
		}
	}
	return losses, nil
}

// keyed returns the cell of a key.
func (g grid) keyed(key string) (int, error) {
	if len(key) != len(g) {
		return 0, fmt.Errorf("it has %d digits where the space has %d parameters", len(key), len(g))
	}
	cell := 0
	for i, a := range g {
		digit := int(key[i]) - '0'
		if digit < 0 || digit >= len(a.values) {
			return 0, fmt.Errorf("%q stands for %q, which has %d values (0 to %d)", key[i], a.parameter.Name, len(a.values), len(a.values)-1)
		}
		cell = cell*len(a.values) + digit
	}
	return cell, nil
}

// key returns the key of a cell.
func (g grid) key(cell int) string {
	digits := make([]byte, len(g))
	for i := len(g) - 1; i >= 0; i-- {
		digits[i] = byte('0' + cell%len(g[i].values))
		cell /= len(g[i].values)
	}
	return string(digits)
}
