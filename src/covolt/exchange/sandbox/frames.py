"""Frames on the socket between covolt and a worker: kind, number in sequence, length; the calls that there are, and both ends."""

from __future__ import annotations

import socket
import struct
import time
from enum import IntEnum
from typing import final

from covolt.exchange.sandbox.wire import Lie
from covolt.words import text

__all__ = ["LARGEST_BYTES", "Answer", "Call", "Gone", "Late", "Outside", "Within"]

HEADER = struct.Struct("<B7xII")  # 16 bytes: numbers behind it lie where processors like them
LARGEST_BYTES = 64 << 20
"""Of one frame, whichever way it goes."""
_ROOM = 1 << 16
_TIME = struct.Struct("@ll")
"""Seconds and microseconds, as the kernel takes them."""


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
        self._patience_s = 0.0

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
            self._wait_at_most(deadline_s)
            self._send(HEADER.pack(call, self._sequence, len(payload)) + payload, end_s)
            return self._answer(end_s, most_bytes)
        except (BlockingIOError, TimeoutError) as error:
            raise Late from error
        except (ConnectionError, BrokenPipeError) as error:
            raise Gone from error

    def _wait_at_most(self, patience_s: float) -> None:
        """Let the kernel end each wait: one call of it less per step than waiting first and reading then."""
        if patience_s != self._patience_s:
            whole_s = max(patience_s, 1e-6)  # none at all would be for ever
            value = _TIME.pack(int(whole_s), int(whole_s % 1.0 * 1e6))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, value)
            self._patience_s = patience_s

    def _send(self, data: bytes, end_s: float) -> None:
        sent = self._socket.send(data)
        while sent < len(data):
            self._wait_until(end_s)
            sent += self._socket.send(memoryview(data)[sent:])

    def _wait_until(self, end_s: float) -> None:
        left_s = end_s - time.monotonic()
        if left_s <= 0.0:
            raise Late
        self._wait_at_most(left_s)

    def _answer(self, end_s: float, most_bytes: int) -> tuple[Answer, memoryview]:
        have = self._read(0, HEADER.size, end_s)
        kind, sequence, length = HEADER.unpack_from(self._room)
        if not 1 <= kind <= len(Answer):
            raise Lie(text("no kind of answer has the number {kind}", kind=int(kind)))
        if sequence != self._sequence:
            raise Lie(
                text("an answer to call {given}, where {asked} was asked", given=int(sequence), asked=self._sequence)
            )
        if length > most_bytes:
            raise Lie(
                text("an answer of {bytes} bytes, where at most {most} are one", bytes=int(length), most=most_bytes)
            )
        whole = HEADER.size + length
        if whole > len(self._room):
            self._room = self._room[:have] + bytes(whole - have)  # a new one: the last answer may still be looked at
        have = self._read(have, whole, end_s)
        if have > whole:
            raise Lie(text("{bytes} bytes that nobody asked for", bytes=have - whole))
        return Answer(kind), memoryview(self._room)[HEADER.size : whole]

    def _read(self, have: int, need: int, end_s: float) -> int:
        with memoryview(self._room) as view:
            while have < need:
                count = self._socket.recv_into(view[have:])
                if count == 0:
                    raise Gone
                have += count
                if have < need:
                    self._wait_until(end_s)
            return have


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
        with memoryview(self._room) as view:
            while have < need:
                count = self._socket.recv_into(view[have:])
                if count == 0:
                    break
                have += count
            return have

    def answer(self, kind: Answer, payload: bytes) -> None:
        """Answer the call that was asked last."""
        self._socket.sendall(HEADER.pack(kind, self._sequence, len(payload)) + payload)
