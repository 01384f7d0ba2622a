"""Converts between the plain data of :mod:`metaml.sdk.study` and the messages of the protocol."""

import json
from typing import Any

from metaml.sdk.contract import Description, FidelityRange, Objective, OptimizerDescription, Problem
from metaml.sdk.space import Space
from metaml.sdk.study import STATUSES, Cost, Limits, Observation, Suggestion, Trial, Value
from metaml.v1 import plugin_pb2 as pb


def to_value(value: Value) -> pb.Value:
    """Return a hyperparameter's value as a message."""
    if value is None:
        return pb.Value(null=True)
    if isinstance(value, bool):
        return pb.Value(boolean=value)
    if isinstance(value, int):
        return pb.Value(integer=value)
    if isinstance(value, float):
        return pb.Value(number=value)
    return pb.Value(text=value)


def from_value(message: pb.Value) -> Value:
    """Return the value of a message; raise ValueError if it holds none."""
    kind = message.WhichOneof("kind")
    if kind is None:
        raise ValueError("a value without a kind")
    value: Value = getattr(message, kind)
    return None if kind == "null" else value


def to_suggestion(suggestion: Suggestion) -> pb.Suggestion:
    """Return a suggestion as a message."""
    return pb.Suggestion(
        id=suggestion.id,
        config={name: to_value(value) for name, value in suggestion.config.items()},
        fidelity=suggestion.fidelity,
        seed=suggestion.seed,
        parent=suggestion.parent,
        origin=suggestion.origin,
    )


def from_suggestion(message: pb.Suggestion) -> Suggestion:
    """Return the suggestion of a message."""
    return Suggestion(
        id=message.id,
        config={name: from_value(value) for name, value in sorted(message.config.items())},
        fidelity=dict(sorted(message.fidelity.items())),
        seed=message.seed,
        parent=message.parent,
        origin=message.origin,
    )


def to_observation(observation: Observation) -> pb.Observation:
    """Return an observation as a message."""
    return pb.Observation(
        step=observation.step,
        steps=observation.steps,
        fidelity=observation.fidelity,
        metrics=observation.metrics,
        cost=pb.Cost(**vars(observation.cost)),
    )


def from_observation(message: pb.Observation) -> Observation:
    """Return the observation of a message."""
    cost = message.cost
    return Observation(
        step=message.step,
        steps=message.steps,
        fidelity=dict(sorted(message.fidelity.items())),
        metrics=dict(sorted(message.metrics.items())),
        cost=Cost(cost.wall, cost.cpu, cost.fit, cost.predict, cost.memory),
    )


def to_trial(trial: Trial) -> pb.Trial:
    """Return a trial as a message."""
    return pb.Trial(
        suggestion=to_suggestion(trial.suggestion),
        status=pb.Status.ValueType(STATUSES.index(trial.status)),
        observations=[to_observation(each) for each in trial.observations],
        reason=trial.reason,
    )


def from_trial(message: pb.Trial) -> Trial:
    """Return the trial of a message; raise ValueError if its status is unknown."""
    if not 0 <= message.status < len(STATUSES):
        raise ValueError(f"a trial with the unknown status {message.status}")
    return Trial(
        suggestion=from_suggestion(message.suggestion),
        status=STATUSES[message.status],
        observations=[from_observation(each) for each in message.observations],
        reason=message.reason,
        losses=list(message.losses),
        checkpoint=message.checkpoint,
    )


def from_limits(message: pb.Limits) -> Limits:
    """Return the limits of a message."""
    return Limits(
        wall_seconds=message.wall_seconds,
        fit_seconds=message.fit_seconds,
        memory_bytes=message.memory_bytes,
        threads=message.threads,
    )


def to_description(description: Description) -> pb.DescribeResponse:
    """Return what an evaluator says about itself as a message."""
    metrics: dict[str, Any] = {
        task: pb.MetricList(metrics=[pb.Objective(metric=each.metric, maximize=each.maximize) for each in objectives])
        for task, objectives in description.metrics.items()
    }
    return pb.DescribeResponse(
        name=description.name,
        version=description.version,
        lock=description.lock,
        spaces_json=description.spaces,
        metrics=metrics,
        fidelities=[pb.Range(**vars(each)) for each in description.fidelities],
    )


def to_optimizer_description(description: OptimizerDescription) -> pb.DescribeResponse:
    """Return what an optimizer says about itself as a message."""
    settings = description.settings
    return pb.DescribeResponse(
        name=description.name,
        version=description.version,
        lock=description.lock,
        settings_schema_json="" if settings is None else json.dumps(settings, sort_keys=True),
        capabilities=pb.Capabilities(
            conditions=description.conditions,
            categorical=description.categorical,
            pending=description.pending,
            fidelity=description.fidelity,
            stopping=description.stopping,
            prior=description.prior,
            objectives=description.objectives,
        ),
    )


def from_problem(message: pb.Problem) -> Problem:
    """Return the problem of a message; raise ValueError if its space cannot be read."""
    return Problem(
        space=Space.from_json(message.space_json),
        objectives=[Objective(each.metric, each.maximize) for each in message.objectives],
        fidelities=[
            FidelityRange(each.name, each.low, each.high, each.log, each.integer) for each in message.fidelities
        ],
        seed=message.seed,
    )
