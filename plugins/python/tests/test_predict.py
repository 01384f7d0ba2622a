"""The script that is saved beside a model: how it reads raw files, and what it says about those it cannot read."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metaml.evaluators.sklearn import predict
from tests.staging import Floats

FEATURES: list[dict[str, Any]] = [
    {"name": "size", "kind": "numeric", "levels": []},
    {"name": "colour", "kind": "categorical", "levels": ["red", "7"]},
    {"name": "day", "kind": "date", "levels": []},
]


def read(
    text: str, features: list[dict[str, Any]] | None = None, marks: tuple[str, ...] = (), target: str = "y"
) -> list[Floats]:
    """Read a raw file."""
    return predict.read(io.BufferedReader(io.BytesIO(text.encode())), features or FEATURES, target, marks)


def test_columns_are_found_by_name() -> None:
    size, colour, day = read("x,day,size,colour\n!,1970-01-02,3,7.0\n\n!,,?,blue\n")
    np.testing.assert_array_equal(size, [3, np.nan])
    np.testing.assert_array_equal(colour, [1, np.nan])  # a level that the training file did not have is missing
    np.testing.assert_array_equal(day, [86400, np.nan])


def test_a_row_of_missing_values_is_a_row() -> None:
    assert [len(column) for column in read("size,colour,day\n,,\n\n  \n1,red,\n")] == [2, 2, 2]


def test_one_column_is_enough() -> None:
    (size,) = read("size\n1,5\n2,25\n", FEATURES[:1])
    assert size.tolist() == [1.5, 2.25]


@pytest.mark.parametrize(
    ("text", "trained", "size"),
    [
        ("size;x\n12,345;1\n", True, 12.345),
        ("size;x\n12.345;1\n", True, 12.345),
        ("size,x\n12,345\n", True, 12),  # a delimiter is no decimal comma
        ("size;x\n12,34;1\n", False, 12.34),
    ],
)
def test_a_comma_that_may_be_decimal_is_read_as_in_training(text: str, trained: bool, size: float) -> None:
    stream = io.BufferedReader(io.BytesIO(text.encode()))
    (column,) = predict.read(stream, FEATURES[:1], "y", [], comma=trained)
    assert column.tolist() == [size]


def test_a_comma_between_thousands_is_no_number() -> None:
    with pytest.raises(predict.BadInput, match="'12,345' is not a number"):
        read("size;x\n12,345;1\n", FEATURES[:1])


def test_a_file_without_rows_has_no_predictions() -> None:
    assert [len(column) for column in read("size,colour,day\n")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("size,day\n1,\n", "no column 'colour'; the file has size, day"),
        ("a,b,c,d,e,f\n", "no column 'size', 'colour', 'day'; the file has a, b"),
        ("size,colour,day,size\n1,red,,2\n", "two columns are named 'size'"),
        ("size,colour,day\n1,red,\n2,red\n", "line 3 has 2 fields instead of 3"),
        ("size,colour,day\n1,red,,\n2,red,\n", "line 2 has 4 fields instead of 3"),
        ("size,colour,day\n\n1,red,\nbig,red,\n", "line 4, column 'size': 'big' is not a number; if it means missing"),
        ('size,colour,day\n"1,234",red,\n', "line 2, column 'size': '1,234' is not a number"),
        ("size;colour;day\n1,234;red;\n", "line 2, column 'size': '1,234' is not a number"),
        ("size,colour,day\n1_000,red,\n", "'1_000' is not a number"),
        ("size,colour,day\n1,red,2020-13-01\n", "line 2, column 'day': '2020-13-01' is not a date"),
        ("size,colour,day\n1,red,20200101\n", "'20200101' is not a date"),
        ("size,colour,day\n1,red,25/12/2020\n2,red,12/25/2020\n", "line 3, column 'day': '12/25/2020' is not a date"),
    ],
)
def test_what_does_not_fit_is_named(text: str, message: str) -> None:
    with pytest.raises(predict.BadInput) as caught:
        read(text)
    assert message in str(caught.value)


def test_marks_of_missing_values_match_numbers_by_value() -> None:
    size, colour, _ = read("size,colour,day\n-999.0,none,\n2,7,\n", marks=("-999", "none", "7"))
    np.testing.assert_array_equal(size, [np.nan, 2])
    np.testing.assert_array_equal(colour, [np.nan, np.nan])


def test_a_table_without_names_is_read_by_position() -> None:
    unnamed = [{**feature, "name": f"column {place}"} for feature, place in zip(FEATURES, (3, 1, 2), strict=True)]
    size, colour, _ = read("red,,5,y\n7,,6,y\n", unnamed, target="column 4")
    assert size.tolist() == [5, 6]
    assert colour.tolist() == [0, 1]
    size, *_ = read("red;;5,5\n7;;6\n", unnamed, target="column 4")
    assert size.tolist() == [5.5, 6]
    with pytest.raises(predict.BadInput, match="line 1 has 2 fields, but column 3 is needed"):
        read("red,\n", unnamed, target="column 4")
    size, *_ = read("column 3,column 1,column 2\n5,red,\n", unnamed, target="column 4")
    assert size.tolist() == [5]


def test_only_the_target_may_have_had_a_name() -> None:
    (size,) = read("a,,y\nred,5,q\n", [{"name": "column 2", "kind": "numeric"}])
    assert size.tolist() == [5]


@pytest.mark.parametrize(
    ("order", "text", "expected"),
    [
        (None, "25/12/2020", "2020-12-25"),
        (None, "12/25/2020", "2020-12-25"),
        ("day_first", "1/2/2020", "2020-02-01"),
        ("month_first", "1/2/2020", "2020-01-02"),
        ("day_first", "2020/01/02", "2020-01-02"),
        (None, "1.2.2020", "2020-02-01"),
    ],
)
def test_the_order_of_day_and_month(
    order: str | None, text: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = {"name": "day", "kind": "date"} | ({"date_order": order} if order else {})
    (day,) = read(f"day\n{text}\n", [feature])
    assert day.tolist() == [datetime.fromisoformat(expected).replace(tzinfo=UTC).timestamp()]
    assert not capsys.readouterr().err


def test_a_guessed_order_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    (day,) = read("day\n1/2/2020\n", [{"name": "day", "kind": "date"}])
    assert day.tolist() == [datetime(2020, 1, 2, tzinfo=UTC).timestamp()]
    assert capsys.readouterr().err == ("predict.py: column 'day': dates like 1/2/2006 are read with the month first\n")


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-29",
        "2020-02-29 23:59",
        "1969-07-20T20:17:40",
        "2020-02-29T03:04:05.123456",
        "2020-02-29T03:04:05+05:30",
        "2020-02-29 03:04:05-08",
        "2020-02-29T03:04:05Z",
        "0001-01-01",
    ],
)
def test_dates_are_those_of_the_standard_library(text: str) -> None:
    moment = datetime.fromisoformat(text)
    expected = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    assert predict.parse_date(text, "month_first") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021-02-29",
        "2020-1-2",
        "2020-01/02",
        "1.2/2020",
        "2020-01-01 24:00",
        "2020-01-01 10:60",
        "12:30",
        "٢٠٢٠-01-01",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert predict.parse_date(text, "month_first") is None


def test_seconds_are_dates_too() -> None:
    (day,) = read("day\n1.5e9\n-2e8\n", [{"name": "day", "kind": "date"}])
    assert day.tolist() == [1.5e9, -2e8]


def made_model() -> predict.Model:
    """Return a model of one number, whose prediction is that number; missing is 5."""

    class Same:
        def predict(self, matrix: Floats) -> Floats:
            return matrix[:, 0]

    parts = {
        "format": predict.FORMAT,
        "features": FEATURES[:1],
        "target": "y",
        "missing": [],
        "classes": [],
        "encoding": [(0, 5.0)],
        "scaling": [],
        "reduction": [],
        "learner": {"kind": "estimator", "estimator": Same(), "scale": 2.0, "shift": 1.0},
    }
    return predict.Model(parts)


def test_blocks_make_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "BLOCK", 3)
    file = io.StringIO()
    predict.write(file, made_model(), [np.array([0.0, 1, 2, np.nan, 4, 5, 6])], proba=False)
    assert file.getvalue().split() == ["prediction", "1.0", "3.0", "5.0", "11.0", "9.0", "11.0", "13.0"]


def test_another_format_is_refused() -> None:
    with pytest.raises(predict.BadInput, match="keep both together"):
        predict.Model({"format": 99})


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"\x1f\x8bnot really", [], "truncated|not a gzipped|ended|Unknown compression"),
        (b"size\nbig\n", [], r"line 2, column 'size': 'big'"),
        (b"size\n1\n", ["--output=/no/such/folder/out.csv"], "No such file"),
    ],
)
def test_faults_are_one_line(
    tmp_path: Path,
    content: bytes,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "new.csv"
    path.write_bytes(content)
    model = made_model()
    monkeypatch.setattr("sys.argv", ["predict.py", str(path), *arguments])
    monkeypatch.setattr("joblib.load", lambda _: vars(model)["_parts"])
    assert predict.main() == 1
    said = capsys.readouterr()
    assert not said.out
    assert said.err.startswith(f"predict.py: {path}: ")
    assert said.err.count("\n") == 1
    assert re.search(message, said.err)
