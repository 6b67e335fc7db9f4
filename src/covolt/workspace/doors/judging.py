"""Doors to gates: one of them with its evidence, what an agency looks at, and dossiers."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from covolt.catalogues import languages
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Wait, Who
from covolt.workspace.judged_shown import AgencyShown, GateShown

__all__ = ["routes"]


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/gates/{gate}")
    def gate(name: str, gate: str, who: Who, wait_s: Wait = 0.0) -> GateShown:
        return workspace.judging.gate(name, who, gate, wait_s)

    @doors.get("/programmes/{name}/agency")
    def agency(name: str, who: Who, wait_s: Wait = 0.0) -> AgencyShown:
        return workspace.judging.agency(name, who, wait_s)

    @doors.get("/programmes/{name}/dossiers/{kind}/{subject}", response_class=Response)
    def dossier(
        name: str,
        kind: Literal["gate", "requirement"],
        subject: str,
        who: Who,
        form: Literal["json", "html"] = "json",
        language: str = "en",
    ) -> Response:
        made = workspace.judging.dossier(name, who, kind, subject)
        content = made.page(language if language in languages() else "en") if form == "html" else made.file
        kinds = {"json": "application/json", "html": "text/html; charset=utf-8"}
        # Its name stands in the programme: an identifier, and nothing that a header could not bear.
        headers = {"Content-Disposition": f'attachment; filename="{made.said.subject}.{form}"'}
        return Response(content, media_type=kinds[form], headers=headers)

    return doors
