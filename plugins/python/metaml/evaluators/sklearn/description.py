"""What the evaluator says about itself; imports no library that is slow to load."""

import json
import os
from pathlib import Path

from metaml import __version__
from metaml.evaluators.sklearn.iterations import BOOSTER_GRID
from metaml.sdk import Description, FidelityRange, Objective

LOCK_VARIABLE = "METAML_LOCK"
"""Environment variable with the hash of the lock file from which the environment was made."""

METRICS = {
    "classification": {
        "balanced_accuracy": True,
        "accuracy": True,
        "f1_macro": True,
        "mcc": True,
        "roc_auc": True,
        "log_loss": False,
        "brier": False,
    },
    "regression": {
        "rmse": False,
        "mae": False,
        "r2": True,
        "median_absolute_error": False,
        "max_error": False,
        "spearman": True,
    },
}
"""By task type, the metrics (the first is the default) and whether more is better."""


def space(task: str) -> str:
    """Return the search space of a task type as compact JSON with sorted keys."""
    text = Path(__file__).with_name(f"{task}.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def describe() -> Description:
    """Return the description for the protocol."""
    return Description(
        name="sklearn",
        version=__version__,
        worker="metaml.evaluators.sklearn.worker",
        spaces={task: space(task) for task in METRICS},
        metrics={task: [Objective(name, up) for name, up in names.items()] for task, names in METRICS.items()},
        fidelities=(
            FidelityRange("rows", 0.1, 1.0, log=True),
            FidelityRange("iterations", BOOSTER_GRID[0], BOOSTER_GRID[-1], log=True, integer=True),
        ),
        lock=os.environ.get(LOCK_VARIABLE, ""),
    )
