"""What the evaluator asks of a learner, and the plainest ways to give it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction
from metaml.evaluators.sklearn.table import Floats

Parameters = Mapping[str, Any]
"""A learner's hyperparameters, without its name before them."""
Portable = dict[str, Any]
"""What predict.py predicts by, where metaml is not installed: "kind" says how, the rest are estimators and numbers."""


@dataclass(frozen=True)
class Setting:
    """What a learner is made for. calibrated: the metrics need probabilities, not just scores that order."""

    classification: bool
    calibrated: bool
    seed: int


class Learner(Protocol):
    """Learns in one go."""

    def fit(self, fold: Prepared) -> None:
        """Learn from the fold's training rows."""

    def predict(self, fold: Prepared) -> Prediction:
        """Predict the fold's held-out rows, over the fold's classes."""

    def portable(self) -> Portable:
        """Return what is learnt."""


class Grower(Protocol):
    """Learns in iterations, and can predict after any of them."""

    def start(self, fold: Prepared) -> None:
        """Get ready to learn from the fold's training rows."""

    def grow(self, iterations: int) -> None:
        """Go on until that many iterations are done in all; fewer if there is nothing left to learn."""

    def predict(self, fold: Prepared) -> Prediction:
        """Predict the fold's held-out rows with what is learnt so far."""

    def portable(self) -> Portable:
        """Return what is learnt so far."""


class Estimator:
    """A learner over an estimator of scikit-learn; weighted tells whether it takes row weights."""

    def __init__(self, estimator: Any, setting: Setting, weighted: bool = True) -> None:
        self._estimator = estimator
        self._classification = setting.classification
        self._weighted = weighted

    def fit(self, fold: Prepared) -> None:
        """Learn from the fold's training rows."""
        if fold.weight is not None and self._weighted:
            self._estimator.fit(fold.matrix, fold.target, sample_weight=fold.weight)
        else:
            self._estimator.fit(fold.matrix, fold.target)

    def predict(self, fold: Prepared) -> Prediction:
        """Predict the fold's held-out rows."""
        return predict(self._estimator, fold.held_out, self._classification)

    def portable(self) -> Portable:
        """Return the estimator."""
        return {"kind": "estimator", "estimator": self._estimator}


class Constant:
    """Predicts the only class that the training rows have; fits both ways of learning."""

    def fit(self, fold: Prepared) -> None:
        """Do nothing."""

    def start(self, fold: Prepared) -> None:
        """Do nothing."""

    def grow(self, iterations: int) -> None:
        """Do nothing."""

    def predict(self, fold: Prepared) -> Prediction:
        """Predict the class with certainty."""
        ones = np.ones((len(fold.held_out), 1))
        return Prediction(ones, ones)

    def portable(self) -> Portable:
        """Return that it is constant."""
        return {"kind": "constant"}


class Standardised:
    """A learner of regression that sees the target with mean 0 and deviation 1; predictions are mapped back."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._shift, self._scale = 0.0, 1.0

    def fit(self, fold: Prepared) -> None:
        """Learn from the fold's training rows."""
        self._shift, self._scale = location(fold.target)
        target = (fold.target - self._shift) / self._scale
        self._learner.fit(replace(fold, target=target))

    def predict(self, fold: Prepared) -> Prediction:
        """Predict the fold's held-out rows in the target's own units."""
        return Prediction(self._learner.predict(fold).values * self._scale + self._shift)

    def portable(self) -> Portable:
        """Return the learner's, with how predictions are mapped back."""
        return self._learner.portable() | {"scale": self._scale, "shift": self._shift}


def location(target: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of the target, 1 for a constant one."""
    return float(target.mean()), float(target.std()) or 1.0


def predict(estimator: Any, matrix: Floats, classification: bool) -> Prediction:
    """Return the predictions of a fitted estimator of scikit-learn."""
    if not classification:
        return Prediction(np.asarray(estimator.predict(matrix), dtype=np.float64).ravel())
    probabilities = np.asarray(estimator.predict_proba(matrix), dtype=np.float64)
    return Prediction(probabilities, probabilities)


def of_margins(margins: Floats) -> Prediction:
    """Return the predictions of a booster's margins: one column for two classes, else one per class."""
    if margins.ndim == 1:
        margins = np.column_stack([np.zeros(len(margins)), margins])
    exponents = np.exp(margins - margins.max(axis=1, keepdims=True))
    probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    return Prediction(probabilities, probabilities)
