"""Several workers of one foreign part: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import LifoQueue
from typing import Generic, TypeVar, final

__all__ = ["Pool"]

Link = TypeVar("Link")
T = TypeVar("T")


@final
class Pool(Generic[Link]):
    """Equal links, each of which answers one whole mission at a time."""

    def __init__(self, links: Sequence[Link]) -> None:
        if not links:
            raise ValueError("a pool needs a link")
        self.first = links[0]
        self._free = LifoQueue[Link]()
        for one in links:
            self._free.put(one)

    def with_one(self, do: Callable[[Link], T]) -> T:
        """What is done with a free link, which is waited for."""
        link = self._free.get()
        try:
            return do(link)
        finally:
            self._free.put(link)
