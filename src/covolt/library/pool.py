"""Several workers of one foreign part: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from queue import LifoQueue
from typing import Generic, Protocol, TypeVar, final

from covolt.errors import ComponentEnded
from covolt.vehicle.foreign import HowRun

__all__ = ["Pool"]


class _Runs(Protocol):
    @property
    def runs(self) -> HowRun: ...


MOST_ENDS = 4
"""Crashes and missed deadlines of workers, after which a part is asked no more: each costs the time of its deadline."""
Link = TypeVar("Link", bound=_Runs)
T = TypeVar("T")


@final
class Pool(Generic[Link]):
    """Equal links, each of which answers one drive at a time.

    A party that was lost is lost for all who ask: nobody waits for it again. A worker of the sandbox begins anew, until as many
    ended as are not by chance.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        if not links:
            raise ValueError("a pool needs a link")
        self.first = links[0]
        self._lost: list[ComponentEnded] = []
        self._ended = 0
        self._free = LifoQueue[Link]()
        for one in links:
            self._free.put(one)

    @contextmanager
    def one(self) -> Generator[Link]:
        """A free link, which is waited for; nobody else has it until the block ends."""
        link = self._free.get()
        try:
            self._demand_there()
            yield link
        except ComponentEnded as error:
            self._ended += 1
            if self.first.runs != "sandboxed" or self._ended >= MOST_ENDS:
                self._lost.append(error)
            raise
        finally:
            self._free.put(link)

    def _demand_there(self) -> None:
        if self._lost:
            raise ComponentEnded(self._lost[0].problems)

    def with_one(self, do: Callable[[Link], T]) -> T:
        """What is done with a free link."""
        with self.one() as link:
            return do(link)
