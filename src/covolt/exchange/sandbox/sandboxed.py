"""A component that runs in a worker process: its calls are messages, each with a deadline, and what comes back is not trusted."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast, final

import numpy as np

from covolt.errors import (
    ComponentEnded,
    ComponentFailed,
    CovoltError,
    InputError,
    NotFound,
    Problem,
    Unavailable,
    UnitError,
)
from covolt.exchange.component import Description, Value
from covolt.exchange.confinement.order import Bounds
from covolt.exchange.sandbox.answers import bytes_of, number_of, outputs_of, refusal_of, two, values_of
from covolt.exchange.sandbox.described import description_of
from covolt.exchange.sandbox.frames import LARGEST_BYTES, Answer, Call, Gone, Late
from covolt.exchange.sandbox.protected import protected
from covolt.exchange.sandbox.ways import WAYS, Way
from covolt.exchange.sandbox.wire import Lie, Plain, packed, unpacked
from covolt.words import Phrase, joined, text

__all__ = ["Deadlines", "Program", "SandboxedComponent"]

_STEP = struct.Struct("<dd")
_WINDOW = struct.Struct("<dI")
_SMALL_BYTES = 1 << 16
_CHUNK_BYTES = 16 << 20
_KINDS: Mapping[str, type[CovoltError]] = {
    one.__name__: one for one in (InputError, UnitError, NotFound, Unavailable, ComponentFailed)
}
"""Kinds of errors that a component raises and covolt raises again."""


@final
@dataclass(frozen=True)
class Deadlines:
    """How long a call may take; whoever takes longer is ended, with all its processes."""

    open_s: float = 60.0
    """To start the worker and load the component."""
    start_s: float = 60.0
    step_s: float = 10.0
    """Of one step, and of every call that has none of its own."""
    window_s: float = 600.0
    """The most that many steps in one call may take, however many; else as many times `step_s`."""


@final
@dataclass(frozen=True)
class Program:
    """What runs in a worker."""

    name: str
    """As people call the component; stands in every message about it."""
    factory: str
    """"module:function" of covolt's own, called in the worker as `function(folder, options)`; it returns the `Component`."""
    folder: Path | None = None
    """What it sees, unwritable, as its folder: nothing else of the machine but Python and the system's libraries."""
    options: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    digest: str = ""
    """SHA-256 of what is run, computed outside; else what the worker says stands in the description."""
    shows: tuple[str, ...] = ()
    """Files and folders of this machine that it sees too, unwritable, where they are."""


@final
class SandboxedComponent:
    """A `Component` in a worker process of its own.

    The worker has no network, sees neither home nor other parts nor other processes, writes to a bounded folder in memory only,
    and is bounded in memory, processor time, files and processes. Which of this holds was tried from inside before the component
    was loaded: `protections`. Outputs equal, to the bit, those of the same component in process.
    """

    def __init__(
        self,
        program: Program,
        *,
        deadlines: Deadlines | None = None,
        bounds: Bounds | None = None,
        unprotected: bool = False,
        ways: Sequence[Way] = WAYS,
    ) -> None:
        """Start the worker, look at its protections, and only then load the component.

        Raises:
            Unavailable: protections are missing and `unprotected` does not allow it; or no worker can be started here.
            InputError: the component cannot be loaded as it is, with what its factory says.
            ComponentFailed: it gave no answer in time, or none that counts.
        """
        self.program = program
        self.deadlines = deadlines or Deadlines()
        self.unprotected = unprotected
        self._bounds = bounds or Bounds()
        self._ways = tuple(ways)
        self._time_s = 0.0
        self._call = Call.OPEN
        self._wired: tuple[list[str], list[str]] = ([], [])
        self._closed = False
        self._open()

    def _open(self) -> None:
        self._worker, self.protections = protected(
            self.program.folder,
            self._bounds,
            self._ways,
            unprotected=self.unprotected,
            start_s=self.deadlines.open_s,
            shows=self.program.shows,
        )
        try:
            asked = {
                "factory": self.program.factory, "folder": self.protections.folder, "options": dict(self.program.options),
            }  # fmt: skip
            said = self._ask(Call.OPEN, packed(asked), self.deadlines.open_s)
            self._description = self._described(said)
        except BaseException:
            self._worker.end()
            raise

    def _described(self, said: Plain) -> Description:
        found = self._believed(description_of, said)
        return replace(found, digest=self.program.digest) if self.program.digest else found

    @property
    def description(self) -> Description:
        """What it says of itself."""
        return self._description

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self._ask(Call.WIRE, packed([list(inputs), list(outputs)]), self.deadlines.step_s)
        self._wired = (list(inputs), list(outputs))

    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        self._time_s = start_s
        if self._worker.code is not None and not self._closed:  # one that failed begins anew
            self._open()
            self.wire(*self._wired)
        asked = {"parameters": dict(parameters), "inputs": _vector(inputs), "start_s": start_s, "stop_s": stop_s}
        said = self._ask(Call.START, packed(asked), self.deadlines.start_s)
        outputs, described = self._believed(two, said)
        self._description = self._described(described)
        return self._believed(lambda one: outputs_of(one, len(self._wired[1])), outputs)

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        self._time_s = time_s
        payload = _STEP.pack(time_s, step_s) + _vector(inputs).tobytes()
        return self._vector(Call.STEP, payload, self.deadlines.step_s, len(self._wired[1]))

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        coming, going = len(self._wired[0]), len(self._wired[1])
        width = 3 * coming if inputs.shape == (len(steps_s), 3 * coming) else coming
        steps_s, inputs = _vector(steps_s), _vector(inputs).reshape(len(steps_s), width)
        rows = max(1, _CHUNK_BYTES // (8 * max(width + 1, going)))
        made = np.empty((len(steps_s), going))
        time_s = start_s
        for first in range(0, len(steps_s), rows):
            part = slice(first, first + rows)
            count = len(steps_s[part])
            self._time_s = time_s
            payload = _WINDOW.pack(time_s, count) + steps_s[part].tobytes() + inputs[part].tobytes()
            deadline_s = min(count * self.deadlines.step_s, self.deadlines.window_s)
            made[part] = self._vector(Call.WINDOW, payload, deadline_s, count * going).reshape(count, going)
            for one in steps_s[part]:
                time_s += one
        return made

    def set_values(self, values: Mapping[str, Value]) -> None:
        self._ask(Call.SET, packed(dict(values)), self.deadlines.step_s)

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        said = self._ask(Call.GET, packed(list(names)), self.deadlines.step_s)
        return self._believed(lambda one: values_of(one, names), said)

    def save(self) -> int:
        return self._believed(number_of, self._ask(Call.SAVE, b"", self.deadlines.step_s))

    def restore(self, state: int) -> None:
        self._ask(Call.RESTORE, packed(state), self.deadlines.step_s)

    def forget(self, state: int) -> None:
        self._ask(Call.FORGET, packed(state), self.deadlines.step_s)

    def serialise(self, state: int) -> bytes:
        return self._believed(bytes_of, self._ask(Call.SERIALISE, packed(state), self.deadlines.step_s))

    def deserialise(self, state: bytes) -> int:
        return self._believed(number_of, self._ask(Call.DESERIALISE, packed(state), self.deadlines.step_s))

    def close(self) -> None:
        self._closed = True
        if self._worker.code is None:
            with suppress(Late, Gone, Lie):  # it is ended all the same
                self._worker.ask(Call.CLOSE, b"", min(self.deadlines.step_s, 5.0), _SMALL_BYTES)
            self._worker.end()

    def _vector(self, call: Call, payload: bytes, deadline_s: float, count: int) -> np.ndarray:
        kind, body = self._told(call, payload, deadline_s, max(8 * count, _SMALL_BYTES))
        if kind is Answer.VECTOR and len(body) == 8 * count:
            return np.frombuffer(body, np.float64).copy()
        if kind is Answer.REFUSED:
            self._refuse(call, body)
        self._worker.end()
        raise self._failed(
            call, text("its answer is {bytes} bytes long, where {count} numbers belong", bytes=len(body), count=count)
        )

    def _ask(self, call: Call, payload: bytes, deadline_s: float) -> Plain:
        kind, body = self._told(call, payload, deadline_s, LARGEST_BYTES)
        if kind is Answer.REFUSED:
            self._refuse(call, body)
        if kind is not Answer.VALUE:
            self._worker.end()
            raise self._failed(call, text("its answer is of another kind than the question"))
        return self._believed(lambda one: unpacked(cast(memoryview, one)), cast(Any, body))

    def _told(self, call: Call, payload: bytes, deadline_s: float, most_bytes: int) -> tuple[Answer, memoryview]:
        self._call = call
        if self._worker.code is not None:
            raise self._failed(call, text("the worker has ended"))
        if len(payload) > LARGEST_BYTES:
            raise self._failed(call, text("{bytes} bytes are more than a call can carry", bytes=len(payload)))
        try:
            return self._worker.ask(call, payload, deadline_s, most_bytes)
        except Late:
            self._worker.end()
            raise self._ended(
                call,
                text("no answer within {deadline} s; it and all its processes were ended", deadline=deadline_s),
                text("if it may take so long, allow more, else ask its maker why it hangs"),
            ) from None
        except Gone:
            self._worker.let_go(1.0)
            raise self._ended(call, self._worker.ended_of()) from None
        except Lie as lie:
            self._worker.end()
            raise self._lied(call, lie) from None

    def _believed(self, read: Any, said: Any) -> Any:
        try:
            return read(said)
        except Lie as lie:
            self._worker.end()
            raise self._lied(self._call, lie) from None

    def _lied(self, call: Call, lie: Lie) -> ComponentEnded:
        return self._ended(call, text("what it answered is no answer: {reason}", reason=lie.reason))

    def _refuse(self, call: Call, body: memoryview) -> None:
        """Raise again, outside, what the component raised; texts are taken as texts, bounded, and nothing else."""
        said = self._believed(lambda one: refusal_of(unpacked(one)), body)
        kind, problems = said
        if kind == "Memory":
            raise self._failed(
                call, text("its memory, {bound} bytes, is used up", bound=self._worker.bounds.memory_bytes)
            )
        if kind == "Raised" or kind not in _KINDS:
            raise self._failed(call, joined([one.what for one in problems]))
        if _KINDS[kind] is ComponentFailed:
            raise ComponentFailed([Problem(one.what, self._where(call, one.where), one.hint) for one in problems])
        raise _KINDS[kind](problems)

    def _ended(self, call: Call, what: str | Phrase, hint: str | Phrase = "") -> ComponentEnded:
        return ComponentEnded(self._failed(call, what, hint).problems)

    def _failed(self, call: Call, what: str | Phrase, hint: str | Phrase = "") -> ComponentFailed:
        words = self._worker.words() if self._worker.code else ""
        told = joined([what, text("its last words: {words}", words=words)]) if words else what
        return ComponentFailed(Problem(told, self._where(call), hint))

    def _where(self, call: Call, inner: str = "") -> Phrase:
        return joined(
            [
                text(
                    "component {name}, call {call} at {time} s",
                    name=self.program.name, call=call.name.lower(), time=self._time_s,
                ),
                inner,
            ],
            ", ",
        )  # fmt: skip


def _vector(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, np.float64)
