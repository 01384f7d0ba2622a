"""A search space, as an optimizer needs it: what is active, what is forbidden, and drawing at random.

The JSON form and the meaning are those of metaml's Go package ``space``.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from metaml.sdk.study import Config, Value

_MOST_DRAWS = 10_000
_MOST_DECIMALS = 15  # that grid points are rounded to
_MOST_INTEGER = 2**53


def same(a: Value, b: Value) -> bool:
    """Tell whether two values are the same choice: 1 and 1.0 are, 1 and True are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


@dataclass(frozen=True)
class Parameter:
    """One dimension of a space.

    type is float, int, categorical, ordinal, bool or constant. Numbers lie in [low, high], both ends included, with
    log in the logarithm and with step > 0 on the grid low, low + step, …; all others are one of choices, drawn by
    weights where there are any. default is the value that the space's author thinks good, None if undeclared. when is
    the condition under which the parameter is active, None for always.
    """

    name: str
    type: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float = 0.0
    choices: Sequence[Value] = ()
    weights: Sequence[float] | None = None
    default: Value = None
    when: Mapping[str, Any] | None = None

    def draw(self, rng: Random) -> Value:
        """Draw a value at random."""
        if self.choices:
            return rng.choices(self.choices, self.weights)[0]
        grid, low, high = self._grid(), self.low, self.high
        if grid:  # every grid point has an interval of its own, the outer ones too
            low, high = low - grid / 2, low + (self._last() + 0.5) * grid
            if self.log and low <= 0:
                low = self.low
        if not self.log:
            return self._number(rng.uniform(low, high))
        return self._number(math.exp(rng.uniform(math.log(low), math.log(high))))

    def values(self) -> Sequence[Value] | None:
        """Return every value, in order; None if there are infinitely many."""
        if self.choices:
            return self.choices
        grid = self._grid()
        if not grid:
            return [self.low] if self.low == self.high else None
        return [self._number(self.low + k * grid) for k in range(self._last() + 1)]

    def _grid(self) -> float:
        return max(self.step, 1.0) if self.type == "int" else self.step

    def _last(self) -> int:
        return math.floor((self.high - self.low) / self._grid() + 1e-6)

    def _number(self, x: float) -> Value:
        grid = self._grid()
        if grid:
            x = self._point(min(max(round((x - self.low) / grid), 0), self._last()))
        x = min(max(x, self.low), self.high)
        return round(x) if self.type == "int" else float(x)

    def _point(self, k: int) -> float:
        """Return grid point k. Where low and the step have few decimals it has no more than they, as in Go's space."""
        for decimals in range(_MOST_DECIMALS + 1):
            scale = 10.0**decimals
            low, step = round(self.low * scale), round(self._grid() * scale)
            if low / scale != self.low or step / scale != self._grid():
                continue
            if abs(low) <= _MOST_INTEGER and abs(low + k * step) <= _MOST_INTEGER:
                return (low + k * step) / scale
            break
        return self.low + k * self._grid()


class Space:
    """A search space. parameters stand in an order in which those that others depend on come first."""

    def __init__(self, parameters: Sequence[Parameter], forbidden: Sequence[Mapping[str, Any]] = ()) -> None:
        self.parameters = _parents_first(parameters)
        self.forbidden = tuple(forbidden)

    @staticmethod
    def from_json(text: str) -> "Space":
        """Read the JSON form; raise ValueError if it is none."""
        data = json.loads(text)
        try:
            declared = data["parameters"]
            return Space([_parameter(name, declared[name]) for name in data["order"]], data.get("forbidden", ()))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no space: {error!r}") from error

    def conditional(self) -> bool:
        """Tell whether some parameter is active under a condition only."""
        return any(each.when for each in self.parameters)

    def allowed(self, config: Config) -> bool:
        """Tell whether no forbidden clause holds."""
        return not any(_holds(clause, config) for clause in self.forbidden)

    def sample(self, rng: Random, keep: Mapping[str, Value] | None = None) -> Config:
        """Draw a configuration in which active parameters have the values of keep, and the rest is drawn at random.

        What keep has of inactive parameters is left out. Forbidden configurations are drawn anew; ValueError says that
        all of very many were forbidden.
        """
        for _ in range(_MOST_DRAWS):
            config: Config = {}
            for each in self.parameters:
                if _holds(each.when, config):
                    config[each.name] = keep[each.name] if keep and each.name in keep else each.draw(rng)
            if self.allowed(config):
                return config
        raise ValueError(f"none of {_MOST_DRAWS} configurations drawn is allowed")

    def enumerate(self) -> Iterator[Config] | None:
        """Yield every allowed configuration, in order; None for an infinite space."""
        values = [each.values() for each in self.parameters]
        if any(each is None for each in values):
            return None
        return self._enumerate([each or () for each in values], {}, 0)

    def _enumerate(self, values: Sequence[Sequence[Value]], config: Config, depth: int) -> Iterator[Config]:
        if depth == len(self.parameters):
            if self.allowed(config):
                yield config
            return
        parameter = self.parameters[depth]
        if not _holds(parameter.when, config):
            yield from self._enumerate(values, config, depth + 1)
            return
        for value in values[depth]:
            yield from self._enumerate(values, {**config, parameter.name: value}, depth + 1)


def _parameter(name: str, declared: Mapping[str, Any]) -> Parameter:
    fields = {**declared}
    if fields["type"] == "bool":
        fields["choices"] = [False, True]
    return Parameter(name=name, **fields)


def _holds(condition: Mapping[str, Any] | None, config: Config) -> bool:
    """Tell whether a condition holds: a mapping from parents to a value or values, joined by and and or."""
    return all(_term(parent, wanted, config) for parent, wanted in (condition or {}).items())


def _term(parent: str, wanted: Any, config: Config) -> bool:
    if parent == "and":
        return all(_holds(each, config) for each in wanted)
    if parent == "or":
        return any(_holds(each, config) for each in wanted)
    values = wanted if isinstance(wanted, list) else [wanted]
    return parent in config and any(same(config[parent], each) for each in values)


def _parents(condition: Mapping[str, Any] | None) -> set[str]:
    names: set[str] = set()
    for parent, wanted in (condition or {}).items():
        names |= set().union(*map(_parents, wanted)) if parent in ("and", "or") else {parent}
    return names


def _parents_first(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Return the parameters in their order, but each after those that it depends on."""
    ordered: list[Parameter] = []
    waiting = list(parameters)
    while waiting:
        known = {each.name for each in ordered}
        ready = [each for each in waiting if _parents(each.when) <= known]
        if not ready:
            raise ValueError(f"parameters depend on each other, or on none of this space: {[p.name for p in waiting]}")
        ordered.append(ready[0])
        waiting.remove(ready[0])
    return tuple(ordered)
