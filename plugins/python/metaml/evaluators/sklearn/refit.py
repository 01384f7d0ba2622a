"""Fits a configuration's whole pipeline on all rows of a staged table, and saves it for use without metaml.

Run as ``python -m metaml.evaluators.sklearn.refit --table DIR --protocol FILE --config FILE --seed N --out DIR``; it
prints what it did as one line of JSON. A learner that learns in iterations learns for as many as --iterations says,
else as cross-validation by the protocol finds best.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

from metaml.evaluators.sklearn.description import METRICS
from metaml.evaluators.sklearn.fitting import fit
from metaml.evaluators.sklearn.saving import save
from metaml.evaluators.sklearn.table import read
from metaml.sdk.lifeline import die_with
from metaml.sdk.study import Config, parse_object


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m metaml.evaluators.sklearn.refit", description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="folder of the staged table")
    parser.add_argument("--protocol", type=Path, required=True, help="JSON file: resampling and metrics")
    parser.add_argument("--config", type=Path, required=True, help="JSON file: the configuration")
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    parser.add_argument("--iterations", type=int, default=0, help="of a learner that grows (default: by the protocol)")
    parser.add_argument("--missing", action="append", default=[], help="further mark of missing values in raw files")
    parser.add_argument("--out", type=Path, required=True, help="folder to save the model in")
    parser.add_argument("--parent", type=int, default=0, help="process to end with")
    options = parser.parse_args(arguments)
    if options.parent:
        die_with(options.parent)
    warnings.simplefilter("ignore")  # as in evaluation: a model that has not converged is a result like any other
    try:
        config: Config = parse_object(options.config.read_text(encoding="utf-8"))
        table = read(options.table, parse_object(options.protocol.read_text(encoding="utf-8")), METRICS)
        fitted = fit(table, config, options.seed, options.iterations)
        save(options.out, options.table, fitted, options.missing)
    except KeyError as error:
        print(f"refit: the configuration lacks {error}", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(f"refit: {error}", file=sys.stderr)
        return 1
    done = {"learner": config["learner"], "rows": len(table.target), "iterations": fitted.iterations}
    print(json.dumps(done))
    return 0


if __name__ == "__main__":
    sys.exit(main())
