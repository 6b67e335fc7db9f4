"""The door to what to measure next."""

from __future__ import annotations

from fastapi import APIRouter

from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Wait, Who
from covolt.workspace.measuring_shown import MeasureShown

__all__ = ["routes"]


def routes(workspace: Workspace) -> APIRouter:
    """This door."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/measure")
    def measure(name: str, who: Who, wait_s: Wait = 0.0) -> MeasureShown:
        return workspace.measuring.shown(name, who, wait_s)

    return doors
