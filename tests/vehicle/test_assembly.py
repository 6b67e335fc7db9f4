"""The vehicle: slots, placing, starting, and what does not make one."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
import pytest
from tests.sample import compact

from covolt.errors import AssemblyError
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.assembly import Comfort, Soak, demand_drivable

SOAK = Soak(0.8, 250.0, 295.0, 255.0, 12.0)


def test_a_soaked_vehicle_starts_as_it_stood() -> None:
    state = compact().at(Ambient(260.0), 0.0, Comfort()).start(SOAK)
    assert float(compact().battery.state_of_charge(state.battery)) == pytest.approx(0.8)
    assert float(state.battery.temperature_K) == 250.0
    assert float(state.cabin.temperature_K) == 295.0
    assert float(state.speed_m_per_s) == 12.0
    vehicle = [
        state.tyre.temperature_K,
        state.coolant.temperature_K,
        state.axles[0].gearbox.oil_temperature_K,
        state.axles[0].drive_unit.winding_temperature_K,
    ]
    assert [float(x) for x in vehicle] == [255.0] * 4
    assert float(state.voltage_V) == pytest.approx(float(compact().battery.open_circuit_voltage_V(state.battery)))


def test_placing_reads_weather_load_and_comforts() -> None:
    dark = compact().at(Ambient(260.0), 100.0, Comfort())
    light = compact().at(Ambient(260.0), 100.0, Comfort(lights=1.0))
    assert float(dark.resistance.mass_kg - compact().body.mass_kg) == pytest.approx(100.0)
    assert float(light.auxiliary.moving_W) > float(dark.auxiliary.moving_W)


def test_a_vehicle_is_numbers_only_and_never_changes() -> None:
    vehicle = compact()
    assert all(np.asarray(leaf).dtype == np.float64 for leaf in jax.tree.leaves(vehicle))
    with pytest.raises(AttributeError):
        vehicle.body = vehicle.body  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("count", [0, 3])
def test_axles_that_make_no_vehicle_are_named(count: int) -> None:
    broken = eqx.tree_at(lambda v: v.axles, compact(), compact().axles * count)
    with pytest.raises(AssemblyError) as raised:
        demand_drivable(broken)
    problems = raised.value.problems
    assert f"{count} driven axles" in problems[0].what
    assert len(problems) == (2 if count == 3 else 1)
    assert all(problem.where == "vehicle.axles" and problem.hint for problem in problems)
