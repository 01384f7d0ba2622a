"""Writes regression.json: complexity measures of generated regressions by problexity, for
regressioncomplexity_test.go.

Run with problexity 0.5.11, numpy 2.4 and scikit-learn 1.9 from this folder:

    python regression.py > regression.json

Measures that draw points are a range over 30 draws. problexity's s4 predicts by five neighbours, where the definition
has one; it is computed here.
"""

import json
import warnings

import numpy as np
import problexity.regression as pr
from sklearn.neighbors import KNeighborsRegressor

warnings.filterwarnings("ignore")


def scaled(a):
    return (a - a.min(axis=0)) / (a.max(axis=0) - a.min(axis=0))


def s4(x, y):
    x, y = scaled(x), scaled(y)
    order = np.argsort(y, kind="stable")
    a, b = order[:-1], order[1:]
    t = np.random.random(len(a))
    points, targets = x[b] + t[:, None] * (x[a] - x[b]), y[b] + t * (y[a] - y[b])
    return np.mean((KNeighborsRegressor(1).fit(x, y).predict(points) - targets) ** 2)


def describe(name, x, y):
    exact = {m: float(getattr(pr, m)(x, y)) for m in ("c1", "c2", "c4", "l1", "l2", "s1", "s2", "s3")}
    exact["c3"] = float(pr.c3(x, y, is_optimized=False))
    np.random.seed(0)
    spread = {"l3": [float(pr.l3(x, y)) for _ in range(30)], "s4": [float(s4(x, y)) for _ in range(30)]}
    return {
        "name": name,
        "columns": [{"categorical": False, "values": [repr(float(v)) for v in c]} for c in x.T],
        "target": [repr(float(v)) for v in y],
        "regression": True,
        "exact": {"reg_" + k: v for k, v in exact.items()},
        "spread": {"reg_" + k: [min(v), max(v)] for k, v in spread.items()},
    }


rng = np.random.default_rng(40)
x = rng.normal(size=(90, 4)).round(4)
smooth = 2 * x[:, 0] - x[:, 1] + 0.1 * rng.normal(size=90)
steps = np.where(x[:, 0] > 0, 3, 0) + np.sin(3 * x[:, 1]) + rng.normal(size=90) / 4
skewed = rng.gamma(1, 2, size=(70, 3)).round(3)
sets = [
    ("linear", x, smooth.round(5)),
    ("steps", x, steps.round(5)),
    ("noise", x[:60], rng.normal(size=60).round(5)),
    ("skewed", skewed, np.exp(skewed[:, 0] / 3).round(5) + rng.normal(size=70).round(5) / 10),
]
print(json.dumps({"datasets": [describe(*s) for s in sets]}))
