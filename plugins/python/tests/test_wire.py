"""Messages, frames and the journal."""

import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from metaml.sdk import Description, FidelityRange, Objective, OptimizerDescription, journal, wire
from metaml.sdk.frames import Channel, Closed, Message, pair
from metaml.sdk.study import COMPLETE, STATUSES, Cost, Limits, Observation, Suggestion, Trial, Value
from metaml.v1 import plugin_pb2 as pb
from tests.client import environment

SUGGESTION = Suggestion(
    id=2**64 - 1,
    config={"a": None, "b": True, "c": -(2**53), "d": 0.1, "e": "é", "f": False, "g": 0, "h": ""},
    fidelity={"rows": 0.25},
    seed=2**64 - 1,
    parent=3,
    origin="warmstart",
)
OBSERVATION = Observation(2, 7, {"iterations": 8.0}, {"m": 0.1, "m/fold/0": -1e300}, Cost(1.0, 0.9, 0.5, 0.1, 2.0**31))
TRIAL = Trial(SUGGESTION, COMPLETE, [OBSERVATION, Observation()], "why")


def test_suggestions_survive_the_wire() -> None:
    message = pb.Suggestion.FromString(wire.to_suggestion(SUGGESTION).SerializeToString())
    assert wire.from_suggestion(message) == SUGGESTION


def test_trials_go_on_the_wire_whole() -> None:
    message = wire.to_trial(TRIAL)
    assert wire.from_suggestion(message.suggestion) == SUGGESTION
    assert (message.status, message.reason) == (pb.STATUS_COMPLETE, "why")
    first, second = message.observations
    assert (first.step, first.steps, dict(first.fidelity)) == (2, 7, {"iterations": 8.0})
    assert dict(first.metrics) == OBSERVATION.metrics
    cost = first.cost
    assert (cost.wall, cost.cpu, cost.fit, cost.predict, cost.memory) == (1.0, 0.9, 0.5, 0.1, 2.0**31)
    assert second == pb.Observation(cost=pb.Cost())


def test_trials_come_back_with_their_losses() -> None:
    message = wire.to_trial(TRIAL)
    message.losses.extend([0.25, -1e300])
    message.checkpoint = "/tmp/x"
    back = wire.from_trial(pb.Trial.FromString(message.SerializeToString()))
    assert back == Trial(SUGGESTION, COMPLETE, TRIAL.observations, "why", [0.25, -1e300], "/tmp/x")
    message.status = 99  # type: ignore[assignment]
    with pytest.raises(ValueError, match="unknown status 99"):
        wire.from_trial(message)


def test_optimizers_descriptions_and_problems() -> None:
    about = OptimizerDescription("n", "v", {"type": "object"}, conditions=True, stopping=True, objectives=2, lock="l")
    message = wire.to_optimizer_description(about)
    assert (message.name, message.version, message.lock) == ("n", "v", "l")
    assert json.loads(message.settings_schema_json) == {"type": "object"}
    assert message.capabilities == pb.Capabilities(conditions=True, stopping=True, objectives=2)
    assert wire.to_optimizer_description(OptimizerDescription("n", "v")).settings_schema_json == ""
    problem = wire.from_problem(
        pb.Problem(
            space_json='{"order":["x"],"parameters":{"x":{"type":"int","low":1,"high":2}}}',
            objectives=[pb.Objective(metric="m", maximize=True)],
            fidelities=[pb.Range(name="epochs", low=1, high=9, log=True, integer=True)],
            seed=2**64 - 1,
        )
    )
    assert [each.name for each in problem.space.parameters] == ["x"]
    assert problem.objectives == [Objective("m", True)]
    assert problem.fidelities == [FidelityRange("epochs", 1, 9, True, True)]
    assert problem.seed == 2**64 - 1


def test_limits_and_descriptions() -> None:
    limits = wire.from_limits(pb.Limits(wall_seconds=1.5, fit_seconds=0.5, memory_bytes=2e9, threads=3))
    assert limits == Limits(1.5, 0.5, 2e9, 3)
    description = Description(
        name="n",
        version="v",
        worker="w",
        spaces={"regression": "{}"},
        metrics={"regression": [Objective("r2", True), Objective("rmse")]},
        fidelities=[FidelityRange("rows", 0.1, 1, log=True)],
        lock="l",
    )
    message = wire.to_description(description)
    assert (message.name, message.version, message.lock, dict(message.spaces_json)) == (
        "n",
        "v",
        "l",
        {"regression": "{}"},
    )
    assert [(m.metric, m.maximize) for m in message.metrics["regression"].metrics] == [("r2", True), ("rmse", False)]
    assert message.fidelities[0] == pb.Range(name="rows", low=0.1, high=1, log=True)


@pytest.mark.parametrize("value", SUGGESTION.config.values())
def test_values_keep_their_kind(value: Value) -> None:
    back = wire.from_value(wire.to_value(value))
    assert back == value
    assert type(back) is type(value)


def test_a_value_without_a_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="without a kind"):
        wire.from_value(pb.Value())


def test_statuses_have_the_protocol_s_numbers() -> None:
    assert [f"STATUS_{name.upper()}" for name in STATUSES] == list(pb.Status.keys())


def test_the_json_form_is_read_back() -> None:
    assert Suggestion.from_json(json.loads(json.dumps(SUGGESTION.to_json()))) == SUGGESTION
    assert Observation.from_json(json.loads(json.dumps(OBSERVATION.to_json()))) == OBSERVATION


def test_frames() -> None:
    here, there = pair()
    messages: list[Message] = [{"a": [1, 2.5, None, "é"]}, {}, {"long": "x" * 50_000}]
    for message in messages:
        here.send(message)
    here.close()
    assert [there.receive() for _ in messages] == messages
    with pytest.raises(Closed):
        there.receive()
    with pytest.raises(Closed):
        there.send({})


@pytest.mark.parametrize("broken", [b"\x01", struct.pack("<I", 5) + b"{}", struct.pack("<I", 2**31)])
def test_broken_frames_close_the_channel(broken: bytes) -> None:
    here, there = socket.socketpair()
    here.sendall(broken)
    here.close()
    with pytest.raises(Closed):
        Channel(there).receive()


def test_the_journal_has_a_line_per_trial(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal.append({}, "f00d", "{}", TRIAL)  # no variable, no journal
    for _ in range(2):
        journal.append({journal.VARIABLE: str(path)}, "f00d", '{"folds":3}', TRIAL)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == lines[1]
    assert lines[0]["fingerprint"] == "f00d"
    assert lines[0]["protocol"] == {"folds": 3}
    assert lines[0]["trial"]["seed"] == str(2**64 - 1)
    assert lines[0]["trial"]["observations"][0]["metrics"]["m"] == 0.1
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_of_half_a_line_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    variables = {journal.VARIABLE: str(path)}
    journal.append(variables, "f00d", "{}", TRIAL)
    whole = path.read_bytes()
    code = (
        "import resource, signal, sys\n"
        "from metaml.sdk import journal\n"
        "from tests.test_wire import TRIAL\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))\n"
        "try:\n"
        "    journal.append({journal.VARIABLE: sys.argv[1]}, 'f00d', '{}', TRIAL)\n"
        "except OSError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(len(whole) + 10)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "in part only" in done.stdout
    assert path.read_bytes() == whole
