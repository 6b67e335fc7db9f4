"""Doors to programmes: what fills each slot, verdicts, what-if and gates."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from covolt.programme.text import IDENTIFIER
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Asks, Made, Wait, Who
from covolt.workspace.doors.wanted import WantedNumber
from covolt.workspace.shown import GatesShown, ProgrammeShown, ProgrammesShown, VerdictsShown

__all__ = ["routes"]


class WhatIf(BaseModel):
    """A vehicle to try."""

    changes: list[WantedNumber] = Field(max_length=200)


class Begun(BaseModel):
    """A shipped programme to begin with, under an id of its own."""

    example: Literal["city-car", "city-bus"] = "city-car"
    id: str = Field(max_length=60, pattern=IDENTIFIER)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes")
    def programmes(asker: Asks) -> ProgrammesShown:
        return workspace.programmes_shown(workspace.entrance.programmes(asker))

    @doors.post("/programmes", status_code=201)
    def begin(wanted: Begun, who: Who) -> Made:
        return Made(id=workspace.begin_example(wanted.example, wanted.id, who))

    @doors.get("/programmes/{name}")
    def programme(name: str, who: Who) -> ProgrammeShown:
        return workspace.programme(name, who)

    @doors.get("/programmes/{name}/verdicts")
    def verdicts(name: str, who: Who, wait_s: Wait = 0.0) -> VerdictsShown:
        return workspace.verdicts(name, who, wait_s=wait_s)

    @doors.post("/programmes/{name}/what-if")
    def what_if(name: str, wanted: WhatIf, who: Who, wait_s: Wait = 0.0) -> VerdictsShown:
        return workspace.verdicts(name, who, [one.plain for one in wanted.changes], wait_s=wait_s)

    @doors.get("/programmes/{name}/gates")
    def gates(name: str, who: Who, wait_s: Wait = 0.0) -> GatesShown:
        return workspace.gates(name, who, wait_s)

    return doors
