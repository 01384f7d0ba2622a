"""The gRPC process's handle on the zygote: starts it, asks it to load and evaluate, and reads its answers."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from dataclasses import asdict
from pathlib import Path

from metaml.sdk.contract import Description
from metaml.sdk.frames import Channel, Closed, Message
from metaml.sdk.study import Limits, Suggestion

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)

Messages = Generator[Message, None, None]
"""What a zygote sends about a trial."""
Launch = Callable[[Callable[[], subprocess.Popen[bytes]]], subprocess.Popen[bytes]]
"""Runs a function that starts a process in a thread that lives as long as this process, and returns its result.

Linux ends a child together with the thread that started it (see :mod:`metaml.sdk.lifeline`).
"""


def _folder() -> str:
    """Return the folder of the program that serves, where its worker may lie; empty for a module, found without."""
    main = sys.modules["__main__"]
    program = getattr(main, "__file__", None)
    return str(Path(program).resolve().parent) if program and getattr(main, "__spec__", None) is None else ""


class Refused(Exception):
    """The table or protocol cannot be used."""


class Lost(Exception):
    """The zygote died; what it was doing can be asked of a new one."""


class Zygote:
    """One zygote process with its numbers of threads. One caller at a time, but stop and kill may interrupt."""

    def __init__(self, description: Description, threads: int, launch: Launch) -> None:
        here, there = socket.socketpair()
        environment = {**os.environ, **{name: str(threads) for name in _THREAD_VARIABLES}}
        command = [sys.executable, "-m", "metaml.sdk.worker", description.worker, str(there.fileno())]
        command += [str(os.getpid()), "bounded" if description.bounded_address_space else "unbounded", _folder()]
        self.threads = threads
        self._channel = Channel(here)
        self._sending = threading.Lock()
        self._process = launch(
            lambda: subprocess.Popen(
                command, env=environment, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, stdout=sys.stderr
            )
        )
        there.close()
        self._receive()  # ready

    def load(self, table: tuple[str, str, str]) -> None:
        """Load a table, given as path, protocol and fingerprint; raise Refused if it cannot be used."""
        self._send({"op": "load", "table": table})
        self._receive()

    def evaluate(self, table: tuple[str, str, str], suggestion: Suggestion, limits: Limits) -> Messages:
        """Evaluate a suggestion: yield its events as they come, of which the last is "end"."""
        request = {"op": "evaluate", "table": table, "suggestion": suggestion.to_json(), "limits": asdict(limits)}
        self._send(request)
        message: Message = {"event": ""}
        try:
            while message["event"] != "end":
                message = self._receive()
                yield message
        except GeneratorExit:
            self.kill()
            while message["event"] != "end":  # or the next request would read this one's answers
                message = self._receive()
            raise

    def stop(self) -> None:
        """Ask the running trial to end gracefully."""
        self._interrupt("stop")

    def kill(self) -> None:
        """End the running trial at once."""
        self._interrupt("kill")

    def _interrupt(self, operation: str) -> None:
        try:
            self._send({"op": operation})
        except Lost:
            pass  # whoever waits for the trial learns of it

    def close(self) -> None:
        """End the zygote and what it runs."""
        self._channel.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: Message) -> None:
        try:
            with self._sending:
                self._channel.send(message)
        except Closed as error:
            raise self._lost() from error

    def _receive(self) -> Message:
        try:
            message = self._channel.receive()
        except Closed as error:
            raise self._lost() from error
        if message["event"] == "refused":
            raise Refused(message["reason"])
        return message

    def _lost(self) -> Lost:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Lost("the worker process closed its channel but goes on")
        if code < 0:
            return Lost(f"the worker process was killed by {signal.Signals(-code).name}")
        return Lost(f"the worker process ended with exit status {code}; its last words are in the plugin's log")
