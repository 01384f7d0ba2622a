"""Tests of the reading of Oboe's package, on a tiny one made here."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensor

STEPS: dict[str, Any] = {
    "imputer": {
        "algorithms": ["SimpleImputer"],
        "hyperparameters": {"SimpleImputer": {"strategy": ["mean", "median"]}},
    },
    "encoder": {"algorithms": [None, "OneHotEncoder"], "hyperparameters": {"OneHotEncoder": {"sparse": [0]}}},
    "standardizer": {"algorithms": [None], "hyperparameters": {}},
    "dim_reducer": {"algorithms": [None, "PCA"], "hyperparameters": {"PCA": {"n_components": ["25%", "50%"]}}},
    "estimator": {"algorithms": ["GNB", "KNN"], "hyperparameters": {"GNB": {}, "KNN": {"k": [1, 3], "p": [1, 2]}}},
}
SHAPE = (3, 2, 2, 1, 3, 5)  # data sets, then the choices of each step


def arrays() -> tuple[Any, Any]:
    """Return errors and run times of three data sets, of which the last was run on half of the pipelines."""
    errors = np.linspace(0, 1, int(np.prod(SHAPE))).astype(np.float16).reshape(SHAPE)
    seconds = np.full(SHAPE, 2, dtype=np.float16)
    seconds[0, 0, 0, 0, 0, 1], seconds[1, 1, 1, 0, 2, 4] = np.nan, -1
    seconds[2, 0] = np.nan
    return errors, seconds


def packed(array: Any) -> bytes:
    """Return the array as an .npz file."""
    file = io.BytesIO()
    np.savez_compressed(file, a=array)
    return file.getvalue()


def package(folder: Path, **other: bytes | None) -> str:
    """Write a package whose files are those given, or left out where given as None."""
    errors, seconds = arrays()
    files: dict[str, bytes | None] = {
        "ERRORS": packed(errors),
        "SECONDS": packed(seconds),
        "DATASETS": pickle.dumps([3, 31, 1005]),
        "PIPELINES": json.dumps(STEPS).encode(),
        **other,
    }
    path = folder / "oboe.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            if data is not None:
                member = tarfile.TarInfo("oboe-0.2.0/" + getattr(tensor, name))
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return str(path)


def test_columns_are_pipelines_in_the_order_of_the_tensor(tmp_path: Path) -> None:
    read = tensor.load(package(tmp_path))
    errors, _ = arrays()
    assert read.datasets == [3, 31, 1005]
    assert read.errors.shape == (3, len(read.pipelines)) == (3, 60)
    assert len({json.dumps(p) for p in read.pipelines}) == 60
    wanted = {
        "imputer": "median",
        "encoder": "onehot",
        "standardizer": "none",
        "dim_reducer": "PCA",
        "reduce_to": 0.5,
        "algorithm": "KNN",
        "knn_k": 3,
        "knn_p": 1,
    }
    assert read.errors[1, read.pipelines.index(wanted)] == errors[1, 1, 1, 0, 2, 3]
    assert read.pipelines[0] == {
        "imputer": "mean",
        "encoder": "none",
        "standardizer": "none",
        "dim_reducer": "none",
        "algorithm": "GNB",
    }


def test_pipelines_that_were_not_run_have_no_error(tmp_path: Path) -> None:
    read = tensor.load(package(tmp_path))
    assert np.argwhere(np.isnan(read.errors[:2])).tolist() == [[0, 1], [1, 59]]
    assert np.isnan(read.errors[2]).sum() == 30
    assert (np.isnan(read.errors) == np.isnan(read.seconds)).all()
    assert (read.seconds[~np.isnan(read.seconds)] == 2).all()


class Exploit:
    """An object whose unpickling writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (str(self.path), "w"))


def test_nothing_pickled_is_executed(tmp_path: Path) -> None:
    written = tmp_path / "written"
    with pytest.raises(tensor.TensorError, match=r"training_index.pkl: wants \w+.open"):
        tensor.load(package(tmp_path, DATASETS=pickle.dumps(Exploit(written))))
    objects = np.full(SHAPE, None, dtype=object)
    objects[0, 0, 0, 0, 0, 0] = Exploit(written)
    with pytest.raises(tensor.TensorError, match="allow_pickle=False"):
        tensor.load(package(tmp_path, SECONDS=packed(objects)))
    assert not written.exists()


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"ERRORS": None}, r"holds no oboe/defaults/TensorOboe/error_tensor"),
        ({"SECONDS": b"no array"}, r"runtime_tensor"),
        ({"ERRORS": packed(np.zeros((3, 2)))}, r"has shape \(3, 2\), data sets and pipelines say \(3, 2, 2, 1, 3, 5\)"),
        ({"DATASETS": pickle.dumps([3, 31])}, r"has shape \(3, 2, 2, 1, 3, 5\)"),
        ({"DATASETS": pickle.dumps(["3"])}, r"no list of whole numbers"),
        ({"DATASETS": b"\x80"}, r"training_index.pkl: "),
        ({"PIPELINES": b"{"}, r"classification.json: not as expected"),
        ({"PIPELINES": b'{"imputer": {}}'}, r"classification.json: not as expected: KeyError\('algorithms'\)"),
    ],
)
def test_what_is_not_as_expected_is_said(tmp_path: Path, files: dict[str, bytes | None], reason: str) -> None:
    with pytest.raises(tensor.TensorError, match=reason):
        tensor.load(package(tmp_path, **files))


def test_a_file_that_is_no_package_is_said(tmp_path: Path) -> None:
    path = tmp_path / "oboe.tar.gz"
    path.write_bytes(b"<html>")
    with pytest.raises(tensor.TensorError, match="no package"):
        tensor.load(str(path))
