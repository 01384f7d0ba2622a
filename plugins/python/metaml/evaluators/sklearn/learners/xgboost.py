"""XGBoost (Chen and Guestrin 2016) with histograms."""

from typing import Any

import numpy as np
import xgboost

from metaml.evaluators.sklearn.iterations import BOOSTER_GRID
from metaml.evaluators.sklearn.learners.contract import Grower, Parameters, Portable, Setting, of_margins
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction

GRID = BOOSTER_GRID


def make(parameters: Parameters, setting: Setting) -> Grower:
    """Return a booster of the depth-wise kind."""
    return _XGBoost(parameters, setting)


class _XGBoost:
    """The booster knows the held-out rows from the start, so that it predicts only with trees added since.

    XGBoost has one random generator per process, so that the models of folds that grow side by side draw in turns: the
    same every time, but not what each would draw alone.
    """

    def __init__(self, parameters: Parameters, setting: Setting) -> None:
        self._setting = setting
        self._parameters = {**parameters, "tree_method": "hist", "seed": setting.seed, "verbosity": 0}
        self._grown = 0

    def start(self, fold: Prepared) -> None:
        """Hand the rows over."""
        objective: dict[str, Any]
        if not self._setting.classification:
            objective = {"objective": "reg:squarederror"}
        elif len(fold.classes) == 2:
            objective = {"objective": "binary:logistic"}
        else:
            objective = {"objective": "multi:softprob", "num_class": len(fold.classes)}
        self._data = xgboost.DMatrix(fold.matrix, fold.target, weight=fold.weight)
        self._held_out = xgboost.DMatrix(fold.held_out)
        self._booster = xgboost.Booster(self._parameters | objective, cache=[self._data, self._held_out])

    def grow(self, iterations: int) -> None:
        """Add trees."""
        for iteration in range(self._grown, iterations):
            self._booster.update(self._data, iteration)
        self._grown = max(self._grown, iterations)

    def predict(self, fold: Prepared) -> Prediction:
        """Predict with the trees so far."""
        margins = self._booster.predict(self._held_out, output_margin=True).astype(np.float64)
        return of_margins(margins) if self._setting.classification else Prediction(margins)

    def portable(self) -> Portable:
        """Return the booster, which is saved without the rows."""
        return {"kind": "booster", "booster": self._booster}
