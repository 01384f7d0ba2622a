package main

// aboutBuiltIn says in a few words what something that comes with metaml is; empty for what does not.
func aboutBuiltIn(name string) string {
	return map[string]string{
		"random":            "random search",
		"grid":              "grid search",
		"sobol":             "quasi-random search by a Sobol sequence",
		"lhs":               "Latin hypercube designs",
		"gp":                "Bayesian optimization with a Gaussian process",
		"smac":              "Bayesian optimization with a random forest",
		"tpe":               "tree-structured Parzen estimator",
		"cmaes":             "CMA-ES with restarts, for numbers",
		"de":                "differential evolution",
		"successivehalving": "successive halving of cheaper evaluations",
		"hyperband":         "Hyperband, alone or with an optimizer that proposes",
		"asha":              "asynchronous successive halving",
		"bohb":              "BOHB: Hyperband with Parzen estimators",
		"stopping":          "another optimizer whose poor trials are stopped early",
		automatic:           "chooses among these by the space and the budget",
		"sklearn":           "pipelines of scikit-learn, LightGBM and XGBoost",
		programEvaluator:    "runs a program of yours",
		functionEvaluator:   "calls a Python function of yours",
	}[name]
}
