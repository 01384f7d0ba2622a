"""Serves :mod:`tests.odd_worker` with a bounded address space."""

from metaml.sdk import Description, serve

if __name__ == "__main__":
    serve(Description(name="odd", version="1", worker="tests.odd_worker", bounded_address_space=True))
