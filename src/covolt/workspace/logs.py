"""The log of a server, one JSON object a line: which door was asked, what it answered; no content, no query and no token.

What somebody asked is told by the pattern of its door, such as `/api/v1/programmes/{name}/feed`. Of an error stand its kind and
the places in the code, not its text: that may hold what was sent.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TextIO, final
from uuid import uuid4

__all__ = ["JsonLines", "Requests", "begin_logs", "logs_of", "route_of"]

LOG = logging.getLogger("covolt.request")
REQUEST = ContextVar("REQUEST", default="")
"""Id of the request that is being answered."""
TOLD = ("method", "route", "status", "duration_ms", "delivery", "kind", "outcome", "subscription")
"""What an entry may bear beside its message; whatever else is handed to a logger is left out."""
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@final
class JsonLines(logging.Formatter):
    """Writes an entry as one line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        own = record.name.startswith("covolt")
        # What other packages write may hold anything: only where it comes from is told.
        told: dict[str, Any] = {
            "time": at,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage() if own else f"{record.module}.{record.funcName}",
        }
        if request := REQUEST.get():
            told["request"] = request
        told |= {name: getattr(record, name) for name in TOLD if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            told["error"] = type(error).__name__
            told["places"] = [f"{one.filename}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(told, ensure_ascii=False)


def begin_logs(stream: TextIO | None = None) -> logging.Handler:
    """Write every entry as a line of JSON from now on; the handler that does."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("covolt").setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        one = logging.getLogger(name)
        one.handlers.clear()
        one.propagate = True
    return handler


def logs_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """What uvicorn is told about logs: with COVOLT_LOGS=json that everything is written here, as lines of JSON."""
    if environment.get("COVOLT_LOGS") != "json":
        return {}
    begin_logs()
    return {"log_config": None}


def route_of(scope: Scope) -> str:
    """The pattern of the door that was asked; empty where there is none."""
    return str(getattr(scope.get("route"), "path", ""))


@final
class Requests:
    """Gives every request an id, which its answer bears (`X-Request-Id`), and tells it to the log."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, began_s, status = uuid4().hex, monotonic(), 500
        mark = REQUEST.set(request)

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = [*message["headers"], (b"x-request-id", request.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            told = {
                "method": scope["method"],
                "route": route_of(scope),
                "status": status,
                "duration_ms": round((monotonic() - began_s) * 1000.0, 1),
            }
            LOG.info("request", extra=told)
            REQUEST.reset(mark)
