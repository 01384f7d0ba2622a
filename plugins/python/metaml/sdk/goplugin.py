"""The services that go-plugin expects of every plugin: health, shutdown, and two streams it opens unasked.

Their messages are so small that they are written here as bytes; no generated code is needed.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc

_EMPTY = b""
_SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}
_LOOK_SECONDS = 5.0  # between looks at whether an open stream is still wanted


def handlers(shutdown: Callable[[], None], stopped: threading.Event) -> tuple[grpc.GenericRpcHandler, ...]:
    """Return the handlers to add to a server.

    shutdown is called when the host asks the plugin to end; the open streams end once stopped is set.
    """

    def check(_request: bytes, _context: grpc.ServicerContext) -> bytes:
        return _SERVING

    def end(_request: bytes, _context: grpc.ServicerContext) -> bytes:
        shutdown()
        return _EMPTY

    def silent(request: Any, context: grpc.ServicerContext) -> Iterator[bytes]:
        while context.is_active() and not stopped.wait(_LOOK_SECONDS):
            pass
        yield from ()

    return (
        grpc.method_handlers_generic_handler(
            "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}
        ),
        grpc.method_handlers_generic_handler(
            "plugin.GRPCController", {"Shutdown": grpc.unary_unary_rpc_method_handler(end)}
        ),
        grpc.method_handlers_generic_handler(
            "plugin.GRPCBroker", {"StartStream": grpc.stream_stream_rpc_method_handler(silent)}
        ),
        grpc.method_handlers_generic_handler(
            "plugin.GRPCStdio", {"StreamStdio": grpc.unary_stream_rpc_method_handler(silent)}
        ),
    )
