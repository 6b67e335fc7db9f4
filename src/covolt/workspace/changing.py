"""Changes put into a programme: into its vehicle in memory, or into the files of its parties as these would write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import loads, read_text
from covolt.contract.editing import edited
from covolt.contract.schemas import read_document
from covolt.errors import Conflict, InputError, NotFound, Problem
from covolt.programme.coherence import cannot_fill
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.requirement import Requirement
from covolt.programme.seen import shows_contract
from covolt.study.cases.publish import lock, offer
from covolt.study.gate.check import part_problems, read_whole
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.access import Reader, seen
from covolt.workspace.changes import NumberChange, with_bound, with_numbers

__all__ = ["KEPT", "broken_contracts", "change_files", "changed", "otherwise_written"]


def changed(programme: Programme, changes: Sequence[NumberChange]) -> Programme:
    """The programme with these changes, as if they were written, offered and locked; nothing is written.

    Raises:
        InputError: numbers that cannot be together, of one part or of the vehicle.
    """
    whole = programme.whole
    offers, requirements = dict(whole.offers), dict(whole.requirements)
    if whole.lock is None:
        raise NotFound(
            Problem(text("the programme has no lock: no part is chosen yet"), "programme.lock", text("covolt lock"))
        )
    pins, problems = dict(whole.lock.slots), list[Problem]()
    for one in changes:
        if one.kind == "offer":
            pins[one.slot] = pins[one.slot].model_copy(update={"offer": one.after, "digest": offers[one.after].digest})
        elif one.kind == "bound":
            requirements[one.number] = with_bound(requirements[one.number], one)
    for slot in _slots(changes, "number"):
        reference = pins[slot].offer
        sheet = with_numbers(offers[reference].datasheet, _of(changes, slot))
        problems += [Problem(one.what, f"{slot}: {one.where}", one.hint) for one in part_problems(sheet)]
        offers[reference] = offers[reference].model_copy(update={"datasheet": sheet})
    if problems:
        raise InputError(problems)
    after = whole.lock.model_copy(update={"slots": pins})
    made = replace(whole, offers=offers, requirements=requirements, lock=after)
    subject_of(locked_sheets(made), Setting.of(made).frame, "vehicle")
    return made.seen_by(programme.reader, slots=programme.reader_slots)


def _slots(changes: Sequence[NumberChange], *kinds: str) -> list[str]:
    return list(dict.fromkeys(one.slot for one in changes if one.kind in kinds))


def _of(changes: Sequence[NumberChange], slot: str) -> list[NumberChange]:
    return [one for one in changes if one.slot == slot and one.kind == "number"]


KEPT = Problem(text("a contract that others keep between them is left"), "", text("ask whose slots are changed"))


def broken_contracts(
    tried: Programme, changes: Sequence[NumberChange], reader: Reader, *, hidden: Sequence[Problem] = ()
) -> list[Problem]:
    """Limits of contracts that a vehicle with these changes leaves, as somebody reads them: it can be tried, and not be merged.

    Of a contract that others keep between them `hidden` is told in place of what it says.
    """
    found, own = list[Problem](), seen(tried, reader)
    for slot in _slots(changes, "number", "offer"):
        if tried.whole.lock is not None:
            reference = tried.whole.lock.slots[slot].offer
            broken = cannot_fill(tried.whole, slot, reference, signed=False, owned=False)
            contract = tried.whole.contracts.get(tried.whole.slots[slot].contract)
            if broken and contract is not None and not shows_contract(own, contract):
                found += hidden
            else:
                found += [Problem(one.what, slot, one.hint) for one in broken]
    return found


def change_files(
    folder: Path, programme: Programme, changes: Sequence[NumberChange], day: str, said: str = ""
) -> dict[str, str]:
    """Write the changes into a folder as their parties would: bounds, a new version of each part, offered, and locked.

    `said` becomes the source of numbers beside which their party states none.

    Returns:
        The reference of the offer that fills each slot from now on.

    Raises:
        Conflict: a part is neither what is locked nor that with the changes, or a file is not there:
            what its party wrote is never overwritten.
    """
    for one in changes:
        if one.kind == "bound":
            _write_bound(folder, programme, one)
    made = {one.slot: one.after for one in changes if one.kind == "offer"}
    for slot in _slots(changes, "number"):
        sourced = [one if one.source else replace(one, source=said) for one in _of(changes, slot)]
        made[slot] = _write_part(folder, programme, slot, sourced, day)
    if made:
        lock(folder, pins=[f"{slot}={reference}" for slot, reference in made.items()], day=day)
    read_whole(folder, day=day)
    return made


def _write_bound(folder: Path, programme: Programme, change: NumberChange) -> None:
    stated = programme.whole.requirements[change.number]
    file = folder / programme.whole.origin["requirement", change.number][0]
    own = loads(read_text(file, str(file)), Requirement, str(file)) if file.is_file() else None
    if own is None or own != stated:
        what = text("what {party} writes of {name} is not what is read here", party=stated.party, name=stated.id)
        raise Conflict(Problem(what, change.number, text("look at its file")))
    file.write_text(edited(read_text(file, str(file)), own, with_bound(own, change)), encoding="utf-8")


def _write_part(folder: Path, programme: Programme, slot: str, changes: Sequence[NumberChange], day: str) -> str:
    """Write a new version of the part in a slot, and offer it; the reference of the offer."""
    sheet = locked_sheet(programme, slot)
    if sheet is None:
        raise NotFound(Problem(text("no slot '{slot}'", slot=slot), slot, named(slot, programme.slots)))
    place = folder / sheet.party / "parts" / sheet.id
    file = place / "part.toml"
    own = read_document(file) if file.is_file() else None
    if not isinstance(own, Datasheet) or not _goes_with(own, sheet, changes):
        raise Conflict(_otherwise(sheet, slot))
    if not _is_but_version(own, sheet):  # the party has written the changes already
        after = own.model_copy(update={"version": _next_version(programme, own)})
    else:
        after = with_numbers(own, changes).model_copy(update={"version": _next_version(programme, own)})
    file.write_text(edited(read_text(file, str(file)), own, after), encoding="utf-8")
    return offer(place, day=day).offer.reference


def otherwise_written(programme: Programme, changes: Sequence[NumberChange]) -> list[Problem]:
    """Parts of which their party has written something else by now than what is locked, with these changes or without."""
    found: list[Problem] = []
    for slot in _slots(changes, "number"):
        sheet = locked_sheet(programme, slot)
        if sheet is None:
            continue  # that its number is gone is told elsewhere
        own = [one for one in programme.whole.parts.values() if (one.party, one.id) == (sheet.party, sheet.id)]
        if not any(_goes_with(one, sheet, _of(changes, slot)) for one in own):
            found.append(_otherwise(sheet, slot))
    return found


def _otherwise(sheet: Datasheet, slot: str) -> Problem:
    what = text("what {party} writes of {part} is no longer what is locked", party=sheet.party, part=sheet.reference)
    return Problem(
        what, slot, text("push the part as it is locked, or as it is proposed; or offer and lock what is written")
    )


def _goes_with(own: Datasheet, sheet: Datasheet, changes: Sequence[NumberChange]) -> bool:
    """Whether what a party writes of a part is what is locked, or that with the changes; version, sources and papers aside."""
    wanted = with_numbers(sheet, changes)
    return _is_but_version(own, sheet) or _unsourced(own, changes, sheet) == _unsourced(wanted, changes, sheet)


def _unsourced(own: Datasheet, changes: Sequence[NumberChange], sheet: Datasheet) -> Datasheet:
    """A datasheet without what tells where the changed numbers are from: no verdict hangs on that."""
    bare = {"source": "", "evidence": ""}
    names = {one.number for one in changes}
    declared, parameters = (
        {name: one.model_copy(update=bare) if name in names else one for name, one in numbers.items()}
        for numbers in (own.declared, own.model.parameters)
    )
    model = own.model.model_copy(update={"parameters": parameters})
    return own.model_copy(update={"version": sheet.version, "declared": declared, "model": model})


def _is_but_version(own: Datasheet, sheet: Datasheet) -> bool:
    return own.model_copy(update={"version": sheet.version}) == sheet


def _next_version(programme: Programme, sheet: Datasheet) -> str:
    """The next free version after those that are offered: the middle number rises, since a declared number is a promise."""
    taken = [
        tuple(int(one) for one in other.datasheet.version.split("."))
        for other in programme.whole.offers.values()
        if (other.datasheet.party, other.datasheet.id) == (sheet.party, sheet.id)
    ]
    major, minor, _ = max([*taken, tuple(int(one) for one in sheet.version.split("."))])
    return f"{major}.{minor + 1}.0"
