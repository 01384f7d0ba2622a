#!/usr/bin/env python3
"""Predicts with the model in model.joblib beside this script.

    python predict.py new.csv --output predictions.csv
    python predict.py new.csv.gz --proba > predictions.csv

Reads a CSV or TSV file, plain or gzipped ("-": standard input), with the columns of the training file by name, in any
order; further columns are ignored. Writes one prediction per row, and by --proba the probability of every class. A
level of a category that the training file did not have counts as missing. It needs the packages in requirements.txt.
"""

import argparse
import codecs
import csv
import gzip
import io
import itertools
import re
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

try:
    import joblib
    import numpy as np
    from numpy.typing import NDArray
    from scipy.special import ndtri
except ImportError as missing:
    needed = Path(__file__).with_name("requirements.txt")
    raise SystemExit(f"{missing}; make an environment with what the model needs: pip install -r {needed}") from None

FORMAT = 1
"""The version of what model.joblib holds."""
MARKS = ("", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None")
"""Cells that are missing values in every column."""
NUMBER_MARKS = ("-", ".")
"""Cells that are missing values among numbers."""
BLOCK = 10_000
"""Rows that are predicted at once."""
_SAMPLE = 200  # lines looked at to find how the file is written
_UNNAMED = re.compile(r"column [1-9][0-9]*")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE
)
_DATE = re.compile(
    r"(?:(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
    r"|(?P<a>\d{1,2})(?P<sign>[./])(?P<b>\d{1,2})(?P=sign)(?P<last>\d{4}))"
    r"(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d(?::\d\d)?)?)?)?",
    re.ASCII,
)
_LEAST_SECONDS = 1e8  # smaller numbers in a column of dates are years, or dates like 20060102

Floats = NDArray[np.float64]


class BadInput(Exception):
    """The file cannot be predicted; the message says why, and what to do."""


class Cells:
    """Reads the text of cells as the training file was read."""

    def __init__(self, marks: Iterable[str], comma: bool) -> None:
        self._comma = comma
        self._marks = {*MARKS, *marks}
        self._numbers = {value for mark in marks if (value := self.number(mark)) is not None}

    def missing(self, text: str) -> bool:
        """Tell whether a cell is a missing value; numbers written as marks match by value."""
        return text in self._marks or (bool(self._numbers) and self.number(text) in self._numbers)

    def number(self, text: str) -> float | None:
        """Return a decimal number or infinity, or None for any other text."""
        if self._comma:
            text = text.replace(",", ".", 1)
        return float(text) if _NUMBER.fullmatch(text) else None

    def level(self, text: str) -> str:
        """Return the name of a cell's level: numbers are named by their shortest form."""
        value = self.number(text)
        return text if value is None else _shortest(value)


def _shortest(value: float) -> str:
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    if 1e-5 <= abs(value) < 1e15:
        return np.format_float_positional(value, trim="-")
    return np.format_float_scientific(value, trim="-", exp_digits=2)


class Numbers:
    """A numeric column; infinite values count as missing. Like all columns, it raises ValueError for an odd cell."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._values = array("d")

    def add(self, text: str) -> None:
        """Take the next cell."""
        value = np.nan
        if not self._cells.missing(text) and text not in NUMBER_MARKS:
            number = self._cells.number(text)
            if number is None:
                raise ValueError("is not a number; if it means missing, name it by --missing")
            value = number if np.isfinite(number) else np.nan
        self._values.append(value)

    def values(self) -> Floats:
        """Return the numbers."""
        return np.array(self._values)


class Levels:
    """A categorical or boolean column; unknown levels count as missing."""

    def __init__(self, cells: Cells, levels: Sequence[str]) -> None:
        self._cells = cells
        self._known = {level: float(code) for code, level in enumerate(levels)}
        self._codes: dict[str, float] = {}
        self._values = array("d")

    def add(self, text: str) -> None:
        """Take the next cell."""
        code = self._codes.get(text)
        if code is None:
            code = np.nan if self._cells.missing(text) else self._known.get(self._cells.level(text), np.nan)
            self._codes[text] = code
        self._values.append(code)

    def values(self) -> Floats:
        """Return the codes."""
        return np.array(self._values)


class Dates:
    """A column of dates, as seconds since 1970; numbers are such seconds.

    Of dates like 1/2/2006 the order is that of the training file if the model knows it, else the one that all cells
    allow, the month first if both.
    """

    def __init__(self, cells: Cells, name: str, order: str | None) -> None:
        self._cells = cells
        self._name = name
        self._known = order is not None
        self._read = {each: array("d") for each in ([order] if order else ["month_first", "day_first"])}

    def add(self, text: str) -> None:
        """Take the next cell."""
        for order in list(self._read):
            value = np.nan if self._cells.missing(text) or text in NUMBER_MARKS else self._seconds(text, order)
            if value is None:
                del self._read[order]
            else:
                self._read[order].append(value)
        if not self._read:
            raise ValueError("is not a date in the form of the others; 2006-01-02 is always understood")

    def values(self) -> Floats:
        """Return the seconds; say so where the order of day and month had to be guessed."""
        values, *other = [np.array(each) for each in self._read.values()]
        if not self._known and other and not np.array_equal(values, other[0], equal_nan=True):
            print(
                f"predict.py: column {self._name!r}: dates like 1/2/2006 are read with the month first", file=sys.stderr
            )
        return values

    def _seconds(self, text: str, order: str) -> float | None:
        seconds = parse_date(text, order)
        if seconds is not None:
            return seconds
        number = self._cells.number(text)
        return number if number is not None and _LEAST_SECONDS <= abs(number) < np.inf else None


def parse_date(text: str, order: str) -> float | None:
    """Return the seconds since 1970 (UTC unless an offset is written) of a date, or None for any other text."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    part = found.groupdict()
    if part["year"]:
        year, month, day = part["year"], part["month"], part["day"]
    elif part["sign"] == "." or order == "day_first":
        year, month, day = part["last"], part["b"], part["a"]
    else:
        year, month, day = part["last"], part["a"], part["b"]
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    try:
        days = date(int(year), int(month), int(day)).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    whole = days * 86400 + hour * 3600 + minute * 60 + second - _offset(part["zone"])
    return float(whole) + int((part["fraction"] or "")[:9].ljust(9, "0")) / 1e9


def _offset(zone: str | None) -> int:
    """Return the seconds east of UTC."""
    if zone is None or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6] or 0) * 60
    return -seconds if zone[0] == "-" else seconds


class Table:
    """A delimited file: where in its records the features are, and the records themselves."""

    def __init__(self, lines: Iterator[str], features: Sequence[str], target: str) -> None:
        self._features = features
        head = list(itertools.islice(lines, _SAMPLE))
        samples = {delimiter: [record for _, record in _records(head, delimiter)] for delimiter in ",;\t| "}
        if not samples[","]:
            raise BadInput("the file is empty")
        self.delimiter = max(samples, key=lambda delimiter: self._fit(samples[delimiter]))
        self.sample = samples[self.delimiter]
        self._lines = itertools.chain(head, lines)
        nameless = all(map(_UNNAMED.fullmatch, [*features, target]))  # no header in the training file
        self._header = not nameless or not set(self.sample[0]).isdisjoint(features)
        self._width = len(self.sample[0])
        self._places = _positions(features)
        if self._header:
            rows = self.sample[1:]
            longer = bool(rows) and all(len(record) == self._width + 1 for record in rows)
            shift = longer and any(record[-1] for record in rows)  # R writes no name above the names of rows
            self._places = [place + shift for place in _places(_names(self.sample[0]), features)]
            self._width += longer
        elif self._width <= max(self._places):
            raise BadInput(f"line 1 has {self._width} fields, but column {max(self._places) + 1} is needed")

    def _fit(self, sample: list[list[str]]) -> tuple[int, bool, bool]:
        """Rate a delimiter by the names found, or places for columns without names, and records of equal length."""
        found = len(set(_names(sample[0])) & set(self._features))
        widths = {len(record) for record in sample}
        return found, min(widths) > max(_positions(self._features), default=0), len(widths) == 1

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of the line on which a row ends, and the cells of the features."""
        for line, record in itertools.islice(_records(self._lines, self.delimiter), int(self._header), None):
            if len(record) != self._width:
                raise BadInput(f"line {line} has {len(record)} fields instead of {self._width}")
            yield line, [record[place].strip(" \t\r") for place in self._places]


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the number of its last line."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    for record in reader:
        if delimiter == " " and len(record) > 1 and not record[-1]:
            del record[-1]  # blanks at the end delimit nothing
        if len(record) > 1 or any(record):
            yield reader.line_num, record


def _positions(features: Sequence[str]) -> list[int]:
    """Return the positions that stand in the names of columns without names, counted from 0."""
    return [int(name.removeprefix("column ")) - 1 for name in features if _UNNAMED.fullmatch(name)]


def _names(record: Sequence[str]) -> list[str]:
    """Return the names of columns: those without one are named by their position."""
    return [name.strip() or f"column {place}" for place, name in enumerate(record, start=1)]


def _places(names: list[str], features: Sequence[str]) -> list[int]:
    """Return where the features are in the header."""
    missing = [name for name in features if name not in names]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise BadInput(f"no column {', '.join(map(repr, missing[:5]))}{more}; the file has {', '.join(names[:20])}")
    twice = [name for name in features if names.count(name) > 1]
    if twice:
        raise BadInput(f"two columns are named {twice[0]!r}; rename one of them")
    return [names.index(name) for name in features]


def decimal_comma(table: Table, trained: bool) -> bool:
    """Tell whether numbers are written with a decimal comma: some are that cannot be groups of three digits.

    Where that is open, they are written as in the training file, which trained says.
    """
    if table.delimiter == ",":
        return False
    cells = [cell.strip() for record in table.sample for cell in record]
    if any("." in cell and "," not in cell and _NUMBER.fullmatch(cell) for cell in cells):
        return False
    return trained or any(
        re.fullmatch(r"[+-]?(?:[0-9]*,(?![0-9]{3}$)[0-9]+|0,[0-9]+|[0-9]{4,},[0-9]+)", cell) for cell in cells
    )


def read(
    stream: Any, features: Sequence[dict[str, Any]], target: str, marks: Sequence[str], comma: bool = False
) -> list[Floats]:
    """Return the features' columns as numbers; raise BadInput naming the line and column of what does not fit.

    features and target are those of the staged table; the target need not be there. comma says that numbers of the
    training file had a decimal comma.
    """
    raw = gzip.open(stream) if stream.peek(2)[:2] == b"\x1f\x8b" else stream
    text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="windows-1252", newline="")
    table = Table(iter(text), [feature["name"] for feature in features], target)
    cells = Cells(marks, decimal_comma(table, comma))
    columns = [_column(feature, cells) for feature in features]
    for line, row in table.rows():
        for feature, column, cell in zip(features, columns, row, strict=True):
            try:
                column.add(cell)
            except ValueError as error:
                raise BadInput(f"line {line}, column {feature['name']!r}: {cell!r} {error}") from None
    return [column.values() for column in columns]


def _column(feature: dict[str, Any], cells: Cells) -> Numbers | Levels | Dates:
    if feature["kind"] == "date":
        return Dates(cells, feature["name"], feature.get("date_order"))
    if feature["kind"] == "numeric":
        return Numbers(cells)
    return Levels(cells, feature["levels"])


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode what is not UTF-8 as Windows-1252, as the training file was."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    part = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in part), error.end


class Model:
    """The fitted pipeline: encoding, scaling, reduction and learner, as plain data and estimators."""

    def __init__(self, parts: dict[str, Any]) -> None:
        if parts["format"] != FORMAT:
            raise BadInput(f"model.joblib has format {parts['format']}, this script reads {FORMAT}; keep both together")
        self._parts = parts
        self.features: list[dict[str, Any]] = parts["features"]
        self.target: str = parts["target"]
        self.marks: list[str] = parts["missing"]
        self.comma: bool = parts.get("decimal_comma", False)
        self.classes: list[str] = parts["classes"]

    def predict(self, columns: Sequence[Floats]) -> tuple[NDArray[Any], Floats | None]:
        """Return values, or labels and the probabilities of the classes, from columns as read returns them."""
        scores, probabilities = self._learner(self._reduce(self._scale(self._encode(columns))))
        if not self.classes:
            return scores, None
        return np.array(self.classes, dtype=object)[scores.argmax(axis=1)], probabilities

    def _encode(self, columns: Sequence[Floats]) -> Floats:
        """Build the matrix, each of whose columns is a number, whether it is missing, or what a level stands for."""
        parts = []
        for feature, rule in self._parts["encoding"]:
            values = columns[feature]
            if rule is None:
                parts.append(np.isnan(values).astype(np.float64))
            elif isinstance(rule, float):
                parts.append(np.where(np.isnan(values), rule, values))
            else:
                parts.append(rule[np.where(np.isnan(values), len(rule) - 1, values).astype(np.int64)])
        return np.column_stack(parts) if parts else np.zeros((len(columns[0]), 1))

    def _scale(self, matrix: Floats) -> Floats:
        for scaler in self._parts["scaling"]:
            part = matrix[:, scaler["columns"]]
            if "quantiles" in scaler:
                matrix[:, scaler["columns"]] = _normal_scores(part, scaler["quantiles"])
            else:
                matrix[:, scaler["columns"]] = (part - scaler["shift"]) / scaler["scale"]
        return matrix

    def _reduce(self, matrix: Floats) -> Floats:
        for reduction in self._parts["reduction"]:
            if isinstance(reduction, np.ndarray):
                matrix = np.ascontiguousarray(matrix[:, reduction])
            else:
                matrix = np.asarray(reduction.transform(matrix))
        return matrix

    def _learner(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Return a score and a probability per row and class; for regression a value per row."""
        learner = self._parts["learner"]
        values = _PREDICT[learner["kind"]](learner, matrix, bool(self.classes))
        scores, probabilities = values if isinstance(values, tuple) else (values, values)
        if not self.classes:
            return scores * learner.get("scale", 1.0) + learner.get("shift", 0.0), probabilities
        return scores, probabilities


def _normal_scores(part: Floats, quantiles: Floats) -> Floats:
    """Return normal scores of the training distribution's ranks, a run of equal values at its middle."""
    levels = np.linspace(0, 1, len(quantiles))
    scores = np.empty_like(part)
    for i, knots in enumerate(quantiles.T):
        upward = np.interp(part[:, i], knots, levels)
        downward = np.interp(-part[:, i], -knots[::-1], -levels[::-1])
        scores[:, i] = 0.5 * (upward - downward)
    return np.asarray(ndtri(np.clip(scores, 1e-7, 1 - 1e-7)))


def _by_estimator(learner: dict[str, Any], matrix: Floats, classification: bool) -> Any:
    estimator = learner["estimator"]
    return estimator.predict_proba(matrix) if classification else np.ravel(estimator.predict(matrix))


def _by_decisions(learner: dict[str, Any], matrix: Floats, _classification: bool) -> Any:
    decisions = learner["estimator"].decision_function(matrix)
    decisions = np.column_stack([-decisions, decisions]) if decisions.ndim == 1 else decisions
    return decisions, learner["calibration"].predict_proba(decisions)


def _by_booster(learner: dict[str, Any], matrix: Floats, classification: bool) -> Any:
    booster = learner["booster"]
    predict = booster.inplace_predict if hasattr(booster, "inplace_predict") else booster.predict  # XGBoost, LightGBM
    values = np.asarray(predict(matrix), dtype=np.float64)
    return np.column_stack([1 - values, values]) if classification and values.ndim == 1 else values


def _by_constant(_learner: dict[str, Any], matrix: Floats, _classification: bool) -> Any:
    return np.ones((len(matrix), 1))


_PREDICT = {
    "estimator": _by_estimator,
    "decisions": _by_decisions,
    "booster": _by_booster,
    "constant": _by_constant,
}


def write(file: io.TextIOBase, model: Model, columns: Sequence[Floats], proba: bool) -> None:
    """Write the predictions block by block."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["prediction", *(f"probability_{label}" for label in model.classes if proba)])
    for start in range(0, len(columns[0]), BLOCK):
        values, probabilities = model.predict([column[start : start + BLOCK] for column in columns])
        if proba and probabilities is not None:
            writer.writerows([value, *row] for value, row in zip(values, probabilities.tolist(), strict=True))
        else:
            writer.writerows([value] for value in values.tolist())


def main() -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Predicts with the model in model.joblib beside this script.")
    parser.add_argument("file", help='CSV or TSV file with the columns of the training file, "-" for standard input')
    parser.add_argument("--output", help="file to write to (default: standard output)")
    parser.add_argument("--proba", action="store_true", help="write the probability of every class as well")
    parser.add_argument(
        "--missing", action="append", default=[], metavar="MARK", help="a further mark of missing values"
    )
    options = parser.parse_args()
    try:
        model = Model(joblib.load(Path(__file__).with_name("model.joblib")))
        if options.proba and not model.classes:
            raise BadInput("--proba: the model predicts numbers, not classes")
        with ExitStack() as opened:
            stream = sys.stdin.buffer if options.file == "-" else opened.enter_context(open(options.file, "rb"))
            columns = read(stream, model.features, model.target, [*model.marks, *options.missing], model.comma)
        with ExitStack() as opened:
            output: Any = sys.stdout
            if options.output:
                output = opened.enter_context(open(options.output, "w", encoding="utf-8", newline=""))
            write(output, model, columns, options.proba)
    except (BadInput, OSError, EOFError, zlib.error, csv.Error) as error:
        print(f"predict.py: {options.file}: {error}", file=sys.stderr)
        return 1
    return 0


codecs.register_error("windows-1252", _windows_1252)
csv.field_size_limit(1 << 28)

if __name__ == "__main__":
    sys.exit(main())
