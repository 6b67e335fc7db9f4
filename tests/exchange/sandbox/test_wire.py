"""What crosses comes back as it was; bytes that nobody of covolt's own sends are refused, whatever they say."""

import random
import socket
import struct
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as any_of

from covolt.errors import Problem
from covolt.exchange.sandbox.answers import refusal, refusal_of
from covolt.exchange.sandbox.described import description_of, plain
from covolt.exchange.sandbox.frames import HEADER, Answer, Call, Gone, Late, Outside
from covolt.exchange.sandbox.wire import Lie, packed, unpacked
from covolt.words import joined, text
from tests.exchange.sandbox.lag import Lag

SINGLE = (
    any_of.none()
    | any_of.booleans()
    | any_of.integers(-(2**63), 2**64 - 1)
    | any_of.floats(allow_nan=False)
    | any_of.text()
    | any_of.binary()
)
NESTED = any_of.recursive(
    SINGLE, lambda inner: any_of.lists(inner) | any_of.dictionaries(any_of.text(), inner), max_leaves=8
)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1])
def test_numbers_that_64_bits_do_not_hold_do_not_cross(value):
    with pytest.raises(OverflowError, match="more than 64 bits"):
        packed(value)


@given(NESTED)
def test_values_come_back_as_they_were(value):
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize(
    "array",
    [
        np.array([np.nan, -0.0, 5e-324]),
        np.arange(24, dtype=np.int64).reshape(2, 3, 4),
        np.array([2**64 - 1], np.uint64),
        np.array([[True], [False]]),
        np.zeros((0, 3)),
        np.array(3.5),
    ],
)
def test_arrays_come_back_to_the_bit(array):
    back = unpacked(packed(array))
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "announced"),
        (b"x", "no kind of value"),
        (b"nn", "nobody asked for"),
        (b"s\xff\xff\xff\xffab", "announced"),
        (b"s\x01\x00\x00\x00\xff", "UTF-8"),
        (b"l\xff\xff\xff\x7f", "announced"),
        (b"l\x01\x00\x00\x00" * 40 + b"n", "deep"),
        (b"m\x01\x00\x00\x00nn", "names"),
        (b"ad\x10" + b"\xff" * 64, "announced"),
        (b"ad\xff", "dimensions"),
        (b"ao\x01\xff\xff\xff\xff", "announced"),
        (b"a?\x01\x01\x00\x00\x00\x07", "neither"),
        (b"az\x00", "no kind of array"),
        (b"ad\x02\x00\x00\x00\x00\xff\xff\xff\xff" + b"\x00", "nobody asked for"),
    ],
)
def test_what_is_no_value_is_refused(data, said):
    with pytest.raises(Lie, match=said):
        unpacked(data)


def test_damaged_bytes_are_a_value_or_a_lie():
    whole, chance = packed(plain(Lag().description)), random.Random(5)
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            description_of(unpacked(bytes(data[: chance.randint(0, len(data))])))
        except Lie:
            continue


def asked_of(answer, deadline_s=5.0, most_bytes=1024):
    """What `ask` makes of the bytes with which another end answers."""
    near, far = socket.socketpair()
    with near, far:

        def other():
            far.recv(1 << 16)
            if answer is not None:
                far.sendall(answer)
                far.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=other)
        thread.start()
        try:
            return Outside(near).ask(Call.SAVE, b"", deadline_s, most_bytes)
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", Gone),
        (HEADER.pack(Answer.VALUE, 1, 9)[:7], Gone),
        (HEADER.pack(Answer.VALUE, 1, 9) + b"n", Gone),
        (HEADER.pack(77, 1, 1) + b"n", Lie),
        (HEADER.pack(Answer.VALUE, 2, 1) + b"n", Lie),
        (HEADER.pack(Answer.VALUE, 1, 0xFFFFFFFF), Lie),
        (HEADER.pack(Answer.VALUE, 1, 1025), Lie),
        (HEADER.pack(Answer.VALUE, 1, 1) + b"nn", Lie),
        (struct.pack("<Q", 2**64 - 1) * 3, Lie),
    ],
)
def test_frames_that_lie_are_refused(answer, error):
    with pytest.raises(error):
        asked_of(answer)


def test_an_answer_that_does_not_come_is_late():
    with pytest.raises(Late):
        asked_of(None, deadline_s=0.2)


def test_a_true_answer_is_taken():
    kind, body = asked_of(HEADER.pack(Answer.VALUE, 1, 1) + b"n")
    assert kind is Answer.VALUE
    assert unpacked(body) is None


def test_messages_of_covolt_are_read_in_any_language():
    told = refusal(
        "InputError", [Problem(text("there is no such file"), "a.py", joined([text("it has: {names}", names="x")]))]
    )
    kind, [problem] = refusal_of(unpacked(packed(told)))
    assert kind == "InputError"
    assert problem.said("ru").what == text("there is no such file").said("ru") != problem.what
    assert problem.hint == "it has: x"


@pytest.mark.parametrize(
    "message",
    [
        {"message": "{x.__class__.__mro__}", "values": {"x": 1}, "context": "", "many": ""},
        {"message": "{part_0:>999999999}", "values": {"part_0": "x"}, "context": "", "many": ""},
        {"message": "it has: {names}", "values": {"names": [1]}, "context": "", "many": ""},
        {"message": "{count} act", "values": {"count": 1}, "context": "", "many": "{count.real}"},
        {"en": 5},
        7,
    ],
)
def test_no_text_of_others_is_taken_for_a_form(message):
    with pytest.raises(Lie):
        refusal_of({"kind": "InputError", "problems": [[message, "", ""]]})
