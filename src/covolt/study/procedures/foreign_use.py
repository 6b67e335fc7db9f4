"""Which foreign parts a procedure asked: where they ran, in how many drives, and how well their answers settled."""

from __future__ import annotations

from threading import Lock
from typing import final

import pydantic.dataclasses

from covolt.simulation.coupling import Coupling
from covolt.study.result import RESULT, Number
from covolt.vehicle.foreign import HowRun

__all__ = ["ForeignUse", "Uses"]


@pydantic.dataclasses.dataclass(frozen=True, config=RESULT)
class ForeignUse:
    """What a part that is not covolt's did for a record.

    `runs` is where it ran ("in process", "sandboxed", "hosted", "replayed"), `digest` the SHA-256 of what ran. It was asked in
    `drives`, charging sessions among them, each in at most `passes` rounds over its mission, after which answers still changed by
    `rest_ratio` of the largest of their port. The electrical power of a drive unit differs from what it declares by at most
    `declared_less_real_ratio` of the energy through all drive units of a drive; what enters a battery differs from what it says
    that it stores and loses by at most `remainder_ratio` of the energy through its terminals. `ways` says whether it
    was asked for whole missions or stepwise, `protections` what kept it apart in all drives.
    """

    slot: str
    name: str
    runs: HowRun
    digest: str
    drives: int = 0
    passes: int = 0
    rest_ratio: Number = 0.0
    declared_less_real_ratio: Number | None = None
    remainder_ratio: Number | None = None
    ways: tuple[str, ...] = ()
    protections: tuple[str, ...] = ()


@final
class Uses:
    """Collects what foreign parts do while a procedure is carried out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[tuple[str, str, HowRun, str], ForeignUse] = {}

    def asked(self, coupling: Coupling | None) -> None:
        """Take a drive or a charging session into account; several threads may."""
        if coupling is not None:
            with self._lock:
                self._take(coupling)

    def _take(self, coupling: Coupling) -> None:
        for part in coupling.parts:
            key = (part.slot, part.name, part.runs, part.digest)
            now = self._found.get(key, ForeignUse(*key))
            rest, passes = max(now.rest_ratio, coupling.rest_ratio), max(now.passes, coupling.passes)
            shares = [one for one in (now.declared_less_real_ratio, part.declared_less_real_ratio) if one is not None]
            remainders = [abs(one) for one in (now.remainder_ratio, part.remainder_ratio) if one is not None]
            kept = tuple(one for one in part.protections if not now.drives or one in now.protections)
            self._found[key] = ForeignUse(
                *key,
                now.drives + 1,
                passes,
                rest,
                max(shares, default=None),
                max(remainders, default=None),
                tuple(sorted({*now.ways, coupling.way})),
                kept,
            )

    def found(self) -> tuple[ForeignUse, ...]:
        """One for each part that was asked."""
        return tuple(use for _, use in sorted(self._found.items()))
