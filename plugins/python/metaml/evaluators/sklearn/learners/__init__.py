"""The learners of the search space, one family per file, each made from its part of a configuration."""
