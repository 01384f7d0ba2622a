"""Tests of what the command says before it downloads or builds anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [str(RUN), *arguments], env=os.environ | environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "no folder META"),
        (["none"], "none: no such folder"),
        (["empty"], "empty: has no tasks.csv and no tasks.csv.gz"),
        (["meta"], "meta/folds.csv: no such file"),
        (["meta", "other.csv"], "other.csv: no such file"),
        (["meta", "grouped", "0", "one"], '"one" is no whole number'),
    ],
)
def test_wrong_arguments_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "tasks.csv").write_text("task,name\n")
    done = run(*arguments, WORK=str(tmp_path / "work"))
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == reason
    assert done.stderr.splitlines()[1].startswith("Usage: .peers/recommend/run META [FOLDS] [SEEDS…]")
    assert not (tmp_path / "work").exists()


def test_a_package_of_another_checksum_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tasks.csv").write_text("task,name\n")
    (tmp_path / "oboe-0.2.0.tar.gz").write_bytes(b"another")
    done = run(str(tmp_path), "grouped", WORK=str(tmp_path))
    assert done.returncode == 1
    assert "oboe-0.2.0.tar.gz: its SHA-256 is not 64f72cc2" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["oboe-0.2.0.tar.gz", "tasks.csv"]
