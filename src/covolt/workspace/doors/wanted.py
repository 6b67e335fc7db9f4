"""What requests to several doors bear: a number that is to change."""

from __future__ import annotations

from pydantic import BaseModel, Field

__all__ = ["WantedNumber"]


class WantedNumber(BaseModel):
    """A number that is to change: where, and its value with its unit as people write it."""

    slot: str = Field(max_length=100)
    number: str = Field(max_length=100)
    value: str = Field(max_length=100)

    @property
    def plain(self) -> tuple[str, str, str]:
        """As the workspace is asked for it."""
        return self.slot, self.number, self.value
