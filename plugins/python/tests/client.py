"""Plays the host: starts a plugin's process, shakes hands and calls it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc

from metaml.sdk import handshake, wire
from metaml.sdk.study import Config, Suggestion
from metaml.v1 import plugin_pb2 as pb

PACKAGE = str(Path(__file__).resolve().parents[1])


def environment(**variables: str) -> dict[str, str]:
    """Return the environment in which a host starts a plugin."""
    own = {"PYTHONPATH": PACKAGE, handshake.COOKIE_KEY: handshake.COOKIE_VALUE}
    return {**os.environ, **own, **variables}


class Plugin:
    """A running plugin. It is killed at the end of the with statement if it still runs."""

    service = "Evaluator"

    def __init__(self, module: str, command: Sequence[str] = (), **variables: str) -> None:
        self.process = subprocess.Popen(
            [*command, sys.executable, "-m", module],
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline().strip()
        self.socket = self.line.split("|")[3]
        self.channel = grpc.insecure_channel(f"unix:{self.socket}")
        self.evaluations = 0

    def __enter__(self) -> "Plugin":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.channel.close()
        self.process.kill()
        self.process.communicate()

    def call(self, method: str, request: Any, response: Any) -> Any:
        """Call a method of the plugin's service that answers once."""
        stub = self.channel.unary_unary(
            f"/metaml.v1.{self.service}/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString,
        )
        return stub(request, timeout=120)

    def raw(self, method: str) -> bytes:
        """Call a method of any service with an empty message, and return the answer's bytes."""
        answer: bytes = self.channel.unary_unary(method)(b"", timeout=60)
        return answer

    def describe(self) -> pb.DescribeResponse:
        """Return the description."""
        answer: pb.DescribeResponse = self.call("Describe", pb.DescribeRequest(), pb.DescribeResponse)
        return answer

    def load(self, path: Path, protocol: str = "{}", fingerprint: str = "f00d") -> None:
        """Load a table."""
        request = pb.LoadRequest(path=str(path), protocol_json=protocol, fingerprint=fingerprint)
        self.call("Load", request, pb.LoadResponse)

    def stop(self, number: int) -> None:
        """Ask a trial to end."""
        self.call("Stop", pb.StopRequest(id=number), pb.StopResponse)

    def stream(self, config: Config, **limits: Any) -> Any:
        """Begin an evaluation and return its stream of events."""
        self.evaluations += 1
        request = pb.EvaluateRequest(
            suggestion=wire.to_suggestion(Suggestion(self.evaluations, config)), limits=pb.Limits(**limits)
        )
        stub = self.channel.unary_stream(
            "/metaml.v1.Evaluator/Evaluate",
            request_serializer=pb.EvaluateRequest.SerializeToString,
            response_deserializer=pb.EvaluateResponse.FromString,
        )
        return stub(request, timeout=300)

    def evaluate(self, config: Config, **limits: Any) -> pb.Trial:
        """Evaluate a configuration and return its trial."""
        events = list(self.stream(config, **limits))
        assert [event.WhichOneof("event") for event in events] == ["observation"] * (len(events) - 1) + ["trial"]
        trial: pb.Trial = events[-1].trial
        return trial


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have (Linux only)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [each for child in children for each in (int(child), *descendants(int(child)))]


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until a condition holds; False if it does not within the time, which is long for slow machines."""
    ended = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if condition():
            return True
        ended.wait(0.05)
    return condition()
