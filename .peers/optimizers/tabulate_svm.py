"""Tabulate the problem svm_subsets: the validation error of an SVM on subsets of 5,000 digits of MNIST.

The grid is that of Klein et al. (2017): C and gamma of an RBF kernel from e^-10 to e^10 in 20 steps each. A model is
trained on nested subsets of 3,456 rows, from 1/64 of them on, and judged on the other 1,544.

What a fit cannot change is not fitted again: a solution without a multiplier at its bound C is that of every greater C,
and a kernel of which nothing but the diagonal is left is that of every greater gamma.

Usage: tabulate_svm.py mnist_5k.csv.gz svm_subsets.csv.gz (some ten minutes on one core)
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
NOTHING = 1e-25  # times the greatest C and all rows it is still lost beside 1


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


def validation_error(kernel: np.ndarray, y: np.ndarray, n: int, c: float) -> tuple[float, bool]:
    """Return the error of the model of the first n rows, and whether a greater C would give the same model."""
    model = SVC(C=c, kernel="precomputed", cache_size=500)
    model.fit(kernel[:n, :n], y[:n])
    wrong = model.predict(kernel[TRAIN:, :n]) != y[TRAIN:]
    return float(wrong.mean()), bool(np.abs(model.dual_coef_).max() < c * (1 - 1e-9))


def curves(kernel: np.ndarray, y: np.ndarray) -> list[list[float]]:
    """Return the errors on every subset, for every C."""
    known: dict[int, float] = {}  # by subset, what no greater C changes
    rows = []
    for log_c in GRID:
        row = []
        for n in SUBSETS:
            error, final = (known[n], True) if n in known else validation_error(kernel, y, n, float(np.exp(log_c)))
            if final:
                known[n] = error
            row.append(error)
        rows.append(row)
    return rows


def main() -> None:
    """Write the table, a row per configuration."""
    x, y = read(sys.argv[1])
    distances = squared_distances(x)
    diagonal: list[list[float]] | None = None  # the errors of a kernel that is the identity
    with gzip.open(sys.argv[2], "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "c", "gamma", *(f"val_err_r{n}" for n in SUBSETS)])
        for j, log_gamma in enumerate(GRID):
            kernel = np.exp(-np.exp(log_gamma) * distances)
            np.fill_diagonal(kernel, 1)
            alone = float(np.max(kernel - np.eye(len(kernel)))) < NOTHING
            rows = diagonal if alone and diagonal else curves(kernel, y)
            if alone:
                diagonal = rows
            for i, (log_c, errors) in enumerate(zip(GRID, rows, strict=True)):
                texts = [f"{error:.6f}" for error in errors]
                out.writerow([j * len(GRID) + i, f"{np.exp(log_c):.6g}", f"{np.exp(log_gamma):.6g}", *texts])
            print(f"{j + 1} of {len(GRID)}", file=sys.stderr)


if __name__ == "__main__":
    main()
