"""Doors for whoever watches over the process: whether it lives, and whether it can do its work."""

from __future__ import annotations

from fastapi import APIRouter, Response

from covolt.workspace.asking import Workspace
from covolt.workspace.health import ready

__all__ = ["routes"]


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix="/health")

    @doors.get("/live")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @doors.get("/ready", responses={503: {"description": "it cannot do its work now"}})
    def can_work(answer: Response) -> dict[str, bool]:
        found = ready(workspace.programmes)
        answer.status_code = 200 if all(found.values()) else 503
        return {"ready": all(found.values()), **found}

    return doors
