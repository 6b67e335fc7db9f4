"""What a new programme asks: its first requirements, what its gates want shown, and the limits of its contracts."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.contract.datasheet import OfferedRange
from covolt.library.build import HEAVY_kg
from covolt.library.figures import CarFigures
from covolt.library.subject import DRIVER_kg
from covolt.programme.gate import Criterion
from covolt.programme.requirement import Requirement, Verify
from covolt.programme.text import Title
from covolt.words import Phrase, text

__all__ = ["AGENCY", "CRITERIA", "INTEGRATOR", "SUPPLIER", "limits_of", "requirements_of", "title_of"]

INTEGRATOR, SUPPLIER, AGENCY = "integrator", "supplier", "agency"


def title_of(phrase: Phrase) -> Title:
    """A title in the languages in which parties write."""
    return Title(en=phrase.said("en"), ru=phrase.said("ru"))


CRITERIA = {
    "concept": (
        Criterion(
            id="all-slots",
            title=title_of(text("Every slot is filled")),
            check="slots.empty == 0",
        ),
        Criterion(
            id="constraints",
            title=title_of(text("Every constraint is met")),
            check="constraints.met == constraints.count",
        ),
    ),
    "trial": (
        Criterion(
            id="safety",
            title=title_of(text("Every safety item is shown")),
            check="safety.met == safety.count and requirements.stale == 0",
        ),
    ),
}
"""What each gate asks to be shown."""
HEAVIER, WEAKER = 1.1, 0.9
"""How far a number of an agreed part may lie from the first one: room to be talked about, and a limit that says so."""


def limits_of(numbers: Mapping[str, str | float]) -> dict[str, OfferedRange]:
    """What a contract lets its part weigh, hold and give, about the part that the programme begins with."""
    most = {name: OfferedRange(maximum=_times(HEAVIER, numbers[name])) for name in ("mass",) if name in numbers}
    least = {
        name: OfferedRange(minimum=_times(WEAKER, numbers[name]))
        for name in ("energy_usable", "power_peak", "power_maximum")
        if name in numbers
    }
    return {**most, **least}


def _times(factor: float, number: str | float) -> str:
    value, _, unit = str(number).partition(" ")
    return f"{factor * float(value):.4g} {unit}"


def requirements_of(figures: CarFigures) -> list[Requirement]:
    """What its parties ask first of a vehicle like this one."""
    kerb_kg = figures.test_mass - DRIVER_kg
    return [
        Requirement(
            id="MASS",
            party=INTEGRATOR,
            title=title_of(text("Kerb mass")),
            kind="constraint",
            firmness="negotiable",
            procedure="declaration",
            measure="vehicle.kerb_mass",
            at_most=f"{1.02 * kerb_kg:.0f} kg",
            verify=Verify(method="declaration", gate="concept"),
        ),
        Requirement(
            id="ENERGY",
            party=INTEGRATOR,
            title=title_of(text("Usable energy")),
            kind="need",
            firmness="negotiable",
            procedure="declaration",
            measure="battery.energy_usable",
            at_least=f"{0.9 * figures.battery_energy / 3.6e6:.1f} kWh",
            slots=("battery",),
            verify=Verify(method="declaration", gate="concept"),
        ),
        *(_heavy(figures) if figures.test_mass >= HEAVY_kg else _light(figures)),
    ]


RANGE_PER_ENERGY_m_per_J = 4e3 / 3.6e6
"""Modest bounds, to be agreed by the parties: 4 km/kWh for a car, a tenth of that for a bus."""


def _light(figures: CarFigures) -> list[Requirement]:
    """What a car or van is asked first."""
    reach_km = RANGE_PER_ENERGY_m_per_J * figures.battery_energy / 1e3
    return [
        _asked("RANGE", INTEGRATOR, text("WLTP range"), "wltp", "range", at_least=f"{reach_km:.0f} km"),
        _winter(1e3 * reach_km),
        _asked("LAUNCH", INTEGRATOR, text("0 to 100 km/h"), "iso-8715", "time_0_100", at_most="20 s"),
        _brakes("R13-H", 100, "un-r13-h", "70 m"),
    ]


def _heavy(figures: CarFigures) -> list[Requirement]:
    """What a bus or lorry is asked first."""
    reach_km = 0.1 * RANGE_PER_ENERGY_m_per_J * figures.battery_energy / 1e3
    return [
        _asked("RANGE", INTEGRATOR, text("Range on SORT 2"), "sort-2", "range", f"{reach_km:.0f} km"),
        _winter(1e3 * reach_km),
        _brakes("R13", 60, "un-r13", "36.7 m"),
    ]


def _winter(reach_m: float) -> Requirement:
    """Two fifths of the range are left at -20 degC, as a modest bound."""
    bound = f"{0.4e-3 * reach_m:.0f} km"
    return _asked("WINTER", INTEGRATOR, text("Range at -20 degC"), "cold", "range", bound)


def _asked(
    name: str,
    party: str,
    title: Phrase,
    procedure: str,
    measure: str,
    at_least: str | None = None,
    at_most: str | None = None,
) -> Requirement:
    return Requirement(
        id=name,
        party=party,
        title=title_of(title),
        kind="need",
        firmness="negotiable",
        procedure=procedure,
        measure=measure,
        at_least=at_least,
        at_most=at_most,
        verify=Verify(gate="concept"),
    )


def _brakes(regulation: str, speed: int, procedure: str, distance: str) -> Requirement:
    return Requirement(
        id=regulation,
        party=AGENCY,
        title=title_of(text("Stopping distance from {speed} km/h", speed=speed)),
        kind="law",
        procedure=procedure,
        measure="stopping_distance",
        at_most=distance,
        safety=True,
        regulation=f"UN {regulation}",
        verify=Verify(gate="trial"),
    )
