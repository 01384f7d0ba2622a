"""Writes metaml plugins in Python.

An evaluator is two modules: a light one that calls :func:`serve` with a :class:`Description`, and a worker module with
the functions ``load`` and ``evaluate`` (see :mod:`metaml.sdk.contract`), which may import what it likes. The worker is
imported once, in a process of its own, and forked for every trial, so that a trial costs milliseconds to start and a
leak, a crash or a kill costs that trial only.

An optimizer is a class with ``ask`` and ``tell`` (see :class:`metaml.sdk.contract.Optimizer`) and a call of
:func:`serve_optimizer`; :class:`History` keeps what it is told.

The light half (everything but an evaluator's worker) needs grpcio and protobuf; the worker's half needs the standard
library.
"""

from metaml.sdk.contract import Description, Exhausted, FidelityRange, Objective, OptimizerDescription, Problem
from metaml.sdk.evaluator import serve
from metaml.sdk.history import History
from metaml.sdk.optimizer import serve_optimizer
from metaml.sdk.study import Observation, Suggestion, Trial

__all__ = [
    "Description",
    "Exhausted",
    "FidelityRange",
    "History",
    "Objective",
    "Observation",
    "OptimizerDescription",
    "Problem",
    "Suggestion",
    "Trial",
    "serve",
    "serve_optimizer",
]
