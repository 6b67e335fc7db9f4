"""Doors to comments: read, written, counted and taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from covolt.workspace.asking import Workspace
from covolt.workspace.comments_shown import CommentsShown, TalkShown
from covolt.workspace.doors.asked import API, Made, Who

__all__ = ["routes"]

Address = Annotated[
    str, Query(min_length=1, max_length=200, description="`battery/mass`, `requirement/I-MASS`, `proposal/3`")
]


class NewComment(BaseModel):
    """A comment to write: about what, for which parties (all where none is named), and to which other it answers."""

    address: str = Field(max_length=200)
    text: str = Field(max_length=20_000)
    to: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=100)
    answers: str = Field(default="", max_length=100)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/comments")
    def comments(name: str, who: Who, address: Address) -> CommentsShown:
        return workspace.comments.listed(name, who, address)

    @doors.get("/programmes/{name}/comments/waiting")
    def waiting(name: str, who: Who) -> CommentsShown:
        return workspace.comments.waiting(name, who)

    @doors.get("/programmes/{name}/comments/counts")
    def counts(name: str, who: Who) -> TalkShown:
        return workspace.comments.counted(name, who)

    @doors.post("/programmes/{name}/comments", status_code=201)
    def comment(name: str, wanted: NewComment, who: Who) -> Made:
        return Made(id=workspace.comments.add(name, who, wanted.address, wanted.text, wanted.to, wanted.answers))

    @doors.post("/programmes/{name}/comments/{comment}/hide")
    def hide(name: str, comment: str, who: Who) -> Made:
        workspace.comments.hide(name, who, comment)
        return Made(id=comment)

    return doors
