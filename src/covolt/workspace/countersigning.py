"""Counter-signing from elsewhere: the newest checkpoint is handed out, and what a party signed of it with its key is stored."""

from __future__ import annotations

from typing import final

from sqlalchemy import select
from sqlalchemy.orm import Session

from covolt.contract.document import loads
from covolt.errors import Conflict, CovoltError, Forbidden, InputError, NotFound, Problem, refuse
from covolt.programme.countersigning import Countersignature
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.checkpoint_rows import CheckpointRow, CountersignatureRow
from covolt.workspace.checkpoints import to_countersign
from covolt.workspace.programmes import Programmes

__all__ = ["Countersigning", "checkpoint_file", "newest_checkpoint"]

ANEW = text("fetch it anew from the page of the log")


@final
class Countersigning:
    """The counter-signatures of parties over the checkpoints of a workspace; private keys never come here."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def statement(self, name: str, who: Reader, number: int = 0) -> Countersignature:
        """What the reader's party is to sign of a checkpoint in which its programme stands, the newest where none is named.

        Raises:
            Forbidden: who asks speaks for no party, or not for all of it.
            NotFound: there is none yet, or none of this `number`.
        """
        self._demand_speaks(name, who)
        with self._programmes.database.reading() as session:
            one = newest_checkpoint(session, name) if not number else session.get(CheckpointRow, number)
            if one is not None and name in one.content["heads"]:
                return to_countersign(one.content, name)
        if number:
            raise NotFound(Problem(text("no checkpoint {number}", number=number), "number", ANEW))
        raise NotFound(Problem(text("there is no checkpoint yet"), name, text("covolt audit --checkpoint")))

    def hand_in(self, name: str, who: Reader, content: str) -> int:
        """Store what a party signed of a checkpoint, by a key of it that counts here; which checkpoint it is.

        Raises:
            InputError: it is no counter-signature, or is not over a checkpoint of this programme.
            Forbidden: the signature is not by a key of the party that counts.
            Conflict: it is stored already.
        """
        self._demand_speaks(name, who)
        made = loads(content, Countersignature, "file")
        programme = self._programmes.read(name, self._programmes.heads(name))
        keys = programme.standings.keys.values()
        own = [one for one in keys if (one.key.party, one.key.public) == (who.party, made.key)]
        with self._programmes.database.writing() as session:
            row = session.get(CheckpointRow, made.sequence)
            over = row is not None and name in row.content["heads"] and to_countersign(row.content, name)
            problems: dict[type[CovoltError], list[Problem]] = {Forbidden: [], InputError: []}
            if not over or over.stated != made.stated:
                problems[InputError].append(
                    Problem(text("this is not over a checkpoint of this programme"), "file", ANEW)
                )
            if not any(one.standing.counts for one in own):
                why = own[0].standing.why if own else text("it is not in the programme")
                what = text(
                    "the key with which it is signed does not count for {party}: {why}", party=who.party, why=why
                )
                problems[Forbidden].append(Problem(what, "file", text("sign it with a key of your party")))
            if not made.is_signed:
                problems[Forbidden].append(Problem(text("the signature is not by this key over it"), "file", ANEW))
            refuse(problems)
            same = select(CountersignatureRow).where(
                CountersignatureRow.sequence == made.sequence, CountersignatureRow.party == who.party
            )
            if any(one.key == made.key for one in session.scalars(same)):
                raise Conflict(Problem(text("this counter-signature is stored already"), "file", ""))
            session.add(
                CountersignatureRow(sequence=made.sequence, party=who.party, key=made.key, signature=made.signature)
            )
            self._programmes.tell(session, name, who, "countersigned", f"checkpoint/{made.sequence}", {})
        return made.sequence

    def _demand_speaks(self, name: str, who: Reader) -> None:
        self._programmes.demand(name)
        if not who.party:
            raise Forbidden(Problem(text("who signs speaks for a party"), "party", text("say for which")))
        if who.slots is not None:
            what = text("you act for some slots of {party} alone", party=who.party)
            raise Forbidden(Problem(what, name, text("let somebody sign who acts for all of it")))


def newest_checkpoint(session: Session, name: str) -> CheckpointRow | None:
    """The newest checkpoint in which a programme stands."""
    rows = session.scalars(select(CheckpointRow).order_by(CheckpointRow.sequence.desc()))
    return next((one for one in rows if name in one.content["heads"]), None)


def checkpoint_file(number: int) -> str:
    """How the file is called in which a checkpoint is handed out to be signed, there and in the command that signs it."""
    return f"checkpoint-{number}.statement"
