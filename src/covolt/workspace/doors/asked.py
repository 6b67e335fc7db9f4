"""What every door of the workspace has in common: who asks, what bounds a request, and how problems are told (RFC 9457)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from covolt.catalogues import languages
from covolt.errors import Problem
from covolt.workspace.access import Reader
from covolt.workspace.brought import brought

__all__ = ["API", "PROBLEM_TYPE", "Made", "Number", "Problems", "Wait", "Who", "problem_answer"]

API = "/api/v1"
LONGEST_WAIT_s = 25.0
PROBLEM_TYPE = "application/problem+json"


def _reader(
    request: Request,
    covolt_party: Annotated[str, Header(max_length=100)] = "",
    party: Annotated[
        str, Query(max_length=100, description="as the header, for what sends none: a stream, a link")
    ] = "",
) -> Reader:
    """Who asks, and for which party."""
    named = brought(request.headers.get("authorization", "")).party
    return request.app.state.workspace.reader(covolt_party or party or named)


Who = Annotated[Reader, Depends(_reader)]
Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
Wait = Annotated[float, Query(ge=0.0, le=LONGEST_WAIT_s, description="seconds to wait for every ±")]


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
