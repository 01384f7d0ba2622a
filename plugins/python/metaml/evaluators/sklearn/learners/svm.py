"""Support vector machines with the Gaussian kernel; above 3,000 rows linear ones on Nystroem's features."""

from typing import Any

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR

from metaml.evaluators.sklearn.learners.contract import Learner, Parameters, Portable, Setting, Standardised
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction
from metaml.evaluators.sklearn.table import Floats

MOST_EXACT_ROWS = 3000
LANDMARKS = 500
_CALIBRATION_FOLDS = 3


def make(parameters: Parameters, setting: Setting) -> Learner:
    """Return a support vector machine; gamma_factor is relative to 1 / (columns x variance of the matrix)."""
    machine = _Machine(float(parameters["C"]), float(parameters["gamma_factor"]), setting)
    return machine if setting.classification else Standardised(machine)


class _Machine:
    """The machine, and where probabilities are asked for, a logistic regression on its cross-validated decisions.

    Decisions on rows that the machine was fitted to would make the probabilities far too certain (Platt 1999).
    """

    def __init__(self, strength: float, factor: float, setting: Setting) -> None:
        self._strength, self._factor, self._setting = strength, factor, setting
        self._machine: Any = None
        self._calibration: Any = None

    def fit(self, fold: Prepared) -> None:
        """Learn from the fold's training rows."""
        gamma = self._factor / (fold.matrix.shape[1] * (fold.matrix.var() or 1.0))
        self._machine = self._fitted(gamma, fold.matrix, fold.target, fold.weight)
        if self._setting.classification and self._setting.calibrated:
            decisions = self._cross_decisions(gamma, fold)
            self._calibration = LogisticRegression().fit(decisions, fold.target, sample_weight=fold.weight)

    def predict(self, fold: Prepared) -> Prediction:
        """Predict the fold's held-out rows."""
        if not self._setting.classification:
            return Prediction(self._machine.predict(fold.held_out))
        decisions = _decisions(self._machine, fold.held_out)
        if self._calibration is None:
            return Prediction(decisions)
        return Prediction(decisions, self._calibration.predict_proba(decisions))

    def portable(self) -> Portable:
        """Return the machine and its calibration."""
        if not self._setting.classification:
            return {"kind": "estimator", "estimator": self._machine}
        return {"kind": "decisions", "estimator": self._machine, "calibration": self._calibration}

    def _fitted(self, gamma: float, matrix: Floats, target: Floats, weight: Floats | None) -> Any:
        if len(matrix) <= MOST_EXACT_ROWS:
            exact = SVC if self._setting.classification else SVR
            return exact(C=self._strength, gamma=gamma).fit(matrix, target, sample_weight=weight)
        seed = self._setting.seed
        linear = LinearSVC if self._setting.classification else LinearSVR
        machine = linear(C=self._strength, dual="auto", random_state=seed)
        kernel = Nystroem(gamma=gamma, n_components=LANDMARKS, random_state=seed)
        pipeline = make_pipeline(kernel, machine)
        return pipeline.fit(matrix, target, **{f"{linear.__name__.lower()}__sample_weight": weight})

    def _cross_decisions(self, gamma: float, fold: Prepared) -> Floats:
        """Return the decisions on every training row by a machine that did not see it."""
        folds = min(_CALIBRATION_FOLDS, int(np.bincount(fold.target.astype(np.int64)).min()))
        if folds < 2:
            return _decisions(self._machine, fold.matrix)
        decisions = np.empty((len(fold.matrix), len(fold.classes)))
        split = StratifiedKFold(folds, shuffle=True, random_state=self._setting.seed)
        for train, rest in split.split(fold.matrix, fold.target):
            weight = None if fold.weight is None else fold.weight[train]
            machine = self._fitted(gamma, fold.matrix[train], fold.target[train], weight)
            decisions[rest] = _decisions(machine, fold.matrix[rest])
        return decisions


def _decisions(machine: Any, matrix: Floats) -> Floats:
    """Return a decision per row and class, the highest of which is the predicted class."""
    decisions = machine.decision_function(matrix)
    return np.column_stack([-decisions, decisions]) if decisions.ndim == 1 else np.asarray(decisions)
