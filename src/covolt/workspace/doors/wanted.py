"""What requests to several doors bear: a number, a bound or an offer that is to change."""

from __future__ import annotations

from pydantic import BaseModel, Field

__all__ = ["WantedNumber"]


class WantedNumber(BaseModel):
    """What is to change: a number of the part in a slot, `offer` there, or without a slot the bound of a requirement.

    `value` is written with its unit as people do; for `offer` it is the reference of one.
    """

    slot: str = Field(default="", max_length=100)
    number: str = Field(max_length=100)
    value: str = Field(max_length=200)

    @property
    def plain(self) -> tuple[str, str, str]:
        """As the workspace is asked for it."""
        return self.slot, self.number, self.value
