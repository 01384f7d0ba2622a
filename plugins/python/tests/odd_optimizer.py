"""An optimizer with every power, that misbehaves where its settings say so."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metaml.sdk import Exhausted, Observation, OptimizerDescription, Problem, Suggestion, Trial, serve_optimizer


class Odd:
    """Counts what it is told."""

    def __init__(self, problem: Problem, settings: Mapping[str, Any]) -> None:
        self.problem, self.settings = problem, settings
        self.told: list[Trial] = []
        self.tasks = 0
        if settings.get("fault") == "settings":
            raise ValueError("fault must be another one")

    def prime(self, prior: Mapping[str, Any]) -> None:
        """Count the tasks."""
        self.tasks = len(prior["tasks"])

    def tell(self, trials: Sequence[Trial]) -> None:
        """Keep the trials."""
        self.told.extend(trials)

    def ask(self, first: int, n: int) -> Iterator[Suggestion]:
        """Propose what was counted, twice at most."""
        if self.settings.get("fault") == "ask":
            raise ZeroDivisionError("of course")
        for number in range(first, first + min(n, 2)):
            losses = sum(loss for trial in self.told for loss in trial.losses)
            yield Suggestion(number, {"told": len(self.told), "losses": losses, "tasks": self.tasks})
        if n > 2:
            raise Exhausted

    def observe(self, number: int, observation: Observation) -> bool:
        """Stop odd trials."""
        return number % 2 == 1 and observation.metrics["m"] > 0


if __name__ == "__main__":
    serve_optimizer(OptimizerDescription("odd", "1", stopping=True, prior=True), Odd)
