"""The line protocol between metaml and another library: metaml measures, the library proposes.

Each line is a JSON object with a type. At the start the library says ``ready``; metaml says ``open`` with a problem;
the library says ``ask`` with a configuration and gets ``loss``, or ``stop`` when the budget is spent, and answers that
with ``closed`` and its CPU seconds. Nothing is evaluated on this side. A ``loss`` may carry the configuration that was
evaluated in place of the one asked for, and say that it failed; methods that can be told so use ``measure``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import IO, Any, Protocol

Value = bool | int | float | str | None
Config = dict[str, Value]


class Stopped(BaseException):
    """The budget is spent. No ``except Exception`` of a library catches it."""


class UnsupportedError(Exception):
    """The library cannot express the problem."""


class GoneError(Exception):
    """Nobody listens any more."""


@dataclass(frozen=True)
class Parameter:
    """A hyperparameter: type is float, int, categorical, ordinal, bool or constant."""

    name: str
    type: str
    low: float
    high: float
    log: bool
    choices: tuple[Value, ...]
    when: tuple[tuple[str, tuple[Value, ...]], ...]

    @property
    def numeric(self) -> bool:
        """Whether it is a number of a range."""
        return self.type in {"float", "int"}


@dataclass(frozen=True)
class Fidelity:
    """The range of the fidelity."""

    name: str
    low: float
    high: float
    integer: bool


@dataclass(frozen=True)
class Problem:
    """What is to be minimised; budget counts full evaluations."""

    parameters: tuple[Parameter, ...]
    fidelity: Fidelity | None
    seed: int
    budget: float

    def require(self, *, numeric: bool = False, unconditional: bool = False, fidelity: bool = False) -> None:
        """Refuse what the library cannot do."""
        if numeric and not all(p.numeric for p in self.parameters):
            raise UnsupportedError("it takes numeric parameters only")
        if unconditional and any(p.when for p in self.parameters):
            raise UnsupportedError("it takes no conditional parameters")
        if fidelity and self.fidelity is None:
            raise UnsupportedError("it needs a fidelity")


@dataclass(frozen=True)
class Measured:
    """What came of a proposal: config is what was evaluated, loss is None where that failed."""

    config: Config
    loss: float | None
    substituted: bool


class Objective(Protocol):
    """What is to be minimised; the host evaluates it."""

    def __call__(self, config: Mapping[str, Any], fidelity: float | None = None) -> float:
        """Return the loss of exactly this configuration, at full fidelity if none is given."""

    def measure(self, config: Mapping[str, Any]) -> Measured:
        """Return what came of a configuration at full fidelity, maybe of another one in its place."""


Evaluate = Callable[[Mapping[str, Any], "float | None"], float]
Minimize = Callable[[Problem, Objective], None]


def parse_problem(message: Mapping[str, Any]) -> Problem:
    """Read an ``open`` message."""
    space = message["space"]
    if space.get("forbidden"):
        raise UnsupportedError("forbidden combinations are not translated")
    fields: Mapping[str, Mapping[str, Any]] = space["parameters"]
    order: Sequence[str] = space.get("order") or list(fields)
    ranges = message.get("fidelities") or []
    if len(ranges) > 1:
        raise UnsupportedError("more than one fidelity is not translated")
    fidelity = None
    if ranges:
        r = ranges[0]
        fidelity = Fidelity(r["name"], r["low"], r["high"], bool(r.get("integer")))
    parameters = tuple(parse_parameter(name, fields[name]) for name in order)
    return Problem(parameters, fidelity, int(message.get("seed", 0)), float(message["budget"]))


def parse_parameter(name: str, field: Mapping[str, Any]) -> Parameter:
    """Read a parameter of a space."""
    if field.get("step"):
        raise UnsupportedError("steps are not translated")
    kind = field["type"]
    choices = tuple(field.get("choices", ())) if kind != "bool" else (False, True)
    when = []
    for parent, values in (field.get("when") or {}).items():
        if parent in {"and", "or"}:
            raise UnsupportedError("nested conditions are not translated")
        when.append((parent, tuple(values) if isinstance(values, list) else (values,)))
    low, high = float(field.get("low", 0)), float(field.get("high", 1))
    return Parameter(name, kind, low, high, bool(field.get("log")), choices, tuple(when))


class Host:
    """The other end of the line."""

    def __init__(self, reader: IO[str], writer: IO[str]) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, **message: object) -> None:
        """Write a line."""
        self.writer.write(json.dumps(message) + "\n")
        self.writer.flush()

    def receive(self) -> dict[str, Any]:
        """Read a line."""
        line = self.reader.readline()
        if not line:
            raise GoneError
        message: dict[str, Any] = json.loads(line)
        return message


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Run:
    """One run: an objective that the host evaluates, and a clock that stands still meanwhile."""

    def __init__(self, host: Host, problem: Problem) -> None:
        self.host = host
        self.problem = problem
        self.started = cpu_seconds()
        self.waited = 0.0
        self.stopped = False

    def __call__(self, config: Mapping[str, Any], fidelity: float | None = None) -> float:
        """Return the loss of exactly this configuration, at full fidelity if none is given."""
        measured = self.ask({name: plain(value) for name, value in config.items()}, fidelity)
        if measured.substituted or measured.loss is None:
            raise UnsupportedError("it cannot be told of failures and of other configurations than it asked for")
        return measured.loss

    def measure(self, config: Mapping[str, Any]) -> Measured:
        """Return what came of a configuration at full fidelity, maybe of another one in its place."""
        return self.ask({name: plain(value) for name, value in config.items()}, None)

    def ask(self, config: Config, fidelity: float | None) -> Measured:
        """Have the host evaluate a configuration."""
        begin = cpu_seconds()
        message: dict[str, object] = {"config": config}
        if fidelity is not None and self.problem.fidelity is not None:
            message["fidelity"] = {self.problem.fidelity.name: plain(fidelity)}
        self.host.send(type="ask", **message)
        answer = self.host.receive()
        self.waited += cpu_seconds() - begin
        if answer["type"] == "stop":
            self.stopped = True
            raise Stopped
        instead = answer.get("config")
        loss = None if answer.get("failed") else float(answer["loss"])
        return Measured(config if instead is None else instead, loss, instead is not None and instead != config)

    def cpu(self) -> float:
        """Return the CPU seconds of the run."""
        return cpu_seconds() - self.started - self.waited


def plain(value: Any) -> Value:
    """Return a value of NumPy's as Python's."""
    item = getattr(value, "item", None)
    result: Value = item() if item is not None else value
    return result


def serve(packages: Sequence[str], minimize: Minimize) -> None:
    """Play runs until the host is gone."""
    # Libraries that print must not disturb the protocol.
    writer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    host = Host(sys.stdin, writer)
    host.send(type="ready", versions={name: metadata.version(name) for name in packages})
    try:
        while True:
            play(host, host.receive(), minimize)
    except GoneError:
        return


def play(host: Host, message: Mapping[str, Any], minimize: Minimize) -> None:
    """Play one run."""
    if message["type"] != "open":
        host.send(type="error", message=f"an open was expected, not {message['type']}")
        return
    try:
        run = Run(host, parse_problem(message))
        try:
            minimize(run.problem, run)
        except Stopped:
            pass
        if not run.stopped:
            host.send(type="exhausted")
            host.receive()  # stop
        host.send(type="closed", cpu=run.cpu())
    except UnsupportedError as error:
        host.send(type="unsupported", message=str(error))
