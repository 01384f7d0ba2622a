package gaussian

import (
	"fmt"
	"math"
)

// Fit adjusts hyperparameters to data by maximum a posteriori: L-BFGS on their logarithms from each of the starts (none:
// from Default), of which the best end is returned with the logarithm of its posterior density, up to a constant that
// is the same for all fits of a model. Points have one coordinate per dimension.
func (m *Model) Fit(points [][]float64, y []float64, starts []Hyperparameters, opt Descent) (Hyperparameters, float64, error) {
	if err := m.checkData(points, y); err != nil {
		return Hyperparameters{}, 0, err
	}
	if len(starts) == 0 {
		starts = []Hyperparameters{m.Default()}
	}
	if opt.Tolerance == 0 {
		opt.Tolerance = 1e-6
	}
	e := newEvidence(m, points, y)
	lower, upper := bounds(&m.layout, m.prior.NoiseFloor)
	objective := func(x, gradient []float64) float64 {
		t, g := theta{x, &m.layout}, theta{gradient, &m.layout}
		clear(gradient)
		value := e.at(t.hyperparameters(m.prior.Intercept), g)
		value += m.prior.add(t, g)
		for i := range gradient {
			gradient[i] = -gradient[i]
		}
		return -value
	}
	best, density := theta{}, math.Inf(-1)
	for i, start := range starts {
		if err := m.check(start); err != nil {
			return Hyperparameters{}, 0, fmt.Errorf("start %d: %w", i, err)
		}
		t := newTheta(&m.layout)
		t.set(start)
		for j := range t.values {
			t.values[j] = min(max(t.values[j], lower.values[j]), upper.values[j])
		}
		value, _ := Minimize(objective, t.values, lower.values, upper.values, opt)
		if best.values == nil || -value > density {
			best, density = t, -value
		}
	}
	return best.hyperparameters(m.prior.Intercept), density, nil
}

// Evidence returns the logarithm of the marginal likelihood of data under given hyperparameters, without their prior.
func (m *Model) Evidence(points [][]float64, y []float64, h Hyperparameters) (float64, error) {
	if err := m.checkData(points, y); err != nil {
		return 0, err
	}
	if err := m.check(h); err != nil {
		return 0, err
	}
	e := newEvidence(m, points, y)
	e.intercept = h.Intercept
	return e.at(h, theta{}), nil
}

func (m *Model) checkData(points [][]float64, y []float64) error {
	if len(points) == 0 {
		return fmt.Errorf("no points: %w", ErrInput)
	}
	if err := m.checkPoints(points); err != nil {
		return err
	}
	return checkOutputs(points, y)
}
