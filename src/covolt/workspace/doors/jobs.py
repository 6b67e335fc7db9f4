"""Doors to jobs: listed, looked at until they are done, and given up."""

from __future__ import annotations

from fastapi import APIRouter

from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Made, Number, Wait, Who
from covolt.workspace.jobs_shown import JobShown, JobsShown

__all__ = ["routes"]


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/jobs")
    def jobs(name: str, who: Who) -> JobsShown:
        return workspace.jobs.listed(name, who)

    @doors.get("/programmes/{name}/jobs/{number}")
    def job(name: str, number: Number, who: Who, wait_s: Wait = 0.0) -> JobShown:
        return workspace.jobs.shown(name, number, who, wait_s)

    @doors.post("/programmes/{name}/jobs/{number}/cancel")
    def cancel(name: str, number: Number, who: Who) -> Made:
        workspace.jobs.cancel(name, number, who)
        return Made(number=number)

    return doors
