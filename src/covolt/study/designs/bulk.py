"""Designs by the hundred thousand: their vehicles made in columns, and driven over missions with nothing kept but sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.errors import CovoltError
from covolt.library.join_many import JoinedMany, ManySheets, join_many
from covolt.library.subject import Subject
from covolt.simulation.core import Tally
from covolt.simulation.mission import Mission
from covolt.simulation.packed import PackedVehicles, packed, stacked
from covolt.simulation.run import BatchRunner
from covolt.study.designs.space import DesignSpace
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import frame_of, subject_of, subject_with

__all__ = ["MOST_AT_ONCE", "DesignsDriven", "Driven", "drive_designs", "subjects_in", "vehicles_of"]

MOST_AT_ONCE = 4096
"""Designs whose vehicles are made and driven together: enough that making them is quick, few enough that memory stays flat."""

PAYLOAD = "payload_maximum"

Numbers = NDArray[np.float64]
Refused = Mapping[int, CovoltError]


class Driven(NamedTuple):
    """One mission by each design: its sums, and its speed at the end; each of shape (n,), NaN where there is no vehicle."""

    tally: Tally
    last_speed_m_per_s: Numbers


class DesignsDriven(NamedTuple):
    """Designs, what each mission came to, and of which there is no vehicle, by their rows in `values`, and why."""

    values: Numbers
    missions: tuple[Driven, ...]
    refused: Refused


def drive_designs(
    space: DesignSpace, setting: Setting, values: Numbers, missions: Sequence[Mission], *, threads: int | None = None
) -> Iterator[DesignsDriven]:
    """Drive designs, rows of values in the units of the space's variables, over missions; some thousands at a time.

    Every number is the same to the bit as of the design driven alone; parts that are not covolt's are what they declare.
    """
    runner = BatchRunner(threads=threads)
    for begin in range(0, len(values), MOST_AT_ONCE):
        part = np.asarray(values[begin : begin + MOST_AT_ONCE], dtype=np.float64)
        groups, refused = vehicles_of(space, setting, part)
        yield DesignsDriven(part, tuple(_driven(runner, groups, len(part), one) for one in missions), refused)


def _driven(
    runner: BatchRunner, groups: Sequence[tuple[NDArray[np.intp], PackedVehicles]], count: int, mission: Mission
) -> Driven:
    energy_J: dict[str, Numbers] = {}
    others = {name: np.full(count, np.nan) for name in Tally._fields if name != "energy_J"}
    speed_m_per_s = np.full(count, np.nan)
    for members, cars in groups:
        last, tally = runner.run_packed(cars.matrix_si, cars.tables, cars.structure, mission)
        for name, found in tally.energy_J.items():
            energy_J.setdefault(name, np.full(count, np.nan))[members] = found
        for name, column in others.items():
            column[members] = getattr(tally, name)
        speed_m_per_s[members] = last.speed_m_per_s
    return Driven(Tally(energy_J, **others), speed_m_per_s)


def vehicles_of(
    space: DesignSpace, setting: Setting, values: Numbers
) -> tuple[list[tuple[NDArray[np.intp], PackedVehicles]], Refused]:
    """The vehicles of designs, by structure and with the rows that they are of; and why of some there is none."""
    groups, alone = _joined(space, setting, values)
    found = [(one.members, one.packed) for one in groups]
    single = {at: packed(one.vehicle) for at, one in alone.items() if isinstance(one, Subject)}
    rows = np.array(list(single), dtype=np.intp)
    found += [(rows[places], cars) for places, cars in stacked(list(single.values()))]
    return found, {at: one for at, one in alone.items() if isinstance(one, CovoltError)}


def subjects_in(space: DesignSpace, setting: Setting, values: Numbers) -> list[Subject | CovoltError]:
    """The subject of each design, a row of `values`, or why there is none."""
    groups, found = _joined(space, setting, values)
    frame, terms = setting
    for group in groups:
        for at, joined in group.joined():
            try:
                found[at] = subject_with(joined, space.sheets(values[at]), frame, "vehicle", terms=terms)
            except CovoltError as error:
                found[at] = error
    return [found[at] for at in range(len(values))]


def _joined(
    space: DesignSpace, setting: Setting, values: Numbers
) -> tuple[list[JoinedMany], dict[int, Subject | CovoltError]]:
    """Vehicles that were made in columns, and the others by row."""
    frame, terms = setting
    groups: list[JoinedMany] = []
    alone: dict[int, Subject | CovoltError] = {}
    for members, many in space.in_columns(values):
        carried = _carrying(many, units.parse(frame.maximum_load, "kg"))
        joined, left = join_many(many.taken(carried), frame_of(frame))
        groups += [one._replace(members=members[carried[one.members]]) for one in joined]
        rest = np.setdiff1d(np.arange(many.count), carried)
        for at in members[np.concatenate([carried[left], rest])].tolist():
            try:
                alone[at] = subject_of(space.sheets(values[at]), frame, "vehicle", terms=terms)
            except CovoltError as error:
                alone[at] = error
    return groups, alone


def _carrying(many: ManySheets, load_kg: float) -> NDArray[np.intp]:
    """Designs whose body carries as much as the programme loads."""
    number = many.sheets["body"].declared.get(PAYLOAD) if "body" in many.sheets else None
    if number is None:
        return np.arange(many.count)
    carried_kg = many.values_si.get(("body", PAYLOAD), np.full(many.count, number.value_si))
    return np.flatnonzero(carried_kg >= load_kg)
