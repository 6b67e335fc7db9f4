"""Conflicts of a vehicle, as it is locked or tried: what is broken, told at once, and jobs that look for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import final

from covolt.errors import Forbidden, Problem
from covolt.programme.documents import Programme
from covolt.study.conflicts.posed import may_move
from covolt.study.negotiation.turned import outward
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, text
from covolt.workspace.access import Reader, seen, seen_verdicts
from covolt.workspace.changes import Asked, NumberChange, changes_of
from covolt.workspace.conflicts_shown import BrokenRow, ConflictsShown, LeverRow
from covolt.workspace.jobs import Jobs
from covolt.workspace.lately import Lately
from covolt.workspace.programmes import Programmes
from covolt.workspace.runners import Runners
from covolt.workspace.telling import contradiction_rows, in_shown_unit, misses, verdict_row, written_text

__all__ = ["DESIGNS", "MOST_DESIGNS", "Conflicts"]

DESIGNS = 64
"""Designs that a job judges where nobody says how many."""
MOST_DESIGNS = 4096
MOST_SHOWN = 128
"""Answers that are kept, of every state and of what each party sees of it."""
Wanted = Sequence[tuple[str, str, str] | Asked]


@final
class Conflicts:
    """Conflicts in the programmes of a workspace."""

    def __init__(self, programmes: Programmes, jobs: Jobs, runners: Runners) -> None:
        self._programmes = programmes
        self._jobs = jobs
        self._runners = runners
        self._locked = Lately[ConflictsShown](MOST_SHOWN)

    def shown(self, name: str, who: Reader, wanted: Wanted = (), *, wait_s: float = 0.0) -> ConflictsShown:
        """What the vehicle breaks, as it is locked or with changes, as a reader may see it."""
        heads = self._programmes.heads(name)
        locked = self._programmes.computed(name, heads)
        changes = changes_of(seen(locked.programme, who), wanted) if wanted else []
        tried = self._programmes.computed(name, heads, changes, tried_by=who.called) if changes else locked
        found, surely = tried.found(wait_s)

        def shown() -> ConflictsShown:
            mine, own = seen_verdicts(found, tried.programme, who)
            was = seen_verdicts(locked.nominal, locked.programme, who)[0] if changes else None
            rows = [_row(one, own, changes, was) for one in mine.verdicts if misses(one)]
            return ConflictsShown(
                heads.digest,
                surely,
                tuple(sorted(rows, key=lambda one: (not one.new, -one.share, one.requirement))),
                contradiction_rows(own),
                _levers(own),
                DESIGNS,
                None,
            )

        # What nobody tries is asked for by everybody.
        told = shown() if changes else self._locked.of((tried.key, heads.digest, who.sight, surely), shown)
        took = {kind: self.seconds(name, who, kind, DESIGNS) for kind in ("conflicts", "settlement")}
        return replace(told, seconds=took["conflicts"], settlement_seconds=took["settlement"])

    def seconds(self, name: str, who: Reader, kind: str, designs: int) -> float | None:
        """How long a job over so many designs takes, by the last one; one over fewer is not told to take less than half."""
        took = self._jobs.took_s(name, who, kind)
        if took is None:
            return None
        return took[0] * max(0.5, designs / int(took[1].get("designs") or designs))

    def ask(
        self, name: str, who: Reader, wanted: Wanted, designs: int, kind: str = "conflicts", *, runner: bool = False
    ) -> int:
        """Ask for a job about a vehicle, as it is locked or with changes; its number. With `runner` the party's own does it."""
        heads = self._programmes.heads(name)
        own = seen(self._programmes.read(name, heads), who)
        if not who.party:
            raise Forbidden(Problem(text("who asks for this speaks for a party"), "party", text("say for which")))
        if runner:
            self._runners.demand(name, who)
        changes = changes_of(own, wanted)
        ordered = sorted((one.plain() for one in changes), key=lambda one: (one["slot"], one["number"]))
        return self._jobs.ask(name, who, kind, {"changes": ordered, "designs": designs}, runner=runner)


def _row(one: Verdict, own: Programme, changes: Sequence[NumberChange], was: Verification | None) -> BrokenRow:
    """A requirement that is missed, and who stands there against whom."""
    requirement, shown = own.requirements[one.requirement], verdict_row(one, own)
    then = next((each for each in was.verdicts if each.requirement == one.requirement), None) if was else None
    new = then is not None and not misses(then)
    slots = {each.slot for each in changes if each.slot} if new else {*requirement.slots}
    owners = {own.slots[slot].owner for slot in slots if slot in own.slots}
    measured = in_shown_unit(one, requirement)
    way = ""
    if may_move(requirement) and measured.value is not None:
        bound = outward(measured.value, at_least=requirement.sign > 0.0)
        way = f"{bound:.10g} {measured.unit}".strip() if measured.unit != "1" else f"{bound:.10g}"
    return BrokenRow(
        one.requirement,
        shown.title,
        one.owner,
        one.kind,
        tuple(sorted(owners - {one.owner})) or tuple(sorted(owners)),
        shown.value_text,
        shown.bound_text,
        shown.margin_text,
        shown.unit,
        abs(one.margin or 0.0) / (abs(one.bound or 0.0) or 1.0),
        new,
        way,
        shown.unstated,
    )


def _levers(own: Programme) -> tuple[LeverRow, ...]:
    """What owners let move, as far as a reader may see it."""
    found: list[LeverRow] = []
    for one in sorted(own.designs.values(), key=lambda each: (each.party, each.id)):
        ends: tuple[Phrase, Phrase] = (
            (Words(one.offers[0]), Words(one.offers[-1]))
            if one.offers
            else (written_text(str(one.lowest)), written_text(str(one.highest)))
        )
        found.append(LeverRow(one.id, one.title.words, one.party, one.slot, *ends))
    return tuple(found)
