"""The models that a datasheet can name, and why covolt cannot compute a part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from covolt import units
from covolt.contract.architecture import INTERFACES, NEEDED, lone_half
from covolt.contract.datasheet import Datasheet, Table
from covolt.errors import Problem
from covolt.library import kinds as room
from covolt.library.declared import not_used
from covolt.library.driveline import tables_of
from covolt.library.from_packages import take_from_packages
from covolt.library.model_kind import ModelKind, TableKind
from covolt.suggestion import named
from covolt.words import Phrase, both, text

__all__ = ["model_kind", "model_kinds", "model_level", "model_problems", "slot_problems"]


ENTRY_POINTS = "covolt.models"
"""Group of entry points under which another package offers its own: each a `ModelKind`, or several."""


@cache
def model_kinds() -> Mapping[tuple[str, str], ModelKind]:
    """Every model by interface and kind: those of the modules of `kinds`, then those that other packages offer.

    Raises:
        InputError: another package offers something else, or a kind that is taken.
    """
    found: dict[tuple[str, str], ModelKind] = {}
    for module in sorted(one.name for one in iter_modules(room.__path__)):
        for kind in getattr(import_module(f"{room.__name__}.{module}"), "KINDS", ()):
            found[kind.interface, kind.kind] = kind
    take_from_packages(ENTRY_POINTS, partial(_take, found))
    return MappingProxyType(found)


def _take(found: dict[tuple[str, str], ModelKind], one: object, where: str) -> Iterator[Problem]:
    """Add what a package offers; what keeps it out."""
    if not isinstance(one, ModelKind):
        yield Problem(
            text("a {name} is no kind of model", name=type(one).__name__),
            where,
            text("offer a ModelKind, or a tuple of them"),
        )
    elif (one.interface, one.kind) in found:
        what = text("the model '{kind}' of {interface} is there already", kind=one.kind, interface=one.interface)
        yield Problem(what, where, text("give it another name"))
    else:
        found[one.interface, one.kind] = one


def model_kind(sheet: Datasheet) -> ModelKind:
    """The model that a datasheet names, one of those that there are (`model_problems` says so)."""
    return model_kinds()[sheet.fills.partition("@")[0], sheet.model.kind]


def model_level(sheet: Datasheet) -> int:
    """How far the model of a part was compared with measurement; not at all where it leaves declared numbers of it out."""
    return 0 if not_used(sheet) else model_kind(sheet).validation_level


def model_problems(slot: str, sheet: Datasheet) -> list[Problem]:
    """Why covolt cannot compute a part: unknown model, parameter or table, wrong dimension, something missing or at odds."""
    interface = sheet.fills.partition("@")[0]
    kind = model_kinds().get((interface, sheet.model.kind))
    if kind is None:
        known = [one for slot, one in model_kinds() if slot == interface]
        what = text("no model '{kind}' for {interface}", kind=sheet.model.kind, interface=interface)
        return [Problem(what, f"{sheet.reference} (model.kind)", named(sheet.model.kind, known))]
    problems = _missing(kind, slot, sheet)
    for name, declared in sheet.model.parameters.items():
        where = f"{sheet.reference} (model.parameters.{name})"
        unit = kind.parameters.get(name)
        if unit is None and kind.foreign:
            continue  # it is a parameter of the part's own model, which says so itself
        if unit is None:
            hint = named(name, kind.parameters)
            problems.append(
                Problem(text("the model '{kind}' has no parameter '{name}'", kind=kind.kind, name=name), where, hint)
            )
        elif declared.si_unit != unit:
            problems.append(
                Problem(
                    text("{declared} is not in {unit}", declared=declared.value, unit=unit),
                    where,
                    text("write it in a unit such as {unit}", unit=unit),
                )
            )
    for name, table in tables_of(sheet).items():
        where = f"{sheet.reference} (tables.{name})"
        if name in kind.tables:
            problems += _table_problems(kind.tables[name], table, where)
        else:
            hint = named(name, kind.tables)
            problems.append(
                Problem(text("the model '{kind}' has no table '{name}'", kind=kind.kind, name=name), where, hint)
            )
    return problems if problems or kind.problems is None else kind.problems(sheet)


def _missing(kind: ModelKind, slot: str, sheet: Datasheet) -> list[Problem]:
    """Numbers and tables without which the model says nothing."""

    def told(name: str, place: str, hint: str | Phrase) -> Problem:
        return Problem(
            text("the model '{kind}' needs {name}", kind=kind.kind, name=name), f"{sheet.reference} ({place})", hint
        )

    problems = [
        told(name, "declared", text("declare {name} in slot {slot}", name=name, slot=slot))
        for name in kind.needs
        if name not in sheet.declared
    ]
    problems += [
        told(name, "model.parameters", text("add {name} to model.parameters", name=name))
        for name in kind.needed_parameters
        if name not in sheet.model.parameters
    ]
    problems += [
        told(
            f"the table '{name}'",
            "model.tables",
            text("add it over {axes} to model.tables", axes=both(table.axes)),
        )
        for name, table in kind.tables.items()
        if table.needed and name not in tables_of(sheet)
    ]
    return problems


def _table_problems(kind: TableKind, table: Table, where: str) -> list[Problem]:
    """A table in another unit, or over other axes."""
    problems: list[Problem] = []
    if units.unit(table.unit).si != kind.si_unit:
        hint = text("write it in a unit such as {si_unit}", si_unit=kind.si_unit)
        problems.append(
            Problem(text("values in {unit} are not in {si_unit}", unit=table.unit, si_unit=kind.si_unit), where, hint)
        )
    found = {axis.name: units.unit(axis.unit).si for axis in table.axes}
    if list(found.items()) != list(kind.axes.items()):
        over = both(f"{name} [{unit}]" for name, unit in found.items())
        wanted = both(f"{name} [{unit}]" for name, unit in kind.axes.items())
        problems.append(
            Problem(
                text("the table goes over {over}", over=over),
                where,
                text("give it over {wanted}, in this order", wanted=wanted),
            )
        )
    return problems


def slot_problems(sheets: Mapping[str, Datasheet]) -> list[Problem]:
    """Empty slots, slots that no vehicle has, and parts that are not for the slot in which they are."""
    missing = [name for name in NEEDED if name not in sheets]
    half = lone_half(sheets)
    if half is not None:
        missing.append(half[1])
    problems = [
        Problem(text("no part in the slot '{name}'", name=name), "vehicle", text("offer one for {name}", name=name))
        for name in missing
    ]
    for slot, sheet in sheets.items():
        interface = INTERFACES.get(slot)
        if interface is None:
            hint = text("slots: {interfaces}", interfaces=", ".join(INTERFACES))
            problems.append(Problem(text("a vehicle has no slot '{slot}'", slot=slot), "vehicle", hint))
        elif sheet.fills.partition("@")[0] != interface:
            what = text(
                "the slot '{slot}' takes a {interface}, and {sheet} is a {fills}",
                slot=slot,
                interface=interface,
                sheet=sheet.reference,
                fills=sheet.fills,
            )
            problems.append(Problem(what, "vehicle", text("offer one that fills {interface}", interface=interface)))
    return problems
