"""Gates as they are judged: criteria, evidence and sign-offs of one, what an agency looks at, and dossiers that nobody signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, final

from covolt.errors import Forbidden, NotFound, Problem
from covolt.programme.documents import Programme
from covolt.programme.gate import Gate
from covolt.programme.movable import locked_sheet
from covolt.programme.seen import shows_filled
from covolt.study.cases.approve import acts_said, caveats_said
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.counting import due_at
from covolt.study.gate.criteria import Counted
from covolt.study.gate.dated import law_by_date
from covolt.study.gate.gates import GateState, gate_states, signed_by_agencies
from covolt.study.report.dossier import Dossier, Shown, dossier_of, unsigned_text
from covolt.study.report.dossier_page import dossier_page
from covolt.study.verdicts.acts import matrix
from covolt.study.verdicts.verification import Verification
from covolt.suggestion import named
from covolt.words import Phrase, Words, joined, text
from covolt.workspace.access import Reader, seen_verdicts
from covolt.workspace.judged_shown import ActShown, AgencyShown, CriterionShown, GateShown, SignatureShown
from covolt.workspace.programmes import Programmes
from covolt.workspace.telling import gate_row, verdict_rows

__all__ = ["Judging", "UnsignedDossier"]

NOTHING = Words()


@final
@dataclass(frozen=True)
class UnsignedDossier:
    """A dossier as a file and as a page; nobody signed it, and both say so."""

    said: Dossier
    shown: Shown

    @property
    def file(self) -> str:
        """Its text, with an empty signature: a check refuses it."""
        return unsigned_text(self.said)

    def page(self, language: str) -> str:
        """HTML that shows it."""
        return dossier_page(self.said, self.shown, self.file, f"{self.said.subject}.json", language)


@final
@dataclass(frozen=True)
class _State:
    """A programme and its verdicts as a reader sees both."""

    digest: str
    surely: bool
    found: Verification
    own: Programme
    gates: tuple[GateState, ...]


@final
class Judging:
    """The gates of the programmes of a workspace."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def gate(self, name: str, who: Reader, gate: str, wait_s: float = 0.0) -> GateShown:
        """One gate.

        Raises:
            NotFound: there is none of this name.
        """
        state = self._state(name, who, wait_s)
        if gate not in state.own.gates:
            raise NotFound(Problem(text("no gate '{gate}'", gate=gate), "gate", named(gate, state.own.gates)))
        return _gate_shown(state, gate)

    def agency(self, name: str, who: Reader, wait_s: float = 0.0) -> AgencyShown:
        """Laws, acts, and the gates in which the reader's sign-off is asked."""
        state = self._state(name, who, wait_s)
        laws = [one for one in state.found.verdicts if one.kind == "law"]
        signed = signed_by_agencies(state.own, state.gates)
        acts = approval_rows(state.own, state.found.verdicts, signed=signed)
        asked = [one.id for one in state.own.gates.values() if any(each.party == who.party for each in one.signoffs)]
        return AgencyShown(
            state.digest,
            state.surely,
            verdict_rows(replace(state.found, verdicts=tuple(laws)), state.own),
            tuple(
                ActShown(
                    one.act,
                    one.title,
                    one.state != "not applicable",
                    one.state == "signed by agency",
                    one.fulfilled,
                    one.confirmed,
                    one.reads,
                    one.why,
                    tuple(each for each in one.requirements if each not in state.own.hidden),
                    one.evidence,
                )
                for one in acts
            ),
            acts_said([one for one in acts if one.state != "not applicable"], matrix().date),
            caveats_said(law_by_date(state.own, state.own.day)),
            tuple(_gate_shown(state, one) for one in asked),
        )

    def dossier(self, name: str, who: Reader, kind: Literal["gate", "requirement"], subject: str) -> UnsignedDossier:
        """The dossier of a gate or a requirement as the reader may see it, with every ±, unsigned: no key of a party lies here.

        Raises:
            NotFound: there is nothing of this name that the reader may see.
            Forbidden: a part is its party's own, since the dossier holds whole datasheets; or the reader acts for some slots.
        """
        if who.slots is not None:
            what = text("you act for some slots of {party} alone", party=who.party)
            raise Forbidden(Problem(what, "party", text("let somebody fetch the dossier who acts for all of it")))
        state = self._state(name, who, wait_s=600.0)
        own = state.own
        known = own.gates if kind == "gate" else [one for one in own.requirements if one not in own.hidden]
        if subject not in known:
            what = text("no requirement and no gate is called {name}", name=subject)
            raise NotFound(Problem(what, "subject", named(subject, known)))
        if why := _no_dossier(own):
            raise Forbidden(Problem(why, "subject", text("let that party make the dossier")))
        return UnsignedDossier(*dossier_of(own, state.found, state.gates, (kind, subject), (who.party, "", "")))

    def _state(self, name: str, who: Reader, wait_s: float) -> _State:
        heads = self._programmes.heads(name)
        one = self._programmes.computed(name, heads)
        found, surely = one.found(wait_s)
        mine, own = seen_verdicts(found, one.programme, who)
        return _State(heads.digest, surely, mine, own, tuple(gate_states(own, mine)))


def _no_dossier(own: Programme) -> Phrase:
    """Why its reader cannot fetch a dossier: parts that others keep to themselves."""
    sheets = {slot: locked_sheet(own, slot) for slot in own.slots}
    hidden = [slot for slot, one in sheets.items() if one is not None and not shows_filled(own, slot, one)]
    return text("the part in {slots} is its party's own", slots=", ".join(hidden)) if hidden else NOTHING


def _gate_shown(state: _State, name: str) -> GateShown:
    gate, own = state.own.gates[name], state.own
    one = next(each for each in state.gates if each.id == name)
    due = set(due_at(own, gate))
    evidence = replace(state.found, verdicts=tuple(each for each in state.found.verdicts if each.requirement in due))
    return GateShown(
        state.digest,
        state.surely,
        gate_row(one, own, surely=state.surely),
        one.late_days,
        gate.people,
        tuple(_criteria(state, gate)),
        verdict_rows(evidence, own),
        tuple(_signatures(own, gate, one)),
        (*one.notes, *_of_later_gates(state, gate)),
        one.digest,
        _no_dossier(own),
    )


def _of_later_gates(state: _State, gate: Gate) -> Iterator[Phrase]:
    """Why a gate with people is held by what is due at later ones, and by what."""
    order = {one.id: one.order for one in state.own.gates.values()}
    names: list[Phrase] = []
    for one in state.found.verdicts if gate.people else ():
        requirement = state.own.requirements[one.requirement]
        due = requirement.verify.gate
        must = requirement.kind == "law" or requirement.safety
        if must and one.verdict not in {"met", "hidden"} and order[due] > gate.order:
            names.append(
                text("{requirement} ({gate})", requirement=one.requirement, gate=state.own.gates[due].title.words)
            )
    if names:
        yield text(
            "people ride after this gate, so every law and safety item holds it, at whatever gate it is due; "
            "of later gates: {names}",
            names=joined(names, ", "),
        )


def _criteria(state: _State, gate: Gate) -> Iterator[CriterionShown]:
    verdicts = {one.requirement: one for one in state.found.whole.verdicts}
    counted = Counted.at(state.own, verdicts, gate)
    for one in gate.criteria:
        lacking = counted.lacking(one)
        yield CriterionShown(one.id, one.title.words, one.check, lacking is None, lacking or NOTHING)


def _signatures(own: Programme, gate: Gate, one: GateState) -> Iterator[SignatureShown]:
    """Sign-offs that a gate asks for, then those that nobody asked for."""
    given: Mapping[tuple[str, str], Sequence[int]] = {
        (row.party, row.role): [at for at, each in enumerate(one.signatures) if (each.party, each.role) == (row.party, row.role)]
        for row in one.signatures
    }  # fmt: skip
    wanted = [(each.party, each.role) for each in gate.signoffs]
    for each in gate.signoffs:
        if (each.party, each.role) not in given:
            party = own.parties[each.party].title.words if each.party in own.parties else Words(each.party)
            who = text("{role} of {party}", role=each.words, party=party)
            yield SignatureShown(each.party, each.role, who, True, False, False, "", text("not signed yet"), ())
    for row in one.signatures:
        asked = (row.party, row.role) in wanted
        who = row.signer or row.who
        yield SignatureShown(row.party, row.role, who, asked, True, row.counts, row.date, row.reads, row.moved)
