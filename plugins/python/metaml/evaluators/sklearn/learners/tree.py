"""A single decision tree (CART)."""

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting


def make(parameters: Parameters, setting: Setting) -> Learner:
    """Return a decision tree."""
    kind = DecisionTreeClassifier if setting.classification else DecisionTreeRegressor
    return Estimator(kind(**parameters, random_state=setting.seed), setting)
