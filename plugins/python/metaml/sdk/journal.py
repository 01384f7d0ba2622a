"""The evaluator's journal: every finished trial on disk before the host hears of it."""

import json
import os
from collections.abc import Mapping

from metaml.sdk.study import Trial, parse_object

VARIABLE = "METAML_JOURNAL"
"""Environment variable that names the journal's file. Unset: no journal."""


def append(
    environment: Mapping[str, str], fingerprint: str, protocol: str, trial: Trial, *, stopped: bool = False
) -> None:
    """Append a trial, with the table and protocol it ran on, as a line of JSON, and sync it to disk.

    It says, too, whether the trial was asked to stop.

    The line is written by one call on a descriptor in append mode, so that lines of several processes do not mix. Of a
    line that cannot be written whole nothing is left, so that later ones can be read; that is an OSError.
    """
    path = environment.get(VARIABLE)
    if not path:
        return
    line: dict[str, object] = {"fingerprint": fingerprint, "protocol": parse_object(protocol), "trial": trial.to_json()}
    if stopped:
        line["stopped"] = True
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        body = json.dumps(line, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        before = os.fstat(descriptor).st_size
        if os.write(descriptor, body) != len(body):
            os.ftruncate(descriptor, before)
            raise OSError(f"journal {path}: the line was written in part only")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
