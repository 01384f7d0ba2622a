"""Fits a configuration's whole pipeline on all rows of a table."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import sklearn

from metaml.evaluators.sklearn import growth
from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.evaluation import Evaluation
from metaml.evaluators.sklearn.learners.catalogue import GROWERS, LEARNERS, REFERENCES
from metaml.evaluators.sklearn.learners.contract import Constant, Grower, Learner
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction
from metaml.evaluators.sklearn.table import Floats, Fold, Table
from metaml.sdk.study import Config, Suggestion

CHECKED_ROWS = 500
"""Rows on which the saved model must predict what the fitted one does."""

sklearn.set_config(assume_finite=True)  # preparation leaves nothing missing


@dataclass(frozen=True)
class Fitted:
    """A pipeline fitted on all rows; iterations is 0 for a learner that does not grow.

    columns are some of the table's rows (features x rows), and prediction is what the pipeline predicts for them.
    """

    config: Config
    seed: int
    prepared: Prepared
    learner: Learner | Grower | Constant
    iterations: int
    columns: Floats
    prediction: Prediction


class _Unlimited:
    """A trial without limits, of which nobody hears."""

    def fitting(self, model: str = "") -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()

    def predicting(self) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()

    def report(self, step: int, steps: int, fidelity: Mapping[str, float], metrics: Mapping[str, float]) -> bool:
        """Go on."""
        return False


def fit(table: Table, config: Config, seed: int, iterations: int = 0) -> Fitted:
    """Fit a configuration on all rows, the outer test rows too; 0 iterations means those that are best by the folds."""
    name = str(config["learner"])
    if name in GROWERS and not iterations:
        iterations = best_iterations(table, config, seed)
    rows = np.unique(np.linspace(0, len(table.target) - 1, min(CHECKED_ROWS, len(table.target))).astype(np.int64))
    everything = Fold(np.arange(len(table.target)), rows, np.zeros(0, dtype=np.int64))
    # All metrics are asked for, so that every classifier learns to give probabilities.
    whole = replace(table, folds=(everything,), metrics=tuple(METRICS[table.task]))
    evaluation = Evaluation(whole, Suggestion(0, config, seed=seed), _Unlimited())
    (prepared,) = evaluation.folds()
    learner: Learner | Grower | Constant
    if name in GROWERS:
        grower = learner = evaluation.make(GROWERS[name].make, prepared, 0)
        grower.start(prepared)
        grower.grow(iterations)
    elif name in LEARNERS | REFERENCES:
        iterations = 0
        at_once = learner = evaluation.make((LEARNERS | REFERENCES)[name], prepared, 0)
        at_once.fit(prepared)
    else:
        raise ValueError(f"learner {name!r} does not exist")
    prediction = learner.predict(prepared)
    return Fitted(config, seed, prepared, learner, iterations, table.columns[:, rows], prediction)


def best_iterations(table: Table, config: Config, seed: int) -> int:
    """Return the number of iterations that an evaluation of the configuration with all fidelities at most chooses."""
    evaluation = Evaluation(table, Suggestion(0, config, seed=seed), _Unlimited())
    return int(growth.run(evaluation, GROWERS[str(config["learner"])])["iterations"])
