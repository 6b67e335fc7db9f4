"""Values of parameters: read from their texts by type, transformed, and fitted to a variable or refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Union, cast

import numpy as np

from covolt.exchange.base_units import Conversion
from covolt.exchange.component import Kind, Value
from covolt.exchange.ssp.structure import Enumeration, SignalType, Table, Transformation
from covolt.words import Phrase, text

__all__ = ["REAL", "Unfit", "fitted", "numeric_table", "real", "shape_of", "transformed", "valued"]

REAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?")
"""What a finite double of XML Schema looks like."""
_WHOLE = re.compile(r"[+-]?\d{1,20}")
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "Integer": (-(2**31), 2**31 - 1),
    **{f"Int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
MOST_ELEMENTS = 1_000_000

Scalar = Union[float, int, bool, str, bytes]


class Unfit(Exception):
    """A value cannot be what it has to be; `why` says it."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(str(why))
        self.why = why


def real(written: str) -> float:
    """A number as Python reads it; an infinity where it is too large."""
    return float(written)


def valued(kind: SignalType, texts: Sequence[str], shape: tuple[int, ...]) -> Value:
    """A value of a type from the texts of its elements in row-major order; an array where there is a shape.

    Raises:
        Unfit: a text is none of this type, is out of its range, or there are more or fewer than the shape holds.
    """
    count = math.prod(shape)
    if count != len(texts):
        raise Unfit(text("there are {count} values where {wanted} belong", count=len(texts), wanted=count))
    scalars = [_scalar(kind, one) for one in texts]
    return _array(scalars, kind.kind, shape) if shape else scalars[0]


def _array(scalars: Sequence[Scalar], kind: Kind, shape: tuple[int, ...]) -> np.ndarray:
    if kind == "real":
        return np.array(scalars, dtype=np.float64).reshape(shape)
    if kind == "boolean":
        return np.array(scalars, dtype=np.bool_).reshape(shape)
    if kind in {"integer", "enumeration"} and all(isinstance(one, int) for one in scalars):
        large = any(cast("int", one) > 2**63 - 1 for one in scalars)
        return np.array(scalars, dtype=np.uint64 if large else np.int64).reshape(shape)
    made = np.empty(len(scalars), dtype=object)
    made[:] = list(scalars)
    return made.reshape(shape)


def _scalar(kind: SignalType, written: str) -> Scalar:
    plain = written.strip()
    match kind.kind:
        case "real":
            return _real(kind, plain)
        case "integer":
            return _integer(kind.name, plain)
        case "boolean":
            if plain not in {"true", "false", "0", "1"}:
                raise Unfit(text("'{written}' is neither true nor false", written=written))
            return plain in {"true", "1"}
        case "binary":
            try:
                return bytes.fromhex(plain)
            except ValueError:
                raise Unfit(text("'{written}' is no hexadecimal", written=written[:40])) from None
        case "enumeration":
            return _item(kind.enumeration, written)
        case _:
            return written


def _real(kind: SignalType, plain: str) -> float:
    value = real(plain) if REAL.fullmatch(plain) else math.nan
    if kind.name == "Float32" and math.isfinite(value):
        with np.errstate(over="ignore"):
            value = float(np.float32(value))
    if not math.isfinite(value):
        raise Unfit(text("'{written}' is no finite number", written=plain[:40]))
    return value


def _integer(name: str, plain: str) -> int:
    if not _WHOLE.fullmatch(plain):
        raise Unfit(text("'{written}' is no whole number", written=plain[:40]))
    lowest, highest = _BOUNDS[name]
    value = int(plain)
    if not lowest <= value <= highest:
        raise Unfit(text("{value} is no {type}", value=str(value), type=name))
    return value


def _item(listed: Enumeration | None, written: str) -> Union[int, str]:
    """The number of an item; its name stays where nobody declares the enumeration yet."""
    if listed is None:
        return written
    if written not in listed.items:
        known = ", ".join(listed.items)
        raise Unfit(
            text("'{item}' is no item of enumeration '{name}': {known}", item=written, name=listed.name, known=known)
        )
    return listed.items[written]


def shape_of(value: Value) -> tuple[int, ...]:
    """The shape of a value; empty for a scalar."""
    return value.shape if isinstance(value, np.ndarray) else ()


def numeric_table(
    table: Table, source: Enumeration | None, target: Enumeration | None
) -> tuple[dict[float, float], list[Phrase]]:
    """A table as numbers, and what of it names items that neither enumeration has.

    Items that the table does not name keep their name where the target has it too, else their number.
    """
    if table.kind != "enumeration":
        return {float(one): float(other) for one, other in cast("tuple[tuple[int, int], ...]", table.entries)}, []
    sources, targets = (one.items if one else {} for one in (source, target))
    wrong: list[Phrase] = []
    numbers = {float(number): float(targets[name]) for name, number in sources.items() if name in targets}
    for one, other in cast("tuple[tuple[str, str], ...]", table.entries):
        if one not in sources or other not in targets:
            missing = one if one not in sources else other
            wrong.append(text("no item '{item}' is declared", item=missing))
        else:
            numbers[float(sources[one])] = float(targets[other])
    return numbers, wrong


def transformed(
    value: Value, by: Transformation | None, source: Enumeration | None, target: Enumeration | None
) -> Value:
    """A value after a transformation.

    Raises:
        Unfit: the transformation is not for values of this kind, or names items that are not declared.
    """
    if by is None:
        return value
    flat = [*value.reshape(-1).tolist()] if isinstance(value, np.ndarray) else [value]
    turned = [_turned(one, by, source, target) for one in cast("list[Scalar]", flat)]
    if not isinstance(value, np.ndarray):
        return turned[0]
    kind: Kind = "real" if isinstance(by, Conversion) else "boolean" if by.kind == "boolean" else "integer"
    return _array(turned, kind, value.shape)


def _turned(value: Scalar, by: Transformation, source: Enumeration | None, target: Enumeration | None) -> Scalar:
    if isinstance(by, Conversion):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unfit(text("a linear transformation is for numbers, not for '{value}'", value=str(value)))
        return by.factor * value + by.offset
    if by.kind == "boolean":
        if not isinstance(value, bool):
            raise Unfit(text("a boolean transformation is for true and false, not for '{value}'", value=str(value)))
        return dict(by.entries).get(value, value)
    if isinstance(value, str):
        # An item of an enumeration that nobody declares: by name, as it is written.
        return cast("Scalar", dict(by.entries).get(value, value))
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(text("this transformation is for whole numbers, not for '{value}'", value=str(value)))
    if by.kind == "integer":
        return cast("int", dict(by.entries).get(value, value))
    numbers, wrong = numeric_table(by, source, target)
    if wrong:
        raise Unfit(wrong[0])
    return int(numbers.get(float(value), value))


def fitted(value: Value, kind: Kind, listed: Enumeration | None = None) -> Value:
    """A value as a variable of a kind takes it.

    A whole number is a real; a real is a whole number only where it is exactly one; everything else has to be of the kind.

    Raises:
        Unfit: it is not.
    """
    if isinstance(value, np.ndarray):
        flat = [_fitted(one, kind, listed) for one in cast("list[Scalar]", value.reshape(-1).tolist())]
        return _array(flat, kind, value.shape)
    return _fitted(value, kind, listed)


def _fitted(value: Scalar, kind: Kind, listed: Enumeration | None) -> Scalar:
    wanted = text("'{value}' is not what a variable of kind {kind} takes", value=str(value)[:40], kind=kind)
    if kind == "enumeration" and isinstance(value, str):
        if listed is None:
            raise Unfit(text("nobody declares the enumeration of which '{item}' is an item", item=value))
        return _item(listed, value)
    if kind in {"string", "binary", "boolean"}:
        of = {"string": str, "binary": bytes, "boolean": bool}[kind]
        if not isinstance(value, of):
            raise Unfit(wanted)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or kind == "clock":
        raise Unfit(wanted)
    if kind == "real":
        if isinstance(value, int) and int(float(value)) != value:
            raise Unfit(text("{value} is no real number without loss", value=str(value)))
        return float(value)
    if value != int(value):
        raise Unfit(text("{value} is no whole number", value=value))
    if kind == "enumeration" and listed is not None and int(value) not in listed.items.values():
        known = ", ".join(listed.items)
        raise Unfit(
            text(
                "'{item}' is no item of enumeration '{name}': {known}",
                item=str(int(value)),
                name=listed.name,
                known=known,
            )
        )
    return int(value)
