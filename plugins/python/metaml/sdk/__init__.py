"""Writes metaml plugins in Python.

An evaluator is two modules: a light one that calls :func:`serve` with a :class:`Description`, and a worker module with
the functions ``load`` and ``evaluate`` (see :mod:`metaml.sdk.contract`), which may import what it likes. The worker is
imported once, in a process of its own, and forked for every trial, so that a trial costs milliseconds to start and a
leak, a crash or a kill costs that trial only.

The light half (everything but the worker) needs grpcio and protobuf; the worker's half needs the standard library.
"""

from metaml.sdk.contract import Description, FidelityRange, Objective
from metaml.sdk.server import serve

__all__ = ["Description", "FidelityRange", "Objective", "serve"]
