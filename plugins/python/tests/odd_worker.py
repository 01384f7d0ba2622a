"""A worker whose configurations name what is to go wrong."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from metaml.sdk.contract import Trial
from metaml.sdk.study import Suggestion

count = 0


def load(path: Path, protocol: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the protocol as the table, unless the file "refuse" lies in the folder."""
    global count
    count += 1
    if (path / "refuse").exists():
        raise ValueError("this table is refused\nfor reasons of testing")
    return {**protocol, "loads": count}


def evaluate(table: Mapping[str, Any], suggestion: Suggestion, trial: Trial) -> Mapping[str, float]:
    """Do what the configuration says."""
    what = str(suggestion.config["do"])
    return _DEEDS[what](table, suggestion, trial)


def _report(table: Mapping[str, Any], suggestion: Suggestion, trial: Trial) -> Mapping[str, float]:
    """Report until asked to stop."""
    for step in range(1, 2001):
        if trial.report(step, 2000, {"epochs": float(step)}, {"m": step}):
            return {"m": float(step)}
        time.sleep(0.02)
    return {"m": -1.0}


def _segfault(*_: Any) -> Mapping[str, float]:
    os.write(2, b"a word before the end\n")
    ctypes.string_at(0)
    return {}


def _abort(*_: Any) -> Mapping[str, float]:
    os.abort()


def _exit(*_: Any) -> Mapping[str, float]:
    os._exit(3)


def _fail(*_: Any) -> Mapping[str, float]:
    raise ZeroDivisionError("first line\nsecond line")


def _exhaust(*_: Any) -> Mapping[str, float]:
    raise MemoryError


def _grow(*_: Any) -> Mapping[str, float]:
    """Take memory in steps, until something stops it."""
    kept = []
    for _step in range(4096):
        kept.append(b"x" * (8 << 20))
    return {"m": float(len(kept))}


def _sleep(*_: Any) -> Mapping[str, float]:
    time.sleep(600)
    return {}


def _spin(_table: Any, _suggestion: Any, trial: Trial) -> Mapping[str, float]:
    """Fit for a long time inside C, where no Python runs."""
    with trial.fitting("a"):
        time.sleep(0.01)
    with trial.fitting("a"):
        sum(range(10**12))
    return {}


def _spawn(*_: Any) -> Mapping[str, float]:
    """Start a process that would outlive the trial."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(600)
    return {}


def _nan(*_: Any) -> Mapping[str, float]:
    return {"m": float("nan")}


def _talk(*_: Any) -> Mapping[str, float]:
    print("a line that would break the handshake's stream", flush=True)
    os.system("echo and another one")
    return {"m": 1.0}


def _threads(*_: Any) -> Mapping[str, float]:
    return {"m": float(os.environ["OMP_NUM_THREADS"])}


def _loads(table: Mapping[str, Any], *_: Any) -> Mapping[str, float]:
    return {"m": float(table["loads"])}


def _reserve(*_: Any) -> Mapping[str, float]:
    bytearray(4 << 30)
    return {"m": 1.0}


def _kill_zygote(*_: Any) -> Mapping[str, float]:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)
    return {}


_DEEDS: dict[str, Callable[..., Mapping[str, float]]] = {
    "report": _report,
    "segfault": _segfault,
    "abort": _abort,
    "exit": _exit,
    "fail": _fail,
    "exhaust": _exhaust,
    "grow": _grow,
    "sleep": _sleep,
    "spin": _spin,
    "spawn": _spawn,
    "nan": _nan,
    "talk": _talk,
    "threads": _threads,
    "loads": _loads,
    "reserve": _reserve,
    "kill zygote": _kill_zygote,
}
