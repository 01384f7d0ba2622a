"""The zygote: imports the worker module once, keeps tables loaded, and forks for every trial.

Run as ``python -m metaml.sdk.worker MODULE DESCRIPTOR PARENT BOUNDED FOLDER``: the module, the inherited socket to the
gRPC process, that process's pid, whether to bound the address space of trials, and a folder in which the module may lie
(empty for none). It stays single-threaded, because only
then is a fork safe.
"""

import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, cast

from metaml.sdk import study, trial
from metaml.sdk.contract import Worker
from metaml.sdk.frames import Channel, Closed, Message, pair
from metaml.sdk.lifeline import die_with
from metaml.sdk.study import Limits, Observation, Suggestion
from metaml.sdk.supervise import Ending, HostGone, Watch, resident_bytes

_SHARE_OF_MEMORY = 0.25
_LAST_BYTES = 64 << 10


class Tables:
    """The loaded tables, the least recently used dropped when they take more than a share of the machine's memory."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._loaded: OrderedDict[tuple[str, str], tuple[Any, float]] = OrderedDict()
        self._budget = _SHARE_OF_MEMORY * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    def get(self, path: str, protocol: str, fingerprint: str) -> Any:
        """Return the table of a fingerprint under a protocol, read from path unless it is loaded."""
        key = (fingerprint, protocol)
        if key not in self._loaded:
            self._loaded[key] = self._read(path, protocol)
            while len(self._loaded) > 1 and sum(size for _, size in self._loaded.values()) > self._budget:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(key)
        return self._loaded[key][0]

    def _read(self, path: str, protocol: str) -> tuple[Any, float]:
        before = resident_bytes(os.getpid())
        table = self._worker.load(Path(path), study.parse_object(protocol))
        on_disk = sum(each.stat().st_size for each in Path(path).iterdir())
        return table, max(resident_bytes(os.getpid()) - before, on_disk)


class Zygote:
    """Serves the gRPC process's requests, one after the other."""

    def __init__(self, host: Channel, worker: Worker, bounded: bool) -> None:
        self._host = host
        self._worker = worker
        self._tables = Tables(worker)
        self._bounded = bounded
        self._output = cast(BinaryIO, tempfile.TemporaryFile())

    def serve(self) -> None:
        """Serve until the gRPC process closes the channel."""
        while True:
            message = self._host.receive()
            if message["op"] not in ("load", "evaluate"):
                continue  # a stop or kill that came after its trial had ended
            try:
                table = self._tables.get(*message["table"])
            except (ValueError, KeyError, TypeError, OSError) as error:
                self._host.send({"event": "refused", "reason": trial.one_line(error)})
                continue
            if message["op"] == "load":
                self._host.send({"event": "loaded"})
            else:
                self._evaluate(table, message)

    def _evaluate(self, table: Any, message: Message) -> None:
        limits = Limits(**message["limits"])
        suggestion = Suggestion.from_json(message["suggestion"])
        here, there = pair()
        self._output.seek(0)
        self._output.truncate()
        gc.collect()
        gc.freeze()  # so that the fork's collector does not touch, and so copy, every page
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            here.close()
            self._host.close()
            self._run_fork(zygote, table, suggestion, limits, there)
        there.close()
        try:
            ending = Watch(pid, here, self._host, limits, self._last_output).run()
        finally:
            here.close()
        self._host.send(_ended(ending, suggestion))

    def _run_fork(self, zygote: int, table: Any, suggestion: Suggestion, limits: Limits, channel: Channel) -> None:
        """Run the trial in the fork and never return."""
        status = 1
        try:
            os.setpgid(0, 0)
            die_with(zygote)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            trial.prefer_as_victim()
            os.dup2(self._output.fileno(), 1)
            os.dup2(self._output.fileno(), 2)
            if self._bounded and limits.memory_bytes:
                trial.bound_address_space(limits.memory_bytes)
            trial.run(self._worker, table, suggestion, limits, channel)
            status = 0
        except Closed:
            pass  # the zygote is gone
        finally:
            os._exit(status)

    def _last_output(self) -> str:
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - _LAST_BYTES))
        return self._output.read().decode("utf-8", "replace")


def _ended(ending: Ending, suggestion: Suggestion) -> Message:
    """Return the message about a trial's end, with the whole cost as the zygote saw it."""
    message = ending.message
    if message is None:
        last = Observation(fidelity=suggestion.fidelity).to_json()
        message = {"event": "end", "status": ending.status, "reason": ending.reason, "observation": last}
    message["observation"]["cost"].update(wall=ending.wall, cpu=ending.cpu, memory=ending.memory)
    return message


def main(module: str, descriptor: str, parent: str, bounded: str, folder: str) -> None:
    """Be the zygote of the gRPC process whose pid is parent."""
    die_with(int(parent))
    host = Channel(socket.socket(fileno=int(descriptor)))
    if folder:
        sys.path.insert(0, folder)
    try:
        try:
            worker = cast(Worker, importlib.import_module(module))
        except ImportError as error:
            host.send({"event": "refused", "reason": trial.one_line(error)})
            return
        host.send({"event": "ready"})
        Zygote(host, worker, bounded == "bounded").serve()
    except (Closed, HostGone):
        pass  # the end that is meant


if __name__ == "__main__":
    main(*sys.argv[1:])
