"""What the mains must give to put back what a drive took."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from covolt.simulation.compiled import jitted
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.part import ZERO_CELSIUS_K

CHARGING_TEMPERATURE_K = ZERO_CELSIUS_K + 23.0
MIDDLE_STATE_OF_CHARGE = 0.5
STATION_POWER_W = 50e3
STEADY_s = 1e6
"""A step in which every polarisation comes to rest at its current: charging takes hours, the slowest pair minutes."""


def recharge_ratio(vehicle: Vehicle) -> jax.Array:
    """Mains energy per energy stored, charging at the on-board charger's full power, warm and half full."""
    battery = vehicle.battery
    state = battery.start(jnp.asarray(MIDDLE_STATE_OF_CHARGE), jnp.asarray(CHARGING_TEMPERATURE_K))
    most_W = jnp.asarray(vehicle.charger.mains_power_max_W)
    mains_W = jnp.where(most_W > 0.0, most_W, STATION_POWER_W)
    # Without a charger on board a station's direct current goes straight to the battery.
    through_W = jnp.where(most_W > 0.0, vehicle.charger.direct_power_W(mains_W), mains_W)
    direct_W = through_W - vehicle.auxiliary.at(0.0).charging_W
    _, signals = battery.step(state, direct_W, 0.0, 0.0, CHARGING_TEMPERATURE_K, STEADY_s)
    return mains_W / signals.open_circuit_power_W


_compiled_ratio = jitted(recharge_ratio)


def recharge_energy_J(vehicle: Vehicle, stored_J: float) -> float:
    """Energy from the mains that stores `stored_J` again.

    E_mains = E_stored P_mains / (U I),  with U I the stored power while charging at the charger's full AC power and every
    polarisation at its end; charger, cells and the 12 V loads of charging take the difference. A certification test recharges at
    room temperature, as here. A whole session (`charge`, 0 to 100 %) takes the same within 0.1 %.
    """
    return stored_J * float(_compiled_ratio(vehicle))
