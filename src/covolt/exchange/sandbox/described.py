"""A component's description as plain values and back, with nothing taken for what it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_args

import numpy as np

from covolt.exchange.component import Capabilities, Causality, Description, Kind, Unit, Variable
from covolt.exchange.sandbox.wire import Lie, Plain
from covolt.words import text

__all__ = ["description_of", "plain"]

_Read = TypeVar("_Read")
_MOST_TEXT = 100_000
_VARIABILITIES = ("constant", "fixed", "tunable", "discrete", "continuous", "")


def plain(description: Description) -> dict[str, Plain]:
    """A description as values that cross."""
    feedthrough = description.feedthrough
    return {
        "name": description.name,
        "form": description.form,
        "digest": description.digest,
        "variables": [_plain_variable(one) for one in description.variables],
        "capabilities": dict(vars(description.capabilities)),
        "feedthrough": None if feedthrough is None else {name: list(on) for name, on in feedthrough.items()},
        "default_step_s": description.default_step_s,
    }


def _plain_variable(one: Variable) -> dict[str, Plain]:
    return {
        **{name: value for name, value in vars(one).items() if name not in {"unit", "shape"}},
        "unit": None if one.unit is None else {**vars(one.unit), "exponents": list(one.unit.exponents)},
        "shape": list(one.shape),
    }


def description_of(said: Plain) -> Description:
    """The description that values say.

    Raises:
        Lie: where they say none.
    """
    fields = _mapping(said)
    feedthrough = fields.get("feedthrough")
    return Description(
        name=_text(fields.get("name")),
        form=_text(fields.get("form")),
        digest=_text(fields.get("digest")),
        variables=tuple(_variable(_mapping(one)) for one in _list(fields.get("variables"))),
        capabilities=_capabilities(_mapping(fields.get("capabilities"))),
        feedthrough=None
        if feedthrough is None
        else {name: tuple(_text(one) for one in _list(on)) for name, on in _mapping(feedthrough).items()},
        default_step_s=_or_none(_number, fields.get("default_step_s")),
    )


def _variable(fields: Mapping[str, Any]) -> Variable:
    start = fields.get("start")
    if not (start is None or isinstance(start, float | int | bool | str | bytes | np.ndarray)):
        raise Lie(text("a start value that is none"))
    return Variable(
        name=_text(fields.get("name")),
        causality=cast(Causality, _one_of(get_args(Causality), fields.get("causality"))),
        kind=cast(Kind, _one_of(get_args(Kind), fields.get("kind"))),
        variability=_one_of(_VARIABILITIES, fields.get("variability")),
        unit=_or_none(_unit, fields.get("unit")),
        start=start,
        minimum=_or_none(_number, fields.get("minimum")),
        maximum=_or_none(_number, fields.get("maximum")),
        nominal=_or_none(_number, fields.get("nominal")),
        shape=tuple(_size(one) for one in _list(fields.get("shape"))),
        meaning=_text(fields.get("meaning")),
        wide=_truth(fields.get("wide")),
    )


def _unit(said: Any) -> Unit:
    fields = _mapping(said)
    exponents = tuple(_integer(one) for one in _list(fields.get("exponents")))
    if len(exponents) != 8:
        raise Lie(text("a unit of {count} exponents", count=len(exponents)))
    factor, offset_si = _number(fields.get("factor")), _number(fields.get("offset_si"))
    return Unit(_text(fields.get("name")), exponents, factor, offset_si, _truth(fields.get("relative")))


def _capabilities(fields: Mapping[str, Any]) -> Capabilities:
    return Capabilities(
        saves=_truth(fields.get("saves")),
        serialises=_truth(fields.get("serialises")),
        variable_step=_truth(fields.get("variable_step")),
        fixed_step_s=_or_none(_number, fields.get("fixed_step_s")),
        largest_step_s=_or_none(_number, fields.get("largest_step_s")),
        gradient=_truth(fields.get("gradient")),
        follows=_truth(fields.get("follows")),
    )


def _or_none(read: Callable[[Any], _Read], said: Any) -> _Read | None:
    return None if said is None else read(said)


def _mapping(said: Any) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise Lie(text("a description with something else where names and values belong"))
    return cast("dict[str, Any]", said)


def _list(said: Any) -> list[Any]:
    if not isinstance(said, list):
        raise Lie(text("a description with something else where a list belongs"))
    return cast("list[Any]", said)


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > _MOST_TEXT:
        raise Lie(text("a description with something else, or too much, where a text belongs"))
    return said


def _truth(said: Any) -> bool:
    if not isinstance(said, bool):
        raise Lie(text("a description with something else where yes or no belongs"))
    return said


def _number(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise Lie(text("a description with something else where a number belongs"))
    return float(said)


def _integer(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int):
        raise Lie(text("a description with something else where a whole number belongs"))
    return said


def _size(said: Any) -> int:
    size = _integer(said)
    if not 0 <= size < 1 << 31:
        raise Lie(text("a dimension of {size}", size=size))
    return size


def _one_of(known: tuple[Any, ...], said: Any) -> Any:
    if said not in known:
        raise Lie(text("a description with a word that is none of its kind"))
    return said
