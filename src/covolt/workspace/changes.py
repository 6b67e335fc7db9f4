"""Changes of numbers: read as people write them, held against the programme, and put into its vehicle or its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.document import read_text
from covolt.contract.editing import edited
from covolt.contract.schemas import read_document
from covolt.errors import Conflict, InputError, NotFound, Problem, refuse
from covolt.programme.coherence import cannot_fill
from covolt.programme.documents import Programme
from covolt.programme.movable import declared_number, locked_sheet
from covolt.programme.seen import shows_filled
from covolt.programme.text import LARGEST
from covolt.study.cases.publish import lock, offer
from covolt.study.gate.check import part_problems
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.suggestion import named
from covolt.words import text

__all__ = ["NumberChange", "broken_contracts", "change_files", "changed", "changes_of", "still_based"]

MOST_CHANGES = 200


@final
@dataclass(frozen=True)
class NumberChange:
    """A number of the part in a slot, as it was written before and as it is to be."""

    slot: str
    number: str
    before: str
    after: str

    @property
    def address(self) -> str:
        """How the number is named."""
        return f"{self.slot}/{self.number}"

    def plain(self) -> dict[str, str]:
        """As data."""
        return {"slot": self.slot, "number": self.number, "before": self.before, "after": self.after}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> NumberChange:
        """From such data."""
        return cls(plain["slot"], plain["number"], plain["before"], plain["after"])


def written(one: Declared) -> str:
    """A declared number as its party writes it."""
    return str(one.value)


def changes_of(programme: Programme, wanted: Iterable[tuple[str, str, str]]) -> list[NumberChange]:
    """Changes `(slot, number, value with its unit)` held against what the programme locks; what changes nothing is left out.

    Raises:
        InputError: every slot and number that is not there, and every value that cannot be read.
    """
    found: dict[str, NumberChange] = {}
    missing, wrong = list[Problem](), list[Problem]()
    for slot, number, value in wanted:
        sheet, where = locked_sheet(programme, slot), f"{slot}/{number}"
        if slot not in programme.slots or sheet is None:
            missing.append(Problem(text("no slot '{slot}'", slot=slot), where, named(slot, programme.slots)))
            continue
        if not shows_filled(programme, slot, sheet):
            what = text("{part} is its party's own: its numbers are not shown", part=sheet.reference)
            missing.append(Problem(what, where, ""))
            continue
        known = declared_number(sheet, number)
        if known is None:
            names = [*sheet.declared, *sheet.model.parameters]
            what = text("{part} declares no number '{number}'", part=sheet.reference, number=number)
            missing.append(Problem(what, where, named(number, names)))
            continue
        try:
            declared = _declared(known, value, where)
        except InputError as error:
            wrong += error.problems
            continue
        if declared.value_si != known.value_si:
            found[where] = NumberChange(slot, number, written(known), written(declared))
    if len(found) > MOST_CHANGES:
        wrong.append(Problem(text("more than {most} numbers", most=MOST_CHANGES), "", text("propose them in parts")))
    refuse({NotFound: missing, InputError: wrong})
    return list(found.values())


def _declared(known: Declared, value: str, where: str) -> Declared:
    """A number with another value, in the unit that is written or, where none is, in that of the number before."""
    told = value.strip().replace("\N{MINUS SIGN}", "-")
    own = str(known.value).partition(" ")[2].strip()
    if own and not any(sign.isalpha() or sign in "%°" for sign in told.lower().replace("e", "")):
        told = f"{told.replace(',', '.')} {own}"
    si_unit = known.si_unit
    value_si = units.parse(told, si_unit, where)
    if abs(value_si) > LARGEST:
        raise InputError(
            Problem(text("'{value}' is no number of a vehicle", value=value), where, text("check its unit"))
        )
    stated: str | float = value_si if si_unit == "1" and not own else told
    return Declared.model_validate({**known.model_dump(exclude_none=True), "value": stated})


def changed(programme: Programme, changes: Sequence[NumberChange]) -> Programme:
    """The programme with a vehicle of these numbers, as if they were offered and locked; nothing is written.

    Raises:
        InputError: numbers that cannot be together, of one part or of the vehicle.
    """
    offers, whole = dict(programme.whole.offers), programme.whole
    if whole.lock is None:
        raise NotFound(
            Problem(text("the programme has no lock: no part is chosen yet"), "programme.lock", text("covolt lock"))
        )
    problems = list[Problem]()
    for slot in dict.fromkeys(one.slot for one in changes):
        reference = whole.lock.slots[slot].offer
        sheet = _with(offers[reference].datasheet, [one for one in changes if one.slot == slot])
        problems += [Problem(one.what, f"{slot}: {one.where}", one.hint) for one in part_problems(sheet)]
        offers[reference] = offers[reference].model_copy(update={"datasheet": sheet})
    if problems:
        raise InputError(problems)
    made = replace(whole, offers=offers)
    subject_of(locked_sheets(made), Setting.of(made).frame, "vehicle")
    return made.seen_by(programme.reader)


def _with(sheet: Datasheet, changes: Sequence[NumberChange]) -> Datasheet:
    declared, parameters = dict(sheet.declared), dict(sheet.model.parameters)
    for one in changes:
        place = declared if one.number in declared else parameters
        place[one.number] = _declared(place[one.number], one.after, one.address)
    return sheet.model_copy(
        update={"declared": declared, "model": sheet.model.model_copy(update={"parameters": parameters})}
    )


def broken_contracts(tried: Programme, changes: Sequence[NumberChange]) -> list[Problem]:
    """Limits of contracts that a vehicle with these numbers leaves: it can be tried, and not be merged."""
    found: list[Problem] = []
    for slot in dict.fromkeys(one.slot for one in changes):
        if tried.whole.lock is not None:
            reference = tried.whole.lock.slots[slot].offer
            broken = cannot_fill(tried.whole, slot, reference, signed=False, owned=False)
            found += [Problem(one.what, slot, one.hint) for one in broken]
    return found


def still_based(programme: Programme, changes: Sequence[NumberChange]) -> list[Problem]:
    """Numbers that somebody else has changed since a proposal was made, each with what it is now."""
    found: list[Problem] = []
    for one in changes:
        sheet = locked_sheet(programme, one.slot)
        known = None if sheet is None else declared_number(sheet, one.number)
        now = "" if known is None else written(known)
        if now != one.before:
            what = text(
                "it was {before} when this was proposed, and is {now} now", before=one.before, now=now or text("gone")
            )
            hint = text("propose it anew from {now}", now=now) if now else text("look at the part that is locked now")
            found.append(Problem(what, one.address, hint))
    return found


def change_files(folder: Path, programme: Programme, changes: Sequence[NumberChange], day: str) -> dict[str, str]:
    """Write the changes into a folder as their parties would: a new version of each part, offered, and locked.

    Returns:
        The reference of the new offer by slot.

    Raises:
        Conflict: a part is no longer what is locked, or its file is not there: what its party wrote is never overwritten.
    """
    made: dict[str, str] = {}
    for slot in dict.fromkeys(one.slot for one in changes):
        sheet = locked_sheet(programme, slot)
        if sheet is None:
            raise NotFound(Problem(text("no slot '{slot}'", slot=slot), slot, named(slot, programme.slots)))
        place = folder / sheet.party / "parts" / sheet.id
        file = place / "part.toml"
        own = read_document(file) if file.is_file() else None
        if not isinstance(own, Datasheet) or own.model_copy(update={"version": sheet.version}) != sheet:
            what = text(
                "what {party} writes of {part} is no longer what is locked", party=sheet.party, part=sheet.reference
            )
            raise Conflict(Problem(what, slot, text("offer and lock that first")))
        after = _with(own, [one for one in changes if one.slot == slot])
        after = after.model_copy(update={"version": _next_version(programme, own)})
        file.write_text(edited(read_text(file, str(file)), own, after), encoding="utf-8")
        made[slot] = offer(place, day=day).offer.reference
    lock(folder, pins=[f"{slot}={reference}" for slot, reference in made.items()], day=day)
    return made


def _next_version(programme: Programme, sheet: Datasheet) -> str:
    """The next free version after those that are offered: the middle number rises, since a declared number is a promise."""
    taken = [
        tuple(int(one) for one in other.datasheet.version.split("."))
        for other in programme.whole.offers.values()
        if (other.datasheet.party, other.datasheet.id) == (sheet.party, sheet.id)
    ]
    major, minor, _ = max([*taken, tuple(int(one) for one in sheet.version.split("."))])
    return f"{major}.{minor + 1}.0"


def owners_of(programme: Programme, changes: Sequence[NumberChange]) -> list[str]:
    """Parties whose parts the changes are of."""
    sheets = [locked_sheet(programme, one.slot) for one in changes]
    return sorted({one.party for one in sheets if one is not None})
