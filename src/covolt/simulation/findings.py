"""Findings: what is wrong with a recording, by kind, each with its line; of each kind the first few, the rest counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from covolt.errors import CycleError, Problem
from covolt.words import Phrase, text

__all__ = ["LISTED_PER_KIND", "Findings"]

LISTED_PER_KIND = 20


@dataclass
class Findings:
    """Problems by kind; of each kind the first few are kept and the rest counted."""

    path: str
    kept: dict[str | Phrase, list[Problem]] = field(default_factory=lambda: {})
    counted: dict[str | Phrase, int] = field(default_factory=lambda: {})

    def add(self, kind: str | Phrase, what: str | Phrase, hint: str | Phrase, line: int | None = None) -> None:
        self.counted[kind] = self.counted.get(kind, 0) + 1
        listed = self.kept.setdefault(kind, [])
        if len(listed) < LISTED_PER_KIND:
            listed.append(Problem(what, self.path if line is None else f"{self.path}:{line}", hint))

    def refuse(self, kind: str | Phrase, what: str | Phrase, hint: str | Phrase, line: int | None = None) -> NoReturn:
        """Notes what makes looking further pointless, and raises all that was found."""
        self.add(kind, what, hint, line)
        raise CycleError(self.problems())

    def problems(self) -> Iterator[Problem]:
        for kind, listed in self.kept.items():
            yield from listed
            if (more := self.counted[kind] - len(listed)) > 0:
                yield Problem(
                    text("{more} more of this kind: {kind}", more=more, kind=kind), self.path, listed[-1].hint
                )

    def raise_if_any(self) -> None:
        if self.kept:
            raise CycleError(self.problems())
