"""Many vehicles at once from datasheets that differ in numbers alone, each equal to the bit to the one joined by itself.

The makers run once for a group of designs, with columns for the numbers that differ (`covolt.vehicle.column`). Where designs
take different branches the group is split there and joined anew; what cannot be made in columns, or is refused, is left to be
joined one by one, which tells its problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, cast, final

import numpy as np
from numpy.typing import NDArray

from covolt.contract.datasheet import Datasheet, Declared
from covolt.errors import CovoltError
from covolt.library.driveline import has_loss_map
from covolt.library.generic import GENERIC, Generic
from covolt.library.join import Frame, Joined, join
from covolt.library.models import model_kinds
from covolt.simulation.packed import PackedVehicles, packed_columns, unpacked
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.column import Column, NotInColumns, Split

__all__ = ["JoinedMany", "ManySheets", "World", "join_all", "join_many"]

FEW = 2
"""Fewer are joined as quickly by themselves."""
GENERIC_SLOT = ""
"""What stands in place of a slot before the name of a number of the generic set."""

Place = tuple[str, str]
"""Slot of the vehicle, and name of a number of its part."""
Numbers = NDArray[np.float64]
Members = NDArray[np.intp]
"""Which of the designs."""


@final
@dataclass(frozen=True)
class World:
    """What a vehicle is joined from: datasheets by slot, and the generic set for what they leave open."""

    sheets: Mapping[str, Datasheet]
    generic: Generic = GENERIC


def _none() -> dict[Place, Numbers]:
    return {}


@final
@dataclass(frozen=True)
class ManySheets:
    """Datasheets of n designs: those of one of them, and of what differs the numbers of each in SI, by place, shape (n,)."""

    count: int
    sheets: Mapping[str, Datasheet]
    values_si: Mapping[Place, Numbers]
    uncertainties_si: Mapping[Place, Numbers] = field(default_factory=_none)
    """Where these differ too."""
    generic: Generic = GENERIC

    def taken(self, which: Members) -> ManySheets:
        """Some of the designs."""
        values, uncertainties = (
            {place: numbers[which] for place, numbers in one.items()} for one in (self.values_si, self.uncertainties_si)
        )
        return replace(self, count=len(which), values_si=values, uncertainties_si=uncertainties)

    def in_columns(self) -> World:
        """The datasheets and the generic set with columns in place of the numbers that differ."""
        by_slot: dict[str, dict[str, _ColumnNumber | Column]] = {}
        for (slot, name), values in self.values_si.items():
            column = Column(values)
            if slot == GENERIC_SLOT:
                by_slot.setdefault(slot, {})[name] = column
                continue
            sheet = self.sheets[slot]
            one = sheet.declared.get(name) or sheet.model.parameters[name]
            u = self.uncertainties_si.get((slot, name))
            by_slot.setdefault(slot, {})[name] = _ColumnNumber(one, column, None if u is None else Column(u))
        generic = replace(self.generic, **cast("dict[str, Any]", by_slot.pop(GENERIC_SLOT, {})))
        changed = {slot: _with_columns(self.sheets[slot], numbers) for slot, numbers in by_slot.items()}
        return World({**self.sheets, **changed}, generic)


@final
class _ColumnNumber:
    """What a maker asks of a declared number, for many designs."""

    def __init__(self, declared: Declared, value_si: Column, uncertainty_si: Column | None) -> None:
        self.si_unit = declared.si_unit
        self.value_si = value_si
        self.uncertainty_si = declared.uncertainty_si if uncertainty_si is None else uncertainty_si

    @property
    def value(self) -> str:
        """What is written for people is asked for by refusals alone, which tell one design."""
        raise NotInColumns("a number as it is written")


def _with_columns(sheet: Datasheet, numbers: Mapping[str, Any]) -> Datasheet:
    if has_loss_map(sheet):
        raise NotInColumns("losses that are read from a map")
    declared = {name: numbers.get(name, one) for name, one in sheet.declared.items()}
    parameters = {
        name: one if name in declared else numbers.get(name, one) for name, one in sheet.model.parameters.items()
    }
    model = sheet.model.model_copy(update={"parameters": parameters})
    return sheet.model_copy(update={"declared": declared, "model": model})


class JoinedMany(NamedTuple):
    """Vehicles that were joined together: which they are of those asked for, their numbers, and their kerb masses."""

    members: Members
    packed: PackedVehicles
    kerb_mass_kg: Numbers

    def joined(self) -> Iterator[tuple[int, Joined]]:
        """Each by itself."""
        for at, vehicle, mass_kg in zip(
            self.members.tolist(), unpacked(self.packed), self.kerb_mass_kg.tolist(), strict=True
        ):
            yield at, Joined(vehicle, mass_kg)


@in_64_bits
def join_many(many: ManySheets, frame: Frame | None = None, *, moved: bool = False) -> tuple[list[JoinedMany], Members]:
    """The vehicles that can be joined in columns, in groups of one structure, and which of the designs are left; as `join`."""
    found: list[JoinedMany] = []
    left: list[Members] = []
    waiting = [np.arange(many.count)]
    while waiting:
        members = waiting.pop()
        if len(members) < FEW or not _is_own(many.sheets):
            left.append(members)
            continue
        try:
            found.append(_joined(many.taken(members), members, frame, moved=moved))
        except Split as split:
            waiting += [members[~split.first], members[split.first]]
        except FloatingPointError:
            # A design divides by zero, which Python may refuse of a single number: the others shall not be left for it.
            waiting += np.array_split(members, 2)
        except (NotInColumns, CovoltError, TypeError):
            # A refusal is told for each design; JAX says by a TypeError that it does not know columns.
            left.append(members)
    return found, np.sort(np.concatenate([*left, np.zeros(0, dtype=np.intp)]))


def _is_own(sheets: Mapping[str, Datasheet]) -> bool:
    """Whether covolt's own models make all parts: another package's may do with numbers whatever it wants."""
    kinds = (model_kinds().get((one.fills.partition("@")[0], one.model.kind)) for one in sheets.values())
    return all(
        kind is not None and getattr(kind.make, "__module__", "").startswith("covolt.library.") for kind in kinds
    )


def _joined(many: ManySheets, members: Members, frame: Frame | None, *, moved: bool) -> JoinedMany:
    world = many.in_columns()
    with np.errstate(divide="raise", invalid="raise"):
        made = join(world.sheets, frame, world.generic, moved=moved)
    mass: Any = made.kerb_mass_kg
    masses_kg = mass.values if isinstance(mass, Column) else np.full(many.count, mass)
    return JoinedMany(members, packed_columns(made.vehicle, many.count), masses_kg)


def join_all(worlds: Sequence[World], frame: Frame | None = None, *, moved: bool = False) -> list[Joined | CovoltError]:
    """Each vehicle, or why there is none; those whose datasheets differ in numbers alone are joined together.

    `moved` as in `join`; foreign parts are what they declare.
    """
    found: list[Joined | CovoltError | None] = [None] * len(worlds)
    for members, many in _alike(worlds):
        for group in join_many(many, frame, moved=moved)[0]:
            for at, one in group.joined():
                found[members[at]] = one
    return [_alone(world, frame, moved=moved) if one is None else one for world, one in zip(worlds, found, strict=True)]


def _alone(world: World, frame: Frame | None, *, moved: bool) -> Joined | CovoltError:
    try:
        return join(world.sheets, frame, world.generic, moved=moved)
    except CovoltError as error:
        return error


def _alike(worlds: Sequence[World]) -> Iterator[tuple[list[int], ManySheets]]:
    """Worlds that differ in numbers alone, together."""
    reader = _Reader()
    groups: dict[Any, list[int]] = {}
    for at, world in enumerate(worlds):
        groups.setdefault(tuple((slot, reader.kind(one)) for slot, one in world.sheets.items()), []).append(at)
    for members in groups.values():
        if len(members) >= FEW:
            yield members, reader.many([worlds[at] for at in members])


class _Reader:
    """Reads each datasheet once, however many worlds hold it."""

    def __init__(self) -> None:
        self._kinds: dict[int, tuple[Any, ...]] = {}

    def kind(self, sheet: Datasheet) -> tuple[Any, ...]:
        """All of a datasheet that its maker reads but for its numbers."""
        found = self._kinds.get(id(sheet))
        if found is None:
            model = sheet.model
            tables = ((name, id(one)) for each in (sheet.tables, model.tables) for name, one in each.items())
            units = ((name, one.si_unit) for each in (sheet.declared, model.parameters) for name, one in each.items())
            # A parameter that is declared too is held against its range, and otherwise passed over.
            beside = ((name, one.value) for name, one in model.parameters.items() if name in sheet.declared)
            said = (sheet.fills, sheet.chemistry, model.kind, model.entry, tuple(sheet.declared))
            found = self._kinds[id(sheet)] = (*said, *tables, *units, *beside)
        return found

    @staticmethod
    def many(worlds: Sequence[World]) -> ManySheets:
        """Worlds of one kind."""
        first, values, uncertainties = worlds[0], _none(), _none()
        for slot in first.sheets:
            sheets = [one.sheets[slot] for one in worlds]
            if all(one is sheets[0] for one in sheets):
                continue
            numbers = [{**one.model.parameters, **one.declared} for one in sheets]
            for name in numbers[0]:
                stated = [one[name] for one in numbers]
                if any(one is not stated[0] for one in stated):
                    values[slot, name] = np.array([one.value_si for one in stated])
                    uncertainties[slot, name] = np.array([one.uncertainty_si for one in stated])
        generics = [one.generic for one in worlds]
        if any(one is not generics[0] for one in generics):
            for each in fields(Generic):
                moved = np.array([getattr(one, each.name) for one in generics])
                if (moved != moved[0]).any():
                    values[GENERIC_SLOT, each.name] = moved
        return ManySheets(len(worlds), first.sheets, values, uncertainties, first.generic)
