"""Imputation and encoding: from raw columns to numbers, fitted on training rows only."""

from collections.abc import Sequence

import numpy as np

from metaml.evaluators.sklearn.table import Feature, Floats

MOST_LEVELS = 50
"""Levels of a category that get a column of their own; the rest share one."""
RAREST_LEVEL = 0.01
"""Share of the training rows below which a level joins the rest."""

Rule = float | None | Floats
"""How a column of the matrix is made from a feature, for predict.py: the number that fills its gaps; None for whether
it is missing; or what each code becomes, and last what a missing one does."""


class Encoder:
    """Imputes and encodes columns.

    Missing numbers become the training median and missing categories the mode, each with an indicator column if the
    training rows have missing values. Categories become one column per level ("one_hot"; a single one if there are
    only two) or their rank by frequency ("ordinal"). Columns constant in the training rows are left out; if none
    remains, a column of zeros does.
    """

    def __init__(self, features: Sequence[Feature], categories: str) -> None:
        self._features = features
        self._one_hot = categories == "one_hot"
        self._fill: list[float] = []
        self._levels: list[np.ndarray | None] = []
        self._binary: list[bool] = []
        self._indicated: list[bool] = []
        self._kept = np.zeros(0, dtype=bool)
        self.numeric = np.zeros(0, dtype=bool)

    def fit_transform(self, columns: Floats) -> Floats:
        """Fit on the training rows of the columns (features x rows) and return their matrix.

        Afterwards numeric tells which of its columns are numbers rather than 0/1.
        """
        for feature, column in zip(self._features, columns, strict=True):
            missing = np.isnan(column)
            present = column[~missing]
            self._indicated.append(bool(missing.any()) and present.size > 0)
            categorical = feature.kind in ("categorical", "boolean")
            levels = _levels(present, len(column)) if categorical else None
            self._levels.append(levels)
            self._binary.append(levels is not None and len(levels) == 2 and bool(np.isin(present, levels).all()))
            self._fill.append(_centre(present, categorical))
        matrix, numeric = self._encode(columns)
        self._kept = (matrix != matrix[:1]).any(axis=0) if matrix.size else np.zeros(0, dtype=bool)
        self.numeric = numeric[self._kept] if self._kept.any() else np.zeros(1, dtype=bool)
        return self._keep(matrix)

    def transform(self, columns: Floats) -> Floats:
        """Return the matrix of other rows."""
        return self._keep(self._encode(columns)[0])

    def portable(self) -> list[tuple[int, Rule]]:
        """Return for every column of the matrix the feature it is made from, and how."""
        rules: list[tuple[int, Rule]] = []
        for i, feature in enumerate(self._features):
            if self._levels[i] is None:
                rules.append((i, self._fill[i]))
                rules += [(i, None)] * self._indicated[i]
            else:
                every_code = np.append(np.arange(float(feature.levels)), np.nan)
                rules += [(i, looked_up) for looked_up in self._encode_column(i, every_code)[0]]
        return [rule for rule, kept in zip(rules, self._kept, strict=True) if kept]

    def _keep(self, matrix: Floats) -> Floats:
        if not self._kept.any():
            return np.zeros((len(matrix), 1))
        return matrix if self._kept.all() else np.ascontiguousarray(matrix[:, self._kept])

    def _encode(self, columns: Floats) -> tuple[Floats, np.ndarray]:
        parts: list[Floats] = []
        numeric: list[bool] = []
        for i, column in enumerate(columns):
            encoded, is_numeric = self._encode_column(i, column)
            parts += encoded
            numeric += [is_numeric] * len(encoded)
            if self._indicated[i]:
                numeric[-1] = False
        rows = columns.shape[1]
        matrix = np.column_stack(parts) if parts else np.zeros((rows, 0))
        return matrix, np.array(numeric, dtype=bool)

    def _encode_column(self, i: int, column: Floats) -> tuple[list[Floats], bool]:
        """Return what a feature becomes, its indicator last, and whether all before the indicator is numeric."""
        missing = np.isnan(column)
        filled = np.where(missing, self._fill[i], column)
        levels = self._levels[i]
        if levels is None:
            encoded, is_numeric = [filled], True
        elif self._one_hot:
            encoded, is_numeric = _one_hot(filled, levels), False
            if self._binary[i]:
                encoded = encoded[:1]
        else:
            encoded, is_numeric = [_ordinal(filled, levels)], True
        if self._indicated[i]:
            encoded = [*encoded, missing.astype(np.float64)]
        return encoded, is_numeric


def _centre(present: Floats, categorical: bool) -> float:
    """Return the median, or the mode (the smaller code of equals); 0 for a column without values."""
    if not present.size:
        return 0.0
    if not categorical:
        return float(np.median(present))
    return float(np.bincount(present.astype(np.int64)).argmax())


def _levels(present: Floats, rows: int) -> np.ndarray:
    """Return the codes that get a column of their own, the most frequent first."""
    counts = np.bincount(present.astype(np.int64))
    order = np.argsort(-counts, kind="stable")
    return order[counts[order] >= max(RAREST_LEVEL * rows, 1)][:MOST_LEVELS]


def _one_hot(codes: Floats, levels: np.ndarray) -> list[Floats]:
    """Return a column per level and one for all others; the encoder drops those that are constant."""
    columns = [(codes == level).astype(np.float64) for level in levels]
    other = 1.0 - np.sum(columns, axis=0) if columns else np.ones(len(codes))
    return [*columns, other]


def _ordinal(codes: Floats, levels: np.ndarray) -> Floats:
    """Return the level's rank by frequency, counted from 0; all other levels share the rank after the last."""
    ranks = np.full(int(max(codes.max(initial=0), levels.max(initial=0))) + 1, float(len(levels)))
    ranks[levels] = np.arange(len(levels))
    return ranks[codes.astype(np.int64)]
