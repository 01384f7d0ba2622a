"""Compares metaml's set auto-sklearn with what auto-sklearn itself recorded of public tables.

Usage: recorded.py METAML FOLDER TASKS.csv

FOLDER holds the tables, TASKS.csv a row for each with the meta-features by auto-sklearn's names. All but landmarkers must
agree to the six digits that are recorded. The sign of PCASkewnessFirstPC is the solver's; PCAKurtosisFirstPC is
anything where several components explain as much as the first one. Landmarkers hang on the order of rows: they are
shown. Exits with 1 if anything differs, or if no table is found.
"""

import json
import pathlib
import subprocess
import sys

import pandas as pd

# Tables whose kinds of columns are to be seen from their values, and their names in the recording.
TABLES = {
    "wine": "openml-187",
    "breast_cancer": "openml-1510",
    "credit-g": "openml-31",
    "glass": "openml-41",
    "balance.scale": "openml-11",
    "ecoli": "openml-39",
    "heart.statlog": "openml-53",
    "kr.vs.kp": "openml-3",
    "sonar": "openml-40",
    "tic-tac-toe": "openml-50",
    "crabs": "openml-446",
}
EQUAL_COMPONENTS = {"balance.scale"}


def metaml(program, path):
    command = [program, "metafeatures", str(path), "--target", "target", "--task", "classification"]
    run = subprocess.run([*command, "--set", "auto-sklearn", "--json", "--quiet"], check=True, capture_output=True, text=True)
    return {name: f["value"] for name, f in json.loads(run.stdout)["features"].items()}


def differs(table, name, ours, theirs):
    if name == "PCASkewnessFirstPC":
        ours, theirs = abs(ours), abs(theirs)
    if name.endswith("FirstPC") and table in EQUAL_COMPONENTS:
        return False
    return abs(ours - theirs) > 1e-5 * max(abs(theirs), 1e-2)


def main():
    program, folder, tasks = sys.argv[1], pathlib.Path(sys.argv[2]), pd.read_csv(sys.argv[3]).set_index("name")
    found = wrong = 0
    print(f"{'auto-sklearn recorded':22} {'agree':>5}  landmarkers, metaml's/recorded")
    for table, name in TABLES.items():
        if name not in tasks.index:
            continue
        candidates = [metaml(program, path) for path in folder.glob(f"*__{table}.csv*")]
        rows = tasks.loc[name, "NumberOfInstances"]
        ours = next((c for c in candidates if c["NumberOfInstances"] == rows), None)  # of several tables of that name
        if ours is None:
            continue
        found += 1
        agree, landmarkers = 0, []
        for feature, theirs in tasks.loc[name].drop("task").items():
            if feature.startswith("Landmark"):
                landmarkers.append(f"{feature.removeprefix('Landmark')} {ours[feature]:.2f}/{theirs:.2f}")
            elif differs(table, feature, ours[feature], theirs):
                wrong += 1
                print(f"    {table}: {feature} {ours[feature]}, recorded {theirs}")
            else:
                agree += 1
        print(f"{table:22} {agree:5}  {'  '.join(landmarkers)}")
    sys.exit(wrong > 0 or found == 0)


if __name__ == "__main__":
    main()
