"""Doors to people: members of a programme, and invitations into it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from covolt.workspace.asking import Workspace
from covolt.workspace.bearer import LONGEST
from covolt.workspace.doors.asked import API, Asks, Bounded, Made, Number, Who, asker_or_nobody, set_cookie
from covolt.workspace.peopleshown import InvitationMade, InvitationsShown, MembersShown
from covolt.workspace.together import Together

__all__ = ["routes"]

PROGRAMME = "/programmes/{name}"


class NewInvitation(BaseModel):
    """An invitation to make, for the slots that it names or, where it names none, for all that the party does."""

    party: str = Field(max_length=100)
    slots: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list[str], max_length=200)
    days: int = 7


class UsedInvitation(BaseModel):
    """The word of an invitation; who is not known yet says how others call one."""

    word: str = Field(max_length=LONGEST)
    name: str = Field(default="", max_length=200)


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get(f"{PROGRAMME}/members")
    def members(name: str, who: Who) -> MembersShown:
        return workspace.people.members(name)

    @doors.post(f"{PROGRAMME}/members/{{number}}/end")
    def end_member(name: str, number: Number, who: Who, asker: Asks) -> Made:
        workspace.people.end(asker, name, number)
        return Made(number=number)

    @doors.get(f"{PROGRAMME}/invitations")
    def invitations(
        name: str, who: Who, asker: Asks, of: Annotated[str, Query(max_length=100)] = ""
    ) -> InvitationsShown:
        return workspace.invitations.listed(asker, name, of or who.party)

    @doors.post(f"{PROGRAMME}/invitations", status_code=201)
    def invite(name: str, wanted: NewInvitation, who: Who, asker: Asks) -> InvitationMade:
        return workspace.invitations.make(asker, name, wanted.party, wanted.slots, wanted.days)

    @doors.post(f"{PROGRAMME}/invitations/{{number}}/revoke")
    def revoke(name: str, number: Number, who: Who, asker: Asks) -> Made:
        workspace.invitations.revoke(asker, name, number)
        return Made(number=number)

    @doors.post("/invitations/use", status_code=201, dependencies=[Bounded])
    def use(given: UsedInvitation, request: Request, answer: Response) -> Made:
        asker = asker_or_nobody(request)
        person, programme = workspace.invitations.use(given.word, asker.person if asker else "", given.name)
        entrance = workspace.entrance
        if asker is None and isinstance(entrance, Together):
            set_cookie(request, answer, entrance.let_in(person))
        return Made(id=programme)

    return doors
