"""Reading staged tables, and what is said about those that cannot be used."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.table import read
from tests.staging import protocol, split, stage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a staged table of twelve rows, two features and two repeats."""
    columns = np.array([np.arange(12.0), np.arange(12) % 3])
    columns[0, 5] = np.nan
    return stage(tmp_path, columns, np.arange(12) % 2, 2, [0, 3], [split(12), split(12, folds=2, seed=1)])


def change(folder: Path, **entries: Any) -> None:
    """Change entries of table.json."""
    path = folder / "table.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | entries), encoding="utf-8")


def test_a_table_is_read(folder: Path) -> None:
    table = read(folder, protocol("classification", "mcc", "accuracy"), METRICS)
    assert (table.task, table.classes, table.metrics) == ("classification", 2, ("mcc", "accuracy"))
    assert [(f.name, f.kind, f.levels) for f in table.features] == [("x0", "numeric", 0), ("x1", "categorical", 3)]
    assert np.isnan(table.columns[0, 5])
    assert table.columns[1].tolist() == [0, 1, 2] * 4
    assert table.target.tolist() == [0, 1] * 6
    assert len(table.folds) == 5


def test_folds_partition_the_rows(folder: Path) -> None:
    table = read(folder, {}, METRICS)
    for repeat in (table.folds[:3], table.folds[3:]):
        validation = np.concatenate([fold.validation for fold in repeat])
        assert sorted([*validation, *repeat[0].test]) == list(range(12))
        for fold in repeat:
            assert sorted([*fold.train, *fold.validation, *fold.test]) == list(range(12))
    assert table.metrics == tuple(METRICS["classification"]), "no metrics in the protocol means all"


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ({"schema_version": 2}, "schema version 2, not 1"),
        ({"task": "ranking"}, "task 'ranking', which is none of classification, regression"),
        ({"splits": []}, "lists no splits"),
        ({"rows": 13}, "table.f64 has 60 numbers, not 5 columns of 13 rows"),
        ({"splits": [{"repeat": 0, "folds": 4}, {"repeat": 1, "folds": 2}]}, "repeat 0 has no rows for fold 3"),
    ],
)
def test_what_does_not_fit_is_said(folder: Path, entries: dict[str, Any], complaint: str) -> None:
    change(folder, **entries)
    with pytest.raises(ValueError, match=complaint):
        read(folder, {}, METRICS)


def test_unknown_metrics_are_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="metric 'beauty'; for classification there are balanced_accuracy"):
        read(folder, {"metrics": [{"name": "beauty"}]}, METRICS)


def test_missing_files_are_named(folder: Path) -> None:
    (folder / "table.f64").unlink()
    with pytest.raises(OSError, match=r"table\.f64"):
        read(folder, {}, METRICS)
