"""Staged tables and search-space configurations to test with."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaml.evaluators.sklearn.description import METRICS, space
from metaml.sdk.study import Config

Floats = NDArray[np.float64]


def split(rows: int, folds: int = 3, seed: int = 0) -> Floats:
    """Return a split column: a quarter of the rows for the outer test, the rest dealt out to folds."""
    order = np.random.default_rng(seed).permutation(rows)
    column = np.full(rows, -1.0)
    inner = order[rows // 4 :]
    column[inner] = np.arange(len(inner)) % folds
    return column


def stage(
    folder: Path,
    columns: Floats,
    target: NDArray[Any],
    classes: int = 0,
    levels: Sequence[int] = (),
    splits: Sequence[Floats] | None = None,
    fingerprint: str = "f00d",
) -> Path:
    """Write a staged table from columns (features x rows).

    classes is 0 for regression; levels has the number of levels of every feature, 0 for a numeric one.
    """
    levels = levels or [0] * len(columns)
    splits = splits or [split(len(target))]
    features = [
        {"name": f"x{i}", "kind": "categorical" if n else "numeric", "levels": [f"l{k}" for k in range(n)]}
        for i, n in enumerate(levels)
    ]
    header: dict[str, Any] = {
        "schema_version": 1,
        "name": "made up",
        "fingerprint": fingerprint,
        "task": "classification" if classes else "regression",
        "rows": len(target),
        "features": features,
        "target": {"name": "y", "levels": [f"c{k}" for k in range(classes)]},
        "splits": [{"repeat": i, "folds": int(column.max()) + 1} for i, column in enumerate(splits)],
        "split_hash": "beef",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.json").write_text(json.dumps(header), encoding="utf-8")
    np.vstack([columns, target, *splits]).astype("<f8").tofile(folder / "table.f64")
    return folder


def blobs(rows: int, columns: int = 6, classes: int = 2, seed: int = 0) -> tuple[Floats, Floats]:
    """Return columns and a target of classes that overlap: each has its own centre."""
    rng = np.random.default_rng(seed)
    target = rng.integers(classes, size=rows).astype(np.float64)
    centres = rng.normal(size=(classes, columns)) * 1.2
    return (centres[target.astype(int)] + rng.normal(size=(rows, columns))).T, target


def waves(rows: int, columns: int = 5, seed: int = 0) -> tuple[Floats, Floats]:
    """Return columns and a numeric target, large and far from 0, of which two columns explain most."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(columns, rows))
    return matrix, 1000 + 50 * (np.sin(2 * matrix[0]) + matrix[1] + 0.3 * rng.normal(size=rows))


def protocol(task: str, *metrics: str) -> dict[str, Any]:
    """Return an evaluation protocol; no metrics means all."""
    names = metrics or tuple(METRICS[task])
    return {"resampling": "cv", "folds": 3, "metrics": [{"name": n, "maximize": METRICS[task][n]} for n in names]}


def _active(condition: dict[str, Any], config: Config) -> bool:
    return all(config.get(name) in (v if isinstance(v, list) else [v]) for name, v in condition.items())


def default(task: str, learner: str, **changes: Any) -> Config:
    """Return the space's defaults for a learner, changed; names write __ for the dot."""
    declared = json.loads(space(task))
    fixed = {name.replace("__", "."): value for name, value in changes.items()} | {"learner": learner}
    config: Config = {}
    for name in declared["order"]:
        parameter = declared["parameters"][name]
        if _active(parameter.get("when", {}), config):
            config[name] = fixed.pop(name, parameter["default"])
    assert not fixed, f"no such active hyperparameters: {fixed}"
    return config


def sample(task: str, learner: str, rng: np.random.Generator) -> Config:
    """Return a random configuration of a learner."""
    declared = json.loads(space(task))
    config: Config = {}
    for name in declared["order"]:
        parameter = declared["parameters"][name]
        if _active(parameter.get("when", {}), config):
            config[name] = learner if name == "learner" else _draw(parameter, rng)
    return config


def _draw(parameter: dict[str, Any], rng: np.random.Generator) -> bool | int | float | str:
    if parameter["type"] == "bool":
        return bool(rng.integers(2))
    if "choices" in parameter:
        choice: int | str = parameter["choices"][rng.integers(len(parameter["choices"]))]
        return choice
    low, high = parameter["low"], parameter["high"]
    log = parameter.get("log")
    value = float(np.exp(rng.uniform(np.log(low), np.log(high)))) if log else rng.uniform(low, high)
    return round(value) if parameter["type"] == "int" else min(max(value, low), high)
