"""Logistic regression, and ridge, lasso and elastic net, all under one strength C of the data against the penalty.

The classifier minimises C sum log-loss + penalty, the regressor C/2 sum squares + penalty on the standardised target;
the penalty is |w|^2/2 (l2), |w|_1 (l1) or their mean (elastic_net).
"""

from typing import Any

from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting, Standardised
from metaml.evaluators.sklearn.preparation import Prepared

_L1_RATIO = {"l2": 0.0, "l1": 1.0, "elastic_net": 0.5}
_ITERATIONS = 200
_TOLERANCE = 1e-3


def make(parameters: Parameters, setting: Setting) -> Learner:
    """Return a regularised linear model."""
    strength, ratio = float(parameters["C"]), _L1_RATIO[parameters["penalty"]]
    if setting.classification:
        return Estimator(_classifier(strength, ratio, setting.seed), setting)
    return Standardised(_Regression(strength, ratio, setting))


def _classifier(strength: float, ratio: float, seed: int) -> Any:
    solver = "lbfgs" if ratio == 0 else "saga"
    tolerance = 1e-4 if ratio == 0 else _TOLERANCE
    return LogisticRegression(
        C=strength, l1_ratio=ratio, solver=solver, max_iter=_ITERATIONS, tol=tolerance, random_state=seed
    )


class _Regression(Estimator):
    """Least squares with the penalty, whose strength in scikit-learn's terms depends on the number of rows."""

    def __init__(self, strength: float, ratio: float, setting: Setting) -> None:
        super().__init__(None, setting)
        self._strength, self._ratio, self._seed = strength, ratio, setting.seed

    def fit(self, fold: Prepared) -> None:
        """Learn from the fold's training rows."""
        if self._ratio == 0:
            self._estimator = Ridge(1 / self._strength)
        else:
            alpha = 1 / (self._strength * len(fold.matrix))
            self._estimator = ElasticNet(alpha, l1_ratio=self._ratio, tol=_TOLERANCE)
        super().fit(fold)
