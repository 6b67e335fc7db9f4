"""Doors for coming in and going out: how one gets in, a browser let in, who is logged in, and the end of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from covolt.catalogues import languages
from covolt.errors import Forbidden, Problem
from covolt.words import text
from covolt.workspace.alone import Alone
from covolt.workspace.asking import Workspace
from covolt.workspace.bearer import LONGEST
from covolt.workspace.doors.asked import API, Asks, Bounded, Made, Who, cookie_name, set_cookie
from covolt.workspace.peopleshown import EntranceShown, SessionShown

__all__ = ["routes"]


class Borne(BaseModel):
    """A word that lets a browser in."""

    word: str = Field(max_length=LONGEST)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/entrance")
    def entrance() -> EntranceShown:
        return EntranceShown(workspace.entrance.together, workspace.entrance.issuers)

    @doors.post("/session", status_code=201, dependencies=[Bounded])
    def enter(borne: Borne, request: Request, answer: Response) -> Made:
        entered = workspace.entrance.enter(borne.word, request.url.hostname or "")
        set_cookie(request, answer, entered)
        return Made(id=entered.person)

    @doors.post("/session/end")
    def leave(request: Request, answer: Response) -> Made:
        name = cookie_name(request)
        workspace.entrance.leave(request.cookies.get(name, ""))
        answer.delete_cookie(name, secure=workspace.entrance.secure, httponly=True, samesite="strict")
        return Made()

    @doors.post("/session/tickets", status_code=201)
    def ticket(who: Who) -> Made:
        if isinstance(workspace.entrance, Alone):
            return Made(id=workspace.entrance.ticket())
        raise Forbidden(Problem(text("tickets are for a workspace of one person: here people log in"), "", ""))

    @doors.get("/session")
    def session(asker: Asks, who: Who) -> SessionShown:
        entrance = workspace.entrance
        memberships = workspace.people.memberships_of(asker.person)
        name = workspace.people.name_of(asker.person)
        return SessionShown(
            asker.person, name, who.party, entrance.together, asker.administers, tuple(languages()), memberships
        )

    return doors
