// Package bohb is Bayesian optimization with Hyperband (Falkner, Klein and Hutter 2018): the brackets of Hyperband begin
// with configurations from kernel density models, one per level of fidelity, of which the highest that has enough
// trials proposes.
//
// Settings.Reference and HpBandSter give the paper's implementation. The defaults deviate from it; median regret after
// 5, 10 and 25 full evaluations on counting_ones, 60 seeds, and what it is without each deviation:
//
//	ABLATION
//
// Kernels are truncated to the cube, inactive hyperparameters are uniform instead of copied from a random other
// configuration, running trials and failed ones count as bad, and nothing is evaluated twice at one level.
package bohb
