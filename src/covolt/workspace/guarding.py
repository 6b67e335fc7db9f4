"""What stands before every door: whose page asks, and the heads that every answer bears, also one that refuses."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from covolt.errors import Problem
from covolt.words import text
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, problem_answer
from covolt.workspace.logs import App, Receive, Scope, Send

__all__ = ["OTHER", "TOO_LARGE", "Guarded"]

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
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
WATCHED = "/health/"
"""Whoever watches over it asks it by whatever name it has there."""
JSON, OTHER, TOO_LARGE = "application/json", "another kind of content", "too large"

TWO_LENGTHS = Problem(text("the request tells its length in two ways"), "Content-Length", text("send one of both"))
LARGE = Problem(text("the body of the request is too large"), "", text("send it in parts, or push it with Git"))


@final
class Guarded:
    """Refuses what another site's page asks for, and gives every answer its heads."""

    def __init__(self, app: App, workspace: Workspace) -> None:
        self._app, self._workspace = app, workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        path = request.url.path

        instead: bytes | None = None

        async def headed(message: MutableMapping[str, Any]) -> None:
            nonlocal instead
            if message["type"] == "http.response.start":
                if message["status"] == 413 and path.startswith(API):  # Starlette's own answer, no document of ours
                    answer = problem_answer(413, LARGE, title=TOO_LARGE)
                    message["headers"], instead = answer.raw_headers, bytes(answer.body)
                heads = MutableHeaders(raw=message["headers"])
                heads.update(HEADERS | (OVER_TLS if self._workspace.entrance.secure else {}))
                if path.startswith(API):
                    heads.setdefault("Cache-Control", "no-store")
                message["headers"] = heads.raw
            elif instead is not None:
                message["body"] = instead
            await send(message)

        heads = request.headers
        if "content-length" in heads and "transfer-encoding" in heads:
            # What stands before this may read the other of both, and so another end of it (RFC 9112, 6.1).
            answer = problem_answer(400, TWO_LENGTHS)
            answer.headers["Connection"] = "close"
            await answer(scope, receive, headed)
            return
        refused = None if path.startswith(WATCHED) else self._workspace.refuses(request.method, request.headers)
        if refused is not None:
            await problem_answer(403, refused)(scope, receive, headed)
        elif (other := _other_content(request)) is not None:
            await problem_answer(415, other, title=OTHER)(scope, receive, headed)
        else:
            await self._app(scope, receive, headed)


def _other_content(request: Request) -> Problem | None:
    """That a body is of another kind than the doors read, which is JSON; doors of Git have their own."""
    brings = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not brings or kind == JSON or not request.url.path.startswith(API):
        return None
    return Problem(
        text("a body of the kind '{kind}' is not read here", kind=kind),
        "Content-Type",
        text("send JSON: {json}", json=JSON),
    )
