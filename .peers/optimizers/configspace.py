"""Translate a problem's space to ConfigSpace, of before and after version 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ConfigSpace as cs  # noqa: N813 - as its manual does

from protocol import Parameter, Problem


def translate(problem: Problem) -> cs.ConfigurationSpace:
    """Return the space, seeded by the problem's seed."""
    space = cs.ConfigurationSpace(seed=problem.seed)
    made = {p.name: hyperparameter(p) for p in problem.parameters}
    add = getattr(space, "add_hyperparameters", None)
    if add is not None:
        add(list(made.values()))
    else:
        space.add(list(made.values()))
    for p in problem.parameters:
        conditions = [cs.InCondition(made[p.name], made[parent], list(values)) for parent, values in p.when]
        if not conditions:
            continue
        condition = conditions[0] if len(conditions) == 1 else cs.AndConjunction(*conditions)
        if hasattr(space, "add_condition"):
            space.add_condition(condition)
        else:
            space.add(condition)
    return space


def hyperparameter(p: Parameter) -> Any:
    """Translate one parameter."""
    if p.type == "float":
        return cs.UniformFloatHyperparameter(p.name, p.low, p.high, log=p.log)
    if p.type == "int":
        return cs.UniformIntegerHyperparameter(p.name, int(p.low), int(p.high), log=p.log)
    return cs.CategoricalHyperparameter(p.name, list(p.choices))


def values(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the active parameters of a configuration, as dict or as either version's object."""
    if hasattr(config, "get_dictionary"):
        config = config.get_dictionary()
    return {name: value for name, value in dict(config).items() if value is not None}


def restore(space: cs.ConfigurationSpace, config: Mapping[str, Any], problem: Problem) -> cs.Configuration:
    """Return the configuration of the space that has those active parameters."""
    floats = {p.name for p in problem.parameters if p.type == "float"}
    return cs.Configuration(space, values={name: float(x) if name in floats else x for name, x in config.items()})
