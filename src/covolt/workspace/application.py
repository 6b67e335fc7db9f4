"""The doors of the workspace over HTTP: its pages, and what they and scripts ask; every rule stands behind them."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import compile_path

from covolt.catalogues import languages
from covolt.contract.mistakes import told_plainly
from covolt.errors import ENDINGS, CovoltError, Problem, Unavailable, ending_of, system_said
from covolt.words import Phrase, text
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, PROBLEM_TYPE, NotLoggedIn, Problems, TooOften, problem_answer
from covolt.workspace.doors.groups import GROUPS
from covolt.workspace.guarding import OTHER, TOO_LARGE, Guarded
from covolt.workspace.logs import Requests
from covolt.workspace.telemetry import Telemetry, Traced

__all__ = ["application"]

PAGES = Path(__file__).parent / "pages"
REFUSALS = {
    401: "nobody is logged in",
    403: "refused",
    413: TOO_LARGE,
    415: OTHER,
    429: "too many requests",
} | {one.http_status: one.title for one in ENDINGS.values() if one.http_status != 499}
"""Why a request may be refused, by status."""
LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request; a door to which more is brought states its own, and none is read to its end before it is refused."""
NOT_BUILT = f"The pages are not built: run `make web`, then load this anew. What scripts ask is answered under {API}.\n"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


def application(workspace: Workspace, telemetry: Telemetry | None = None) -> FastAPI:
    """The doors of a workspace, measured where telemetry is given."""
    app = FastAPI(
        title="covolt",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_served,
    )
    app.state.workspace = workspace
    app.state.telemetry = telemetry
    app.add_exception_handler(CovoltError, _refused)
    app.add_exception_handler(NotLoggedIn, _not_logged_in)
    app.add_exception_handler(OSError, _not_written)
    app.add_exception_handler(TooOften, _too_often)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _not_served)

    app.add_middleware(
        RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY
    )  # within what gives every answer its heads
    app.add_middleware(Guarded, workspace=workspace)
    if telemetry is not None:
        app.add_middleware(Traced, telemetry=telemetry)
    app.add_middleware(Requests)
    for group in GROUPS:
        app.include_router(group(workspace))

    @app.get(f"{API}/openapi.json", include_in_schema=False)
    def description() -> dict[str, Any]:
        return _described(app)

    @app.get(f"{API}/{{path:path}}", include_in_schema=False)
    def nothing(path: str) -> Response:
        return _no_door(app, f"{API}/{path}")

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Response:
        path = "" if "\0" in path else path
        place = (PAGES / path).resolve()
        if path and place.is_file() and place.is_relative_to(PAGES.resolve()):
            lasting = {"Cache-Control": "public, max-age=31536000, immutable"} if "assets" in place.parts else {}
            return FileResponse(place, headers=lasting)
        if path.strip("/") and path.split("/")[0] not in languages():
            return problem_answer(404, Problem(text("there is nothing at this address"), f"/{path}"))
        if not (PAGES / "index.html").is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(PAGES / "index.html", headers={"Cache-Control": "no-cache"})

    return app


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncGenerator[None]:
    """What a workspace does of itself while it is served."""
    deliveries, telemetry = app.state.workspace.subscriptions.deliveries, app.state.telemetry
    if telemetry is not None:
        deliveries.told = telemetry.delivered
    deliveries.begin()
    yield
    if telemetry is not None:
        await asyncio.to_thread(telemetry.close)


def _described(app: FastAPI) -> dict[str, Any]:
    """The doors as OpenAPI has them, with the form in which each of them tells problems."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problems"] = Problems.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas["Problems"].pop("$defs", {})
        told = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problems"}}}
        for one in (each for path in made["paths"].values() for each in path.values()):
            one["responses"] |= {
                str(status): {"description": title, "content": told} for status, title in sorted(REFUSALS.items())
            }
        app.openapi_schema = made
    return app.openapi_schema


def _no_door(app: FastAPI, path: str) -> Response:
    if _methods(app, path):
        raise HTTPException(405)
    return problem_answer(404, Problem(text("no such door"), path))


def _methods(app: FastAPI, path: str) -> list[str]:
    """Methods of the doors at a path; of none where there is no door."""
    found = {
        method.upper()
        for door, methods in _described(app)["paths"].items()
        if compile_path(door)[0].match(path)
        for method in methods
    }
    return sorted(found)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert_error = error if isinstance(error, CovoltError) else CovoltError([])
    end = ending_of(assert_error)
    return problem_answer(end.http_status, *assert_error.problems, title=end.title)


async def _not_logged_in(request: Request, error: Exception) -> JSONResponse:
    told = [error.problem] if isinstance(error, NotLoggedIn) else []
    answer = problem_answer(401, *told, title=REFUSALS[401])
    # Git asks for a password where it is told so; a browser would show a window of its own.
    answer.headers["WWW-Authenticate"] = "Bearer" if request.url.path.startswith(API) else 'Basic realm="covolt"'
    return answer


async def _not_written(_: Request, error: Exception) -> JSONResponse:
    """A disk that takes no more; where its files lie is told to nobody."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        raise error
    end = ENDINGS[Unavailable]
    return problem_answer(
        end.http_status, Problem(system_said(error), "disk", text("make room, then try again")), title=end.title
    )


async def _too_often(_: Request, error: Exception) -> JSONResponse:
    told = error if isinstance(error, TooOften) else TooOften(1)
    answer = problem_answer(429, told.problem, title=REFUSALS[429])
    answer.headers["Retry-After"] = str(told.wait_s)
    return answer


async def _misread(_: Request, error: Exception) -> JSONResponse:
    """What of a request cannot be read, as every other problem is told."""
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [told_plainly(one, ".".join(str(step) for step in one.get("loc", ()))) for one in found]
    return problem_answer(422, *problems)


REFUSED = text("the workspace does not answer to this")


async def _not_served(request: Request, error: Exception) -> JSONResponse:
    """What the server itself refuses: a body that is no JSON, a method that a door has not."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    said: Mapping[int, Phrase] = {
        400: text("the body of the request cannot be read"),
        404: text("there is nothing at this address"),
        405: text("nothing at this address answers to {method}", method=request.method),
    }
    answer = problem_answer(422 if status == 400 else status, Problem(said.get(status, REFUSED)))
    answer.headers.update(getattr(error, "headers", None) or {})
    if status == 405:  # of all doors at this path, and not of the first alone
        answer.headers["Allow"] = ", ".join(_methods(request.app, request.url.path)) or "GET"
    return answer
