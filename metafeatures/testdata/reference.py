"""Writes reference.json: pymfe's meta-features of small datasets, for reference_test.go.

Run with pymfe 0.4.4 (which brings scikit-learn, the source of iris and wine, BSD-3-Clause) from this folder:

    python reference.py > reference.json

The other datasets are generated here. Features are written as the strings that a data file would hold, the values as
pymfe gives them; NAME.nanmean and NAME.nansd are written as NAME.mean and NAME.sd.
"""

import json
import math
import warnings

import numpy as np
from pymfe.mfe import MFE
from sklearn.datasets import load_iris, load_wine

warnings.filterwarnings("ignore")


def mixed(rng, rows, classes):
    """Numeric, discrete and categorical columns in any order, unequal classes."""
    y = rng.choice(classes, rows, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    numeric = rng.normal(size=(rows, 3)) * [1, 20, 0.01] + np.c_[y, y**2, 0 * y] * [0.7, 1, 1]
    columns = [
        np.round(numeric[:, 0], 4),
        np.array(["red", "green", "blue", "grey"])[(y + rng.integers(0, 2, rows)) % 4],
        np.round(numeric[:, 1]),
        np.array(["yes", "no"])[rng.integers(0, 2, rows)],
        np.round(np.exp(numeric[:, 2] * 40), 3),
        np.array(list("abcdefgh"))[np.minimum(rng.geometric(0.4, rows) - 1, 7)],
    ]
    return columns, np.array(["k%d" % c for c in y])


def categories(rng, rows):
    """Categorical columns only, more than a dozen pairs."""
    y = rng.integers(0, 2, rows)
    columns = [np.array(list("xyzuvw"))[(y * rng.integers(0, 2, rows) + rng.integers(0, k, rows)) % 6] for k in (2, 3, 4, 5)]
    return columns, np.array(["no", "yes"])[y]


def skewed(rng, rows):
    """Positive, tied, correlated and heavy-tailed columns, two very unequal classes."""
    y = (rng.random(rows) < 0.15).astype(int)
    base = rng.gamma(2, 2, rows) + 2 * y
    columns = [
        np.round(base, 2) + 0.01,
        np.round(base * 3 + rng.normal(size=rows), 1),
        np.round(rng.standard_t(2, rows), 3),
        rng.poisson(3, rows).astype(float),
        np.round(rng.normal(size=rows), 5),
    ]
    return columns, y.astype(str)


SUMMARIES = ["nanmean", "nansd", "nanmin", "nanmax", "nanmedian", "nanskewness", "nankurtosis", "naniq_range", "nanrange"]

# What depends on the random state, or on which of equally good columns or neighbours is taken.
RANDOM = ["best_node", "elite_nn", "random_node", "worst_node", "one_nn"]

# What pymfe takes from an iteration that stops at 1e-6, or computes wrongly (sd_ratio).
INEXACT = ["can_cor", "sd_ratio", "w_lambda", "p_trace", "lh_trace", "roy_root"]


def extract(x, y, categorical, groups, seed):
    """pymfe's values and the numeric view they are computed from."""
    mfe = MFE(groups=groups, summary=SUMMARIES, random_state=seed)
    mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)
    values = dict(zip(*mfe.extract(suppress_warnings=True)))
    return {n.replace(".nan", "."): float(v) for n, v in values.items() if np.isscalar(v) and math.isfinite(v)}, mfe._custom_args_ft["N"]


def canonical(n, y):
    """The canonical correlations of the numeric view and the classes, from singular value decompositions."""
    one_hot = (y[:, None] == np.unique(y)).astype(float)
    bases = []
    for m in (n, one_hot):
        u, s, _ = np.linalg.svd(m - m.mean(axis=0), full_matrices=False)
        bases.append(u[:, s > 1e-8 * s[0]])
    r = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)[: min(b.shape[1] for b in bases)]
    ratio = r**2 / (1 - r**2)
    return {
        "can_cor.mean": r.mean(),
        "can_cor.min": r.min(),
        "can_cor.max": r.max(),
        "w_lambda": np.prod(1 - r**2),
        "p_trace": (r**2).sum(),
        "lh_trace": ratio.sum(),
        "roy_root": ratio.max(),
    }


def box(n, y):
    """sd_ratio by the textbook (Box's M), where no class's covariance matrix is singular."""
    p, classes = n.shape[1], np.unique(y)
    k, size = len(classes), len(y)
    weights = np.array([(y == c).sum() - 1 for c in classes])
    covariances = [np.cov(n[y == c], rowvar=False) for c in classes]
    if p < 2 or min(np.linalg.matrix_rank(c) for c in covariances) < p:
        return {}
    pooled = sum(w * c for w, c in zip(weights, covariances)) / (size - k)
    gamma = 1 - (2 * p * p + 3 * p - 1) / (6 * (p + 1) * (k - 1)) * (np.sum(1 / weights) - 1 / (size - k))
    logs = sum(w * np.linalg.slogdet(c)[1] for w, c in zip(weights, covariances))
    return {"sd_ratio": np.exp(gamma * ((size - k) * np.linalg.slogdet(pooled)[1] - logs) / (p * (size - k)))}


def describe(name, columns, y):
    """One dataset with its meta-features: exact ones, pymfe's inexact ones, and the range of the random ones."""
    categorical = [i for i, c in enumerate(columns) if c.dtype.kind in "UO"]
    x = np.array([[c[i] if j in categorical else float(c[i]) for j, c in enumerate(columns)] for i in range(len(y))], dtype=object)
    groups = ["general", "statistical", "info-theory", "landmarking"]
    features, n = extract(x, y, categorical, groups, 0)
    inexact = {f: v for f, v in features.items() if f.split(".")[0] in INEXACT}
    exact = {f: v for f, v in features.items() if f.split(".")[0] not in INEXACT + RANDOM}
    exact.update(canonical(n, y))
    exact.update(box(n, y))
    runs = [extract(x, y, categorical, ["landmarking"], seed)[0] for seed in range(20)]
    return {
        "name": name,
        "columns": [{"categorical": j in categorical, "values": [str(v) for v in c]} for j, c in enumerate(columns)],
        "target": [str(v) for v in y],
        "exact": {f: float(v) for f, v in exact.items()},
        "inexact": {f: v for f, v in inexact.items() if "sd_ratio" not in f},
        "spread": {f: [min(r[f + ".mean"] for r in runs), max(r[f + ".mean"] for r in runs)] for f in RANDOM},
    }


rng = np.random.default_rng(20)
iris, wine = load_iris(), load_wine()
sets = [
    ("iris", list(iris.data.T), iris.target),
    ("wine", list(wine.data.T), wine.target),
    ("mixed", *mixed(rng, 300, 4)),
    ("mixed_cube", *mixed(rng, 125, 3)),
    ("categories", *categories(rng, 160)),
    ("skewed", *skewed(rng, 250)),
]
print(json.dumps({"pymfe": "0.4.4", "datasets": [describe(*s) for s in sets]}))
