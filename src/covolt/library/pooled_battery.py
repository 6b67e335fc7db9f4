"""Several workers of one foreign battery as one: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import final

import numpy as np

from covolt.library.pool import AbstractPooled
from covolt.vehicle.foreign import BatteryAnswer, BatteryAsked, BatteryBegin, BatteryLink

__all__ = ["PooledBattery"]


@final
class PooledBattery(AbstractPooled[BatteryLink]):
    """Several workers as a `BatteryLink`."""

    def __init__(self, links: Sequence[BatteryLink]) -> None:
        super().__init__(links)
        self._ratios: tuple[float, float] | None = None

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> PooledBattery | None:
        """The same workers, of a part that has aged; None where it does not say how."""
        if self._pool.first.aged(capacity_ratio, resistance_ratio) is None:
            return None
        older = copy(self)
        older._ratios = (capacity_ratio, resistance_ratio)
        return older

    @contextmanager
    def alone(self) -> Generator[BatteryLink]:
        """One of the workers, as old as this part is, which nobody else asks until the block ends."""
        with self._pool.one() as link, link.alone():
            yield self._as_old(link)

    def _as_old(self, link: BatteryLink) -> BatteryLink:
        return (None if self._ratios is None else link.aged(*self._ratios)) or link

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray) -> BatteryAnswer:
        """Begin anew, and answer a whole mission."""
        with self._pool.any() as link:
            return self._as_old(link).whole(begin, asked, steps_s)

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """The answers at the start; `whole` begins anew."""
        with self.alone() as link:
            return link.start(begin, dt_s)

    def step(self, index: int, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """No single step."""
        raise NotImplementedError("a pool of workers answers whole missions")
