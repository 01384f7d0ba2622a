"""Tabulate the problem svm_subsets: the validation error of an SVM on subsets of 5,000 digits of MNIST.

The grid is that of Klein et al. (2017): C and gamma of an RBF kernel from e^-10 to e^10 in 20 steps each. A model is
trained on nested subsets of 3,456 rows, from 1/64 of them on, and judged on the other 1,544.

Usage: tabulate_svm.py mnist_5k.csv.gz svm_subsets.csv.gz (some twenty minutes on one core)
"""

from __future__ import annotations

import csv
import gzip
import sys

import numpy as np
from sklearn.svm import SVC

TRAIN = 3456
# Halves and thirds, as halving by two, three and four asks for.
SUBSETS = (54, 108, 128, 216, 384, 432, 864, 1152, 1728, 3456)
GRID = np.linspace(-10, 10, 20)


def read(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels in [0, 1] and digits, in a random order that is always the same."""
    with gzip.open(path, "rt") as file:
        rows = list(csv.reader(file))
    target = rows[0].index("target")
    table = np.array(rows[1:], dtype=float)
    table = table[np.random.default_rng(0).permutation(len(table))]
    return np.delete(table, target, axis=1) / 255, table[:, target].astype(int)


def squared_distances(x: np.ndarray) -> np.ndarray:
    """Return the squared Euclidean distances of all rows."""
    squares = (x**2).sum(axis=1)
    distances: np.ndarray = np.maximum(squares[:, None] + squares[None, :] - 2 * x @ x.T, 0)
    return distances


def main() -> None:
    """Write the table, a row per configuration."""
    x, y = read(sys.argv[1])
    distances = squared_distances(x)
    with gzip.open(sys.argv[2], "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "c", "gamma", *(f"val_err_r{n}" for n in SUBSETS)])
        for j, log_gamma in enumerate(GRID):
            kernel = np.exp(-np.exp(log_gamma) * distances)
            for i, log_c in enumerate(GRID):
                errors = []
                for n in SUBSETS:
                    model = SVC(C=float(np.exp(log_c)), kernel="precomputed", cache_size=500)
                    model.fit(kernel[:n, :n], y[:n])
                    wrong = model.predict(kernel[TRAIN:, :n]) != y[TRAIN:]
                    errors.append(f"{wrong.mean():.6f}")
                out.writerow([j * len(GRID) + i, f"{np.exp(log_c):.6g}", f"{np.exp(log_gamma):.6g}", *errors])
            print(f"{j + 1} of {len(GRID)}", file=sys.stderr)


if __name__ == "__main__":
    main()
