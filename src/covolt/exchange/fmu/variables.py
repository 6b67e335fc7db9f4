"""Variables of a description: their types, units, start values and sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from covolt.exchange.base_units import by_name, difference
from covolt.exchange.component import Causality, Kind, Unit, Value, Variable
from covolt.exchange.fmu.documents import Clock, Dimension, FmuVariable
from covolt.exchange.fmu.fields import Fields, integer_of, number_of
from covolt.exchange.plain_xml import Node
from covolt.words import text

__all__ = ["DTYPES", "KINDS", "RANGES", "read_variables"]

KINDS: Mapping[str, Kind] = {
    "Real": "real", "Float32": "real", "Float64": "real", "Integer": "integer", "Boolean": "boolean", "String": "string",
    "Binary": "binary", "Enumeration": "enumeration", "Clock": "clock",
    **{f"{sign}Int{bits}": "integer" for sign in ("", "U") for bits in (8, 16, 32, 64)},
}  # fmt: skip
RANGES: Mapping[str, tuple[int, int]] = {
    "Integer": (-(2**31), 2**31 - 1),
    "Enumeration": (-(2**63), 2**63 - 1),
    **{f"Int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
"""Lowest and highest number of each whole type."""
DTYPES: Mapping[Kind, Any] = {
    "real": np.float64, "integer": np.int64, "enumeration": np.int64, "boolean": np.bool_, "clock": np.bool_, "string": object,
    "binary": object,
}  # fmt: skip
"""Of what the arrays of a kind are; those of UInt64 are uint64."""
MOST_VARIABLES = 500_000
MOST_ELEMENTS = 4_000_000
_CAUSALITIES: Mapping[str, Causality] = {
    "input": "input", "output": "output", "parameter": "parameter", "structuralParameter": "structural parameter",
    "calculatedParameter": "calculated parameter", "local": "local", "independent": "independent",
}  # fmt: skip
_VARIABILITIES = ("constant", "fixed", "tunable", "discrete", "continuous")
_INHERITED = ("unit", "min", "max", "nominal", "relativeQuantity", "quantity")


def read_variables(root: Node, fields: Fields, version: str, units: Mapping[str, Unit]) -> list[FmuVariable]:
    """All variables in the order of the document; what is wrong is told to `fields`."""
    types = _types(root)
    listed = root.first("ModelVariables")
    nodes = list(_nodes(listed, fields, version)) if listed is not None else []
    if listed is None:
        fields.missing(root, "ModelVariables")
    if len(nodes) > MOST_VARIABLES:
        fields.add(root, text("more than {count} variables", count=MOST_VARIABLES), text("export it with fewer"))
        return []
    found: list[FmuVariable] = []
    for outer, inner in nodes:
        found.append(_variable(outer, inner, fields, types, units))
        found += [
            replace(found[-1], variable=replace(found[-1].variable, name=one.get("name")), alias=True)
            for one in inner.all("Alias")
        ]
    _judge_names(found, nodes, fields)
    return _sized(found, root, fields)


def _types(root: Node) -> Mapping[str, Node]:
    """Declared types by name; in 2.0 a SimpleType holds the element of its kind."""
    listed = root.first("TypeDefinitions")
    found: dict[str, Node] = {}
    for one in listed.all() if listed is not None else ():
        inner = next(iter(one.all("Real", "Integer", "Boolean", "String", "Enumeration")), one)
        found[one.get("name")] = inner
    return found


def _nodes(listed: Node, fields: Fields, version: str) -> Iterator[tuple[Node, Node]]:
    """Each variable as the element with its name and the one with its type, which is the same in 3.0."""
    for one in listed.all():
        if version.startswith("3"):
            if one.name in KINDS and one.name not in {"Real", "Integer"}:
                yield one, one
            else:
                fields.add(one, text("<{tag}> is no type of a variable", tag=one.name[:40]))
            continue
        inner = next(iter(one.all("Real", "Integer", "Boolean", "String", "Enumeration")), None)
        if one.name == "ScalarVariable" and inner is not None:
            yield one, inner
        else:
            fields.add(one, text("variable '{name}' has no type", name=one.get("name")[:60]))


def _variable(
    outer: Node, inner: Node, fields: Fields, types: Mapping[str, Node], units: Mapping[str, Unit]
) -> FmuVariable:
    declared = types.get(inner.get("declaredType"))
    if declared is None and inner.get("declaredType"):
        fields.add(inner, text("declaredType '{name}' is not defined", name=inner.get("declaredType")[:60]))
    known = {
        name: value
        for name in _INHERITED
        if (value := inner.get(name) or (declared.get(name) if declared is not None else ""))
    }
    of_type = Node(inner.tag, {**inner.attributes, **known}, inner.line)
    kind = KINDS[inner.name]
    name = outer.get("name") or fields.missing(outer, "name")
    reference = fields.integer(outer, "valueReference", 0, 2**32 - 1)
    if reference is None and not outer.get("valueReference"):
        fields.missing(outer, "valueReference")
    causality = _CAUSALITIES.get(outer.get("causality", "local"))
    if causality is None:
        fields.add(
            outer, text("causality '{word}' of '{name}' is none", word=outer.get("causality")[:40], name=name[:60])
        )
    dimensions = _dimensions(inner, fields)
    return FmuVariable(
        variable=Variable(
            name=name,
            causality=causality or "local",
            kind=kind,
            variability=_variability(outer, inner, causality or "local"),
            unit=_unit(of_type, units) if kind == "real" else None,
            start=_start(inner, kind, name, fields),
            minimum=fields.number(of_type, "min"),
            maximum=fields.number(of_type, "max"),
            nominal=fields.number(of_type, "nominal"),
            meaning=outer.get("description"),
            wide=inner.name in {"Int64", "UInt64"},
        ),
        reference=reference or 0,
        type=inner.name,
        initial=outer.get("initial"),
        dimensions=dimensions,
        derivative_of=fields.integer(inner, "derivative", 0, 2**32 - 1),
        items=_items(declared, fields) if kind == "enumeration" else {},
        clock=_clock(inner, fields) if kind == "clock" else None,
        clocks=tuple(fields.integers(inner, "clocks")),
    )


def _variability(outer: Node, inner: Node, causality: Causality) -> Any:
    written = outer.get("variability")
    if written in _VARIABILITIES:
        return written
    if causality in {"parameter", "structural parameter", "calculated parameter"}:
        return "fixed"
    return "continuous" if inner.name in {"Real", "Float64", "Float32"} else "discrete"


def _unit(node: Node, units: Mapping[str, Unit]) -> Unit | None:
    name = node.get("unit")
    if not name:
        return None
    unit = units.get(name) or by_name(name)
    return difference(unit) if node.get("relativeQuantity") in {"true", "1"} else unit


def _items(declared: Node | None, fields: Fields) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in declared.all("Item") if declared is not None else ():
        value = fields.integer(one, "value", *RANGES["Enumeration"])
        if value is not None:
            found[one.get("name")] = value
    return found


def _clock(node: Node, fields: Fields) -> Clock:
    resolution = fields.integer(node, "resolution", 1, 2**64 - 1)
    counter = fields.integer(node, "intervalCounter", 0, 2**64 - 1)
    shift = fields.integer(node, "shiftCounter", 0, 2**64 - 1)
    interval_s, shift_s = fields.number(node, "intervalDecimal"), fields.number(node, "shiftDecimal") or 0.0
    if interval_s is None and resolution and counter is not None:
        interval_s = counter / resolution
    if resolution and shift:
        shift_s = shift / resolution
    return Clock(node.get("intervalVariability", "triggered"), interval_s, shift_s)


def _dimensions(node: Node, fields: Fields) -> tuple[Dimension, ...]:
    found: list[Dimension] = []
    for one in node.all("Dimension"):
        size = fields.integer(one, "start", 0, MOST_ELEMENTS)
        parameter = fields.integer(one, "valueReference", 0, 2**32 - 1)
        if size is None and parameter is None:
            fields.missing(one, "start")
        found.append(Dimension(size or 0, parameter))
    return tuple(found)


def _start(node: Node, kind: Kind, name: str, fields: Fields) -> Value | None:
    """Start values as they are written: one, or a list that `_sized` makes an array."""
    if node.name in {"String", "Binary"} and node.first("Start") is not None:
        written = [one.get("value") for one in node.all("Start")]
    elif "start" not in node.attributes:
        return None
    elif kind == "string":
        return node.get("start")
    else:
        written = node.get("start").split()
    values = [_value(one, kind, node.name) for one in written]
    if any(one is None for one in values):
        wrong = next(one for one, value in zip(written, values, strict=True) if value is None)
        fields.add(
            node,
            text("start value '{value}' of '{name}' is no {type}", value=wrong[:40], name=name[:60], type=node.name),
        )
        return None
    return cast(Value, values[0] if len(values) == 1 else values or None)


def _value(written: str, kind: Kind, type_name: str) -> Value | None:
    if kind == "real":
        return number_of(written)
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(written)
    if kind == "binary":
        try:
            return bytes.fromhex(written)
        except ValueError:
            return None
    if kind == "string":
        return written
    number = integer_of(written)
    low, high = RANGES.get(type_name, (0, 0))
    return number if number is not None and low <= number <= high else None


def _judge_names(found: list[FmuVariable], nodes: list[tuple[Node, Node]], fields: Fields) -> None:
    seen: set[str] = set()
    twice: set[str] = set()
    for one in found:
        (twice if one.name in seen else seen).add(one.name)
    for outer, _ in nodes:
        if outer.get("name") in twice:
            fields.add(outer, text("variable '{name}' is there twice", name=outer.get("name")[:60]))


def _sized(found: list[FmuVariable], root: Node, fields: Fields) -> list[FmuVariable]:
    """Arrays with the sizes that they have as long as nobody changes a structural parameter."""
    sizes = {one.reference: one.variable.start for one in found if one.variable.causality == "structural parameter"}
    made: list[FmuVariable] = []
    for one in found:
        if not one.dimensions:
            made.append(_scalar(one, root, fields))
            continue
        shape: list[int] = []
        for dimension in one.dimensions:
            size = (
                dimension.size_count
                if dimension.parameter_reference is None
                else sizes.get(dimension.parameter_reference)
            )
            if not isinstance(size, int) or not 0 <= size <= MOST_ELEMENTS:
                what = text(
                    "the size of '{name}' is that of no structural parameter with a start value", name=one.name[:60]
                )
                fields.add(root, what)
                size = 0
            shape.append(size)
        if math.prod(shape) > MOST_ELEMENTS:
            fields.add(root, text("'{name}' has more than {count} elements", name=one.name[:60], count=MOST_ELEMENTS))
            shape = [0]
        made.append(
            replace(one, variable=replace(one.variable, shape=tuple(shape), start=_array(one, shape, root, fields)))
        )
    return made


def _scalar(one: FmuVariable, root: Node, fields: Fields) -> FmuVariable:
    if isinstance(one.variable.start, list):
        fields.add(root, text("'{name}' is one number and has several start values", name=one.name[:60]))
        return replace(one, variable=replace(one.variable, start=None))
    return one


def _array(one: FmuVariable, shape: list[int], root: Node, fields: Fields) -> Value | None:
    start: Any = one.variable.start
    if start is None:
        return None
    values = start if isinstance(start, list) else [start]
    count = math.prod(shape)
    if len(values) == 1 and count != 1:
        values = values * count
    if len(values) != count:
        what = text(
            "'{name}' has {given} start values for {count} elements", name=one.name[:60], given=len(values), count=count
        )
        fields.add(root, what)
        return None
    dtype = np.uint64 if one.type == "UInt64" else DTYPES[one.variable.kind]
    made = np.empty(count, dtype=dtype)
    for place, value in enumerate(values):
        made[place] = value
    return made.reshape(shape)
