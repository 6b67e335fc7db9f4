"""Figures read as far as they can be: a field that is wrong leaves the others to be judged with it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

__all__ = ["read_in_part"]

Kind = TypeVar("Kind", bound=BaseModel)


def read_in_part(
    kind: type[Kind], table: Mapping[str, Any], wrong: AbstractSet[tuple[str | int, ...]], context: Any
) -> Kind:
    """A document without the fields that are missing or at places `wrong`; of a table with a wrong field the rest is read."""
    values: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if name not in table:
            continue
        inside = {place[1:] for place in wrong if place[0] == name}
        if inside:
            given, inner = table[name], _table_of(field.annotation)
            if () not in inside and inner is not None and isinstance(given, Mapping):
                values[name] = read_in_part(inner, cast("Mapping[str, Any]", given), inside, context)
            continue
        adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
        try:
            values[name] = adapter.validate_python(table[name], context=context)
        except ValidationError:  # told already
            continue
    return kind.model_construct(**values)


def _table_of(annotation: Any) -> type[BaseModel] | None:
    """The kind of table that a field may hold."""
    choices: tuple[Any, ...] = (annotation, *getattr(annotation, "__args__", ()))
    return next((one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)), None)
