"""Learners that learn in iterations: the models of all folds grow side by side, and the best stage is kept.

The number of iterations is chosen for all folds together, by the mean of the primary metric on validation rows, as
lightgbm.cv does: chosen per fold, each model would be fitted to its own validation rows. The outer test rows have no
say in it. Growth ends after some stages without improvement, since boosters that have begun to overfit go on doing so
(see :mod:`.iterations`).
"""

from dataclasses import dataclass

from metaml.evaluators.sklearn import measuring
from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.evaluation import Evaluation
from metaml.evaluators.sklearn.iterations import PATIENCE, stages
from metaml.evaluators.sklearn.learners.catalogue import Growing
from metaml.evaluators.sklearn.learners.contract import Grower
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction


@dataclass(frozen=True)
class Stage:
    """The models of all folds after some iterations: their predictions, and the mean validation metrics."""

    iterations: int
    predictions: list[Prediction]
    metrics: dict[str, float]


def run(evaluation: Evaluation, growing: Growing) -> dict[str, float]:
    """Return the final metrics of the best stage, and its number of iterations as metric "iterations"."""
    folds, growers = _start(evaluation, growing)
    grid = stages(growing.grid, evaluation.fidelity.get("iterations"))
    primary = evaluation.table.metrics[0]
    sign = 1.0 if METRICS[evaluation.table.task][primary] else -1.0
    seen: list[Stage] = []
    best = 0
    for step, iterations in enumerate(grid, start=1):
        seen.append(_grow(evaluation, folds, growers, iterations))
        if sign * seen[-1].metrics[primary] > sign * seen[best].metrics[primary]:
            best = step - 1
        fidelity = evaluation.fidelity | {"iterations": float(iterations)}
        stop = evaluation.trial.report(step, len(grid), fidelity, seen[-1].metrics)
        if stop or len(seen) - 1 - best == PATIENCE:
            break
    kept = seen[best]
    return measuring.final(evaluation.table, folds, kept.predictions) | {"iterations": float(kept.iterations)}


def _start(evaluation: Evaluation, growing: Growing) -> tuple[list[Prepared], list[Grower]]:
    folds = list(evaluation.folds())
    growers: list[Grower] = []
    for number, fold in enumerate(folds):
        grower = evaluation.make(growing.make, fold, number)
        with evaluation.fitting(number):
            grower.start(fold)
        growers.append(grower)
    return folds, growers


def _grow(evaluation: Evaluation, folds: list[Prepared], growers: list[Grower], iterations: int) -> Stage:
    """Grow every fold's model to that many iterations and measure them."""
    predictions = []
    for number, (grower, fold) in enumerate(zip(growers, folds, strict=True)):
        with evaluation.fitting(number):
            grower.grow(iterations)
        predictions.append(evaluation.predict(grower, fold))
    pairs = zip(folds, predictions, strict=True)
    values = [measuring.validation(evaluation.table, fold, prediction) for fold, prediction in pairs]
    return Stage(iterations, predictions, measuring.mean(evaluation.table.metrics, values))
