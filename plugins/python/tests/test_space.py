"""Search spaces as optimizers in Python see them."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from metaml.sdk.space import Parameter, Space, same
from metaml.sdk.study import Config

SPACE = Space.from_json(
    json.dumps(
        {
            "order": ["steps", "learner", "rate", "scale"],
            "parameters": {
                "learner": {"type": "categorical", "choices": ["svm", "forest", None], "weights": [6, 3, 1]},
                "rate": {"type": "float", "low": 0.001, "high": 1, "log": True, "when": {"learner": ["svm", "forest"]}},
                "steps": {
                    "type": "int",
                    "low": 1,
                    "high": 9,
                    "step": 4,
                    "when": {"or": [{"scale": True}, {"rate": 1}]},
                },
                "scale": {"type": "bool", "default": True, "when": {"and": [{"learner": "svm"}]}},
            },
            "forbidden": [{"learner": "svm", "steps": 5}],
        }
    )
)


def test_parents_come_first() -> None:
    assert [each.name for each in SPACE.parameters] == ["learner", "rate", "scale", "steps"]
    assert SPACE.conditional()
    assert not Space([Parameter("x", "float", 0, 1)]).conditional()


def test_what_is_drawn_is_active_and_allowed() -> None:
    rng = Random(7)
    draws = [SPACE.sample(rng) for _ in range(2000)]
    learners = Counter(each["learner"] for each in draws)
    for config in draws:
        names = {"svm": {"learner", "rate", "scale"}, "forest": {"learner", "rate"}, None: {"learner"}}
        expected = names[config["learner"]] | ({"steps"} if config.get("scale") is True else set())  # type: ignore[index]
        assert set(config) == expected
        assert config.get("steps", 1) in ((1, 9) if config["learner"] == "svm" else (1,))
    rates = [rate for each in draws if isinstance(rate := each.get("rate"), float)]
    assert len(rates) == learners["svm"] + learners["forest"]
    assert all(0.001 <= rate <= 1 for rate in rates)
    assert abs(sum(rate < 0.0316 for rate in rates) / len(rates) - 0.5) < 0.05, "half lie below the logarithmic middle"
    # of svm a sixth is drawn anew: half have steps, of which a third is forbidden
    assert abs(learners["forest"] / learners[None] - 3) < 1
    assert abs(learners["svm"] / learners["forest"] - 2 * 5 / 6) < 0.25


def test_the_same_stream_gives_the_same() -> None:
    assert SPACE.sample(Random("1/2")) == SPACE.sample(Random("1/2"))


def test_what_is_kept() -> None:
    rng = Random(1)
    for _ in range(100):
        config = SPACE.sample(rng, {"learner": "forest", "rate": 0.5, "scale": True, "unknown": 1})
        assert config == {"learner": "forest", "rate": 0.5}
    with pytest.raises(ValueError, match="none of 10000"):
        SPACE.sample(rng, {"learner": "svm", "scale": True, "steps": 5})


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (Parameter("x", "int", -1, 2), [-1, 0, 1, 2]),
        (Parameter("x", "int", 1, 8, log=True), [1, 2, 3, 4, 5, 6, 7, 8]),
        (Parameter("x", "float", 0.1, 0.65, step=0.2), [0.1, 0.3, 0.5]),
        (Parameter("x", "float", 0, 1, step=0.3), [0.0, 0.3, 0.6, 0.9]),
        (Parameter("x", "float", 3, 3), [3.0]),
        (Parameter("x", "bool", choices=[False, True]), [False, True]),
    ],
)
def test_every_value_of_a_grid_is_drawn(parameter: Parameter, values: list[float]) -> None:
    rng = Random(3)
    counts = Counter(parameter.draw(rng) for _ in range(400 * len(values)))
    assert sorted(counts, key=float) == values  # type: ignore[arg-type]
    assert [type(each) for each in counts] == [type(values[0])] * len(values)
    assert parameter.values() == values
    if not parameter.log:
        assert all(abs(count - 400) < 100 for count in counts.values())


def test_enumeration() -> None:
    assert SPACE.enumerate() is None, "rate is continuous"
    finite = Space(
        [Parameter("c", "int", 1, 2, when={"b": True}), Parameter("b", "bool", choices=[False, True])], [{"c": 2}]
    )
    everything = finite.enumerate()
    assert everything is not None
    assert list(everything) == [{"b": False}, {"b": True, "c": 1}]


@pytest.mark.parametrize(("a", "b", "equal"), [(1, 1.0, True), (1, True, False), (0, False, False), (None, 0, False)])
def test_values_that_are_the_same(a: Any, b: Any, equal: bool) -> None:
    assert same(a, b) is equal


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "no space"),
        ("{}", "parameters"),
        ("{", "Expecting"),
        ('{"order":["a"],"parameters":{}}', "KeyError"),
        ('{"order":["a"],"parameters":{"a":{"type":"int","low":0,"high":1,"colour":1}}}', "colour"),
        ('{"order":["a"],"parameters":{"a":{"type":"bool","when":{"a":true}}}}', "depend on each other"),
        ('{"order":["a"],"parameters":{"a":{"type":"bool","when":{"z":true}}}}', "none of this space"),
    ],
)
def test_what_is_no_space(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Space.from_json(text)


def test_conditions_on_inactive_parents_do_not_hold() -> None:
    config: Config = SPACE.sample(Random(0), {"learner": None})
    assert config == {"learner": None}
