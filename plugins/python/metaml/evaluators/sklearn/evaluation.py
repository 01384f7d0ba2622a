"""One evaluation: its folds, the learners made for them, and what they predict."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import numpy as np

from metaml.evaluators.sklearn import measuring
from metaml.evaluators.sklearn.learners.contract import Constant, Parameters, Setting
from metaml.evaluators.sklearn.preparation import Prepared, prepare
from metaml.evaluators.sklearn.scoring import Prediction
from metaml.evaluators.sklearn.table import Table
from metaml.sdk.contract import Trial
from metaml.sdk.study import Suggestion

_NEED_PROBABILITIES = {"log_loss", "brier"}

Made = TypeVar("Made")


class Predicts(Protocol):
    """Anything that predicts a fold's held-out rows."""

    def predict(self, fold: Prepared) -> Prediction:
        """Predict them over the fold's classes."""


class Evaluation:
    """What a suggestion asks for on a table. Everything random comes from the suggestion's seed."""

    def __init__(self, table: Table, suggestion: Suggestion, trial: Trial) -> None:
        self.table = table
        self.fidelity = suggestion.fidelity
        self.trial = trial
        self.learner = str(suggestion.config["learner"])
        self._config = suggestion.config
        seeds = np.random.SeedSequence(suggestion.seed).generate_state(len(table.folds))
        self._seeds = [int(seed) >> 1 for seed in seeds]  # the libraries' seeds have 31 bits

    def folds(self) -> Iterator[Prepared]:
        """Yield the folds, each with its steps before the learner fitted."""
        fraction = self.fidelity.get("rows", 1.0)
        if not 0 < fraction <= 1:
            raise ValueError(f"fidelity rows is {fraction:g}, not in (0, 1]")
        for number, fold in enumerate(self.table.folds):
            with self.fitting(number):
                prepared = prepare(self.table, fold, self._config, fraction, number)
            yield prepared

    def make(self, maker: Callable[[Parameters, Setting], Made], fold: Prepared, number: int) -> Made | Constant:
        """Return the learner for a fold, which is a constant if there is one class to learn from."""
        classification = self.table.task == "classification"
        if classification and len(fold.classes) == 1:
            return Constant()
        prefix = f"{self.learner}."
        parameters = {k.removeprefix(prefix): value for k, value in self._config.items() if k.startswith(prefix)}
        calibrated = not _NEED_PROBABILITIES.isdisjoint(self.table.metrics)
        return maker(parameters, Setting(classification, calibrated, self._seeds[number]))

    def fitting(self, number: int) -> AbstractContextManager[None]:
        """Time what happens inside as fitting a fold's model, under the fit limit."""
        return self.trial.fitting(f"fold {number}")

    def predict(self, learner: Predicts, fold: Prepared) -> Prediction:
        """Return predictions of a fold's held-out rows, over the table's classes."""
        with self.trial.predicting():
            return measuring.over_all_classes(learner.predict(fold), fold, self.table)
