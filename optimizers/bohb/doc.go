// Package bohb is Bayesian optimization with Hyperband (Falkner, Klein and Hutter 2018): the brackets of Hyperband begin
// with configurations from kernel density models, one per level of fidelity, of which the highest that has enough
// trials proposes.
package bohb
