"""Writes relative.json: pymfe's landmarkers of the datasets in reference.json and its ranks among them, for
relative_test.go.

Run with pymfe 0.4.4 from this folder:

    python relative.py > relative.json

Landmarkers hang on the random state; those of a group and their ranks are of the same one.
"""

import json
import math
import warnings

import numpy as np
from pymfe.mfe import MFE

warnings.filterwarnings("ignore")


def extract(x, y, categorical, group):
    mfe = MFE(groups=[group], summary=["nanmean", "nansd", "nanmax"], random_state=3)
    mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)
    values = zip(*mfe.extract(suppress_warnings=True), strict=True)
    return {n.replace(".nan", "."): float(v) for n, v in values if math.isfinite(v)}


def describe(dataset):
    categorical = [j for j, c in enumerate(dataset["columns"]) if c["categorical"]]
    columns = [c["values"] if c["categorical"] else [float(v) for v in c["values"]] for c in dataset["columns"]]
    x, y = np.array([list(row) for row in zip(*columns, strict=True)], dtype=object), np.array(dataset["target"])
    return {
        "name": dataset["name"],
        "exact": extract(x, y, categorical, "landmarking"),
        "inexact": extract(x, y, categorical, "relative"),
    }


with open("reference.json") as f:
    datasets = json.load(f)["datasets"]
print(json.dumps({"pymfe": "0.4.4", "datasets": [describe(d) for d in datasets]}))
