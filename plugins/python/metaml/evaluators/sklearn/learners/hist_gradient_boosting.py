"""scikit-learn's histogram gradient boosting."""

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from metaml.evaluators.sklearn.iterations import BOOSTER_GRID
from metaml.evaluators.sklearn.learners.contract import Grower, Parameters, Portable, Setting, predict
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction

GRID = BOOSTER_GRID


def make(parameters: Parameters, setting: Setting) -> Grower:
    """Return a booster of scikit-learn."""
    return _HistGradientBoosting(parameters, setting)


class _HistGradientBoosting:
    """Grows by warm starts."""

    def __init__(self, parameters: Parameters, setting: Setting) -> None:
        self._classification = setting.classification
        kind = HistGradientBoostingClassifier if setting.classification else HistGradientBoostingRegressor
        self._estimator = kind(
            **parameters, early_stopping=False, warm_start=True, random_state=setting.seed, categorical_features=None
        )

    def start(self, fold: Prepared) -> None:
        """Keep the training rows."""
        self._fold = fold

    def grow(self, iterations: int) -> None:
        """Add trees."""
        self._estimator.set_params(max_iter=iterations)
        self._estimator.fit(self._fold.matrix, self._fold.target, sample_weight=self._fold.weight)

    def predict(self, fold: Prepared) -> Prediction:
        """Predict with the trees so far."""
        return predict(self._estimator, fold.held_out, self._classification)

    def portable(self) -> Portable:
        """Return the estimator."""
        return {"kind": "estimator", "estimator": self._estimator}
