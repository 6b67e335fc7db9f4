"""Greenhouse gases from the well to the wheel, against petrol, diesel and gas cars of the same class."""

from __future__ import annotations

import numpy as np

from covolt.library.subject import Subject
from covolt.study.lifetime.economy import economy
from covolt.study.procedures.asking import Asking
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.ownership import RIVALS, installed_J, laboratory_mains_J_per_m, note_premises
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.words import Phrase, text

__all__ = ["PROCEDURES", "break_even_m"]

kWh_J = 3.6e6
POINTS = 41
COUNTRIES = ("RU", "BY")
_PHASES = (("use", text("Use phase")), ("life", text("Life cycle")))
PHASE = {
    (phase, rival): Measure(f"{phase}_{rival}", text("{title}, {rival}", title=title, rival=said), "g/km")
    for phase, title in _PHASES
    for rival, said in RIVALS.items()
} | {
    (phase, country): Measure(
        f"{phase}_{country.lower()}", text("{title}, grid {country}", title=title, country=country), "g/km"
    )
    for phase, title in _PHASES
    for country in COUNTRIES
}
"""Of a phase, by rival and by the country of the grid."""
BREAK_EVEN = {
    (rival, country): Measure(
        f"break_even_{rival}_{country.lower()}",
        text("Break-even with {rival}, {country}", rival=said, country=country),
        "km",
    )
    for rival, said in RIVALS.items()
    for country in COUNTRIES
}


def break_even_m(more_kg: float, saved_kg_per_m: float) -> float | None:
    """Distance after which the lower use phase has repaid the higher production; None where it never does."""
    return more_kg / saved_kg_per_m if saved_kg_per_m > 0.0 else None


def climate(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """g CO2e/km of use = Wh/km / (1 - grid loss) x intensity; production beside it; break-even distance against each rival."""
    tables = economy()
    use = tables.use
    mains = yield from laboratory_mains_J_per_m(subject, given, note)
    battery_J = installed_J(subject)
    if mains is None or battery_J is None:
        note.miss_all(text("the battery's energy is not declared, or the cycle is not driven"))
        return
    note_premises(note, tables)
    note.line("energy installed", battery_J, "kWh", "E")
    intensities = (use.battery_production_per_kWh, *use.battery_production_range_per_kWh)
    productions = {f"cells at {one:g} kg/kWh": use.glider_production + one * battery_J / kWh_J for one in intensities}
    made, *_ = productions.values()
    note.line("production", made, "kg", "")
    driven: dict[str, float] = {}
    for grid in tables.grid:
        driven[grid.country] = note.line(
            text("use, grid {country} {date}", country=grid.country, date=grid.date),
            mains / (1.0 - use.grid_loss_fraction) * grid.average,
            "g/km",
        )
    for country in COUNTRIES:
        life = PHASE["life", country]
        note.result(PHASE["use", country], driven[country])
        note.result(life, driven[country] + made / use.lifetime_distance)
        by_cells = {name: driven[country] + one / use.lifetime_distance for name, one in productions.items()}
        note.laws(life, by_cells)
    note.section()
    far = np.linspace(0.0, use.lifetime_distance, POINTS)
    lines: dict[Phrase, np.ndarray] = {
        text("electric, {country}", country=country): (made + driven[country] * far) / 1e3 for country in COUNTRIES
    }
    for rival in tables.rival:
        burnt = note.line(
            text("use, {rival}", rival=rival.title.words),
            rival.energy * (rival.burning + rival.upstream),
            "g/km",
            "",
            "JEC well-to-tank v5",
        )
        note.result(PHASE["use", rival.id], burnt)
        note.result(PHASE["life", rival.id], burnt + use.rival_production / use.lifetime_distance)
        lines[rival.title.words] = (use.rival_production + burnt * far) / 1e3
        for country in COUNTRIES:
            even = break_even_m(made - use.rival_production, burnt - driven[country])
            measure = BREAK_EVEN[rival.id, country]
            if even is None:
                note.miss(measure, text("the use phase never repays the production"))
            else:
                evens = {
                    cells: break_even_m(one - use.rival_production, burnt - driven[country])
                    for cells, one in productions.items()
                }
                note.laws(measure, {cells: max(one, 0.0) for cells, one in evens.items() if one is not None})
                note.result(
                    measure,
                    note.line(
                        text("break-even, {rival}, {country}", rival=rival.title.words, country=country),
                        max(even, 0.0),
                        "km",
                    ),
                )
    title = text("Greenhouse gases over distance")
    note.curve(curve_of(title, text("Distance"), "1000 km", far / 1e6, lines, "t CO2e"))


_NONE_YET = "climate of buses and trucks: there is none yet"
PROCEDURES = (
    Procedure(
        id="well-to-wheel",
        title=text("Well-to-wheel greenhouse gases"),
        regulation="JEC well-to-wheels",
        measures=(*PHASE.values(), *BREAK_EVEN.values()),
        validation_level=0,
        recipe=climate,
        conditions=("payload_kg",),
        mass_only=("cabin",),
        categories=("M1", "N1"),
        other_categories=_NONE_YET,
    ),
)
