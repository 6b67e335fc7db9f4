"""Doors to what goes out: subscriptions made, listed, tried and ended."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Made, Number, Who
from covolt.workspace.outgoing.subscriptions import WantedSubscription
from covolt.workspace.subscriptions_shown import SubscriptionMade, SubscriptionsShown

__all__ = ["routes"]


class NewSubscription(BaseModel):
    """What somebody wants to be told, and how; `secret` is what the kind asks for, such as the token of a bot."""

    kind: str = Field(max_length=100)
    target: str = Field(max_length=2000)
    secret: str = Field(default="", max_length=500)
    scope: Literal["touched", "all"] = "touched"
    verbs: list[str] = Field(default_factory=list, max_length=100)
    language: str = Field(default="en", max_length=20)
    rhythm: Literal["at once", "daily", "weekly"] = "at once"


def routes(workspace: Workspace) -> APIRouter:
    """These doors."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/subscriptions")
    def subscriptions(name: str, who: Who) -> SubscriptionsShown:
        return workspace.subscriptions.listed(name, who)

    @doors.post("/programmes/{name}/subscriptions", status_code=201)
    def subscribe(name: str, wanted: NewSubscription, who: Who) -> SubscriptionMade:
        given = WantedSubscription(
            wanted.kind, wanted.target, wanted.secret, wanted.scope, tuple(wanted.verbs), wanted.language, wanted.rhythm
        )
        return workspace.subscriptions.make(name, who, given)

    @doors.post("/programmes/{name}/subscriptions/{number}/try", status_code=201)
    def attempt(name: str, number: Number, who: Who) -> Made:
        return Made(id=workspace.subscriptions.attempt(name, number, who))

    @doors.post("/programmes/{name}/subscriptions/{number}/end")
    def end(name: str, number: Number, who: Who) -> Made:
        workspace.subscriptions.end(name, number, who)
        return Made(number=number)

    return doors
