"""Real tables for both programs: the same columns of the same kinds, written to one file for metaml and given to pymfe
as arrays."""

import json
import pathlib
import subprocess

import numpy as np
import pandas as pd

MOST_ROWS, MOST_COLUMNS, MOST_LEVELS = 500, 60, 20  # within metaml's default limits, so that nothing is sampled


class Table:
    """A classification table with numeric and categorical columns."""

    def __init__(self, path):
        frame = pd.read_csv(path, low_memory=False)
        self.name = path.name.removesuffix(".gz").removesuffix(".csv")
        self.target = frame.pop("target")
        known = self.target.notna()
        self.frame, self.target = frame[known], self.target[known].astype(str)
        text = [c for c in self.frame if self.frame[c].dtype.kind not in "iuf"]
        self.frame = self.frame.astype({c: object for c in text})
        numbered = [c for c in self.frame if self.frame[c].dtype.kind in "iu" and self.frame[c].is_unique]  # identifiers
        keep = [c for c in self.frame if c not in numbered and 2 <= self.frame[c].nunique() and (c not in text or self.frame[c].nunique() <= MOST_LEVELS)]
        self.categorical = [i for i, c in enumerate(keep) if c in text]
        self.frame = self.frame[keep].set_axis([f"x{i}" for i in range(len(keep))], axis=1)
        for i in self.categorical:
            column = self.frame[f"x{i}"]
            self.frame[f"x{i}"] = column.where(column.isna(), column.astype(str))

    def fits(self):
        """Whether both programs can look at all of it."""
        rows, columns = self.frame.shape
        sizes = self.target.value_counts()
        return 50 <= rows <= MOST_ROWS and 2 <= columns <= MOST_COLUMNS and 2 <= len(sizes) <= 10 and sizes.min() >= 10

    def kinds(self):
        """What the table is an example of."""
        kinds = ["mixed" if 0 < len(self.categorical) < self.frame.shape[1] else "categorical" if self.categorical else "numeric"]
        if self.missing():
            kinds.append("missing")
        if self.target.nunique() > 2:
            kinds.append("multi-class")
        return kinds

    def missing(self):
        return bool(self.frame.isna().to_numpy().any())

    def fill(self):
        """Puts the mean in for missing numbers and a level of their own for missing categories."""
        for j, c in enumerate(self.frame):
            column = self.frame[c]
            self.frame[c] = column.fillna("unknown" if j in self.categorical else column.mean())
        self.name += " (filled)"

    def arrays(self):
        """The cells as pymfe takes them, None for missing categories and nan for missing numbers."""
        x = np.empty(self.frame.shape, dtype=object)
        for j, c in enumerate(self.frame):
            column = self.frame[c]
            x[:, j] = column.where(column.notna(), None) if j in self.categorical else column.astype(float)
        return x, self.target.to_numpy()

    def metaml(self, program, folder, *flags):
        """metaml's values of the defined features, and the cost of each group in milliseconds."""
        path = pathlib.Path(folder) / "table.csv"
        self.frame.assign(target=self.target).to_csv(path, index=False)
        kinds = [f"x{i}={'categorical' if i in self.categorical else 'numeric'}" for i in range(self.frame.shape[1])]
        command = [program, "metafeatures", str(path), "--target", "target", "--json", "--quiet"]
        command += ["--types", ",".join([*kinds, "target=categorical"]), *flags]
        features = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["features"]
        return {name: f["value"] for name, f in features.items() if f["value"] is not None}


def choose(folder, each):
    """So many tables of each kind, by name."""
    counts, chosen = {}, []
    for path in sorted(pathlib.Path(folder).glob("*.csv*")):
        try:
            table = Table(path)
        except (KeyError, ValueError):
            continue  # no target column, or no table
        if table.fits() and min(counts.get(k, 0) for k in table.kinds()) < each:
            for kind in table.kinds():
                counts[kind] = counts.get(kind, 0) + 1
            chosen.append(table)
    return chosen
