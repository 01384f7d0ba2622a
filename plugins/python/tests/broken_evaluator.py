"""Serves a worker module that cannot be imported."""

from metaml.sdk import Description, serve

if __name__ == "__main__":
    serve(Description(name="broken", version="1", worker="tests.no_such_module"))
