"""Values as wasmtime's C interface holds them, put and taken by whole arrays instead of one Python object for each.

A value is 32 bytes: a kind, and at byte 8 a number or where a text, list or record lies. Lists of numbers are one numpy array of
such values, so that a step costs some ten microseconds whatever its ports are.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, final

import numpy as np

__all__ = ["Arguments", "Refused", "Taken", "give_bytes", "message_of", "raw", "taken"]

raw: Final[Any] = importlib.import_module("wasmtime._ffi")
"""The C interface of wasmtime, which its Python package wraps."""

Taken = Any
"""bool, int, float, str, bytes, None; arrays for lists of numbers, lists for others; tuples, and records as dicts."""

_Value: Final[Any] = raw.wasmtime_component_val_t
_SIZE_BYTES: Final = ctypes.sizeof(_Value)
_AT_BYTES: Final = int(_Value.of.offset)

_NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "bool": ("BOOL", "u1"),
    "s8": ("S8", "i1"),
    "u8": ("U8", "u1"),
    "s16": ("S16", "i2"),
    "u16": ("U16", "u2"),
    "s32": ("S32", "i4"),
    "u32": ("U32", "u4"),
    "s64": ("S64", "i8"),
    "u64": ("U64", "u8"),
    "f32": ("F32", "f4"),
    "f64": ("F64", "f8"),
}


def _kind(name: str) -> int:
    return int(getattr(raw, f"WASMTIME_COMPONENT_{name}").value)


def _layout(format_: str) -> np.dtype[Any]:
    return np.dtype(
        {"names": ["kind", "of"], "formats": ["u1", format_], "offsets": [0, _AT_BYTES], "itemsize": _SIZE_BYTES}
    )


_LAYOUTS: Final = {name: (_kind(kind), _layout(format_)) for name, (kind, format_) in _NUMBERS.items()}
_BY_KIND: Final = {kind: (layout, name == "bool") for name, (kind, layout) in _LAYOUTS.items()}
_TEXTS: Final = (_kind("STRING"), _kind("ENUM"))
_LIST, _RECORD, _TUPLE = _kind("LIST"), _kind("RECORD"), _kind("TUPLE")
_OPTION, _RESULT, _RESOURCE = _kind("OPTION"), _kind("RESULT"), _kind("RESOURCE")


@final
class Arguments:
    """The values of one call; what they point to lives as long as this does, and wasmtime only reads it."""

    def __init__(self, kinds: Sequence[str]) -> None:
        """Room for values of these types as WIT writes them."""
        self.values = (_Value * len(kinds))()
        self._kinds = tuple(kinds)
        self._kept: list[Any] = []

    def fill(self, given: Sequence[Any]) -> None:
        """Put a value of its type into each place."""
        self._kept.clear()
        for place, kind, value in zip(self.values, self._kinds, given, strict=True):
            self._put(place, kind, value)

    def _put(self, place: Any, kind: str, value: Any) -> None:
        if kind in _NUMBERS:
            place.kind = _LAYOUTS[kind][0]
            setattr(place.of, "boolean" if kind == "bool" else kind, value)
        elif kind == "borrow<resource>":
            place.kind = _RESOURCE
            place.of.resource = value.ptr()
        elif kind == "string":
            place.kind = _kind("STRING")
            self._put_text(place.of.string, value)
        elif kind.startswith("list<"):
            self._put_list(place, kind[5:-1], value)
        else:
            self._put_option(place, kind, value)

    def _put_text(self, place: Any, value: str) -> None:
        written = value.encode()
        held = (ctypes.c_uint8 * len(written)).from_buffer_copy(written)
        self._kept.append(held)
        place.size = len(written)
        place.data = ctypes.cast(held, ctypes.POINTER(ctypes.c_uint8))

    def _put_option(self, place: Any, kind: str, value: Any) -> None:
        place.kind = _OPTION
        if value is None:
            place.of.option = None
        else:
            inner = _Value()
            self._kept.append(inner)
            self._put(inner, kind.removeprefix("option<")[:-1], value)
            place.of.option = ctypes.pointer(inner)

    def _put_list(self, place: Any, element: str, given: Any) -> None:
        place.kind = _LIST
        place.of.list.size = len(given)
        known = _LAYOUTS.get(element)
        if known:
            held = np.zeros(len(given), known[1])
            held["kind"] = known[0]
            held["of"] = np.frombuffer(given, np.uint8) if isinstance(given, bytes) else given
            address = held.ctypes.data
        else:
            held = (_Value * len(given))()
            for inner, value in zip(held, given, strict=True):
                self._put(inner, element, value)
            address = ctypes.addressof(held)
        self._kept.append(held)
        place.of.list.data = ctypes.cast(address, ctypes.POINTER(_Value))


def message_of(error: Any) -> str:
    """What an error of the C interface says; it is let go."""
    held = raw.wasm_byte_vec_t()
    raw.wasmtime_error_message(error, ctypes.byref(held))
    try:
        return ctypes.string_at(held.data, held.size).decode("utf-8", "replace")
    finally:
        raw.wasm_byte_vec_delete(ctypes.byref(held))
        raw.wasmtime_error_delete(error)


def give_bytes(place: Any, given: bytes | str) -> None:
    """Put a result<list<u8>, string> where wasmtime wants one, and takes it over; a text is the refusal."""
    inner = _Value()
    if isinstance(given, str):
        inner.kind = _kind("STRING")
        inner.of.string = raw.str_to_capi(given)
    else:
        inner.kind = _LIST
        raw.wasmtime_component_vallist_new_uninit(ctypes.byref(inner.of.list), len(given))
        if given:
            kind, layout = _LAYOUTS["u8"]
            address = ctypes.addressof(inner.of.list.data.contents)
            held = np.frombuffer(memoryview((ctypes.c_char * (len(given) * _SIZE_BYTES)).from_address(address)), layout)
            held["kind"] = kind
            held["of"] = np.frombuffer(given, np.uint8)
    place.kind = _RESULT
    place.of.result.is_ok = not isinstance(given, str)
    place.of.result.val = raw.wasmtime_component_val_new(ctypes.byref(inner))


def taken(value: Any) -> Taken:
    """What a value holds, copied out of it; a refused result comes as the text of its status, a chosen one as it is."""
    number = _BY_KIND.get(value.kind)
    if number:
        return _numbers(ctypes.addressof(value), 1, value.kind)[0].item()
    if value.kind in _TEXTS:
        return _text(value.of.string)
    return _TAKEN[value.kind](value.of)


def _numbers(address: int, count: int, kind: int) -> np.ndarray:
    layout, is_bool = _BY_KIND[kind]
    held = np.frombuffer(memoryview((ctypes.c_char * (count * _SIZE_BYTES)).from_address(address)), layout)["of"]
    return held.astype(bool) if is_bool else held.copy()


def _text(of: Any) -> str:
    return ctypes.string_at(of.data, of.size).decode("utf-8", "replace") if of.size else ""


def _list(of: Any) -> np.ndarray | list[Any]:
    count = of.list.size
    if count == 0:
        return np.zeros(0)
    data = of.list.data
    kind = data[0].kind
    if kind in _BY_KIND:
        return _numbers(ctypes.addressof(data.contents), count, kind)
    return [taken(data[index]) for index in range(count)]


def _record(of: Any) -> dict[str, Any]:
    entries = of.record
    return {_text(entries.data[index].name): taken(entries.data[index].val) for index in range(entries.size)}


def _tuple(of: Any) -> tuple[Any, ...]:
    return tuple(taken(of.tuple.data[index]) for index in range(of.tuple.size))


def _result(of: Any) -> Refused | Taken:
    inner = taken(of.result.val.contents) if of.result.val else None
    return inner if of.result.is_ok else Refused(str(inner))


@final
class Refused:
    """The other side of a result: the status with which a function gave no value."""

    def __init__(self, status: str) -> None:
        self.status = status


_TAKEN: Final[Mapping[int, Callable[[Any], Any]]] = {
    _LIST: _list,
    _RECORD: _record,
    _TUPLE: _tuple,
    _OPTION: lambda of: taken(of.option.contents) if of.option else None,
    _RESULT: _result,
}
