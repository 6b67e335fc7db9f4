"""Mistakes: what of a file is not a document, told by its line in a person's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from covolt.errors import Problem
from covolt.suggestion import meant

__all__ = ["Told", "as_problem", "mistakes_of", "not_toml", "place_of"]

Told = tuple[str, str, tuple[str | int, ...]]
"""What is wrong, a hint, and the keys that lead to it from the document whose validator tells it."""


_CHOICES = 'write a number with its unit as text, such as "78 kWh", or a ratio as a plain number'

_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]*$": "use Latin letters, digits, - and _, such as A-R100",
    r"^[a-z0-9][a-z0-9_-]*$": "use small Latin letters, digits, - and _, such as drive-unit",
    r"^[a-z0-9][a-z0-9-]*$": "use small Latin letters, digits and -, such as pack-33",
    r"^[a-z][a-z0-9_]*$": "use small Latin letters, digits and _, such as drive_unit",
    r"^[a-z][a-z0-9_]*(@\d+)?$": "name an interface, such as battery@1",
    r"^[a-z0-9][a-z0-9_-]*@\d+$": "name a contract and its revision, such as battery@1",
    r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$": "write three numbers, such as 1.0.0",
    r"^sha256:[0-9a-f]{64}$": "write sha256: and 64 hexadecimal digits, as sha256sum prints them",
    r"^[A-Z]{2}$": "write two capital letters, such as BY",
    r"^[0-9a-f]{64}$": "write the 64 hexadecimal digits that covolt key prints",
}
"""What a pattern asks for, in a person's words."""

_MEND = "mend this value, or leave it out"
_WORDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("{found} is not more than {gt}", "write a number above {gt}"),
    "greater_than_equal": ("{found} is less than {ge}", "write a number from {ge} on"),
    "less_than": ("{found} is not less than {lt}", "write a number below {lt}"),
    "less_than_equal": ("{found} is more than {le}", "write a number up to {le}"),
    "finite_number": ("{found} is not finite", "write a number"),
    "string_type": ("{found} is no text", 'write a text in quotes, such as "front"'),
    "string_too_short": ("the text is empty", "fill it in, or leave the key out"),
    "bool_type": ("{found} is neither true nor false", "write true or false, without quotes"),
    "bool_parsing": ("{found} is neither true nor false", "write true or false, without quotes"),
    "int_type": ("{found} is no whole number", "write a whole number, without quotes"),
    "int_parsing": ("{found} is no whole number", "write a whole number, without quotes"),
    "int_from_float": ("{found} is no whole number", "write a whole number"),
    "float_type": ("{found} is no number", "write a number, without quotes"),
    "float_parsing": ("{found} is no number", "write a number, without quotes"),
    "tuple_type": ("{found} is no list", 'write a list in brackets, such as ["front", "rear"]'),
    "list_type": ("{found} is no list", 'write a list in brackets, such as ["front", "rear"]'),
    "dict_type": ("{found} is no table", "write a table: [name] above its keys, or {{ key = value }}"),
    "model_type": ("{found} is no table", "write a table: [name] above its keys, or {{ key = value }}"),
    "too_short": ("the list has {actual_length} entries, and needs {min_length}", "add what is missing"),
    "too_long": ("the list has {actual_length} entries, and may have {max_length}", "leave some out"),
}
"""What pydantic calls a mistake, as a person is told it, and what mends it."""

_INSTEAD = {
    "drag_coefficient": ("drag_area", 'write drag_area = Cd x A, coefficient times frontal area, such as "0.65 m2"'),
    "frontal_area": ("drag_area", 'write drag_area = Cd x A, coefficient times frontal area, such as "0.65 m2"'),
}
"""Fields that people look for where another one says it: that one, and how."""


def place_of(source: str, path: Sequence[str | int], lines: Mapping[tuple[str | int, ...], int]) -> str:
    """Where a key stands, as `slots/battery.toml:4 (contract)`."""
    loc = tuple(path)
    line = next((lines[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in lines), None)
    where = f"{source}:{line}" if line else source
    named = ".".join(str(part) for part in loc)
    return f"{where} ({named})" if named else where


def mistakes_of(error: ValidationError, kind: type[BaseModel]) -> list[dict[str, Any]]:
    """One entry for each mistake: a field that stands there under a misspelt name is not missing besides."""
    entries = [one for entry in _by_place(error) for one in _each(entry)]
    misspelt: set[tuple[str | int, ...]] = set()
    for one in entries:
        if one["type"] == "extra_forbidden" and (
            close := meant(str(one["loc"][-1]), _fields_at(kind, one["loc"][:-1]))
        ):
            misspelt.add((*one["loc"][:-1], close))
    return [one for one in entries if one["type"] != "missing" or one["loc"] not in misspelt]


def not_toml(what: str, source: str, text: str, line: int | None) -> Problem:
    """Where a file stops being TOML, and what people of other formats write there."""
    where = f"{source}:{line}" if line else source
    written = text.splitlines()[line - 1] if line and line <= text.count("\n") + 1 else ""
    key, equals, value = written.partition("=")
    key, value = key.strip(), value.strip()
    hint = "every key once, text in double quotes, one key = value a line"
    if equals and re.fullmatch(r"[+-]?\d+,\d+", value):
        hint = f"write a decimal point: {key} = {value.replace(',', '.')}"
    elif equals and re.fullmatch(r"[+-]?[\d.]+ ?[^\W\d][\w/%.]*", value):
        hint = f'a number with its unit stands in quotes: {key} = "{value}"'
    elif equals and re.fullmatch(r"[^\W\d][\w -]*", value):
        hint = f'a text stands in quotes: {key} = "{value}"'
    elif not equals and (colon := re.fullmatch(r"\s*([\w-]+): *(.+)", written)):
        hint = f"write = instead of the colon: {colon[1]} = {colon[2]}"
    elif "overwrite a value" in what:
        return Problem("this key stands here a second time", where, "keep one of the two lines")
    return Problem(f"not TOML: {what}", where, hint)


def _each(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry for each thing that a validator told."""
    told: list[Told] = entry.get("ctx", {}).get("told", [])
    if entry["type"] != "covolt" or not told:
        return [entry]
    return [{**entry, "loc": (*entry["loc"], *keys), "ctx": {"what": what, "hint": hint}} for what, hint, keys in told]


def _by_place(error: ValidationError) -> list[dict[str, Any]]:
    """One entry per place: pydantic gives one for each kind of value that a place could have held."""
    places: dict[tuple[str | int, ...], dict[str, Any]] = {}
    for entry in error.errors(include_url=False):
        loc = tuple(part for part in entry["loc"] if _is_place(part))
        same = places.get(loc)
        if same is None:
            places[loc] = {**entry, "loc": loc, "choices": entry["loc"] != loc}
        elif same["choices"] and entry["loc"] != loc and same["type"] != "covolt":
            places[loc] = {
                **same,
                "type": "covolt",
                "ctx": {"what": f"cannot be {entry['input']!r:.60}", "hint": _CHOICES},
            }
    wrong_inside = {loc[:end] for loc in places for end in range(len(loc))}
    return [entry for loc, entry in places.items() if entry["type"] != "too_short" or loc not in wrong_inside]


def as_problem(
    entry: Mapping[str, Any], kind: type[BaseModel], source: str, lines: Mapping[tuple[str | int, ...], int]
) -> Problem:
    """One mistake with its place and what mends it."""
    loc: tuple[str | int, ...] = entry["loc"]
    where = place_of(source, loc, lines)
    if entry["type"] == "missing":
        return Problem(f"'{loc[-1]}' is missing", where, f"add: {loc[-1]} = ...")
    if entry["type"] == "extra_forbidden":
        known = _fields_at(kind, loc[:-1])
        close = meant(str(loc[-1]), known)
        hint = f"did you mean '{close}'?" if close else f"known here: {', '.join(sorted(known))}"
        instead, said = _INSTEAD.get(str(loc[-1]), ("", ""))
        hint = said if instead in known else hint
        for name in (instead, str(loc[-1])):
            if (inner := _inside(kind, loc[:-1], name)) and not close and instead not in known:
                hint = f"{said}, in [{inner}]" if said else f"it stands in the table [{inner}]"
        return Problem(f"unknown field '{loc[-1]}'", where, hint)
    context = entry.get("ctx", {})
    if entry["type"] == "covolt":
        return Problem(str(context["what"]), where, str(context.get("hint", "")) or _MEND)
    found = f"{entry['input']!r:.60}"
    if entry["type"] == "string_pattern_mismatch":
        hint = _PATTERNS.get(context["pattern"], f"write it after the pattern {context['pattern']}")
        return Problem(f"{found} is not written as '{loc[-1]}' must be", where, hint)
    if entry["type"] == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        close = meant(str(entry["input"]), words)
        hint = f"did you mean '{close}'?" if close else f"write one of: {', '.join(words)}"
        return Problem(f"{found} is none of the words that may stand here", where, hint)
    what, hint = _WORDS.get(entry["type"], (f"{entry['msg']}, not {{found}}", _MEND))
    return Problem(what.format(found=found, **context), where, hint.format(found=found, **context))


def _is_place(part: str | int) -> bool:
    """Whether a step of pydantic's location is a key of the file, not the name of a member of a union."""
    return not (isinstance(part, str) and (part in {"constrained-str", "float", "str"} or "[" in part))


def _fields_at(kind: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Names that a file may use at a place."""
    models = [kind]
    for part in loc:
        annotations = [
            field.annotation
            for model in models
            for name, field in model.model_fields.items()
            if part in {name, field.alias}
        ]
        models = [inner for annotation in annotations for inner in _models_in(annotation)] or models
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _inside(kind: type[BaseModel], loc: tuple[str | int, ...], name: str) -> str:
    """The table of a place in which a field stands; empty where there is none."""
    tables = (one for one in _fields_at(kind, loc) if name and name in _fields_at(kind, (*loc, one)))
    return next((one for one in tables if name not in _fields_at(kind, loc)), "")


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for argument in get_args(annotation) for inner in _models_in(argument)]
