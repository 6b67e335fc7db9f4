"""Values of FMU variables of every kind, to and from memory without loss: whole numbers of 64 bits, texts, bytes too."""

from __future__ import annotations

import ctypes
import math
from typing import Any, cast

import numpy as np

from covolt.errors import Problem
from covolt.exchange.component import Value
from covolt.exchange.fmu.calls import AbstractInstance, address, references_of
from covolt.exchange.fmu.documents import FmuVariable
from covolt.exchange.fmu.ranges import range_refused
from covolt.exchange.fmu.variables import DTYPES, RANGES
from covolt.words import Phrase, text

__all__ = ["get_value", "judged", "set_value"]

_MOST_BYTES = 256 * 1024 * 1024


def judged(variable: FmuVariable, shape: tuple[int, ...], value: Value, where: str) -> np.ndarray | Problem:
    """A value as a flat array of what the variable holds, shape (elements,), or what is wrong with it."""
    kind = variable.variable.kind
    given = np.asarray(_named(variable, value), dtype=object if kind in {"string", "binary"} else None)
    count = math.prod(shape)
    if given.shape not in {shape, (count,)} and given.size != 1:
        what = text("{given} values for {count} elements", given=given.size, count=count)
        return Problem(what, where, text("give as many values as it has elements"))
    flat = np.broadcast_to(given.reshape(-1), (count,)) if given.size == 1 else given.reshape(-1)
    why = _wrong(variable, flat)
    if why is not None:
        return Problem(why, where, text("give a value of its kind"))
    refused = range_refused(variable.variable, flat, where)
    return flat if refused is None else refused


def _named(variable: FmuVariable, value: Value) -> Value:
    """A value of an enumeration by its name."""
    return variable.items.get(value, value) if isinstance(value, str) and variable.items else value


def _wrong(variable: FmuVariable, values: np.ndarray) -> Phrase | None:
    kind = variable.variable.kind
    if kind in {"string", "binary"}:
        wanted = str if kind == "string" else bytes
        if not all(isinstance(one, wanted) for one in values):
            return text("'{value}' is no {type}", value=str(values[0])[:40], type=variable.type)
        return None
    if values.dtype == object or values.dtype.kind not in "fiub":
        return text("'{value}' is no {type}", value=str(values[0])[:40] if values.size else "", type=variable.type)
    if kind in {"integer", "enumeration"}:
        low, high = RANGES[variable.type]
        for one in values.tolist():
            if not math.isfinite(one) or one != int(one) or not low <= int(one) <= high:
                return text(
                    "{value} is no whole number from {low} to {high}", value=str(one), low=str(low), high=str(high)
                )
    if kind in {"boolean", "clock"} and not all(one in {0, 1} for one in values.tolist()):
        return text("'{value}' is no {type}", value=str(values[0])[:40], type=variable.type)
    return None


def set_value(instance: AbstractInstance, variable: FmuVariable, values: np.ndarray) -> None:
    """Hand a judged value over."""
    of_type = instance.types[variable.type]
    reference = references_of([variable.reference])
    setter: Any = of_type.setter
    call = f"fmi{instance.model.major}Set{variable.type}"
    count = len(values)
    more = (count,) if instance.model.major == 3 and variable.type != "Clock" else ()
    if variable.type == "Binary":
        kept = [ctypes.create_string_buffer(one, max(1, len(one))) for one in values]
        sizes = (ctypes.c_size_t * max(1, count))(*(len(one) for one in values))
        pointers = (ctypes.c_void_p * max(1, count))(*(ctypes.addressof(one) for one in kept))
        status = setter(instance.handle, reference, 1, sizes, pointers, count)
    elif variable.type == "String":
        texts = (ctypes.c_char_p * max(1, count))(*(one.encode() for one in values))
        status = setter(instance.handle, reference, 1, texts, *more)
    else:
        buffer = np.ascontiguousarray(values.astype(of_type.dtype))
        status = setter(instance.handle, reference, 1, address(buffer), *more)
    instance.judge(status, f"{call} ({variable.name})")


def get_value(instance: AbstractInstance, variable: FmuVariable, shape: tuple[int, ...]) -> Value:
    """A value as it is now: a scalar, or an array of its shape."""
    of_type = instance.types[variable.type]
    reference = references_of([variable.reference])
    getter: Any = of_type.getter
    count = math.prod(shape)
    more = (count,) if instance.model.major == 3 and variable.type != "Clock" else ()
    call = f"fmi{instance.model.major}Get{variable.type} ({variable.name})"
    if variable.type == "Binary":
        sizes, pointers = (ctypes.c_size_t * max(1, count))(), (ctypes.c_void_p * max(1, count))()
        instance.judge(getter(instance.handle, reference, 1, sizes, pointers, count), call)
        if sum(sizes) > _MOST_BYTES:
            raise instance.failure(call, text("{size} bytes, more than {most}", size=sum(sizes), most=_MOST_BYTES), "")
        return _given(
            [ctypes.string_at(at, size) if at else b"" for at, size in zip(pointers, sizes, strict=True)],
            shape,
            variable,
        )
    if variable.type == "String":
        texts = (ctypes.c_char_p * max(1, count))()
        instance.judge(getter(instance.handle, reference, 1, texts, *more), call)
        return _given([(one or b"").decode("utf-8", "replace") for one in texts], shape, variable)
    buffer = np.zeros(max(1, count), dtype=of_type.dtype)
    instance.judge(getter(instance.handle, reference, 1, address(buffer), *more), call)
    return _given(buffer, shape, variable)


def _given(values: Any, shape: tuple[int, ...], variable: FmuVariable) -> Value:
    kind = variable.variable.kind
    if not shape:
        one = values[0]
        if kind in {"string", "binary"}:
            return cast(Value, one)
        if kind == "real":
            return float(one)
        return bool(one) if kind in {"boolean", "clock"} else int(one)
    made = np.empty(math.prod(shape), dtype=np.uint64 if variable.type == "UInt64" else DTYPES[kind])
    for place in range(len(made)):
        made[place] = values[place]
    return made.reshape(shape)
