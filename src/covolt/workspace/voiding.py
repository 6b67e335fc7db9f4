"""Voiding: which sign-offs a merge would void, whose they are, and which gates would open or shut by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from covolt.errors import CovoltError
from covolt.programme.reading import read_programme
from covolt.study.gate.gates import GateState, gate_states
from covolt.study.gate.signatures import SignatureRow
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, text
from covolt.workspace.access import Reader, seen_verdicts
from covolt.workspace.changes import NumberChange
from covolt.workspace.changing import change_files
from covolt.workspace.lately import Lately
from covolt.workspace.programmes import Programmes
from covolt.workspace.shown import GateTurnedRow
from covolt.workspace.states import Heads

__all__ = ["Voiding"]

MOST_KEPT = 256
Rows = tuple[GateTurnedRow, ...]


@final
class Voiding:
    """What merges would do to the sign-offs and gates of the programmes of a workspace."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes
        self._kept = Lately[Rows](MOST_KEPT)

    def of(
        self,
        name: str,
        heads: Heads,
        changes: Sequence[NumberChange],
        found: tuple[Verification, Verification],
        reader: Reader,
    ) -> Rows:
        """Of these changes on a state, judged on the files that a merge would write, as the reader sees them.

        Args:
            found: verdicts with every ±, before and after.
        """
        programme = self._programmes.read(name, heads)

        def made() -> Rows:
            with self._programmes.folders(name).draft(heads) as draft:
                try:
                    change_files(draft, programme, changes, programme.day)
                except CovoltError:
                    return ()  # it cannot be merged as it stands, and what stands against it says why
                sides = zip(found, (programme, read_programme(draft, day=programme.day)), strict=True)
                before, after = (gate_states(own, mine) for mine, own in (seen_verdicts(*one, reader) for one in sides))
            return tuple(_gates_turned(before, after))

        trusted = self._programmes.trusted(name)
        return self._kept.of((name, heads.digest, tuple(changes), programme.day, trusted, reader.sight), made)


def _gates_turned(before: Sequence[GateState], after: Sequence[GateState]) -> Iterator[GateTurnedRow]:
    """What a change does to sign-offs and gates; both states are judged with every ±, as one reader sees them."""
    later = {one.id: one for one in after}
    for then in before:
        now = later.get(then.id)
        if now is None:
            continue
        stands = {(one.party, one.role) for one in now.signatures if one.counts}
        lost = [one for one in then.signatures if one.counts and (one.party, one.role) not in stands]
        if lost or then.open != now.open:
            said = (*(_voided(one, then, now) for one in lost), *([] if lost and not now.open else _turned(then, now)))
            yield GateTurnedRow(then.id, then.open, now.open, tuple(one.party for one in lost), said)


def _voided(one: SignatureRow, then: GateState, now: GateState) -> Phrase:
    who = one.signer or one.who
    if not then.open:
        return text("voids the sign-off of {who} at gate “{gate}”, which is shut now", who=who, gate=then.title)
    if now.open:
        return text("voids the sign-off of {who} at gate “{gate}”, which stays open", who=who, gate=then.title)
    return text("voids the sign-off of {who} at gate “{gate}”, which is open now and shuts", who=who, gate=then.title)


def _turned(then: GateState, now: GateState) -> Iterator[Phrase]:
    """That a gate opens or shuts where no sign-off that is voided says so."""
    if then.open and not now.open:
        yield text("shuts gate “{gate}”, which is open now: {why}", gate=then.title, why=now.blocks[0])
    elif now.open and not then.open:
        yield text("opens gate “{gate}”, which is shut now", gate=then.title)
