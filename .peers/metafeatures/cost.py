"""CPU seconds of metaml and pymfe for the same meta-features of generated tables, one thread each.

Usage: cost.py METAML

metaml's cost is that of the whole process, reading included; pymfe's that of fit and extract alone.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
GROUPS = ["general", "statistical", "info-theory", "landmarking"]  # metaml's default ones

# Run in a process of its own: pymfe's CPU seconds for one group.
PYMFE = """
import sys, time, warnings
import pandas as pd
from pymfe.mfe import MFE
warnings.filterwarnings("ignore")
frame = pd.read_csv(sys.argv[1])
y = frame.pop("y").to_numpy()
categorical = [i for i, c in enumerate(frame) if frame[c].dtype == object]
x = frame.to_numpy()
start = time.process_time()
mfe = MFE(groups=[sys.argv[2]], summary=["mean", "sd"], random_state=0)
mfe.fit(x, y, cat_cols=categorical, suppress_warnings=True)
mfe.extract(suppress_warnings=True)
print(time.process_time() - start)
"""


def write(path, rows, columns, categorical):
    """Writes a seeded table: every fifth column categorical if so wished, three classes."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({f"x{j}": np.round(rng.normal(size=rows), 5) for j in range(columns)})
    score = frame["x0"] + frame["x1"] + rng.normal(size=rows) / 2
    if categorical:
        for j in range(4, columns, 5):
            frame[f"x{j}"] = np.array(list("abcdef"))[np.minimum(rng.geometric(0.4, rows) - 1, 5)]
    frame["y"] = np.array(["low", "middle", "high"])[(score > 0.2).astype(int) + (score > 1.2)]
    frame.to_csv(path, index=False)


def metaml(program, path, *flags):
    """CPU seconds of the process, its peak memory in MB and its answer."""
    process = subprocess.Popen(
        [program, "metafeatures", str(path), "--target", "y", "--json", "--quiet", *flags], stdout=subprocess.PIPE, text=True
    )
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"metaml failed with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, json.loads(answer)["features"]


def least(runs):
    return min(runs, key=lambda r: r[0])


def peers(program, path, limit):
    """The default groups by both programs; pymfe is stopped after so many CPU seconds per group."""
    print("10,000 x 50, CPU s        metaml     pymfe")
    theirs = 0.0
    _, _, features = least([metaml(program, path) for _ in range(3)])
    for group in GROUPS:
        ours = sum(f["cpu_ms"] for f in features.values() if f["group"] == group) / 1000
        run = subprocess.run(
            [sys.executable, "-c", PYMFE, str(path), group],
            check=False,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
        )
        cpu = float(run.stdout) if run.returncode == 0 else float(limit)
        theirs += cpu
        print(f"{group:22} {ours:9.3f} {'over ' if run.returncode else '':>5}{cpu:8.2f}")
    whole = least([metaml(program, path) for _ in range(3)])[0]
    print(f"{'all, with reading':22} {whole:9.3f}      {theirs:8.2f}   1/{theirs / whole:.0f}\n")


def large(program, path):
    """Every group at 100,000 x 100."""
    cpu, memory, features = metaml(program, path, "--groups", "all")
    print("100,000 x 100, CPU s      metaml")
    for group in dict.fromkeys(f["group"] for f in features.values()):
        print(f"{group:22} {sum(f['cpu_ms'] for f in features.values() if f['group'] == group) / 1000:9.3f}")
    print(f"{'all, with reading':22} {cpu:9.3f}   {memory:.0f} MB\n")


def reading(program, path):
    """Reading a million rows of plain numbers, and the default set of them."""
    megabytes = path.stat().st_size / 1e6
    print(f"1,000,000 x 50, {megabytes:.0f} MB of numbers")
    for title, flags in (("general", ["--groups", "general"]), ("default set", [])):
        runs, clocks = [], []
        for _ in range(3):
            start = time.monotonic()
            runs.append(metaml(program, path, *flags))
            clocks.append(time.monotonic() - start)
        cpu, memory, _ = least(runs)
        print(
            f"{'reading and ' + title:24} {cpu:7.2f} CPU s   {megabytes / cpu:5.0f} MB per CPU s"
            f"   {megabytes / min(clocks):5.0f} MB/s   peak {memory:.0f} MB"
        )


def written(path, *shape):
    """Writes a table in a process of its own, whose memory is not counted as that of metaml's parent."""
    subprocess.run([sys.executable, __file__, "--write", str(path), *map(str, shape)], check=True)
    return path


def main():
    if sys.argv[1] == "--write":
        write(sys.argv[2], *map(int, sys.argv[3:]))
        return
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work) / "table.csv"
        peers(program, written(path, 10_000, 50, 1), 120)
        large(program, written(path, 100_000, 100, 1))
        reading(program, written(path, 1_000_000, 49, 0))


if __name__ == "__main__":
    main()
