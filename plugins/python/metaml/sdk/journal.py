"""The evaluator's journal: every finished trial on disk before the host hears of it."""

import json
import os
from collections.abc import Mapping

from metaml.sdk.study import Trial, parse_object

VARIABLE = "METAML_JOURNAL"
"""Environment variable that names the journal's file. Unset: no journal."""


def append(environment: Mapping[str, str], fingerprint: str, protocol: str, trial: Trial) -> None:
    """Append a trial, with the table and protocol it ran on, as a line of JSON, and sync it to disk.

    The line is written by one call on a descriptor in append mode, so that lines of several processes do not mix.
    """
    path = environment.get(VARIABLE)
    if not path:
        return
    line = {"fingerprint": fingerprint, "protocol": parse_object(protocol), "trial": trial.to_json()}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        body = json.dumps(line, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        if os.write(descriptor, body) != len(body):
            raise OSError(f"journal {path}: the line was written in part only")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
