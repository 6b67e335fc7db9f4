"""Whatever numbers a car may have, its drive ends in numbers or names what is none, on both executors."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from covolt import units
from covolt.contract.document import validate
from covolt.errors import InputError
from covolt.library.build import car
from covolt.library.figure_ranges import RANGES
from covolt.library.figures import CarFigures
from covolt.simulation.mission import full_throttle, steady
from covolt.simulation.run import BatchRunner, TracedRunner
from covolt.vehicle.assembly import Vehicle


def random_figures(chance: random.Random) -> dict[str, Any]:
    """Each number anywhere between the ends of its range, evenly over its logarithm."""
    found: dict[str, Any] = {"layout": "all", "inverter_kind": "silicon", "heat_pump": True}
    for place, (low, high, _) in RANGES.items():
        if place[0] == "coast_down":
            continue
        si = units.unit_of(high).si
        ends = [units.parse(one, si) for one in (low, high)]
        value = math.exp(chance.uniform(*map(math.log, ends)))
        inner = found.setdefault(place[0], {}) if len(place) == 2 else found
        inner[place[-1]] = value if si == "1" else f"{value!r} {si}"
    for name in ("dc_power", "ac_power", "battery_gross_energy", "battery_mass"):
        del found[name]
    return found


def admitted(seed: int) -> Iterator[Vehicle]:
    """Cars of random numbers that the door lets in, endlessly."""
    chance = random.Random(seed)
    while True:
        try:
            yield car(validate(random_figures(chance), CarFigures, "car.toml"))
        except InputError:
            continue


@pytest.mark.parametrize("drive", [steady(15.0, 30.0), full_throttle(30.0)], ids=["steady", "full throttle"])
def test_random_cars_drive_in_numbers(drive: Any) -> None:
    few = admitted(9)
    cars = [next(few) for _ in range(24)]
    for row in BatchRunner(threads=1).run(cars, [drive]):
        result = row[0]
        assert result.outcome.limit != "not a number", result.outcome.reason
        assert all(math.isfinite(entry.energy_J) for entry in result.ledger.entries)
        assert result.ledger.worst_ratio < 1e-6
    trace = TracedRunner(executor="native").run(cars[0], drive)
    assert all(np.isfinite(trace[name]).all() for name in trace.names)


@pytest.mark.slow
def test_random_cars_are_no_number_nowhere_on_the_other_executor() -> None:
    few, runner = admitted(10), TracedRunner(executor="xla")
    for _ in range(10):
        trace = runner.run(next(few), steady(15.0, 30.0))
        assert trace.outcome.limit != "not a number", trace.outcome.reason
