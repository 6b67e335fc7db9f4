"""The command line: the same use cases from a terminal."""

import sys
from types import TracebackType


def _quiet_interrupt(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Who interrupts while the libraries are still loading sees no traceback; a bug flies as it is."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quiet_interrupt

from covolt.cli.application import main  # noqa: E402

__all__ = ["main"]
