"""Serves a plugin to go-plugin's host until the host ends it or goes away."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import grpc

from metaml.sdk import goplugin, handshake

_POLL_SECONDS = 0.25
_THREADS = 16  # two streams of go-plugin's, one evaluation, and short calls

Process = subprocess.Popen[bytes]


class MainThread:
    """The main thread's work: starting processes for other threads, and watching for the end."""

    def __init__(self, host: int) -> None:
        self._host = host
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Process], Future[Process]] | None] = queue.SimpleQueue()
        self.stopped = threading.Event()

    def stop(self) -> None:
        """End run. May be called from a signal handler, as SimpleQueue.put may."""
        self.stopped.set()
        self._jobs.put(None)

    def launch(self, start: Callable[[], Process]) -> Process:
        """Run start in the main thread and return its result."""
        future: Future[Process] = Future()
        self._jobs.put((start, future))
        return future.result()

    def run(self) -> None:
        """Serve launches until stopped, or until the host, this process's parent, is gone."""
        while not self.stopped.is_set() and os.getppid() == self._host:
            try:
                job = self._jobs.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if job is None:
                return
            start, future = job
            try:
                future.set_result(start())
            except OSError as error:
                future.set_exception(error)


class Service(Protocol):
    """What a plugin serves."""

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the handler of its calls."""

    def close(self) -> None:
        """End what it started."""


def serve(program: str, make: Callable[[MainThread], Service]) -> None:
    """Serve what make returns; ends the process when the host is done with it, or gone.

    The process exits with status 1, naming the program, if it was not started by metaml.
    """
    host = os.getppid()
    try:
        handshake.check(os.environ)
    except handshake.HandshakeError as error:
        sys.exit(f"{program}: {error}")
    main = MainThread(host)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: main.stop())
    service = make(main)
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=[("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers((*goplugin.handlers(main.stop, main.stopped), service.handler()))
    with handshake.socket_path(os.environ) as path:
        server.add_insecure_port(f"unix:{path}")
        server.start()
        path.chmod(0o600)
        _announce(handshake.line(path))
        main.run()
        main.stopped.set()
        service.close()
        server.stop(grace=_POLL_SECONDS).wait()
    os._exit(0)  # threads of gRPC may still wait for an answer that nobody wants


def _announce(line: str) -> None:
    """Print the handshake line; from then on, what the process prints goes to its standard error."""
    print(line, flush=True)
    os.dup2(2, 1)
