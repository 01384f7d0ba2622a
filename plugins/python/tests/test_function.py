"""How users' functions are called and understood; what they do in processes is tested in Go's plugins/function."""

import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metaml.evaluators import function as evaluator

PARAMETERS = ["x", "kernel", "degree"]
CONFIG = {"x": 0.5, "kernel": "rbf"}
FIDELITY = {"epochs": 3}
EXTRAS = {"fidelity": FIDELITY, "report": None, "checkpoint": None, "parent": None, "seed": 7, "trial": 1}


def call(function: Callable[..., Any]) -> Any:
    return evaluator.Function(function, PARAMETERS, ["epochs"])(CONFIG, FIDELITY, EXTRAS)


def test_parameters_come_by_name() -> None:
    def takes_some(kernel: str, x: float, degree: int = 3, depth: int = 1) -> Any:
        return x, kernel, degree, depth

    def takes_all(x: float, kernel: str, degree: Any, *, epochs: int, seed: int, fidelity: Any) -> Any:
        return x, kernel, degree, epochs, seed, fidelity

    def takes_the_rest(seed: int, **config: Any) -> Any:
        return seed, config

    assert call(takes_some) == (0.5, "rbf", 3, 1)
    assert call(takes_all) == (0.5, "rbf", None, 3, 7, FIDELITY)
    assert call(takes_the_rest) == (7, CONFIG)


def test_the_first_argument_may_be_the_whole_configuration() -> None:
    def objective(params: dict[str, Any], epochs: int) -> Any:
        params["x"] = 1
        return params, epochs

    assert call(objective) == ({"x": 1, "kernel": "rbf"}, 3)
    assert CONFIG["x"] == 0.5
    assert call(lambda anything: anything) == CONFIG


def test_a_parameter_goes_before_what_has_its_name() -> None:
    names = evaluator.Function(lambda seed, epochs: (seed, epochs), ["seed", "epochs"], ["epochs"])
    assert names({"seed": 1, "epochs": 2}, {"epochs": 3}, EXTRAS) == (1, 2)


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x, kernel, degree, depth: 0, "takes depth, which is no parameter"),
        (lambda x, kernel: 0, "does not take degree, a parameter of the space"),
        (lambda lr, x, kernel, degree: 0, "takes lr, which is no parameter"),
        (lambda: 0, "does not take x"),
    ],
)
def test_functions_that_do_not_fit_are_refused(function: Callable[..., Any], why: str) -> None:
    with pytest.raises(evaluator.Refused, match=why):
        evaluator.Function(function, PARAMETERS, ["epochs"])


def test_what_is_measured() -> None:
    assert evaluator.measured(1, "loss") == {"loss": 1.0}
    assert evaluator.measured(True, "loss") == {"loss": 1.0}
    found = evaluator.measured({"loss": "0.5", "acc": 2, "table": [1], "bad": float("inf")}, "loss")
    assert found == {"loss": 0.5, "acc": 2.0}
    wrong: list[tuple[Any, type[Exception]]] = [
        (None, TypeError),
        ([1], TypeError),
        (float("nan"), ValueError),
        ({}, ValueError),
    ]
    for value, error in wrong:
        with pytest.raises(error, match="loss"):
            evaluator.measured(value, "loss")


def test_errors_are_one_line_and_name_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("import json\n\ndef objective():\n    json.loads('{')\n")
    monkeypatch.chdir(tmp_path)
    function = evaluator.load("mine.py:objective")
    with pytest.raises(json.JSONDecodeError) as caught:
        function()
    text = evaluator.explain(caught.value)
    assert text.startswith("JSONDecodeError: Expecting property name")
    assert text.endswith("(mine.py, line 4, in objective)")
    assert len(evaluator.explain(ValueError("x\n" * 5000))) <= 500
    assert evaluator.explain(KeyError()) == "KeyError: no message"
    with pytest.raises(TypeError) as returned:  # raised by lines that are not the user's
        evaluator.measured(None, "loss")
    text = evaluator.explain(returned.value)
    assert text.startswith("TypeError: the function returned None, not loss; does it end without return?")
    assert "in measured" not in text


def test_forks_are_given_up_where_they_are_not_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert evaluator.unsafe_to_fork() == ""
    monkeypatch.setitem(sys.modules, "jax", sys)
    assert evaluator.unsafe_to_fork() == "jax is imported"


def test_seeds_make_draws_repeat() -> None:
    draws = []
    for seed in (1, 1, 2):
        evaluator.sow(seed)
        draws.append(random.random())
    assert draws[0] == draws[1] != draws[2]


def test_a_line_after_half_a_line_is_read() -> None:
    requests, answers = os.pipe(), os.pipe()
    wire = evaluator.Wire(requests[0], answers[1])
    os.write(answers[1], b'{"half')
    wire.send({"event": "exit"})
    assert os.read(answers[0], 100).split(b"\n")[-2] == b'{"event": "exit"}'
    os.write(requests[1], b'{"stop": true}\n{"trial"')
    assert wire.receive() == {"stop": True}
    os.write(requests[1], b": 2}\n")
    assert wire.receive() == {"trial": 2}
    os.close(requests[1])
    with pytest.raises(EOFError):
        wire.receive()
