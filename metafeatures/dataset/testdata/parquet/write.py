"""Writes mixed.parquet and mixed.csv, the same table with every type that is read, for parquet_test.go.

Run with pyarrow 22 from this folder:

    python write.py
"""

import datetime
import decimal

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

ROWS = 40
NULLS = {3, 17}


def column(make, kind, nulls=NULLS):
    return pa.array([None if i in nulls else make(i) for i in range(ROWS)], kind)


table = pa.table(
    {
        "int8": column(lambda i: i % 7 - 3, pa.int8()),
        "uint32": column(lambda i: 4294967295 - i % 5, pa.uint32()),
        "int64": column(lambda i: (i * i) % 11, pa.int64(), ()),
        "float": column(lambda i: i / 10 + 0.1, pa.float32()),
        "double": column(lambda i: (i - 20) / 3, pa.float64()),
        "price": column(lambda i: decimal.Decimal(i * 125 - 999) / 100, pa.decimal128(12, 2)),
        "flag": column(lambda i: i % 3 == 0, pa.bool_()),
        "town": column(lambda i: ["Zürich", "Ålesund", "Bath, UK"][i % 3], pa.string()),
        "code": column(lambda i: ["007", "42", "1e3"][i % 3], pa.dictionary(pa.int32(), pa.string())),
        "day": column(lambda i: datetime.date(1999, 12, 1) + datetime.timedelta(days=i % 9), pa.date32()),
        "at": column(lambda i: datetime.datetime(2024, 2, 28, 23, i, 5), pa.timestamp("us")),
        "tags": column(lambda i: ["a"] * (i % 3), pa.list_(pa.string())),
        "place": column(lambda i: {"x": i * 0.5, "y": i % 4}, pa.struct([("x", pa.float64()), ("y", pa.int16())])),
        "nothing": pa.nulls(ROWS),
        "target": column(lambda i: "yes" if i % 4 else "no", pa.string(), {39}),
    }
)
pq.write_table(table, "mixed.parquet", row_group_size=15, compression="zstd", use_dictionary=["code", "town"])
flat = table.drop_columns(["tags"]).flatten()
csv.write_csv(flat, "mixed.csv")
