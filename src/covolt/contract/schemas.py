"""Every kind of document by the name that its file states, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import load_table, read_text, validate
from covolt.contract.interface import Interface
from covolt.contract.lines import LinesOfKeys
from covolt.contract.offer import Offer
from covolt.errors import InputError, Problem
from covolt.suggestion import meant
from covolt.words import text

__all__ = ["SCHEMAS", "document_of", "json_schema", "read_document", "read_with_lines"]

SCHEMAS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {"interface/1": Interface, "offer/1": Offer, "part/1": Datasheet}
)


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema of one kind of document, such as "part/1"."""
    if name not in SCHEMAS:
        raise _unknown(name, "schema", SCHEMAS)
    return SCHEMAS[name].model_json_schema(by_alias=True)


def read_document(path: Path, kinds: Mapping[str, type[BaseModel]] = SCHEMAS, source: str = "") -> BaseModel:
    """Document in a TOML file, of the kind that its `schema` names; `source` is how problems call the file."""
    return read_with_lines(path, kinds, source)[0]


def read_with_lines(
    path: Path, kinds: Mapping[str, type[BaseModel]] = SCHEMAS, source: str = ""
) -> tuple[BaseModel, Mapping[tuple[str | int, ...], int]]:
    """Document in a TOML file, and the line of each of its keys."""
    source = source or str(path)
    return document_of(read_text(path, source), source, kinds)


def document_of(
    written: str, source: str, kinds: Mapping[str, type[BaseModel]] = SCHEMAS
) -> tuple[BaseModel, Mapping[tuple[str | int, ...], int]]:
    """Document of a TOML text, of the kind that its `schema` names, and the line of each of its keys."""
    table, lines = load_table(written, source), LinesOfKeys(written)
    if "schema" not in table:
        hint = text("add: schema = one of {kinds}", kinds=", ".join(kinds))
        raise InputError(Problem(text("the file does not say what it is: 'schema' is missing"), source, hint))
    kind = kinds.get(table["schema"]) if isinstance(table["schema"], str) else None
    if kind is None:
        raise _unknown(table["schema"], f"{source}:{lines.get(('schema',), 1)}", kinds)
    return validate(table, kind, source, lines), lines


def _unknown(name: object, where: str, kinds: Mapping[str, type[BaseModel]]) -> InputError:
    close = meant(str(name), kinds)
    hint = (
        text("did you mean '{close}'?", close=close) if close else text("write one of: {kinds}", kinds=", ".join(kinds))
    )
    return InputError(Problem(text("unknown schema {name}", name=repr(name)), where, hint))
