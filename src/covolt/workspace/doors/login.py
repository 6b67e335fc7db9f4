"""Doors for logging in where one's party knows one (OpenID Connect): away to its issuer, and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from covolt.errors import Forbidden, NotFound, Problem
from covolt.words import text
from covolt.workspace.asking import Workspace
from covolt.workspace.bearer import LONGEST
from covolt.workspace.doors.asked import API, Bounded, cookie_name, set_cookie
from covolt.workspace.together import Together

__all__ = ["routes"]

LASTS_s = 600
Given = Annotated[str, Query(max_length=LONGEST)]


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    def together() -> Together:
        if isinstance(workspace.entrance, Together):
            return workspace.entrance
        raise NotFound(Problem(text("nobody logs in here: this workspace is one person's"), "", ""))

    @doors.get("/login/{issuer}", status_code=303, response_class=RedirectResponse, dependencies=[Bounded])
    def away(issuer: str, request: Request) -> RedirectResponse:
        begun = together().openid.begin(issuer)
        answer = RedirectResponse(begun.to, 303)
        # Strict would keep it back when the issuer's page sends the browser here again.
        answer.set_cookie(
            f"{cookie_name(request)}-login",
            begun.word,
            max_age=LASTS_s,
            path="/",
            secure=workspace.entrance.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    @doors.get("/login/{issuer}/callback", status_code=303, response_class=RedirectResponse, dependencies=[Bounded])
    def back(
        issuer: str, request: Request, code: Given = "", state: Given = "", iss: Given = "", error: Given = ""
    ) -> RedirectResponse:
        name = f"{cookie_name(request)}-login"
        if error or not code:
            raise Forbidden(Problem(text("the issuer let nobody in"), "login", text("log in anew")))
        entrance = together()
        person, called = entrance.openid.finish(
            issuer, code=code, state=state, word=request.cookies.get(name, ""), issuer_said=iss
        )
        answer = RedirectResponse("/", 303)
        set_cookie(request, answer, entrance.enter_as(person, called))
        answer.delete_cookie(name, path="/", secure=entrance.secure, httponly=True, samesite="lax")
        return answer

    return doors
