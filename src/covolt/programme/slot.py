"""Slots: the places of the vehicle, who answers for each, and the contract under which it is filled."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT
from covolt.contract.port import NAME
from covolt.programme.text import Identifier, Titled

__all__ = ["Slot"]


class Slot(BaseModel):
    """A place that one part fills. `part` narrows the choice to one part of the owner where he offers several.

    `second_drive_unit` and `second_gearbox` are those of a second driven axle; any other name is free.
    """

    model_config = DOCUMENT

    document: Literal["slot/1"] = Field(default="slot/1", alias="schema")
    id: str = Field(pattern=NAME)
    title: Titled
    owner: Identifier
    contract: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*@\d+$")
    part: str = ""
