"""Play a method of another library. Usage: play.py METHOD."""

from __future__ import annotations

import sys

from protocol import Minimize, serve


def method(name: str) -> tuple[list[str], Minimize]:
    """Return the packages and the method of that name. Only the method's own library is imported."""
    if name.startswith("optuna-"):
        import optuna_peer  # noqa: PLC0415

        return ["optuna"], optuna_peer.METHODS[name]
    if name in {"pycma", "cmaes-cma"}:
        import evolution_peer  # noqa: PLC0415

        return ["cma" if name == "pycma" else "cmaes"], evolution_peer.METHODS[name]
    if name.startswith("smac-"):
        import smac_peer  # noqa: PLC0415

        return ["smac", "ConfigSpace"], smac_peer.METHODS[name]
    if name == "hpbandster-bohb":
        import hpbandster_peer  # noqa: PLC0415

        return ["hpbandster", "ConfigSpace"], hpbandster_peer.bohb
    if name == "dehb":
        import dehb_peer  # noqa: PLC0415

        return ["dehb", "ConfigSpace"], dehb_peer.dehb
    raise SystemExit(f"there is no method {name}")


if __name__ == "__main__":
    serve(*method(sys.argv[1]))
