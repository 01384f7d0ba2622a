"""What the author of an evaluator writes: a description, and a worker module with ``load`` and ``evaluate``."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

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
    the functions ``load`` and ``evaluate``. lock is the hash of the lock file of the environment, empty if unknown.
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
