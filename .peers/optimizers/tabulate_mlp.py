"""Tabulate a problem of real training: the multilayer perceptron of the evaluator sklearn on a table, epoch by epoch.

The grid spans the perceptron's part of the evaluator's space (classification.json), less its widest networks and
greatest learning rates: 270 configurations. Each is trained once for 81 epochs, on the evaluator's default preparation,
and looked at after 1, 3, 9 and 27 epochs on the way; as in the evaluator the best stage so far is kept. As in the
common protocol 2,000 rows are learnt from; up to 6,000 others judge, so that the judgement's noise is small beside what
configurations differ by. Losses are 1 less the balanced accuracy, the evaluator's default metric, by which stages are
chosen, and the logarithmic loss.

Usage: tabulate_mlp.py DATA.csv.gz OUT.csv.gz (some ten minutes on one core)
  DATA has its target in the column "target", and runs in the evaluator's own environment, with plugins/python in
  PYTHONPATH. What OUT.csv.gz.part holds from an interrupted run is not computed again.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import os
import sys
import time
from pathlib import Path

import numpy as np
from metaml.evaluators.sklearn import measuring
from metaml.evaluators.sklearn.learners import mlp
from metaml.evaluators.sklearn.learners.contract import Setting
from metaml.evaluators.sklearn.preparation import Prepared, prepare
from metaml.evaluators.sklearn.scoring import score
from metaml.evaluators.sklearn.table import Feature, Fold, Table

TRAIN, VALIDATION = 2000, 6000
EPOCHS = (1, 3, 9, 27, 81)
METRICS = {"balanced_accuracy": "val_err", "log_loss": "val_logloss"}
GRID: dict[str, tuple[float, ...]] = {
    "learning_rate": (1e-4, 2.3e-4, 5.1e-4, 2e-3, 8e-3),
    "width": (16, 45, 128),
    "layers": (1, 2, 3),
    "alpha": (1e-5, 1e-1),
    "batch_size": (16, 64, 256),
}
PREPARATION = {"categories": "one_hot", "scaler": "standard", "features": "none", "class_weight": "none"}


def column(texts: list[str], name: str) -> tuple[Feature, np.ndarray]:
    """Return a column as the evaluator sees it: numbers, or codes of its levels in alphabetical order."""
    try:
        return Feature(name, "numeric", 0), np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        levels = sorted({text for text in texts if text})
        codes = {level: float(code) for code, level in enumerate(levels)} | {"": np.nan}
        return Feature(name, "categorical", len(levels)), np.array([codes[text] for text in texts])


def read(path: str) -> Table:
    """Read a sample of a table, split into rows to learn from and rows that judge."""
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    order = np.random.default_rng(0).permutation(len(rows))[: TRAIN + VALIDATION]
    texts = [list(values) for values in zip(*(rows[i] for i in order), strict=True)]
    at = header.index("target")
    classes = sorted(set(texts[at]))
    inputs = [column(values, name) for i, (name, values) in enumerate(zip(header, texts, strict=True)) if i != at]
    return Table(
        task="classification",
        features=tuple(feature for feature, _ in inputs),
        classes=len(classes),
        columns=np.array([values for _, values in inputs]),
        target=np.array([float(classes.index(text)) for text in texts[at]]),
        folds=(Fold(np.arange(TRAIN), np.arange(TRAIN, len(order)), np.arange(0)),),
        metrics=tuple(METRICS),
    )


def curve(table: Table, fold: Prepared, parameters: dict[str, float], seed: int) -> list[str]:
    """Train one configuration and return the results of its best stage up to each number of epochs."""
    whole = {"width", "layers", "batch_size"}
    typed = {name: int(value) if name in whole else value for name, value in parameters.items()}
    learner = mlp.make(typed, Setting(classification=True, calibrated=True, seed=seed))
    results = []
    best = {"balanced_accuracy": -1.0}
    start = time.process_time()
    learner.start(fold)
    seconds = time.process_time() - start
    for epochs in EPOCHS:
        start = time.process_time()
        learner.grow(epochs)
        seconds += time.process_time() - start
        prediction = measuring.over_all_classes(learner.predict(fold), fold, table)
        values = score(table.task, table.metrics, table.target[fold.fold.validation], prediction)
        best = max(best, values, key=lambda stage: stage["balanced_accuracy"])
        results += [f"{1 - best['balanced_accuracy']:.6f}", f"{best['log_loss']:.6f}", f"{seconds:.4f}"]
    return results


def known(part: Path) -> list[list[str]]:
    """Return the rows of an interrupted run, less one that was cut off."""
    if not part.exists():
        return []
    lines = part.read_text(encoding="utf-8").split("\n")[:-1]
    return list(csv.reader(lines))


def main() -> None:
    """Write the table, a row per configuration."""
    table, out = read(sys.argv[1]), Path(sys.argv[2])
    fold = prepare(table, table.folds[0], PREPARATION, 1.0, 0)
    part = out.with_name(out.name + ".part")
    rows = known(part)
    grid = list(itertools.product(*GRID.values()))
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows(rows)
        file.flush()
        for number, values in enumerate(grid[len(rows) :], start=len(rows)):
            row = [str(number), *(f"{value:g}" for value in values)]
            row += curve(table, fold, dict(zip(GRID, values, strict=True)), number)
            writer.writerow(row)
            file.flush()
            rows.append(row)
            print(f"{number + 1} of {len(grid)}", file=sys.stderr)
    names = [f"{name}_e{n}" for n in EPOCHS for name in (*METRICS.values(), "train_cpu_s")]
    with gzip.open(out, "wt", newline="", encoding="utf-8") as packed:
        csv.writer(packed).writerows([["id", *GRID, *names], *rows])
    os.unlink(part)


if __name__ == "__main__":
    main()
