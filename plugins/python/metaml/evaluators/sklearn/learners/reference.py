"""Points of reference outside the search space: scikit-learn's ensembles exactly as it ships them."""

from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting


def make_forest(parameters: Parameters, setting: Setting) -> Learner:
    """Return the default random forest; it takes no parameters."""
    kind = RandomForestClassifier if setting.classification else RandomForestRegressor
    return Estimator(kind(random_state=setting.seed, **parameters), setting)


def make_boosting(parameters: Parameters, setting: Setting) -> Learner:
    """Return the default histogram gradient boosting; it takes no parameters."""
    kind = HistGradientBoostingClassifier if setting.classification else HistGradientBoostingRegressor
    return Estimator(kind(random_state=setting.seed, **parameters), setting)
