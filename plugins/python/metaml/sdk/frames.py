"""Messages between the processes of one plugin: JSON objects, each after its length in four bytes.

Pickle is not used: a trial runs foreign code, and what it sends must not be able to run anything here.
"""

import json
import socket
import struct
from typing import Any

_HEADER = struct.Struct("<I")
_LARGEST = 1 << 28

Message = dict[str, Any]


class Closed(Exception):
    """The other end of the channel is gone."""


class Channel:
    """One end of a stream socket that carries messages. Sending is not thread-safe."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """Return the descriptor, so that select can wait for a message."""
        return self._end.fileno()

    def send(self, message: Message) -> None:
        """Send a message; raise Closed if nobody is there to receive it."""
        body = json.dumps(message, separators=(",", ":")).encode()
        try:
            self._end.sendall(_HEADER.pack(len(body)) + body)
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self) -> Message:
        """Wait for the next message; raise Closed at the end of the stream."""
        (size,) = _HEADER.unpack(self._exactly(_HEADER.size))
        if size > _LARGEST:
            raise Closed(f"a message of {size} bytes was announced")
        message: Message = json.loads(self._exactly(size))
        return message

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self._end.recv(size - len(parts))
            except OSError as error:
                raise Closed(str(error)) from error
            if not part:
                raise Closed("end of stream")
            parts += part
        return bytes(parts)

    def close(self) -> None:
        """Close this end."""
        self._end.close()


def pair() -> tuple[Channel, Channel]:
    """Return two connected channels."""
    here, there = socket.socketpair()
    return Channel(here), Channel(there)
