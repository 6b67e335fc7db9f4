"""A drive unit given as a map of a polynomial's own losses drives like the polynomial."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sample import compact, mission

from covolt.simulation.mission import Conditions
from covolt.simulation.run import simulate
from covolt.vehicle.drive_unit import WINDING_REFERENCE_K, MapDriveUnit
from covolt.vehicle.lookup import map_2d

WARM = Conditions(vehicle_temperature_K=WINDING_REFERENCE_K, state_of_charge=0.6)


@pytest.mark.slow  # a map that a datasheet declares is driven in tests/library/test_join.py
def test_a_map_of_its_own_losses_drives_like_the_polynomial() -> None:
    unit = compact().axles[0].drive_unit
    peak = float(unit.machine.peak_torque_Nm)
    speeds, torques = np.linspace(0.0, 1700.0, 86), np.linspace(-peak, peak, 101)
    losses = unit.loss_W(unit.start(WINDING_REFERENCE_K), jnp.asarray(torques)[None, :], jnp.asarray(speeds)[:, None])
    mapped = eqx.tree_at(
        lambda v: v.axles[0].drive_unit, compact(), MapDriveUnit(unit.machine, map_2d(speeds, torques, losses))
    )
    smooth, read = (simulate(vehicle, mission(WARM, slope=0.02)) for vehicle in (compact(), mapped))
    assert read.outcome.completed
    assert read.ledger.worst_ratio < 1e-12
    assert read.result.battery_energy_J == pytest.approx(smooth.result.battery_energy_J, rel=3e-3)
    moving = np.abs(smooth["drive_unit_power_W"]) > 5e3
    assert np.allclose(read["drive_unit_power_W"][moving], smooth["drive_unit_power_W"][moving], rtol=0.02)
