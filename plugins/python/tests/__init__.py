"""Tests of the package metaml; the Go test of this folder runs them through an environment of pyenv."""
