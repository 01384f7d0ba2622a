"""Every learner against independent code: the same library called directly, without the evaluator's preparation."""

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, root_mean_squared_error
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from metaml.evaluators.sklearn.table import Table
from tests.running import evaluate, load_blobs, load_waves, matrices
from tests.staging import Floats, default

SEED = 5
ROWS = 80
"""Training rows of every fold of the regression table."""


def fold_seeds(folds: int) -> list[int]:
    """Return the seeds that the evaluator gives to the models of the folds."""
    return [int(seed) >> 1 for seed in np.random.SeedSequence(SEED).generate_state(folds)]


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Return a table of three classes."""
    return load_blobs(tmp_path_factory.mktemp("blobs"), rows=180, classes=3)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Return a regression table."""
    return load_waves(tmp_path_factory.mktemp("waves"), rows=160)


def scaled(train: Floats, *others: Floats) -> list[Floats]:
    """Return the rows in standard units of the first."""
    scaler = StandardScaler().fit(train)
    return [scaler.transform(rows) for rows in (train, *others)]


def check(table: Table, config: Any, make: Callable[[int], Any], scale: bool, **fidelity: float) -> None:
    """Compare the primary metric of all folds, on validation and test rows, with the estimator that make returns."""
    found = evaluate(table, config, SEED, **fidelity)
    classification = table.task == "classification"
    name, measure = (
        ("balanced_accuracy", balanced_accuracy_score) if classification else ("rmse", root_mean_squared_error)
    )
    for i, (x, y, xv, yv, xt, yt) in enumerate(matrices(table)):
        if scale:
            x, xv, xt = scaled(x, xv, xt)  # noqa: PLW2901
        unit, shift = (1.0, 0.0) if classification or not scale else (y.std(), y.mean())
        model = make(fold_seeds(3)[i]).fit(x, (y - shift) / unit)
        for part, rows, target in (("fold", xv, yv), ("test", xt, yt)):
            expected = measure(target, model.predict(rows) * unit + shift)
            assert found[f"{name}/{part}/{i}"] == pytest.approx(expected, rel=1e-6), (part, i)
    mean = np.mean([found[f"{name}/fold/{i}"] for i in range(3)])
    assert found[name] == pytest.approx(mean)


SINGLE: list[tuple[str, dict[str, Any], Callable[[int], Any], bool]] = [
    (
        "random_forest",
        {},
        lambda seed: RandomForestClassifier(12, max_features=0.25, random_state=seed),
        False,
    ),
    (
        "extra_trees",
        {"extra_trees__bootstrap": True, "extra_trees__max_features": 1},
        lambda seed: ExtraTreesClassifier(12, max_features=1.0, bootstrap=True, random_state=seed),
        False,
    ),
    (
        "tree",
        {"tree__min_samples_leaf": 4},
        lambda s: DecisionTreeClassifier(max_depth=20, min_samples_leaf=4, random_state=s),
        False,
    ),
    (
        "adaboost",
        {},
        lambda s: AdaBoostClassifier(n_estimators=10, random_state=s),
        False,
    ),
    ("naive_bayes", {}, lambda s: GaussianNB(), False),
    ("lda", {"lda__shrinkage": 0.3}, lambda s: LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3), True),
    ("qda", {"qda__reg_param": 0.2}, lambda s: QuadraticDiscriminantAnalysis(reg_param=0.2), False),
    ("knn", {"knn__p": 1}, lambda s: KNeighborsClassifier(5, p=1), True),
    ("svm", {"svm__gamma_factor": 1.0}, lambda s: SVC(gamma="scale"), True),
    ("linear", {}, lambda s: LogisticRegression(max_iter=200), True),
]


@pytest.mark.parametrize(("learner", "changes", "make", "scale"), SINGLE, ids=[each[0] for each in SINGLE])
def test_classifiers(
    classes: Table, learner: str, changes: dict[str, Any], make: Callable[[int], Any], scale: bool
) -> None:
    check(classes, default("classification", learner, **changes), make, scale)


@pytest.mark.parametrize("penalty", ["l1", "elastic_net"])
def test_sparse_logistic_regression(classes: Table, penalty: str) -> None:
    ratio = {"l1": 1.0, "elastic_net": 0.5}[penalty]
    config = default("classification", "linear", linear__penalty=penalty, linear__C=0.1)
    peer = LogisticRegression(C=0.1, l1_ratio=ratio, solver="saga", max_iter=200, tol=1e-3)
    check(classes, config, lambda s: peer.set_params(random_state=s), True)


def test_balanced_weights(classes: Table) -> None:
    config = default("classification", "linear", class_weight="balanced", linear__C=0.01)
    check(classes, config, lambda _: LogisticRegression(C=0.01, class_weight="balanced", max_iter=200), True)
    config = default("classification", "lda", class_weight="balanced")
    check(classes, config, lambda _: LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0, priors=[1 / 3] * 3), True)


SPARSE = {"linear__C": 0.1}
ALPHA = 1 / (0.1 * ROWS)
REGRESSORS: list[tuple[str, dict[str, Any], Callable[[int], Any], bool]] = [
    ("random_forest", {}, lambda s: RandomForestRegressor(12, random_state=s), False),
    ("adaboost", {}, lambda s: AdaBoostRegressor(n_estimators=10, random_state=s), False),
    ("knn", {}, lambda s: KNeighborsRegressor(), True),
    ("svm", {"svm__C": 2.0}, lambda s: SVR(C=2.0), True),
    ("linear", {"linear__C": 0.01}, lambda s: Ridge(100.0), True),
    ("linear", SPARSE | {"linear__penalty": "l1"}, lambda s: Lasso(ALPHA, tol=1e-3), True),
    (
        "linear",
        SPARSE | {"linear__penalty": "elastic_net"},
        lambda s: ElasticNet(ALPHA, l1_ratio=0.5, tol=1e-3),
        True,
    ),
]


@pytest.mark.parametrize(("learner", "changes", "make", "scale"), REGRESSORS, ids=[each[0] for each in REGRESSORS])
def test_regressors(
    values: Table, learner: str, changes: dict[str, Any], make: Callable[[int], Any], scale: bool
) -> None:
    check(values, default("regression", learner, **changes), make, scale)


class Trained:
    """A booster by its library's train function, behind fit and predict."""

    def __init__(self, train: Callable[[Floats, Floats], Callable[[Floats], Floats]]) -> None:
        self._train = train

    def fit(self, matrix: Floats, target: Floats) -> "Trained":
        """Train."""
        self._predict = self._train(matrix, target)
        return self

    def predict(self, matrix: Floats) -> Floats:
        """Return classes or values."""
        out = self._predict(matrix)
        return out.argmax(axis=1) if out.ndim == 2 else out


def by_lightgbm(trees: int, seed: int, **objective: Any) -> Trained:
    """Return LightGBM's defaults, but for the least regularisation that the space has."""
    parameters = {
        "verbosity": -1,
        "seed": seed,
        "deterministic": True,
        "num_threads": 1,
        "lambda_l2": 1e-3,
        **objective,
    }

    def train(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
        booster = lightgbm.train(parameters, lightgbm.Dataset(x, y), trees)
        return lambda rows: np.asarray(booster.predict(rows))

    return Trained(train)


def by_xgboost(trees: int, seed: int, **objective: Any) -> Trained:
    """Return XGBoost's defaults."""

    def train(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
        booster = xgboost.train({"verbosity": 0, "seed": seed, **objective}, xgboost.DMatrix(x, y), trees)
        return lambda rows: booster.predict(xgboost.DMatrix(rows))

    return Trained(train)


@pytest.mark.parametrize("iterations", [1, 8])
def test_boosters_at_a_fidelity_below_their_first_stage(classes: Table, values: Table, iterations: int) -> None:
    three = {"objective": "multiclass", "num_class": 3}
    config = default("classification", "lightgbm")
    check(classes, config, lambda s: by_lightgbm(iterations, s, **three), False, iterations=iterations)
    config = default("regression", "lightgbm")
    check(values, config, lambda s: by_lightgbm(iterations, s), False, iterations=iterations)
    three = {"objective": "multi:softprob", "num_class": 3}
    config = default("classification", "xgboost")
    check(classes, config, lambda s: by_xgboost(iterations, s, **three), False, iterations=iterations)
    config = default("regression", "xgboost")
    check(values, config, lambda s: by_xgboost(iterations, s), False, iterations=iterations)


def chosen(table: Table, learner: str, **changes: Any) -> tuple[int, Any]:
    """Return the number of iterations that an evaluation chooses, and the configuration."""
    config = default(table.task, learner, **changes)
    return int(evaluate(table, config, SEED)["iterations"]), config


def test_growing_equals_training_at_once(classes: Table, values: Table) -> None:
    """Whatever stage is kept, its model is the one that the library trains directly to that many iterations."""
    iterations, config = chosen(classes, "lightgbm", lightgbm__learning_rate=0.02, lightgbm__feature_fraction=0.5)
    assert iterations > 8
    extra = {"objective": "multiclass", "num_class": 3, "learning_rate": 0.02, "feature_fraction": 0.5}
    check(classes, config, lambda s: by_lightgbm(iterations, s, **extra), False)
    iterations, config = chosen(values, "xgboost", xgboost__eta=0.05)
    assert iterations > 8
    check(values, config, lambda s: by_xgboost(iterations, s, eta=0.05), False)
    iterations, config = chosen(classes, "hist_gradient_boosting", hist_gradient_boosting__learning_rate=0.02)
    check(
        classes,
        config,
        lambda s: HistGradientBoostingClassifier(
            learning_rate=0.02, max_iter=iterations, l2_regularization=1e-3, early_stopping=False, random_state=s
        ),
        False,
    )


class Epochs:
    """A perceptron of scikit-learn trained for a number of epochs."""

    def __init__(self, model: Any, epochs: int) -> None:
        self._model, self._epochs = model, epochs

    def fit(self, matrix: Floats, target: Floats) -> Any:
        """Train."""
        extra = {"classes": np.unique(target)} if isinstance(self._model, MLPClassifier) else {}
        for _ in range(self._epochs):
            self._model.partial_fit(matrix, target, **extra)
        return self._model


def test_perceptron(classes: Table, values: Table) -> None:
    config = default("classification", "mlp", mlp__width=16, mlp__batch_size=32)
    check(
        classes,
        config,
        lambda s: Epochs(MLPClassifier(16, batch_size=32, alpha=1e-4, random_state=s), 2),
        True,
        iterations=2,
    )
    config = default("regression", "mlp", mlp__layers=2, mlp__width=16, mlp__batch_size=32)
    check(
        values,
        config,
        lambda s: Epochs(MLPRegressor(hidden_layer_sizes=(16, 16), batch_size=32, random_state=s), 3),
        True,
        iterations=3,
    )
