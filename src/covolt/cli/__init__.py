"""The command line: the same use cases from a terminal."""

from covolt.cli.application import main

__all__ = ["main"]
