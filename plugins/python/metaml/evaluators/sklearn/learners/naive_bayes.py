"""Gaussian naive Bayes."""

from sklearn.naive_bayes import GaussianNB

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting


def make(parameters: Parameters, setting: Setting) -> Learner:
    """Return naive Bayes with normal densities."""
    return Estimator(GaussianNB(**parameters), setting)
