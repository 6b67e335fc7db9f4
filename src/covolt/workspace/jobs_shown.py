"""What the workspace answers of jobs: how far each is, and the document that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypedDict

from pydantic.dataclasses import dataclass

from covolt.study.cases.conflicts import ConflictsDocument
from covolt.study.result import RESULT, Said, adapter
from covolt.words import Phrase
from covolt.workspace.settlements_shown import SettlementsShown
from covolt.workspace.shown import ChangeRow
from covolt.workspace.studies_shown import StudyShown
from covolt.workspace.words_in import words_in

__all__ = ["JobShown", "JobsShown", "answered"]


@dataclass(frozen=True, config=RESULT)
class JobShown:
    """A job: what is asked, on which state, how far it is, and what came of it; `failed` says why nothing did.

    `done` of `total` designs are judged; both are 0 where that is not known.
    `changes` is what was tried of the vehicle that stood then, where one job is asked for. `runner` is the party whose own runner
    computes it; empty where the workspace does.
    """

    number: int
    kind: str
    status: Literal["waiting", "running", "done", "failed", "cancelled"]
    state: str
    person: str
    made: str
    ended: str
    done: int
    total: int
    asked: Mapping[str, Any]
    failed: tuple[Said, ...] = ()
    runner: str = ""
    changes: tuple[ChangeRow, ...] = ()
    conflicts: ConflictsDocument | None = None
    settlements: SettlementsShown | None = None
    study: StudyShown | None = None
    words: Mapping[str, Said] = field(default_factory=dict[str, Said])
    """What people read for the units and verdicts of conflicts."""
    schema: Literal["workspace-job/1"] = "workspace-job/1"


@dataclass(frozen=True, config=RESULT)
class JobsShown:
    """Jobs of a party, newest first, without what came of them."""

    jobs: tuple[JobShown, ...]
    schema: Literal["workspace-jobs/1"] = "workspace-jobs/1"


class Answered(TypedDict, total=False):
    """What came of a job, by its kind."""

    conflicts: ConflictsDocument
    settlements: SettlementsShown
    study: StudyShown
    words: Mapping[str, Phrase]


def answered(kind: str, document: Any) -> Answered:
    """What came of a job as its document."""
    if document is None:
        return {}
    if kind == "settlement":
        return {"settlements": adapter(SettlementsShown).validate_python(document)}
    if kind == "study":
        return {"study": adapter(StudyShown).validate_python(document)}
    return {"conflicts": adapter(ConflictsDocument).validate_python(document), "words": words_in(document)}
