"""Doors to proposals: made, looked at, answered, merged and withdrawn."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Made, Number, Wait, Who
from covolt.workspace.doors.wanted import WantedNumber
from covolt.workspace.settlements_shown import SettlementOption
from covolt.workspace.shown import ProposalShown, ProposalsShown

__all__ = ["routes"]


class Settlement(BaseModel):
    """An option of a job that looked for settlements, counted from 0."""

    job: int = Field(ge=1, le=2**31 - 1)
    option: int = Field(ge=0, le=100)


class NewProposal(BaseModel):
    """A proposal to make, of changes or of a settlement, which brings its own."""

    changes: list[WantedNumber] = Field(default_factory=list[WantedNumber], max_length=200)
    settlement: Settlement | None = None
    title: str = Field(min_length=1, max_length=1000)
    reason: str = Field(default="", max_length=20_000)


class NewAnswer(BaseModel):
    """An answer to a proposal of this content."""

    answer: Literal["accept", "refuse"]
    content: str = Field(max_length=100)
    reason: str = Field(default="", max_length=20_000)


def _linked(number: str, *doors: str, **given: Any) -> dict[str, Any]:
    """What can be done next with a proposal of the number that stands there, as OpenAPI's links say it."""
    parameters = {"name": "$request.path.name", "number": number}
    return {
        "links": {
            door: {
                "operationId": f"{door}_api_v1_programmes__name__proposals__number__{ending}",
                "parameters": parameters,
            }
            | given
            for door, _, ending in (one.partition(" ") for one in doors)
        }
    }


MADE = _linked("$response.body#/number", "proposal get", "merge merge_post", "withdraw withdraw_post")
LOOKED_AT = _linked(
    "$request.path.number",
    "answer answers_post",
    requestBody={"answer": "accept", "content": "$response.body#/content", "reason": ""},
)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/proposals")
    def proposals(name: str, who: Who) -> ProposalsShown:
        return workspace.proposals.listed(name, who)

    @doors.post("/programmes/{name}/proposals", status_code=201, responses={201: MADE})
    def propose(name: str, wanted: NewProposal, who: Who) -> Made:
        changes = [one.plain for one in wanted.changes]
        settled = None if wanted.settlement is None else (wanted.settlement.job, wanted.settlement.option)
        return Made(number=workspace.proposals.make(name, who, changes, wanted.title, wanted.reason, settled))

    @doors.get("/programmes/{name}/proposals/{number}", responses={200: LOOKED_AT})
    def proposal(name: str, number: Number, who: Who, wait_s: Wait = 0.0) -> ProposalShown:
        return workspace.proposals.shown(name, number, who, wait_s)

    @doors.get("/programmes/{name}/proposals/{number}/settlement")
    def settlement(name: str, number: Number, who: Who) -> SettlementOption:
        return workspace.proposals.settlement(name, number, who)

    @doors.post("/programmes/{name}/proposals/{number}/answers", status_code=201)
    def answer(name: str, number: Number, given: NewAnswer, who: Who) -> Made:
        workspace.proposals.answer(name, number, who, given.answer, given.reason, given.content)
        return Made(number=number)

    @doors.post("/programmes/{name}/proposals/{number}/merge")
    def merge(name: str, number: Number, who: Who) -> Made:
        return Made(number=number, commits=workspace.proposals.merge(name, number, who))

    @doors.post("/programmes/{name}/proposals/{number}/withdraw")
    def withdraw(name: str, number: Number, who: Who) -> Made:
        workspace.proposals.withdraw(name, number, who)
        return Made(number=number)

    return doors
