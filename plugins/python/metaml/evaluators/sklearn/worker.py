"""The worker module: loads tables and evaluates configurations, in the process that is forked per trial."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sklearn

from metaml.evaluators.sklearn import growth, measuring
from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.evaluation import Evaluation
from metaml.evaluators.sklearn.learners.catalogue import GROWERS, LEARNERS, REFERENCES
from metaml.evaluators.sklearn.table import Table, read
from metaml.sdk.contract import Trial
from metaml.sdk.study import Suggestion

sklearn.set_config(assume_finite=True)  # preparation leaves nothing missing


def load(path: Path, protocol: Mapping[str, Any]) -> Table:
    """Read a staged table."""
    return read(path, protocol, METRICS)


def evaluate(table: Table, suggestion: Suggestion, trial: Trial) -> dict[str, float]:
    """Return the final metrics of a suggestion by cross-validation on the table."""
    warnings.simplefilter("ignore")  # a model that has not converged is a result like any other
    evaluation = Evaluation(table, suggestion, trial)
    if evaluation.learner in GROWERS:
        return growth.run(evaluation, GROWERS[evaluation.learner])
    if evaluation.learner in LEARNERS | REFERENCES:
        return _fit_at_once(evaluation)
    raise ValueError(f"learner {evaluation.learner!r} does not exist")


def _fit_at_once(evaluation: Evaluation) -> dict[str, float]:
    """Fit and measure fold by fold."""
    make = (LEARNERS | REFERENCES)[evaluation.learner]
    folds, predictions = [], []
    for number, fold in enumerate(evaluation.folds()):
        learner = evaluation.make(make, fold, number)
        with evaluation.fitting(number):
            learner.fit(fold)
        predictions.append(evaluation.predict(learner, fold))
        folds.append(fold)
    return measuring.final(evaluation.table, folds, predictions)
