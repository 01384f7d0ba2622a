"""The lock files list all that their packages need, since nothing else is installed."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = Path(__file__).resolve().parents[1] / "locks"


def pins(name: str) -> dict[str, Requirement]:
    """Return the pinned packages of a lock file that apply to this platform."""
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, Requirement] = {}
    for line in text.splitlines():
        if "==" in line:
            pin = Requirement(line.rstrip(" \\"))
            if not pin.marker or pin.marker.evaluate():
                found[canonicalize_name(pin.name)] = pin
    return found


@pytest.mark.parametrize("names", [("sklearn",), ("sklearn", "development")])
def test_all_requirements_are_locked(names: tuple[str, ...]) -> None:
    locked = {name: pin for lock in names for name, pin in pins(lock).items()}
    seen = 0
    for name, pin in locked.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # not an environment of these locks
        if not pin.specifier.contains(installed):
            continue
        seen += 1
        for text in requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            needed = locked.get(canonicalize_name(requirement.name))
            assert needed, f"{name} needs {requirement}, which is not locked"
            exact = str(needed.specifier).removeprefix("==")
            assert requirement.specifier.contains(exact), f"{name} needs {requirement}, locked is {needed}"
    if not seen:
        pytest.skip("no package of the lock is installed")


@pytest.mark.parametrize("name", ["sklearn", "development"])
def test_every_pin_has_hashes(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n", "", text))
    for block in blocks:
        first, *rest = block.strip().splitlines()
        assert re.match(r"[A-Za-z0-9_.-]+==[0-9][^ ]*( ; [^\\]+)? \\$", first), first
        assert rest
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in rest), block


def test_what_the_package_needs_is_what_it_is_tested_with() -> None:
    """The versions that pip may choose for plugins of third parties include those of the lock."""
    root = LOCKS.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {each.name: each for each in map(Requirement, project["dependencies"])}
    locked = pins("sklearn")
    for name, requirement in needed.items():
        assert requirement.specifier.contains(str(locked[name].specifier).removeprefix("==")), name
    generated = (root / "metaml" / "v1" / "plugin_pb2.py").read_text(encoding="utf-8")
    made_by = re.search(r"Protobuf Python Version: (\S+)", generated)
    assert made_by
    assert f">={made_by[1]}" in str(needed["protobuf"]), "messages need a library at least as new as their generator"
