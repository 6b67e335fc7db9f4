"""Doors to conflicts: what is broken, told at once, and jobs that look for every conflict, settle, or study."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from covolt.workspace.asking import Workspace
from covolt.workspace.conflicting import DESIGNS, MOST_DESIGNS
from covolt.workspace.conflicts_shown import ConflictsShown
from covolt.workspace.doors.asked import API, Made, Wait, Who
from covolt.workspace.doors.wanted import WantedNumber

__all__ = ["routes"]


class Tried(BaseModel):
    """A vehicle to look for conflicts in."""

    changes: list[WantedNumber] = Field(max_length=200)


class NewJob(BaseModel):
    """A job about a vehicle, as it is locked or with changes, over so many designs; with `runner` the party's own does it."""

    kind: Literal["conflicts", "settlement", "study"]
    changes: list[WantedNumber] = Field(default_factory=list[WantedNumber], max_length=200)
    designs: int = Field(default=DESIGNS, ge=1, le=MOST_DESIGNS)
    runner: bool = False


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/conflicts")
    def conflicts(name: str, who: Who, wait_s: Wait = 0.0) -> ConflictsShown:
        return workspace.conflicts.shown(name, who, wait_s=wait_s)

    @doors.post("/programmes/{name}/conflicts")
    def tried(name: str, wanted: Tried, who: Who, wait_s: Wait = 0.0) -> ConflictsShown:
        return workspace.conflicts.shown(name, who, [one.plain for one in wanted.changes], wait_s=wait_s)

    @doors.post("/programmes/{name}/jobs", status_code=201)
    def ask(name: str, wanted: NewJob, who: Who) -> Made:
        changes = [one.plain for one in wanted.changes]
        number = workspace.conflicts.ask(name, who, changes, wanted.designs, wanted.kind, runner=wanted.runner)
        return Made(number=number)

    return doors
