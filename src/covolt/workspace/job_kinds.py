"""What jobs compute, by their kind: each from a programme, in a folder where it finds what was whole when it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from covolt.programme.documents import Programme
from covolt.study.cases.conflicts import conflicts
from covolt.study.cases.options import Progress
from covolt.study.cases.study import resume, run
from covolt.study.designs.plan import PLAN
from covolt.study.result import plain
from covolt.workspace.changes import NumberChange
from covolt.workspace.changing import changed
from covolt.workspace.job_files import Question
from covolt.workspace.settling import around, settlements
from covolt.workspace.studying import study_shown

__all__ = ["KINDS"]

Kind = Callable[[Programme, Question, Path, Progress], Mapping[str, Any]]
STUDY = "study"


def tried(programme: Programme, asked: Mapping[str, Any]) -> Programme:
    """The programme with the vehicle that a job asks about."""
    changes = [NumberChange.of(one) for one in asked["changes"]]
    return changed(programme, changes) if changes else programme


def studied(programme: Programme, asked: Mapping[str, Any], folder: Path, party: str, progress: Progress) -> Path:
    """A study of the programme's space as a party sees it, begun or gone on with."""
    place = folder / STUDY
    if (place / PLAN).is_file():
        resume(place, programme=programme, progress=progress)
    else:
        run(programme, place, designs=asked["designs"], party=party, progress=progress)
    return place


def _conflicts(programme: Programme, question: Question, folder: Path, progress: Progress) -> Mapping[str, Any]:
    """Conflicts over the designs of a study, as the party that asks may see them."""
    whole = tried(programme, question.asked)
    place = studied(whole, question.asked, folder, question.party, progress) if whole.designs else None
    found = conflicts(whole, study=place, party=question.party)
    if found.designs is not None:  # where the study lay on its machine is no other's to know
        found = replace(found, designs=replace(found.designs, study=STUDY))
    return {"documents": {question.party: plain(found)}}


def _settlement(programme: Programme, question: Question, folder: Path, progress: Progress) -> Mapping[str, Any]:
    """Settlements around the conflicts of a vehicle, for every party as it may see them."""
    changes = [NumberChange.of(one) for one in question.asked["changes"]]
    posed = around(programme, tried(programme, question.asked), changes)
    place = studied(posed, question.asked, folder, "", progress)
    return settlements(programme, posed, question.asked, place, progress)


def _study(programme: Programme, question: Question, folder: Path, progress: Progress) -> Mapping[str, Any]:
    """The designs of a study, as the party that asks may see them."""
    whole = tried(programme, question.asked)
    place = studied(whole, question.asked, folder, question.party, progress)
    return {"documents": {question.party: plain(study_shown(whole.seen_by(question.party), place))}}


KINDS: Mapping[str, Kind] = {"conflicts": _conflicts, "settlement": _settlement, "study": _study}
"""A new kind is a function, and a line here."""
