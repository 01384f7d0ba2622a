"""CMA-ES of pycma and of cmaes, in the unit cube from a uniform point with step size 1/4."""

from __future__ import annotations

import math

import numpy as np

from protocol import Config, Minimize, Objective, Problem


def decode(problem: Problem, point: np.ndarray) -> Config:
    """Turn a point of the unit cube into a configuration: linear, or in the logarithm; integers own equal slices."""
    config: Config = {}
    for p, u in zip(problem.parameters, np.clip(point, 0, 1), strict=True):
        low, high = (p.low - 0.5, p.high + 0.5) if p.type == "int" else (p.low, p.high)
        if p.log:
            x = math.exp(math.log(low) + float(u) * (math.log(high) - math.log(low)))
        else:
            x = low + float(u) * (high - low)
        x = min(max(x, p.low), p.high)
        config[p.name] = round(x) if p.type == "int" else x
    return config


def pycma(problem: Problem, evaluate: Objective) -> None:
    """Pycma; what stops is started again with twice the population."""
    import cma  # noqa: PLC0415

    problem.require(numeric=True, unconditional=True)
    rng = np.random.default_rng(problem.seed)
    size = None
    for restart in range(1000):
        start = rng.random(len(problem.parameters))
        # Seed 0 would be the clock.
        options = {"bounds": [0, 1], "seed": 1000 * problem.seed + restart + 1, "verbose": -9}
        if size is not None:
            options["popsize"] = size
        strategy = cma.CMAEvolutionStrategy(start, 0.25, options)
        while not strategy.stop():
            points = strategy.ask()
            strategy.tell(points, [evaluate(decode(problem, x), None) for x in points])
        size = 2 * strategy.popsize


def cmaes_cma(problem: Problem, evaluate: Objective) -> None:
    """Cmaes; what stops is started again with twice the population."""
    from cmaes import CMA  # noqa: PLC0415

    problem.require(numeric=True, unconditional=True)
    n = len(problem.parameters)
    rng = np.random.default_rng(problem.seed)
    bounds = np.tile([0.0, 1.0], (n, 1))
    size = None
    for restart in range(1000):
        seed = 1000 * problem.seed + restart
        strategy = CMA(mean=rng.random(n), sigma=0.25, bounds=bounds, seed=seed, population_size=size)
        while not strategy.should_stop():
            points = [strategy.ask() for _ in range(strategy.population_size)]
            strategy.tell([(x, evaluate(decode(problem, x), None)) for x in points])
        size = 2 * strategy.population_size


METHODS: dict[str, Minimize] = {"pycma": pycma, "cmaes-cma": cmaes_cma}
