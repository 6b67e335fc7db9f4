"""Several workers of one foreign drive unit as one."""

from __future__ import annotations

from typing import final

import numpy as np

from covolt.library.pool import AbstractPooled
from covolt.vehicle.foreign_drive_unit import DriveUnitAnswer, DriveUnitAsked, DriveUnitBegin, DriveUnitLink

__all__ = ["PooledDriveUnit"]


@final
class PooledDriveUnit(AbstractPooled[DriveUnitLink]):
    """Several workers as a `DriveUnitLink`."""

    def whole(self, begin: DriveUnitBegin, asked: DriveUnitAsked, steps_s: np.ndarray) -> DriveUnitAnswer:
        """Begin anew, and answer a whole mission."""
        with self._pool.any() as link:
            return link.whole(begin, asked, steps_s)

    def start(self, begin: DriveUnitBegin, asked: DriveUnitAsked, dt_s: float) -> None:
        """No single steps."""
        raise NotImplementedError("a pool of workers answers whole missions")

    def step(self, index: int, asked: DriveUnitAsked, dt_s: float) -> DriveUnitAnswer:
        """No single step."""
        raise NotImplementedError("a pool of workers answers whole missions")
