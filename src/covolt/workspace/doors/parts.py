"""Doors to slots: all about one of them, and the architecture that they make."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Who
from covolt.workspace.parts_shown import ArchitectureShown, PartShown

__all__ = ["routes"]

Beside = Annotated[
    str | None, Query(max_length=100, description="as this party sees it, too; empty: as who speaks for none")
]


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/slots/{slot}")
    def part(name: str, slot: str, who: Who, beside: Beside = None) -> PartShown:
        return workspace.looking.part(name, who, slot, beside)

    @doors.get("/programmes/{name}/architecture")
    def architecture(name: str, who: Who) -> ArchitectureShown:
        return workspace.looking.architecture(name, who)

    return doors
