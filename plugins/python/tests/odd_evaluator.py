"""Serves :mod:`tests.odd_worker`, an evaluator that does what it is told, mostly something bad."""

from metaml.sdk import Description, serve

if __name__ == "__main__":
    serve(Description(name="odd", version="1", worker="tests.odd_worker"))
