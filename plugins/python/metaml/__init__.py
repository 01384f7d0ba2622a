"""The Python side of metaml: an SDK for plugins and the evaluators that come with metaml."""

__version__ = "0.1.0"
