"""The vocabulary of a study: what is asked of an evaluator and what it answers, as plain data.

The JSON form of every class is that of metaml's Go package ``study``, in which evaluators write their journal.
"""

import json
from dataclasses import dataclass, field
from typing import Any

Value = None | bool | int | float | str
"""A hyperparameter's value."""
Config = dict[str, Value]
"""A value for every active hyperparameter."""

PENDING = "pending"
COMPLETE = "complete"
PRUNED = "pruned"
FAILED = "failed"
TIMED_OUT = "timed_out"
OUT_OF_MEMORY = "out_of_memory"
CRASHED = "crashed"

STATUSES = (PENDING, COMPLETE, PRUNED, FAILED, TIMED_OUT, OUT_OF_MEMORY, CRASHED)
"""The statuses of a trial, in the order of the protocol's numbers."""


@dataclass
class Suggestion:
    """A configuration to evaluate. A fidelity that is missing is at its maximum; seed has 64 bits."""

    id: int
    config: Config
    fidelity: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    parent: int = 0
    origin: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; the seed is text, because JSON numbers end at 2^53."""
        return {
            "id": self.id,
            "config": self.config,
            "fidelity": self.fidelity,
            "seed": str(self.seed),
            "parent": self.parent,
            "origin": self.origin,
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Suggestion":
        """Read the JSON form."""
        return Suggestion(**{**data, "seed": int(data["seed"])})


@dataclass
class Limits:
    """Bounds of one evaluation; 0 means no bound.

    Seconds in all, seconds of one model's fit, bytes of memory beyond what libraries and tables take before it begins,
    and threads (0: one).
    """

    wall_seconds: float = 0.0
    fit_seconds: float = 0.0
    memory_bytes: float = 0.0
    threads: int = 0


@dataclass
class Cost:
    """What an evaluation took so far: seconds, and peak bytes of resident memory (libraries included)."""

    wall: float = 0.0
    cpu: float = 0.0
    fit: float = 0.0
    predict: float = 0.0
    memory: float = 0.0


@dataclass
class Observation:
    """One measurement: step of steps, 0 where steps mean nothing; metrics keep their own direction."""

    step: int = 0
    steps: int = 0
    fidelity: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    cost: Cost = field(default_factory=Cost)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "step": self.step,
            "steps": self.steps,
            "fidelity": self.fidelity,
            "metrics": self.metrics,
            "cost": vars(self.cost),
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Observation":
        """Read the JSON form."""
        return Observation(**{**data, "cost": Cost(**data["cost"])})


@dataclass
class Trial:
    """What became of a suggestion.

    observations has all that were reported, in order; the last is the final one. A trial that is neither complete nor
    pruned has a reason, and a last observation without metrics, which says what the trial cost. losses, one per
    objective and minimised, are metaml's to set: optimizers are told them, evaluators leave them empty. checkpoint is a
    folder that a later trial can continue from.
    """

    suggestion: Suggestion
    status: str
    observations: list[Observation] = field(default_factory=list)
    reason: str = ""
    losses: list[float] = field(default_factory=list)
    checkpoint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form as evaluators write it, without losses."""
        return {
            **self.suggestion.to_json(),
            "status": self.status,
            "observations": [each.to_json() for each in self.observations],
            "reason": self.reason,
        }


def parse_object(text: str) -> dict[str, Any]:
    """Read a JSON object; raise ValueError for anything else."""
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f"a JSON object is expected, not {text[:40]!r}")
    return data
