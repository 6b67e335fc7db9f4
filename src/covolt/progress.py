"""How far something long has come: a line at a terminal, a bar in a notebook, nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, TextIO, final

__all__ = ["Progress", "showing"]

Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""
EVERY_s = 0.1
"""Between two signs of life; faster ones nobody reads, and a notebook keeps them all."""


@contextmanager
def showing(title: str, given: Progress | None = None) -> Generator[Progress]:
    """What to call with how far it has come: what is given, else what suits where it runs."""
    display = _notebook_display()
    if given is not None:
        yield given
    elif display is not None:
        handle = display(_Bar(title, 0, 0), display_id=True)
        yield _seldom(lambda done, total: handle.update(_Bar(title, done, total)))
    elif sys.stderr is not None and sys.stderr.isatty():
        try:
            yield _seldom(lambda done, total: _write(sys.stderr, f"{title}: {done} of {total}"))
        finally:
            _write(sys.stderr, "")
    else:
        yield lambda done, total: None


def _notebook_display() -> Callable[..., Any] | None:
    """IPython's way to show something, where code runs in a notebook's kernel; IPython is never loaded for it."""
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from importlib import import_module

    return import_module("IPython.display").display


def _seldom(show: Progress) -> Progress:
    shown_s = -EVERY_s

    def shown(done: int, total: int) -> None:
        nonlocal shown_s
        now_s = time.monotonic()
        if done >= total or now_s - shown_s >= EVERY_s:
            shown_s = now_s
            show(done, total)

    return shown


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"\r\x1b[K{line}")
    stream.flush()


@final
@dataclass(frozen=True)
class _Bar:
    title: str
    done: int
    total: int

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self.done}" max="{max(self.total, 1)}"></progress>'
        return f"<div>{escape(self.title)} {bar} {self.done} of {self.total}</div>"

    def __repr__(self) -> str:
        return f"{self.title}: {self.done} of {self.total}"
