"""Answers that were seen here: the newest of each party to each settlement, in a file of the user outside every programme.

An answer that is put back looks as good as it did on its day. Whoever has written or read a newer one knows better by this file;
nobody else can. What nobody has signed is not taken from files: whoever can write to them could have written it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt

from covolt.contract.document import DOCUMENT, dumps, loads
from covolt.errors import Forbidden, InputError, Problem
from covolt.files import write_whole
from covolt.own_files import config_folder, own_content, own_turn
from covolt.programme.proposal import Answer, digest_of_answer
from covolt.programme.text import Date, Digest, Identifier
from covolt.words import text

__all__ = ["Seen", "note_seen", "seen_of"]

FILE = "answers.toml"
FOREIGN_MODES = 0o077
MOST = 4096
"""Answers that are kept in mind; of more, those that were noted first go."""


class Seen(BaseModel):
    """The newest answer of a party to a settlement that was seen here."""

    model_config = DOCUMENT

    programme: Identifier
    party: Identifier
    settlement: Digest
    number: Annotated[StrictInt, Field(ge=1)]
    digest: Digest
    answer: Literal["accept", "refuse"]
    on: Date


class _Answers(BaseModel):
    model_config = DOCUMENT

    document: Literal["answers-seen/1"] = Field(default="answers-seen/1", alias="schema")
    seen: tuple[Seen, ...] = ()


def seen_of(programme: str, party: str, settlement: str) -> Seen | None:
    """The newest answer of a party to a settlement that was seen here; None where none was.

    Raises:
        Forbidden: others could have written the file.
    """
    return next((one for one in _read().seen if _of(one) == (programme, party, settlement)), None)


def note_seen(answer: Answer) -> None:
    """Keep an answer in mind, unless a newer one of its party to the same settlement was seen.

    A home that cannot be written to keeps what it knew.
    """
    new = Seen(
        programme=answer.programme,
        party=answer.party,
        settlement=answer.settlement,
        number=answer.number,
        digest=digest_of_answer(answer),
        answer=answer.answer,
        on=answer.on,
    )
    before = seen_of(*_of(new))
    if before is not None and before.number >= new.number:
        return
    with suppress(InputError), own_turn() as folder:
        others = [one for one in _read().seen if _of(one) != _of(new)]
        written = "# Written by covolt: answers to proposals that were seen here.\n" + dumps(
            _Answers(seen=(*others[1 - MOST :], new))
        )
        write_whole(folder / FILE, written, mode=0o600)


def _of(one: Seen) -> tuple[str, str, str]:
    return one.programme, one.party, one.settlement


def _read() -> _Answers:
    try:
        path = config_folder() / FILE
    except InputError:
        return _Answers()
    if not os.path.lexists(path):
        return _Answers()
    content = own_content(path, foreign_modes=FOREIGN_MODES)
    if content is None:
        what = text("which answers were seen here could have been written by others, or is no plain file")
        raise Forbidden(Problem(what, str(path), text("look through it, then: chmod 600 {path}", path=str(path))))
    return loads(content.decode("utf-8", "replace"), _Answers, str(path))
