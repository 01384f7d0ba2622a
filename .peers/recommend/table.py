"""Write a table of pipelines drawn from TensorOboe's, as a folder for `metaml kb import matrix`.

Usage: table.py PACKAGE META FOLDER PIPELINES SEED

PACKAGE is Oboe's source package, META a matrix folder whose tasks.csv has the meta-features of data sets by their
number on OpenML. The table has the data sets of both on which at least 60 % of all pipelines were run.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tensor import Tensor, TensorError, load

LEAST_RUN = 0.6
META = {
    "source": "tensor",
    "metric": "error",
    "value": "error",
    "description": "balanced error rates of pipelines drawn at random from TensorOboe's 23,424, with run time",
    "licence": "BSD-3-Clause (Oboe)",
    "origin": "oboe 0.2.0, oboe/defaults/TensorOboe",
}


class TableError(Exception):
    """The table cannot be made."""


@dataclass(frozen=True)
class Tasks:
    """Data sets with their meta-features, as tasks.csv has them."""

    header: list[str]
    rows: dict[str, list[str]]


def read_tasks(meta: Path) -> Tasks:
    """Read tasks.csv or tasks.csv.gz of a matrix folder."""
    plain, packed = meta / "tasks.csv", meta / "tasks.csv.gz"
    if plain.is_file():
        path, file = plain, plain.open(encoding="utf-8", newline="")
    elif packed.is_file():
        path, file = packed, gzip.open(packed, "rt", encoding="utf-8", newline="")
    else:
        raise TableError(f"{meta}: has no tasks.csv and no tasks.csv.gz")
    with file:
        lines = list(csv.reader(file))
    if not lines or lines[0][:2] != ["task", "name"]:
        raise TableError(f"{path}: the first columns must be task and name")
    return Tasks(lines[0], {line[0]: line for line in lines[1:] if line})


def write(folder: Path, tensor: Tensor, tasks: Tasks, pipelines: int, seed: int) -> int:
    """Write the table of so many pipelines, drawn by the seed, and return how many data sets it has."""
    if not 0 < pipelines <= len(tensor.pipelines):
        raise TableError(f"{pipelines} pipelines cannot be drawn from {len(tensor.pipelines):,}")
    ran = np.isfinite(tensor.errors)
    rows = [i for i, d in enumerate(tensor.datasets) if str(d) in tasks.rows and ran[i].mean() >= LEAST_RUN]
    if not rows:
        raise TableError("no data set of the tensor that was run often enough has meta-features")
    drawn = np.random.default_rng(seed).choice(len(tensor.pipelines), pipelines, replace=False)
    columns = sorted(int(column) for column in drawn)
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / "tasks.csv", tasks.header, [tasks.rows[str(tensor.datasets[i])] for i in rows])
    configs = [[_name(j), json.dumps(tensor.pipelines[j])] for j in columns]
    _write_csv(folder / "configs.csv", ["config", "hyperparameters"], configs)
    runs = [
        [str(tensor.datasets[i]), _name(j), f"{tensor.errors[i, j]:.6g}", f"{tensor.seconds[i, j]:.6g}"]
        for i in rows
        for j in columns
        if ran[i, j]
    ]
    _write_csv(folder / "runs.csv", ["task", "config", "error", "seconds"], runs)
    (folder / "meta.json").write_text(json.dumps(META), encoding="utf-8")
    return len(rows)


def _name(pipeline: int) -> str:
    return f"t{pipeline:05d}"


def _write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows(rows)


def main(arguments: list[str]) -> None:
    """Make the table that the arguments describe."""
    try:
        package, meta, folder, pipelines, seed = arguments
        count, start = int(pipelines), int(seed)
    except ValueError:
        raise SystemExit("usage: table.py PACKAGE META FOLDER PIPELINES SEED") from None
    try:
        datasets = write(Path(folder), load(package), read_tasks(Path(meta)), count, start)
    except (TableError, TensorError, OSError) as error:
        raise SystemExit(f"table.py: {error}") from None
    print(f"draw {seed}: {datasets} data sets x {pipelines} pipelines", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
