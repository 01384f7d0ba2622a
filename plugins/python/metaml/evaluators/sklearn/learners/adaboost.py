"""AdaBoost (Freund and Schapire 1997; SAMME, Drucker's R2 for regression) of decision trees."""

from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting

TREES = 50


def make(parameters: Parameters, setting: Setting) -> Learner:
    """Return boosted trees of a small depth."""
    kind, base = AdaBoostRegressor, DecisionTreeRegressor
    if setting.classification:
        kind, base = AdaBoostClassifier, DecisionTreeClassifier
    tree = base(max_depth=parameters["max_depth"])
    rate = parameters["learning_rate"]
    return Estimator(kind(tree, n_estimators=TREES, learning_rate=rate, random_state=setting.seed), setting)
