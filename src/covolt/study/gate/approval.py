"""Approval: which acts the vehicle must be shown to keep, and what shows each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt.programme.checked import CheckedText, same_act
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement, StatedConditions
from covolt.programme.text import quantity_si
from covolt.study.procedures.registry import find_measure
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.acts import Act, Check, KnownVehicle, Matrix, matrix
from covolt.study.verdicts.checking import bounds_checked, readings_of_act, scope_checked, texts_checked
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.verdict import Reading, Verdict
from covolt.words import Phrase, Text, Value, Words, joined, text

__all__ = ["STATES", "ApprovalRow", "State", "approval_rows", "countries_of", "known_vehicle"]

ROUNDING = 1e-9
REFERENCE_kg = 100.0
State = Literal["signed by agency", "computed: met", "document cited", "failing", "open", "not applicable"]
STATES: Mapping[State, Phrase] = {
    "signed by agency": text("signed by agency"),
    "computed: met": text("computed: met"),
    "document cited": text("document cited"),
    "failing": text("failing"),
    "open": text("open", context="act"),
    "not applicable": text("not applicable"),
}
FULFILLED = frozenset[State]({"signed by agency", "computed: met", "document cited"})
"""States with which covolt finds nothing against an act; whether that shows it, an agency says."""


@dataclass(frozen=True, config=RESULT)
class ApprovalRow:
    """One act for one vehicle: its state, what shows it, and why not. `requirements` are those that cite it.

    `confirmed` where somebody has checked its scope and, where it has any, its bounds against the text; `checked` says who.
    """

    act: str
    title: Said
    state: State
    basis: Literal["computed", "document"]
    markets: tuple[str, ...]
    requirements: tuple[str, ...]
    evidence: tuple[str, ...]
    why: Said
    confirmed: bool
    checked: tuple[Reading, ...] = ()

    @computed_field
    @property
    def fulfilled(self) -> bool:
        """Whether nothing stands against it: what criteria of gates count as shown."""
        return self.state in FULFILLED

    @computed_field
    @property
    def reads(self) -> Said:
        """Its state for people."""
        return STATES[self.state]


def approval_rows(
    programme: Programme,
    verdicts: Iterable[Verdict],
    table: Matrix | None = None,
    signed: Mapping[str, Phrase] | None = None,
    asked: Collection[str] = (),
) -> tuple[ApprovalRow, ...]:
    """Every act of the markets that are `asked` for, else of those in which the programme's countries lie, held against its
    requirements and their verdicts.

    Computed or document cited: every requirement that cites the act is met, and they ask for each of its numbers as strictly
    and under no conditions but the act's, or for its document. Signed: an agency has besides `signed` an open gate at which they
    are due, or a later one. Failing: one that cites it is not met. Open: anything else.
    """
    table = table or matrix()
    here = table.places(asked)[0] if asked else table.markets_of(countries_of(programme))
    standing = {one.requirement: one for one in verdicts}
    checks, known = texts_checked(programme), known_vehicle(programme)
    rows = (_row(act, programme, known, standing, checks) for act in table.act if here & set(act.markets))
    return tuple(_signed(one, programme, signed or {}) for one in rows)


def _signed(row: ApprovalRow, programme: Programme, signed: Mapping[str, Phrase]) -> ApprovalRow:
    """A row that is fulfilled, with the agency that has signed for it."""
    order = {name: one.order for name, one in programme.gates.items()}
    due = max((order[programme.requirements[name].verify.gate] for name in row.requirements), default=0)
    gate = next((name for name in sorted(signed, key=lambda name: order[name]) if order[name] >= due), None)
    return replace(row, state="signed by agency", why=signed[gate]) if row.fulfilled and gate is not None else row


def countries_of(programme: Programme) -> frozenset[str]:
    """The countries for which the vehicle is made, and those of the parties."""
    return frozenset({*programme.charter.countries, *(party.country for party in programme.parties.values())})


def known_vehicle(programme: Programme) -> KnownVehicle:
    """What of the vehicle scopes of acts ask, as far as charter and lock say it."""
    frame = programme.charter.vehicle
    kerb_kg = None
    if programme.lock is not None:
        masses = [sheet.declared.get("mass") for sheet in locked_sheets(programme).values()]
        kerb_kg = sum(one.value_si for one in masses if one is not None)
    return KnownVehicle(
        category=frame.category,
        reference_mass_kg=None if kerb_kg is None else kerb_kg + REFERENCE_kg,
        maximum_mass_kg=None if kerb_kg is None else kerb_kg + quantity_si(frame.maximum_load)[0],
        passengers=frame.passengers,
        bus_class=frame.bus_class,
    )


def _row(
    act: Act, programme: Programme, known: KnownVehicle, standing: dict[str, Verdict], checks: tuple[CheckedText, ...]
) -> ApprovalRow:
    citing = [one for one in programme.requirements.values() if same_act(one.regulation, act.id)]
    bounded = any(one.bound is not None for one in act.check)
    own = [one for one in citing if one.verify.method == "document" or not _conditioned(one, programme)]
    state, why = _state(act, known, citing, own, standing)
    return ApprovalRow(
        act=act.id,
        title=act.title.words,
        state=state,
        basis="computed" if act.check else "document",
        markets=act.markets,
        requirements=tuple(one.id for one in citing),
        evidence=tuple(standing[one.id].evidence for one in citing if one.id in standing and standing[one.id].evidence),
        why=why,
        confirmed=scope_checked(act.id, checks) and (not bounded or bounds_checked(act.id, checks)),
        checked=readings_of_act(act.id, checks),
    )


def _conditioned(requirement: Requirement, programme: Programme) -> bool:
    """Whether a requirement or its scenario states conditions, where its procedure would take those of the act."""
    scenario = programme.scenarios[requirement.scenario].conditions if requirement.scenario else StatedConditions()
    return any(one != StatedConditions() for one in (requirement.conditions, scenario))


def _state(
    act: Act,
    known: KnownVehicle,
    citing: Sequence[Requirement],
    own: Sequence[Requirement],
    standing: dict[str, Verdict],
) -> tuple[State, Phrase]:
    outside = act.leaves_out(known)
    if outside is not None:
        return "not applicable", outside
    if not citing:
        return "open", text("no requirement cites it")
    return _of_citing(act, citing, own, standing)


def _of_citing(
    act: Act, citing: Sequence[Requirement], own: Sequence[Requirement], standing: dict[str, Verdict]
) -> tuple[State, Phrase]:
    failing = [one.id for one in citing if one.id in standing and standing[one.id].verdict == "not met"]
    if failing:
        return "failing", text("not met: {failing}", failing=", ".join(failing))
    waiting = [one.id for one in citing if one.id not in standing or standing[one.id].verdict != "met"]
    if waiting:
        return "open", text("not shown: {waiting}", waiting=", ".join(waiting))
    missing = [check for check in act.check if not any(_asks(one, check) for one in own)]
    differing = [one.id for one in citing if one not in own and any(_asks(one, check) for check in missing)]
    if differing:
        names = ", ".join(differing)
        return "open", text("{names}: its conditions differ from the act's", names=names)
    if missing:
        asked = joined(_said(check, act.id) for check in missing)
        return "open", text("no requirement asks for: {asked}", asked=asked)
    if not act.check and not any(one.verify.method == "document" for one in citing):
        return "open", text("no requirement asks for its document")
    paper = all(one.verify.method == "document" for one in citing)
    return "document cited" if paper else "computed: met", Words()


def _asks(requirement: Requirement, check: Check) -> bool:
    """Whether a requirement asks for a number of an act at least as strictly; a paper shows any number."""
    if requirement.verify.method == "document":
        return True
    if (requirement.procedure, requirement.measure) != (check.procedure, check.measure):
        return False
    if check.bound is None:
        return True
    bound_si, unit = quantity_si(check.bound)
    own_si, own_unit = requirement.bound_si
    sign = 1.0 if check.at_least is not None else -1.0
    return unit == own_unit and requirement.sign == sign and sign * (own_si - bound_si) >= -ROUNDING * abs(bound_si)


def _said(check: Check, act: str) -> Phrase:
    """What is asked for, as people read it, and as a requirement names it."""
    _, measure = find_measure(check.procedure, check.measure, act)
    asked = text("{title} ({name})", title=measure.title, name=f"{check.procedure} {check.measure}")
    if check.bound is None:
        return asked
    number, _, unit = check.bound.partition(" ")
    side = "≥" if check.at_least is not None else "≤"
    values: tuple[tuple[str, Value], ...] = (("asked", asked), ("value", float(number)), ("unit", printed_unit(unit)))
    return Text("{asked} " + side + " {value}\N{NO-BREAK SPACE}{unit}", values)
