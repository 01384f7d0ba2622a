"""Compares every meta-feature that pymfe defines with metaml's value of it, on real tables of a folder.

Usage: agreement.py METAML FOLDER [TABLES-OF-EACH-KIND]

What pymfe computes without chance must agree to 1e-6 relative (1e-9 absolute). What is random in pymfe, or hangs on
which of equally near rows or equally good splits is taken, must lie within the range of its values over draws: of the
random state and of the order of rows, and of the columns' signs for decision trees; widened on either side by half and
by 5 %, ranks by one. Eigenvalues may differ by the rounding of the greatest one. A table with missing values is compared twice: as it is, by counts alone, as pymfe refuses it or takes what is
missing for a value; and filled, by everything. Deviations that are meant are listed below with their reason, and
counted apart. Exits with 1 if anything else differs.
"""

import math
import sys
import tempfile
import warnings

import numpy as np
from pymfe.mfe import MFE
from sklearn.tree import DecisionTreeClassifier
from tables import choose

warnings.filterwarnings("ignore")

SUMMARIES = ["nanmean", "nansd", "nanmin", "nanmax", "nanmedian"]
DRAWS, TREES = 6, 150

# Landmarkers that hang on chance, on equally near rows or on equally good splits; ranks among landmarkers do too.
CHANCE = ["best_node", "elite_nn", "one_nn", "random_node", "worst_node"]

# Measures of which pymfe's value is not the definition's, and why.
DEVIATIONS = {
    "can_cor": "pymfe stops its iteration at 1e-6",
    "w_lambda": "from pymfe's can_cor",
    "p_trace": "from pymfe's can_cor",
    "lh_trace": "from pymfe's can_cor",
    "roy_root": "from pymfe's can_cor",
    "sd_ratio": "pymfe flips classes and matrices",
    "h_mean": "pymfe leaves it out for all columns where one has a negative value",
    "attr_conc": "of more than 12 columns, 12 are drawn",
    "l1": "the solver stops at 1e-2",
    "l2": "the solver stops at 1e-2",
    "l3": "random points; the solver stops at 1e-2",
    "n4": "pymfe measures the distances of other rows",
    "f1v": "columns in units far apart or dependent on each other: the pseudoinverse is rounding",
    "nodes_repeated": "of equally good splits metaml takes the first column's, which so repeats more",
    "linear_discr": "a column that the training folds explain by others is left out, in pymfe it is weighed",
    "random_node": "metaml draws another column",
    "elite_nn": "of equally near rows metaml takes the first, scikit-learn any",
    "one_nn": "of equally near rows metaml takes the first, scikit-learn any",
    "n1": "pymfe has no link between rows that coincide",
    "density": "pymfe has no link between rows that coincide",
    "cls_coef": "pymfe has no link between rows that coincide",
    "nr_bin": "pymfe takes a missing value for a value",
    "hubs": "pymfe has no link between rows that coincide",
}


def pymfe(x, y, categorical, groups, seed):
    mfe = MFE(groups=groups, summary=SUMMARIES, random_state=seed)
    mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)
    return plain(mfe.extract(suppress_warnings=True))


def plain(extracted):
    """The defined values by metaml's names."""
    values = zip(*extracted, strict=True)
    return {n.replace(".nan", "."): float(v) for n, v in values if np.isscalar(v) and math.isfinite(v)}


def permuted(x, y, seed):
    order = np.random.default_rng(seed).permutation(len(y))
    return x[order], y[order]


def trees(x, y, categorical):
    """pymfe's values of decision trees on columns whose signs are drawn, which changes nothing but the choice among
    equally good splits."""
    mfe = MFE(groups=["model-based"], summary=SUMMARIES)
    n = mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)._custom_args_ft["N"]
    for seed in range(TREES):
        sign = np.random.default_rng(seed).choice([-1, 1], n.shape[1])
        model = DecisionTreeClassifier(random_state=seed).fit(n * sign, y)
        yield plain(mfe.extract_from_model(model, arguments_extract={"suppress_warnings": True}))


def reference(table):
    """pymfe's values by feature: without chance as far as can be, and over all draws."""
    x, y = table.arrays()
    fixed, drawn = {}, {}

    def add(into, values):
        for name, v in values.items():
            into.setdefault(name, []).append(v)

    if table.missing():
        add(fixed, pymfe(x, y, table.categorical, ["general"], 0))
        return fixed, fixed
    for seed in range(DRAWS):
        groups = ["landmarking", "relative"] + (["general", "statistical", "info-theory"] if seed < 2 else [])
        add(fixed, pymfe(x, y, table.categorical, groups, seed))
        add(drawn, pymfe(*permuted(x, y, seed), table.categorical, ["landmarking", "relative"], seed))
        others = pymfe(*permuted(x, y, seed), table.categorical, ["clustering", "concept", "itemset", "complexity"], seed)
        add(fixed, others)
    for values in trees(x, y, table.categorical):
        add(fixed, values)
    for name, values in fixed.items():
        drawn[name] = drawn.get(name, []) + values
    return fixed, drawn


def near(a, b, relative, absolute=1e-9):
    return abs(a - b) <= max(relative * max(abs(a), abs(b)), absolute)


def judge(name, ours, fixed, drawn, rounding):
    """How metaml's value compares: exact, spread, documented or wrong."""
    base = name.split(".")[0]
    chance = base in CHANCE or name.endswith(".relative")
    if ours is None:
        return "documented" if base in DEVIATIONS else "wrong"
    if near(min(fixed), max(fixed), 1e-9, 1e-12) and near(ours, fixed[0], 1e-6, rounding if base == "eigenvalues" else 1e-9):
        return "exact"
    low, high = (min(drawn), max(drawn)) if chance else (min(fixed), max(fixed))
    margin = (high - low) / 2 + 0.05 * abs(high) + name.endswith(".relative")  # and one rank
    if (chance or not near(low, high, 1e-9, 1e-12)) and low - margin <= ours <= high + margin:
        return "spread"
    return "documented" if base in DEVIATIONS else "wrong"


LINE = "{:44} {:>5} {:>4} {:>7}  {:28} {:>6} {:>6} {:>10} {:>5}"


def compare(table, program, work, reasons):
    """Prints a table's line and returns its counts by verdict."""
    ours = table.metaml(program, work, "--set", "pymfe", "--summaries", "mean,sd,min,max,median")
    fixed, drawn = reference(table)
    counts, wrong = {"exact": 0, "spread": 0, "documented": 0, "wrong": 0}, []
    rounding = 1e-13 * max(fixed.get("eigenvalues.max", [0]))  # what the greatest eigenvalue leaves of the others
    for name, values in fixed.items():
        verdict = judge(name, ours.get(name), values, drawn[name], rounding)
        counts[verdict] += 1
        if verdict == "documented":
            reasons.setdefault(name.split(".")[0], set()).add(table.name)
        if verdict == "wrong":
            wrong.append(f"    {name}: {ours.get(name)}, pymfe's in [{min(drawn[name]):.9g}, {max(drawn[name]):.9g}]")
    rows, columns = table.frame.shape
    kinds = ", ".join(table.kinds())
    print(LINE.format(table.name[-44:], rows, columns, table.target.nunique(), kinds, *counts.values()))
    for line in wrong:
        print(line)
    sys.stdout.flush()
    return counts


def main():
    program, folder, each = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 5
    total, reasons = {}, {}
    print(LINE.format("table", "rows", "cols", "classes", "kinds", "exact", "spread", "documented", "wrong"))
    with tempfile.TemporaryDirectory() as work:
        for table in choose(folder, each):
            for _ in range(1 + table.missing()):
                for verdict, n in compare(table, program, work, reasons).items():
                    total[verdict] = total.get(verdict, 0) + n
                table.fill()
    print(LINE.format("all", "", "", "", "", *total.values()))
    print("\ndocumented deviations")
    for measure, tables in sorted(reasons.items()):
        print(f"  {measure:10} {len(tables):3} tables: {DEVIATIONS[measure]}")
    sys.exit(total["wrong"] > 0)


if __name__ == "__main__":
    main()
