"""Files are written whole or not at all, whatever interrupts the writing."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from covolt.errors import InputError, Problem

__all__ = ["whole", "write_whole"]


@contextmanager
def whole(path: str | Path) -> Generator[Path]:
    """A hidden neighbour to write to, which takes the place of `path` at the end; it goes where the writing fails.

    Its name is this writer's own, since two processes may write one file at the same time.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        hint = "name a file in a folder in which you may write"
        raise InputError(Problem(f"cannot be written: {error.strerror or error}", str(path), hint)) from error
    finally:
        if partial.is_file():
            partial.unlink()


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a text in UTF-8, or bytes."""
    with whole(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
