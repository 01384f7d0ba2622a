"""Evaluates a function of the user's, in the user's own interpreter: needs the standard library alone.

metaml runs this file with ``python -c``. It imports the function's module once and then forks for every trial, so that
whatever a trial does (leak, exit, crash) costs that trial alone. Where a fork would not be safe after the import, it
says so, runs one trial in this very process and ends; metaml then starts the next one.

Requests come as JSON lines on descriptor 3, answers go as JSON lines to descriptor 4. What the function prints goes
elsewhere.
"""

from __future__ import annotations

import faulthandler
import importlib
import importlib.util
import inspect
import json
import math
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Dict  # noqa: UP035  it runs in the user's Python, however old that is

_REQUESTS, _ANSWERS = 3, 4
_LONGEST_REASON = 500
_EXTRAS = ("fidelity", "report", "checkpoint", "parent", "seed", "trial")
_UNSAFE_TO_FORK = ("jax", "tensorflow")  # both run threads of their own from the import on
_MEMORY_ERRORS = ("out of memory", "OUT_OF_MEMORY", "RESOURCE_EXHAUSTED", "OutOfMemoryError")

Message = Dict[str, Any]  # noqa: UP006


class Refused(Exception):
    """The function cannot be used."""


class Stopped(BaseException):
    """Ends a trial that goes on after it was asked to stop; no Exception, so that no handler of errors swallows it."""


class Wire:
    """The two pipes to metaml. Reads take no byte beyond the line that is asked for, since forks read as well."""

    def __init__(self, requests: int = _REQUESTS, answers: int = _ANSWERS) -> None:
        self._requests, self._answers = requests, answers
        self._rest = b""
        for end in (requests, answers):
            os.set_inheritable(end, False)

    def send(self, message: Message) -> None:
        """Send a message, on a line of its own even after one that a dead fork left unfinished."""
        data = ("\n" + json.dumps(message, allow_nan=False) + "\n").encode()
        while data:
            data = data[os.write(self._answers, data) :]

    def receive(self) -> Message:
        """Wait for a message; raise EOFError when metaml is gone."""
        while b"\n" not in self._rest:
            piece = os.read(self._requests, 1 << 16)
            if not piece:
                raise EOFError
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        message: Message = json.loads(line)
        return message


class Function:
    """The user's function and how its parameters are filled."""

    def __init__(self, call: Callable[..., Any], parameters: list[str], fidelities: list[str]) -> None:
        self._call = call
        try:
            signature = inspect.signature(call)
        except (TypeError, ValueError) as error:
            raise Refused(f"what it takes cannot be found out: {error}") from error
        kinds = signature.parameters.values()
        self._rest = any(p.kind is p.VAR_KEYWORD for p in kinds)
        named = [p for p in kinds if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        known = {*parameters, *fidelities, *_EXTRAS}
        by_name = any(p.name in parameters for p in named)  # then a name that is not known is a mistake
        self._whole = bool(named) and not by_name and _required(named[0]) and named[0].name not in known
        named = named[1:] if self._whole else named
        self._names = {p.name for p in named}
        self._required = {p.name for p in named if _required(p)}
        self._check(parameters, known, [p.name for p in named if p.kind is p.POSITIONAL_ONLY])

    def _check(self, parameters: list[str], known: set[str], positional: list[str]) -> None:
        unknown = sorted(self._required - known)
        if unknown:
            raise Refused(
                f"it takes {unknown[0]}, which is no parameter or fidelity of the space, "
                f"nor one of {', '.join(_EXTRAS)}"
            )
        if positional:
            raise Refused(f"it takes {positional[0]} by position only; let it take it by name")
        missing = [name for name in parameters if name not in self._names]
        if missing and not self._whole and not self._rest:
            raise Refused(
                f"it does not take {missing[0]}, a parameter of the space; it may also take the whole configuration, "
                "as a dict, for its first argument"
            )

    def __call__(self, config: Mapping[str, Any], fidelity: Mapping[str, float], extras: Mapping[str, Any]) -> Any:
        """Call it. Of equal names a parameter goes before a fidelity, and that before what metaml adds."""
        named = {**extras, **fidelity, **config}
        chosen = {name: named.get(name) for name in self._required}
        chosen.update({name: value for name, value in named.items() if name in self._names})
        if self._rest and not self._whole:
            chosen.update({name: value for name, value in config.items() if name not in chosen})
        return self._call(dict(config), **chosen) if self._whole else self._call(**chosen)


def _required(parameter: inspect.Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty


class Report:
    """What the function may call while it runs, and the learning curve that comes of it."""

    def __init__(self, wire: Wire, metric: str) -> None:
        self._wire, self._metric = wire, metric
        self._process = os.getpid()
        self._turn = threading.Lock()
        self.stopped = False

    def __call__(
        self,
        step: int,
        value: Any = None,
        steps: int = 0,
        fidelity: Mapping[str, float] | None = None,
        **metrics: Any,
    ) -> bool:
        """Report the metric after a step: report(3, loss, steps=10), or by name: report(3, loss=…, accuracy=…).

        True asks to end now: keep what is needed and return the metric so far. Whoever goes on instead is ended by the
        next call.
        """
        if os.getpid() != self._process:
            raise RuntimeError("report belongs to the process that the function was called in")
        if value is not None:
            metrics.update(value if isinstance(value, Mapping) else {self._metric: value})
        point = {"step": int(step), "steps": int(steps), "metrics": measured(metrics, self._metric)}
        if fidelity:
            point["fidelity"] = {name: float(x) for name, x in fidelity.items()}
        with self._turn:
            if self.stopped:
                raise Stopped
            self._wire.send({"event": "observation", **point})
            self.stopped = bool(self._wire.receive().get("stop"))
            return self.stopped


def measured(value: Any, metric: str) -> dict[str, float]:
    """Return metrics as plain numbers, of which the one to optimize must be there and finite."""
    if value is None:
        raise TypeError(f"the function returned None, not {metric}; does it end without return?")
    if not isinstance(value, Mapping):
        value = {metric: value}
    if metric not in value:
        raise ValueError(f"there is no metric {metric!r}, only {', '.join(map(repr, value)) or 'an empty dict'}")
    metrics = {}
    for name, x in value.items():
        try:
            number = float(x)
        except (TypeError, ValueError):
            if name != metric:
                continue  # a table, a text, … beside the metric
            raise TypeError(f"{metric} is {type(x).__name__}, not a number") from None
        if math.isfinite(number):
            metrics[str(name)] = number
        elif name == metric:
            raise ValueError(f"{metric} is {number}")
    return metrics


def load(target: str) -> Callable[..., Any]:
    """Return what module:function or file.py:function names."""
    where, _, name = target.rpartition(":")
    module = _from_file(Path(where)) if where.endswith(".py") else _by_name(where)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise Refused(f"{where} has no {name}")
        found = getattr(found, part)
    if not callable(found):
        raise Refused(f"{name} of {where} is {type(found).__name__}, not a function")
    call: Callable[..., Any] = found
    return call


def _by_name(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())
    return importlib.import_module(name)


def _from_file(path: Path) -> ModuleType:
    """Import a file as running it would: its folder comes first among those that modules are looked for in."""
    path = path.absolute()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise Refused(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def unsafe_to_fork() -> str:
    """Say why a fork of this process could hang or fail where a fresh process would not; empty if it is safe."""
    for name in _UNSAFE_TO_FORK:
        if name in sys.modules:
            return f"{name} is imported"
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if cuda is not None and cuda.is_initialized():
        return "torch has initialised CUDA"
    if threading.active_count() > 1:
        return "the module runs threads"
    return "" if hasattr(os, "fork") else "this system cannot fork"


def sow(seed: int) -> None:
    """Seed the generators that are shared by everything in a process; forks would all draw the same otherwise."""
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    if torch is not None:
        torch.manual_seed(seed)


def explain(error: BaseException) -> str:
    """Return an exception as one line: what it says, and where in the user's own code it came from."""
    text = " ".join(str(error).split()) or "no message"
    this = explain.__code__.co_filename  # whose lines tell the user nothing
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != this]
    own = [f for f in frames if "site-packages" not in f.filename and f.filename.startswith(os.getcwd())]
    for frame in (own or frames)[-1:]:
        place = f" ({os.path.basename(frame.filename)}, line {frame.lineno}, in {frame.name})"
        return f"{type(error).__name__}: {text[: _LONGEST_REASON - len(place)]}{place}"
    return f"{type(error).__name__}: {text}"[:_LONGEST_REASON]


def evaluate(function: Function, request: Message, wire: Wire) -> None:
    """Run one trial in this process and send how it ended."""
    os.environ.update(request["environment"])
    report = Report(wire, request["metric"])
    folder = Path(request["checkpoint"])
    parent = Path(request["parent"]) if request.get("parent") else None
    fidelity = {name: int(x) if name in request["integers"] else x for name, x in request["fidelity"].items()}
    extras = {
        "fidelity": fidelity,
        "report": report,
        "checkpoint": folder,
        "parent": parent,
        "seed": request["seed"],
        "trial": request["trial"],
    }
    ending: Message = {"status": "complete"}
    try:
        sow(request["seed"])
        config = {name: float(x) if name in request["floats"] else x for name, x in request["config"].items()}
        ending["metrics"] = measured(function(config, fidelity, extras), request["metric"])
    except Stopped:
        pass  # as far as it came
    except SystemExit as error:
        ending = {"status": "failed", "reason": f"the function ended the process by sys.exit({error.code!r})"}
    except BaseException as error:  # whatever a configuration makes foreign code raise is that configuration's failure
        ending = {"status": "failed", "reason": explain(error)}
        kind = type(error).__name__
        if isinstance(error, MemoryError) or any(words in f"{kind}: {error}" for words in _MEMORY_ERRORS):
            ending["status"] = "out_of_memory"
        traceback.print_exc()
        (folder / "traceback.txt").write_text(traceback.format_exc())
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # the function closed it
    wire.send({"event": "end", **ending})


def _in_fork(function: Function, request: Message, zygote: int) -> None:
    """Run the trial in the fork and never return."""
    status = 1
    try:
        _die_with(zygote)
        _prefer_as_victim()
        faulthandler.enable()
        evaluate(function, request, Wire())
        status = 0
    finally:
        os._exit(status)


def _fork(function: Function, request: Message, wire: Wire, marker: str) -> None:
    zygote = os.getpid()
    pid = os.fork()
    if pid == 0:
        _in_fork(function, request, zygote)
    wire.send({"event": "started", "pid": pid})
    _, code, usage = os.wait4(pid, 0)
    os.write(2, f"\n{marker}\n".encode())  # what stands before it is the trial's
    wire.send(
        {
            "event": "exit",
            "code": os.WEXITSTATUS(code) if os.WIFEXITED(code) else 0,
            "signal": os.WTERMSIG(code) if os.WIFSIGNALED(code) else 0,
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }
    )


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent is gone; where there is no such kernel, metaml does it."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415  a moment that only forks need

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went before the call above
        os._exit(1)


def _prefer_as_victim() -> None:
    """Ask the kernel to end this process first when memory runs out."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("1000")
    except OSError:
        pass


def serve(wire: Wire) -> None:
    """Load the function that the first request names, then evaluate what the others say, until metaml is gone."""
    request = wire.receive()
    marker, function = request["marker"], None
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")  # looking for a GPU must not make forks fail
    try:
        function = Function(load(request["function"]), request["parameters"], request["fidelities"])
    except Refused as error:
        wire.send({"event": "refused", "reason": str(error)})
    except BaseException as error:  # the module is the user's: an import may do anything
        traceback.print_exc()
        wire.send({"event": "refused", "reason": f"its module cannot be imported: {explain(error)}"})
    if function is None:
        return
    whole = "a fresh process was asked for" if request["fresh"] else unsafe_to_fork()
    wire.send({"event": "ready", "fork": not whole, "why": whole})
    while True:
        request = wire.receive()
        if "trial" not in request:
            continue  # the answer to a report that its trial did not live to see
        if whole:
            faulthandler.enable()
            evaluate(function, request, wire)
            return
        _fork(function, request, wire, marker)


if __name__ == "__main__":
    if sys.version_info < (3, 8):  # noqa: UP036
        sys.exit("Python 3.8 or newer is needed")
    sys.argv = [""]
    try:
        serve(Wire())
    except EOFError:
        pass  # the end that is meant
