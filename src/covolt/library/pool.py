"""Several workers of one foreign part: who asks takes a free one, and drives do not wait for each other."""

from __future__ import annotations

import abc
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from queue import LifoQueue
from threading import Lock
from typing import Generic, TypeVar, final

from covolt.errors import ComponentEnded, Problem
from covolt.vehicle.foreign import HowRun, PartLink

__all__ = ["AbstractPooled", "Pool"]


MOST_ENDS = 4
"""Crashes and missed deadlines of workers, after which a part is asked no more: each costs the time of its deadline."""
Link = TypeVar("Link", bound=PartLink)


@final
class Pool(Generic[Link]):
    """Equal links, each of which answers one drive at a time.

    A party that was lost is lost for all who ask: nobody waits for it again. A worker of the sandbox begins anew, until as many
    ended as are not by chance.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        if not links:
            raise ValueError("a pool needs a link")
        self.first, self.count = links[0], len(links)
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
            with self._watched():
                yield link
        finally:
            self._free.put(link)

    @contextmanager
    def any(self) -> Generator[Link]:
        """A link for a whole mission: one that answers those of many drives is not waited for."""
        if "many missions" in self.first.serves:
            with self._watched():
                yield self.first
        else:
            with self.one() as link:
                yield link

    @contextmanager
    def _watched(self) -> Generator[None]:
        if self._lost:
            raise ComponentEnded(self._lost[0].problems)
        try:
            yield
        except ComponentEnded as error:
            self._ended += 1
            if self.first.runs != "sandboxed" or self._ended >= MOST_ENDS:
                self._lost.append(error)
            raise


class AbstractPooled(abc.ABC, Generic[Link]):
    """Equal links as one, each of which answers one drive at a time; step by step is asked one `alone`."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._pool = Pool(links)
        self._of_all = Lock()

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
    def wiring(self) -> str:
        """That of each."""
        return self._pool.first.wiring

    @property
    def notices(self) -> tuple[Problem, ...]:
        """Those of one, for all say the same."""
        return self._pool.first.notices

    @property
    def protections(self) -> tuple[str, ...]:
        """Those of each."""
        return self._pool.first.protections

    @property
    def serves(self) -> frozenset[str]:
        """Whole missions: of two steps of one drive each could meet another worker."""
        return self._pool.first.serves & {"whole mission", "many missions"}

    @contextmanager
    def alone(self) -> Generator[Link]:
        """One of the workers, which nobody else asks until the block ends."""
        with self._pool.one() as link, link.alone():
            yield link

    @contextmanager
    def all_alone(self) -> Generator[list[Link]]:
        """Every one of the workers, which nobody else asks until the block ends."""
        with self._of_all, ExitStack() as stack:
            yield [stack.enter_context(self.alone()) for _ in range(self._pool.count)]
