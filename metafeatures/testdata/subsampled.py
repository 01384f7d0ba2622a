"""Writes subsampled.json: the range of pymfe's landmarkers on half of the rows, for subsampled_test.go.

Run with pymfe 0.4.4 from this folder:

    python subsampled.py > subsampled.json

The datasets are those of reference.json, by name; the range of each mean is over 30 random states, which draw the rows.
"""

import json
import math
import warnings

import numpy as np
from pymfe.mfe import MFE

warnings.filterwarnings("ignore")


def means(x, y, categorical, seed):
    mfe = MFE(groups=["landmarking"], summary=["nanmean"], random_state=seed, lm_sample_frac=0.5)
    mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)
    values = zip(*mfe.extract(suppress_warnings=True), strict=True)
    return {n.split(".")[0]: float(v) for n, v in values if math.isfinite(v)}


def describe(dataset):
    categorical = [j for j, c in enumerate(dataset["columns"]) if c["categorical"]]
    columns = [c["values"] if c["categorical"] else [float(v) for v in c["values"]] for c in dataset["columns"]]
    x = np.array([list(row) for row in zip(*columns, strict=True)], dtype=object)
    runs = [means(x, np.array(dataset["target"]), categorical, seed) for seed in range(30)]
    spread = {n: [min(r[n] for r in runs if n in r), max(r[n] for r in runs if n in r)] for n in runs[0]}
    return {"name": dataset["name"], "spread": spread}


with open("reference.json") as f:
    datasets = json.load(f)["datasets"]
print(json.dumps({"pymfe": "0.4.4", "datasets": [describe(d) for d in datasets]}))
