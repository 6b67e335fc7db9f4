"""What a party is shown before it signs a gate, and by which of its keys it may."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said

__all__ = ["SigningKey", "SigningLine", "SigningShown", "SigningsShown"]


@dataclass(frozen=True, config=RESULT)
class SigningLine:
    """A line of what is signed, and by how many columns it stands in."""

    columns: int
    said: Said


@dataclass(frozen=True, config=RESULT)
class SigningKey:
    """A key of the party for the role; `known` says whether whoever runs the workspace has said that it is the party's."""

    fingerprint: str
    fingerprint_words: str
    known: bool


@dataclass(frozen=True, config=RESULT)
class SigningShown:
    """A signature that a gate asks of the reader's party: everything that it would pass, and why it cannot be made now.

    Keys stay with who holds them: the workspace hands out what is to be signed, named `file`, and takes what comes back.
    """

    role: str
    who: Said
    digest: str
    lines: tuple[SigningLine, ...]
    keys: tuple[SigningKey, ...]
    against: tuple[Said, ...]
    file: str


@dataclass(frozen=True, config=RESULT)
class SigningsShown:
    """The signatures that a gate asks of the reader's party and that do not count yet."""

    state: str
    surely: bool
    signings: tuple[SigningShown, ...]
    schema: Literal["workspace-signings/1"] = "workspace-signings/1"
