"""Writes tree.json: scikit-learn's single trees on fixed data, for forest_test.go.

Run with scikit-learn 1.x:  python testdata/reference.py > testdata/tree.json
"""

import json

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.default_rng(7)
x = np.round(rng.normal(size=(120, 5)), 6)
y = np.round(np.c_[x[:, 0] * x[:, 1] + 0.3 * rng.normal(size=120), np.sin(2 * x[:, 2]) + x[:, 3]], 6)
classes = (x[:, 0] + x[:, 1] ** 2 > 0.7).astype(int) + (x[:, 2] > 0.9)
query = np.round(rng.normal(size=(40, 5)), 6)

cases = []
for depth, leaf in [(1, 1), (4, 1), (4, 7), (None, 5)]:
    # Where few rows are left several features can cut them alike, and the choice shows on new rows only.
    rows = query if leaf == 7 or depth == 1 else x
    both = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=0).fit(x, y)
    one = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=0).fit(x, y[:, 0])
    gini = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=0).fit(x, classes)
    cases.append(
        {
            "depth": depth or 0,
            "leaf": leaf,
            "rows": rows.tolist(),
            "both": both.predict(rows).tolist(),
            "one": one.predict(rows).tolist(),
            "probability": gini.predict_proba(rows).tolist(),
        }
    )
print(json.dumps({"x": x.tolist(), "y": y.tolist(), "classes": classes.tolist(), "cases": cases}))
