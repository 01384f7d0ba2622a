"""What an optimizer was told."""

from random import Random

import pytest

from metaml.sdk import Exhausted, FidelityRange, History, Objective, Problem, Suggestion, Trial
from metaml.sdk.space import Parameter, Space
from metaml.sdk.study import COMPLETE, FAILED, PENDING

FEW = Space([Parameter("a", "bool", choices=[False, True]), Parameter("b", "int", 1, 3)])
PROBLEM = Problem(FEW, [Objective("loss")], [FidelityRange("epochs", 1, 9)], seed=5)


def trial(number: int, b: int, status: str = PENDING, loss: float | None = None, a: bool = True) -> Trial:
    """Return a trial."""
    return Trial(Suggestion(number, {"a": a, "b": b}), status, losses=[] if loss is None else [loss])


def test_telling_twice_changes_nothing() -> None:
    history = History(PROBLEM)
    first, second, done = trial(1, 1), trial(2, 2), trial(1, 1, COMPLETE, 0.5)
    assert history.tell([first, second]) == [first, second]
    assert history.tell([second, done, done, first]) == [done]
    assert history.tell([first, done]) == []
    assert history.finished == [done]
    assert list(history.pending.values()) == [second]


def test_ranking() -> None:
    history = History(PROBLEM)
    history.tell(
        [trial(1, 1, COMPLETE, 2.0), trial(2, 2, FAILED), trial(3, 3, COMPLETE, 1.0), trial(4, 1, COMPLETE, 1.0)]
    )
    assert [each.suggestion.id for each in history.ranked()] == [3, 4, 1]


def test_what_was_tried() -> None:
    history = History(PROBLEM)
    history.tell([trial(1, 1), Trial(Suggestion(2, {"a": True, "b": 2}, {"epochs": 3.0}), PENDING)])
    assert history.tried({"b": 1.0, "a": True})
    assert history.tried({"b": 1, "a": True}, {"epochs": 9.0}), "the maximum is the full fidelity"
    assert not history.tried({"b": 1, "a": 1}), "1 is not true"
    assert not history.tried({"b": 2, "a": True})
    assert history.tried({"b": 2, "a": True}, {"epochs": 3.0})


def test_a_batch_takes_everything_once_and_leaves_the_history_alone() -> None:
    history = History(PROBLEM)
    history.tell([trial(1, 1)])
    for _ in range(2):
        batch = history.batch()
        drawn = [batch.draw(Random(9)) for _ in range(5)]
        assert len({tuple(each.items()) for each in drawn}) == 5
        assert {"a": True, "b": 1} not in drawn
        assert not batch.take(drawn[0])
        with pytest.raises(Exhausted):
            batch.draw(Random(9))


def test_an_infinite_space_is_never_exhausted() -> None:
    flag = Parameter("b", "bool", choices=[False, True])
    space = Space([flag, Parameter("x", "float", 0, 1, when={"b": True})], [{"b": True}])
    batch = History(Problem(space, [])).batch()
    assert [batch.draw(Random(1)) for _ in range(2)] == [{"b": False}] * 2, "all but one configuration is forbidden"


def test_streams_are_of_the_seed_and_the_trial() -> None:
    draws = {Problem(FEW, [], seed=seed).stream(number).random() for seed in range(3) for number in range(3)}
    assert len(draws) == 9
    assert PROBLEM.stream(4).random() == PROBLEM.stream(4).random()
