"""How parts that are not covolt's took part in a drive: which, by what way, in how many passes, and what rests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from covolt.vehicle.foreign import HowRun

__all__ = ["Coupling", "ForeignPart", "Way"]

Way = Literal["whole mission", "stepwise"]
"""The part is asked for a whole mission, again and again until no answer changes; or for one step after the other."""


@dataclass(frozen=True)
class ForeignPart:
    """A part that is not covolt's: in which slot, what people call it, where it ran, and the SHA-256 of what ran."""

    slot: str
    name: str
    runs: HowRun
    digest: str
    declared_less_real_ratio: float | None = None
    """Of a drive unit: sum |declared - real| of its electrical power, over the energy through all drive units."""
    remainder_ratio: float | None = None
    """Of a battery: what enters it less what it says that it stores and loses, over the energy through its terminals."""
    protections: tuple[str, ...] = ()
    """What keeps it apart on this machine (`PartLink.protections`)."""


@dataclass(frozen=True)
class Coupling:
    """How parts that are not covolt's took part in a drive.

    `rest_ratio` is by how much the answers of the last two passes still differ, over the largest number of their port; 0 where
    they are equal to the bit.
    """

    way: Way
    parts: tuple[ForeignPart, ...]
    passes: int = 1
    rest_ratio: float = 0.0

    @property
    def provisional(self) -> bool:
        """Whether a part was replayed from a log and did not answer itself."""
        return any(one.runs == "replayed" for one in self.parts)
