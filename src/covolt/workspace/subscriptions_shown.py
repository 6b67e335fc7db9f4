"""What the workspace answers about what goes out: ways, subscriptions, and what came of the last deliveries; no secret."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said
from covolt.workspace.log_shown import KindRow

__all__ = ["DeliveryShown", "SubscriptionMade", "SubscriptionRow", "SubscriptionsShown", "WayShown"]


@dataclass(frozen=True, config=RESULT)
class WayShown:
    """A way to reach a subscriber: what it needs to be told, and whether that hands over a secret."""

    kind: str
    title: Said
    target: Said
    secret: Said | None


@dataclass(frozen=True, config=RESULT)
class DeliveryShown:
    """Something that was to be sent; `said` is what came of the last attempt."""

    key: str
    events: tuple[int, ...]
    state: Literal["waiting", "sent", "given up", "ended"]
    attempts: int
    made: str
    next_try: str
    said: Said | None


@dataclass(frozen=True, config=RESULT)
class SubscriptionRow:
    """A subscription, with its last deliveries, newest first."""

    id: int
    kind: str
    target: str
    scope: Literal["touched", "all"]
    verbs: tuple[str, ...]
    language: str
    rhythm: Literal["at once", "daily", "weekly"]
    active: bool
    made: str
    deliveries: tuple[DeliveryShown, ...]


@dataclass(frozen=True, config=RESULT)
class SubscriptionsShown:
    """The subscriptions of a person for a party, newest first, the ways that there are, and kinds of entries to ask for.

    `not_offered` are ways that this workspace does not have, each with why.
    """

    ways: tuple[WayShown, ...]
    not_offered: tuple[Said, ...]
    kinds: tuple[KindRow, ...]
    subscriptions: tuple[SubscriptionRow, ...]
    schema: Literal["workspace-subscriptions/1"] = "workspace-subscriptions/1"


@dataclass(frozen=True, config=RESULT)
class SubscriptionMade:
    """A subscription that was made, and the secret by which its messages are signed: it is told here and never again."""

    id: int
    secret: str
    schema: Literal["workspace-subscription-made/1"] = "workspace-subscription-made/1"
