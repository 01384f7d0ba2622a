"""Writes sets.json: the meta-features of auto-sklearn, FLAML and OpenML of the datasets in reference.json and
missing.json, by their published definitions on top of pandas, scipy and scikit-learn, for sets_test.go.

Run with numpy 2.4, pandas 3.1, scipy 1.17 and scikit-learn 1.9 from this folder:

    python sets.py > sets.json

Of auto-sklearn's landmarkers, whose folds follow a random order of the rows, the range over 20 orders is written.
"""

import json
import math
import warnings

import numpy as np
import pandas as pd
import scipy.stats as st
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")


def load(record):
    """Features as a frame (object columns are categorical), target as a series, and whether it is a regression."""
    frame = pd.DataFrame(
        {
            str(j): pd.Series([v or None for v in c["values"]], dtype=object)
            if c["categorical"]
            else pd.to_numeric(pd.Series([v or None for v in c["values"]]))
            for j, c in enumerate(record["columns"])
        }
    )
    regression = record.get("regression", False)
    target = pd.Series(record["target"])
    return frame, target.astype(float) if regression else target, regression


def is_category(column):
    return column.dtype.kind == "O"


def extremes(name, values):
    values = np.array(values if len(values) else [0.0])
    return {name + "Min": values.min(), name + "Max": values.max(), name + "Mean": values.mean(), name + "STD": values.std()}


def transformed(frame):
    """Standardised numbers with the mean for missing ones, then dummies with one for missing categories."""
    parts = []
    for name in frame:
        column = frame[name]
        if is_category(column):
            parts.append(pd.get_dummies(column.fillna("missing!")).to_numpy(float))
        else:
            parts.append(StandardScaler().fit_transform(column.fillna(column.mean()).to_numpy()[:, None]))
    return np.hstack(parts)


def autosklearn(frame, y, regression):
    n, p = frame.shape
    missing = frame.isna()
    symbols = [frame[c].nunique() for c in frame if is_category(frame[c])]
    numeric = [frame[c].fillna(frame[c].mean()) for c in frame if not is_category(frame[c])]
    k, q = len(symbols), len(numeric)
    out = {
        "NumberOfInstances": n,
        "LogNumberOfInstances": math.log(n),
        "NumberOfFeatures": p,
        "LogNumberOfFeatures": math.log(p),
        "NumberOfInstancesWithMissingValues": missing.any(axis=1).sum(),
        "PercentageOfInstancesWithMissingValues": missing.any(axis=1).mean(),
        "NumberOfFeaturesWithMissingValues": missing.any(axis=0).sum(),
        "PercentageOfFeaturesWithMissingValues": missing.any(axis=0).mean(),
        "NumberOfMissingValues": missing.to_numpy().sum(),
        "PercentageOfMissingValues": missing.to_numpy().mean(),
        "NumberOfNumericFeatures": q,
        "NumberOfCategoricalFeatures": k,
        "RatioNumericalToNominal": q / k if k else 0,
        "RatioNominalToNumerical": k / q if q else 0,
        "DatasetRatio": p / n,
        "LogDatasetRatio": math.log(p / n),
        "InverseDatasetRatio": n / p,
        "LogInverseDatasetRatio": math.log(n / p),
        **extremes("Symbols", symbols),
        "SymbolsSum": sum(symbols),
        **extremes("Skewness", [st.skew(c) for c in numeric]),
        **extremes("Kurtosis", [st.kurtosis(c) for c in numeric]),
    }
    if not regression:
        shares = y.value_counts(normalize=True)
        out |= {"NumberOfClasses": len(shares), "ClassEntropy": st.entropy(shares, base=2), **extremes("ClassProbability", shares)}
    x = transformed(frame)
    pca = PCA().fit(x)
    first = pca.transform(x)[:, 0]
    sign = np.sign(first[np.argmax(np.abs(first))])
    out["PCAFractionOfComponentsFor95PercentVariance"] = (np.argmax(np.cumsum(pca.explained_variance_ratio_) >= 0.95) + 1) / x.shape[1]
    out["PCASkewnessFirstPC"] = sign * st.skew(first)
    out["PCAKurtosisFirstPC"] = st.kurtosis(first)
    return out


LEARNERS = {
    "Landmark1NN": lambda seed: KNeighborsClassifier(1),
    "LandmarkDecisionNodeLearner": lambda seed: DecisionTreeClassifier(criterion="entropy", max_depth=1, random_state=seed),
    "LandmarkDecisionTree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "LandmarkLDA": lambda seed: LinearDiscriminantAnalysis(),
    "LandmarkNaiveBayes": lambda seed: GaussianNB(),
    "LandmarkRandomNodeLearner": lambda seed: DecisionTreeClassifier(criterion="entropy", max_depth=1, max_features=1, random_state=seed),
}


def landmarkers(frame, y):
    x, codes = transformed(frame), pd.factorize(y)[0]
    spread = {}
    for name, learner in LEARNERS.items():
        values = []
        for seed in range(20):
            order = np.random.default_rng(seed).permutation(len(codes))
            values.append(cross_val_score(learner(seed), x[order], codes[order], cv=KFold(5)).mean())
        spread[name] = [min(values), max(values)]
    return spread


def flaml(frame, y, regression):
    return {
        "NumberOfInstances": len(frame),
        "NumberOfFeatures": frame.shape[1],
        "NumberOfClasses": 0 if regression else y.nunique(),
        "PercentageOfNumericFeatures": frame.select_dtypes(include=np.number).shape[1] / frame.shape[1],
    }


def quartiles(name, values):
    values = np.array([v for v in values if np.isfinite(v)])
    if not len(values):
        return {}
    ranked = np.percentile(values, [25, 50, 75], method="weibull")
    return {
        "Mean" + name: values.mean(),
        "Min" + name: values.min(),
        "Max" + name: values.max(),
        "Quartile1" + name: ranked[0],
        "Quartile2" + name: ranked[1],
        "Quartile3" + name: ranked[2],
    }


def entropy(column):
    return st.entropy(column.value_counts(), base=2)


def openml(frame, y, regression):
    n, p = frame.shape[0], frame.shape[1] + 1
    missing = frame.isna().to_numpy()
    nominal = [frame[c] for c in frame if is_category(frame[c])] + ([] if regression else [y])
    numeric = [frame[c].dropna() for c in frame if not is_category(frame[c])] + ([y] if regression else [])
    distinct = pd.Series([c.nunique() for c in nominal], dtype=float)
    binary = (distinct == 2).sum()
    out = {
        "NumberOfInstances": n,
        "NumberOfFeatures": p,
        "Dimensionality": p / n,
        "NumberOfClasses": 0 if regression else y.nunique(),
        "NumberOfInstancesWithMissingValues": missing.any(axis=1).sum(),
        "PercentageOfInstancesWithMissingValues": 100 * missing.any(axis=1).mean(),
        "NumberOfMissingValues": missing.sum(),
        "PercentageOfMissingValues": 100 * missing.sum() / (n * p),
        "NumberOfNumericFeatures": len(numeric),
        "PercentageOfNumericFeatures": 100 * len(numeric) / p,
        "NumberOfSymbolicFeatures": len(nominal),
        "PercentageOfSymbolicFeatures": 100 * len(nominal) / p,
        "NumberOfBinaryFeatures": binary,
        "PercentageOfBinaryFeatures": 100 * binary / p,
        "MinNominalAttDistinctValues": distinct.min(),
        "MaxNominalAttDistinctValues": distinct.max(),
        "MeanNominalAttDistinctValues": distinct.mean(),
        "StdvNominalAttDistinctValues": 0.0 if len(distinct) == 1 else distinct.std(),
        **quartiles("MeansOfNumericAtts", [c.mean() for c in numeric]),
        **quartiles("StdDevOfNumericAtts", [c.std() for c in numeric]),
        **quartiles("SkewnessOfNumericAtts", [c.skew() for c in numeric]),
        **quartiles("KurtosisOfNumericAtts", [c.kurt() for c in numeric]),
    }
    if regression:
        return out | {"AutoCorrelation": 1 - (y.shift(1) - y).mean()}
    sizes = y.value_counts()
    out |= {
        "AutoCorrelation": 1 - (y.iloc[1:].to_numpy() != y.iloc[:-1].to_numpy()).mean(),
        "MajorityClassSize": sizes.max(),
        "MinorityClassSize": sizes.min(),
        "MajorityClassPercentage": 100 * sizes.max() / n,
        "MinorityClassPercentage": 100 * sizes.min() / n,
        "ClassEntropy": entropy(y),
    }
    filled = [c.fillna(c.dropna().iloc[0]) for c in nominal[:-1]]
    if not filled:
        return out
    entropies = [entropy(c) for c in filled]
    shared = [entropy(c) + entropy(y) - entropy(c + "|" + y) for c in filled]
    mean = np.mean(shared)
    return out | {
        **quartiles("AttributeEntropy", entropies),
        **quartiles("MutualInformation", shared),
        "EquivalentNumberOfAtts": entropy(y) / mean,
        "MeanNoiseToSignalRatio": (np.mean(entropies) - mean) / mean,
    }


def plain(values):
    return {k: float(v) for k, v in values.items() if math.isfinite(v)}


datasets = []
for file in ("reference.json", "missing.json"):
    with open(file) as f:
        for record in json.load(f)["datasets"]:
            frame, y, regression = load(record)
            datasets.append(
                {
                    "file": file,
                    "name": record["name"],
                    "auto-sklearn": plain(autosklearn(frame, y, regression)),
                    "landmarkers": {} if regression else landmarkers(frame, y),
                    "flaml": plain(flaml(frame, y, regression)),
                    "openml": plain(openml(frame, y, regression)),
                }
            )
print(json.dumps({"datasets": datasets}))
