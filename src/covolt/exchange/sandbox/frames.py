"""Frames on the socket between covolt and a worker: kind, number in sequence, length; the calls that there are, and both ends."""

from __future__ import annotations

import socket
import struct
import time
from enum import IntEnum
from typing import final

from covolt.exchange.sandbox.wire import Lie

__all__ = ["LARGEST_BYTES", "Answer", "Call", "Gone", "Late", "Outside", "Within"]

HEADER = struct.Struct("<B7xII")  # 16 bytes: numbers behind it lie where processors like them
LARGEST_BYTES = 64 << 20
"""Of one frame, whichever way it goes."""
_ROOM = 1 << 16


@final
class Call(IntEnum):
    """What is asked of a worker."""

    OPEN = 1
    WIRE = 2
    START = 3
    STEP = 4
    WINDOW = 5
    SET = 6
    GET = 7
    SAVE = 8
    RESTORE = 9
    FORGET = 10
    SERIALISE = 11
    DESERIALISE = 12
    CLOSE = 13


@final
class Answer(IntEnum):
    """What a worker answers with."""

    VECTOR = 1
    """float64, raw, of a length that is known beforehand."""
    VALUE = 2
    """A value as `wire` has it."""
    REFUSED = 3
    """Problems, as a value."""


@final
class Late(Exception):
    """The deadline is over and there is no whole answer."""


@final
class Gone(Exception):
    """The other end closed the conversation."""


@final
class Outside:
    """The end of who asks: every wait has a deadline, and nothing that comes is taken at its word."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._sequence = 0
        self._room = bytearray(_ROOM)

    def ask(self, call: Call, payload: bytes, deadline_s: float, most_bytes: int) -> tuple[Answer, memoryview]:
        """One call and its answer, which holds until the next call.

        Raises:
            Late: no whole answer within `deadline_s`.
            Gone: the worker is no more there.
            Lie: what came is no answer to this call.
        """
        self._sequence = self._sequence + 1 & 0xFFFFFFFF
        end_s = time.monotonic() + deadline_s
        try:
            self._socket.settimeout(deadline_s)
            self._socket.sendall(HEADER.pack(call, self._sequence, len(payload)) + payload)
            return self._answer(end_s, most_bytes)
        except TimeoutError as error:
            raise Late from error
        except (ConnectionError, BrokenPipeError) as error:
            raise Gone from error

    def _answer(self, end_s: float, most_bytes: int) -> tuple[Answer, memoryview]:
        have = self._read(0, HEADER.size, end_s)
        kind, sequence, length = HEADER.unpack_from(self._room)
        if kind not in Answer.__members__.values():
            raise Lie(f"no kind of answer has the number {kind}")
        if sequence != self._sequence:
            raise Lie(f"an answer to call {sequence}, where {self._sequence} was asked")
        if length > most_bytes:
            raise Lie(f"an answer of {length} bytes, where at most {most_bytes} are one")
        whole = HEADER.size + length
        if whole > len(self._room):
            self._room = self._room[:have] + bytes(whole - have)  # a new one: the last answer may still be looked at
        have = self._read(have, whole, end_s)
        if have > whole:
            raise Lie(f"{have - whole} bytes that nobody asked for")
        return Answer(kind), memoryview(self._room)[HEADER.size : whole]

    def _read(self, have: int, need: int, end_s: float) -> int:
        view = memoryview(self._room)
        try:
            while have < need:
                left_s = end_s - time.monotonic()
                if left_s <= 0.0:
                    raise Late
                self._socket.settimeout(left_s)
                count = self._socket.recv_into(view[have:])
                if count == 0:
                    raise Gone
                have += count
            return have
        finally:
            view.release()


@final
class Within:
    """The worker's end: it waits for ever, and trusts who asks."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._room = bytearray(_ROOM)
        self._sequence = 0

    def asked(self) -> tuple[Call, memoryview] | None:
        """The next call; None where who asked is gone."""
        have = self._read(0, HEADER.size)
        if have < HEADER.size:
            return None
        kind, self._sequence, length = HEADER.unpack_from(self._room)
        whole = HEADER.size + length
        if whole > len(self._room):
            self._room = self._room[:have] + bytes(whole - have)  # a new one: the last answer may still be looked at
        if self._read(have, whole) < whole:
            return None
        return Call(kind), memoryview(self._room)[HEADER.size : whole]

    def _read(self, have: int, need: int) -> int:
        view = memoryview(self._room)
        try:
            while have < need:
                count = self._socket.recv_into(view[have:])
                if count == 0:
                    break
                have += count
            return have
        finally:
            view.release()

    def answer(self, kind: Answer, payload: bytes) -> None:
        """Answer the call that was asked last."""
        self._socket.sendall(HEADER.pack(kind, self._sequence, len(payload)) + payload)
