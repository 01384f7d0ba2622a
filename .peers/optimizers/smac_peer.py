"""SMAC3's facades with their defaults, asked one trial at a time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from smac import HyperparameterOptimizationFacade, MultiFidelityFacade, Scenario
from smac.facade.abstract_facade import AbstractFacade
from smac.runhistory.dataclasses import TrialValue

from configspace import translate, values
from protocol import Minimize, Objective, Problem


def run(problem: Problem, evaluate: Objective, facade: type[AbstractFacade], scenario: Scenario) -> None:
    """Ask and tell until nothing is left."""
    smac = facade(scenario, lambda config, seed=0, budget=None: 0.0, overwrite=True, logging_level=False)
    while True:
        try:
            info = smac.ask()
        except StopIteration:
            return
        loss = evaluate(values(info.config), info.budget)
        smac.tell(info, TrialValue(cost=loss), save=False)


def hpo(problem: Problem, evaluate: Objective) -> None:
    """Random forest with log expected improvement; a quarter of the budget at most is the initial design."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(
            translate(problem), deterministic=True, n_trials=int(problem.budget), seed=problem.seed,
            output_directory=Path(folder),
        )  # fmt: skip
        run(problem, evaluate, HyperparameterOptimizationFacade, scenario)


def multi_fidelity(problem: Problem, evaluate: Objective) -> None:
    """Hyperband with the same model."""
    problem.require(fidelity=True)
    if problem.fidelity is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(
            translate(problem), deterministic=True, n_trials=int(100 * problem.budget), seed=problem.seed,
            min_budget=problem.fidelity.low, max_budget=problem.fidelity.high, output_directory=Path(folder),
        )  # fmt: skip
        fidelity = problem.fidelity

        def at(config: object, budget: float | None) -> float:
            whole = budget is not None and fidelity.integer
            return evaluate(config, round(budget) if whole and budget is not None else budget)  # type: ignore[arg-type]

        run(problem, at, MultiFidelityFacade, scenario)


METHODS: dict[str, Minimize] = {"smac-hpo": hpo, "smac-mf": multi_fidelity}
