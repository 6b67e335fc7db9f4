"""What the database holds of comments: who wrote what about which thing, and for whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from covolt.workspace.tables import Stored

__all__ = ["CommentRow"]


class CommentRow(Stored):
    """A comment. `readers` names the parties that may read it, all of them where it is empty; `hidden` when it was taken back.

    `id` is drawn by chance: who sees some of them cannot tell from their ids how many others there are.
    """

    __tablename__ = "comments"

    id: Mapped[str] = mapped_column(primary_key=True)
    programme: Mapped[str] = mapped_column(ForeignKey("programmes.id"), index=True)
    address: Mapped[str]
    party: Mapped[str]
    person: Mapped[str]
    text: Mapped[str]
    answers: Mapped[str | None] = mapped_column(ForeignKey("comments.id"))
    readers: Mapped[list[Any]]
    made: Mapped[datetime]
    hidden: Mapped[datetime | None]
