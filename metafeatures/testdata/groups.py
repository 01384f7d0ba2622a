"""Writes groups.json: pymfe's meta-features of the groups beyond the default ones, for groups_test.go.

Run with pymfe 0.4.4 from this folder:

    python groups.py > groups.json

The datasets are those of reference.json, by name. Every group is extracted 20 times, from rows in another order and
with another random state each; the decision tree is grown 200 times, with the sign of columns drawn, which changes
nothing but the choice among equally good splits. What is the same each time is exact, of anything else the range is
written. NAME.nanmean and NAME.nansd are written as NAME.mean and NAME.sd.
"""

import json
import math
import warnings

import numpy as np
from pymfe.mfe import MFE
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")

GROUPS = ["clustering", "concept", "itemset"]
SUMMARIES = ["nanmean", "nansd", "nanmin", "nanmax", "nanmedian"]


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
    return renamed(*mfe.extract(suppress_warnings=True))


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
        if high - low <= 1e-7 * max(abs(low), abs(high), 1e-3):
            exact[name] = values[0]
        else:
            spread[name] = [low, high]
    return exact, spread


def describe(dataset):
    x, categorical = columns_of(dataset)
    y = np.array(dataset["target"])
    exact, spread = ranges([extract(x, y, categorical, seed) for seed in range(20)])
    grown, among = ranges(list(trees(x, y, categorical)))
    return {"name": dataset["name"], "exact": exact | grown, "spread": spread | among}


with open("reference.json") as f:
    datasets = json.load(f)["datasets"]
print(json.dumps({"pymfe": "0.4.4", "datasets": [describe(d) for d in datasets]}))
