"""Generated messages of metaml's plugin protocol, version 1."""
