"""Tests of the tables that are drawn."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

import table
import test_tensor

TASKS = "task,name,rows\n1005,openml-1005,40\n31,openml-31,50\n3,openml-3,60\n4,openml-4,70\n"


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    folder = tmp_path / "meta"
    folder.mkdir()
    (folder / "tasks.csv").write_text(TASKS)
    return folder


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def drawn(folder: Path, meta: Path, pipelines: int, seed: int) -> list[list[str]]:
    table.main([test_tensor.package(meta), str(meta), str(folder), str(pipelines), str(seed)])
    return rows(folder / "configs.csv")


def test_a_table_of_all_pipelines_has_what_was_run(tmp_path: Path, meta: Path) -> None:
    configs = drawn(tmp_path / "out", meta, 60, 0)
    runs = rows(tmp_path / "out" / "runs.csv")
    assert rows(tmp_path / "out" / "tasks.csv") == [
        ["task", "name", "rows"],
        ["3", "openml-3", "60"],
        ["31", "openml-31", "50"],
    ]
    assert [name for name, _ in configs[:3]] == ["config", "t00000", "t00001"]
    assert json.loads(configs[2][1])["knn_p"] == 1
    assert runs[0] == ["task", "config", "error", "seconds"]
    assert runs[1] == ["3", "t00000", "0", "2"]
    wanted = {(d, f"t{j:05d}") for d in ("3", "31") for j in range(60)} - {("3", "t00001"), ("31", "t00059")}
    assert {(run[0], run[1]) for run in runs[1:]} == wanted
    errors, _ = test_tensor.arrays()
    last = next(run for run in runs if run[:2] == ["31", "t00058"])
    assert float(last[2]) == pytest.approx(float(errors[1].flat[58]), rel=1e-5)
    assert json.loads((tmp_path / "out" / "meta.json").read_text())["value"] == "error"


def test_draws_differ_by_their_seed_only(tmp_path: Path, meta: Path) -> None:
    first, again, other = (drawn(tmp_path / f"out{i}", meta, 10, seed) for i, seed in enumerate((0, 0, 1)))
    assert first == again
    assert first != other
    assert len(first) == len(other) == 11
    assert {run[1] for run in rows(tmp_path / "out0" / "runs.csv")[1:]} <= {name for name, _ in first}


def test_meta_features_may_be_compressed(tmp_path: Path, meta: Path) -> None:
    (meta / "tasks.csv").unlink()
    (meta / "tasks.csv.gz").write_bytes(gzip.compress(TASKS.encode()))
    drawn(tmp_path / "out", meta, 10, 0)
    assert len(rows(tmp_path / "out" / "tasks.csv")) == 3


@pytest.mark.parametrize(
    ("tasks", "pipelines", "reason"),
    [
        (None, 10, r"meta: has no tasks.csv and no tasks.csv.gz"),
        ("id,name\n3,openml-3\n", 10, r"tasks.csv: the first columns must be task and name"),
        ("task,name\n4,openml-4\n", 10, r"no data set of the tensor that was run often enough has meta-features"),
        ("task,name\n1005,openml-1005\n", 10, r"no data set of the tensor that was run often enough"),
        (TASKS, 61, r"61 pipelines cannot be drawn from 60"),
    ],
)
def test_why_there_is_no_table_is_said(
    tmp_path: Path, meta: Path, tasks: str | None, pipelines: int, reason: str
) -> None:
    (meta / "tasks.csv").unlink()
    if tasks is not None:
        (meta / "tasks.csv").write_text(tasks)
    with pytest.raises(SystemExit, match=reason):
        drawn(tmp_path / "out", meta, pipelines, 0)


def test_a_missing_package_is_said(tmp_path: Path, meta: Path) -> None:
    with pytest.raises(SystemExit, match=r"no-package"):
        table.main([str(tmp_path / "no-package"), str(meta), str(tmp_path / "out"), "10", "0"])


def test_wrong_arguments_get_the_usage() -> None:
    with pytest.raises(SystemExit, match="usage"):
        table.main(["package", "meta", "folder", "ten", "0"])
