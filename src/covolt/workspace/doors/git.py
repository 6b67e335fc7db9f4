"""Doors to the repositories of a programme, as Git fetches over HTTP (its smart protocol)."""

from __future__ import annotations

import zlib
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from covolt.errors import CovoltError, InputError, NotFound, Problem, ending_of
from covolt.words import text
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import Who
from covolt.workspace.fetching import MOST_ASKED_bytes, advertised, fetched
from covolt.workspace.repository import Repository

__all__ = ["routes"]

GZIP = 31
"""How zlib is told that what comes is gzip."""
FRESH = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}


def _refused(request: Request, error: CovoltError) -> Response:
    """Problems as Git shows them in the terminal of who asks; who has not said who asks is asked for it."""
    language = "ru" if request.headers.get("accept-language", "").lower().startswith("ru") else "en"
    told = "\n".join(one.told(language) for one in error.problems) + "\n"
    if isinstance(error, NotFound) and "authorization" not in request.headers:
        return PlainTextResponse(told, 401, {"WWW-Authenticate": 'Basic realm="covolt", charset="UTF-8"'})
    return PlainTextResponse(told, ending_of(error).http_status)


async def _body(request: Request) -> bytes:
    """What a fetch asks with, of bounded size, unpacked where it came packed."""
    unpacking = zlib.decompressobj(GZIP) if request.headers.get("content-encoding") == "gzip" else None
    found = bytearray()
    try:
        async for piece in request.stream():
            found += piece if unpacking is None else unpacking.decompress(piece, MOST_ASKED_bytes + 1)
            if len(found) > MOST_ASKED_bytes or (unpacking is not None and unpacking.unconsumed_tail):
                what = text("more than {most} bytes are asked with", most=MOST_ASKED_bytes)
                raise InputError(Problem(what, "", text("clone anew")))
    except zlib.error as error:
        raise InputError(Problem(text("what was sent is not packed as it says"), "", text("try again"))) from error
    return bytes(found)


def _found(name: str, which: str, request: Request, who: Who) -> Repository | Response:
    try:
        found: Repository = request.app.state.workspace.repositories.found(name, which, who)
    except CovoltError as error:
        return _refused(request, error)
    return found


Asked = Annotated[Repository | Response, Depends(_found)]
"""The repository that is asked for, or why it is not to be had."""


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    del workspace
    doors = APIRouter(prefix="/git", include_in_schema=False)

    @doors.get("/{name}/{which}.git/info/refs")
    async def beginning(asked: Asked, service: str = "", git_protocol: Annotated[str, Header()] = "") -> Response:
        if isinstance(asked, Response):
            return asked
        if service != "git-upload-pack":
            return PlainTextResponse(text("no such service").said("en") + "\n", 403)
        said = await advertised(asked, git_protocol)
        return Response(said, media_type="application/x-git-upload-pack-advertisement", headers=FRESH)

    @doors.post("/{name}/{which}.git/git-upload-pack")
    async def fetch(request: Request, asked: Asked, git_protocol: Annotated[str, Header()] = "") -> Response:
        if isinstance(asked, Response):
            return asked
        try:
            body = await _body(request)
        except CovoltError as error:
            return _refused(request, error)
        kind = "application/x-git-upload-pack-result"
        return StreamingResponse(fetched(asked, body, git_protocol), media_type=kind, headers=FRESH)

    @doors.get("/{path:path}")
    def nothing(path: str) -> Response:
        return PlainTextResponse(text("no such door").said("en") + "\n", 404)

    return doors
