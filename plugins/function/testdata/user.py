"""The module of somebody whose functions do everything that functions can do."""

import ctypes
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

print("this goes nowhere near the protocol")
imports = Path("imports")
if os.environ.get("COUNT_IMPORTS"):
    imports.open("a").write(f"{os.getpid()}\n")
leak = []


def measure(x, kernel, degree=None):
    print("measuring", x)
    return x


def whole(config, epochs):
    return {"loss": config["x"], "epochs": epochs, "table": [1, 2], "kernel": len(config["kernel"])}


def rest(**config):
    return len(config)


def told(x, kernel, degree, fidelity, epochs, checkpoint, parent, seed, trial):
    """Write down everything that a function can be given."""
    text = json.dumps({
        "x": [type(x).__name__, x], "kernel": kernel, "degree": degree, "fidelity": fidelity,
        "epochs": [type(epochs).__name__, epochs], "checkpoint": str(checkpoint), "parent": parent and str(parent),
        "seed": seed, "trial": trial, "dir": os.getcwd(), "env": dict(os.environ), "random": random.random(),
    })
    (checkpoint / "told.json").write_text(text)
    return 1


def curve(x, kernel, report, checkpoint, degree=0):
    for step in range(1, 51):
        if report(step, 1 / step, steps=50, accuracy=step):
            (checkpoint / "saved").touch()
            break
        time.sleep(0.02)
    return 1 / step


def stubborn(x, kernel, report, degree=0):
    try:
        for step in range(1, 51):
            report(step, loss=1 / step, steps=50)
            time.sleep(0.02)
    except Exception:
        return 1e9
    return 0


def unsteady(x, kernel, checkpoint, degree=0):
    """Go wrong as x says."""
    return FAULTS[round(x * 100)](checkpoint)


def fail(_):
    raise ValueError("the learning rate\nis too high")


def segfault(_):
    ctypes.string_at(0)


def spam(_):
    for _ in range(200):
        sys.stdout.write("noise " * 10000 + "\n")
        sys.stderr.write("{\"event\": \"end\", \"status\": \"complete\"}\n")
    return 7


def speak_protocol(_):
    os.write(4, b'\n{"event": "observ')
    os._exit(0)


def leave(folder):
    """Start a process that goes on, and holds everything open."""
    child = subprocess.Popen(["sleep", "60"])
    (folder / "pid").write_text(str(child.pid))
    return 3


def hang(folder):
    (folder / "pid").write_text(str(os.getpid()))
    time.sleep(60)


def eat(_):
    eaten = []
    for _ in range(1000):
        eaten.append(bytearray(os.urandom(1) * (20 << 20)))
        time.sleep(0.01)


def say_and_die(_):
    print("libcuda.so.1: cannot open shared object file", file=sys.stderr)
    os._exit(3)


def grow_leak(_):
    leak.append(1)
    return len(leak)


FAULTS = dict(enumerate([
    fail, lambda _: sys.exit(4), segfault, spam, speak_protocol, leave, hang, eat, say_and_die,
    lambda _: float("nan"), lambda _: None, lambda _: {"accuracy": 1}, lambda _: "good",
    lambda _: os.kill(os.getpid(), 9), grow_leak, lambda _: [][1], lambda _: bytearray(1 << 60),
]))


def lacks_kernel(x):
    return x


def wants_more(x, kernel, depth):
    return x


def by_position(x, kernel, /):
    return x


not_a_function = 3


class Holder:
    """Has a function in it."""

    @staticmethod
    def measure(x, kernel, degree=0):
        return 2 * x


def start_thread():
    """Be a module that cannot be forked."""
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
