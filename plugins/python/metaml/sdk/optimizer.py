"""The protocol's Optimizer service, over an object with ask and tell."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc

from metaml.sdk import server, wire
from metaml.sdk.contract import Exhausted, Optimizer, OptimizerDescription, Primer, Problem, Stopper
from metaml.sdk.study import parse_object
from metaml.v1 import plugin_pb2 as pb

Open = Callable[[Problem, Mapping[str, Any]], Optimizer]
"""Opens a study: the problem, and settings, empty for the defaults. ValueError says what is wrong with them."""


class _Refused(Exception):
    """A call that cannot be answered, with gRPC's code for that."""

    def __init__(self, code: grpc.StatusCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Service:
    """Serves one optimizer, one call at a time."""

    def __init__(self, description: OptimizerDescription, open_study: Open) -> None:
        self._description = description
        self._open = open_study
        self._busy = threading.Lock()
        self._optimizer: Optimizer | None = None

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the service's handler, to add to a server."""
        unary = grpc.unary_unary_rpc_method_handler
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Describe": unary(self.describe, pb.DescribeRequest.FromString, pb.DescribeResponse.SerializeToString),
            "Open": unary(self.open, pb.OpenRequest.FromString, pb.OpenResponse.SerializeToString),
            "Ask": unary(self.ask, pb.AskRequest.FromString, pb.AskResponse.SerializeToString),
            "Tell": unary(self.tell, pb.TellRequest.FromString, pb.TellResponse.SerializeToString),
            "Observe": unary(self.observe, pb.ObserveRequest.FromString, pb.ObserveResponse.SerializeToString),
        }
        return grpc.method_handlers_generic_handler("metaml.v1.Optimizer", methods)

    def describe(self, _request: pb.DescribeRequest, _context: grpc.ServicerContext) -> pb.DescribeResponse:
        """Say what the optimizer is."""
        return wire.to_optimizer_description(self._description)

    def open(self, request: pb.OpenRequest, context: grpc.ServicerContext) -> pb.OpenResponse:
        """Open the study, with its prior if there is one."""
        with self._busy, _explained(context):
            if self._optimizer is not None:
                raise _Refused(
                    grpc.StatusCode.FAILED_PRECONDITION, "the study is open already: one process serves one study"
                )
            settings = parse_object(request.settings_json or "{}")
            optimizer = self._open(wire.from_problem(request.problem), settings)
            if request.prior_json:
                if not isinstance(optimizer, Primer):
                    raise _Refused(grpc.StatusCode.UNIMPLEMENTED, "this optimizer takes no prior")
                optimizer.prime(parse_object(request.prior_json))
            self._optimizer = optimizer
        return pb.OpenResponse()

    def ask(self, request: pb.AskRequest, context: grpc.ServicerContext) -> pb.AskResponse:
        """Ask the optimizer."""
        answer = pb.AskResponse()
        with self._busy, _explained(context):
            try:
                for suggestion in self._opened().ask(request.first, request.n):
                    answer.suggestions.append(wire.to_suggestion(suggestion))
            except Exhausted:
                answer.exhausted = True
        return answer

    def tell(self, request: pb.TellRequest, context: grpc.ServicerContext) -> pb.TellResponse:
        """Tell the optimizer."""
        with self._busy, _explained(context):
            self._opened().tell([wire.from_trial(each) for each in request.trials])
        return pb.TellResponse()

    def observe(self, request: pb.ObserveRequest, context: grpc.ServicerContext) -> pb.ObserveResponse:
        """Pass an observation on."""
        with self._busy, _explained(context):
            optimizer = self._opened()
            if not isinstance(optimizer, Stopper):
                raise _Refused(grpc.StatusCode.UNIMPLEMENTED, "this optimizer stops no trial")
            return pb.ObserveResponse(stop=optimizer.observe(request.id, wire.from_observation(request.observation)))

    def close(self) -> None:
        """Do nothing: nothing was started."""

    def _opened(self) -> Optimizer:
        if self._optimizer is None:
            raise _Refused(grpc.StatusCode.FAILED_PRECONDITION, "the study was not opened")
        return self._optimizer


@contextmanager
def _explained(context: grpc.ServicerContext) -> Iterator[None]:
    """Answer the call with what an exception says, and write where it comes from to standard error."""
    try:
        yield
    except _Refused as error:
        context.abort(error.code, str(error))
    except ValueError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")


def serve_optimizer(description: OptimizerDescription, open_study: Open) -> None:
    """Serve an optimizer; ends the process when the host is done with it, with status 1 if not started by metaml."""
    server.serve(f"metaml-optimizer-{description.name}", lambda _main: Service(description, open_study))
