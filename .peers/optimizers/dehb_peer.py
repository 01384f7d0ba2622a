"""DEHB with its defaults, asked one trial at a time."""

from __future__ import annotations

import sys
import tempfile

from dehb import DEHB
from loguru import logger

from configspace import translate, values
from protocol import Objective, Problem

logger.remove()
logger.add(sys.stderr, level="ERROR")


def dehb(problem: Problem, evaluate: Objective) -> None:
    """Differential evolution with Hyperband (Awad, Mallik and Hutter 2021)."""
    problem.require(unconditional=True, fidelity=True)
    fidelity = problem.fidelity
    if fidelity is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        optimizer = DEHB(
            cs=translate(problem), min_fidelity=fidelity.low, max_fidelity=fidelity.high, n_workers=1,
            output_path=folder, seed=problem.seed,
        )  # fmt: skip
        while True:
            job = optimizer.ask()
            at = round(job["fidelity"]) if fidelity.integer else job["fidelity"]
            optimizer.tell(job, {"fitness": evaluate(values(job["config"]), at), "cost": float(at)})
