"""Writes missing.json: meta-features of generated datasets with missing values, of classification and of regression,
by the definitions of this package's doc comments on top of pandas, scipy and scikit-learn, for reference_test.go.

Run with numpy 2.4, pandas 3.1, scipy 1.17 and scikit-learn 1.9 from this folder:

    python missing.py > missing.json
"""

import json
import warnings

import numpy as np
import pandas as pd
import scipy.stats as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB

warnings.filterwarnings("ignore")


def table(rng, rows):
    """Numeric and categorical columns with holes; the last column is whole."""
    frame = pd.DataFrame(
        {
            "a": np.round(rng.normal(size=rows), 4),
            "b": rng.choice(["red", "green", "blue"], rows),
            "c": np.round(rng.gamma(2, 3, rows), 1) + 0.1,
            "d": rng.choice(list("uvwxyz"), rows, p=[0.4, 0.3, 0.1, 0.1, 0.06, 0.04]),
            "e": rng.poisson(2, rows).astype(float),
            "f": np.round(rng.standard_t(2, rows), 3),
        }
    )
    signal = frame["a"] + 0.2 * frame["c"] + (frame["b"] == "red")
    for name, share in [("a", 0.1), ("b", 0.15), ("c", 0.3), ("d", 0.05), ("e", 0.2)]:
        frame.loc[rng.random(rows) < share, name] = np.nan
    return frame, signal


def numeric_view(frame):
    """Numeric columns, then dummies: all of the first categorical column, all but the first of the others."""
    columns = [frame[c].astype(float) for c in frame if frame[c].dtype.kind == "f"]
    first = True
    for name in frame:
        if frame[name].dtype.kind == "f":
            continue
        levels = sorted(frame[name].dropna().unique())
        for level in levels if first else levels[1:]:
            columns.append((frame[name] == level).astype(float).where(frame[name].notna()).rename(name + level))
        first = False
    return pd.concat(columns, axis=1)


def shape(x, power):
    """Skewness (3) or kurtosis (4) with n-1 in the standard deviation."""
    d = x - x.mean()
    return (d**power).mean() / x.std(ddof=1) ** power - (3 if power == 4 else 0)


def univariate(n):
    """Every statistic of every column, over the values present."""
    present = [n[c].dropna().to_numpy() for c in n]
    outliers = [
        np.any((x < np.quantile(x, 0.25) - 1.5 * st.iqr(x)) | (x > np.quantile(x, 0.75) + 1.5 * st.iqr(x))) for x in present
    ]
    normal = [len(np.unique(x)) > 1 and st.shapiro(x).pvalue > 0.05 for x in present]
    positive = [x for x in present if x.min() >= 0]
    return {
        "mean": [x.mean() for x in present],
        "sd": [x.std(ddof=1) for x in present],
        "var": [x.var(ddof=1) for x in present],
        "min": [x.min() for x in present],
        "max": [x.max() for x in present],
        "range": [np.ptp(x) for x in present],
        "median": [np.median(x) for x in present],
        "iq_range": [st.iqr(x) for x in present],
        "mad": [1.4826 * np.median(np.abs(x - np.median(x))) for x in present],
        "skewness": [shape(x, 3) for x in present],
        "kurtosis": [shape(x, 4) for x in present],
        "t_mean": [st.trim_mean(x, 0.2) for x in present],
        "g_mean": [0.0 if x.min() == 0 else st.gmean(x) for x in positive],
        "h_mean": [0.0 if x.min() == 0 else st.hmean(x) for x in positive],
    }, {
        "nr_outliers": sum(outliers),
        "nr_norm": sum(normal),
        "outlier_attr_share": np.mean(outliers),
        "normal_attr_share": np.mean(normal),
    }


def multivariate(n, y, classes):
    """What is computed from pairs of columns, or from columns whose holes are filled with the mean."""
    lower = np.tril_indices(n.shape[1], -1)
    cor, cov = n.corr().abs().to_numpy()[lower], n.cov().abs().to_numpy()[lower]
    filled = n.fillna(n.mean()).to_numpy()
    centred = filled - filled.mean(axis=0)
    target = (y[:, None] == np.unique(y)).astype(float) if classes else y[:, None]
    target = target - target.mean(axis=0)
    bases = []
    for m in (centred, target):
        u, s, _ = np.linalg.svd(m, full_matrices=False)
        bases.append(u[:, s > 1e-8 * s[0]])
    r = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)
    explained = bases[1].T @ centred
    single = {
        "nr_cor_attr": np.mean(cor >= 0.5),
        "nr_disc": len(r),
        "w_lambda": np.prod(1 - r**2),
        "p_trace": (r**2).sum(),
        "lh_trace": (r**2 / (1 - r**2)).sum(),
        "roy_root": (r**2 / (1 - r**2)).max(),
    }
    if classes:
        labels, counts = np.unique(y, return_counts=True)
        largest = labels[np.argmax(counts)]
        smallest = [c for c in labels if c != largest][np.argmin(counts[labels != largest])]
        single["gravity"] = np.linalg.norm(n[y == largest].mean() - n[y == smallest].mean())
    return {
        "cor": cor,
        "cov": cov,
        "eigenvalues": np.linalg.eigvalsh(np.cov(filled, rowvar=False)),
        "can_cor": r,
        "target_cor": np.linalg.norm(explained, axis=0) / np.linalg.norm(centred, axis=0),
    }, single


def bins(x, count):
    """Equal-frequency bins of the values present; NaN stays."""
    edges = np.unique(np.nanquantile(x, np.linspace(0, 1, count + 1)[1:]))
    return pd.Series(np.where(np.isnan(x), np.nan, np.digitize(x, edges, right=True)))


def entropy(codes):
    return st.entropy(pd.Series(codes).value_counts(), base=2)


def joint(a, b):
    p = pd.crosstab(a, b, normalize=True).to_numpy() + 1e-8
    return -(p * np.log2(p)).sum()


def concentration(a, b):
    p = pd.crosstab(a, b, normalize=True).to_numpy() + 1e-8
    before = (p.sum(axis=1) ** 2).sum()
    return ((p**2 / p.sum(axis=0)).sum() - before) / (1 - before)


def information(frame, y, classes):
    """Entropies over the rows where what they need is there."""
    count = int(len(y) ** (1 / 3))
    codes = [bins(frame[c].to_numpy(), count) if frame[c].dtype.kind == "f" else frame[c].reset_index(drop=True) for c in frame]
    y = pd.Series(y) if classes else bins(y, count)
    attr = [entropy(c.dropna()) for c in codes]
    joints = [joint(c, y) for c in codes]
    mutual = [h + entropy(y[c.notna()]) - j for c, h, j in zip(codes, attr, joints)]
    return {
        "attr_ent": attr,
        "joint_ent": joints,
        "mut_inf": mutual,
        "class_conc": [concentration(c, y) for c in codes],
        "attr_conc": [concentration(a, b) for i, a in enumerate(codes) for j, b in enumerate(codes) if i != j],
    }, {
        "class_ent": entropy(y),
        "eq_num_attr": len(mutual) * entropy(y) / sum(mutual),
        "ns_ratio": (sum(attr) - sum(mutual)) / sum(mutual),
    }


def landmarks(n, y):
    """Learners whose folds and predictions leave no choice."""
    filled = n.fillna(n.mean()).to_numpy()
    values = {"linear_discr": [], "naive_bayes": [], "one_nn": []}
    for train, test in StratifiedKFold(10).split(filled, y):
        for name, model in [("linear_discr", LinearDiscriminantAnalysis()), ("naive_bayes", GaussianNB())]:
            values[name].append(model.fit(filled[train], y[train]).score(filled[test], y[test]))
        distances = ((filled[test][:, None] - filled[train][None]) ** 2).sum(axis=2)
        values["one_nn"].append(np.mean(y[train][distances.argmin(axis=1)] == y[test]))
    return values


def describe(name, frame, y, classes):
    n = numeric_view(frame)
    several, single = univariate(n)
    for more in (multivariate(n, y, classes), information(frame, y, classes)):
        several.update(more[0])
        single.update(more[1])
    several["sparsity"] = [(len(y) / frame[c].nunique(dropna=False) - 1) / (len(y) - 1) for c in frame]
    single["missing_share"] = frame.isna().to_numpy().mean()
    single["incomplete_attr_share"] = frame.isna().any().mean()
    single["incomplete_inst_share"] = frame.isna().any(axis=1).mean()
    if classes:
        several.update(landmarks(n, y))
    else:
        low, high = np.quantile(y, [0.25, 0.75])
        single["target_skewness"], single["target_kurtosis"] = shape(y, 3), shape(y, 4)
        single["target_outlier_share"] = np.mean((y < low - 1.5 * (high - low)) | (y > high + 1.5 * (high - low)))
        single["target_cv"] = y.std(ddof=1) / abs(y.mean())
        filled = n.fillna(n.mean()).to_numpy()
        assert abs(LinearRegression().fit(filled, y).score(filled, y) - single["p_trace"]) < 1e-9
    exact = {k: float(v) for k, v in single.items()}
    for k, values in several.items():
        exact[k + ".mean"], exact[k + ".sd"] = float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {
        "name": name,
        "columns": [
            {"categorical": frame[c].dtype.kind != "f", "values": ["" if pd.isna(v) else str(v) for v in frame[c]]} for c in frame
        ],
        "target": [str(v) for v in y],
        "regression": not classes,
        "exact": {k: v for k, v in exact.items() if v is not None},
    }


rng = np.random.default_rng(30)
frame, signal = table(rng, 210)
labels = np.where(signal < 0.8, "low", np.where(signal < 2.5, "middle", "top"))
other, numbers = table(rng, 150)
print(
    json.dumps(
        {
            "datasets": [
                describe("missing_classes", frame, labels, True),
                describe("missing_numbers", other, np.round(np.exp(numbers.to_numpy() / 2), 3), False),
            ]
        }
    )
)
