"""HpBandSter's BOHB with its defaults: its master decides, and a dispatcher without a network asks for the losses."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from hpbandster.core import master
from hpbandster.core.dispatcher import Job
from hpbandster.optimizers import BOHB

from configspace import translate, values
from protocol import Objective, Problem

logging.getLogger("hpbandster").setLevel(logging.CRITICAL)


def dispatcher(evaluate: Objective, *, integer: bool) -> type:
    """Return a dispatcher with one worker that runs every job at once, in the master's own thread."""

    class Immediate:
        def __init__(self, done: Callable[[Job], None], queue_callback: Callable[[int], None], **_: Any) -> None:
            self.done = done
            self.queue_callback = queue_callback

        def run(self) -> None:
            self.queue_callback(1)

        def number_of_workers(self) -> int:
            return 1

        def trigger_discover_worker(self) -> None:
            pass

        def shutdown(self, _: bool) -> None:
            pass

        def submit_job(self, job_id: tuple[int, int, int], **kwargs: Any) -> None:
            job = Job(job_id, **kwargs)
            budget = round(kwargs["budget"]) if integer else kwargs["budget"]
            job.result = {"loss": evaluate(values(kwargs["config"]), budget), "info": {}}
            self.done(job)

    return Immediate


def bohb(problem: Problem, evaluate: Objective) -> None:
    """BOHB (Falkner, Klein and Hutter 2018)."""
    problem.require(fidelity=True)
    if problem.fidelity is None:
        return
    np.random.seed(problem.seed)
    master.Dispatcher = dispatcher(evaluate, integer=problem.fidelity.integer)
    with tempfile.TemporaryDirectory() as folder:
        optimizer = BOHB(
            translate(problem), run_id="run", working_directory=folder,
            min_budget=problem.fidelity.low, max_budget=problem.fidelity.high,
        )  # fmt: skip
        optimizer.run(n_iterations=100_000)
