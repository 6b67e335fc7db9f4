"""The use case `key list`: the keys of a programme's parties, and how each of them stands where it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["KeyRow", "KeysDocument", "key_row", "listed_keys"]


@dataclass(frozen=True, config=RESULT)
class KeyRow:
    """One key of a party."""

    party: str
    roles: tuple[str, ...]
    on: str
    follows: str
    standing: str
    why: Said
    fingerprint: str
    fingerprint_words: str
    fingerprint_groups: str


@dataclass(frozen=True, config=RESULT)
class KeysDocument:
    """All keys of a programme, by party and in the order in which they came."""

    keys: tuple[KeyRow, ...]
    schema: Literal["keys/1"] = "keys/1"


def listed_keys(programme: Path) -> KeysDocument:
    """Every key of a programme, of a state too that has problems elsewhere."""
    from covolt.programme.reading import read_leniently

    read = read_leniently(programme)

    def place(name: str) -> tuple[str, str, bool, str]:
        key = read.keys[name]
        return key.party, key.on, bool(key.follows), name

    return KeysDocument(tuple(key_row(read, name) for name in sorted(read.standings.keys, key=place)))


def key_row(read: Programme, name: str) -> KeyRow:
    """The key of a fingerprint."""
    from covolt.programme.keys import in_groups, in_words

    one = read.standings.keys[name]
    return KeyRow(
        party=one.key.party,
        roles=tuple(one.key.roles),
        on=one.key.on,
        follows=one.key.follows,
        standing=one.standing.state,
        why=one.standing.why,
        fingerprint=name,
        fingerprint_words=in_words(name),
        fingerprint_groups=in_groups(name),
    )
