"""Editing: the text of a document with what differs in another; all else, its order, layout and comments, stays as written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from covolt.catalogues import ENGLISH
from covolt.contract.document import toml_table

__all__ = ["edited"]


def edited(text: str, before: BaseModel, after: BaseModel) -> str:
    """The text of a document with what differs in another; all else, its order, layout and comments, stays as written."""
    import tomlkit

    made = tomlkit.parse(text)
    old, new = (one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in (before, after))
    _edit(made, old, new)
    lines = tomlkit.dumps(made)
    return re.sub(r"(?<!\r)\n", "\r\n", lines) if re.search(r"(?<!\r)\n", text) is None else lines


def _edit(made: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Change what differs; what stands beside a value that gives way to one of another name goes over to that."""
    import tomlkit

    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    beside = [made[key].trivia.comment for key in gone if key in made] if len(gone) == len(come) == 1 else []
    for key in gone:
        made.pop(key, None)
    for key, value in new.items():
        if key in old and old[key] == value:
            continue
        there = made.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            _edit(there, old.get(key, {}), cast("dict[str, Any]", value))
        elif isinstance(value, dict):
            plain = cast("dict[str, Any]", value)
            as_text = isinstance(there, str) and plain.keys() == {ENGLISH}
            made[key] = plain[ENGLISH] if as_text else toml_table(plain, 2)
        elif _are_tables(value) and _are_tables(there) and len(value) == len(there) == len(old.get(key, ())):
            for table, before, after in zip(there, old[key], value, strict=True):
                _edit(table, before, after)
        elif not (isinstance(value, list) and isinstance(there, list) and _edit_list(there, cast("list[Any]", value))):
            made[key] = made_anew = tomlkit.item(value)
            if key in come and any(beside):
                made_anew.comment(beside[0])


def _are_tables(value: Any) -> bool:
    """Whether it is a list of tables, which are edited one by one."""
    return isinstance(value, list) and all(isinstance(one, dict) for one in cast("list[Any]", value))


def _edit_list(made: list[Any], new: list[Any]) -> bool:
    """Take out of a list what is gone and put behind it what came, its comments kept; False where that does not make it."""
    if not all(isinstance(one, str) for one in (*made, *new)):
        return False
    plain = [str(one) for one in made]
    if [one for one in plain if one in new] != new[: sum(one in new for one in plain)] or len(set(plain)) < len(plain):
        return False
    for one in [one for one in plain if one not in new]:
        made.remove(one)
    for one in new[len(made) :]:
        made.append(one)
    return True
