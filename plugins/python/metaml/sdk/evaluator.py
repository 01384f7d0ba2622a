"""The protocol's Evaluator service, over a zygote."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NoReturn

import grpc

from metaml.sdk import journal, server, wire
from metaml.sdk.contract import Description
from metaml.sdk.study import Limits, Observation, Suggestion, Trial
from metaml.sdk.zygote import Launch, Lost, Refused, Zygote
from metaml.v1 import plugin_pb2 as pb


class Service:
    """Serves one evaluator. Evaluations run one at a time; a second one waits."""

    def __init__(self, description: Description, launch: Launch) -> None:
        self._description = description
        self._launch = launch
        self._busy = threading.Lock()
        self._zygote: Zygote | None = None
        self._table: tuple[str, str, str] | None = None
        self._running: int | None = None
        self._stopped = False  # the running evaluation was asked to stop
        self._unkept = False  # it was said that the journal cannot be written

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the service's handler, to add to a server."""
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Describe": unary(self.describe, pb.DescribeRequest.FromString, pb.DescribeResponse.SerializeToString),
            "Load": unary(self.load, pb.LoadRequest.FromString, pb.LoadResponse.SerializeToString),
            "Evaluate": stream(self.evaluate, pb.EvaluateRequest.FromString, pb.EvaluateResponse.SerializeToString),
            "Stop": unary(self.stop, pb.StopRequest.FromString, pb.StopResponse.SerializeToString),
        }
        return grpc.method_handlers_generic_handler("metaml.v1.Evaluator", methods)

    def describe(self, _request: pb.DescribeRequest, _context: grpc.ServicerContext) -> pb.DescribeResponse:
        """Say what the evaluator is; cheap, starts nothing."""
        return wire.to_description(self._description)

    def load(self, request: pb.LoadRequest, context: grpc.ServicerContext) -> pb.LoadResponse:
        """Make a table the current one."""
        table = (request.path, request.protocol_json, request.fingerprint)
        with self._busy:
            try:
                self._ready(self._zygote.threads if self._zygote else 1).load(table)
            except Refused as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{request.path}: {error}")
            except Lost as error:
                self._lost(error, context)
            self._table = table
        return pb.LoadResponse()

    def evaluate(self, request: pb.EvaluateRequest, context: grpc.ServicerContext) -> Iterator[pb.EvaluateResponse]:
        """Stream the observations of a suggestion, then its trial."""
        try:
            suggestion, limits = wire.from_suggestion(request.suggestion), wire.from_limits(request.limits)
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        with self._busy:
            table = self._table
            if table is None:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no table is loaded: call Load first")
                return
            try:
                yield from self._evaluate(table, suggestion, limits, context)
            except Refused as error:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{table[0]}: {error}")
            except Lost as error:
                self._lost(error, context)
            finally:
                self._running = None

    def _evaluate(
        self, table: tuple[str, str, str], suggestion: Suggestion, limits: Limits, context: grpc.ServicerContext
    ) -> Iterator[pb.EvaluateResponse]:
        zygote = self._ready(limits.threads or 1)
        observations: list[Observation] = []
        self._running, self._stopped = suggestion.id, False
        ended = threading.Event()

        def given_up() -> None:
            if not ended.is_set():
                zygote.kill()

        if not context.add_callback(given_up):
            return
        with closing(zygote.evaluate(table, suggestion, limits)) as messages:
            for message in messages:
                observations.append(Observation.from_json(message["observation"]))
                if message["event"] == "observation":
                    yield pb.EvaluateResponse(observation=wire.to_observation(observations[-1]))
        ended.set()
        trial = Trial(suggestion, message["status"], observations, message["reason"])
        self._keep(table, trial)
        yield pb.EvaluateResponse(trial=wire.to_trial(trial))

    def _keep(self, table: tuple[str, str, str], trial: Trial) -> None:
        """Write the trial to the journal, for the case that the host dies.

        Where that cannot be done, the host that lives is answered all the same, and standard error says so once.
        """
        try:
            journal.append(os.environ, table[2], table[1], trial, stopped=self._stopped)
        except OSError as error:
            if not self._unkept:
                self._unkept = True
                print(f"journal: {error}; trials go on without it", file=sys.stderr, flush=True)

    def stop(self, request: pb.StopRequest, _context: grpc.ServicerContext) -> pb.StopResponse:
        """Ask the running evaluation of that id to end gracefully; nothing happens if it does not run."""
        zygote = self._zygote
        if zygote and self._running == request.id:
            self._stopped = True
            zygote.stop()
        return pb.StopResponse()

    def close(self) -> None:
        """End the zygote."""
        if self._zygote:
            self._zygote.close()

    def _ready(self, threads: int) -> Zygote:
        """Return a zygote with that number of threads, which can only be chosen before libraries are imported."""
        if self._zygote and self._zygote.threads != threads:
            self._zygote.close()
            self._zygote = None
        if not self._zygote:
            self._zygote = Zygote(self._description, threads, self._launch)
        return self._zygote

    def _lost(self, error: Lost, context: grpc.ServicerContext) -> NoReturn:
        if self._zygote:
            self._zygote.close()
        self._zygote = None
        context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        raise AssertionError("abort raises")


def serve(description: Description) -> None:
    """Serve an evaluator; ends the process when the host is done with it, with status 1 if not started by metaml."""
    server.serve(f"metaml-evaluator-{description.name}", lambda main: Service(description, main.launch))
