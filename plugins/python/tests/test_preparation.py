"""Imputation, encoding, scaling and reduction against scikit-learn's own, and the subset of rows."""

import numpy as np
import pytest
from scipy.special import ndtri
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectPercentile, f_classif, f_regression
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, RobustScaler, StandardScaler

from metaml.evaluators.sklearn.encoding import Encoder
from metaml.evaluators.sklearn.reduction import Components, Percentile
from metaml.evaluators.sklearn.scaling import Scaler
from metaml.evaluators.sklearn.subset import subset
from metaml.evaluators.sklearn.table import Feature, Floats

NUMBER = Feature("n", "numeric", 0)


def category(levels: int) -> Feature:
    """Return a categorical feature."""
    return Feature("c", "categorical", levels)


def with_gaps(columns: Floats, share: float = 0.1) -> Floats:
    """Return the columns with missing values."""
    holes = np.random.default_rng(9).random(columns.shape) < share
    return np.where(holes, np.nan, columns)


def test_numbers_get_the_median_and_an_indicator() -> None:
    rng = np.random.default_rng(0)
    train, other = with_gaps(rng.normal(size=(3, 80))), with_gaps(rng.normal(size=(3, 20)))
    encoder = Encoder([NUMBER] * 3, "one_hot")
    found = [encoder.fit_transform(train), encoder.transform(other)]
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(train.T)
    for matrix, rows in zip(found, (train, other), strict=True):
        expected = imputer.transform(rows.T)[:, [0, 3, 1, 4, 2, 5]]  # scikit-learn puts the indicators last
        np.testing.assert_array_equal(matrix, expected)
    assert encoder.numeric.tolist() == [True, False] * 3


def test_one_hot_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    train = rng.choice(5, p=[0.4, 0.3, 0.2, 0.095, 0.005], size=(1, 400)).astype(float)
    other = np.array([[0.0, 3.0, 4.0, 1.0]])
    encoder = Encoder([category(5)], "one_hot")
    encoder.fit_transform(train)
    peer = OneHotEncoder(min_frequency=0.01, handle_unknown="infrequent_if_exist", sparse_output=False).fit(train.T)
    by_frequency = [*np.argsort(-np.bincount(train[0].astype(int)), kind="stable")[:4], 4]
    np.testing.assert_array_equal(encoder.transform(other), peer.transform(other.T)[:, by_frequency])


def test_at_most_fifty_levels_get_a_column() -> None:
    codes = np.repeat(np.arange(60.0), 5)[None, :]
    encoder = Encoder([category(60)], "one_hot")
    matrix = encoder.fit_transform(codes)
    assert matrix.shape == (300, 51)
    assert matrix[:, -1].sum() == 50  # ten levels share the last column
    np.testing.assert_array_equal(matrix.sum(axis=1), 1)


def test_two_levels_need_one_column() -> None:
    encoder = Encoder([category(3)], "one_hot")
    assert encoder.fit_transform(np.array([[0.0, 1.0, 0.0, np.nan]])).tolist() == [[1, 0], [0, 0], [1, 0], [1, 1]]
    assert encoder.transform(np.array([[2.0]])).tolist() == [[0, 0]]


def test_ordinal_ranks_levels_by_frequency() -> None:
    encoder = Encoder([category(4)], "ordinal")
    train = np.array([[2.0] * 3 + [0.0] * 2 + [1.0]])
    assert encoder.fit_transform(train)[:, 0].tolist() == [0, 0, 0, 1, 1, 2]
    assert encoder.transform(np.array([[3.0, 1.0, 2.0]]))[:, 0].tolist() == [3, 2, 0]
    assert encoder.numeric.tolist() == [True]


@pytest.mark.parametrize("categories", ["one_hot", "ordinal"])
def test_columns_that_say_nothing_are_left_out(categories: str) -> None:
    columns = np.array([[1.0, 1.0, 1.0], [np.nan, np.nan, np.nan], [0.0, 0.0, 0.0]])
    encoder = Encoder([NUMBER, NUMBER, category(2)], categories)
    assert encoder.fit_transform(columns).tolist() == [[0], [0], [0]]
    assert encoder.transform(np.array([[5.0], [2.0], [1.0]])).tolist() == [[0]]


@pytest.mark.parametrize("kind", ["standard", "robust", "quantile"])
def test_scalers_agree_with_scikit_learn(kind: str) -> None:
    rng = np.random.default_rng(2)
    train, other = rng.lognormal(size=(150, 4)), rng.lognormal(size=(40, 4)) * 2
    train[:, 3] = other[:, 3] = 7.0
    peers = {
        "standard": StandardScaler(),
        "robust": RobustScaler(),
        "quantile": QuantileTransformer(n_quantiles=150, output_distribution="normal"),
    }
    scaler, peer = Scaler(kind, np.ones(4, dtype=bool)), peers[kind]
    columns = slice(0, 3) if kind == "quantile" else slice(0, 4)
    np.testing.assert_allclose(
        scaler.fit_transform(train)[:, columns], peer.fit_transform(train)[:, columns], atol=1e-6
    )
    np.testing.assert_allclose(scaler.transform(other)[:, columns], peer.transform(other)[:, columns], atol=1e-6)
    assert np.isfinite(scaler.transform(other)).all()


def test_equal_values_share_the_middle_of_their_ranks() -> None:
    column = np.array([0.0] * 50 + list(range(1, 50)))[:, None]
    scores = Scaler("quantile", np.ones(1, dtype=bool)).fit_transform(column)[:, 0]
    assert scores[:50] == pytest.approx(ndtri(0.25), abs=1e-9)  # scikit-learn puts a tied minimum at -5.2
    assert scores[98] == pytest.approx(ndtri(1 - 1e-7))


def test_scalers_leave_indicators_alone() -> None:
    matrix = np.array([[10.0, 1.0], [30.0, 0.0]])
    assert Scaler("standard", np.array([True, False])).fit_transform(matrix).tolist() == [[-1, 1], [1, 0]]


@pytest.mark.parametrize("shape", [(90, 8), (12, 30)])
def test_components_agree_with_scikit_learn(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(3).normal(size=shape) * np.linspace(1, 9, shape[1])
    step = Components(0.8)
    found = step.fit_transform(matrix, np.zeros(len(matrix)), True)
    peer = PCA(0.8, svd_solver="full").fit(matrix)
    assert found.shape[1] == peer.n_components_
    np.testing.assert_allclose(np.abs(found), np.abs(peer.transform(matrix)), atol=1e-8)
    assert Components(0.9).fit_transform(np.ones((4, 1)), np.zeros(4), True).shape == (4, 1)


@pytest.mark.parametrize("classification", [True, False])
def test_percentile_agrees_with_scikit_learn(classification: bool) -> None:
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(100, 20))
    target = (matrix[:, 3] + matrix[:, 7] > 0).astype(float) if classification else matrix[:, 3] - matrix[:, 7]
    found = Percentile(25).fit_transform(matrix, target, classification)
    peer = SelectPercentile(f_classif if classification else f_regression, percentile=25)
    np.testing.assert_array_equal(found, peer.fit_transform(matrix, target))
    assert Percentile(10).fit_transform(matrix[:, :3], target, classification).shape[1] == 1


@pytest.mark.parametrize("classification", [True, False])
def test_subsets_are_stratified_and_nested(classification: bool) -> None:
    rng = np.random.default_rng(5)
    target = (rng.random(900) < 0.1).astype(float) if classification else rng.lognormal(size=900)
    train = np.flatnonzero(rng.random(900) < 0.7)
    smaller: set[int] = set()
    for fraction in (0.01, 1 / 9, 1 / 3, 0.8, 1.0):
        rows = subset(train, target, classification, fraction, seed=1)
        assert len(rows) == round(fraction * len(train))
        assert smaller <= set(rows.tolist()) <= set(train.tolist())
        smaller = set(rows.tolist())
        if classification:
            assert abs(target[rows].sum() - fraction * target[train].sum()) <= 1
        else:
            low = target[rows] < np.median(target[train])
            assert abs(low.sum() - len(rows) / 2) <= 5
    assert not np.array_equal(
        subset(train, target, classification, 0.5, 1), subset(train, target, classification, 0.5, 2)
    )


def test_the_smallest_subset_has_every_class() -> None:
    target = np.array([0.0] * 50 + [1.0] * 2 + [2.0])
    assert set(target[subset(np.arange(53), target, True, 0.01, 0)]) == {0.0, 1.0, 2.0}
