"""Every group of doors of the workspace, each about one subject."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from covolt.workspace.asking import Workspace
from covolt.workspace.doors import (
    comments,
    comparing,
    conflicts,
    entrance,
    exporting,
    feed,
    git,
    health,
    jobs,
    judging,
    login,
    measuring,
    parts,
    people,
    programmes,
    proposals,
    runners,
    subscriptions,
    tokens,
)

__all__ = ["GROUPS"]

GROUPS: tuple[Callable[[Workspace], APIRouter], ...] = (
    entrance.routes,
    programmes.routes,
    proposals.routes,
    comments.routes,
    parts.routes,
    judging.routes,
    comparing.routes,
    feed.routes,
    exporting.routes,
    login.routes,
    people.routes,
    tokens.routes,
    git.beside_routes,
    git.routes,
    subscriptions.routes,
    health.routes,
    jobs.routes,
    conflicts.routes,
    measuring.routes,
    runners.routes,
)
"""A new group is a module beside this one, and a line here."""
