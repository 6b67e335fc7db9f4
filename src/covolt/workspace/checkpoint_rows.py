"""What the database holds of checkpoints, and of the signatures of parties over them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from covolt.workspace.tables import Stored

__all__ = ["CheckpointRow", "CountersignatureRow"]


class CheckpointRow(Stored):
    """Where everything stood after an entry of the log; `signature` is the workspace's, over content and the one before."""

    __tablename__ = "checkpoints"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str]
    signature: Mapped[str]


class CountersignatureRow(Stored):
    """A party's signature over a checkpoint, by a key that it has in a programme."""

    __tablename__ = "countersignatures"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    sequence: Mapped[int] = mapped_column(ForeignKey("checkpoints.sequence"))
    party: Mapped[str]
    key: Mapped[str]
    signature: Mapped[str]
