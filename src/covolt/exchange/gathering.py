"""Drives that are under way side by side: what they ask of a component that answers many missions goes in one message.

A drive works until it asks. As soon as every drive waits for an answer, or has ended, all that was asked is asked at once, and
each goes on with its own answer: the same, to the bit, as if it had been asked alone, for every mission begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Event, Lock, Semaphore
from typing import TypeVar, final

import numpy as np

from covolt.errors import ComponentEnded, ComponentFailed
from covolt.exchange.missions import AnswersMissions, AskedMission

__all__ = ["MOST_DRIVES", "Gathering", "asked_together", "by_itself", "gathering"]

MOST_DRIVES = 64
"""Threads of one set of drives; what is more waits until one has ended."""
Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass
class _Question:
    component: AnswersMissions
    mission: AskedMission
    done: Event = field(default_factory=Event)
    found: list[np.ndarray | BaseException] = field(default_factory=list[np.ndarray | BaseException])
    """The answer, once there is one."""


@final
class Gathering:
    """Lets drives work side by side, `at_once` of them at a time, and asks for them together."""

    def __init__(self, at_once: int) -> None:
        self._lock = Lock()
        self._working = 0
        """Drives that neither wait for an answer nor have ended."""
        self._turns = Semaphore(at_once)
        self._asked: list[_Question] = []

    def each(self, act: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
        """What `act` gives of each item, all under way at once; who is itself such a drive waits for them.

        Raises:
            Exception: the first, by order of the items, that `act` raised, once all have ended.
        """
        count, inside = min(len(items), MOST_DRIVES), gathering() is self
        if count == 0:
            return []
        found: list[Found | BaseException | None] = [None] * len(items)
        left, open_drives = iter(enumerate(items)), [count]
        with self._lock:
            # Who waits is not counted, until the last of them has ended.
            self._working += count - inside
        if inside:
            self._turns.release()

        def drive(_: int) -> None:
            token = _NOW.set(self)
            self._turns.acquire()
            try:
                while (one := self._next(left)) is not None:
                    try:
                        found[one[0]] = act(one[1])
                    except BaseException as error:
                        found[one[0]] = error
            finally:
                self._turns.release()
                _NOW.reset(token)
                self._ended(open_drives, handed_on=inside)

        with ThreadPoolExecutor(count, thread_name_prefix="covolt drive") as pool:
            list(pool.map(drive, range(count)))
        if inside:
            self._turns.acquire()
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return found  # pyright: ignore[reportReturnType]  # none is an error

    def ask(self, component: AnswersMissions, mission: AskedMission) -> np.ndarray:
        """The answer to one mission of the drive that asks, which waits for those that are under way beside it."""
        question = _Question(component, mission)
        self._turns.release()
        with self._lock:
            self._asked.append(question)
            self._working -= 1
            due = self._due()
        _answer(due)
        question.done.wait()
        self._turns.acquire()
        (answer,) = question.found
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _next(self, left: Iterator[tuple[int, Item]]) -> tuple[int, Item] | None:
        with self._lock:
            return next(left, None)

    def _ended(self, open_drives: list[int], *, handed_on: bool) -> None:
        with self._lock:
            open_drives[0] -= 1
            if handed_on and open_drives[0] == 0:
                return  # whoever waited for them goes on in the place of the last
            self._working -= 1
            due = self._due()
        _answer(due)

    def _due(self) -> list[_Question]:
        """All that was asked, once nobody works; who asked it counts as working from here on."""
        if self._working:
            return []
        due, self._asked = self._asked, []
        self._working = len(due)
        return due


_NOW: ContextVar[Gathering | None] = ContextVar("covolt_gathering", default=None)


def gathering() -> Gathering | None:
    """The gathering in which this thread drives; None where it drives by itself."""
    return _NOW.get()


@contextmanager
def by_itself() -> Generator[None]:
    """What is asked within waits for no other drive: who holds a part for himself alone would wait for those who wait for it."""
    token = _NOW.set(None)
    try:
        yield
    finally:
        _NOW.reset(token)


def asked_together(
    component: AnswersMissions, mission: AskedMission, alone: AbstractContextManager[object]
) -> np.ndarray:
    """Outputs (n + 1, m) of one mission, asked together with what other drives ask; `alone` is held where none are beside it."""
    now = gathering()
    if now is not None:
        return now.ask(component, mission)
    with alone:
        return component.missions([mission])[0]


def _answer(due: Sequence[_Question]) -> None:
    """Ask each component for what is due of it."""
    for component in {id(one.component): one.component for one in due}.values():
        _answer_of(component, [one for one in due if one.component is component])


def _answer_of(component: AnswersMissions, questions: Sequence[_Question]) -> None:
    try:
        found: Sequence[np.ndarray | BaseException] = component.missions([one.mission for one in questions])
    except ComponentEnded as error:
        found = [error] * len(questions)
    except ComponentFailed as error:
        # One of them it cannot answer, and does not say which: each is asked by itself.
        found = [error] if len(questions) == 1 else [_alone(component, one) for one in questions]
    except BaseException as error:
        found = [error] * len(questions)
    for question, answer in zip(questions, found, strict=True):
        question.found.append(answer)
        question.done.set()


def _alone(component: AnswersMissions, question: _Question) -> np.ndarray | BaseException:
    try:
        return component.missions([question.mission])[0]
    except BaseException as error:
        return error
