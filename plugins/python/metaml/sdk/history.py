"""What an optimizer was told: which trials ended and how, which still run, and what was tried already."""

from collections.abc import Hashable, Mapping, Sequence
from random import Random

from metaml.sdk.contract import Exhausted, Problem
from metaml.sdk.study import COMPLETE, PENDING, Config, Trial

_DRAWS = 100  # before an enumeration, which costs more


class History:
    """Keeps the trials of one study. Telling the same twice changes nothing."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.finished: list[Trial] = []
        """The trials that ended, in the order in which their ends were told."""
        self.pending: dict[int, Trial] = {}
        """The trials that still run, by number."""
        self._ended: set[int] = set()
        self._tried: set[Hashable] = set()

    def tell(self, trials: Sequence[Trial]) -> list[Trial]:
        """Add trials, and return those that were news: a trial seen for the first time, or the end of a pending one."""
        news = []
        for trial in trials:
            number = trial.suggestion.id
            if number in self._ended or (trial.status == PENDING and number in self.pending):
                continue
            self._tried.add(self._key(trial.suggestion.config, trial.suggestion.fidelity))
            if trial.status == PENDING:
                self.pending[number] = trial
            else:
                self.pending.pop(number, None)
                self._ended.add(number)
                self.finished.append(trial)
            news.append(trial)
        return news

    def ranked(self) -> list[Trial]:
        """Return the complete trials by their first loss, the best first, equal ones in the order told."""
        return sorted((t for t in self.finished if t.status == COMPLETE), key=lambda trial: trial.losses[0])

    def tried(self, config: Config, fidelity: Mapping[str, float] | None = None) -> bool:
        """Tell whether a configuration was evaluated, or is, at a fidelity (none: the full one)."""
        return self._key(config, fidelity) in self._tried

    def batch(self) -> "Batch":
        """Begin an ask."""
        return Batch(self)

    def _key(self, config: Config, fidelity: Mapping[str, float] | None) -> Hashable:
        full = {each.name: each.high for each in self.problem.fidelities}
        effort = {name: value for name, value in (fidelity or {}).items() if value != full.get(name)}
        values = frozenset((name, isinstance(value, bool), value) for name, value in config.items())
        return values, frozenset(effort.items())


class Batch:
    """One ask: what it takes counts as tried for the rest of the ask, while the history stays as it is."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._taken: set[Hashable] = set()

    def take(self, config: Config, fidelity: Mapping[str, float] | None = None) -> bool:
        """Take a configuration and tell whether it was new: neither tried nor taken before."""
        key = self._history._key(config, fidelity)
        if key in self._taken or key in self._history._tried:
            return False
        self._taken.add(key)
        return True

    def draw(self, rng: Random, fidelity: Mapping[str, float] | None = None) -> Config:
        """Take a new configuration at random.

        Where chance finds none, a finite space is searched in order; Exhausted says that everything was tried. In an
        infinite space that repeats itself nevertheless the last draw is returned, new or not.
        """
        space = self._history.problem.space
        for _ in range(_DRAWS):
            config = space.sample(rng)
            if self.take(config, fidelity):
                return config
        everything = space.enumerate()
        if everything is None:
            return config
        for config in everything:
            if self.take(config, fidelity):
                return config
        raise Exhausted
