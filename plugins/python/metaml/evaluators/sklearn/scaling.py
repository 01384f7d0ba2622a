"""Scalers of numeric columns; 0/1 columns are left as they are."""

from typing import Any

import numpy as np
from scipy.special import ndtri

from metaml.evaluators.sklearn.table import Floats

_QUANTILES = 1000
_EDGE = 1e-7  # of the quantiles, so that the normal scores stay within +-5.2, as in scikit-learn


class Scaler:
    """Scales the columns marked as numeric by "standard", "robust" or "quantile" (normal scores)."""

    def __init__(self, kind: str, numeric: np.ndarray) -> None:
        self._kind = kind
        self._columns = np.flatnonzero(numeric)
        self._shift = np.zeros(0)
        self._scale = np.ones(0)
        self._quantiles = np.zeros((0, 0))

    def fit_transform(self, matrix: Floats) -> Floats:
        """Fit on the training rows and return them scaled."""
        part = matrix[:, self._columns]
        if self._kind == "quantile":
            self._quantiles = np.quantile(part, np.linspace(0, 1, min(_QUANTILES, len(part))), axis=0)
        elif self._kind == "robust":
            low, self._shift, high = np.quantile(part, [0.25, 0.5, 0.75], axis=0)
            self._scale = _positive(high - low)
        else:
            self._shift = part.mean(axis=0)
            self._scale = _positive(part.std(axis=0))
        return self.transform(matrix)

    def transform(self, matrix: Floats) -> Floats:
        """Return other rows scaled."""
        scaled = matrix.copy()
        part = matrix[:, self._columns]
        if self._kind == "quantile":
            scaled[:, self._columns] = self._normal_scores(part)
        else:
            scaled[:, self._columns] = (part - self._shift) / self._scale
        return scaled

    def portable(self) -> dict[str, Any]:
        """Return the columns it scales and how, for predict.py."""
        if self._kind == "quantile":
            return {"columns": self._columns, "quantiles": self._quantiles}
        return {"columns": self._columns, "shift": self._shift, "scale": self._scale}

    def _normal_scores(self, part: Floats) -> Floats:
        """Return normal scores of the training distribution's ranks, a run of equal values at its middle."""
        levels = np.linspace(0, 1, len(self._quantiles))
        scores = np.empty_like(part)
        for i, knots in enumerate(self._quantiles.T):
            upward = np.interp(part[:, i], knots, levels)
            downward = np.interp(-part[:, i], -knots[::-1], -levels[::-1])
            scores[:, i] = 0.5 * (upward - downward)
        return np.asarray(ndtri(np.clip(scores, _EDGE, 1 - _EDGE)))


def _positive(scale: Floats) -> Floats:
    """Return the scale with 1 where it is zero or lost in rounding."""
    return np.where(scale > 10 * np.finfo(np.float64).eps, scale, 1.0)
