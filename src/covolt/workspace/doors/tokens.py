"""Doors to tokens: one's own, made, exchanged and ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from covolt.workspace.asking import Workspace
from covolt.workspace.bearer import LONGEST
from covolt.workspace.doors.asked import API, Asks, Bounded, Made, Number, Who
from covolt.workspace.peopleshown import TokenMade, TokensShown
from covolt.workspace.tokens import TokenWanted

__all__ = ["routes"]


class NewToken(BaseModel):
    """A token to make."""

    title: str = Field(max_length=200)
    scopes: list[Annotated[str, Field(max_length=20)]] = Field(max_length=20)
    programme: str = Field(default="", max_length=100)
    party: str = Field(default="", max_length=100)
    days: int = 90


class ExchangedToken(BaseModel):
    """The word of a token that is exchanged."""

    word: str = Field(max_length=LONGEST)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/tokens")
    def tokens(who: Who, asker: Asks) -> TokensShown:
        return workspace.tokens.listed(asker)

    @doors.post("/tokens", status_code=201)
    def make_token(wanted: NewToken, who: Who, asker: Asks) -> TokenMade:
        if wanted.programme:
            workspace.entrance.reader(asker, wanted.programme, wanted.party)
        token = TokenWanted(wanted.title, wanted.scopes, wanted.programme, wanted.party, wanted.days)
        return workspace.tokens.make(asker, token)

    @doors.post("/tokens/exchange", status_code=201, dependencies=[Bounded])
    def exchange(given: ExchangedToken) -> TokenMade:
        return workspace.tokens.exchange(given.word)

    @doors.post("/tokens/{number}/end")
    def end_token(number: Number, who: Who, asker: Asks) -> Made:
        workspace.tokens.end(asker, number)
        return Made(number=number)

    return doors
