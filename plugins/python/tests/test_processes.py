"""A plugin's processes: handshake, failures of every kind, limits, and that nothing is left behind."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from metaml.sdk import handshake
from metaml.v1 import plugin_pb2 as pb
from tests.client import Plugin, alive, descendants, environment, eventually

MIB = 2.0**20


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    """Return an evaluator that does what it is told, with a table loaded."""
    with Plugin("tests.odd_evaluator") as plugin:
        plugin.load(tmp_path_factory.mktemp("table"))
        yield plugin


def test_the_handshake_line(tmp_path: Path) -> None:
    with Plugin("tests.odd_evaluator", PLUGIN_UNIX_SOCKET_DIR=str(tmp_path)) as plugin:
        fields = plugin.line.split("|")
        assert fields[:3] == ["1", "1", "unix"]
        assert fields[4] == "grpc"
        assert Path(plugin.socket).parent == tmp_path
        assert stat.S_IMODE(os.stat(plugin.socket).st_mode) == 0o600
        assert plugin.raw("/grpc.health.v1.Health/Check") == b"\x08\x01"
        assert plugin.describe().name == "odd"
        assert not descendants(plugin.process.pid), "describing starts nothing"


def test_a_socket_folder_of_its_own_is_private() -> None:
    with Plugin("tests.odd_evaluator", PLUGIN_UNIX_SOCKET_DIR="") as plugin:
        folder = Path(plugin.socket).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        plugin.raw("/plugin.GRPCController/Shutdown")
        assert plugin.process.wait(60) == 0
        assert not folder.exists()


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [({handshake.COOKIE_KEY: "x"}, "not by hand"), ({handshake.CERTIFICATE_KEY: "PEM"}, "TLS")],
)
def test_started_by_a_stranger(variables: dict[str, str], complaint: str) -> None:
    command = [sys.executable, "-m", "tests.odd_evaluator"]
    done = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert complaint in done.stderr


def test_terminating_ends_everything(tmp_path: Path) -> None:
    with Plugin("tests.odd_evaluator") as plugin:
        plugin.load(tmp_path)
        events = plugin.stream({"do": "report"})
        next(events)
        children = descendants(plugin.process.pid)
        assert len(children) == 2
        plugin.process.terminate()
        plugin.process.wait(60)
        assert eventually(lambda: not any(map(alive, children)))
        assert not Path(plugin.socket).exists()


@pytest.mark.parametrize(
    ("deed", "status", "reason"),
    [
        ("segfault", pb.STATUS_CRASHED, "the process was killed by SIGSEGV: a word before the end"),
        ("abort", pb.STATUS_CRASHED, "the process was killed by SIGABRT"),
        ("exit", pb.STATUS_CRASHED, "the process exited with status 3"),
        ("fail", pb.STATUS_FAILED, "ZeroDivisionError: first line"),
        ("exhaust", pb.STATUS_OUT_OF_MEMORY, "MemoryError: no message"),
        ("nan", pb.STATUS_FAILED, "ValueError: metric m is nan"),
        ("no such deed", pb.STATUS_FAILED, "KeyError: 'no such deed'"),
    ],
)
def test_failures(odd: Plugin, deed: str, status: int, reason: str) -> None:
    trial = odd.evaluate({"do": deed})
    assert (trial.status, trial.reason) == (status, reason)
    assert not trial.observations[-1].metrics
    assert trial.observations[-1].cost.wall > 0
    assert odd.evaluate({"do": "talk"}).status == pb.STATUS_COMPLETE, "the next trial is not affected"


def test_a_hang_ends_at_the_wall_limit(odd: Plugin) -> None:
    trial = odd.evaluate({"do": "sleep"}, wall_seconds=0.2)
    assert trial.status == pb.STATUS_TIMED_OUT
    assert trial.reason == "the evaluation took longer than its limit of 0.2 s"
    assert trial.observations[-1].cost.wall >= 0.2


def test_a_fit_ends_at_the_fit_limit_inside_foreign_code(odd: Plugin) -> None:
    trial = odd.evaluate({"do": "spin"}, fit_seconds=0.1, wall_seconds=200)
    assert trial.status == pb.STATUS_TIMED_OUT
    assert trial.reason == "one fit took longer than its limit of 0.1 s"


def test_memory_ends_at_its_limit(odd: Plugin) -> None:
    trial = odd.evaluate({"do": "grow"}, memory_bytes=200 * MIB)
    assert trial.status == pb.STATUS_OUT_OF_MEMORY
    assert trial.reason == "the evaluation took more than its limit of 200 MiB"
    assert 200 * MIB < trial.observations[-1].cost.memory < 8000 * MIB


def test_address_space_is_bounded_where_asked_for(tmp_path: Path) -> None:
    with Plugin("tests.bounded_evaluator") as plugin:
        plugin.load(tmp_path)
        trial = plugin.evaluate({"do": "reserve"}, memory_bytes=500 * MIB)
        assert (trial.status, trial.reason) == (pb.STATUS_OUT_OF_MEMORY, "MemoryError: no message")
        assert plugin.evaluate({"do": "talk"}, memory_bytes=500 * MIB).status == pb.STATUS_COMPLETE


def test_stopping_is_graceful(odd: Plugin) -> None:
    events = odd.stream({"do": "report"})
    first = next(events)
    assert first.observation.metrics["m"] == 1
    odd.stop(10**6)  # another trial's number does nothing
    next(events)
    odd.stop(odd.evaluations)
    *_, last = events
    assert last.trial.status == pb.STATUS_PRUNED
    final, before = last.trial.observations[-1], last.trial.observations[-2]
    assert final.metrics["m"] == before.metrics["m"] == before.fidelity["epochs"]
    assert 2 <= final.metrics["m"] < 2000


def test_a_host_that_gives_up_ends_the_trial(odd: Plugin) -> None:
    events = odd.stream({"do": "sleep"})
    assert eventually(lambda: len(descendants(odd.process.pid)) == 2)
    events.cancel()
    assert eventually(lambda: len(descendants(odd.process.pid)) == 1)
    assert odd.evaluate({"do": "talk"}).observations[-1].metrics["m"] == 1


def test_what_a_trial_started_ends_with_it(odd: Plugin) -> None:
    trial = odd.evaluate({"do": "spawn"}, wall_seconds=1.0)
    assert trial.status == pb.STATUS_TIMED_OUT
    assert eventually(lambda: len(descendants(odd.process.pid)) == 1)


def test_threads_are_set_before_libraries_are_imported(odd: Plugin) -> None:
    assert odd.evaluate({"do": "threads"}).observations[-1].metrics["m"] == 1
    assert odd.evaluate({"do": "threads"}, threads=2).observations[-1].metrics["m"] == 2


def test_tables_stay_loaded(tmp_path: Path) -> None:
    with Plugin("tests.odd_evaluator") as plugin:
        for fingerprint, protocol, loads in [("a", "{}", 1), ("b", "{}", 2), ("a", '{"x":1}', 3), ("a", "{}", 1)]:
            plugin.load(tmp_path, protocol, fingerprint)
            assert plugin.evaluate({"do": "loads"}).observations[-1].metrics["m"] == loads


def test_what_cannot_be_loaded(tmp_path: Path) -> None:
    with Plugin("tests.odd_evaluator") as plugin:
        with pytest.raises(grpc.RpcError) as error:
            plugin.evaluate({"do": "talk"})
        assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        (tmp_path / "refuse").touch()
        for protocol, complaint in [("{}", "this table is refused"), ("[]", "a JSON object is expected")]:
            with pytest.raises(grpc.RpcError) as error:
                plugin.load(tmp_path, protocol)
            assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert complaint in error.value.details()
        (tmp_path / "refuse").unlink()
        plugin.load(tmp_path)
        assert plugin.evaluate({"do": "talk"}).status == pb.STATUS_COMPLETE


def test_a_worker_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    with Plugin("tests.broken_evaluator") as plugin:
        with pytest.raises(grpc.RpcError) as error:
            plugin.load(tmp_path)
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert "No module named 'tests.no_such_module'" in error.value.details()


def test_a_dead_zygote_is_infrastructure(tmp_path: Path) -> None:
    with Plugin("tests.odd_evaluator") as plugin:
        plugin.load(tmp_path)
        with pytest.raises(grpc.RpcError) as error:
            plugin.evaluate({"do": "kill zygote"})
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        assert "SIGKILL" in error.value.details()
        assert plugin.evaluate({"do": "talk"}).status == pb.STATUS_COMPLETE, "the table is loaded into a new one"
        assert len(descendants(plugin.process.pid)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("victim", ["plugin", "host"])
def test_no_orphans(tmp_path: Path, victim: str) -> None:
    """Whoever is killed, all processes below it end; the host here is a shell between the test and the plugin."""
    shell = ["/bin/sh", "-c", '"$@"; true', "sh"] if victim == "host" else []
    with Plugin("tests.odd_evaluator", shell) as plugin:
        plugin.load(tmp_path)
        events = plugin.stream({"do": "sleep"})
        wanted = 3 if victim == "host" else 2
        assert eventually(lambda: len(descendants(plugin.process.pid)) == wanted)
        below = descendants(plugin.process.pid)
        os.kill(plugin.process.pid, signal.SIGKILL)
        assert eventually(lambda: not any(map(alive, below)), 10)
        del events  # which would have cancelled the trial


def test_trials_go_on_without_a_journal(tmp_path: Path) -> None:
    with Plugin("tests.odd_evaluator", METAML_JOURNAL=str(tmp_path / "none" / "journal")) as plugin:
        plugin.load(tmp_path)
        for _ in range(2):
            assert plugin.evaluate({"do": "talk"}).status == pb.STATUS_COMPLETE
        plugin.raw("/plugin.GRPCController/Shutdown")
        _, said = plugin.process.communicate()
        assert said.count("trials go on without it") == 1
