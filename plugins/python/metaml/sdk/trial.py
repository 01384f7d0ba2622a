"""Runs one trial in the process forked for it, and tells the zygote what comes of it."""

import math
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from select import select
from typing import Any

from metaml.sdk import study
from metaml.sdk.contract import Worker
from metaml.sdk.frames import Channel
from metaml.sdk.study import Cost, Limits, Observation, Suggestion

_LONGEST_REASON = 500


class Trial:
    """The running trial (see :class:`metaml.sdk.contract.Trial`)."""

    def __init__(self, channel: Channel, limits: Limits) -> None:
        self._channel = channel
        self._limits = limits
        self._started = time.monotonic()
        self._cpu = time.process_time()
        self._fit: dict[str, float] = {}
        self._predict = 0.0
        self.stopped = False

    @contextmanager
    def fitting(self, model: str = "") -> Iterator[None]:
        """Time what happens inside as fitting, under the fit limit.

        SIGALRM keeps its default action, which ends the process: no handler of Python's runs inside foreign code.
        """
        spent = self._fit.get(model, 0.0)
        if self._limits.fit_seconds:
            signal.setitimer(signal.ITIMER_REAL, max(self._limits.fit_seconds - spent, 1e-6))
        begun = time.monotonic()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._fit[model] = spent + time.monotonic() - begun

    @contextmanager
    def predicting(self) -> Iterator[None]:
        """Time what happens inside as predicting."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self._predict += time.monotonic() - begun

    def report(self, step: int, steps: int, fidelity: Mapping[str, float], metrics: Mapping[str, float]) -> bool:
        """Send an intermediate result; True asks to end now."""
        observation = Observation(step, steps, dict(fidelity), finite(metrics), self.cost())
        self._channel.send({"event": "observation", "observation": observation.to_json()})
        if step != steps and not self.stopped and select([self._channel], [], [], 0)[0]:
            self.stopped = self._channel.receive().get("op") == "stop"
        return self.stopped

    def cost(self) -> Cost:
        """Return what the trial took so far. The zygote adds the memory, which it sees to the end."""
        return Cost(
            wall=time.monotonic() - self._started,
            cpu=time.process_time() - self._cpu,
            fit=sum(self._fit.values()),
            predict=self._predict,
        )


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the metrics as plain floats; raise ValueError for one that is not finite, which no record may hold."""
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise ValueError(f"metric {name} is {value}")
    return {name: float(value) for name, value in metrics.items()}


def run(worker: Worker, table: Any, suggestion: Suggestion, limits: Limits, channel: Channel) -> None:
    """Evaluate the suggestion and send how it ended: event "end" with a status, a reason and the last observation."""
    trial = Trial(channel, limits)
    metrics: dict[str, float] = {}
    status, reason = study.COMPLETE, ""
    try:
        metrics = finite(worker.evaluate(table, suggestion, trial))
        if trial.stopped:
            status, reason = study.PRUNED, "stopped by the host"
    except MemoryError as error:
        status, reason = study.OUT_OF_MEMORY, one_line(error)
    except Exception as error:  # whatever a configuration makes foreign code raise is that configuration's failure
        status, reason = study.FAILED, one_line(error)
    last = Observation(fidelity=suggestion.fidelity, metrics=metrics, cost=trial.cost())
    channel.send({"event": "end", "status": status, "reason": reason, "observation": last.to_json()})


def one_line(error: BaseException) -> str:
    """Return an exception as one line of bounded length."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"[:_LONGEST_REASON]


def bound_address_space(memory_bytes: float) -> None:
    """Set RLIMIT_AS so that the process may map memory_bytes more than it has mapped now."""
    mapped = 0
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as statm:
            mapped = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    ceiling = mapped + int(memory_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def prefer_as_victim() -> None:
    """Ask the kernel to end this process first when memory runs out, rather than the zygote or the host."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("1000")
    except OSError:
        pass  # not Linux, or not allowed: the kernel then chooses by size, which is usually the trial as well
