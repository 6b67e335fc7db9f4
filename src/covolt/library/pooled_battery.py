"""Several workers of one foreign battery as one: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from queue import LifoQueue
from typing import TypeVar, final

import numpy as np

from covolt.errors import ComponentEnded
from covolt.vehicle.foreign import BatteryAnswer, BatteryAsked, BatteryBegin, BatteryLink, HowRun

__all__ = ["PooledBattery"]

T = TypeVar("T")


@final
class PooledBattery:
    """A `BatteryLink` over equal links, each of which answers one whole mission at a time; it cannot be driven step by step.

    A party that was lost is lost for all who ask: nobody waits for it again. A worker of the sandbox begins anew.
    """

    def __init__(self, links: Sequence[BatteryLink]) -> None:
        if not links:
            raise ValueError("a pool needs a link")
        self._first = links[0]
        self._ratios: tuple[float, float] | None = None
        self._lost: list[ComponentEnded] = []
        self._free = LifoQueue[BatteryLink]()
        for one in links:
            self._free.put(one)

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> PooledBattery | None:
        """The same workers, of a part that has aged; None where it does not say how."""
        if self._first.aged(capacity_ratio, resistance_ratio) is None:
            return None
        older = copy(self)
        older._ratios = (capacity_ratio, resistance_ratio)
        return older

    @property
    def name(self) -> str:
        """That of each."""
        return self._first.name

    @property
    def runs(self) -> HowRun:
        """Where each runs."""
        return self._first.runs

    @property
    def digest(self) -> str:
        """That of what each runs."""
        return self._first.digest

    @property
    def serves(self) -> frozenset[str]:
        """Whole missions alone: of two steps of one drive each could meet another worker."""
        return frozenset({"whole mission"})

    def _with_one(self, do: Callable[[BatteryLink], T]) -> T:
        link = self._free.get()
        try:
            self._demand_there()
            older = None if self._ratios is None else link.aged(*self._ratios)
            return do(older or link)
        except ComponentEnded as error:
            if self.runs != "sandboxed" and not self._lost:
                self._lost.append(error)
            raise
        finally:
            self._free.put(link)

    def _demand_there(self) -> None:
        if self._lost:
            raise ComponentEnded(self._lost[0].problems)

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray) -> BatteryAnswer:
        """Begin anew, and answer a whole mission."""
        return self._with_one(lambda link: link.whole(begin, asked, steps_s))

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """The answers at the start; `whole` begins anew."""
        return self._with_one(lambda link: link.start(begin, dt_s))

    def step(self, index: int, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """No single step."""
        raise NotImplementedError("a pool of workers answers whole missions")
