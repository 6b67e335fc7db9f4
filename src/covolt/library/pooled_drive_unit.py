"""Several workers of one foreign drive unit as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from covolt.library.pool import Pool
from covolt.vehicle.foreign import HowRun
from covolt.vehicle.foreign_drive_unit import DriveUnitAnswer, DriveUnitAsked, DriveUnitBegin, DriveUnitLink

__all__ = ["PooledDriveUnit"]


@final
class PooledDriveUnit:
    """A `DriveUnitLink` over equal links, each of which answers one whole mission at a time; it cannot be driven step by step."""

    def __init__(self, links: Sequence[DriveUnitLink]) -> None:
        self._pool = Pool(links)

    @property
    def name(self) -> str:
        """That of each."""
        return self._pool.first.name

    @property
    def runs(self) -> HowRun:
        """Where each runs."""
        return self._pool.first.runs

    @property
    def digest(self) -> str:
        """That of what each runs."""
        return self._pool.first.digest

    @property
    def serves(self) -> frozenset[str]:
        """Whole missions alone: of two steps of one drive each could meet another worker."""
        return frozenset({"whole mission"})

    def whole(self, begin: DriveUnitBegin, asked: DriveUnitAsked, steps_s: np.ndarray) -> DriveUnitAnswer:
        """Begin anew, and answer a whole mission."""
        return self._pool.with_one(lambda link: link.whole(begin, asked, steps_s))

    def start(self, begin: DriveUnitBegin, asked: DriveUnitAsked, dt_s: float) -> None:
        """No single steps."""
        raise NotImplementedError("a pool of workers answers whole missions")

    def step(self, index: int, asked: DriveUnitAsked, dt_s: float) -> DriveUnitAnswer:
        """No single step."""
        raise NotImplementedError("a pool of workers answers whole missions")
