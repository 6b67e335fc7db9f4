"""The table of jobs: what takes longer than an answer may, who asked for it, and who is at it until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from covolt.workspace.tables import Stored

__all__ = ["JobRow"]


class JobRow(Stored):
    """A job of a programme, asked for a party on the state whose commits are `base`; `key` names what is asked.

    `leased_by` does it until `leased_until`, and whoever finds that past takes it up again; `attempts` counts those who did,
    `crashes` how often its process ended by itself. `result` is the digest of the file that answers it. `runner` is the party
    whose own runner does it; empty where the workspace does.
    """

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("programme", "number"), UniqueConstraint("key"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    programme: Mapped[str] = mapped_column(ForeignKey("programmes.id"))
    number: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str]
    base: Mapped[dict[str, Any]]
    day: Mapped[str]
    asked: Mapped[dict[str, Any]]
    party: Mapped[str]
    person: Mapped[str]
    runner: Mapped[str]
    key: Mapped[str]
    status: Mapped[str]
    leased_by: Mapped[str]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int]
    crashes: Mapped[int]
    done: Mapped[int]
    total: Mapped[int]
    result: Mapped[str]
    problems: Mapped[list[Any]]
    made: Mapped[datetime]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
