"""Saves a fitted pipeline as model.joblib, with the script that predicts by it and the packages that takes."""

import json
import os
import platform
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

import joblib
import numpy as np

from metaml.evaluators.sklearn import predict
from metaml.evaluators.sklearn.fitting import Fitted

_PACKAGES = ("joblib", "numpy", "scipy", "sklearn")
_BOOSTERS = ("lightgbm", "xgboost")


def save(folder: Path, table: Path, fitted: Fitted, missing: Sequence[str] = ()) -> None:
    """Save the pipeline, fitted on the staged table in a folder, to another folder, which is made if need be.

    missing are further marks of missing values in raw files. The files take the place of older ones one by one, the
    model last, and only once it predicts what the fitted pipeline does.
    """
    parts = portable(json.loads((table / "table.json").read_text(encoding="utf-8")), fitted, missing)
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(predict.__file__).read_bytes()
    _replace(folder / "predict.py", lambda file: file.write(source))
    _replace(folder / "requirements.txt", lambda file: file.write(_requirements(parts).encode()))
    dump = partial(joblib.dump, parts, compress=3)
    _replace(folder / "model.joblib", dump, lambda new: _check(new, fitted))


def portable(header: dict[str, Any], fitted: Fitted, missing: Sequence[str]) -> dict[str, Any]:
    """Return what model.joblib holds: numbers, texts, and estimators of other packages, none of metaml's classes."""
    levels = header["target"].get("levels") or []
    return {
        "format": predict.FORMAT,
        "name": header["name"],
        "target": header["target"]["name"],
        "features": [{**each, "levels": each.get("levels") or []} for each in header["features"]],
        "missing": list(missing),
        "decimal_comma": header.get("decimal_comma", False),
        "classes": [levels[code] for code in fitted.prepared.classes],
        **fitted.prepared.steps.portable(),
        "learner": fitted.learner.portable(),
        "config": fitted.config,
        "seed": fitted.seed,
        "iterations": fitted.iterations,
    }


def _replace(path: Path, write: Callable[[BinaryIO], object], check: Callable[[Path], None] | None = None) -> None:
    """Write a file beside the path, bring it to the disk, check it, and let it take the path."""
    new = path.with_name(path.name + ".new")
    try:
        with open(new, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if check:
            check(new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _check(path: Path, fitted: Fitted) -> None:
    """Raise RuntimeError if the saved model predicts otherwise than the fitted one.

    XGBoost computes probabilities with 24 bits, LightGBM sums margins in another order.
    """
    model = predict.Model(joblib.load(path))
    values, probabilities = model.predict(list(fitted.columns))
    expected = fitted.prediction.values
    if probabilities is not None:
        assert fitted.prediction.probabilities is not None
        values, expected = probabilities, fitted.prediction.probabilities
    if not np.allclose(values, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max()):
        raise RuntimeError(f"{path}: the saved model predicts otherwise than the fitted one; please report this")


def _requirements(parts: dict[str, Any]) -> str:
    """Return the packages that the model takes, as pip's requirements."""
    distributions = metadata.packages_distributions()
    modules = [*_PACKAGES, *(each for each in _BOOSTERS if parts["config"]["learner"] == each)]
    names = [distributions[module][0] for module in modules]
    lines = [f"{name}=={metadata.version(name)}" for name in names]
    return "\n".join([f"# Python {platform.python_version()}", *lines, ""])
