"""Writes groups.json: pymfe's meta-features of the groups beyond the default ones, for groups_test.go.

Run with pymfe 0.4.4 from this folder:

    python groups.py > groups.json

The datasets are those of reference.json, by name. Every group is extracted 10 times, from rows in another order and
with another random state each; the decision tree is grown 200 times, with the sign of columns drawn, which changes
nothing but the choice among equally good splits. In complexity, distances are computed here, as the gower package
takes two matrices of as many rows for the same one, and equal rows are put 1e-12 apart where a distance of zero would
be no link; f1v, which fails on numpy 2.4, is computed here as well. What is the same each time is exact, of anything
else the range is written. NAME.nanmean and NAME.nansd are written as NAME.mean and NAME.sd.
"""

import functools
import itertools
import json
import math
import warnings

import numpy as np
import pymfe.complexity
import sklearn.preprocessing
from pymfe.mfe import MFE
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")

GROUPS = ["clustering", "concept", "itemset", "complexity"]
SOLVER = ["l1", "l2"]  # from an iteration that stops at 1e-2: never exact
SUMMARIES = ["nanmean", "nansd", "nanmin", "nanmax", "nanmedian"]


def gower_matrix(a, b=None):
    """Mean absolute differences of the columns of two matrices that are stretched to [0,1]."""
    b = a if b is None else b
    return np.abs(a[:, None, :] - b[None, :, :]).mean(axis=2).astype(np.float32)


def apart(method):
    """A method of pymfe's that sees equal rows a little apart."""

    @functools.wraps(method)
    def wrapped(cls, *args, norm_dist_mat=None, **kwargs):
        if norm_dist_mat is None:
            n = sklearn.preprocessing.MinMaxScaler().fit_transform(kwargs["N"])
            norm_dist_mat = gower_matrix(n)
        d = np.where(norm_dist_mat == 0, np.float32(1e-12), norm_dist_mat)
        np.fill_diagonal(d, 0)
        return method(cls, *args, norm_dist_mat=d, **kwargs)

    return classmethod(wrapped)


pymfe.complexity.gower.gower_matrix = gower_matrix
for name in ["ft_n1", "_build_adjacency_graph"]:
    setattr(pymfe.complexity.MFEComplexity, name, apart(getattr(pymfe.complexity.MFEComplexity, name).__func__))


def columns_of(dataset):
    """The columns as a matrix of objects, and which of them are categorical."""
    categorical = [j for j, c in enumerate(dataset["columns"]) if c["categorical"]]
    columns = [c["values"] if c["categorical"] else [float(v) for v in c["values"]] for c in dataset["columns"]]
    return np.array([list(row) for row in zip(*columns)], dtype=object), categorical


def renamed(names, values):
    return {n.replace(".nan", "."): float(v) for n, v in zip(names, values) if np.isscalar(v) and math.isfinite(v)}


def extract(x, y, categorical, seed):
    """pymfe's values of rows in an order drawn by the seed."""
    order = np.random.default_rng(seed).permutation(len(y)) if seed else np.arange(len(y))
    mfe = MFE(groups=GROUPS, summary=SUMMARIES, random_state=seed)
    mfe.fit(x[order], y[order], cat_cols=categorical, suppress_warnings=True)
    return renamed(*mfe.extract(suppress_warnings=True)) | f1v(mfe._custom_args_ft["N"], y[order])


def f1v(n, y):
    """Fisher's criterion between the means of two classes, along the direction that pymfe takes."""
    values = []
    for a, b in itertools.combinations([n[y == c] for c in np.unique(y)], 2):
        within = (len(a) * np.cov(a, rowvar=False) + len(b) * np.cov(b, rowvar=False)) / (len(a) + len(b))
        difference = a.mean(axis=0) - b.mean(axis=0)
        direction = np.linalg.pinv(within, rcond=n.shape[1] * np.finfo(float).eps) @ difference
        values.append(1 / (1 + (direction @ difference) ** 2 / (direction @ within @ direction)))
    summaries = {"mean": np.mean, "min": np.min, "max": np.max, "median": np.median}
    return {"f1v." + name: float(f(values)) for name, f in summaries.items()}


def trees(x, y, categorical):
    """pymfe's values of decision trees."""
    mfe = MFE(groups=["model-based"], summary=SUMMARIES)
    n = mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)._custom_args_ft["N"]
    for seed in range(200):
        sign = np.random.default_rng(seed).choice([-1, 1], n.shape[1])
        model = DecisionTreeClassifier(random_state=seed).fit(n * sign, y)
        yield renamed(*mfe.extract_from_model(model, arguments_extract={"suppress_warnings": True}))


def ranges(runs):
    """The features that are always the same, and the range of the others."""
    exact, spread = {}, {}
    for name in runs[0]:
        values = [r[name] for r in runs if name in r]
        low, high = min(values), max(values)
        if high - low <= 1e-7 * max(abs(low), abs(high), 1e-3) and name.split(".")[0] not in SOLVER:
            exact[name] = values[0]
        else:
            spread[name] = [low, high]
    return exact, spread


def describe(dataset):
    x, categorical = columns_of(dataset)
    y = np.array(dataset["target"])
    exact, spread = ranges([extract(x, y, categorical, seed) for seed in range(10)])
    grown, among = ranges(list(trees(x, y, categorical)))
    return {"name": dataset["name"], "exact": exact | grown, "spread": spread | among}


with open("reference.json") as f:
    datasets = json.load(f)["datasets"]
print(json.dumps({"pymfe": "0.4.4", "datasets": [describe(d) for d in datasets]}))
