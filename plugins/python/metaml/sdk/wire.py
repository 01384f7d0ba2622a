"""Converts between the plain data of :mod:`metaml.sdk.study` and the messages of the protocol."""

from typing import Any

from metaml.sdk.contract import Description
from metaml.sdk.study import STATUSES, Limits, Observation, Suggestion, Trial, Value
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


def to_trial(trial: Trial) -> pb.Trial:
    """Return a trial as a message."""
    return pb.Trial(
        suggestion=to_suggestion(trial.suggestion),
        status=pb.Status.ValueType(STATUSES.index(trial.status)),
        observations=[to_observation(each) for each in trial.observations],
        reason=trial.reason,
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
