"""Serves the evaluator to metaml."""

from metaml.evaluators.sklearn.description import describe
from metaml.sdk import serve

if __name__ == "__main__":
    serve(describe())
