"""Several workers of one foreign part: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import LifoQueue
from typing import Generic, Protocol, TypeVar, final

from covolt.errors import ComponentEnded
from covolt.vehicle.foreign import HowRun

__all__ = ["Pool"]


class _Running(Protocol):
    @property
    def runs(self) -> HowRun: ...


Link = TypeVar("Link", bound=_Running)
T = TypeVar("T")


@final
class Pool(Generic[Link]):
    """Equal links, each of which answers one whole mission at a time.

    A party that was lost is lost for all who ask: nobody waits for it again. A worker of the sandbox begins anew.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        if not links:
            raise ValueError("a pool needs a link")
        self.first = links[0]
        self._lost: list[ComponentEnded] = []
        self._free = LifoQueue[Link]()
        for one in links:
            self._free.put(one)

    def with_one(self, do: Callable[[Link], T]) -> T:
        """What is done with a free link, which is waited for."""
        link = self._free.get()
        try:
            self._demand_there()
            return do(link)
        except ComponentEnded as error:
            if self.first.runs != "sandboxed" and not self._lost:
                self._lost.append(error)
            raise
        finally:
            self._free.put(link)

    def _demand_there(self) -> None:
        if self._lost:
            raise ComponentEnded(self._lost[0].problems)
