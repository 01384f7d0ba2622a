"""Print what `metaml bench recommend --json` found on several tables, one table of all.

Usage: report.py DRAW.json…

First the mean normalised regret of each strategy over the draws and in each, then the regret of posterior less that of
greedy and of forest, below 0 where posterior is better. Draws have the same data sets, so a mean over them has no
interval: beside it stands in how many draws all of the interval is below 0 (better) and above it (worse).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

STRATEGIES = ("posterior", "posterior-seq", "greedy", "forest")
BASE, OTHERS = "posterior", ("greedy", "forest")
K = ("1", "3", "5", "10", "25")
WEIGHTINGS = (("by tasks", ""), ("with groups weighted equally", "_groups"))  # and the ending of their keys


class ReportError(Exception):
    """A file is no report of the strategies that are to be compared."""


@dataclass(frozen=True)
class Draw:
    """One table's cross-validation."""

    name: str
    report: dict[str, Any]

    def regret(self, strategy: str, k: str, ending: str) -> float:
        """Mean normalised regret of the best of the first k."""
        return float(self.report["strategies"][strategy][k]["nr" + ending])

    def difference(self, other: str, k: str, ending: str) -> tuple[float, float, float]:
        """Return the regret of posterior less that of the other, with its 95 % interval."""
        pair = self.report["paired"][f"{BASE}-{other}"][k]
        return float(pair["diff" + ending]), float(pair["lo" + ending]), float(pair["hi" + ending])


def read(path: Path) -> Draw:
    """Read a report; the draw is called as the file is."""
    try:
        draw = Draw(path.stem, json.loads(path.read_text(encoding="utf-8")))
        for _, ending in WEIGHTINGS:
            for k in K:
                for strategy in STRATEGIES:
                    draw.regret(strategy, k, ending)
                for other in OTHERS:
                    draw.difference(other, k, ending)
        _sizes(draw)
    except (ValueError, KeyError, TypeError) as error:
        raise ReportError(f"{path}: no report of {', '.join(STRATEGIES)} at k = {', '.join(K)}: {error!r}") from error
    return draw


def _sizes(draw: Draw) -> str:
    tasks, groups, configs = (draw.report[key] for key in ("tasks", "groups", "configs"))
    return f"{draw.name}: {tasks} tasks in {groups} groups, {configs} configurations; {draw.report['split']}"


def table(draws: list[Draw]) -> str:
    """Return the whole of it as text."""
    sections = [[[_sizes(draw)] for draw in draws]]
    for title, ending in WEIGHTINGS:
        sections.append(_regrets(draws, f"normalised regret {title}", ending))
    for title, ending in WEIGHTINGS:
        for other in OTHERS:
            sections.append(_differences(draws, f"{BASE} less {other} {title}, 95 %", ending, other))
    return "\n\n".join(_aligned(section) for section in sections)


def _regrets(draws: list[Draw], title: str, ending: str) -> list[list[str]]:
    rows = [[title, *(f"k = {k}" for k in K)]]
    for name, some in [(f"mean of {len(draws)}", draws), *((draw.name, [draw]) for draw in draws)]:
        for strategy in STRATEGIES:
            means = [fmean(draw.regret(strategy, k, ending) for draw in some) for k in K]
            rows.append([f"{name}  {strategy}", *(f"{mean:.3f}" for mean in means)])
    return rows


def _differences(draws: list[Draw], title: str, ending: str, other: str) -> list[list[str]]:
    columns = [[draw.difference(other, k, ending) for draw in draws] for k in K]
    rows = [[title, *(f"k = {k}" for k in K)], [f"mean of {len(draws)}", *map(_mean, columns)]]
    for i, draw in enumerate(draws):
        rows.append([draw.name, *(_interval(*column[i]) for column in columns)])
    return rows


def _mean(differences: list[tuple[float, float, float]]) -> str:
    better, worse = sum(hi < 0 for _, _, hi in differences), sum(lo > 0 for _, lo, _ in differences)
    return f"{fmean(d for d, _, _ in differences):+.3f} ({better} better, {worse} worse)"


def _interval(diff: float, low: float, high: float) -> str:
    return f"{diff:+.3f} [{low:+.3f}, {high:+.3f}]"


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def main(arguments: list[str]) -> None:
    """Print the table of the files."""
    if not arguments:
        raise SystemExit("usage: report.py DRAW.json…")
    try:
        print(table([read(Path(argument)) for argument in arguments]))
    except (ReportError, OSError) as error:
        raise SystemExit(f"report.py: {error}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
