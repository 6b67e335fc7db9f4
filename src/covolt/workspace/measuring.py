"""What to measure next in a programme: whose numbers carry the ± of its open verdicts, and what each decides, by its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from covolt.contract.datasheet import Datasheet
from covolt.digits import number_text, probability_text
from covolt.errors import CovoltError
from covolt.library.generic import UNCERTAIN
from covolt.library.number_titles import number_title
from covolt.programme.documents import Programme
from covolt.programme.seen import shows_filled
from covolt.study.verdicts.carrying import Carried, carried
from covolt.study.verdicts.decisive import NextStep, next_step, to_state
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.listed import numbers_of
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.verdict import STANDINGS, Contribution, Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, in_each, joined, text
from covolt.workspace.access import Reader, seen_verdicts
from covolt.workspace.lately import Lately
from covolt.workspace.measuring_shown import (
    CarriedRow,
    DecidedRow,
    MeasureShown,
    NumberAsked,
    OpenVerdict,
    UnstatedRow,
)
from covolt.workspace.programmes import Programmes
from covolt.workspace.telling import in_shown_unit, problem_text, verdict_row

__all__ = ["Measuring"]

NOTHING = Words()
MOST_SHOWN = 64
LEAST_SHARE = 0.01
"""Of a variance: what carries less of it and decides nothing is not told."""


@final
class Measuring:
    """What to measure next in the programmes of a workspace."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes
        self._shown = Lately[MeasureShown](MOST_SHOWN)

    def shown(self, name: str, who: Reader, wait_s: float = 0.0) -> MeasureShown:
        """Numbers by what they decide, and open verdicts by what carries their ±, as a reader may see both."""
        heads = self._programmes.heads(name)
        one = self._programmes.computed(name, heads)
        try:
            found, surely = one.found(wait_s)
        except CovoltError as error:
            return MeasureShown(heads.digest, False, (), (), (), tuple(problem_text(each) for each in error.problems))
        if not surely:
            one.begin()
            return MeasureShown(heads.digest, False, (), (), ())
        return self._shown.of(
            (one.key, who.sight), lambda: _shown(heads.digest, *seen_verdicts(found, one.programme, who))
        )


@final
@dataclass(frozen=True)
class _Place:
    """Where a number stands for the reader: the slot of the programme, and whose numbers the reader does not see there."""

    key: str
    slot: str
    hidden_of: str


@final
class _Places:
    """The numbers of a vehicle by what its reader may see of them."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self._slots = {programme.vehicle_slot(one): one.id for one in programme.slots.values()}
        self._sheets = locked_sheets(programme)
        self._generic = {one.name: one.slots for one in UNCERTAIN}

    def of(self, part: Contribution) -> _Place:
        """That of a number that adds to an uncertainty."""
        generic = part.origin == "model"
        named = self._generic.get(part.number, ()) if generic and not part.slot else (part.slot,)
        for one in named:
            if hidden_of := self.hidden_of(one):
                return _Place(f"party/{hidden_of}", "", hidden_of)
        slot = self._slots.get(part.slot, "")
        return _Place(f"generic/{slot}/{part.number}" if generic else f"{slot or part.party}/{part.number}", slot, "")

    def hidden_of(self, vehicle_slot: str) -> str:
        """The party whose part there the reader does not see; empty where it does."""
        sheet = self._sheets.get(vehicle_slot)
        shown = sheet is None or shows_filled(self.programme, self._slots.get(vehicle_slot, ""), sheet)
        return "" if sheet is None or shown else sheet.party

    def slot(self, vehicle_slot: str) -> str:
        """The slot of the programme that it is."""
        return self._slots.get(vehicle_slot, "")

    def declares(self, slot: str, number: str) -> bool:
        """Whether the part in a slot declares a number, so that this has an address."""
        sheet = self._sheet(slot)
        return sheet is not None and (number in sheet.declared or number in sheet.model.parameters)

    def mine(self, slot: str) -> bool:
        """Whether the reader's party may change the numbers there."""
        sheet, own = self._sheet(slot), self.programme.reader_slots
        return sheet is not None and sheet.party == self.programme.reader and (own is None or slot in own)

    def _sheet(self, slot: str) -> Datasheet | None:
        return next((self._sheets.get(name) for name, one in self._slots.items() if one == slot), None)


def _shown(state: str, found: Verification, programme: Programme) -> MeasureShown:
    places = _Places(programme)
    opened = [one for one in found.verdicts if one.verdict == "within uncertainty" and one.probability is not None]
    rows: list[OpenVerdict] = []
    parts: dict[str, Contribution] = {}
    shares: dict[str, list[float]] = {}
    decides: dict[str, list[DecidedRow]] = {}
    for one in opened:
        groups = _groups(one, places)
        known = sorted(
            ((key, carried(one, chosen)) for key, chosen in groups.items()), key=lambda each: -each[1].share_fraction
        )
        told = [
            (key, each)
            for key, each in known
            if each.share_fraction >= LEAST_SHARE or each.verdict != "within uncertainty"
        ]
        for key, each in told:
            parts.setdefault(key, each.numbers[0])
            shares.setdefault(key, []).append(each.share_fraction)
            if each.verdict != "within uncertainty":
                title = programme.requirements[one.requirement].title.words
                row = DecidedRow(one.requirement, title, each.verdict, STANDINGS[each.verdict])
                decides.setdefault(key, []).append(row)
        alone = any(each.verdict != "within uncertainty" for _, each in told)
        rows.append(_open(one, programme, places, told, next_step(one), alone=alone))
        for part in one.contributions:  # a list that decides together may name what carries little
            if (key := places.of(part).key) in rows[-1].together:
                parts.setdefault(key, part)
    asked = [_asked(places, part, tuple(decides.get(key, ())), len(shares.get(key, ()))) for key, part in parts.items()]
    asked.sort(key=lambda one: (-len(one.decides), -sum(shares.get(one.key, ())), one.key))
    rows.sort(
        key=lambda one: (
            -len([each for each in one.carried if each.verdict != "within uncertainty"]),
            one.verdict.requirement,
        )
    )
    return MeasureShown(state, True, tuple(asked), tuple(rows), tuple(_unstated(found.verdicts, places)))


def _groups(one: Verdict, places: _Places) -> Mapping[str, Sequence[int]]:
    """Places of the contributions of a verdict by the key of their number; what the reader does not see of a party is one."""
    found: dict[str, list[int]] = {}
    for index, part in enumerate(one.contributions):
        found.setdefault(places.of(part).key, []).append(index)
    return found


def _open(
    one: Verdict,
    programme: Programme,
    places: _Places,
    told: Sequence[tuple[str, Carried]],
    step: NextStep,
    *,
    alone: bool,
) -> OpenVerdict:
    together = () if alone or step.together is None else step.together.numbers
    move = NOTHING
    if step.move is not None:
        rises = programme.requirements[one.requirement].sign > 0.0
        by = _quantity(step.move, one.unit)
        move = (
            text("no measurement decides; the value must rise by {by}", by=by)
            if rises
            else text("no measurement decides; the value must fall by {by}", by=by)
        )
    return OpenVerdict(
        verdict_row(one, programme),
        tuple(_carried_row(one, programme, key, each) for key, each in told),
        tuple(dict.fromkeys(places.of(each).key for each in together)),
        STANDINGS[step.together.verdict] if together and step.together is not None else NOTHING,
        move,
    )


def _carried_row(one: Verdict, programme: Programme, key: str, each: Carried) -> CarriedRow:
    requirement = programme.requirements[one.requirement]
    then = in_shown_unit(replace(one, uncertainty=each.uncertainty, probability=each.probability), requirement)
    needed = NOTHING
    if each.needed_fraction is not None and len(each.numbers) == 1 and not key.startswith("party/"):
        [part] = each.numbers
        needed = _quantity(each.needed_fraction * part.uncertainty, part.unit)
    return CarriedRow(
        key,
        each.share_fraction,
        in_each(lambda language: number_text(100.0 * each.share_fraction, 2, language) + " %"),
        joined((in_each(lambda language: numbers_of(then, requirement, language)[2]), printed_unit(then.unit)), " "),
        in_each(lambda language: probability_text(each.probability, language)),
        each.verdict,
        STANDINGS[each.verdict],
        needed,
        each.needed_fraction,
    )


def _asked(places: _Places, part: Contribution, decides: tuple[DecidedRow, ...], carries: int) -> NumberAsked:
    place = places.of(part)
    if place.hidden_of:
        party = places.programme.parties.get(place.hidden_of)
        title = text("numbers of {party} that you do not see", party=party.title.words if party else place.hidden_of)
        return NumberAsked(
            place.key, "", "", place.hidden_of, title, True, False, False, NOTHING, NOTHING, NOTHING, decides, carries
        )
    generic, slot = part.origin == "model", place.slot
    return NumberAsked(
        place.key,
        f"{slot}/{part.number}" if not generic and places.declares(slot, part.number) else "",
        slot,
        part.party,
        part.title,
        False,
        generic,
        places.mine(slot),
        (to_state(part) if generic else None) or NOTHING,
        _quantity(part.uncertainty, part.unit),
        _quantity(0.5 * part.uncertainty, part.unit),
        decides,
        carries,
    )


def _unstated(verdicts: Sequence[Verdict], places: _Places) -> Iterator[UnstatedRow]:
    """Numbers that state no uncertainty, those first on which most verdicts rest."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for one in verdicts:
        for each in one.unstated:
            hidden_of = places.hidden_of(each.slot)
            row = (hidden_of, "", "", "") if hidden_of else (each.party, each.slot, each.number, each.spelling)
            known = found.setdefault(row, [])
            if one.requirement not in known:
                known.append(one.requirement)
    for (party, slot, number, spelling), names in sorted(found.items(), key=lambda one: (-len(one[1]), one[0])):
        hidden, place = not number, places.slot(slot)
        title = NOTHING if hidden else number_title(number)
        address = f"{place}/{number}" if not hidden and places.declares(place, number) else ""
        yield UnstatedRow(party, place, address, title, spelling, hidden, tuple(names))


def _quantity(value: float, unit: str) -> Phrase:
    """A number in three digits with its unit."""
    said = in_each(lambda language: number_text(value, 3, language, grouped=False))
    return joined((said, printed_unit(unit)), "\N{NO-BREAK SPACE}") if unit != "1" else said
