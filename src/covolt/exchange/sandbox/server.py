"""Inside a worker: a component is opened as the first call says, and every further call is handed to it."""

from __future__ import annotations

import importlib
import socket
import struct
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast, final

import numpy as np

from covolt.errors import CovoltError, Problem
from covolt.exchange.component import Component
from covolt.exchange.sandbox.answers import refusal
from covolt.exchange.sandbox.described import plain
from covolt.exchange.sandbox.frames import Answer, Call, Within
from covolt.exchange.sandbox.wire import packed, unpacked

__all__ = ["serve"]

_STEP = struct.Struct("<dd")
_WINDOW = struct.Struct("<dI")
_Given = tuple[Answer, bytes]


def serve(descriptor: int) -> None:
    """Answer the calls of one conversation until it ends."""
    served = _Served()
    with socket.socket(fileno=descriptor) as connection:
        end = Within(connection)
        while (asked := end.asked()) is not None:
            call, payload = asked
            end.answer(*served.answer(call, payload))
            if call is Call.CLOSE:
                break


@final
class _Served:
    """One component, and how each call is handed to it."""

    def __init__(self) -> None:
        self._component: Component | None = None
        self._inputs = 0
        self._folder = Path()
        self._calls: Mapping[Call, Callable[[memoryview], _Given]] = {
            Call.OPEN: self._open,
            Call.WIRE: self._wire,
            Call.START: self._start,
            Call.STEP: self._step,
            Call.WINDOW: self._window,
            Call.SET: lambda given: _value(self._opened.set_values(cast("dict[str, Any]", unpacked(given)))),
            Call.GET: lambda given: _value(self._opened.get_values(cast("list[str]", unpacked(given)))),
            Call.SAVE: lambda _: _value(self._opened.save()),
            Call.RESTORE: lambda given: _value(self._opened.restore(cast(int, unpacked(given)))),
            Call.FORGET: lambda given: _value(self._opened.forget(cast(int, unpacked(given)))),
            Call.SERIALISE: lambda given: _value(self._opened.serialise(cast(int, unpacked(given)))),
            Call.DESERIALISE: lambda given: _value(self._opened.deserialise(cast(bytes, unpacked(given)))),
            Call.CLOSE: self._close,
        }

    @property
    def _opened(self) -> Component:
        if self._component is None:
            raise RuntimeError("nothing is open")
        return self._component

    def answer(self, call: Call, payload: memoryview) -> _Given:
        """What the component answers; what it raises as problems."""
        try:
            return self._calls[call](payload)
        except CovoltError as error:
            return _refused(type(error).__name__, error.problems)
        except MemoryError:
            return _refused("Memory", ())
        except Exception as error:  # whatever a foreign class raises is told as its own fault
            return _refused("Raised", (Problem(f"{type(error).__name__}: {error}{self._place(error)}"),))

    def _place(self, error: Exception) -> str:
        """The innermost line of the part's own files at which it was raised."""
        own = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).parent == self._folder]
        return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""

    def _open(self, given: memoryview) -> _Given:
        asked = cast("dict[str, Any]", unpacked(given))
        module, _, name = asked["factory"].partition(":")
        self._folder = Path(asked["folder"])
        made = getattr(importlib.import_module(module), name)(Path(asked["folder"]), asked["options"])
        self._component = made
        return _value(plain(made.description))

    def _wire(self, given: memoryview) -> _Given:
        inputs, outputs = cast("list[list[str]]", unpacked(given))
        self._opened.wire(inputs, outputs)
        self._inputs = len(inputs)
        return _value(None)

    def _start(self, given: memoryview) -> _Given:
        asked = cast("dict[str, Any]", unpacked(given))
        outputs = self._opened.start(asked["parameters"], asked["inputs"], asked["start_s"], asked["stop_s"])
        # Structural parameters may have changed what the component looks like.
        return _value([_array(outputs), plain(self._opened.description)])

    def _step(self, given: memoryview) -> _Given:
        time_s, step_s = _STEP.unpack_from(given)
        inputs = np.frombuffer(given, np.float64, offset=_STEP.size).copy()  # what it keeps stays as it was
        return Answer.VECTOR, _array(self._opened.step(time_s, step_s, inputs)).tobytes()

    def _window(self, given: memoryview) -> _Given:
        start_s, count = _WINDOW.unpack_from(given)
        numbers = np.frombuffer(bytes(given[_WINDOW.size :]), np.float64)
        width = 3 * self._inputs if len(numbers) == count * (1 + 3 * self._inputs) else self._inputs
        steps_s, inputs = numbers[:count], numbers[count:].reshape(count, width)
        return Answer.VECTOR, _array(self._opened.window(start_s, steps_s, inputs)).tobytes()

    def _close(self, _: memoryview) -> _Given:
        if self._component is not None:
            self._component.close()
        return _value(None)


def _array(outputs: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.ascontiguousarray(outputs, np.float64)


def _value(value: Any) -> _Given:
    return Answer.VALUE, packed(value)


def _refused(kind: str, problems: tuple[Problem, ...]) -> _Given:
    return Answer.REFUSED, packed(refusal(kind, problems))
