"""What was made lately and stays true: whoever asks again is given the same, and what nobody asked for the longest goes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar, final

__all__ = ["Lately"]

Made = TypeVar("Made")


@final
class Lately(Generic[Made]):
    """Values by what they follow from alone, such as a commit; several threads may ask.

    Args:
        most: values that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._turn = Lock()
        self._made = OrderedDict[Hashable, Made]()
        self._making: dict[Hashable, Lock] = {}

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The value of a key, made by the first who asks for it while all others who do wait."""
        with self._turn:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._turn:
                if key in self._made:
                    return self._made[key]
            try:
                made = make()
                with self._turn:
                    self._made[key] = made
                    while len(self._made) > self._most:
                        self._made.popitem(last=False)
            finally:
                with self._turn:
                    self._making.pop(key, None)
            return made
