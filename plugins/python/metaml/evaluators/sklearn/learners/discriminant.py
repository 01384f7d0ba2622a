"""Linear and quadratic discriminant analysis."""

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting
from metaml.evaluators.sklearn.preparation import Prepared


def make_linear(parameters: Parameters, setting: Setting) -> Learner:
    """Return linear discriminant analysis with a shrunken covariance."""
    return _Discriminant(LinearDiscriminantAnalysis(solver="lsqr", shrinkage=float(parameters["shrinkage"])), setting)


def make_quadratic(parameters: Parameters, setting: Setting) -> Learner:
    """Return quadratic discriminant analysis with regularised covariances."""
    return _Discriminant(QuadraticDiscriminantAnalysis(reg_param=float(parameters["reg_param"])), setting)


class _Discriminant(Estimator):
    """Takes balanced class weights as equal priors, since it knows no row weights."""

    def fit(self, fold: Prepared) -> None:
        """Learn from the fold's training rows."""
        if fold.weight is not None:
            self._estimator.set_params(priors=np.full(len(fold.classes), 1 / len(fold.classes)))
        self._estimator.fit(fold.matrix, fold.target)
