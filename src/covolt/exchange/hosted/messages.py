"""The messages of the published protocol, from its compiled form, and values of components in them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, cast

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from covolt.exchange.component import Capabilities, Causality, Description, Kind, Unit, Value, Variable

__all__ = [
    "PROTOCOL",
    "SERVE",
    "SERVICE",
    "FromHub",
    "FromParty",
    "description_from",
    "description_message",
    "doubles",
    "value_from",
    "value_message",
    "values_from",
    "vector",
]

PROTOCOL = 1
SERVICE, SERVE = "covolt.hosted.v1.Hub", "/covolt.hosted.v1.Hub/Serve"
LARGEST_VARIABLES, LARGEST_ARRAY = 100_000, 4_000_000
_DOUBLE = np.dtype("<f8")


def _classes() -> Mapping[str, Any]:
    """Message classes by full name, of the descriptor set that `protoc` makes of hosted.proto (a test compares the two)."""
    compiled = descriptor_pb2.FileDescriptorSet.FromString(
        files("covolt.exchange.hosted").joinpath("hosted.desc").read_bytes()
    )
    pool = descriptor_pool.DescriptorPool()
    return message_factory.GetMessages(list(compiled.file), pool=pool)


_CLASSES = _classes()
FromHub: Any = _CLASSES["covolt.hosted.v1.FromHub"]
FromParty: Any = _CLASSES["covolt.hosted.v1.FromParty"]
_Value: Any = _CLASSES["covolt.hosted.v1.Value"]
_Description: Any = _CLASSES["covolt.hosted.v1.Description"]


def doubles(values: np.ndarray) -> bytes:
    """float64 as little-endian bytes, rows first."""
    return np.asarray(values, _DOUBLE).tobytes()


def vector(content: bytes, *shape: int) -> np.ndarray | None:
    """float64 from bytes in a shape; None where there are not that many."""
    if len(content) != 8 * math.prod(shape):
        return None
    found = np.frombuffer(content, _DOUBLE)
    return found if len(shape) == 1 else found.reshape(shape)


def value_message(value: Value) -> Any:
    """One value as a message."""
    made = _Value()
    if isinstance(value, np.ndarray):
        _fill_array(made.array, value)
    elif isinstance(value, (bool, np.bool_)):
        made.boolean = bool(value)
    elif isinstance(value, (int, np.integer)):
        number = int(value)
        if number > np.iinfo(np.int64).max:
            made.natural = number
        else:
            made.integer = number
    elif isinstance(value, str):
        made.text = value
    elif isinstance(value, bytes):
        made.binary = value
    else:
        made.real = float(value)
    return made


def _fill_array(message: Any, value: np.ndarray) -> None:
    message.shape.extend(value.shape)
    if value.dtype == object or value.dtype.kind in "US":
        pieces = cast("Sequence[str | bytes]", value.ravel().tolist())
        message.kind = "text" if all(isinstance(one, str) for one in pieces) else "binary"
        message.pieces.extend(one.encode() if isinstance(one, str) else one for one in pieces)
        return
    kind = {"b": "bool", "u": "uint64", "i": "int64"}.get(value.dtype.kind, "float64")
    message.kind = kind
    message.numbers = np.ascontiguousarray(value, dtype=_NUMBERS[kind]).tobytes()


_NUMBERS = {"bool": "?", "uint64": "<u8", "int64": "<i8", "float64": "<f8"}


def value_from(message: Any) -> Value | None:
    """One value from a message; None where it holds none, or an array that is not of its shape."""
    which = message.WhichOneof("what")
    if which is None:
        return None
    if which != "array":
        return cast("Value", getattr(message, which))
    array, shape = message.array, tuple(message.array.shape)
    count = math.prod(shape)
    if array.kind in {"text", "binary"}:
        if len(array.pieces) != count:
            return None
        pieces = [one.decode(errors="replace") if array.kind == "text" else one for one in array.pieces]
        made = np.empty(count, dtype=object)
        made[:] = pieces
        return made.reshape(shape)
    dtype = np.dtype(_NUMBERS.get(array.kind, "<f8"))
    if array.kind not in _NUMBERS or len(array.numbers) != count * dtype.itemsize:
        return None
    return np.frombuffer(array.numbers, dtype=dtype).reshape(shape)


def values_from(message: Mapping[str, Any]) -> dict[str, Value]:
    """Values by name; those that are none are left out."""
    found = {name: value_from(one) for name, one in message.items()}
    return {name: one for name, one in found.items() if one is not None}


def description_message(description: Description) -> Any:
    """What a part says of itself, as a message."""
    able = description.capabilities
    made = _Description(name=description.name, form=description.form, digest=description.digest)
    made.saves, made.serialises, made.gradient = able.saves, able.serialises, able.gradient
    made.variable_step = able.variable_step
    for name, value in (("fixed_step_s", able.fixed_step_s), ("largest_step_s", able.largest_step_s)):
        if value is not None:
            setattr(made, name, value)
    if description.default_step_s is not None:
        made.default_step_s = description.default_step_s
    for one in description.variables:
        _fill_variable(made.variables.add(), one)
    made.feedthrough_known = description.feedthrough is not None
    for output, inputs in (description.feedthrough or {}).items():
        made.feedthrough.add(output=output, inputs=inputs)
    return made


def _fill_variable(message: Any, one: Variable) -> None:
    message.name, message.causality, message.kind = one.name, one.causality, one.kind
    message.variability, message.meaning, message.wide = one.variability, one.meaning, one.wide
    message.shape.extend(one.shape)
    if one.unit is not None:
        message.unit.name, message.unit.factor, message.unit.offset_si = (
            one.unit.name,
            one.unit.factor,
            one.unit.offset_si,
        )
        message.unit.relative = one.unit.relative
        message.unit.exponents.extend(one.unit.exponents)
    if one.start is not None:
        message.start.CopyFrom(value_message(one.start))
    for name in ("minimum", "maximum", "nominal"):
        if (value := getattr(one, name)) is not None:
            setattr(message, name, value)


def description_from(message: Any) -> Description | None:
    """What a part says of itself, from a message; None where it is not of the protocol."""
    if len(message.variables) > LARGEST_VARIABLES:
        return None
    variables = [_variable_from(one) for one in message.variables]
    known = [one for one in variables if one is not None]
    steps_s = [_there(message, name) for name in ("fixed_step_s", "largest_step_s", "default_step_s")]
    if any(one is not None and not 0.0 < one < math.inf for one in steps_s):
        return None
    if len(known) != len(variables) or len({one.name for one in known}) != len(known):
        return None
    through = {one.output: tuple(one.inputs) for one in message.feedthrough}
    return Description(
        name=message.name,
        form=message.form,
        digest=message.digest,
        variables=tuple(known),
        capabilities=Capabilities(
            saves=message.saves,
            serialises=message.serialises,
            variable_step=message.variable_step,
            fixed_step_s=_there(message, "fixed_step_s"),
            largest_step_s=_there(message, "largest_step_s"),
            gradient=False,
        ),
        feedthrough=through if message.feedthrough_known else None,
        default_step_s=_there(message, "default_step_s"),
    )


_CAUSALITIES = {"input", "output", "parameter", "structural parameter", "calculated parameter", "local", "independent"}
_KINDS = {"real", "integer", "boolean", "string", "binary", "enumeration", "clock"}
_VARIABILITIES = {"constant", "fixed", "tunable", "discrete", "continuous", ""}


def _variable_from(message: Any) -> Variable | None:
    if (
        message.causality not in _CAUSALITIES
        or message.kind not in _KINDS
        or message.variability not in _VARIABILITIES
        or not message.name
        or math.prod(message.shape) > LARGEST_ARRAY
    ):
        return None
    unit = None
    if message.HasField("unit"):
        if len(message.unit.exponents) != 8:
            return None
        of = message.unit
        unit = Unit(of.name, tuple(of.exponents), of.factor, of.offset_si, of.relative)
    return Variable(
        name=message.name,
        causality=cast("Causality", message.causality),
        kind=cast("Kind", message.kind),
        variability=message.variability,
        unit=unit,
        start=value_from(message.start) if message.HasField("start") else None,
        minimum=_there(message, "minimum"),
        maximum=_there(message, "maximum"),
        nominal=_there(message, "nominal"),
        shape=tuple(message.shape),
        meaning=message.meaning,
        wide=message.wide,
    )


def _there(message: Any, name: str) -> float | None:
    return getattr(message, name) if message.HasField(name) else None
