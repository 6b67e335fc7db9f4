"""Several workers of one foreign battery as one: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import final

import numpy as np

from covolt.library.pool import Pool
from covolt.vehicle.foreign import BatteryAnswer, BatteryAsked, BatteryBegin, BatteryLink, HowRun

__all__ = ["PooledBattery"]


@final
class PooledBattery:
    """A `BatteryLink` over equal links, each of which answers one whole mission at a time; it cannot be driven step by step."""

    def __init__(self, links: Sequence[BatteryLink]) -> None:
        self._pool = Pool(links)
        self._ratios: tuple[float, float] | None = None

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> PooledBattery | None:
        """The same workers, of a part that has aged; None where it does not say how."""
        if self._pool.first.aged(capacity_ratio, resistance_ratio) is None:
            return None
        older = copy(self)
        older._ratios = (capacity_ratio, resistance_ratio)
        return older

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

    def _with_one(self, do: Callable[[BatteryLink], BatteryAnswer]) -> BatteryAnswer:
        def asked(link: BatteryLink) -> BatteryAnswer:
            older = None if self._ratios is None else link.aged(*self._ratios)
            return do(older or link)

        return self._pool.with_one(asked)

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray) -> BatteryAnswer:
        """Begin anew, and answer a whole mission."""
        return self._with_one(lambda link: link.whole(begin, asked, steps_s))

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """The answers at the start; `whole` begins anew."""
        return self._with_one(lambda link: link.start(begin, dt_s))

    def step(self, index: int, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """No single step."""
        raise NotImplementedError("a pool of workers answers whole missions")
