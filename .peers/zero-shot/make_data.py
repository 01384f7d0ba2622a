"""Write a seeded mixed classification table: rows x columns, a third of the columns categorical, 3 % missing.

Usage: make_data.py ROWS COLUMNS FILE
"""

import csv
import random
import sys


def main() -> None:
    rows, columns, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rng = random.Random(7)
    categorical = [column % 3 == 2 for column in range(columns)]
    weights = [rng.gauss(0, 1) / (1 + column) for column in range(columns)]
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow([f"x{column}" for column in range(columns)] + ["target"])
        for _ in range(rows):
            values = [rng.gauss(0, 1) for _ in range(columns)]
            score = sum(w * v for w, v in zip(weights, values, strict=True)) + rng.gauss(0, 0.5)
            row = [
                "" if rng.random() < 0.03 else "abcdefgh"[min(7, max(0, int(v * 2 + 4)))] if c else f"{v:.5g}"
                for v, c in zip(values, categorical, strict=True)
            ]
            out.writerow([*row, "high" if score > 0.4 else "middle" if score > -0.4 else "low"])


if __name__ == "__main__":
    main()
