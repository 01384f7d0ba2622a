"""Writes margin.json: means and stretches before and after the margin correction of the cmaes library.

Made with cmaes 0.13.1 and numpy 2.4.6 by

    python margin.py > margin.json
"""
import json

import numpy as np
from cmaes import CMAwM

rng = np.random.default_rng(5)
cases = []
for _ in range(60):
    counts = rng.integers(2, 9, size=4)
    steps = np.append(1 / counts, 0)
    bounds = np.array([[0.5 / k, 1 - 0.5 / k] for k in counts] + [[0, 1]])
    mean = rng.random(5)
    inside = np.full(5, 0.5)  # where the library lets a mean begin
    factor = rng.normal(size=(5, 5))
    covariance = factor @ factor.T / 5 + 0.1 * np.eye(5)
    sigma = float(10 ** rng.uniform(-3, 0.3))
    stretch = np.append(10 ** rng.uniform(-1, 1, size=4), 1)
    o = CMAwM(mean=inside, sigma=sigma, bounds=bounds, steps=steps, population_size=8)
    o._cma._mean, o._A, o._cma._C = mean.copy(), stretch.copy(), covariance
    o._cma.tell = lambda solutions: None  # the correction alone
    o.tell([])
    cases.append(
        {
            "counts": counts.tolist() + [0],
            "sigma": sigma,
            "covariance": covariance.tolist(),
            "mean": mean.tolist(),
            "stretch": stretch.tolist(),
            "corrected_mean": o._cma._mean.tolist(),
            "corrected_stretch": o._A.tolist(),
        }
    )
print(json.dumps(cases))
