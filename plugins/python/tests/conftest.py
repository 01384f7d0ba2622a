"""Settings of all tests."""

import pytest

from metaml.evaluators.sklearn.learners import adaboost, forest


@pytest.fixture(autouse=True)
def _small_ensembles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forests have few trees, which changes nothing that these tests look at but their duration."""
    monkeypatch.setattr(forest, "TREES", 12)
    monkeypatch.setattr(adaboost, "TREES", 10)
