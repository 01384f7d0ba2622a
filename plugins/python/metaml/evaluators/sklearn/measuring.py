"""Puts the metrics of folds together."""

from collections.abc import Sequence

import numpy as np

from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction, score
from metaml.evaluators.sklearn.table import Table


def over_all_classes(prediction: Prediction, fold: Prepared, table: Table) -> Prediction:
    """Return predictions over the table's classes: those absent from the training rows get probability 0."""
    if table.task != "classification" or len(fold.classes) == table.classes:
        return prediction
    values = np.full((len(prediction.values), table.classes), -np.inf)
    values[:, fold.classes] = prediction.values
    probabilities = None
    if prediction.probabilities is not None:
        probabilities = np.zeros_like(values)
        probabilities[:, fold.classes] = prediction.probabilities
    return Prediction(values, probabilities)


def validation(table: Table, fold: Prepared, prediction: Prediction) -> dict[str, float]:
    """Return the metrics on the fold's validation rows, given predictions of its held-out rows."""
    rows = fold.fold.validation
    return score(table.task, table.metrics, table.target[rows], prediction.rows(slice(0, len(rows))))


def test(table: Table, fold: Prepared, prediction: Prediction) -> dict[str, float]:
    """Return the metrics on the outer test rows; none if there are no such rows."""
    rows = fold.fold.test
    if not rows.size:
        return {}
    start = len(fold.fold.validation)
    return score(table.task, table.metrics, table.target[rows], prediction.rows(slice(start, None)))


def mean(metrics: Sequence[str], folds: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean over folds of every metric that all folds have; raise ValueError if the primary one is missing.

    A mean over some of the folds would compare configurations on different rows.
    """
    means = {name: float(np.mean([each[name] for each in folds])) for name in metrics if all(name in f for f in folds)}
    if metrics[0] not in means:
        raise ValueError(f"metric {metrics[0]} is undefined where validation rows hold a single class or value")
    return means


def final(table: Table, folds: Sequence[Prepared], predictions: Sequence[Prediction]) -> dict[str, float]:
    """Return the final metrics: NAME (mean over folds), NAME/fold/I (validation) and NAME/test/I (outer test rows)."""
    pairs = list(zip(folds, predictions, strict=True))
    validations = [validation(table, fold, prediction) for fold, prediction in pairs]
    named = mean(table.metrics, validations)
    for number, ((fold, prediction), values) in enumerate(zip(pairs, validations, strict=True)):
        named |= {f"{name}/fold/{number}": value for name, value in values.items()}
        named |= {f"{name}/test/{number}": value for name, value in test(table, fold, prediction).items()}
    return named
