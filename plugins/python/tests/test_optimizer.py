"""The Optimizer service, through its process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from metaml.sdk import Observation, Suggestion, Trial, wire
from metaml.sdk.study import COMPLETE
from metaml.v1 import plugin_pb2 as pb
from tests.client import Plugin

SPACE = '{"order":["x"],"parameters":{"x":{"type":"int","low":1,"high":2}}}'


class Optimizer(Plugin):
    """A running optimizer."""

    service = "Optimizer"

    def __enter__(self) -> "Optimizer":
        return self

    def open(self, settings: str = "", prior: str = "", space: str = SPACE) -> None:
        """Open a study."""
        request = pb.OpenRequest(problem=pb.Problem(space_json=space), settings_json=settings, prior_json=prior)
        self.call("Open", request, pb.OpenResponse)

    def ask(self, n: int = 1) -> Any:
        """Ask for trials from 5 on."""
        return self.call("Ask", pb.AskRequest(first=5, n=n), pb.AskResponse)

    def complaint(self, code: grpc.StatusCode, method: str, *arguments: Any) -> str:
        """Return what the plugin says about a call that it must refuse with that code."""
        with pytest.raises(grpc.RpcError) as error:
            getattr(self, method)(*arguments)
        assert error.value.code() == code
        return str(error.value.details())


@pytest.fixture
def odd() -> Iterator[Optimizer]:
    """Return an optimizer whose study is not open."""
    with Optimizer("tests.odd_optimizer") as plugin:
        yield plugin


def test_a_study(odd: Optimizer) -> None:
    about = odd.describe()
    assert (about.name, about.settings_schema_json) == ("odd", "")
    assert about.capabilities == pb.Capabilities(stopping=True, prior=True, objectives=1)
    odd.open(prior='{"tasks":[{},{}]}')
    trial = wire.to_trial(Trial(Suggestion(1, {"x": 1}), COMPLETE))
    trial.losses.append(0.5)
    odd.call("Tell", pb.TellRequest(trials=[trial, trial]), pb.TellResponse)
    answer = odd.ask(2)
    assert [each.id for each in answer.suggestions] == [5, 6]
    assert wire.from_suggestion(answer.suggestions[0]).config == {"told": 2, "losses": 1.0, "tasks": 2}
    assert not answer.exhausted
    answer = odd.ask(3)
    assert (len(answer.suggestions), answer.exhausted) == (2, True), "what was yielded before the end counts"
    for number, metric, stop in [(1, 1.0, True), (1, 0.0, False), (2, 1.0, False)]:
        observation = wire.to_observation(Observation(metrics={"m": metric}))
        request = pb.ObserveRequest(id=number, observation=observation)
        assert odd.call("Observe", request, pb.ObserveResponse).stop is stop


def test_calls_out_of_order(odd: Optimizer) -> None:
    assert "not opened" in odd.complaint(grpc.StatusCode.FAILED_PRECONDITION, "ask")
    odd.open()
    assert "open already" in odd.complaint(grpc.StatusCode.FAILED_PRECONDITION, "open")


def test_what_cannot_be_opened(odd: Optimizer) -> None:
    refused = grpc.StatusCode.INVALID_ARGUMENT
    assert "another one" in odd.complaint(refused, "open", '{"fault":"settings"}')
    assert "JSON object" in odd.complaint(refused, "open", "[]")
    assert "no space" in odd.complaint(refused, "open", "", "", "{}")
    odd.open()  # nothing of the refused ones is left


def test_a_defect_is_said_and_its_place_written(odd: Optimizer) -> None:
    odd.open('{"fault":"ask"}')
    assert odd.complaint(grpc.StatusCode.INTERNAL, "ask") == "ZeroDivisionError: of course"
    odd.raw("/plugin.GRPCController/Shutdown")
    _, said = odd.process.communicate(timeout=60)
    assert odd.process.returncode == 0
    assert "odd_optimizer.py" in said
    assert not Path(odd.socket).exists()


def test_powers_that_an_optimizer_does_not_have() -> None:
    with Optimizer("examples.evolution") as plugin:
        prior = plugin.complaint(grpc.StatusCode.UNIMPLEMENTED, "open", "", '{"tasks":[]}')
        assert prior == "this optimizer takes no prior"
        assert "parents is 0" in plugin.complaint(grpc.StatusCode.INVALID_ARGUMENT, "open", '{"parents":0}')
        plugin.open()
        observe = ("call", "Observe", pb.ObserveRequest(id=1), pb.ObserveResponse)
        assert plugin.complaint(grpc.StatusCode.UNIMPLEMENTED, *observe) == "this optimizer stops no trial"
