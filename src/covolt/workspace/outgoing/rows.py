"""What the database holds of what goes out: who wants to be told what, and what is still to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, final

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from covolt.workspace.tables import Stored

__all__ = ["DeliveryRow", "SubscriptionRow"]


@final
class SubscriptionRow(Stored):
    """A person who wants to be told what happens in a programme, as whoever acts for a party sees it.

    `seen` is the last entry of the log that was looked at for it; `secret` is sealed, and no answer bears it.
    """

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    programme: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    party: Mapped[str]
    person: Mapped[str]
    kind: Mapped[str]
    target: Mapped[str]
    secret: Mapped[str]
    scope: Mapped[str]
    verbs: Mapped[list[Any]]
    language: Mapped[str]
    rhythm: Mapped[str]
    active: Mapped[bool]
    made: Mapped[datetime]
    ended: Mapped[datetime | None]
    seen: Mapped[int]
    gathers: Mapped[datetime | None]


@final
class DeliveryRow(Stored):
    """What is to be sent to a subscriber at once, and what has come of it so far; of no entries where it is a test."""

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "state", "next_try"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(unique=True)
    subscription: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    events: Mapped[list[Any]]
    made: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    next_try: Mapped[datetime]
    answered: Mapped[dict[str, Any]]
