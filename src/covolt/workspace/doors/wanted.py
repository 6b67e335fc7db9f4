"""What requests to several doors bear: a number, a bound or an offer that is to change."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from covolt.contract.datasheet import Basis
from covolt.workspace.changes import Asked

__all__ = ["WantedNumber"]


class WantedNumber(BaseModel):
    """What is to change: a number of the part in a slot, `offer` there, or without a slot the bound of a requirement.

    `value` is written with its unit as people do; for `offer` it is the reference of one. `u`, `basis` and `source` are what the
    party states beside a part's number, where it does.
    """

    model_config = ConfigDict(extra="forbid")

    slot: str = Field(default="", max_length=100)
    number: str = Field(max_length=100)
    value: str = Field(max_length=200)
    u: str | None = Field(default=None, max_length=200)
    basis: Basis | None = None
    source: str | None = Field(default=None, max_length=500)

    @property
    def plain(self) -> Asked:
        """As the workspace is asked for it."""
        return Asked(self.slot, self.number, self.value, self.u or "", self.basis or "", self.source or "")
