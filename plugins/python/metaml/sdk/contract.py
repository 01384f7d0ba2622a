"""What the authors of plugins write.

Of an evaluator: a description, and a worker module with ``load`` and ``evaluate``. Of an optimizer: a description, and
a class with ``ask`` and ``tell``.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol, runtime_checkable

from metaml.sdk import study
from metaml.sdk.space import Space
from metaml.sdk.study import Suggestion


@dataclass(frozen=True)
class Objective:
    """A metric and its direction."""

    metric: str
    maximize: bool = False


@dataclass(frozen=True)
class FidelityRange:
    """A fidelity's range, from the cheapest evaluation to the full one."""

    name: str
    low: float
    high: float
    log: bool = False
    integer: bool = False


@dataclass(frozen=True)
class Description:
    """What an evaluator is.

    spaces (canonical JSON) and metrics go by task type; the first metric is the default. worker names the module with
    the functions ``load`` and ``evaluate``; it may lie beside the program that serves. lock is the hash of the lock
    file of the environment, empty if unknown.
    bounded_address_space sets RLIMIT_AS to the memory limit as well, which stops a sudden blow-up surely, but also
    programs that reserve much more than they use.
    """

    name: str
    version: str
    worker: str
    spaces: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Sequence[Objective]] = field(default_factory=dict)
    fidelities: Sequence[FidelityRange] = ()
    lock: str = ""
    bounded_address_space: bool = False


class Trial(Protocol):
    """The running trial, as a worker sees it."""

    def fitting(self, model: str = "") -> AbstractContextManager[None]:
        """Time what happens inside as fitting.

        The trial ends as timed_out the moment that the time spent inside for the same model exceeds the fit limit,
        in the middle of foreign code too.
        """

    def predicting(self) -> AbstractContextManager[None]:
        """Time what happens inside as predicting."""

    def report(self, step: int, steps: int, fidelity: Mapping[str, float], metrics: Mapping[str, float]) -> bool:
        """Send an intermediate result; True asks to end now, with the final metrics of what there is.

        The last step (step == steps) never asks so.
        """


class Worker(Protocol):
    """The worker module. What raises inside evaluate makes the trial failed, with the exception as reason."""

    def load(self, path: Path, protocol: Mapping[str, Any]) -> Any:
        """Read a staged table; it is handed to evaluate. Raise ValueError if it cannot be used."""

    def evaluate(self, table: Any, suggestion: Suggestion, trial: Trial) -> Mapping[str, float]:
        """Return the final metrics of a suggestion. Runs in a fork: whatever it leaves behind is gone."""


@dataclass(frozen=True)
class OptimizerDescription:
    """What an optimizer is and can deal with; what it cannot, metaml refuses before a study begins.

    settings is the JSON Schema of its settings, None if it has none. It can deal with conditions: parameters that are
    active under a condition only; categorical: parameters without an order; pending: trials that still run; fidelity:
    cheaper evaluations, which it then proposes; and with so many objectives. An optimizer that is a Stopper says
    stopping, one that is a Primer prior. lock is the hash of the lock file of its environment, empty if unknown.
    """

    name: str
    version: str
    settings: Mapping[str, Any] | None = None
    conditions: bool = False
    categorical: bool = False
    pending: bool = False
    fidelity: bool = False
    stopping: bool = False
    prior: bool = False
    objectives: int = 1
    lock: str = ""


@dataclass(frozen=True)
class Problem:
    """What an optimizer is opened with. Losses it is told are minimised, whatever the direction of the metric."""

    space: Space
    objectives: Sequence[Objective]
    fidelities: Sequence[FidelityRange] = ()
    seed: int = 0

    def stream(self, number: int) -> Random:
        """Return the random stream of a trial: whatever chance decides about that trial is drawn from it alone."""
        return Random(f"{self.seed}/{number}")


class Exhausted(Exception):
    """Nothing is left to propose."""


class Optimizer(Protocol):
    """Proposes configurations for one study.

    It has one caller at a time, does no I/O and reads no clock: what it proposes is a pure function of the problem, its
    settings, the prior and the trials told so far, and trial i draws from ``problem.stream(i)``.
    """

    def ask(self, first: int, n: int) -> Iterable[Suggestion]:
        """Propose at most n trials, numbered from first on.

        None at all means: wait for a tell. Exhausted, also raised after some were yielded, says that nothing is left.
        Asking changes nothing: the same question after the same trials has the same answer.
        """

    def tell(self, trials: Sequence[study.Trial]) -> None:
        """Learn from trials in the order of the study's log, running ones included, be they its own or not.

        Telling the same again changes nothing. Only complete trials, and some pruned ones, have losses.
        """


@runtime_checkable
class Stopper(Protocol):
    """An optimizer that also judges trials while they run."""

    def observe(self, number: int, observation: study.Observation) -> bool:
        """Tell whether to stop a trial after this intermediate result."""


@runtime_checkable
class Primer(Protocol):
    """An optimizer that also takes a prior."""

    def prime(self, prior: Mapping[str, Any]) -> None:
        """Take what is known before the first ask: tasks, densities and bounds, in the JSON form of ``study.Prior``."""
