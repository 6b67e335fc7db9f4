"""Doors to states: which there are, two of them beside each other, and how a programme came to be what it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from covolt.workspace.asking import Workspace
from covolt.workspace.comparing_shown import ComparedShown, HistoryShown, StatesShown
from covolt.workspace.doors.asked import API, Wait, Who

__all__ = ["routes"]

State = Annotated[
    str,
    Query(min_length=1, max_length=120, description="`now`, `commit:HASH`, `baseline:NAME`, `before:3`, `proposal:3`"),
]


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/states")
    def states(name: str, who: Who) -> StatesShown:
        return workspace.comparing.states(name, who)

    @doors.get("/programmes/{name}/compared")
    def compared(name: str, who: Who, before: State, after: State = "now", wait_s: Wait = 0.0) -> ComparedShown:
        return workspace.comparing.compared(name, who, before, after, wait_s)

    @doors.get("/programmes/{name}/history")
    def history(name: str, who: Who, wait_s: Wait = 0.0) -> HistoryShown:
        return workspace.comparing.history(name, who, wait_s)

    return doors
