"""Tests of the table of all draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import report

PUBLISHED = Path(__file__).parent / "../../.results/recommend-oboe.json"


def write(path: Path, posterior: float, half_width: float) -> str:
    """Write a report in which the strategies after posterior are each 0.1 worse than the one before."""
    levels = {s: posterior + 0.1 * i for i, s in enumerate(report.STRATEGIES)}
    difference = {o: posterior - levels[o] for o in report.OTHERS}
    content: dict[str, Any] = {
        "tasks": 20,
        "groups": 10,
        "configs": 30,
        "split": "folds",
        "strategies": {s: {k: {"nr": v, "nr_groups": v + 1} for k in report.K} for s, v in levels.items()},
        "paired": {
            f"posterior-{other}": {
                k: {
                    "diff": d,
                    "lo": d - half_width,
                    "hi": d + half_width,
                    "diff_groups": d + 1,
                    "lo_groups": d + 1 - half_width,
                    "hi_groups": d + 1 + half_width,
                }
                for k in report.K
            }
            for other, d in difference.items()
        },
    }
    path.write_text(json.dumps(content))
    return str(path)


def test_means_draws_and_intervals_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.main([write(tmp_path / "draw 0.json", 0.1, 0.05), write(tmp_path / "draw 7.json", 0.3, 0.25)])
    head, regrets, weighted, greedy, forest, greedy_weighted, _ = capsys.readouterr().out.split("\n\n")
    assert head.splitlines() == [f"draw {n}: 20 tasks in 10 groups, 30 configurations; folds" for n in (0, 7)]
    lines = [line.split() for line in regrets.splitlines()]
    assert " ".join(lines[0]) == "normalised regret by tasks k = 1 k = 3 k = 5 k = 10 k = 25"
    wanted = {"mean of 2": 0.2, "draw 0": 0.1, "draw 7": 0.3}
    assert lines[1:] == [
        [*name.split(), strategy, *[f"{least + 0.1 * i:.3f}"] * len(report.K)]
        for name, least in wanted.items()
        for i, strategy in enumerate(report.STRATEGIES)
    ]
    assert "1.200" in weighted.splitlines()[1]
    title, mean, one, seven = greedy.splitlines()
    assert title.startswith("posterior less greedy by tasks, 95 %")
    assert mean.count("-0.200 (1 better, 0 worse)") == 5
    assert one.count("-0.200 [-0.250, -0.150]") == 5
    assert seven.count("-0.200 [-0.450, +0.050]") == 5
    assert forest.splitlines()[1].count("-0.300 (2 better, 0 worse)") == 5
    assert greedy_weighted.splitlines()[1].count("+0.800 (0 better, 2 worse)") == 5


def test_reports_are_read_as_the_program_writes_them() -> None:
    draw = report.read(PUBLISHED)
    for _, ending in report.WEIGHTINGS:
        for other in report.OTHERS:
            difference, low, high = draw.difference(other, "5", ending)
            gap = draw.regret("posterior", "5", ending) - draw.regret(other, "5", ending)
            assert difference == pytest.approx(gap, abs=1e-9)
            assert low <= difference <= high


def test_what_is_no_report_is_said(tmp_path: Path) -> None:
    path = tmp_path / "draw 0.json"
    write(path, 0.1, 0.05)
    content = json.loads(path.read_text())
    del content["strategies"]["forest"]
    path.write_text(json.dumps(content))
    with pytest.raises(SystemExit, match=r"draw 0.json: no report of .*: KeyError\('forest'\)"):
        report.main([str(path)])
    path.write_text("")
    with pytest.raises(SystemExit, match=r"draw 0.json: no report of"):
        report.main([str(path)])
    with pytest.raises(SystemExit, match="usage"):
        report.main([])
