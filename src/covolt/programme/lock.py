"""The lock: which offer fills which slot now, pinned by digest. Moving one pin is the unit of change."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from covolt.contract.document import DOCUMENT
from covolt.programme.text import Digest, a_day

__all__ = ["Lock", "Pin"]


class Pin(BaseModel):
    """Which offer fills one slot, by reference and digest."""

    model_config = DOCUMENT

    offer: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*/[a-z0-9][a-z0-9-]*@\d+\.\d+\.\d+$")
    digest: Digest
    contract: str


class Lock(BaseModel):
    """All slots with their pins. `frozen` is the day on which a baseline was kept; the lock in use has none.

    `documents` are what a baseline holds beside: charter, parties, slots, contracts, scenarios, gates, requirements and interests
    that every party may read, each as it was written, by its place. The lock in use has none, nor have baselines of covolt 0.1.0.
    """

    model_config = DOCUMENT

    document: Literal["lock/1"] = Field(default="lock/1", alias="schema")
    frozen: Annotated[str, AfterValidator(lambda day: a_day(day) if day else "")] = Field(
        default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$"
    )
    slots: dict[str, Pin] = {}
    documents: dict[str, str] = {}
