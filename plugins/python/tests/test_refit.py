"""Refitting: what is saved predicts as the pipeline does, in a process that has no metaml, from raw files."""

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from metaml.evaluators.sklearn import fitting, predict, refit, worker
from metaml.evaluators.sklearn.learners import svm
from metaml.evaluators.sklearn.learners.catalogue import GROWERS, LEARNERS, REFERENCES
from metaml.sdk.study import Config
from tests.running import evaluate
from tests.staging import Floats, default, protocol, sample, split

ROWS = 150
COLOURS = ("red", "green", "1.5", "blue, dark", 'say "x"')
DAY = 86400


def made_up(task: str, rows: int = ROWS, seed: int = 0) -> tuple[dict[str, Any], Floats, list[list[str]]]:
    """Return the header, the numbers (features, then target) and the raw rows of a table with all kinds of columns."""
    rng = np.random.default_rng(seed)
    numbers, colours = rng.normal(size=rows).round(3), rng.integers(len(COLOURS), size=rows).astype(float)
    flags, days = rng.integers(2, size=rows).astype(float), rng.integers(15000, 20000, size=rows)
    score = 2 * numbers + colours + 3 * flags + days / 1000 + rng.normal(size=rows)
    for column in (numbers, colours, flags):
        column[rng.random(rows) < 0.1] = np.nan
    classes = ("low", "middle", "high")
    target = np.digitize(score, np.quantile(score, [0.4, 0.7])).astype(float) if task == "classification" else score
    dates = np.array(["1970-01-01"], dtype="datetime64[D]") + days
    raw = [
        [
            "" if np.isnan(numbers[i]) else repr(float(numbers[i])),
            "NA" if np.isnan(colours[i]) else COLOURS[int(colours[i])],
            "?" if np.isnan(flags[i]) else ("yes", "no")[int(flags[i])],
            str(dates[i]),
        ]
        for i in range(rows)
    ]
    header = {
        "schema_version": 1,
        "name": "made up",
        "fingerprint": "f00d",
        "task": task,
        "rows": rows,
        "features": [
            {"name": "size", "kind": "numeric"},
            {"name": "colour", "kind": "categorical", "levels": list(COLOURS)},
            {"name": "a flag", "kind": "boolean", "levels": ["yes", "no"]},
            {"name": "day", "kind": "date"},
        ],
        "target": {"name": "y"} | ({"levels": list(classes)} if task == "classification" else {}),
        "splits": [{"repeat": 0, "folds": 3}],
        "split_hash": "beef",
    }
    return header, np.vstack([numbers, colours, flags, days * float(DAY), target]), raw


def stage(folder: Path, task: str, rows: int = ROWS) -> list[list[str]]:
    """Stage the table and return its raw rows."""
    header, numbers, raw = made_up(task, rows)
    folder.mkdir(parents=True)
    (folder / "table.json").write_text(json.dumps(header), encoding="utf-8")
    np.vstack([numbers, split(rows)]).astype("<f8").tofile(folder / "table.f64")
    return raw


def write_csv(path: Path, raw: list[list[str]]) -> Path:
    """Write raw rows with their columns in another order and one that the model does not know."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "comment", "colour", "a flag", "size"])
        writer.writerows([row[3], "none", row[1], row[2], row[0]] for row in raw)
    return path


def run_refit(folder: Path, task: str, config: Config, *more: str, metrics: tuple[str, ...] = ()) -> Path:
    """Refit a configuration on the table staged in folder/table by the command line."""
    (folder / "protocol.json").write_text(json.dumps(protocol(task, *metrics)), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    paths = [f"--{name}={folder / file}" for name, file in (("protocol", "protocol.json"), ("config", "config.json"))]
    out = folder / "model"
    assert refit.main([f"--table={folder / 'table'}", *paths, "--seed=7", f"--out={out}", *more]) == 0
    return out


def predictions(model: Path, *arguments: str, text: bytes | None = None) -> list[dict[str, str]]:
    """Run predict.py in a fresh process that has no metaml, and return the rows it writes."""
    done = call(model, *arguments, text=text)
    assert done.returncode == 0, done.stderr.decode()
    return list(csv.DictReader(done.stdout.decode().splitlines()))


def call(model: Path, *arguments: str, text: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run predict.py; -I keeps this folder and PYTHONPATH from it."""
    command = [sys.executable, "-I", "-W", "error::UserWarning", str(model / "predict.py"), *arguments]
    return subprocess.run(command, input=text, capture_output=True, check=False, cwd=model.parent)


def fitted(folder: Path, task: str, config: Config, iterations: int = 0) -> fitting.Fitted:
    """Fit as run_refit does, to compare with."""
    return fitting.fit(worker.load(folder / "table", protocol(task)), config, 7, iterations)


def test_a_classifier_predicts_in_a_fresh_process(tmp_path: Path) -> None:
    raw = stage(tmp_path / "table", "classification")
    config = default("classification", "lightgbm", categories="one_hot")
    model = run_refit(tmp_path, "classification", config, "--iterations=16")
    found = predictions(model, str(write_csv(tmp_path / "new.csv", raw)), "--proba")
    expected = fitted(tmp_path, "classification", config, 16).prediction
    labels = ["low", "middle", "high"]
    assert [row["prediction"] for row in found] == [labels[i] for i in expected.values.argmax(axis=1)]
    probabilities = [[float(row[f"probability_{label}"]) for label in labels] for row in found]
    assert expected.probabilities is not None
    np.testing.assert_allclose(np.array(probabilities), expected.probabilities, rtol=1e-9)
    assert len({row["prediction"] for row in found}) == 3
    required = (model / "requirements.txt").read_text(encoding="utf-8")
    assert "lightgbm==" in required
    assert "xgboost" not in required


def test_a_regressor_predicts_in_a_fresh_process(tmp_path: Path) -> None:
    raw = stage(tmp_path / "table", "regression")
    config = default("regression", "svm", scaler="quantile")
    model = run_refit(tmp_path, "regression", config)
    path = write_csv(tmp_path / "new.csv", raw)
    packed = tmp_path / "new.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    out = tmp_path / "out.csv"
    assert not predictions(model, str(packed), f"--output={out}")
    found = np.loadtxt(out, skiprows=1)
    np.testing.assert_allclose(found, fitted(tmp_path, "regression", config).prediction.values, rtol=1e-12)
    refused = call(model, "-", "--proba", text=path.read_bytes())
    assert refused.returncode == 1
    assert refused.stderr.decode() == "predict.py: -: --proba: the model predicts numbers, not classes\n"


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("learner", sorted({**LEARNERS, **GROWERS, **REFERENCES}))
def test_every_pipeline_is_saved_whole(tmp_path: Path, task: str, learner: str) -> None:
    if task == "regression" and learner in ("naive_bayes", "lda", "qda"):
        pytest.skip("a classifier")
    raw = stage(tmp_path / "table", task)
    rng = np.random.default_rng(sum(map(ord, learner)))
    for draw in range(2):
        config: Config = {"learner": learner, "categories": "ordinal", "features": "all"}
        if learner not in REFERENCES:
            config = sample(task, learner, rng)
        model = load(run_refit(tmp_path, task, config, "--iterations=8"))
        with open(write_csv(tmp_path / f"new{draw}.csv", raw), "rb") as file:
            columns = predict.read(file, model.features, model.target, [])
        values, probabilities = model.predict(columns)
        expected = fitted(tmp_path, task, config, 8).prediction
        if task == "regression":
            np.testing.assert_allclose(values, expected.values, rtol=1e-4)
        else:
            assert probabilities is not None
            assert expected.probabilities is not None
            np.testing.assert_allclose(probabilities, expected.probabilities, rtol=1e-4, atol=1e-6)
            assert values.tolist() == [model.classes[i] for i in expected.values.argmax(axis=1)]


@pytest.mark.parametrize("categories", ["one_hot", "ordinal"])
@pytest.mark.parametrize("scaler", ["standard", "robust", "quantile"])
@pytest.mark.parametrize("features", ["all", "pca", "percentile"])
def test_every_preparation_is_saved_exactly(tmp_path: Path, categories: str, scaler: str, features: str) -> None:
    raw = stage(tmp_path / "table", "classification")
    choice = {"features__variance": 0.9} if features == "pca" else {}
    config = default("classification", "knn", categories=categories, scaler=scaler, features=features, **choice)
    whole = fitted(tmp_path, "classification", config)
    model = load(run_refit(tmp_path, "classification", config))
    with open(write_csv(tmp_path / "new.csv", raw), "rb") as file:
        columns = predict.read(file, model.features, model.target, [])
    found = model.predict(columns)[1]
    np.testing.assert_array_equal(found, whole.prediction.probabilities)


def load(model: Path) -> predict.Model:
    """Load a saved model, whose script is the one that is tested here."""
    assert (model / "predict.py").read_bytes() == Path(predict.__file__).read_bytes()
    return predict.Model(joblib.load(model / "model.joblib"))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_machine_for_many_rows_is_saved(tmp_path: Path, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svm, "MOST_EXACT_ROWS", 50)
    monkeypatch.setattr(svm, "LANDMARKS", 20)
    stage(tmp_path / "table", task)
    config = default(task, "svm")
    whole = fitted(tmp_path, task, config)
    values, probabilities = load(run_refit(tmp_path, task, config)).predict(list(whole.columns))
    expected = whole.prediction
    if task == "regression":
        np.testing.assert_allclose(values, expected.values, rtol=1e-9)
    else:
        assert probabilities is not None
        assert expected.probabilities is not None
        np.testing.assert_allclose(probabilities, expected.probabilities, rtol=1e-9)


def test_the_model_holds_no_class_of_metaml(tmp_path: Path) -> None:
    stage(tmp_path / "table", "classification")
    model = run_refit(tmp_path, "classification", default("classification", "svm"))
    parts = joblib.load(model / "model.joblib")
    joblib.dump(parts, tmp_path / "plain.joblib", compress=0)
    assert b"metaml" not in (tmp_path / "plain.joblib").read_bytes()


@pytest.mark.parametrize("learner", ["xgboost", "mlp"])
def test_iterations_are_those_of_the_evaluation(
    tmp_path: Path, learner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(tmp_path / "table", "classification")
    config = default("classification", learner)
    model = run_refit(tmp_path, "classification", config, metrics=("log_loss",))
    table = worker.load(tmp_path / "table", protocol("classification", "log_loss"))
    expected = evaluate(table, config, seed=7)["iterations"]
    assert joblib.load(model / "model.joblib")["iterations"] == expected
    assert json.loads(capsys.readouterr().out) == {"learner": learner, "rows": ROWS, "iterations": expected}


def test_test_rows_are_learnt_from_too(tmp_path: Path) -> None:
    raw = stage(tmp_path / "table", "classification")
    config = default("classification", "knn", knn__k=1, scaler="standard", features="all")
    model = load(run_refit(tmp_path, "classification", config))
    with open(write_csv(tmp_path / "new.csv", raw), "rb") as file:
        values, _ = model.predict(predict.read(file, model.features, model.target, []))
    _, numbers, _ = made_up("classification")
    assert values.tolist() == [model.classes[int(code)] for code in numbers[-1]]  # its own nearest neighbour


def test_one_class_and_constant_columns(tmp_path: Path) -> None:
    header, numbers, _ = made_up("classification", 30)
    numbers[:3], numbers[3], numbers[4] = 1.0, np.nan, 2.0
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "table.json").write_text(json.dumps(header), encoding="utf-8")
    np.vstack([numbers, split(30)]).astype("<f8").tofile(tmp_path / "table" / "table.f64")
    model = load(run_refit(tmp_path, "classification", default("classification", "lightgbm"), "--iterations=3"))
    values, probabilities = model.predict(list(numbers[:4]))
    assert set(values) == {"high"}
    assert probabilities is not None
    assert probabilities.tolist() == [[1.0]] * 30


def test_a_second_refit_takes_the_place_of_the_first(tmp_path: Path) -> None:
    stage(tmp_path / "table", "classification")
    run_refit(tmp_path, "classification", default("classification", "tree"))
    model = run_refit(tmp_path, "classification", default("classification", "knn"), "--missing=-999")
    assert load(model).marks == ["-999"]
    assert not load(model).comma
    assert sorted(path.name for path in model.iterdir()) == ["model.joblib", "predict.py", "requirements.txt"]


def test_a_decimal_comma_of_the_training_file_is_known(tmp_path: Path) -> None:
    stage(tmp_path / "table", "regression")
    path = tmp_path / "table" / "table.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"decimal_comma": True}), encoding="utf-8")
    assert load(run_refit(tmp_path, "regression", default("regression", "tree"))).comma


def test_a_model_that_predicts_otherwise_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(tmp_path / "table", "regression")
    monkeypatch.setattr(predict, "ndtri", np.asarray)
    with pytest.raises(RuntimeError, match="predicts otherwise"):
        run_refit(tmp_path, "regression", default("regression", "linear", scaler="quantile"))
    assert not list((tmp_path / "model").glob("model.joblib*"))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('{"learner": "oracle", "categories": "ordinal", "features": "all"}', "learner 'oracle' does not exist"),
        ('{"categories": "ordinal"}', "the configuration lacks 'learner'"),
        ("[]", "a JSON object is expected"),
        ("{", "Expecting property name"),
    ],
)
def test_faults_are_one_line(tmp_path: Path, config: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    stage(tmp_path / "table", "classification")
    for name, content in (("config", config), ("protocol", "{}")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    options = [f"--{name}={tmp_path / name}" for name in ("table", "config", "protocol", "out")]
    assert refit.main(options) == 1
    said = capsys.readouterr().err
    assert said.startswith("refit: ")
    assert message in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
