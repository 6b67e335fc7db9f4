"""One step of a charging session: what supply and battery allow, what is drawn beside, and what binds."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax.numpy as jnp

from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.charger import Station
from covolt.vehicle.part import PartState, Scalar, positive

REMAINDER = "battery_remainder_power_W"
"""Signal of a battery that is not covolt's; 0 of one of covolt's own."""
ASKED = ("battery_heating_power_W", "battery_cooling_power_W", REMAINDER)
"""Signals of a step beside `SIGNALS`."""
NEAR_ENOUGH_FRACTION = 1e-4
"""A full battery is approached for ever; a charger stops at a small current."""
HEADROOM_RATIO = 1.2
"""The battery is heated until it could take this much more than is offered."""
LIMITS = ("charging curve", "post's power", "post's current or voltage", "inlet", "charger", "battery")
"""What bound a step, by the number that stands in the signal `limit`."""
SIGNALS = (
    "time_s",
    "displayed_fraction",
    "battery_temperature_K",
    "battery_voltage_V",
    "battery_current_A",
    "battery_power_W",
    "battery_open_circuit_power_W",
    "battery_loss_power_W",
    "mains_power_W",
    "charger_loss_power_W",
    "auxiliary_power_W",
    "conditioning_power_W",
    "unserved_power_W",
    "limit",
)


class Weather(NamedTuple):
    """What a session does not change: begin and end, temperatures, heating, longest step."""

    begin_displayed_fraction: Scalar
    end_displayed_fraction: Scalar
    battery_temperature_K: Scalar
    ambient_temperature_K: Scalar
    preconditioning: Scalar
    dt_s: Scalar


def _offered_W(
    vehicle: Vehicle, supply: Any, state: PartState, displayed_fraction: Scalar, voltage_V: Scalar, heater_W: Scalar
) -> tuple[Scalar, ...]:
    """Direct current on the bus that each of `LIMITS` but the battery allows; infinite where one does not apply."""
    endless = jnp.inf * jnp.ones(())
    if isinstance(supply, Station):
        by_power = supply.power_max_W * jnp.ones(())
        curve_W = vehicle.charging_curve.power_limit_W(displayed_fraction) + heater_W
        return curve_W, by_power, supply.power_limit_W(voltage_V), vehicle.inlet.power_limit_W(voltage_V), endless
    return endless, endless, endless, endless, vehicle.charger.direct_power_W(supply)


def session_step(
    vehicle: Vehicle,
    supply: Any,
    state: PartState,
    voltage_V: Scalar,
    displayed_fraction: Scalar,
    weather: Weather,
    dt_s: Scalar,
) -> tuple[PartState, dict[str, Scalar]]:
    """One step, short enough that limits and voltage hold over it; its signals, and what is asked of the battery besides."""
    taken_W = vehicle.battery.limits(state, dt_s).sustained_charge_power_W
    unheated_W = functools.reduce(jnp.minimum, _offered_W(vehicle, supply, state, displayed_fraction, voltage_V, 0.0))
    # Heat is worth its energy only where the cold holds back what is offered.
    useful = jnp.clip((HEADROOM_RATIO * unheated_W - taken_W) / ((HEADROOM_RATIO - 1.0) * unheated_W + 1.0), 0.0, 1.0)
    here = vehicle.conditioning.at(weather.ambient_temperature_K)
    battery_K = vehicle.battery.temperature_K(state)
    wished = vehicle.conditioning.demand(battery_K, here, 1.0, weather.preconditioning * useful)
    heater_W = wished.electric_power_W
    offered = _offered_W(vehicle, supply, state, displayed_fraction, voltage_V, heater_W)
    bus_W = functools.reduce(jnp.minimum, offered)
    # Where hardly anything is offered the car sleeps: a session never empties the battery.
    auxiliary_W = jnp.minimum(vehicle.auxiliary.at(0.0).charging_W, bus_W)
    share = jnp.clip((bus_W - auxiliary_W) / (heater_W + 1e-3), 0.0, 1.0)
    conditioning_W = heater_W * share
    left_W = bus_W - auxiliary_W - conditioning_W
    binding = jnp.where(taken_W < left_W, len(LIMITS) - 1, jnp.argmin(jnp.stack(offered)))
    direct_W = positive(jnp.minimum(left_W, taken_W) + auxiliary_W + conditioning_W)
    after, given = vehicle.battery.step(
        state,
        direct_W - auxiliary_W - conditioning_W,
        wished.heating_W * share,
        wished.cooling_W * share,
        weather.ambient_temperature_K,
        dt_s,
    )
    mains_W = direct_W if isinstance(supply, Station) else vehicle.charger.mains_power_W(direct_W)
    return after, {
        "battery_temperature_K": vehicle.battery.temperature_K(after),
        "battery_voltage_V": given.voltage_V,
        "battery_current_A": given.current_A,
        "battery_power_W": given.power_W,
        "battery_open_circuit_power_W": given.open_circuit_power_W,
        "battery_loss_power_W": given.loss_power_W,
        "mains_power_W": mains_W,
        "charger_loss_power_W": mains_W - direct_W,
        "auxiliary_power_W": auxiliary_W,
        "conditioning_power_W": conditioning_W,
        "unserved_power_W": given.unserved_power_W,
        "limit": 1.0 * binding,
        "battery_heating_power_W": wished.heating_W * share,
        "battery_cooling_power_W": wished.cooling_W * share,
        REMAINDER: 0.0 if given.remainder_power_W is None else given.remainder_power_W,
    }
