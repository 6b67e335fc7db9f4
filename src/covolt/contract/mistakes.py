"""Mistakes: what of a file is not a document, told by its line in a person's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from covolt.errors import Problem
from covolt.suggestion import meant
from covolt.words import Phrase, Text, text

__all__ = ["Told", "as_problem", "mistakes_of", "not_toml", "place_of", "told_plainly"]

Told = tuple[str | Phrase, str | Phrase, tuple[str | int, ...]]
"""What is wrong, a hint, and the keys that lead to it from the document whose validator tells it."""


_CHOICES = text('write a number with its unit as text, such as "78 kWh", or a ratio as a plain number')

_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]*$": text("use Latin letters, digits, - and _, such as A-R100"),
    r"^[a-z0-9][a-z0-9_-]*$": text("use small Latin letters, digits, - and _, such as drive-unit"),
    r"^[a-z0-9][a-z0-9-]*$": text("use small Latin letters, digits and -, such as pack-33"),
    r"^[a-z][a-z0-9_]*$": text("use small Latin letters, digits and _, such as drive_unit"),
    r"^[a-z][a-z0-9_]*(@\d+)?$": text("name an interface, such as battery@1"),
    r"^[a-z0-9][a-z0-9_-]*@\d+$": text("name a contract and its revision, such as battery@1"),
    r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$": text("write three numbers, such as 1.0.0"),
    r"^sha256:[0-9a-f]{64}$": text("write sha256: and 64 hexadecimal digits, as sha256sum prints them"),
    r"^[A-Z]{2}$": text("write two capital letters, such as BY"),
    r"^[0-9a-f]{64}$": text("write the 64 hexadecimal digits that covolt key prints"),
}
"""What a pattern asks for, in a person's words."""

_TOML: Mapping[str, Phrase] = {
    one.message: one
    for one in (
        text("Cannot overwrite a value"),
        text("Expected '=' after a key in a key/value pair"),
        text("Expected ']' at the end of a table declaration"),
        text("Expected ']]' at the end of an array declaration"),
        text("Expected newline or end of document after a statement"),
        text("Invalid date or datetime"),
        text("Invalid hex value"),
        text("Invalid initial character for a key part"),
        text("Invalid statement"),
        text("Invalid value"),
        text("Unclosed array"),
        text("Unclosed inline table"),
        text("Unescaped '\\' in a string"),
        text("Unterminated string"),
        text("a number has too many digits"),
    )
}
"""What the reader of TOML says."""

_TRUTHS = {"True": "true", "False": "false"}
_MEND = text("mend this value, or leave it out")
_WORDS: Mapping[str, tuple[Text, Text]] = {
    "greater_than": (text("{found} is not more than {gt}"), text("write a number above {gt}")),
    "greater_than_equal": (text("{found} is less than {ge}"), text("write a number from {ge} on")),
    "less_than": (text("{found} is not less than {lt}"), text("write a number below {lt}")),
    "less_than_equal": (text("{found} is more than {le}"), text("write a number up to {le}")),
    "finite_number": (text("{found} is not finite"), text("write a number")),
    "string_type": (text("{found} is no text"), text('write a text in quotes, such as "front"')),
    "string_too_short": (text("the text is empty"), text("fill it in, or leave the key out")),
    "string_too_long": (text("the text has more than {max_length} signs"), text("shorten it")),
    "json_invalid": (text("this is no JSON"), text("send JSON, as the OpenAPI document says")),
    "model_attributes_type": (
        text("{found} is no table"),
        text("write a table: [name] above its keys, or {{ key = value }}"),
    ),
    "bool_type": (text("{found} is neither true nor false"), text("write true or false, without quotes")),
    "bool_parsing": (text("{found} is neither true nor false"), text("write true or false, without quotes")),
    "int_type": (text("{found} is no whole number"), text("write a whole number, without quotes")),
    "int_parsing": (text("{found} is no whole number"), text("write a whole number, without quotes")),
    "int_from_float": (text("{found} is no whole number"), text("write a whole number")),
    "float_type": (text("{found} is no number"), text("write a number, without quotes")),
    "float_parsing": (text("{found} is no number"), text("write a number, without quotes")),
    "tuple_type": (text("{found} is no list"), text('write a list in brackets, such as ["front", "rear"]')),
    "list_type": (text("{found} is no list"), text('write a list in brackets, such as ["front", "rear"]')),
    "dict_type": (text("{found} is no table"), text("write a table: [name] above its keys, or {{ key = value }}")),
    "model_type": (text("{found} is no table"), text("write a table: [name] above its keys, or {{ key = value }}")),
    "too_short": (text("the list has {actual_length} entries, and needs {min_length}"), text("add what is missing")),
    "too_long": (text("the list has {actual_length} entries, and may have {max_length}"), text("leave some out")),
}
"""What pydantic calls a mistake, as a person is told it, and what mends it."""

_INSTEAD = {
    "drag_coefficient": (
        "drag_area",
        text('write drag_area = Cd x A, coefficient times frontal area, such as "0.65 m2"'),
    ),
    "frontal_area": ("drag_area", text('write drag_area = Cd x A, coefficient times frontal area, such as "0.65 m2"')),
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


def not_toml(what: str, source: str, table: str, line: int | None) -> Problem:
    """Where a file stops being TOML, and what people of other formats write there."""
    where = f"{source}:{line}" if line else source
    written = table.splitlines()[line - 1] if line and line <= table.count("\n") + 1 else ""
    key, equals, value = written.partition("=")
    key, value = key.strip(), value.strip()
    hint = text("every key once, text in double quotes, one key = value a line")
    if equals and re.fullmatch(r"[+-]?\d+,\d+", value):
        hint = text("write a decimal point: {line}", line=f"{key} = {value.replace(',', '.')}")
    elif equals and re.fullmatch(r"[+-]?[\d.]+ ?[^\W\d][\w/%.]*", value):
        hint = text("a number with its unit stands in quotes: {line}", line=f'{key} = "{value}"')
    elif equals and re.fullmatch(r"[^\W\d][\w -]*", value):
        hint = text("a text stands in quotes: {line}", line=f'{key} = "{value}"')
    elif not equals and (colon := re.fullmatch(r"\s*([\w-]+): *(.+)", written)):
        hint = text("write = instead of the colon: {line}", line=f"{colon[1]} = {colon[2]}")
    elif "overwrite a value" in what:
        return Problem(text("this key stands here a second time"), where, text("keep one of the two lines"))
    return Problem(text("not TOML: {why}", why=_TOML.get(what, what)), where, hint)


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
                "ctx": {"what": text("cannot be {found}", found=f"{entry['input']!r:.60}"), "hint": _CHOICES},
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
        return Problem(text("'{field}' is missing", field=loc[-1]), where, text("add: {field} = ...", field=loc[-1]))
    if entry["type"] == "extra_forbidden":
        known = _fields_at(kind, loc[:-1])
        close = meant(str(loc[-1]), known)
        hint: Phrase = text("did you mean '{name}'?", name=close or "")
        if not close:
            hint = text("known here: {names}", names=", ".join(sorted(known)))
        instead, said = _INSTEAD.get(str(loc[-1]), ("", None))
        hint = said if said is not None and instead in known else hint
        for name in (instead, str(loc[-1])):
            if (inner := _inside(kind, loc[:-1], name)) and not close and instead not in known:
                hint = text("it stands in the table [{inner}]", inner=inner)
                hint = hint if said is None else text("{said}, in [{inner}]", said=said, inner=inner)
        return Problem(text("unknown field '{field}'", field=loc[-1]), where, hint)
    context = entry.get("ctx", {})
    if entry["type"] == "covolt":
        return Problem(context["what"], where, context.get("hint") or _MEND)
    found = f"{entry['input']!r:.60}"
    if entry["type"] == "string_pattern_mismatch":
        other = text("write it after the pattern {pattern}", pattern=context["pattern"])
        hint = _PATTERNS.get(context["pattern"], other)
        return Problem(text("{found} is not written as '{field}' must be", found=found, field=loc[-1]), where, hint)
    if entry["type"] == "literal_error":
        # What is no text stands there without quotes, and as Python writes it.
        bare = [_TRUTHS.get(one, one) for one in re.split(r", | or ", context["expected"])]
        words = re.findall(r"'([^']*)'", context["expected"]) or bare
        close = meant(str(entry["input"]), words)
        hint = text("write one of: {words}", words=", ".join(words))
        hint = text("did you mean '{name}'?", name=close) if close else hint
        return Problem(text("{found} is none of the words that may stand here", found=found), where, hint)
    return _worded(entry, where, _MEND)


def told_plainly(entry: Mapping[str, Any], where: str) -> Problem:
    """One mistake of what is no document, such as a request: a person's words, and none of pydantic's own."""
    field = (entry["loc"] or ("",))[-1]
    if entry["type"] == "missing":
        return Problem(text("'{field}' is missing", field=field), where, text("add: {field} = ...", field=field))
    if entry["type"] == "extra_forbidden":
        return Problem(text("unknown field '{field}'", field=field), where, text("leave it out"))
    if entry["type"] in {"literal_error", "enum"}:
        what = text("{found} is none of the words that may stand here", found=f"{entry['input']!r:.60}")
        return Problem(
            what, where, text("write one of: {words}", words=str(entry["ctx"]["expected"]).replace(" or ", ", "))
        )
    return _worded(entry, where, "")


def _worded(entry: Mapping[str, Any], where: str, otherwise: str | Phrase) -> Problem:
    found = f"{entry.get('input')!r:.60}"
    if (words := _WORDS.get(entry["type"])) is None:
        return Problem(text("{found} cannot stand here", found=found), where, otherwise)
    what, hint = (one.filled({**dict(one.values), "found": found, **entry.get("ctx", {})}) for one in words)
    return Problem(what, where, hint)


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
