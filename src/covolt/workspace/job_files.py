"""The files between a worker and the process of a job: what is asked, how far it is, what came of it, and why nothing did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any, final

from covolt.errors import Problem
from covolt.files import write_whole
from covolt.words import Spoken, Words

__all__ = ["PROGRAMME", "Answers", "Question", "answer_of", "problems_of", "progress_of", "stored_problem"]

QUESTION, PROGRESS, ANSWER, PROBLEMS = "question.json", "progress.json", "answer.json", "problems.json"
PROGRAMME = "programme"
"""Folder with the state on which a job was asked for, beside its question."""
TELLS_s = 0.5


@final
@dataclass(frozen=True)
class Question:
    """What is asked of the process of a job, on the programme in its folder, for a party."""

    kind: str
    party: str
    day: str
    asked: Mapping[str, Any]

    def write(self, folder: Path) -> None:
        """Write it for the process; what an earlier one left beside it goes."""
        for name in (PROGRESS, ANSWER, PROBLEMS):
            (folder / name).unlink(missing_ok=True)
        write_whole(folder / QUESTION, json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> Question:
        """The question in a folder."""
        return cls(**json.loads((folder / QUESTION).read_text(encoding="utf-8")))


@final
class Answers:
    """What the process of a job writes into its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._told_s = 0.0

    def progress(self, done: int, total: int) -> None:
        """Tell how far it is, now and then."""
        now = monotonic()
        if now - self._told_s >= TELLS_s:
            self._told_s = now
            write_whole(self.folder / PROGRESS, json.dumps([done, total]), forced=False)

    def answer(self, found: Mapping[str, Any]) -> None:
        """What came of it."""
        write_whole(self.folder / ANSWER, json.dumps(found, ensure_ascii=False))

    def problems(self, problems: Iterable[Problem]) -> None:
        """Why nothing did."""
        write_whole(self.folder / PROBLEMS, json.dumps([stored_problem(one) for one in problems], ensure_ascii=False))


def progress_of(folder: Path) -> tuple[int, int]:
    """How far the process in a folder is, of how far."""
    try:
        done, total = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0, 0
    return int(done), int(total)


def answer_of(folder: Path) -> bytes | None:
    """What came of it; None where nothing did."""
    place = folder / ANSWER
    return place.read_bytes() if place.is_file() else None


def problems_of(folder: Path) -> list[dict[str, Any]] | None:
    """Why nothing came of it; None where it did not say."""
    place = folder / PROBLEMS
    return json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None


def stored_problem(one: Problem) -> dict[str, Any]:
    """A problem as data from which it is told again in every language."""
    return {"what": _stored(one.what), "where": str(one.where), "hint": _stored(one.hint)}


def _stored(written: str) -> dict[str, Any]:
    phrase = written.phrase if isinstance(written, Spoken) else Words(written, written)
    return phrase.stored()
