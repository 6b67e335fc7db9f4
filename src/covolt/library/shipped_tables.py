"""Tables that ship with covolt; one of a programme with the same name takes the place of the shipped one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from covolt.contract.document import load_table, validate
from covolt.programme.table import TABLES, DatedTable

__all__ = ["shipped_tables"]


@cache
def shipped_tables() -> Mapping[str, DatedTable]:
    """Every shipped table by name."""
    found: dict[str, DatedTable] = {}
    folder = files("covolt") / "library" / "tables"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        content = load_table(file.read_text(encoding="utf-8"), file.name)
        table = validate(content, TABLES[content["schema"]], file.name)
        found[table.id] = table
    return MappingProxyType(found)
