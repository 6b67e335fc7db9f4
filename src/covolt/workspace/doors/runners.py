"""Doors for the runners of parties: jobs leased, what they are asked on, renewed, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from covolt.errors import Problem
from covolt.words import Words
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Made, Number, Who
from covolt.workspace.runners_shown import LeaseShown, RunnerShown

__all__ = ["routes"]

PIECE_bytes = 2**16
LARGEST_ANSWER_bytes = 16 * 1024**2
MOST_PROBLEMS, MOST_SIGNS = 100, 2000
Word = Annotated[str, Field(max_length=100)]
Sign = Annotated[str, Field(max_length=MOST_SIGNS)]
Count = Annotated[int, Field(ge=0, le=10**9)]


class Zip(StreamingResponse):
    """An archive."""

    media_type = "application/zip"


class Ready(BaseModel):
    """A runner that can do a job, by the digest of its covolt."""

    source: str = Field(max_length=200)


class Leased(BaseModel):
    """A job that a runner has, by the word of its lease."""

    lease: Word


class Renewal(BaseModel):
    """That a runner is still at it, and how far."""

    lease: Word
    done: Count = 0
    total: Count = 0


class Told(BaseModel):
    """A problem in words of each language."""

    what: dict[Annotated[str, Field(max_length=10)], Sign] = Field(max_length=10)
    where: Sign = ""
    hint: dict[Annotated[str, Field(max_length=10)], Sign] = Field(max_length=10)


class Result(BaseModel):
    """What came of a job: its answer with the digest of what it was computed on, or problems; neither where its process ended."""

    lease: Word
    inputs: Word = ""
    answer: dict[str, Any] | None = None
    problems: list[Told] = Field(default_factory=list[Told], max_length=MOST_PROBLEMS)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/runner")
    def runner(name: str, who: Who) -> RunnerShown:
        return workspace.runners.shown(name, who)

    @doors.post("/programmes/{name}/runner/leases")
    def lease(name: str, ready: Ready, who: Who) -> LeaseShown:
        return workspace.runners.lease(name, who, ready.source)

    @doors.post("/programmes/{name}/jobs/{number}/inputs", response_class=Zip)
    def inputs(name: str, number: Number, leased: Leased, who: Who) -> Zip:
        return Zip(_pieces(workspace.runners.inputs(name, number, who, leased.lease)))

    @doors.post("/programmes/{name}/jobs/{number}/renewals")
    def renew(name: str, number: Number, wanted: Renewal, who: Who) -> Made:
        workspace.runners.renew(name, number, who, wanted.lease, wanted.done, wanted.total)
        return Made(number=number)

    @doors.post("/programmes/{name}/jobs/{number}/result", max_body_size=LARGEST_ANSWER_bytes)
    def result(name: str, number: Number, found: Result, who: Who) -> Made:
        if found.answer is not None:
            workspace.runners.finish(name, number, who, found.lease, found.inputs, found.answer)
        else:
            workspace.runners.fail(name, number, who, found.lease, [_problem(one) for one in found.problems])
        return Made(number=number)

    return doors


def _problem(told: Told) -> Problem:
    what, hint = (Words(one.get("en", ""), one.get("ru", "")) for one in (told.what, told.hint))
    return Problem(what, told.where, hint)


def _pieces(found: BinaryIO) -> Iterator[bytes]:
    with closing(found):
        while piece := found.read(PIECE_bytes):
            yield piece
