"""Doors to the repositories of a programme, as Git fetches and pushes over HTTP (its smart protocol)."""

from __future__ import annotations

import zlib
from asyncio import to_thread
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.requests import ClientDisconnect

from covolt.errors import CovoltError, InputError, NotFound, Problem, ending_of
from covolt.legible import shown
from covolt.words import Language, text
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from covolt.workspace.beside import BesideShown
from covolt.workspace.doors.asked import API, Who
from covolt.workspace.fetching import MOST_ASKED_bytes, PIECE_bytes, advertised, fetched
from covolt.workspace.receiving import offered, read_asked, report
from covolt.workspace.repository import MOST_INPUT_bytes, Repository

__all__ = ["beside_routes", "routes"]

ANY_bytes = 2**50
"""The server counts nothing here: what is too large is refused as Git shows it (`_spooled`)."""
GZIP = 31
"""How zlib is told that what comes is gzip."""
FRESH = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}


def _told(request: Request, error: CovoltError) -> str:
    """Problems in the language of who asks, with no sign in them that moves a terminal."""
    return "".join(f"{shown(one.told(_language(request)))}\n" for one in error.problems)


def _language(request: Request) -> Language:
    return "ru" if request.headers.get("accept-language", "").lower().startswith("ru") else "en"


def _refused(request: Request, error: CovoltError) -> Response:
    """Problems as Git shows them in the terminal of who asks; who has not said who asks is asked for it."""
    told = _told(request, error)
    if isinstance(error, NotFound) and "authorization" not in request.headers:
        return PlainTextResponse(told, 401, {"WWW-Authenticate": 'Basic realm="covolt", charset="UTF-8"'})
    return PlainTextResponse(told, ending_of(error).http_status)


async def _spooled(request: Request, file: BinaryIO) -> None:
    """Write what is pushed into a file; what is too large is not even read to its end."""
    unpacking = zlib.decompressobj(GZIP) if request.headers.get("content-encoding") == "gzip" else None
    most = MOST_INPUT_bytes + MOST_ASKED_bytes
    size = int(told) if (told := request.headers.get("content-length", "")).isdigit() else 0
    try:
        async for piece in request.stream():
            rest = piece
            while rest:
                found = rest if unpacking is None else unpacking.decompress(rest, PIECE_bytes)
                rest = b"" if unpacking is None else unpacking.unconsumed_tail
                size = max(size, file.tell() + len(found))
                if size > most:
                    what = text("more than {most:.0f} MB are pushed at once", most=most / 1e6)
                    raise InputError(
                        Problem(what, "", text("keep large files elsewhere, and name them by their digest"))
                    )
                file.write(found)
    except zlib.error as error:
        raise InputError(Problem(text("what was sent is not packed as it says"), "", text("try again"))) from error


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


async def _offered(workspace: Workspace, request: Request, name: str, which: str, who: Reader) -> Response:
    try:
        said = offered(await to_thread(workspace.pushes.stands, name, which, who))
    except CovoltError as error:
        return _refused(request, error)
    return Response(said, media_type="application/x-git-receive-pack-advertisement", headers=FRESH)


async def _pushed(workspace: Workspace, request: Request, name: str, which: str, who: Reader) -> Response:
    said, refused = "", ""
    with TemporaryFile() as file:
        try:
            await _spooled(request, file)
            file.seek(0)
            asked = read_asked(file)
        except CovoltError as error:
            return _refused(request, error)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        try:
            if asked.wishes:
                note = await to_thread(workspace.pushes.push, name, which, who, asked)
                said = f"{shown(note.said(_language(request)))}\n" if note else ""
        except CovoltError as error:
            said, refused = _told(request, error), ending_of(error).title.replace(" ", "-")
        kind = "application/x-git-receive-pack-result"
        return Response(report(asked, refused, said), media_type=kind, headers=FRESH)


def _receiving(doors: APIRouter, workspace: Workspace) -> None:
    @doors.post("/{name}/{which}.git/git-receive-pack", max_body_size=ANY_bytes)
    async def push(request: Request, name: str, which: str, who: Who, asked: Asked) -> Response:
        if isinstance(asked, Response):
            return asked
        return await _pushed(workspace, request, name, which, who)


def beside_routes(workspace: Workspace) -> APIRouter:
    """The door to what a party's clone holds beside the repositories."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/beside")
    def beside(name: str, who: Who) -> BesideShown:
        return workspace.repositories.beside(name, who)

    return doors


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix="/git", include_in_schema=False)

    @doors.get("/{name}/{which}.git/info/refs")
    async def beginning(
        request: Request,
        name: str,
        which: str,
        who: Who,
        asked: Asked,
        service: str = "",
        git_protocol: Annotated[str, Header()] = "",
    ) -> Response:
        if isinstance(asked, Response):
            return asked
        if service == "git-receive-pack":
            return await _offered(workspace, request, name, which, who)
        if service != "git-upload-pack":
            return PlainTextResponse(text("no such service").said("en") + "\n", 403)
        said = await advertised(asked, git_protocol)
        return Response(said, media_type="application/x-git-upload-pack-advertisement", headers=FRESH)

    @doors.post("/{name}/{which}.git/git-upload-pack", max_body_size=2 * MOST_ASKED_bytes)
    async def fetch(request: Request, asked: Asked, git_protocol: Annotated[str, Header()] = "") -> Response:
        if isinstance(asked, Response):
            return asked
        try:
            body = await _body(request)
        except CovoltError as error:
            return _refused(request, error)
        kind = "application/x-git-upload-pack-result"
        return StreamingResponse(fetched(asked, body, git_protocol), media_type=kind, headers=FRESH)

    _receiving(doors, workspace)

    @doors.get("/{path:path}")
    def nothing(path: str) -> Response:
        return PlainTextResponse(text("no such door").said("en") + "\n", 404)

    return doors
