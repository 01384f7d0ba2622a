"""Watches the fork that runs a trial: limits, requests to stop, and what its death means."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from select import select
from typing import Any

from metaml.sdk import study
from metaml.sdk.frames import Channel, Closed, Message
from metaml.sdk.study import Limits

_POLL_SECONDS = 0.02
_ENDING_POLL_SECONDS = 0.001  # once the fork has said its last word
_SLOW_POLL_SECONDS = 0.5  # where memory is read by starting a program


class HostGone(Exception):
    """The plugin's gRPC process is gone."""


@dataclass
class Ending:
    """How a fork ended: the message of its own if it sent one, else status and reason; and what it used."""

    message: Message | None
    status: str
    reason: str
    wall: float
    cpu: float
    memory: float


class Watch:
    """The watch over one fork, from its start until it is reaped."""

    def __init__(self, pid: int, fork: Channel, host: Channel, limits: Limits, stderr: Callable[[], str]) -> None:
        self._pid = pid
        self._fork = fork
        self._host = host
        self._limits = limits
        self._stderr = stderr
        self._started = time.monotonic()
        self._killed: tuple[str, str] | None = None
        self._end: Message | None = None
        self._victims = kernel_victims()
        self._baseline = resident_bytes(os.getpid())  # what the fork has from the zygote, it shares with it

    def run(self) -> Ending:
        """Pass messages on until the fork is gone, and return how it ended."""
        channels: list[Channel] = [self._fork, self._host]
        while True:
            for ready in select(channels, [], [], self._pause(self._fork not in channels))[0]:
                if ready is self._host:
                    self._obey()
                elif not self._hear():
                    channels.remove(self._fork)
            pid, code, usage = os.wait4(self._pid, os.WNOHANG)
            if pid:
                while self._fork in channels and select([self._fork], [], [], 0)[0] and self._hear():
                    pass
                return self._ending(code, usage)
            self._enforce()

    def _pause(self, ending: bool) -> float:
        if ending:
            return _ENDING_POLL_SECONDS
        if self._limits.memory_bytes and sys.platform != "linux":
            return _SLOW_POLL_SECONDS
        return _POLL_SECONDS

    def _obey(self) -> None:
        """Act on a message of the host while the trial runs."""
        try:
            message = self._host.receive()
        except Closed as error:
            self._kill(study.CRASHED, "the host is gone")
            os.waitpid(self._pid, 0)
            raise HostGone from error
        if message["op"] == "kill":
            self._kill(study.CRASHED, "the host gave the trial up")
        elif message["op"] == "stop":
            try:
                self._fork.send(message)
            except Closed:
                pass  # it has just ended by itself

    def _hear(self) -> bool:
        """Pass on one message of the fork; False at the end of its stream."""
        try:
            message = self._fork.receive()
        except Closed:
            return False
        if message["event"] == "end":
            self._end = message
        else:
            self._host.send(message)
        return True

    def _enforce(self) -> None:
        if self._killed:
            return
        wall = self._limits.wall_seconds
        if wall and time.monotonic() - self._started > wall:
            self._kill(study.TIMED_OUT, f"the evaluation took longer than its limit of {wall:g} s")
        memory = self._limits.memory_bytes
        if memory and resident_bytes(self._pid) - self._baseline > memory:
            self._kill(study.OUT_OF_MEMORY, f"the evaluation took more than its limit of {memory / 2**20:.0f} MiB")

    def _kill(self, status: str, reason: str) -> None:
        """Kill the fork and all that it started."""
        self._killed = self._killed or (status, reason)
        for kill in (os.killpg, os.kill):
            try:
                kill(self._pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # it ended by itself, or has not made its group yet

    def _ending(self, code: int, usage: Any) -> Ending:
        status, reason = self._verdict(code)
        return Ending(
            message=self._end,
            status=status,
            reason=reason,
            wall=time.monotonic() - self._started,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        )

    def _verdict(self, code: int) -> tuple[str, str]:
        """Say what the fork died of; meaningless if it sent its own ending."""
        if self._killed:
            return self._killed
        if not os.WIFSIGNALED(code):
            return study.CRASHED, f"the process exited with status {os.WEXITSTATUS(code)}{self._last_words()}"
        number = os.WTERMSIG(code)
        if number == signal.SIGALRM:
            return study.TIMED_OUT, f"one fit took longer than its limit of {self._limits.fit_seconds:g} s"
        if number == signal.SIGKILL and kernel_victims() > self._victims:
            return study.OUT_OF_MEMORY, "the kernel ended the process because memory ran out"
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        return study.CRASHED, f"the process was killed by {name}{self._last_words()}"

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._stderr().splitlines() if line.strip()]
        return f": {lines[-1][:300]}" if lines else ""


def resident_bytes(pid: int) -> float:
    """Return the resident memory of a process, 0 if it is gone."""
    try:
        if sys.platform == "linux":
            with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
                return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return float(listed.stdout or 0) * 1024
    except (OSError, ValueError, IndexError):
        return 0.0


def kernel_victims() -> int:
    """Return how many processes the kernel has ended for lack of memory since it started; 0 if it does not say."""
    try:
        with open("/proc/vmstat", encoding="ascii") as counters:
            for line in counters:
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
