#!/usr/bin/env python3
"""The optimizer evolution: as metaml-optimizer-evolution beside metaml, in its plugin folder or on PATH, metaml has it.

Most trials are a child of one of the best: it keeps most of the parent's values, and the rest is drawn anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from metaml.sdk import History, OptimizerDescription, Problem, Suggestion, Trial, serve_optimizer
from metaml.sdk.history import Batch
from metaml.sdk.study import Config


class Evolution:
    """Steady-state evolution without recombination."""

    def __init__(self, problem: Problem, settings: Mapping[str, Any]) -> None:
        self.problem, self.history = problem, History(problem)
        self.parents = settings.get("parents", 4)
        if not isinstance(self.parents, int) or self.parents < 1:
            raise ValueError(f"parents is {self.parents!r}, but must be at least 1")

    def tell(self, trials: Sequence[Trial]) -> None:
        """Remember the trials."""
        self.history.tell(trials)

    def ask(self, first: int, n: int) -> Iterator[Suggestion]:
        """Propose a child, or a random configuration for every fifth trial and until there are parents."""
        batch = self.history.batch()
        for number in range(first, first + n):
            yield Suggestion(number, self.propose(self.problem.stream(number), batch))

    def propose(self, rng: Random, batch: Batch) -> Config:
        """Return a configuration that was not tried yet."""
        parents = self.history.ranked()[: self.parents]
        for _ in range(20 if len(parents) == self.parents and rng.random() < 0.8 else 0):
            parent = rng.choice(parents).suggestion.config
            change = rng.choice(sorted(parent))
            keep = {name: value for name, value in parent.items() if name != change and rng.random() < 0.8}
            child = self.problem.space.sample(rng, keep)
            if batch.take(child):
                return child
        return batch.draw(rng)


if __name__ == "__main__":
    schema = {"type": "object", "properties": {"parents": {"type": "integer", "minimum": 1, "default": 4}}}
    about = OptimizerDescription("evolution", "1.0", schema, conditions=True, categorical=True, pending=True)
    serve_optimizer(about, Evolution)
