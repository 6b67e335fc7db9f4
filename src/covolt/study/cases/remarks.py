"""What is said beside the numbers of a drive or a charging session, so that they are taken for what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from covolt import units
from covolt.words import Phrase, Words, text

if TYPE_CHECKING:
    from covolt.library.figures import CarFigures
    from covolt.simulation.charging import ChargingSession
    from covolt.study.cases.drive import DriveResult

__all__ = ["EXACT_FIGURES", "of_charge", "of_drive"]

BEYOND_TABLES_K = 1.0
"""A chamber that is set to -20 degC is seldom at -20.0."""
EXACT_FIGURES = text(
    "± is U, k = 2, all of it of the models, for what the file leaves generic; a car's file states no uncertainties."
)


def of_drive(done: DriveResult) -> list[Phrase]:
    """What is to be said of a drive."""
    told = _beyond_cell(done.car.table_ends_K, done.trace["battery_temperature_K"])
    return [*map(Words, done.remarks), *(one for one in (told, done.car.left_open, EXACT_FIGURES) if one)]


def of_charge(session: ChargingSession, figures: CarFigures) -> Sequence[Phrase]:
    """What is to be said of a charging session."""
    from covolt.library.left_open import open_in_charging
    from covolt.simulation.charging import Socket

    cell = figures.battery_cell
    told = _beyond_cell(cell.table_ends_K if cell else None, session["battery_temperature_K"])
    socket = isinstance(session.mission.supply, Socket)
    left = open_in_charging(figures, alternating=socket, coldest_K=session.mission.soaked_battery_K)
    return [*([told] if told else []), *left, EXACT_FIGURES]


def _beyond_cell(table_ends_K: tuple[float, float] | None, battery_K: Iterable[float]) -> Phrase:
    """That a battery left the temperatures of its cell's tables, in a sentence; nothing where it did not."""
    if table_ends_K is None:
        return Words()
    stood_K = list(battery_K)
    low_K, high_K = min(stood_K), max(stood_K)
    if low_K >= table_ends_K[0] - BEYOND_TABLES_K and high_K <= table_ends_K[1] + BEYOND_TABLES_K:
        return Words()
    cold, warm, low, high = (units.unit("degC").from_si(one) for one in (*table_ends_K, low_K, high_K))
    return text(
        "The tables of the cell reach from {cold:.1f} to {warm:.1f} degC, and the battery stood at {low:.1f} to {high:.1f} degC: "
        "beyond, they are held at their edge.",
        cold=cold,
        warm=warm,
        low=low,
        high=high,
    )
