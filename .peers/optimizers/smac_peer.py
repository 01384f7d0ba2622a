"""SMAC3's facades with their defaults, asked one trial at a time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from smac import HyperparameterOptimizationFacade, MultiFidelityFacade, Scenario
from smac.facade.abstract_facade import AbstractFacade
from smac.runhistory.dataclasses import TrialInfo, TrialValue
from smac.runner.abstract_runner import StatusType

from configspace import restore, translate, values
from protocol import Evaluate, Minimize, Objective, Problem


def open_facade(facade: type[AbstractFacade], scenario: Scenario) -> AbstractFacade:
    """Return a facade that is asked and told only."""
    return facade(scenario, lambda config, seed=0, budget=None: 0.0, overwrite=True, logging_level=False)


def run(problem: Problem, evaluate: Evaluate, facade: type[AbstractFacade], scenario: Scenario) -> None:
    """Ask and tell until nothing is left."""
    smac = open_facade(facade, scenario)
    while True:
        try:
            info = smac.ask()
        except StopIteration:
            return
        loss = evaluate(values(info.config), info.budget)
        smac.tell(info, TrialValue(cost=loss), save=False)


def run_measured(problem: Problem, evaluate: Objective, smac: AbstractFacade) -> None:
    """Ask and tell at full fidelity.

    Another configuration that was evaluated is told in place of the one asked for, which stays a running trial. A
    failure counts as crashed at the worst loss so far, or is kept back until there is one.
    """
    worst: float | None = None
    failed: list[TrialInfo] = []
    while True:
        try:
            info = smac.ask()
        except StopIteration:
            return
        measured = evaluate.measure(values(info.config))
        if measured.substituted:
            config = restore(info.config.config_space, measured.config, problem)
            info = TrialInfo(config, info.instance, info.seed, info.budget)
        if measured.loss is None:
            failed.append(info)
        else:
            worst = measured.loss if worst is None else max(worst, measured.loss)
            smac.tell(info, TrialValue(cost=measured.loss), save=False)
        if worst is not None:
            for crashed in failed:
                smac.tell(crashed, TrialValue(cost=worst, status=StatusType.CRASHED), save=False)
            failed = []


def hpo(problem: Problem, evaluate: Objective) -> None:
    """Random forest with log expected improvement; a quarter of the budget at most is the initial design."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(
            translate(problem), deterministic=True, n_trials=int(problem.budget), seed=problem.seed,
            output_directory=Path(folder),
        )  # fmt: skip
        run_measured(problem, evaluate, open_facade(HyperparameterOptimizationFacade, scenario))


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
