"""Values as bytes and back, for what is read from a process that nobody trusts: closed kinds, every length checked, no pickle."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Union, cast, final

import numpy as np

from covolt.words import Phrase, text

__all__ = ["Lie", "Plain", "packed", "unpacked"]

Plain = Union[None, bool, int, float, str, bytes, np.ndarray, list[Any], dict[str, Any]]
"""What crosses: nothing, truth, int64 and uint64, float64, text, bytes, arrays, lists, mappings by text."""

_DEEPEST = 12
_MOST_DIMENSIONS = 16
_KINDS: tuple[tuple[bytes, np.dtype[Any]], ...] = (
    (b"d", np.dtype("<f8")),
    (b"q", np.dtype("<i8")),
    (b"Q", np.dtype("<u8")),
    (b"?", np.dtype("?")),
)


@final
class Lie(Exception):
    """Bytes that no worker of covolt's own sends; says what is wrong with them."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(str(reason))
        self.reason = reason


def packed(value: Any) -> bytes:
    """A value as bytes.

    Raises:
        TypeError: of a kind that does not cross.
        OverflowError: an integer that 64 bits do not hold.
    """
    out = bytearray()
    _pack(out, value)
    return bytes(out)


def _pack(out: bytearray, value: Any) -> None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        out += b"n"
    elif isinstance(value, bool):
        out += b"t" if value else b"f"
    elif isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise OverflowError(f"{value} needs more than 64 bits")
        out += b"i" + struct.pack("<q", value) if value < 1 << 63 else b"u" + struct.pack("<Q", value)
    elif isinstance(value, float):
        out += b"d" + struct.pack("<d", value)
    elif isinstance(value, str):
        text = value.encode()
        out += b"s" + struct.pack("<I", len(text)) + text
    elif isinstance(value, bytes | bytearray | memoryview):
        out += b"b" + struct.pack("<I", len(value)) + bytes(value)
    else:
        _pack_several(out, value)


def _pack_several(out: bytearray, value: Any) -> None:
    if isinstance(value, np.ndarray):
        _pack_array(out, cast("np.ndarray[Any, Any]", value))
    elif isinstance(value, list | tuple):
        items = cast("list[Any]", value)
        out += b"l" + struct.pack("<I", len(items))
        for item in items:
            _pack(out, item)
    elif isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value)
        out += b"m" + struct.pack("<I", len(pairs))
        for name, item in pairs.items():
            _pack(out, str(name))
            _pack(out, item)
    else:
        raise TypeError(f"{type(value).__name__} does not cross")


def _pack_array(out: bytearray, values: np.ndarray[Any, Any]) -> None:
    out += b"a"
    shape = struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
    if values.dtype == object:
        out += b"o" + shape
        for item in values.ravel():
            _pack(out, item)
        return
    kind = {"f": 0, "i": 1, "u": 2, "b": 3}.get(values.dtype.kind)
    if kind is None:
        raise TypeError(f"arrays of {values.dtype} do not cross")
    code, dtype = _KINDS[kind]
    out += code + shape + np.ascontiguousarray(values, dtype).tobytes()


def unpacked(data: bytes | bytearray | memoryview) -> Plain:
    """The value that bytes say, all of them and no more.

    Raises:
        Lie: where they say none.
    """
    reader = _Reader(memoryview(data))
    value = reader.value(0)
    if reader.rest:
        raise Lie(text("{bytes} bytes that nobody asked for", bytes=reader.rest))
    return value


@final
class _Reader:
    """Reads values, never past the end, and nothing that would need more memory than a few times the bytes that are there."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._at = data, 0

    @property
    def rest(self) -> int:
        """Bytes that are not read yet."""
        return len(self._data) - self._at

    def _take(self, count: int) -> memoryview:
        if count > self.rest:
            raise Lie(text("{count} bytes announced, {rest} there", count=count, rest=self.rest))
        self._at += count
        return self._data[self._at - count : self._at]

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def value(self, depth: int) -> Plain:
        """The next value."""
        if depth > _DEEPEST:
            raise Lie(text("nested too deep"))
        match bytes(self._take(1)):
            case b"n":
                return None
            case b"t" | b"f" as code:
                return code == b"t"
            case b"i":
                return int(self._number("<q"))
            case b"u":
                return int(self._number("<Q"))
            case b"d":
                return float(self._number("<d"))
            case _ as code:
                return self._longer(code, depth)

    def _longer(self, code: bytes, depth: int) -> Plain:
        match code:
            case b"s":
                return self._text()
            case b"b":
                return bytes(self._take(self._number("<I")))
            case b"a":
                return self._array(depth)
            case b"l":
                return [self.value(depth + 1) for _ in range(self._count())]
            case b"m":
                return self._mapping(depth)
            case _:
                raise Lie(text("no kind of value has the code {code}", code=code[0]))

    def _text(self) -> str:
        try:
            return bytes(self._take(self._number("<I"))).decode()
        except UnicodeDecodeError as error:
            raise Lie(text("a text that is no UTF-8")) from error

    def _count(self) -> int:
        """A number of items, of which each takes at least a byte."""
        count = int(self._number("<I"))
        if count > self.rest:
            raise Lie(text("{count} items announced, {rest} bytes there", count=count, rest=self.rest))
        return count

    def _mapping(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in range(self._count()):
            name = self.value(depth + 1)
            if not isinstance(name, str) or name in made:
                raise Lie(text("a mapping whose names are no texts, or are there twice"))
            made[name] = self.value(depth + 1)
        return made

    def _array(self, depth: int) -> np.ndarray[Any, Any]:
        code = bytes(self._take(1))
        dimensions = int(self._number("<B"))
        if dimensions > _MOST_DIMENSIONS:
            raise Lie(text("an array of {count} dimensions", count=dimensions))
        shape = tuple(int(self._number("<I")) for _ in range(dimensions))
        count = 1
        for one in shape:
            count *= one
        if code == b"o":
            if count > self.rest:
                raise Lie(text("{count} items announced, {rest} bytes there", count=count, rest=self.rest))
            made = np.empty(count, dtype=object)
            made[:] = [self.value(depth + 1) for _ in range(count)]
            return _shaped(made, shape)
        dtype = dict(_KINDS).get(code)
        if dtype is None:
            raise Lie(text("no kind of array has the code {code}", code=code[0]))
        raw = bytes(self._take(count * dtype.itemsize))
        if code == b"?" and raw.strip(b"\x00\x01"):
            raise Lie(text("a truth that is neither 0 nor 1"))
        return _shaped(np.frombuffer(raw, dtype).copy(), shape)


def _shaped(values: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    try:
        return values.reshape(shape)
    except ValueError as error:
        raise Lie(text("no array has the shape {shape}", shape=str(shape))) from error
