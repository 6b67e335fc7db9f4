"""How many steps of a part its owner lets others ask for: counted at the host, across its restarts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import final

from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.words import Phrase, text

__all__ = ["Budget"]

BLOCK = 1000
"""Steps that are written down before they are answered: a host that is killed forgets none, and counts few too many."""


@final
class Budget:
    """Steps that are left. A row of a window, and a start, count as one step each; they count since a `day`."""

    def __init__(self, file: Path, allowed: int | None, day: str = "") -> None:
        self.file, self.allowed = file, allowed
        self._answered, self.since = self._read(day)
        self._written = self._answered

    def _read(self, day: str) -> tuple[int, str]:
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
            found, since = content["answered"], content.get("since", day)
            if isinstance(found, int) and found >= 0 and isinstance(since, str):
                return found, since
        except FileNotFoundError:
            return 0, day
        except (OSError, ValueError, TypeError, KeyError):
            pass
        hint = text("set it right, or take it away where it may begin anew")
        raise InputError(Problem(text("this file does not say how many steps were answered"), str(self.file), hint))

    @property
    def answered(self) -> int:
        """Steps answered so far, of all runs."""
        return self._answered

    def left(self) -> int | None:
        """Steps that are left; None where the owner sets no bound."""
        return None if self.allowed is None else max(0, self.allowed - self._answered)

    def spent(self, part: str, asked: int = 1) -> Problem | None:
        """That so many steps more are not allowed; None where they are."""
        if self.allowed is None or self._answered + asked <= self.allowed:
            return None
        what = text(
            "the budget of {part} is spent: {answered} of {allowed} steps since {since}, and {asked} more are asked",
            part=part,
            answered=self._answered,
            allowed=self.allowed,
            since=self.since,
            asked=asked,
        )
        hint = text("allow more by --budget, or take this file away to begin anew")
        return Problem(what, str(self.file), hint)

    def said(self, part: str) -> Phrase:
        """How much of it is spent, of which part, since when."""
        if self.allowed is None:
            return text(
                "{answered} steps of {part} were answered since {since}; no budget bounds them",
                answered=self._answered,
                part=part,
                since=self.since,
            )
        return text(
            "{answered} of {allowed} steps of {part} are spent, since {since}; they are counted in {file}",
            answered=self._answered,
            allowed=self.allowed,
            part=part,
            since=self.since,
            file=str(self.file),
        )

    def take(self, rows: int) -> bool:
        """Take steps, all or none."""
        if self.allowed is not None and self._answered + rows > self.allowed:
            return False
        self._answered += rows
        if self._answered > self._written:
            self._written = self._answered + (0 if self.allowed is None else min(BLOCK, self.allowed - self._answered))
            if self.allowed is None:
                self._written += BLOCK
            self._put(self._written)
        return True

    def close(self) -> None:
        """Write down what was answered, exactly."""
        if self._written != self._answered:
            self._written = self._answered
            self._put(self._answered)

    def _put(self, answered: int) -> None:
        content = json.dumps({"answered": answered, "since": self.since})
        write_whole(self.file, content + "\n", mode=0o600, forced=False)
