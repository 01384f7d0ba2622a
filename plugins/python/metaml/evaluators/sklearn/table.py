"""Staged tables: the folder that metaml writes for evaluators, read into arrays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCHEMA_VERSION = 1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Feature:
    """A column of the table: its kind (numeric, categorical, boolean, date) and number of levels."""

    name: str
    kind: str
    levels: int


@dataclass(frozen=True)
class Fold:
    """Row numbers of one fold: train and validation are disjoint; test rows are in no fold of their repeat."""

    train: Ints
    validation: Ints
    test: Ints


@dataclass(frozen=True)
class Table:
    """A table ready to evaluate on.

    columns has one row per feature (codes of levels for categorical and boolean ones, NaN for missing); target holds
    class codes or values. metrics are those of the protocol, the primary one first. folds go repeat by repeat.
    """

    task: str
    features: tuple[Feature, ...]
    classes: int
    columns: Floats
    target: Floats
    folds: tuple[Fold, ...]
    metrics: tuple[str, ...]


def read(folder: Path, protocol: Mapping[str, Any], known: Mapping[str, Mapping[str, bool]]) -> Table:
    """Read a staged table; raise ValueError saying what does not fit. known lists metrics by task type."""
    with open(folder / "table.json", encoding="utf-8") as file:
        header = json.load(file)
    if header.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"table.json has schema version {header.get('schema_version')}, not {SCHEMA_VERSION}")
    task, rows, splits = header["task"], header["rows"], header["splits"]
    if task not in known:
        raise ValueError(f"table.json has task {task!r}, which is none of {', '.join(known)}")
    if not splits:
        raise ValueError("table.json lists no splits")
    features = tuple(Feature(f["name"], f["kind"], len(f.get("levels") or ())) for f in header["features"])
    numbers = np.fromfile(folder / "table.f64", dtype="<f8").astype(np.float64, copy=False)
    width = len(features) + 1 + len(splits)
    if numbers.size != rows * width:
        raise ValueError(f"table.f64 has {numbers.size} numbers, not {width} columns of {rows} rows")
    numbers = numbers.reshape(width, rows)
    return Table(
        task=task,
        features=features,
        classes=len(header["target"].get("levels") or ()),
        columns=numbers[: len(features)],
        target=numbers[len(features)],
        folds=tuple(fold for i, split in enumerate(splits) for fold in _folds(numbers[len(features) + 1 + i], split)),
        metrics=_metrics(protocol, task, known[task]),
    )


def _folds(column: Floats, split: Mapping[str, Any]) -> list[Fold]:
    """Return the folds of one repeat from its column: -1 for test rows, else the fold that validates on the row."""
    test = np.flatnonzero(column == -1)
    folds = []
    for number in range(split["folds"]):
        validation = np.flatnonzero(column == number)
        train = np.flatnonzero((column >= 0) & (column != number))
        if not validation.size or not train.size:
            raise ValueError(f"repeat {split.get('repeat', 0)} has no rows for fold {number}")
        folds.append(Fold(train, validation, test))
    return folds


def _metrics(protocol: Mapping[str, Any], task: str, known: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the protocol's metrics, all that are known if it names none."""
    names = tuple(each["name"] for each in protocol.get("metrics") or ())
    for name in names:
        if name not in known:
            raise ValueError(f"the protocol asks for metric {name!r}; for {task} there are {', '.join(known)}")
    return names or tuple(known)
