"""Evaluators that come with metaml, one package each; run one with ``python -m metaml.evaluators.NAME``."""
