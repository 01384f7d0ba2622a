"""Optuna's samplers with their defaults."""

from __future__ import annotations

import math
from typing import Any

import optuna

from protocol import Measured, Minimize, Objective, Parameter, Problem

optuna.logging.set_verbosity(optuna.logging.ERROR)


def suggest(trial: optuna.Trial, problem: Problem) -> dict[str, Any]:
    """Draw the active parameters of a trial, parents before their children."""
    config: dict[str, Any] = {}
    waiting = list(problem.parameters)
    while waiting:
        later = []
        for p in waiting:
            if any(parent not in config for parent, _ in p.when):
                later.append(p)
            elif all(config[parent] in values for parent, values in p.when):
                config[p.name] = value(trial, p)
        if len(later) == len(waiting):
            break  # what is left hangs on inactive parents
        waiting = later
    return config


def value(trial: optuna.Trial, p: Parameter) -> Any:
    """Draw one parameter."""
    if p.type == "float":
        return trial.suggest_float(p.name, p.low, p.high, log=p.log)
    if p.type == "int":
        return trial.suggest_int(p.name, int(p.low), int(p.high), log=p.log)
    return trial.suggest_categorical(p.name, p.choices)


def run(problem: Problem, evaluate: Objective, sampler: optuna.samplers.BaseSampler) -> None:
    """Ask and tell at full fidelity for ever."""
    study = optuna.create_study(sampler=sampler)
    while True:
        trial = study.ask()
        measured = evaluate.measure(suggest(trial, problem))
        if measured.substituted or measured.loss is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        if measured.substituted:
            study.add_trial(created(measured, problem))
        elif measured.loss is not None:
            study.tell(trial, measured.loss)


def created(measured: Measured, problem: Problem) -> optuna.trial.FrozenTrial:
    """Return the trial of a configuration that was evaluated in place of a proposal."""
    known = {p.name: p for p in problem.parameters}
    return optuna.trial.create_trial(
        params={name: float(x) if known[name].type == "float" else x for name, x in measured.config.items()},  # type: ignore[arg-type]
        distributions={name: distribution(known[name]) for name in measured.config},
        value=measured.loss,
        state=optuna.trial.TrialState.FAIL if measured.loss is None else optuna.trial.TrialState.COMPLETE,
    )


def distribution(p: Parameter) -> optuna.distributions.BaseDistribution:
    """Return the distribution that value draws a parameter from."""
    if p.type == "float":
        return optuna.distributions.FloatDistribution(p.low, p.high, log=p.log)
    if p.type == "int":
        return optuna.distributions.IntDistribution(int(p.low), int(p.high), log=p.log)
    return optuna.distributions.CategoricalDistribution(p.choices)


def tpe(problem: Problem, evaluate: Objective) -> None:
    """Tree-structured Parzen estimator, multivariate since Optuna 5."""
    run(problem, evaluate, optuna.samplers.TPESampler(seed=problem.seed))


def gp(problem: Problem, evaluate: Objective) -> None:
    """Run a Gaussian process with log expected improvement."""
    run(problem, evaluate, optuna.samplers.GPSampler(seed=problem.seed))


def cmaes(problem: Problem, evaluate: Objective) -> None:
    """CMA-ES on numeric spaces."""
    problem.require(numeric=True, unconditional=True)
    sampler = optuna.samplers.CmaEsSampler(seed=problem.seed, warn_independent_sampling=False)
    run(problem, evaluate, sampler)


def random(problem: Problem, evaluate: Objective) -> None:
    """Random search."""
    run(problem, evaluate, optuna.samplers.RandomSampler(seed=problem.seed))


def tpe_hyperband(problem: Problem, evaluate: Objective) -> None:
    """TPE with Hyperband's pruner, which stops trials at the rungs; it pays increments where training goes on."""
    problem.require(fidelity=True)
    fidelity = problem.fidelity
    if fidelity is None:
        return
    # Resources are whole numbers: multiples of the lowest fidelity.
    top = round(fidelity.high / fidelity.low)
    rungs = [3**i for i in range(int(math.log(top, 3) + 1e-9) + 1)]
    if rungs[-1] != top:
        rungs.append(top)
    pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=top, reduction_factor=3)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=problem.seed), pruner=pruner)
    while True:
        trial = study.ask()
        config = suggest(trial, problem)
        for rung in rungs:
            loss = evaluate(config, min(fidelity.low * rung, fidelity.high))
            trial.report(loss, rung)
            if rung != top and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, loss)


METHODS: dict[str, Minimize] = {
    "optuna-tpe": tpe,
    "optuna-gp": gp,
    "optuna-cmaes": cmaes,
    "optuna-random": random,
    "optuna-tpe-hyperband": tpe_hyperband,
}
