"""The doors of the workspace over HTTP: its pages, and what they and scripts ask; every rule stands behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from covolt.catalogues import languages
from covolt.errors import ENDINGS, CovoltError, Problem, ending_of
from covolt.programme.text import IDENTIFIER
from covolt.study.result import adapter
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from covolt.workspace.feed import atom
from covolt.workspace.shown import (
    FeedShown,
    GatesShown,
    ProgrammeShown,
    ProgrammesShown,
    ProposalShown,
    ProposalsShown,
    VerdictsShown,
)

__all__ = ["application"]

PAGES = Path(__file__).parent / "pages"
LONGEST_WAIT_s = 25.0
STREAM_PAUSE_s = 1.0
API = "/api/v1"
PROBLEM_TYPE = "application/problem+json"
REFUSALS = {403: "refused"} | {one.http_status: one.title for one in ENDINGS.values() if one.http_status != 499}
"""Why a request may be refused, by status."""
NOT_BUILT = f"The pages are not built: run `make web`, then load this anew. What scripts ask is answered under {API}.\n"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _reader(
    request: Request,
    covolt_party: Annotated[str, Header(max_length=100)] = "",
    party: Annotated[
        str, Query(max_length=100, description="as the header, for what sends none: a stream, a link")
    ] = "",
) -> Reader:
    """Who asks, and for which party."""
    return request.app.state.workspace.reader(covolt_party or party)


Who = Annotated[Reader, Depends(_reader)]
Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
Wait = Annotated[float, Query(ge=0.0, le=LONGEST_WAIT_s, description="seconds to wait for every ±")]


class WantedNumber(BaseModel):
    """A number that is to change: where, and its value with its unit as people write it."""

    slot: str = Field(max_length=100)
    number: str = Field(max_length=100)
    value: str = Field(max_length=100)


class WhatIf(BaseModel):
    """A vehicle to try."""

    changes: list[WantedNumber] = Field(max_length=200)


class NewProposal(BaseModel):
    """A proposal to make."""

    changes: list[WantedNumber] = Field(max_length=200)
    title: str = Field(max_length=1000)
    reason: str = Field(default="", max_length=20_000)


class NewAnswer(BaseModel):
    """An answer to a proposal of this content."""

    answer: Literal["accept", "refuse"]
    content: str = Field(max_length=100)
    reason: str = Field(default="", max_length=20_000)


class Begun(BaseModel):
    """A shipped programme to begin with, under an id of its own."""

    example: Literal["city-car", "city-bus"] = "city-car"
    id: str = Field(max_length=60, pattern=IDENTIFIER)


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


def application(workspace: Workspace) -> FastAPI:  # noqa: C901, PLR0915  a list of doors
    """The doors of a workspace."""
    app = FastAPI(title="covolt", version="1", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.workspace = workspace
    app.add_exception_handler(CovoltError, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _not_served)

    @app.middleware("http")
    async def guarded(request: Request, call_next: Any) -> Response:
        refused = workspace.refuses(request.method, request.headers)
        answer: Response = await call_next(request) if refused is None else _problem_answer(403, refused)
        answer.headers.update(HEADERS)
        if request.url.path.startswith(API):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    @app.get(f"{API}/programmes")
    def programmes(who: Who) -> ProgrammesShown:
        return workspace.programmes_shown(who)

    @app.post(f"{API}/programmes", status_code=201)
    def begin(wanted: Begun, who: Who) -> Made:
        return Made(id=workspace.begin_example(wanted.example, wanted.id, who))

    @app.get(f"{API}/programmes/{{name}}")
    def programme(name: str, who: Who) -> ProgrammeShown:
        return workspace.programme(name, who)

    @app.get(f"{API}/programmes/{{name}}/verdicts")
    def verdicts(name: str, who: Who, wait_s: Wait = 0.0) -> VerdictsShown:
        return workspace.verdicts(name, who, wait_s=wait_s)

    @app.post(f"{API}/programmes/{{name}}/what-if")
    def what_if(name: str, wanted: WhatIf, who: Who, wait_s: Wait = 0.0) -> VerdictsShown:
        return workspace.verdicts(name, who, [_wanted(one) for one in wanted.changes], wait_s=wait_s)

    @app.get(f"{API}/programmes/{{name}}/gates")
    def gates(name: str, who: Who, wait_s: Wait = 0.0) -> GatesShown:
        return workspace.gates(name, who, wait_s)

    @app.get(f"{API}/programmes/{{name}}/proposals")
    def proposals(name: str, who: Who) -> ProposalsShown:
        return workspace.proposals.listed(name, who)

    @app.post(f"{API}/programmes/{{name}}/proposals", status_code=201)
    def propose(name: str, wanted: NewProposal, who: Who) -> Made:
        changes = [_wanted(one) for one in wanted.changes]
        return Made(number=workspace.proposals.make(name, who, changes, wanted.title, wanted.reason))

    @app.get(f"{API}/programmes/{{name}}/proposals/{{number}}")
    def proposal(name: str, number: Number, who: Who, wait_s: Wait = 0.0) -> ProposalShown:
        return workspace.proposals.shown(name, number, who, wait_s)

    @app.post(f"{API}/programmes/{{name}}/proposals/{{number}}/answers", status_code=201)
    def answer(name: str, number: int, given: NewAnswer, who: Who) -> Made:
        workspace.proposals.answer(name, number, who, given.answer, given.reason, given.content)
        return Made(number=number)

    @app.post(f"{API}/programmes/{{name}}/proposals/{{number}}/merge")
    def merge(name: str, number: Number, who: Who) -> Made:
        return Made(number=number, commits=workspace.proposals.merge(name, number, who))

    @app.post(f"{API}/programmes/{{name}}/proposals/{{number}}/withdraw")
    def withdraw(name: str, number: Number, who: Who) -> Made:
        workspace.proposals.withdraw(name, number, who)
        return Made(number=number)

    @app.get(f"{API}/programmes/{{name}}/feed")
    def feed(name: str, who: Who) -> FeedShown:
        return workspace.feed(name, who)

    @app.get(f"{API}/programmes/{{name}}/feed.atom")
    def feed_atom(name: str, request: Request, who: Who, language: str = "en") -> Response:
        shown, title = workspace.feed(name, who), workspace.programme(name, who).title
        spoken = language if language in languages() else "en"
        content = atom(shown, title, str(request.url.replace(query="")), spoken, workspace.clock())
        return Response(content, media_type="application/atom+xml")

    @app.get(f"{API}/programmes/{{name}}/feed/stream")
    async def stream(
        request: Request, name: str, who: Who, last_event_id: Annotated[int, Header()] = 0, after: int = 0
    ) -> StreamingResponse:
        first = await asyncio.to_thread(workspace.newer, name, who, max(last_event_id, after))

        async def lines() -> AsyncIterator[str]:
            last, found = max(last_event_id, after), first
            while not await request.is_disconnected() and not workspace.closing:
                for one in found:
                    last = one.sequence
                    yield f"id: {last}\ndata: {adapter(type(one)).dump_json(one).decode()}\n\n"
                if not found:
                    yield ": \n\n"
                await asyncio.sleep(STREAM_PAUSE_s)
                found = await asyncio.to_thread(workspace.newer, name, who, last)

        return StreamingResponse(lines(), media_type="text/event-stream")

    @app.get(f"{API}/session")
    def session(who: Who) -> dict[str, Any]:
        return {"person": who.person, "party": who.party, "languages": list(languages())}

    @app.get("/health")
    def health() -> dict[str, bool]:
        return {"ready": workspace.ready()}

    @app.get(f"{API}/openapi.json", include_in_schema=False)
    def description() -> dict[str, Any]:
        return _described(app)

    @app.get(f"{API}/{{path:path}}", include_in_schema=False)
    def nothing(path: str) -> Response:
        return _problem_answer(404, Problem(text("no such door"), f"{API}/{path}"))

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Response:
        place = (PAGES / path).resolve()
        if path and place.is_file() and place.is_relative_to(PAGES.resolve()):
            lasting = {"Cache-Control": "public, max-age=31536000, immutable"} if "assets" in place.parts else {}
            return FileResponse(place, headers=lasting)
        if not (PAGES / "index.html").is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(PAGES / "index.html", headers={"Cache-Control": "no-cache"})

    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The doors as OpenAPI has them, with the form in which each of them tells problems."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = made["components"]["schemas"]
        schemas["Problems"] = Problems.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas["Problems"].pop("$defs", {})
        told = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problems"}}}
        for one in (each for path in made["paths"].values() for each in path.values()):
            one["responses"] |= {
                str(status): {"description": title, "content": told} for status, title in sorted(REFUSALS.items())
            }
        app.openapi_schema = made
    return app.openapi_schema


def _wanted(one: WantedNumber) -> tuple[str, str, str]:
    return one.slot, one.number, one.value


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert_error = error if isinstance(error, CovoltError) else CovoltError([])
    end = ending_of(assert_error)
    return _problem_answer(end.http_status, *assert_error.problems, title=end.title)


async def _misread(_: Request, error: Exception) -> JSONResponse:
    """What of a request cannot be read, as every other problem is told."""
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [Problem(str(one.get("msg", "")), ".".join(str(step) for step in one.get("loc", ()))) for one in found]
    return _problem_answer(422, *problems)


async def _not_served(_: Request, error: Exception) -> JSONResponse:
    """What the server itself refuses: a body that is no JSON, a method that a door has not."""
    status, said = (error.status_code, str(error.detail)) if isinstance(error, HTTPException) else (500, "")
    answer = _problem_answer(422 if status == 400 else status, Problem(said))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def _problem_answer(status: int, *problems: Problem, title: str = "") -> JSONResponse:
    """Problems as RFC 9457 has them, in every language."""
    told = [
        {key: {one: getattr(problem.said(one), key) for one in languages()} for key in ("what", "hint")}
        | {"where": problem.where}
        for problem in problems
    ]
    content = {"type": "about:blank", "title": title or "refused", "status": status, "problems": told}
    return JSONResponse(content, status, media_type=PROBLEM_TYPE)
