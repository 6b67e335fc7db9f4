"""Random vehicles, tail winds, slopes and loss maps: the ledger closes on both executors, and both drive alike."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import equinox as eqx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.test_energy import ANY_CAR, FACTORS, Factors, missions
from tests.sample import compact, with_leaf

from covolt.simulation.mission import Mission
from covolt.simulation.run import TracedRunner
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.drive_unit import MapDriveUnit
from covolt.vehicle.lookup import map_2d

EXAMPLES = settings(max_examples=20, deadline=None, derandomize=True)
PLACES = st.fixed_dictionaries({"wind_m_per_s": st.floats(-35.0, 20.0), "state_of_charge": st.floats(0.1, 0.97)})
"""Winds, and charges at which the battery feeds what is on: whether an empty one does is a switch that rounding may turn."""
A_CAR = st.builds(lambda car: car | {"recuperation": round(car["recuperation"], 6)}, ANY_CAR)
OF_MAP = tuple(name for name in FACTORS if name not in {"constant loss", "torque loss"})


@cache
def mapped(by_torque_W_per_Nm: float, by_power: float) -> Vehicle:
    """The compact car with a map of losses straight in torque, uneven in speed."""
    machine = compact().axles[0].drive_unit.machine
    peak = 2.0 * float(machine.peak_torque_Nm)
    w, T = 1700.0 * np.linspace(0.0, 1.0, 5) ** 1.5, np.linspace(-peak, peak, 5)
    losses_W = 200.0 + (by_torque_W_per_Nm + by_power * w[:, None]) * np.abs(T[None, :])
    return eqx.tree_at(lambda v: v.axles[0].drive_unit, compact(), MapDriveUnit(machine, map_2d(w, T, losses_W)))


def scaled(vehicle: Vehicle, factors: Factors) -> Vehicle:
    places = [FACTORS[name][0] for name in factors]
    values = tuple(place(vehicle) * factor for place, factor in zip(places, factors.values(), strict=True))
    return with_leaf(vehicle, lambda v: tuple(place(v) for place in places), values)


def assert_both_close_and_agree(vehicle: Vehicle, drive: Mission) -> None:
    runner = TracedRunner(executor="native")
    ours, xla = runner.run(vehicle, drive), TracedRunner(executor="xla").run(vehicle, drive)
    assert runner.left_to_xla == ()
    assert max(ours.ledger.worst_ratio, xla.ledger.worst_ratio) < 1e-11
    for mine, its in zip(ours.ledger.entries, xla.ledger.entries, strict=True):
        assert mine.energy_J == pytest.approx(its.energy_J, rel=1e-6, abs=1e-6 * xla.ledger.moved_J), mine.name
    assert ours.result.distance_m == pytest.approx(xla.result.distance_m, rel=1e-6, abs=1e-6)


@EXAMPLES
@given(factors=A_CAR, drive=missions(steepest=0.3), place=PLACES)
def test_polynomials_drive_alike_on_both_executors(factors: Factors, drive: Mission, place: dict[str, float]) -> None:
    windy = replace(drive, conditions=replace(drive.conditions, **place))
    assert_both_close_and_agree(scaled(compact(), factors), windy)


@EXAMPLES
@given(
    factors=A_CAR,
    drive=missions(steepest=0.3),
    place=PLACES,
    shape=st.sampled_from([(0.0, 0.07), (9.0, 0.0), (5.0, 0.05)]),
)
def test_maps_drive_alike_on_both_executors(
    factors: Factors, drive: Mission, place: dict[str, float], shape: tuple[float, float]
) -> None:
    windy = replace(drive, conditions=replace(drive.conditions, **place))
    assert_both_close_and_agree(scaled(mapped(*shape), {name: factors[name] for name in OF_MAP}), windy)
