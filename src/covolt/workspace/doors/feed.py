"""Doors to the feed: as a list, as Atom, and live (SSE); and to the log that it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from covolt.catalogues import languages
from covolt.study.result import adapter
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from covolt.workspace.countersigning import checkpoint_file
from covolt.workspace.doors.asked import API, Made, Who, handed_out, still
from covolt.workspace.doors.judging import Signed
from covolt.workspace.feed import atom, chain, log
from covolt.workspace.log_shown import ChainShown, LogShown
from covolt.workspace.shown import FeedShown

__all__ = ["routes"]

STREAM_PAUSE_s, LOOKS_AGAIN = 1.0, 5
MOST_SEQUENCE = 2**31 - 1
"""What the column of a database holds."""


@final
class Atom(Response):
    """A feed as Atom has it."""

    media_type = "application/atom+xml"


@final
class Events(StreamingResponse):
    """Events as they happen, as browsers and scripts listen to them (SSE)."""

    media_type = "text/event-stream"


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/feed")
    def feed(name: str, who: Who) -> FeedShown:
        return workspace.feed(name, who)

    @doors.get("/programmes/{name}/feed.atom", response_class=Atom)
    def feed_atom(name: str, request: Request, who: Who, language: str = "en") -> Atom:
        shown, title = workspace.feed(name, who), workspace.programme(name, who).title
        spoken = language if language in languages() else "en"
        content = atom(shown, title, str(request.url.replace(query="")), spoken, workspace.clock())
        return Atom(content)

    @doors.get("/programmes/{name}/log")
    def logged(name: str, who: Who) -> LogShown:
        return log(workspace.programmes, name, who)

    @doors.get("/programmes/{name}/log/chain")
    def chained(name: str, who: Who) -> ChainShown:
        return chain(workspace.programmes, name, who)

    @doors.get("/programmes/{name}/checkpoint", response_class=Response)
    def checkpoint(name: str, who: Who, number: Annotated[int, Query(ge=0, le=MOST_SEQUENCE)] = 0) -> Response:
        made = workspace.countersigning.statement(name, who, number)
        return handed_out(checkpoint_file(made.sequence), made.stated)

    @doors.post("/programmes/{name}/checkpoint/countersignatures", status_code=201)
    def countersign(name: str, body: Signed, who: Who) -> Made:
        return Made(id=str(workspace.countersigning.hand_in(name, who, body.file)))

    @doors.get("/programmes/{name}/feed/stream", response_class=Events)
    async def stream(
        request: Request,
        name: str,
        who: Who,
        last_event_id: Annotated[int, Header(ge=0, le=MOST_SEQUENCE)] = 0,
        after: Annotated[int, Query(ge=0, le=MOST_SEQUENCE)] = 0,
    ) -> Events:
        # What is wrong with the question is told as an answer, before there is a stream.
        await asyncio.to_thread(workspace.newer, name, who, MOST_SEQUENCE)
        return Events(_lines(workspace, request, name, who, max(last_event_id, after)))

    return doors


async def _lines(workspace: Workspace, request: Request, name: str, who: Reader, last: int) -> AsyncIterator[str]:
    """Events after one, and a sign of life where there is none, until the page is gone or who looks is let in no longer."""
    looks = 0
    while not await request.is_disconnected() and not workspace.closing:
        if looks % LOOKS_AGAIN == 0 and not await asyncio.to_thread(still, request, name, who):
            return
        looks += 1
        found = await asyncio.to_thread(workspace.newer, name, who, last)
        for one in found:
            last = one.sequence
            yield f"id: {last}\ndata: {adapter(type(one)).dump_json(one).decode()}\n\n"
        if not found:
            yield ": \n\n"
        await asyncio.sleep(STREAM_PAUSE_s)
