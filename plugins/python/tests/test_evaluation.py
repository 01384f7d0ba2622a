"""What holds for evaluations whatever the learner: curves, fidelities, leakage, determinism, awkward tables."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from metaml.evaluators.sklearn import worker
from metaml.evaluators.sklearn.description import METRICS, describe, space
from metaml.evaluators.sklearn.iterations import BOOSTER_GRID, EPOCH_GRID, stages
from metaml.evaluators.sklearn.learners import svm
from metaml.evaluators.sklearn.learners.catalogue import GROWERS, LEARNERS
from metaml.sdk.study import Suggestion
from tests.running import RecordingTrial, evaluate, load_blobs, load_waves, matrices
from tests.staging import blobs, default, protocol, sample, split, stage, waves

CLASSIFIERS = json.loads(space("classification"))["parameters"]["learner"]["choices"]
REGRESSORS = json.loads(space("regression"))["parameters"]["learner"]["choices"]


def test_every_learner_of_the_spaces_exists() -> None:
    assert set(CLASSIFIERS) == set(LEARNERS) | set(GROWERS)
    assert set(CLASSIFIERS) - set(REGRESSORS) == {"naive_bayes", "lda", "qda"}


def test_description_is_complete() -> None:
    description = describe()
    assert [r.name for r in description.fidelities] == ["rows", "iterations"]
    for task in METRICS:
        assert description.spaces[task] == space(task)
        assert [each.metric for each in description.metrics[task]] == list(METRICS[task])


@pytest.mark.parametrize("learner", CLASSIFIERS)
def test_random_classifiers_end_with_all_metrics(tmp_path: Path, learner: str) -> None:
    table = load_blobs(tmp_path, rows=80, classes=3)
    config = sample("classification", learner, np.random.default_rng(len(learner)))
    found = evaluate(table, config, iterations=8)
    parts = {f"{name}/{part}/{i}" for name in METRICS["classification"] for part in ("fold", "test") for i in range(3)}
    extra = {"iterations"} if learner in GROWERS else set()
    assert found.keys() == parts | set(METRICS["classification"]) | extra


@pytest.mark.parametrize("learner", REGRESSORS)
def test_random_regressors_end_with_all_metrics(tmp_path: Path, learner: str) -> None:
    table = load_waves(tmp_path, rows=80)
    found = evaluate(table, sample("regression", learner, np.random.default_rng(len(learner))), iterations=8)
    assert set(METRICS["regression"]) <= found.keys()
    assert all(np.isfinite(value) for value in found.values())


def test_stages_follow_the_fidelity() -> None:
    assert stages(BOOSTER_GRID, None) == BOOSTER_GRID
    assert stages(BOOSTER_GRID, 500) == BOOSTER_GRID
    assert stages(BOOSTER_GRID, 100) == (8, 16, 32, 64, 100)
    assert stages(BOOSTER_GRID, 64) == (8, 16, 32, 64)
    assert stages(BOOSTER_GRID, 3) == (3,)
    assert stages(EPOCH_GRID, 500) == EPOCH_GRID
    assert stages(EPOCH_GRID, 30) == (3, 9, 27, 30)


@pytest.mark.parametrize("learner", sorted(GROWERS))
def test_curves(tmp_path: Path, learner: str) -> None:
    table = load_blobs(tmp_path, metrics=("log_loss", "accuracy"))
    trial = RecordingTrial()
    found = worker.evaluate(table, Suggestion(1, default("classification", learner), {"rows": 0.5}), trial)
    iterations = [fidelity["iterations"] for _, _, fidelity, _ in trial.reports]
    assert iterations == list(GROWERS[learner].grid[: len(iterations)])
    assert [step for step, *_ in trial.reports] == list(range(1, len(iterations) + 1))
    assert {steps for _, steps, *_ in trial.reports} == {len(GROWERS[learner].grid)}
    assert {fidelity["rows"] for _, _, fidelity, _ in trial.reports} == {0.5}
    losses = [metrics["log_loss"] for *_, metrics in trial.reports]
    best = int(np.argmin(losses))
    assert found["iterations"] == iterations[best]
    assert found["log_loss"] == pytest.approx(losses[best], rel=1e-12)
    assert len(iterations) == min(best + 3, len(GROWERS[learner].grid)), "it ends two stages after the best one"


def test_a_lower_fidelity_is_the_beginning_of_a_higher_one(tmp_path: Path) -> None:
    table = load_blobs(tmp_path)
    config = default("classification", "lightgbm", lightgbm__learning_rate=0.02)
    whole, part = RecordingTrial(), RecordingTrial()
    worker.evaluate(table, Suggestion(1, config), whole)
    worker.evaluate(table, Suggestion(1, config, {"iterations": 32}), part)
    assert [report[3] for report in part.reports] == [report[3] for report in whole.reports[:3]]


def test_a_stopped_trial_has_its_final_metrics(tmp_path: Path) -> None:
    table, trial = load_blobs(tmp_path), RecordingTrial(stop_after=1)
    found = worker.evaluate(table, Suggestion(1, default("classification", "mlp")), trial)
    assert len(trial.reports) == 1
    assert found["iterations"] == 3
    assert "accuracy/test/2" in found


def test_fewer_rows_are_used(tmp_path: Path) -> None:
    table = load_blobs(tmp_path, rows=400)
    config = default("classification", "tree")
    whole, some = evaluate(table, config), evaluate(table, config, rows=1 / 9)
    assert some["accuracy"] != whole["accuracy"]
    assert evaluate(table, config, rows=1.0) == whole
    for bad in (0.0, 1.5):
        with pytest.raises(ValueError, match="rows"):
            evaluate(table, config, rows=bad)


@pytest.mark.parametrize("learner", ["lightgbm", "random_forest", "mlp", "svm"])
def test_the_seed_decides(tmp_path: Path, learner: str) -> None:
    table = load_blobs(tmp_path, rows=100, metrics=("log_loss",))
    changes = {"lightgbm__bagging_fraction": 0.6, "lightgbm__min_child_samples": 2} if learner == "lightgbm" else {}
    config = default("classification", learner, **changes)
    first = evaluate(table, config, seed=2**64 - 1, iterations=8)
    assert evaluate(table, config, seed=2**64 - 1, iterations=8) == first
    assert evaluate(table, config, seed=3, iterations=8) != first


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("learner", ["lightgbm", "linear", "knn", "random_forest"])
def test_nothing_of_the_test_rows_reaches_the_models(tmp_path: Path, task: str, learner: str) -> None:
    """Other test targets change test metrics only; other test columns do not change any validation metric."""
    columns, target = blobs(120) if task == "classification" else waves(120)
    columns[0, ::7] = np.nan
    fold = split(120)
    config = default(task, learner, features="percentile", features__percentile=50)
    rng = np.random.default_rng(0)
    shuffled, strange = target.copy(), columns.copy()
    shuffled[fold == -1] = rng.permutation(target[fold == -1])
    strange[:, fold == -1] = 1e3 * rng.normal(size=(len(columns), int((fold == -1).sum())))
    strange[1, np.flatnonzero(fold == -1)[0]] = np.nan
    found = []
    for i, (x, y) in enumerate([(columns, target), (columns, shuffled), (strange, target)]):
        folder = stage(tmp_path / str(i), x, y, 2 if task == "classification" else 0, splits=[fold])
        found.append(evaluate(worker.load(folder, protocol(task)), config, iterations=16))
    for name in found[0]:
        if "/test/" not in name:
            assert found[1][name] == found[2][name] == found[0][name], name
    assert any(found[1][name] != found[0][name] for name in found[0] if "/test/" in name)


@pytest.mark.parametrize("learner", ["lightgbm", "linear", "svm"])
def test_nothing_of_the_validation_targets_reaches_the_model_of_the_fold(tmp_path: Path, learner: str) -> None:
    columns, target = blobs(120)
    fold = split(120)
    other = target.copy()
    other[fold == 0] = np.random.default_rng(0).permutation(target[fold == 0])
    config = default("classification", learner)
    found = [
        evaluate(
            worker.load(stage(tmp_path / str(i), columns, y, 2, splits=[fold]), protocol("classification")),
            config,
            iterations=4,
        )
        for i, y in enumerate([target, other])
    ]
    assert found[0]["accuracy/test/0"] == found[1]["accuracy/test/0"]
    assert found[0]["log_loss/test/1"] != found[1]["log_loss/test/1"], "fold 0's rows train the other models"


@pytest.mark.parametrize("learner", [name for name in CLASSIFIERS if name != "qda"])  # it needs two rows of a class
def test_rare_classes(tmp_path: Path, learner: str) -> None:
    """Twelve classes, of which one occurs in the test rows only and one in a single fold."""
    columns, target = blobs(240, classes=10)
    fold = split(240)
    target[np.flatnonzero(fold == -1)[:2]] = 11
    target[np.flatnonzero(fold == 1)[:3]] = 10
    table = worker.load(stage(tmp_path, columns, target, 12, splits=[fold]), protocol("classification"))
    found = evaluate(table, default("classification", learner), iterations=60 if learner == "mlp" else 8)
    assert found["accuracy"] > 0.2
    assert found["log_loss/test/0"] < 35
    assert 0 < found["roc_auc/test/0"] < 1


@pytest.mark.parametrize("learner", ["lightgbm", "tree", "svm"])
def test_a_fold_with_a_single_class_to_learn_from(tmp_path: Path, learner: str) -> None:
    columns, target = blobs(60)
    fold = split(60)
    target[(fold == 1) | (fold == 2)] = 0
    target[np.flatnonzero(fold == 0)[::2]] = 1
    folder = stage(tmp_path, columns, target, 2, splits=[fold])
    found = evaluate(
        worker.load(folder, protocol("classification", "accuracy", "roc_auc")), default("classification", learner)
    )
    assert found["roc_auc/fold/0"] == 0.5
    assert "roc_auc" not in found, "folds 1 and 2 have one class to validate on"
    with pytest.raises(ValueError, match="roc_auc is undefined"):
        evaluate(worker.load(folder, protocol("classification", "roc_auc")), default("classification", learner))


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("learner", ["xgboost", "linear", "knn", "extra_trees"])
def test_missing_values_and_categories(tmp_path: Path, task: str, learner: str) -> None:
    columns, target = blobs(150) if task == "classification" else waves(150)
    rng = np.random.default_rng(1)
    columns[0] = rng.integers(70, size=150)
    columns[1] = rng.integers(3, size=150)
    columns[rng.random(columns.shape) < 0.3] = np.nan
    columns[2] = np.nan
    levels = [70, 3] + [0] * (len(columns) - 2)
    table = worker.load(stage(tmp_path, columns, target, 2 if task == "classification" else 0, levels), protocol(task))
    for categories in ("one_hot", "ordinal"):
        for features in ("none", "pca", "percentile"):
            found = evaluate(table, default(task, learner, categories=categories, features=features), iterations=4)
            assert np.isfinite(list(found.values())).all()


def test_repeats_follow_each_other(tmp_path: Path) -> None:
    columns, target = blobs(90)
    splits = [split(90, seed=0), split(90, folds=2, seed=1)]
    table = worker.load(stage(tmp_path, columns, target, 2, splits=splits), protocol("classification", "accuracy"))
    found = evaluate(table, default("classification", "tree"))
    assert {name for name in found if "/fold/" in name} == {f"accuracy/fold/{i}" for i in range(5)}
    only = worker.load(
        stage(tmp_path / "b", columns, target, 2, splits=splits[1:]), protocol("classification", "accuracy")
    )
    assert found["accuracy/fold/3"] == pytest.approx(
        evaluate(only, default("classification", "tree"))["accuracy/fold/0"], abs=0.1
    )


def test_without_test_rows_there_are_no_test_metrics(tmp_path: Path) -> None:
    columns, target = waves(60)
    table = worker.load(stage(tmp_path, columns, target, splits=[np.arange(60.0) % 3]), protocol("regression", "rmse"))
    assert set(evaluate(table, default("regression", "tree"))) == {"rmse", "rmse/fold/0", "rmse/fold/1", "rmse/fold/2"}


def test_large_tables_have_approximate_support_vector_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svm, "LANDMARKS", 60)
    for table in (load_blobs(tmp_path / "a", rows=400), load_waves(tmp_path / "b", rows=400)):
        config = default(table.task, "svm")
        exact = evaluate(table, config)
        monkeypatch.setattr(svm, "MOST_EXACT_ROWS", 100)
        approximate = evaluate(table, config)
        monkeypatch.setattr(svm, "MOST_EXACT_ROWS", 3000)
        name = table.metrics[0]
        assert approximate[name] != exact[name]
        assert approximate[name] == pytest.approx(exact[name], rel=0.25)


def test_calibration_makes_probabilities_of_decisions(tmp_path: Path) -> None:
    table = load_blobs(tmp_path, rows=300)
    found = evaluate(table, default("classification", "svm"))
    for i, (x, y, xv, yv, _, _) in enumerate(matrices(table)):
        scaler = StandardScaler().fit(x)
        peer = CalibratedClassifierCV(SVC(), ensemble=False, cv=3).fit(scaler.transform(x), y)
        expected = log_loss(yv, peer.predict_proba(scaler.transform(xv)))
        assert found[f"log_loss/fold/{i}"] == pytest.approx(expected, rel=0.25)
    without = evaluate(replace(table, metrics=("balanced_accuracy", "roc_auc")), default("classification", "svm"))
    assert without["balanced_accuracy"] == found["balanced_accuracy"]
    assert without["roc_auc"] == found["roc_auc"]


def test_what_is_wrong_with_a_configuration_is_said(tmp_path: Path) -> None:
    table = load_blobs(tmp_path)
    with pytest.raises(ValueError, match="learner 'nothing' does not exist"):
        evaluate(table, default("classification", "tree") | {"learner": "nothing"})
    with pytest.raises(ValueError, match="min_samples_leaf"):
        evaluate(table, default("classification", "tree") | {"tree.min_samples_leaf": -3})
