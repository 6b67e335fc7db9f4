"""How surely a drive of a programme's vehicle is known: the ± of verdicts, on any mission."""

from __future__ import annotations

from dataclasses import replace

from covolt.errors import CovoltError
from covolt.library.spread import Interval, Spread, of_drive
from covolt.programme.documents import Programme
from covolt.simulation.mission import Mission
from covolt.simulation.run import BatchRunner
from covolt.study.verdicts.joined import locked_sheets, subjects_of
from covolt.study.verdicts.variation import World, variations
from covolt.vehicle.assembly import Vehicle

__all__ = ["programme_intervals"]


def programme_intervals(programme: Programme, mission: Mission) -> dict[str, Interval]:
    """What is said of a drive (`of_drive`) of the locked vehicle, each with its uncertainty from datasheets and generic numbers.

    The numbers moved are those of `variations`; central differences, as `contribution`.
    """
    sheets, frame = locked_sheets(programme), programme.charter.vehicle
    varied = variations(sheets)
    worlds = [World(sheets), *(world for one in varied for world in (one.up, one.down))]
    vehicles: list[Vehicle] = []
    for one in subjects_of(worlds, frame, "vehicle", moved=True):
        if isinstance(one, CovoltError):
            raise one
        vehicles.append(one.vehicle)
    table = BatchRunner().run(vehicles, [mission])
    found = [of_drive(row[0], float(one.battery.energy_J())) for row, one in zip(table, vehicles, strict=True)]

    def known(numbers: list[int]) -> dict[str, Interval]:
        names = [one.number if one.origin == "model" else f"{one.slot}.{one.number}" for one in varied]
        spread = Spread(
            tuple(names[i] for i in numbers), tuple(1.0 / (sum(varied[i].step_fractions) or 1.0) for i in numbers)
        )
        return spread.intervals([found[0], *(found[2 * i + side] for i in numbers for side in (1, 2))])

    inputs = known([i for i, one in enumerate(varied) if one.origin == "input"])
    whole = known(list(range(len(varied))))
    return {name: replace(one, inputs=inputs[name].standard_uncertainty) for name, one in whole.items()}
