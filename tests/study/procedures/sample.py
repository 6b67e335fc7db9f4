"""Subjects of the procedures' tests: one structure, so that little is compiled."""

from __future__ import annotations

from functools import cache
from typing import Any

from covolt.library.build import car
from covolt.library.cars import figures
from covolt.library.subject import Subject
from covolt.simulation.run import simulate
from covolt.study.procedures.driving import Drive, carry_out
from covolt.study.procedures.protocol import Given, Procedure, Record, Recorder
from covolt.vehicle.assembly import Vehicle
from tests.sample import with_leaf


@cache
def city_car() -> Subject:
    """The city car as its parties would join it: kerb mass and load known, limited to 150 km/h."""
    numbers = figures("city-car")
    return Subject(car(numbers), "city-car", "M1", 1150.0, 375.0, numbers.top_speed)


def changed(subject: Subject, where: Any, value: Any, **others: Any) -> Subject:
    """The subject with leaves of its vehicle replaced."""
    vehicle: Vehicle = with_leaf(subject.vehicle, where, value)
    fields = {name: getattr(subject, name) for name in subject.__dataclass_fields__} | {"vehicle": vehicle} | others
    return Subject(**fields)


def plain() -> Subject:
    """Without what a closed form leaves out: cold oil, tyres that warm, sag of the voltage, a limiter."""
    return changed(
        city_car(),
        lambda v: (
            v.axles[0].gearbox.lubrication.drag_Nm,
            v.axles[0].gearbox.lubrication.drag_per_speed_Nm_s,
            v.tyre.temperature_coefficient_per_K,
            v.battery.parallel_count,
            v.axles[0].drive_unit.machine.nominal_voltage_V,
        ),
        # Fifty times the cells are a supply that does not sag; over the nominal voltage it counts no more.
        (0.0, 0.0, 0.0, 50.0 * float(city_car().vehicle.battery.parallel_count), 1.0),
        top_speed_m_per_s=None,
    )


def recorded(procedure: Procedure, subject: Subject, given: Given | None = None, drive: Drive = simulate) -> Record:
    """What the recipe itself notes, also where no requirement may ask for it."""
    note = Recorder(procedure.id, procedure.measures)
    asking = procedure.recipe(subject, given or Given(), note)
    if asking is not None:
        carry_out(asking, drive=drive)
    return note.record()


def did(procedure: Procedure, subject: Subject, given: Given | None = None) -> Record:
    """The record of a procedure, after checking that each of its measures is there or explained."""
    record = procedure.do(subject, given or Given())
    assert record.procedure == procedure.id
    assert set(record.measures) | set(record.missing) == {one.id for one in procedure.measures}
    assert not set(record.measures) & set(record.missing)
    assert all(line.title.said("en") and line.title.said("ru") for line in record.lines)
    numbers = [line.number for line in record.lines]
    assert len(set(numbers)) == len(numbers)
    for line in record.lines:
        assert line.shown == line.shown
    return record
