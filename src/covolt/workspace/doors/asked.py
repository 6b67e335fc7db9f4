"""What every door of the workspace has in common: who asks, what bounds a request, and how problems are told (RFC 9457)."""

from __future__ import annotations

from typing import Annotated, final
from urllib.parse import quote

from fastapi import Depends, Header, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from covolt.catalogues import languages
from covolt.errors import CovoltError, Forbidden, Problem
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.bearer import LONGEST
from covolt.workspace.brought import brought
from covolt.workspace.doors.scopes import ADMINISTRATORS, SCOPE
from covolt.workspace.entrance import Asker, Entered

__all__ = [
    "API",
    "PROBLEM_TYPE",
    "Asks",
    "Bounded",
    "Made",
    "NotLoggedIn",
    "Number",
    "Problems",
    "TooOften",
    "Wait",
    "Who",
    "asker_or_nobody",
    "cookie_name",
    "handed_out",
    "problem_answer",
    "set_cookie",
    "still",
]

API = "/api/v1"
GIT = "/git/"
LONGEST_WAIT_s = 25.0
PROBLEM_TYPE = "application/problem+json"


@final
class NotLoggedIn(Exception):
    """Nobody has proved who asks."""

    def __init__(self, *, together: bool) -> None:
        super().__init__()
        alone = text(
            "open the address that covolt serve prints, or run it again; scripts send the token of its open.json"
        )
        self.problem = Problem(
            text("nobody is logged in"),
            "Authorization",
            text("log in, or send a token: Authorization: Bearer TOKEN") if together else alone,
        )


@final
class TooOften(Exception):
    """Somebody asks too often; after so many seconds anew."""

    def __init__(self, wait_s: int) -> None:
        super().__init__()
        self.wait_s = wait_s
        self.problem = Problem(text("too many requests"), "", text("ask again in {wait} s", wait=wait_s))


def _bounded(request: Request) -> None:
    """Bound how often an address asks without having proved who asks."""
    address = request.client.host if request.client else ""
    if wait_s := request.app.state.workspace.strangers.wait_s(address):
        raise TooOften(wait_s)


Bounded = Depends(_bounded)


def asker_or_nobody(request: Request) -> Asker | None:
    """Who asks: by a token in `Authorization`, or by the cookie of a browser that was let in."""
    entrance = request.app.state.workspace.entrance
    if header := request.headers.get("authorization", ""):
        found: Asker | None = entrance.by_token(brought(header).token[:LONGEST])
    else:
        found = entrance.by_cookie(request.cookies.get(cookie_name(request), "")[:LONGEST])
    return found


def _asker(request: Request) -> Asker:
    """Who asks, where the proof reaches as far as this door."""
    found = asker_or_nobody(request)
    if found is None:
        _bounded(request)
        raise NotLoggedIn(together=request.app.state.workspace.entrance.together)
    if wait_s := request.app.state.workspace.rates.wait_s(found.person):
        raise TooOften(wait_s)
    door = request.method, str(getattr(request.scope.get("route"), "path", ""))
    scope = SCOPE.get(door, "")
    if not found.may(scope):
        hint = text("make a token with this scope")
        what = text("the token does not allow this: it needs the scope '{scope}'", scope=scope or "–")
        raise Forbidden(Problem(what, "Authorization", hint))
    if door in ADMINISTRATORS and not found.administers:
        raise Forbidden(Problem(text("an administrator of the workspace does this"), "", ""))
    return found


Asks = Annotated[Asker, Depends(_asker)]


def _reader(
    request: Request,
    asker: Asks,
    covolt_party: Annotated[str, Header(max_length=100)] = "",
    party: Annotated[
        str, Query(max_length=100, description="as the header, for what sends none: a stream, a link")
    ] = "",
) -> Reader:
    """Who asks, and for which party of the programme in the path; one that is not for who asks is as one that is not."""
    door = request.method, str(getattr(request.scope.get("route"), "path", ""))
    name = request.path_params.get("name", "")
    named = covolt_party or party
    if door[1].startswith(GIT):  # Git sends no header of ours: the name in its address says for which party
        named = named or brought(request.headers.get("authorization", "")).party
    administering = SCOPE.get(door) == "administer"
    reader: Reader = request.app.state.workspace.entrance.reader(asker, name, named, administering=administering)
    return reader


def still(request: Request, name: str, reader: Reader) -> bool:
    """Whether who was let in at first still is, as the same: for what goes on for long."""
    asker = asker_or_nobody(request)
    try:
        return asker is not None and asker.may("read") and _as(request, asker, name, reader.party) == reader
    except CovoltError:
        return False


def _as(request: Request, asker: Asker, name: str, party: str) -> Reader:
    found: Reader = request.app.state.workspace.entrance.reader(asker, name, party)
    return found


Who = Annotated[Reader, Depends(_reader)]
Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
Wait = Annotated[float, Query(ge=0.0, le=LONGEST_WAIT_s, description="seconds to wait for every ±")]


def cookie_name(request: Request) -> str:
    """Cookies know no ports: workspaces on one machine keep theirs apart by name. Over TLS it binds to this host alone."""
    secure = request.app.state.workspace.entrance.secure
    return f"{'__Host-' if secure else ''}covolt-{request.url.port or 0}"


def set_cookie(request: Request, answer: Response, entered: Entered) -> None:
    """Let a browser keep what lets it in; no script of a page reads it, and no other site's page makes it sent."""
    answer.set_cookie(
        cookie_name(request),
        entered.word,
        max_age=int(entered.lasts.total_seconds()),
        path="/",
        secure=request.app.state.workspace.entrance.secure,
        httponly=True,
        samesite="strict",
    )


class ProblemTold(BaseModel):
    """One thing that is wrong: what, where, and what mends it, by language."""

    what: dict[str, str]
    where: str
    hint: dict[str, str]


class Problems(BaseModel):
    """All that is wrong with a request (RFC 9457)."""

    type: str
    title: str
    status: int
    problems: list[ProblemTold]


class Made(BaseModel):
    """What was made: its number or id, and commits by party where any came of it."""

    id: str = ""
    number: int = 0
    commits: dict[str, str] = Field(default_factory=dict)


def problem_answer(status: int, *problems: Problem, title: str = "") -> JSONResponse:
    """Problems as RFC 9457 has them, in every language."""
    told = [
        {key: {one: getattr(problem.said(one), key) for one in languages()} for key in ("what", "hint")}
        | {"where": problem.where}
        for problem in problems
    ]
    content = {"type": "about:blank", "title": title or "refused", "status": status, "problems": told}
    return JSONResponse(content, status, media_type=PROBLEM_TYPE)


def handed_out(file: str, content: bytes) -> Response:
    """A file that a browser saves under its name, which may hold any letters (RFC 6266)."""
    headers = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(file)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)
