"""Reading and writing the documents of a programme: TOML for people, all problems of a file at once."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from covolt import units
from covolt.contract.lines import lines_of_keys
from covolt.errors import InputError, Problem, UnitError

__all__ = [
    "DOCUMENT",
    "canonical_json",
    "dumps",
    "load_table",
    "loads",
    "read_text",
    "refusal",
    "require_unit",
    "validate",
]

DOCUMENT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)
"""What every document is: immutable, and without fields that nobody knows."""

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; a document is written by people, larger things are its evidence or its model."""

_CHOICES = 'write a number with its unit as text, such as "78 kWh", or a ratio as a plain number'

Kind = TypeVar("Kind", bound=BaseModel)


def refusal(what: str, hint: str = "") -> PydanticCustomError:
    """Error for a validator to raise, that keeps its hint."""
    return PydanticCustomError("covolt", "{what}", {"what": what, "hint": hint})


def require_unit(text: str | float, si_unit: str, *, difference: bool = False) -> float:
    """SI value of a number of a document, or a refusal that pydantic collects with the others."""
    written = f"{text!r}" if isinstance(text, float | int) and si_unit == "1" else text
    reader = units.parse_difference if difference else units.parse
    try:
        return reader(cast("str", written), si_unit)
    except UnitError as error:
        problem = error.problems[0]
        raise refusal(problem.what, problem.hint) from error


def read_text(path: Path, source: str = "") -> str:
    """Text of a file in UTF-8, with or without byte order mark; `source` is how problems call the file."""
    where = source or str(path)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            hint = f"keep a document under {LARGEST_FILE // 2**20} MiB and name large data as evidence"
            raise InputError(Problem(f"the file has {size} bytes", where, hint))
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(error.strerror or str(error), where, "check the path and its permissions")) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        raise InputError(Problem(what, f"{where}:{line}", "save the file as UTF-8")) from error
    if "\0" in text:
        raise InputError(Problem("not text: it holds zero bytes", where, "save the file as UTF-8 (not UTF-16)"))
    if not text.strip():
        raise InputError(Problem("the file is empty", where, 'begin with: schema = "part/1"'))
    return text


def load_table(text: str, source: str) -> dict[str, Any]:
    """Plain table of a TOML text, or the place where it stops being TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at line ")
        line = place.partition(",")[0]
        hint = "every key once, text in double quotes, one key = value a line"
        raise InputError(
            Problem(f"not TOML: {what}", f"{source}:{line}" if line.isdigit() else source, hint)
        ) from error


def loads(text: str, kind: type[Kind], source: str = "<text>") -> Kind:
    """Document of one kind from TOML text; raises all problems with their lines."""
    return validate(load_table(text, source), kind, source, lines_of_keys(text))


def validate(
    table: Mapping[str, Any], kind: type[Kind], source: str, lines: Mapping[tuple[str | int, ...], int] | None = None
) -> Kind:
    """Document of one kind from a plain table."""
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise InputError([_problem(entry, kind, source, lines or {}) for entry in _by_place(error)]) from error


def _by_place(error: ValidationError) -> list[dict[str, Any]]:
    """One entry per place: pydantic gives one for each kind of value that a place could have held."""
    places: dict[tuple[str | int, ...], dict[str, Any]] = {}
    for entry in error.errors():
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


def _problem(
    entry: Mapping[str, Any], kind: type[BaseModel], source: str, lines: Mapping[tuple[str | int, ...], int]
) -> Problem:
    loc: tuple[str | int, ...] = entry["loc"]
    line = next((lines[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in lines), None)
    path = ".".join(str(part) for part in loc)
    where = f"{source}:{line}" if line else source
    where = f"{where} ({path})" if path else where
    if entry["type"] == "missing":
        return Problem(f"'{loc[-1]}' is missing", where, f"add: {loc[-1]} = ...")
    if entry["type"] == "extra_forbidden":
        known = _fields_at(kind, loc[:-1])
        close = difflib.get_close_matches(str(loc[-1]), known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known here: {', '.join(sorted(known))}"
        return Problem(f"unknown field '{loc[-1]}'", where, hint)
    context = entry.get("ctx", {})
    hint = str(context.get("hint", ""))
    if entry["type"] == "literal_error":
        hint = f"write one of: {context['expected']}"
    hint = hint or "mend this value, or leave it out"
    what = str(context["what"]) if entry["type"] == "covolt" else f"{entry['msg']}, not {entry['input']!r:.60}"
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


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for argument in get_args(annotation) for inner in _models_in(argument)]


def dumps(document: BaseModel) -> str:
    """TOML text of a document; reading it gives the same document."""
    import tomlkit

    stated = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    schema = document.model_dump(mode="json", by_alias=True, include={"document"})
    return tomlkit.dumps(_items(schema | stated, 0))


def _items(table: dict[str, Any], depth: int) -> Any:
    import tomlkit

    inline = depth > 1 and all(not isinstance(value, dict | list) for value in table.values())
    made = tomlkit.inline_table() if inline else tomlkit.table()
    plain = {key: value for key, value in table.items() if not _is_tables(value)}
    for key, value in plain.items():
        made[key] = value
    for key, value in table.items():
        if isinstance(value, dict):
            made[key] = _items(cast("dict[str, Any]", value), depth + 1)
        elif key not in plain:
            made[key] = [_items(row, depth + 1) for row in value]
    return made


def _is_tables(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def canonical_json(document: BaseModel, exclude: set[str] | None = None) -> bytes:
    """One byte sequence per content, whatever the order and layout of the file: what is hashed and signed."""
    content = document.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=exclude)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
