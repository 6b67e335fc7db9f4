"""How many steps of a part its owner lets others ask for: counted at the host, across its restarts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import final

from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.words import text

__all__ = ["Budget"]

BLOCK = 1000
"""Steps that are written down before they are answered: a host that is killed forgets none, and counts few too many."""


@final
class Budget:
    """Steps that are left. A row of a window, and a start, count as one step each."""

    def __init__(self, file: Path, allowed: int | None) -> None:
        self._file, self._allowed = file, allowed
        self._written = self._answered = self._read()

    def _read(self) -> int:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))["answered"]
            if isinstance(found, int) and found >= 0:
                return found
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, TypeError, KeyError):
            pass
        hint = text("set it right, or take it away where it may begin anew")
        raise InputError(Problem(text("this file does not say how many steps were answered"), str(self._file), hint))

    @property
    def answered(self) -> int:
        """Steps answered so far, of all runs."""
        return self._answered

    def left(self) -> int | None:
        """Steps that are left; None where the owner sets no bound."""
        return None if self._allowed is None else max(0, self._allowed - self._answered)

    def take(self, rows: int) -> bool:
        """Take steps, all or none."""
        if self._allowed is not None and self._answered + rows > self._allowed:
            return False
        self._answered += rows
        if self._answered > self._written:
            self._written = self._answered + (
                0 if self._allowed is None else min(BLOCK, self._allowed - self._answered)
            )
            if self._allowed is None:
                self._written += BLOCK
            self._put(self._written)
        return True

    def close(self) -> None:
        """Write down what was answered, exactly."""
        if self._written != self._answered:
            self._written = self._answered
            self._put(self._answered)

    def _put(self, answered: int) -> None:
        write_whole(self._file, json.dumps({"answered": answered}) + "\n", mode=0o600, forced=False)
