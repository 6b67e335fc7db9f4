"""Doors to gates: one of them with its evidence, its sign-offs, what an agency looks at, and dossiers."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from covolt.catalogues import languages
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Made, Wait, Who, handed_out
from covolt.workspace.judged_shown import AgencyShown, GateShown
from covolt.workspace.signing_off import MOST_SIGNED_signs
from covolt.workspace.signing_shown import SigningsShown

__all__ = ["Signed", "routes"]


class Signed(BaseModel):
    """A sign-off as it was signed elsewhere: the content of its file."""

    file: str = Field(max_length=MOST_SIGNED_signs)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/gates/{gate}")
    def gate(name: str, gate: str, who: Who, wait_s: Wait = 0.0) -> GateShown:
        return workspace.judging.gate(name, who, gate, wait_s)

    @doors.get("/programmes/{name}/gates/{gate}/signing")
    def signing(name: str, gate: str, who: Who, wait_s: Wait = 0.0) -> SigningsShown:
        return workspace.signing_off.shown(name, who, gate, wait_s)

    @doors.get("/programmes/{name}/gates/{gate}/statement", response_class=Response)
    def statement(
        name: str,
        gate: str,
        who: Who,
        role: Annotated[str, Query(max_length=100)],
        key: Annotated[str, Query(max_length=64)],
        remarks: Annotated[str, Query(max_length=2000)] = "",
    ) -> Response:
        made = workspace.signing_off.statement(name, who, gate, role, key, remarks)
        return handed_out(made.file, made.content)

    @doors.post("/programmes/{name}/gates/{gate}/signoffs", status_code=201)
    def hand_in(name: str, gate: str, body: Signed, who: Who) -> Made:
        return Made(id=gate, commits={"": workspace.signing_off.hand_in(name, who, gate, body.file)})

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
