"""Writes pycma.json: the samples of a few generations of pycma, and the state of its distribution after each.

Made with cma 4.5.0 and numpy 2.4.6 by

    python pycma.py > pycma.json
"""
import json

import cma
import numpy as np


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def ellipsoid(x):
    return float(np.sum(10.0 ** (4 * np.arange(len(x)) / (len(x) - 1)) * x**2))


def play(name, f, x0, sigma0, population, generations, seed):
    options = {"seed": seed, "popsize": population, "verbose": -9, "updatecovwait": 0}
    es = cma.CMAEvolutionStrategy(x0, sigma0, options)
    # pycma does not begin with the identity, but with a covariance a little longer in the later coordinates.
    start = [list(map(float, row)) for row in es.sm.C]
    steps = []
    for _ in range(generations):
        points = es.ask()
        losses = [f(x) for x in points]
        es.tell(points, losses)
        steps.append(
            {
                "points": [list(map(float, x)) for x in points],
                "losses": losses,
                "mean": list(map(float, es.mean)),
                "sigma": float(es.sigma),
                "covariance": [list(map(float, row)) for row in es.sm.C],
            }
        )
    weights = es.sp.weights
    parameters = {
        "weights": list(map(float, weights)),
        "mu_eff": float(weights.mueff),
        "c1": float(es.sp.c1),
        "c_mu": float(es.sp.cmu),
        "c_c": float(es.sp.cc),
        "c_sigma": float(es.adapt_sigma.cs),
        "d_sigma": float(es.adapt_sigma.damps),
        "chi_n": float(cma.utilities.math.Mh.chiN(len(x0))),
    }
    return {"name": name, "x0": x0, "sigma0": sigma0, "covariance0": start, "parameters": parameters, "steps": steps}


print(
    json.dumps(
        [
            play("rosenbrock", rosenbrock, [0.1, -0.5, 0.8, 0.3], 0.3, 8, 12, 1),
            play("ellipsoid", ellipsoid, [1.0, 2.0, -1.0, 0.5, 3.0, -2.0], 1.0, 9, 15, 2),
            play("far away", ellipsoid, [300.0, 500.0], 0.5, 6, 8, 3),
        ]
    )
)
