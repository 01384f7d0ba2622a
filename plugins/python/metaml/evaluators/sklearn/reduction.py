"""Reductions of the columns: principal components, or the columns most associated with the target."""

import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.feature_selection import f_classif, f_regression

from metaml.evaluators.sklearn.table import Floats


class Components:
    """Principal components that together explain a share of the variance."""

    def __init__(self, variance: float) -> None:
        self._variance = variance
        self._pca = PCA()

    def fit_transform(self, matrix: Floats, _target: Floats, _classification: bool) -> Floats:
        """Fit on the training rows and return their components."""
        tall = matrix.shape[0] > matrix.shape[1]
        self._pca = PCA(self._variance, svd_solver="covariance_eigh" if tall else "full")
        if not matrix.std(axis=0).any():
            self._pca = PCA(1)  # a share of no variance is undefined
        with np.errstate(invalid="ignore"):
            return np.asarray(self._pca.fit_transform(matrix))

    def transform(self, matrix: Floats) -> Floats:
        """Return the components of other rows."""
        return np.asarray(self._pca.transform(matrix))

    def portable(self) -> PCA:
        """Return the fitted components, for predict.py."""
        return self._pca


class Percentile:
    """The columns of the highest F statistic (ANOVA, or of the simple regression), at least one."""

    def __init__(self, percentile: float) -> None:
        self._share = percentile / 100
        self._kept = np.zeros(0, dtype=np.int64)

    def fit_transform(self, matrix: Floats, target: Floats, classification: bool) -> Floats:
        """Choose by the training rows and return what is kept of them."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            scores = (f_classif if classification else f_regression)(matrix, target)[0]
        scores = np.nan_to_num(scores, nan=-1.0, posinf=np.finfo(np.float64).max)
        count = max(1, round(self._share * matrix.shape[1]))
        self._kept = np.sort(np.argsort(-scores, kind="stable")[:count])
        return self.transform(matrix)

    def transform(self, matrix: Floats) -> Floats:
        """Return the kept columns of other rows."""
        return np.ascontiguousarray(matrix[:, self._kept])

    def portable(self) -> np.ndarray:
        """Return the numbers of the kept columns, for predict.py."""
        return self._kept
