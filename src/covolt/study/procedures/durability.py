"""Durability of the battery: state of certified energy after 5 and 8 years, as a band over published laws (UN GTR 22)."""

from __future__ import annotations

import numpy as np

from covolt.study.ageing import COLDEST_VALID_K, LAWS, Stress, capacity_lost
from covolt.study.procedures.segments import (
    cycle_segments,
    drive_string,
    full_fraction,
    laboratory,
    lowest_fraction,
    window_energy_J,
    within,
)
from covolt.study.protocol import Curve, Given, Measure, Procedure, Record, Recorder
from covolt.study.reasons import because
from covolt.study.subject import Subject
from covolt.words import Words

__all__ = ["PROCEDURES", "MONTH_MEANS_degC"]

MONTH_MEANS_degC = (-4.2, -3.6, 0.7, 7.7, 13.5, 16.9, 18.9, 18.1, 12.8, 6.9, 1.4, -2.8)
"""Monthly means of the air in Minsk, climate normals 1991 to 2020 [from memory, to about 0.5 K]."""
ABOVE_AIR_K = 4.0
"""A pack in use stands on average this much above the air: an estimate."""
YEARLY_m = 20e6
"""20,000 km: the distance that UN GTR 22 sets against each year, 100,000 km in 5 and 160,000 km in 8 years."""
REST_CHARGE = 0.65
SPEED_m_per_s = 40.0 / 3.6
YEARS = 10
MONTH_s = 365.25 / 12.0 * 86400.0
MINIMUM_5, MINIMUM_8 = 0.80, 0.70


def durability(subject: Subject, given: Given) -> Record:
    """The stated duty, month by month through each law; the lowest law is what counts against a bound."""
    note = Recorder("gtr-22")
    usual = cycle_segments("wltc-3b" if subject.category in {"M1", "N1"} else "sort-2", phases=False)
    cycle = within(subject, usual)
    driven, trace = drive_string(subject, cycle, laboratory(subject, given))
    if not driven or not driven[0].complete:
        for measure in _MEASURES:
            note.miss(measure.id, because("the cycle is not driven", "цикл не пройден", trace.outcome))
        return note.record()
    per_m = note.line("consumption at the battery", "расход от батареи", driven[0].consumption_J_per_m, "Wh/km", "EC")
    held_J = window_energy_J(subject, lowest_fraction(subject), full_fraction(subject))
    given_J = float(-np.sum(trace["battery_open_circuit_power_W"]))
    usable = note.line(
        "usable energy", "используемая энергия", held_J * driven[0].energy_J / given_J, "kWh", "UBE", "GTR 22, 3.3"
    )
    daily_m = note.line("distance a day", "пробег за день", YEARLY_m / 365.25, "km")
    cycles = note.line("full cycles a day", "полных циклов в день", daily_m * per_m / usable, "1", "n")
    rate = note.line(
        "mean rate in driving, share of the energy an hour", "средний C-ток", per_m * SPEED_m_per_s / usable, "1/h", "C"
    )
    battery = subject.vehicle.battery
    state = battery.start(REST_CHARGE, 296.15)
    series = float(getattr(battery, "series_count", 1.0))
    voltage = note.line(
        "cell at rest", "напряжение ячейки", float(battery.open_circuit_voltage_V(state)) / series, "V", "V"
    )
    year = [
        Stress(
            MONTH_s,
            max(celsius + ABOVE_AIR_K + 273.15, COLDEST_VALID_K),
            REST_CHARGE,
            voltage,
            min(cycles, 1.0),
            rate,
            cycles / 86400.0,
        )
        for celsius in MONTH_MEANS_degC
    ]
    lines = {f"{law.name}, {law.chemistry}": 1.0 - np.array([0.0, *capacity_lost(law, year, YEARS)]) for law in LAWS}
    note.section()
    for years, key in ((5, "5"), (8, "8")):
        values = [
            note.line(f"{name}, {years} years", f"{name}, {years} лет", float(line[years]), "%", "SOCE", "GTR 22, 3.18")
            for name, line in lines.items()
        ]
        note.measure(f"soce_{key}_years", min(values))
        note.measure(f"soce_{key}_years_middle", float(np.median(values)))
        note.measure(f"soce_{key}_years_best", max(values))
    note.curve(
        Curve(
            Words("State of certified energy, a band over laws", "Остаточная энергия батареи, по законам старения"),
            Words("Age", "Возраст"),
            "years",
            np.arange(YEARS + 1.0),
            {name: 100.0 * line for name, line in lines.items()},
            "%",
        )
    )
    return note.record()


_MEASURES = tuple(
    Measure(
        f"soce_{years}_years{suffix}",
        Words(f"Energy kept after {years} years{en}", f"Остаток энергии через {years} лет{ru}"),
        "%",
    )
    for years in (5, 8)
    for suffix, en, ru in (
        ("", ", worst law", ", худший закон"),
        ("_middle", ", middle law", ", средний закон"),
        ("_best", ", best law", ", лучший закон"),
    )
)
PROCEDURES = (
    Procedure(
        id="gtr-22",
        title=Words("Durability of the battery", "Долговечность батареи"),
        regulation="UN GTR 22",
        measures=_MEASURES,
        validation_level=0,
        recipe=durability,
        conditions=("payload_kg",),
        mass_only=("cabin", "charger"),
    ),
)
