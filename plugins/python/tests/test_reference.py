"""The points of reference are scikit-learn's own defaults, after the fixed preparation only."""

from pathlib import Path

from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from metaml.evaluators.sklearn.learners.catalogue import REFERENCES
from tests.running import load_blobs, load_waves
from tests.test_learners import check


def config(learner: str) -> dict[str, object]:
    """Return what a point of reference is asked for with."""
    return {"learner": learner, "categories": "one_hot", "features": "none"}


def test_classification(tmp_path: Path) -> None:
    table = load_blobs(tmp_path, rows=120, classes=3)
    check(table, config("reference_forest"), lambda seed: RandomForestClassifier(random_state=seed), scale=False)
    check(
        table, config("reference_boosting"), lambda seed: HistGradientBoostingClassifier(random_state=seed), scale=False
    )


def test_regression(tmp_path: Path) -> None:
    table = load_waves(tmp_path, rows=120)
    check(table, config("reference_forest"), lambda seed: RandomForestRegressor(random_state=seed), scale=False)
    check(
        table, config("reference_boosting"), lambda seed: HistGradientBoostingRegressor(random_state=seed), scale=False
    )


def test_names() -> None:
    assert set(REFERENCES) == {"reference_forest", "reference_boosting"}
