"""The steps before a learner, fitted on the training rows of one fold."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from metaml.evaluators.sklearn.encoding import Encoder
from metaml.evaluators.sklearn.reduction import Components, Percentile
from metaml.evaluators.sklearn.scaling import Scaler
from metaml.evaluators.sklearn.subset import subset
from metaml.evaluators.sklearn.table import Floats, Fold, Table
from metaml.sdk.study import Config


@dataclass(frozen=True)
class Prepared:
    """A fold ready to learn from.

    For classification target holds codes 0, 1, … of the classes that occur in the training rows, and classes the
    table's codes of those; for regression it holds values. weight is None for equal weights. held_out has the
    validation rows first, then the test rows.
    """

    fold: Fold
    matrix: Floats
    target: Floats
    classes: np.ndarray
    weight: Floats | None
    held_out: Floats
    steps: "Steps"


@dataclass(frozen=True)
class Steps:
    """The fitted steps, in the order in which they are applied."""

    encoder: Encoder
    scalers: list[Scaler]
    reductions: list[Components | Percentile]

    def portable(self) -> dict[str, Any]:
        """Return them as predict.py applies them."""
        return {
            "encoding": self.encoder.portable(),
            "scaling": [each.portable() for each in self.scalers],
            "reduction": [each.portable() for each in self.reductions],
        }


def prepare(table: Table, fold: Fold, config: Config, fraction: float, seed: int) -> Prepared:
    """Fit the steps that a configuration asks for on a fraction of the fold's training rows, and apply them."""
    classification = table.task == "classification"
    train = subset(fold.train, table.target, classification, fraction, seed)
    encoder = Encoder(table.features, str(config["categories"]))
    matrix = encoder.fit_transform(table.columns[:, train])
    held_out = encoder.transform(table.columns[:, np.concatenate([fold.validation, fold.test])])
    target = table.target[train]
    classes = np.zeros(0, dtype=np.int64)
    if classification:
        classes, codes = np.unique(target.astype(np.int64), return_inverse=True)
        target = codes.astype(np.float64)
    steps = Steps(encoder, _scalers(config, encoder.numeric), _reductions(config))
    for step in steps.scalers:
        matrix, held_out = step.fit_transform(matrix), step.transform(held_out)
    for reduction in steps.reductions:
        matrix, held_out = reduction.fit_transform(matrix, target, classification), reduction.transform(held_out)
    weight = _balanced(target) if config.get("class_weight") == "balanced" else None
    return Prepared(fold, matrix, target, classes, weight, held_out, steps)


def _scalers(config: Config, numeric: np.ndarray) -> list[Scaler]:
    """Return the configured scaler; principal components without one get the standard scaler, lest units decide."""
    kind = config.get("scaler") or ("standard" if config["features"] == "pca" else None)
    return [Scaler(str(kind), numeric)] if kind else []


def _reductions(config: Config) -> list[Components | Percentile]:
    if config["features"] == "pca":
        return [Components(float(config["features.variance"]))]  # type: ignore[arg-type]
    if config["features"] == "percentile":
        return [Percentile(float(config["features.percentile"]))]  # type: ignore[arg-type]
    return []


def _balanced(target: Floats) -> Floats:
    """Return the row weights by which every class has the same sum, and all rows the sum of their number."""
    codes = target.astype(np.int64)
    counts = np.bincount(codes)
    return (len(codes) / (len(counts) * counts))[codes]
