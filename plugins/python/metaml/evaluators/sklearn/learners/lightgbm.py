"""LightGBM (Ke et al. 2017)."""

from typing import Any

import lightgbm
import numpy as np

from metaml.evaluators.sklearn.iterations import BOOSTER_GRID
from metaml.evaluators.sklearn.learners.contract import Grower, Parameters, Portable, Setting, of_margins
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction
from metaml.evaluators.sklearn.table import Floats

GRID = BOOSTER_GRID


def make(parameters: Parameters, setting: Setting) -> Grower:
    """Return a booster of the leaf-wise kind."""
    return _LightGBM(parameters, setting)


class _LightGBM:
    """Sums margins stage by stage, so that every tree predicts once."""

    def __init__(self, parameters: Parameters, setting: Setting) -> None:
        self._setting = setting
        self._parameters = {
            **parameters,
            "bagging_freq": int(parameters["bagging_fraction"] < 1),
            "seed": setting.seed,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }
        self._grown = 0
        self._finished = False

    def start(self, fold: Prepared) -> None:
        """Bin the training rows."""
        objective: dict[str, Any]
        if not self._setting.classification:
            objective = {"objective": "regression"}
        elif len(fold.classes) == 2:
            objective = {"objective": "binary"}
        else:
            objective = {"objective": "multiclass", "num_class": len(fold.classes)}
        parameters = self._parameters | objective
        data = lightgbm.Dataset(fold.matrix, fold.target, weight=fold.weight, params=parameters)
        self._booster = lightgbm.Booster(parameters, data)
        self._margins: Floats | None = None
        self._summed = 0

    def grow(self, iterations: int) -> None:
        """Add trees; no more once a tree finds nothing to split."""
        while self._grown < iterations and not self._finished:
            self._finished = self._booster.update()
            self._grown += 1

    def predict(self, fold: Prepared) -> Prediction:
        """Predict from the sum of margins."""
        trees = self._booster.current_iteration()
        if trees > self._summed or self._margins is None:
            added = self._booster.predict(
                fold.held_out, start_iteration=self._summed, num_iteration=trees - self._summed, raw_score=True
            )
            self._margins = np.asarray(added) if self._margins is None else self._margins + added
            self._summed = trees
        return of_margins(self._margins) if self._setting.classification else Prediction(self._margins)

    def portable(self) -> Portable:
        """Return the booster, which is saved without the rows."""
        return {"kind": "booster", "booster": self._booster}
