"""JSON Schemas of all documents for editors: every field with what it says and an example of it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from covolt.errors import NotFound, Problem
from covolt.library.cell_file import CellFile
from covolt.library.figures import CarFigures
from covolt.programme.proposal import Answer, Proposal
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.targets import Coordination, Response, Target
from covolt.words import text

DOCUMENTS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "answer/1": Answer,
        "car/1": CarFigures,
        "cell/1": CellFile,
        "coordination/1": Coordination,
        "proposal/1": Proposal,
        "response/1": Response,
        "target/1": Target,
        **PROGRAMME_SCHEMAS,
    }
)
"""Every kind of document that covolt reads, by the name that its file states."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLE = {"$ref": "#/$defs/Title"}


def printed_schema(name: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one kind of document, such as "car/1".

    Raises:
        InputError: no document is called so.
    """
    kind = DOCUMENTS.get(name)
    if kind is None:
        close = difflib.get_close_matches(name, DOCUMENTS, n=1)
        hint = (
            text("did you mean '{close}'?", close=close[0])
            if close
            else text("choose one of: {documents}", documents=", ".join(sorted(DOCUMENTS)))
        )
        raise NotFound(Problem(text("there is no document '{name}'", name=name), "NAME", hint))
    schema = kind.model_json_schema(by_alias=True)
    notes = _notes()
    for title, part in ((kind.__name__, schema), *schema.get("$defs", {}).items()):
        for field, found in part.get("properties", {}).items():
            part["properties"][field] = _told(found, *_note(notes, title, field, found))
    return identified(name, schema)


def identified(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with its dialect and the name by which others refer to it."""
    return {"$schema": DIALECT, "$id": f"urn:covolt:schema:{name.replace('/', ':')}", **schema}


def _told(found: dict[str, Any], description: str, example: object) -> dict[str, Any]:
    """A field with its note; a title may also be one text."""
    ways = found.get("anyOf", [found] if found == _TITLE else [])
    held = {**found, "anyOf": [{"type": "string"}, *ways]} if _TITLE in ways else dict(found)
    if "anyOf" in held:
        held.pop("$ref", None)
    return {**held, "description": description, "examples": [example]}


def _note(notes: Mapping[str, Any], title: str, field: str, found: Mapping[str, Any]) -> tuple[str, object]:
    if field == "schema":
        return "Which kind of document this is.", found["const"]
    description, example = notes.get(title, {}).get(field) or notes["any"][field]
    return description, example


def unused_notes() -> Iterator[str]:
    """Notes of fields that no document has, as `Class.field`."""
    schemas = {kind.__name__: kind.model_json_schema(by_alias=True) for kind in DOCUMENTS.values()}
    parts = {**schemas, **{name: part for one in schemas.values() for name, part in one.get("$defs", {}).items()}}
    known = {name: set(part.get("properties", {})) for name, part in parts.items()}
    known["any"] = set[str]().union(*known.values())
    for title, fields in _notes().items():
        yield from (f"{title}.{field}" for field in fields if field not in known.get(title, ()))


@cache
def _notes() -> Mapping[str, Any]:
    """Descriptions and examples of fields, by class and field."""
    return tomllib.loads((files("covolt") / "library" / "fields.toml").read_text(encoding="utf-8"))
