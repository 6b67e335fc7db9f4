"""The outcome of a negotiation, and what each reader may see of it: a card, and a proposal for every party that must agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import final

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.proposal import Changed, Interested, Proposal, Relaxed, digest_of_lock, digest_of_settlement
from covolt.programme.requirement import Interest
from covolt.study.negotiation.admission import ROUNDING
from covolt.study.negotiation.bargaining import Rule
from covolt.study.negotiation.card import (
    AgreementRow,
    Card,
    ChangeRow,
    JudgedRow,
    LawRow,
    NearestRow,
    StakeRow,
    Stands,
    State,
    Sure,
)
from covolt.study.negotiation.gains import Table
from covolt.study.negotiation.grounds import grounds_of
from covolt.study.negotiation.judged import judged_rows, known, law_rows, proposed, rounded, told_of
from covolt.study.negotiation.nearest import nearest_of
from covolt.study.negotiation.numbers import Change, changes_of, contracts_left
from covolt.study.negotiation.protocol import Limit, NoneLeft, Settled
from covolt.study.negotiation.question import Question
from covolt.study.negotiation.wording import KINDS
from covolt.study.result import Notice, notices
from covolt.words import Phrase, Words, joined, text

__all__ = ["UNASKED", "Outcome"]


@final
@dataclass(frozen=True, eq=False)
class Outcome:
    """A settlement, or that none is left, with what the mediator weighed.

    `before` and `after` are what requirements, and interests as `PARTY/ID`, surely come to in today's vehicle and in the settled
    one, where that was asked for; of the settled one also what bounds come to that have to move, against those that are `needed`.
    """

    question: Question
    found: Settled | NoneLeft
    rule: Rule
    limits: Sequence[Limit] = ()
    before: Mapping[str, Sure] = field(default_factory=dict[str, Sure])
    after: Mapping[str, Sure] = field(default_factory=dict[str, Sure])

    @cached_property
    def lock(self) -> str:
        """Digest of the lock from which it starts."""
        lock = self.question.programme.lock
        if lock is None:
            raise RuntimeError("a study is of a programme with a lock")
        return digest_of_lock(lock)

    @cached_property
    def settlement(self) -> str:
        """What all proposals of one settlement share; it is made of what every party may know."""
        if not isinstance(self.found, Settled):
            return ""
        return digest_of_settlement(
            programme=self.question.programme.charter.id,
            lock=self.lock,
            study=self.question.study.digest,
            design=self.question.design(self.found.row),
            rule=self.rule,
        )

    @cached_property
    def changes(self) -> list[Change]:
        """Numbers of parts that are others than today."""
        if not isinstance(self.found, Settled):
            return []
        return changes_of(self.question.space, self.values)

    @property
    def values(self) -> Table:
        """The values of the settled design, in the units of the space."""
        if not isinstance(self.found, Settled):
            raise TypeError("there is no settlement")
        return self.question.values[self.found.row]

    def shown(self, reader: str | None) -> frozenset[str]:
        """Requirements, and interests as `PARTY/ID`, that stand on the card of a reader or on that of whoever speaks for none."""
        if not isinstance(self.found, Settled):
            return frozenset()
        names: set[str] = set()
        for seen in (self.question.programme.seen_by(one) for one in (reader, None)):
            names |= {f"{one.party}/{one.interest}" for one in self._interests(seen, self.found)}
            names |= {one.requirement for one in self._requirements(seen, self.found)}
            names |= {one.requirement for one in self._laws(seen, self.found) if one.requirement}
        return frozenset(names)

    @cached_property
    def moves(self) -> Mapping[str, float]:
        """How far the bounds of requirements have to move, in their units; of those alone that have to."""
        if not isinstance(self.found, Settled):
            return {}
        margins = self.question.case.margins[self.found.row]
        return {
            one.name: float(-margin)
            for one, margin in zip(self.question.case.demanded, margins, strict=True)
            if margin < -ROUNDING * one.scale
        }

    @property
    def needed(self) -> Mapping[str, float]:
        """The bounds that have to move as they are to be written anew, in their units."""
        if not isinstance(self.found, Settled):
            return {}
        rows = self._requirements(self.question.programme, self.found)
        return {one.requirement: one.needed for one in rows if one.needed is not None}

    @cached_property
    def unstated(self) -> frozenset[str]:
        """Requirements whose bound moves though their owner has stated nothing that it accepts of their measure."""
        return frozenset(
            one.name for one in self.question.case.demanded if one.name in self.moves and one.accepted is None
        )

    @cached_property
    def agreeing(self) -> tuple[str, ...]:
        """Who has to agree: who has interests, whose numbers change, and whose bound moves."""
        interested = {one.party for one in (*self.question.interests, *self.question.unanswered)}
        owners = {one.owner for one in self.question.case.demanded if one.name in self.moves}
        return tuple(sorted(interested | owners | {one.party for one in self.changes}))

    def stated(self, party: str) -> Stands:
        """How a party stands by what it has stated alone."""
        own = sorted(
            one.name for one in self.question.case.demanded if one.owner == party and one.name in self.unstated
        )
        unanswered = [one.id for one in self.question.unanswered if one.party == party]
        if own:
            return Stands("asked", text("the bound of {names} moves", names=", ".join(own)))
        if unanswered:
            return Stands("asked", text("no study answers {names}", names=", ".join(unanswered)))
        if all(one.party != party for one in self.question.interests):
            return Stands("asked", text("it states no interest"))
        return Stands("by what it states", Words())

    def card(
        self, reader: str | None, stands: Mapping[str, Stands], state: State, told: tuple[Notice, ...] = ()
    ) -> Card:
        """The settlement as a party may see it, or whoever speaks for none."""
        seen = self.question.programme.seen_by(reader)
        settled = self.found if isinstance(self.found, Settled) else None
        return Card(
            programme=seen.charter.id,
            reader=reader or "",
            rule=self.rule,
            state=state,
            settlement=self.settlement,
            lock=self.lock,
            study=self.question.study.digest,
            designs=self.question.study.table.designs,
            design=None if settled is None else self.question.design(settled.row),
            tied=() if settled is None else tuple(map(self.question.design, settled.tied)),
            stage=None if settled is None else settled.admission.stage,
            parties=() if settled is None else self._parties(seen, settled, stands),
            interests=() if settled is None else self._interests(seen, settled),
            numbers=tuple(_number(one) for one in self._changes(seen)),
            requirements=() if settled is None else self._requirements(seen, settled),
            laws=() if settled is None else self._laws(seen, settled),
            excluding=() if settled is not None else tuple(self._excluding(seen)),
            nearest=() if settled is not None else tuple(self._nearest(seen)),
            notices=(*told, *self._notices(seen)),
            rests_on=grounds_of(seen),
        )

    def proposal(self, party: str) -> Proposal:
        """What the settlement asks of a party and gives it; of others only what every party may read."""
        if not isinstance(self.found, Settled):
            raise TypeError("there is no settlement to propose")
        seen = self.question.programme.seen_by(party)
        gain = self.found.by_party.get(party)
        # By what is computed alone: what a party answers is the same whether anybody verifies it or not.
        rows = judged_rows(self.question, self.found.row, seen, self.moves, {}, {})
        laws = law_rows(self.question, self.found.row, seen, {})
        return Proposal(
            programme=seen.charter.id,
            party=party,
            lock=self.lock,
            settlement=self.settlement,
            study=self.question.study.digest,
            design=self.question.design(self.found.row),
            rule=self.rule,
            agree=self.agreeing,
            gain=None if gain is None else rounded(gain),
            numbers=tuple(
                Changed(slot=one.slot, number=one.number, before=one.before, after=one.after)
                for one in self._changes(seen)
                if one.party == party
            ),
            interests=tuple(
                Interested(
                    interest=one.interest,
                    unit=one.unit,
                    worst_acceptable=rounded(one.worst_acceptable),
                    aspiration=rounded(one.aspiration),
                    weight=one.weight,
                    before=told_of(one.before),
                    after=told_of(one.after),
                )
                for one in self._interests(seen, self.found)
                if one.party == party
            ),
            relaxed=tuple(
                Relaxed(
                    requirement=one.requirement,
                    owner=one.owner,
                    unit=one.unit,
                    bound=rounded(one.bound),
                    needed=rounded(one.bound if one.value_after is None else one.value_after),
                )
                for one in rows
                if one.moves
            ),
            verdicts=proposed(rows, laws, self.question, self.found.row),
            studies=tuple(one.digest for one in self.question.studies if one.plan.reader == party),
            rests_on=grounds_of(seen),
        )

    def _parties(self, seen: Programme, settled: Settled, stands: Mapping[str, Stands]) -> tuple[AgreementRow, ...]:
        """The gain of a party is told where all its interests may be read, and why it is asked where its requirements may too."""
        whole = self.question.programme
        hidden = {one.party for name, one in whole.interests.items() if name not in seen.interests}
        silent = hidden | {whole.requirements[name].party for name in seen.hidden}
        return tuple(
            AgreementRow(
                party,
                None if party in hidden else settled.by_party.get(party),
                stands[party].agreement,
                Words() if party in silent else stands[party].why,
                *(stands[party].on, stands[party].key, stands[party].role),
            )
            for party in self.agreeing
        )

    def _interests(self, seen: Programme, settled: Settled) -> tuple[StakeRow, ...]:
        today = self.question.today
        return tuple(
            StakeRow(
                one.party,
                one.id,
                one.title.words,
                stake.unit,
                one.weight,
                stake.worst,
                stake.aspiration,
                None if today is None else known(self.question.case.values[today, at]),
                known(self.question.case.values[settled.row, at]),
                self.before.get(f"{one.party}/{one.id}"),
                self.after.get(f"{one.party}/{one.id}"),
            )
            for at, (one, stake) in enumerate(zip(self.question.interests, self.question.case.stakes, strict=True))
            if one.id in seen.interests
        )

    def _requirements(self, seen: Programme, settled: Settled) -> tuple[JudgedRow, ...]:
        return judged_rows(self.question, settled.row, seen, self.moves, self.before, self.after)

    def _laws(self, seen: Programme, settled: Settled) -> tuple[LawRow, ...]:
        return law_rows(self.question, settled.row, seen, self.after)

    def _changes(self, seen: Programme) -> list[Change]:
        return [one for one in self.changes if one.spaces <= seen.designs.keys()]

    def _excluding(self, seen: Programme) -> list[Phrase]:
        """Demands that no design meets together: by name, where they may be read, else by their party."""
        if not isinstance(self.found, NoneLeft):
            return []
        said: dict[Phrase, None] = {}
        for name in self.found.demands:
            party, _, interest = name.partition("/")
            own, _, refused = interest.partition(" ")
            if name in seen.requirements:
                one = seen.requirements[name]
                hidden = name in seen.hidden
                phrase = text("a requirement of {party}", party=one.party) if hidden else _titled(name, one.title.words)
            elif not own:
                phrase = text("more for {party} than it has refused", party=party)
            elif seen.reader == party or (own in seen.interests and not refused):
                phrase = Words(name)
            elif own in seen.interests:
                phrase = text("what {party} accepts at worst of {interest}", party=party, interest=own)
            else:
                phrase = text("what {party} accepts at worst", party=party)
            said[phrase] = None
        return list(said)

    def _nearest(self, seen: Programme) -> list[NearestRow]:
        """How far interests would have to give way, by what the reader may read alone."""
        readable = {f"{one.party}/{one.id}" for one in seen.interests.values()} | set(seen.requirements) - seen.hidden
        return [
            NearestRow(
                one.stake.party,
                one.stake.interest,
                seen.interests[one.stake.interest].title.words,
                one.stake.unit,
                one.stake.worst,
                one.worst,
                self.question.design(one.row),
            )
            for one in nearest_of(self.question.case, self.limits, readable)
        ]

    def _notices(self, seen: Programme) -> tuple[Notice, ...]:
        """What the settlement does not look at, as far as the reader may know of it."""
        question = self.question
        found: list[Problem] = []
        for one in question.unanswered:
            if one.id in seen.interests:
                found.append(_unanswered(question.programme, one))
        for names, what in ((question.unknown, UNKNOWN), (question.missing, MISSING)):
            shown = [seen.requirements[name] for name in names if name not in seen.hidden]
            if shown:
                told = joined([text("{name} ({kind})", name=one.id, kind=KINDS[one.kind]) for one in shown], ", ")
                found.append(Problem(what.filled({"names": told}), "", ""))
        for one in question.studies:
            if not one.plan.checksums and one.plan.reader in {None, "", seen.reader}:
                found.append(Problem(text("study {digest}: {what}", digest=one.digest[:SHORT], what=UNSEALED), "", ""))
        if isinstance(self.found, Settled) and (others := sorted(seen.parties.keys() - set(self.agreeing))):
            found.append(Problem(UNASKED.filled({"parties": ", ".join(others)}), "", ""))
        changes = self._changes(seen) if isinstance(self.found, Settled) else []
        left = contracts_left(seen, question.space, self.values, changes) if changes else ()
        return notices([*found, *left])


UNASKED = text("no proposal goes to {parties}: they state no interest, and nothing of theirs moves")
UNKNOWN = text("nothing is known of {names} at any design: neither kept nor broken")
MISSING = text("no study asks for {names}: what is negotiable may be missed")
UNSEALED = text("its files bear no checksums, so that rows that somebody edited are found in part alone")
SHORT = 19
"""Signs of a digest that a person compares."""


def _unanswered(programme: Programme, one: Interest) -> Problem:
    what = text("no study answers {party}/{interest}: {party} is asked in person", party=one.party, interest=one.id)
    hint = text(
        "run a study that has it, as its party where it is private: covolt study run --party {party}", party=one.party
    )
    return Problem(what, programme.where("interest", one.id), hint)


def _titled(name: str, title: Phrase) -> Phrase:
    return joined((name, title), ": ")


def _number(one: Change) -> ChangeRow:
    return ChangeRow(one.party, one.slot, one.number, str(one.before), str(one.after))
