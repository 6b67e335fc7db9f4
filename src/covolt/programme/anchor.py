"""The anchor: which first key of each party is trusted, in a file of the user outside every programme.

It lies in `COVOLT_CONFIG_DIR`, else in the user's configuration folder, for the user alone, and is written by `covolt key trust`;
what reads a programme adds only what takes trust away: keys seen revoked, and signatures demanded from an earlier gate. The
anchor of the shipped examples is a file of covolt, which speaks of their programmes alone and only where the user's own does not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT, dumps, loads
from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.own_files import config_folder, own_content, own_turn
from covolt.programme.keys import Fingerprint
from covolt.programme.standing import Trust
from covolt.programme.text import Digest, Identifier

__all__ = ["anchor_file", "remember", "trust_in", "trust_of"]

FORM = 2
"""Form of the statements that a trusted programme takes: none of an older one passes a gate in it."""
ANCHOR_FILE = "trusted.toml"
FOREIGN_MODES = 0o077


class _Entry(BaseModel):
    """What is trusted of one programme."""

    model_config = DOCUMENT

    form: Literal[2] = 2
    signatures_from: Identifier | None = None
    order: Annotated[int, Field(ge=1)] | None = None
    revoked: dict[Fingerprint, tuple[Digest, ...]] = {}
    """Digests of the revocations that were seen of each key: it stays out unless they are all there."""
    first: dict[str, Fingerprint] = {}


class _Anchor(BaseModel):
    """The file: an entry by the name of each programme."""

    model_config = DOCUMENT

    document: Literal["trusted/1"] = Field(default="trusted/1", alias="schema")
    programme: dict[str, _Entry] = {}


def anchor_file() -> Path | None:
    """The user's own anchor, which may not be there yet; None where the user has no home."""
    try:
        return config_folder() / ANCHOR_FILE
    except InputError:
        return None


def trust_of(programme: str) -> Trust:
    """What is trusted of a programme: nothing where nobody has said so."""
    entry = _own().programme.get(programme) or _shipped().programme.get(programme)
    return _NOBODY if entry is None else _trust(entry)


_NOBODY = Trust(first={})


def _trust(entry: _Entry) -> Trust:
    return Trust(
        first=entry.first,
        revoked={key: frozenset(seen) for key, seen in entry.revoked.items()},
        signatures_from=entry.signatures_from,
        order=entry.order,
        form=entry.form,
    )


def trust_in(programme: str, first: Mapping[str, str], signatures_from: str | None, order: int | None) -> Path:
    """Trust these first keys of a programme, beside those trusted before; keys once seen revoked stay so."""

    def trusted(before: _Entry | None) -> _Entry:
        known = before or _shipped().programme.get(programme) or _Entry()
        now_first = {**known.first, **first}
        return known.model_copy(update={"first": now_first, "signatures_from": signatures_from, "order": order})

    return _change(programme, trusted)


def remember(
    programme: str, revoked: Mapping[str, Iterable[str]], signatures_from: str | None, order: int | None
) -> None:
    """Add what takes trust away: revoked keys, and a gate from which signatures count earlier than before."""

    def reminded(before: _Entry | None) -> _Entry | None:
        if before is None:
            return None
        seen = {name: tuple(sorted({*before.revoked.get(name, ()), *found})) for name, found in revoked.items()}
        entry = before.model_copy(update={"revoked": {**before.revoked, **seen}})
        if order is not None and (before.order is None or order < before.order):
            entry = entry.model_copy(update={"signatures_from": signatures_from, "order": order})
        return entry

    before = _own().programme.get(programme)
    if before != reminded(before):
        # A home that cannot be written to keeps what it knew.
        with suppress(InputError):
            _change(programme, reminded)


def _change(programme: str, made: Callable[[_Entry | None], _Entry | None]) -> Path:
    """Change the entry of a programme as it is now: of two that are changed at once neither is lost."""
    with own_turn() as folder:
        own, path = _own(), folder / ANCHOR_FILE
        entry = made(own.programme.get(programme))
        if entry is not None:
            anchor = own.model_copy(update={"programme": {**own.programme, programme: entry}})
            text = "# Written by covolt key trust: whose keys you trust.\n" + dumps(anchor)
            write_whole(path, text, mode=0o600)
        return path


def _own() -> _Anchor:
    path = anchor_file()
    if path is None or not os.path.lexists(path):
        return _Anchor()
    content = own_content(path, foreign_modes=FOREIGN_MODES)
    if content is None:
        what = "what you trust could have been written or read by others, or is no plain file"
        raise InputError(Problem(what, str(path), f"look through it, then: chmod 600 {path}"))
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise InputError(Problem("not UTF-8", str(path), "move it away, and trust anew: covolt key trust")) from error
    return loads(text, _Anchor, str(path))


def _shipped() -> _Anchor:
    file = files("covolt") / "library" / "trusted.toml"
    return loads(file.read_text(encoding="utf-8"), _Anchor, "trusted.toml") if file.is_file() else _Anchor()
