"""The worker module: loads tables and evaluates configurations, in the process that is forked per trial."""

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from metaml.evaluators.sklearn import measuring
from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.iterations import PATIENCE, stages
from metaml.evaluators.sklearn.learners.catalogue import GROWERS, LEARNERS
from metaml.evaluators.sklearn.learners.contract import Constant, Grower, Parameters, Setting
from metaml.evaluators.sklearn.preparation import Prepared, prepare
from metaml.evaluators.sklearn.scoring import Prediction
from metaml.evaluators.sklearn.table import Table, read
from metaml.sdk.contract import Trial
from metaml.sdk.study import Config, Suggestion

NEED_PROBABILITIES = {"log_loss", "brier"}

sklearn.set_config(assume_finite=True)  # prepare() leaves nothing missing


def load(path: Path, protocol: Mapping[str, Any]) -> Table:
    """Read a staged table."""
    return read(path, protocol, METRICS)


def evaluate(table: Table, suggestion: Suggestion, trial: Trial) -> dict[str, float]:
    """Return the final metrics of a suggestion by cross-validation on the table."""
    warnings.simplefilter("ignore")  # a model that has not converged is a result like any other
    return Evaluation(table, suggestion, trial).run()


class Evaluation:
    """One evaluation."""

    def __init__(self, table: Table, suggestion: Suggestion, trial: Trial) -> None:
        self._table = table
        self._config: Config = suggestion.config
        self._fidelity = suggestion.fidelity
        self._trial = trial
        seeds = np.random.SeedSequence(suggestion.seed).generate_state(len(table.folds))
        self._seeds = [int(seed) >> 1 for seed in seeds]  # the libraries' seeds have 31 bits

    def run(self) -> dict[str, float]:
        """Return the final metrics."""
        name = str(self._config["learner"])
        parameters = {key.removeprefix(f"{name}."): v for key, v in self._config.items() if key.startswith(f"{name}.")}
        if name in GROWERS:
            return self._grow(name, parameters)
        if name not in LEARNERS:
            raise ValueError(f"learner {name!r} does not exist")
        folds, predictions = [], []
        for number, fold in enumerate(self._prepared()):
            learner = Constant() if self._trivial(fold) else LEARNERS[name](parameters, self._setting(number))
            with self._trial.fitting(f"fold {number}"):
                learner.fit(fold)
            with self._trial.predicting():
                predictions.append(measuring.over_all_classes(learner.predict(fold), fold, self._table))
            folds.append(fold)
        return measuring.final(self._table, folds, predictions)

    def _grow(self, name: str, parameters: Parameters) -> dict[str, float]:
        """Grow the models of all folds side by side and keep the stage of the best mean primary metric.

        The number of iterations is thus chosen for all folds together, as in lightgbm.cv: chosen per fold, each would
        fit its own validation rows. It ends after stages without improvement (see :mod:`.iterations`).
        """
        growing = GROWERS[name]
        folds = list(self._prepared())
        growers: list[Grower] = []
        for number, fold in enumerate(folds):
            grower = Constant() if self._trivial(fold) else growing.make(parameters, self._setting(number))
            with self._trial.fitting(f"fold {number}"):
                grower.start(fold)
            growers.append(grower)
        primary = self._table.metrics[0]
        sign = 1.0 if METRICS[self._table.task][primary] else -1.0
        grid = stages(growing.grid, self._fidelity.get("iterations"))
        best: tuple[float, int, list[Prediction]] | None = None
        since = 0
        for step, iterations in enumerate(grid, start=1):
            predictions = self._stage(growers, folds, iterations)
            metrics = measuring.mean(
                self._table.metrics,
                [measuring.validation(self._table, f, p) for f, p in zip(folds, predictions, strict=True)],
            )
            since += 1
            if best is None or sign * metrics[primary] > best[0]:
                best, since = (sign * metrics[primary], iterations, predictions), 0
            fidelity = self._fidelity | {"iterations": float(iterations)}
            if self._trial.report(step, len(grid), fidelity, metrics) or since == PATIENCE:
                break
        assert best is not None
        return measuring.final(self._table, folds, best[2]) | {"iterations": float(best[1])}

    def _stage(self, growers: list[Grower], folds: list[Prepared], iterations: int) -> list[Prediction]:
        """Grow every fold's model to that many iterations and return its predictions."""
        predictions = []
        for number, (grower, fold) in enumerate(zip(growers, folds, strict=True)):
            with self._trial.fitting(f"fold {number}"):
                grower.grow(iterations)
            with self._trial.predicting():
                predictions.append(measuring.over_all_classes(grower.predict(fold), fold, self._table))
        return predictions

    def _prepared(self) -> Iterator[Prepared]:
        """Yield the folds, each with its steps before the learner fitted."""
        fraction = self._fidelity.get("rows", 1.0)
        if not 0 < fraction <= 1:
            raise ValueError(f"fidelity rows is {fraction:g}, not in (0, 1]")
        for number, fold in enumerate(self._table.folds):
            with self._trial.fitting(f"fold {number}"):
                prepared = prepare(self._table, fold, self._config, fraction, number)
            yield prepared

    def _setting(self, fold: int) -> Setting:
        return Setting(
            classification=self._table.task == "classification",
            calibrated=not NEED_PROBABILITIES.isdisjoint(self._table.metrics),
            seed=self._seeds[fold],
        )

    def _trivial(self, fold: Prepared) -> bool:
        """Tell whether the fold's training rows have a single class."""
        return self._table.task == "classification" and len(fold.classes) == 1
