"""Random forests (Breiman 2001) and extremely randomised trees (Geurts et al. 2006)."""

from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting

TREES = 200


def make_random(parameters: Parameters, setting: Setting) -> Learner:
    """Return a random forest."""
    kind = RandomForestClassifier if setting.classification else RandomForestRegressor
    return Estimator(kind(**_options(parameters, setting)), setting)


def make_extra(parameters: Parameters, setting: Setting) -> Learner:
    """Return extremely randomised trees."""
    kind = ExtraTreesClassifier if setting.classification else ExtraTreesRegressor
    return Estimator(kind(**_options(parameters, setting)), setting)


def _options(parameters: Parameters, setting: Setting) -> dict[str, Any]:
    """Return the forest's options; max_features is a share even where it is written 1, not a number of columns."""
    share = float(parameters["max_features"])
    return {**parameters, "max_features": share, "n_estimators": TREES, "random_state": setting.seed}
