"""Every group of doors of the workspace, each about one subject."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from covolt.workspace.asking import Workspace
from covolt.workspace.doors import feed, git, programmes, proposals

__all__ = ["GROUPS"]

GROUPS: tuple[Callable[[Workspace], APIRouter], ...] = (
    programmes.routes,
    proposals.routes,
    feed.routes,
    git.beside_routes,
    git.routes,
)
"""A new group is a module beside this one, and a line here."""
