"""The metrics against scikit-learn's and SciPy's own."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn import metrics

from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.scoring import Prediction, score
from tests.staging import Floats

CLASSIFICATION = tuple(METRICS["classification"])
REGRESSION = tuple(METRICS["regression"])


def probabilities(rows: int, classes: int, seed: int) -> tuple[Floats, Floats]:
    """Return a target and better than random probabilities, with ties."""
    rng = np.random.default_rng(seed)
    target = rng.integers(classes, size=rows)
    raw = np.round(rng.dirichlet(np.ones(classes), rows), 2) + 0.01
    raw[np.arange(rows), target] += 0.2
    return target.astype(np.float64), raw / raw.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("seed", range(3))
def test_classification_agrees_with_scikit_learn(classes: int, seed: int) -> None:
    target, p = probabilities(150, classes, seed)
    predicted = p.argmax(axis=1)
    found = score("classification", CLASSIFICATION, target, Prediction(p, p))
    auc = p[:, 1] if classes == 2 else p
    expected = {
        "balanced_accuracy": metrics.balanced_accuracy_score(target, predicted),
        "accuracy": metrics.accuracy_score(target, predicted),
        "f1_macro": metrics.f1_score(target, predicted, average="macro"),
        "mcc": metrics.matthews_corrcoef(target, predicted),
        "roc_auc": metrics.roc_auc_score(target, auc, multi_class="ovr", average="macro"),
        "log_loss": metrics.log_loss(target, p),
        "brier": metrics.brier_score_loss(target, auc),
    }
    assert found == pytest.approx(expected, abs=1e-12)


def test_classes_that_do_not_occur_do_not_count() -> None:
    target, p = probabilities(60, 4, 0)
    target[target == 3] = 0
    p[:, 3] = 0
    found = score("classification", CLASSIFICATION, target, Prediction(p, p))
    predicted = p.argmax(axis=1)
    assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(target, predicted))
    assert found["f1_macro"] == pytest.approx(metrics.f1_score(target, predicted, average="macro"))
    one_against_rest = [metrics.roc_auc_score(target == k, p[:, k]) for k in range(3)]
    assert found["roc_auc"] == pytest.approx(np.mean(one_against_rest))


def test_impossible_class_costs_a_bounded_log_loss() -> None:
    p = np.array([[1.0, 0.0], [1.0, 0.0]])
    found = score("classification", ("log_loss",), np.array([0.0, 1.0]), Prediction(p, p))
    assert found["log_loss"] == pytest.approx(-np.log(1e-15) / 2)


def test_single_class_leaves_out_what_is_undefined() -> None:
    p = np.full((5, 2), 0.5)
    found = score("classification", CLASSIFICATION, np.zeros(5), Prediction(p, p))
    assert "roc_auc" not in found
    assert found["accuracy"] == 1.0
    assert found["mcc"] == 0.0


def test_scores_decide_the_class_and_probabilities_the_loss() -> None:
    scores = np.array([[-1.0, 1.0], [2.0, -2.0]])
    p = np.array([[0.6, 0.4], [0.7, 0.3]])
    found = score("classification", ("accuracy", "roc_auc", "brier"), np.array([1.0, 0.0]), Prediction(scores, p))
    assert found == pytest.approx({"accuracy": 1.0, "roc_auc": 1.0, "brier": (0.36 + 0.09) / 2})


@pytest.mark.parametrize("seed", range(3))
def test_regression_agrees_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = np.round(rng.normal(5, 3, 101), 1)  # with ties
    values = np.round(target + rng.normal(0, 1, 101), 1)
    found = score("regression", REGRESSION, target, Prediction(values))
    expected = {
        "rmse": metrics.root_mean_squared_error(target, values),
        "mae": metrics.mean_absolute_error(target, values),
        "r2": metrics.r2_score(target, values),
        "median_absolute_error": metrics.median_absolute_error(target, values),
        "max_error": metrics.max_error(target, values),
        "spearman": spearmanr(target, values).statistic,
    }
    assert found == pytest.approx(expected, abs=1e-12)


def test_constant_values() -> None:
    rising = np.arange(4.0)
    assert score("regression", ("spearman", "r2"), rising, Prediction(np.ones(4)))["spearman"] == 0.0
    assert score("regression", ("spearman", "r2", "rmse"), np.ones(4), Prediction(rising)).keys() == {"rmse"}
