"""Evaluates in the test's own process, for tests about results rather than processes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from metaml.evaluators.sklearn import worker
from metaml.evaluators.sklearn.table import Table
from metaml.sdk.study import Config, Suggestion
from tests.staging import Floats, blobs, protocol, stage, waves


@dataclass
class RecordingTrial:
    """Keeps what is reported, and asks to stop after a number of reports (0: never)."""

    stop_after: int = 0
    reports: list[tuple[int, int, dict[str, float], dict[str, float]]] = field(default_factory=list)

    @contextmanager
    def fitting(self, model: str = "") -> Iterator[None]:
        """Do nothing."""
        yield

    @contextmanager
    def predicting(self) -> Iterator[None]:
        """Do nothing."""
        yield

    def report(self, step: int, steps: int, fidelity: Mapping[str, float], metrics: Mapping[str, float]) -> bool:
        """Keep the report."""
        self.reports.append((step, steps, dict(fidelity), dict(metrics)))
        return len(self.reports) == self.stop_after


def evaluate(table: Table, config: Config, seed: int = 1, **fidelity: float) -> dict[str, float]:
    """Return a configuration's metrics."""
    return worker.evaluate(table, Suggestion(1, config, fidelity, seed), RecordingTrial())


def load_blobs(folder: Path, rows: int = 200, classes: int = 2, metrics: tuple[str, ...] = ()) -> Table:
    """Stage and load a classification table."""
    columns, target = blobs(rows, classes=classes)
    return worker.load(stage(folder, columns, target, classes), protocol("classification", *metrics))


def load_waves(folder: Path, rows: int = 200, metrics: tuple[str, ...] = ()) -> Table:
    """Stage and load a regression table."""
    columns, target = waves(rows)
    return worker.load(stage(folder, columns, target), protocol("regression", *metrics))


def matrices(table: Table) -> list[tuple[Floats, Floats, Floats, Floats, Floats, Floats]]:
    """Return every fold's training, validation and test rows as matrix and target, for independent code."""
    return [
        (
            table.columns[:, fold.train].T,
            table.target[fold.train],
            table.columns[:, fold.validation].T,
            table.target[fold.validation],
            table.columns[:, fold.test].T,
            table.target[fold.test],
        )
        for fold in table.folds
    ]
