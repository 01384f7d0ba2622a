"""The results of TensorOboe: 551 data sets of OpenML x 23,424 pipelines of scikit-learn.

C. Yang, J. Fan, Z. Wu and M. Udell: AutoML Pipeline Selection: Efficiently Navigating the Combinatorial Space, KDD
2020.

Oboe's source package holds them: a tensor of balanced errors and one of run times, with an axis for the data sets and
one for each step of the pipeline. Where a pipeline was not run, its run time is missing or negative and its error was
imputed. What is read was written by others: nothing of it is executed, and no file is written.
"""

from __future__ import annotations

import io
import itertools
import json
import pickle
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = "oboe/defaults/TensorOboe/"
ERRORS = FOLDER + "error_tensor_imputed_20-4-2-2-8-20_f16_compressed.npz"
SECONDS = FOLDER + "runtime_tensor_f16_compressed.npz"
DATASETS = FOLDER + "training_index.pkl"
PIPELINES = FOLDER + "classification.json"
LEVELS = {None: "none", "OneHotEncoder": "onehot", "StandardScaler": "standard"}
STEPS = ("imputer", "encoder", "standardizer", "dim_reducer", "estimator")

Configuration = dict[str, object]
Floats = NDArray[np.float64]


class TensorError(Exception):
    """The package is not what it is taken for."""


@dataclass(frozen=True)
class Tensor:
    """Results of pipelines on data sets, those not run left out."""

    datasets: list[int]
    """Identifiers of OpenML, one per row."""
    pipelines: list[Configuration]
    """One per column."""
    errors: Floats
    """Balanced errors in [0, 1], NaN where the pipeline was not run."""
    seconds: Floats
    """Run times, NaN where the pipeline was not run."""


class _Plain(pickle.Unpickler):
    """Reads pickled numbers and containers; whatever would have to be imported is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise TensorError(f"{DATASETS}: wants {module}.{name}; only numbers are read")


def load(package: str) -> Tensor:
    """Read the tensor from the source package of Oboe, a .tar.gz file."""
    files = _members(package, (ERRORS, SECONDS, DATASETS, PIPELINES))
    axes = _axes(files[PIPELINES])
    datasets = _datasets(files[DATASETS])
    shape = (len(datasets), *(len(axis) for axis in axes))
    errors, seconds = _array(ERRORS, files[ERRORS], shape), _array(SECONDS, files[SECONDS], shape)
    ran = np.isfinite(errors) & (seconds >= 0)
    pipelines = [_merged(settings) for settings in itertools.product(*axes)]
    return Tensor(datasets, pipelines, np.where(ran, errors, np.nan), np.where(ran, seconds, np.nan))


def _members(package: str, names: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of the files, whatever the folder in which the package holds everything is called."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(package, "r:gz") as archive:
            for member in archive:
                name = member.name.partition("/")[2]
                if name in names and member.isfile():
                    file = archive.extractfile(member)
                    found[name] = file.read() if file else b""
    except (tarfile.TarError, EOFError) as error:
        raise TensorError(f"{package}: no package: {error}") from error
    for name in names:
        if name not in found:
            raise TensorError(f"{package}: holds no {name}")
    return found


def _datasets(data: bytes) -> list[int]:
    try:
        datasets = _Plain(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, EOFError, ValueError, IndexError) as error:
        raise TensorError(f"{DATASETS}: {error}") from error
    if not isinstance(datasets, list) or not all(type(d) is int for d in datasets):
        raise TensorError(f"{DATASETS}: no list of whole numbers")
    return datasets


def _array(name: str, data: bytes, shape: tuple[int, ...]) -> Floats:
    """Return the array as a table, a row per data set."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            array = arrays["a"]
    except (ValueError, KeyError, OSError, EOFError) as error:
        raise TensorError(f"{name}: {error}") from error
    if array.shape != shape:
        raise TensorError(f"{name}: has shape {array.shape}, data sets and pipelines say {shape}")
    return np.asarray(array, dtype=np.float64).reshape(shape[0], -1)


def _axes(data: bytes) -> list[list[Configuration]]:
    """Return what each step can be, in the order of the tensor: its algorithms, the last parameter of each fastest."""
    try:
        steps = json.loads(data)
        return [
            [
                _settings(step, algorithm, dict(zip(grid, values, strict=True)))
                for algorithm in steps[step]["algorithms"]
                for grid in [steps[step]["hyperparameters"].get(algorithm, {})]
                for values in itertools.product(*grid.values())
            ]
            for step in STEPS
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TensorError(f"{PIPELINES}: not as expected: {error!r}") from error


def _settings(step: str, algorithm: str | None, parameters: Mapping[str, Any]) -> Configuration:
    """Return the hyperparameters of a configuration that say what the step is."""
    match step:
        case "imputer":
            return {step: parameters["strategy"]}
        case "estimator":
            return {"algorithm": algorithm, **{f"{str(algorithm).lower()}_{p}": v for p, v in parameters.items()}}
        case "dim_reducer":  # of the number of columns, whatever an algorithm calls it
            shares: Configuration = {}
            for share in parameters.values():
                shares["reduce_to"] = float(share.rstrip("%")) / 100
            return {step: LEVELS.get(algorithm, algorithm), **shares}
        case _:  # the one value of each parameter says nothing
            return {step: LEVELS.get(algorithm, algorithm)}


def _merged(settings: Sequence[Configuration]) -> Configuration:
    return {name: value for step in settings for name, value in step.items()}
