"""go-plugin's handshake: the cookie that the host sets and the line that the plugin answers with."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CORE_PROTOCOL = 1
"""Version of go-plugin's own protocol."""
APP_PROTOCOL = 1
"""Version of metaml's plugin protocol (``metaml.v1``)."""
COOKIE_KEY = "METAML_PLUGIN"
"""Environment variable by which a plugin knows that metaml started it."""
COOKIE_VALUE = "1f6d3c7e-metaml-plugin-v1"
"""What the variable holds. It keeps people from starting a plugin by hand; it is no secret."""
SOCKET_FOLDER_KEY = "PLUGIN_UNIX_SOCKET_DIR"
"""Environment variable with the folder in which go-plugin wants the socket."""
CERTIFICATE_KEY = "PLUGIN_CLIENT_CERT"
"""Environment variable by which go-plugin asks for TLS, which plugins in Python do not speak."""

_LONGEST_SOCKET_PATH = 100  # of the 104 (macOS) or 108 (Linux) bytes of sockaddr_un


class HandshakeError(Exception):
    """The process was not started by metaml, or asks for what this SDK cannot do."""


def check(environment: Mapping[str, str]) -> None:
    """Raise HandshakeError unless the environment is one in which metaml starts plugins."""
    if environment.get(COOKIE_KEY) != COOKIE_VALUE:
        raise HandshakeError("this is a plugin of metaml: it is started by metaml, not by hand")
    if environment.get(CERTIFICATE_KEY):
        raise HandshakeError("the host asks for TLS, but plugins in Python talk over a Unix socket only")


@contextmanager
def socket_path(environment: Mapping[str, str]) -> Iterator[Path]:
    """Give a free path for the plugin's socket, in the host's folder or else in a private one that is removed again."""
    name = f"plugin-{os.getpid()}"
    folder = environment.get(SOCKET_FOLDER_KEY)
    if folder and len(folder) + 1 + len(name) <= _LONGEST_SOCKET_PATH:
        path = Path(folder) / name
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
    else:
        with tempfile.TemporaryDirectory(prefix="metaml-", ignore_cleanup_errors=True) as own:  # mode 0700
            yield Path(own) / name


def line(path: Path) -> str:
    """Return what the plugin prints once it listens at path."""
    return f"{CORE_PROTOCOL}|{APP_PROTOCOL}|unix|{path}|grpc"
