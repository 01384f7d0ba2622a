"""Predictions and the metrics of the protocol, by the definitions of scikit-learn but without its overhead."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from metaml.evaluators.sklearn.table import Floats, Ints

_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class Prediction:
    """Predictions for some rows.

    For regression values holds one per row. For classification it holds a score per row and class, of which the
    highest is the predicted class, and probabilities their probabilities (often the same array).
    """

    values: Floats
    probabilities: Floats | None = None

    def rows(self, part: slice) -> "Prediction":
        """Return the predictions of some of the rows."""
        return Prediction(self.values[part], None if self.probabilities is None else self.probabilities[part])


def score(task: str, metrics: tuple[str, ...], target: Floats, prediction: Prediction) -> dict[str, float]:
    """Return the metrics that are defined on these rows: roc_auc needs two classes, r2 and spearman two values."""
    if task == "classification":
        values = _classification(metrics, target.astype(np.int64), prediction)
    else:
        values = _regression(metrics, target, prediction.values)
    return {name: value for name, value in values.items() if value is not None}


def _classification(metrics: tuple[str, ...], target: Ints, prediction: Prediction) -> dict[str, float | None]:
    scores, probabilities = prediction.values, prediction.probabilities
    classes = scores.shape[1]
    predicted = scores.argmax(axis=1)
    counts = np.bincount(target * classes + predicted, minlength=classes * classes)
    confusion = counts.reshape(classes, classes).astype(np.float64)
    values: dict[str, float | None] = {}
    for name in metrics:
        if name == "roc_auc":
            values[name] = _roc_auc(target, scores)
        elif name in _OF_CONFUSION:
            values[name] = _OF_CONFUSION[name](confusion)
        elif probabilities is not None:
            values[name] = _OF_PROBABILITIES[name](target, probabilities)
    return values


def _balanced_accuracy(confusion: Floats) -> float:
    """Return the mean recall of the classes that occur."""
    rows = confusion.sum(axis=1)
    return float(np.mean(confusion.diagonal()[rows > 0] / rows[rows > 0]))


def _accuracy(confusion: Floats) -> float:
    return float(confusion.trace() / confusion.sum())


def _f1_macro(confusion: Floats) -> float:
    """Return the mean F1 of the classes that occur or are predicted."""
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(2 * confusion.diagonal()[total > 0] / total[total > 0]))


def _mcc(confusion: Floats) -> float:
    """Return Matthews' correlation coefficient (Gorodkin 2004 for many classes), 0 where it is undefined."""
    actual, predicted, total = confusion.sum(axis=1), confusion.sum(axis=0), confusion.sum()
    covariance = confusion.trace() * total - actual @ predicted
    spread = (total**2 - actual @ actual) * (total**2 - predicted @ predicted)
    return float(covariance / np.sqrt(spread)) if spread > 0 else 0.0


def _roc_auc(target: Ints, scores: Floats) -> float | None:
    """Return the mean over occurring classes of the area under the curve of that class against the rest."""
    present = np.unique(target)
    if len(present) < 2:
        return None
    if scores.shape[1] == 2:
        present = present[1:]  # one curve mirrors the other
    areas = []
    for label in present:
        positive = target == label
        count = int(positive.sum())
        ranks = rankdata(scores[:, label])[positive].sum()
        areas.append((ranks - count * (count + 1) / 2) / (count * (len(target) - count)))
    return float(np.mean(areas))


def _log_loss(target: Ints, probabilities: Floats) -> float:
    """Return the mean negative log-probability of the true class, probabilities clipped to 1e-15."""
    chosen = probabilities[np.arange(len(target)), target] / probabilities.sum(axis=1)
    return float(-np.mean(np.log(np.clip(chosen, _LEAST_PROBABILITY, 1.0))))


def _brier(target: Ints, probabilities: Floats) -> float:
    """Return the mean squared distance to the indicator of the true class; half of it for two classes."""
    distance = probabilities.copy()
    distance[np.arange(len(target)), target] -= 1.0
    return float(np.mean(np.sum(distance**2, axis=1)) / (2 if probabilities.shape[1] == 2 else 1))


_OF_CONFUSION = {
    "balanced_accuracy": _balanced_accuracy,
    "accuracy": _accuracy,
    "f1_macro": _f1_macro,
    "mcc": _mcc,
}
_OF_PROBABILITIES = {"log_loss": _log_loss, "brier": _brier}


def _regression(metrics: tuple[str, ...], target: Floats, values: Floats) -> dict[str, float | None]:
    return {name: _OF_VALUES[name](target, values) for name in metrics}


def _rmse(target: Floats, values: Floats) -> float:
    return float(np.sqrt(np.mean((target - values) ** 2)))


def _mae(target: Floats, values: Floats) -> float:
    return float(np.mean(np.abs(target - values)))


def _r2(target: Floats, values: Floats) -> float | None:
    total = np.sum((target - target.mean()) ** 2)
    return float(1 - np.sum((target - values) ** 2) / total) if total > 0 else None


def _median_absolute_error(target: Floats, values: Floats) -> float:
    return float(np.median(np.abs(target - values)))


def _max_error(target: Floats, values: Floats) -> float:
    return float(np.max(np.abs(target - values)))


def _spearman(target: Floats, values: Floats) -> float | None:
    """Return the rank correlation; 0 for constant predictions, which order nothing."""
    ranks = [rankdata(each) - (len(target) + 1) / 2 for each in (target, values)]
    spread = [float(np.sqrt(each @ each)) for each in ranks]
    if spread[0] == 0:
        return None
    return float(ranks[0] @ ranks[1] / (spread[0] * spread[1])) if spread[1] > 0 else 0.0


_OF_VALUES = {
    "rmse": _rmse,
    "mae": _mae,
    "r2": _r2,
    "median_absolute_error": _median_absolute_error,
    "max_error": _max_error,
    "spearman": _spearman,
}
