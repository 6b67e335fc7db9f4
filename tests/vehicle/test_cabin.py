"""The cabin's heat balance, its demand, and the cold anchors of the generic compact car."""

from __future__ import annotations

from typing import cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.cabin import Cabin, CabinState, NoCabin
from covolt.vehicle.heat_pump import PTC, HeatPump
from covolt.vehicle.part import ZERO_CELSIUS_K


def run(
    cabin: Cabin, ambient_C: float, duration_s: int, start_C: float | None = None, dt_s: float = 1.0, sun: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Electrical power and cabin temperature in degC over a drive at 9 m/s."""
    here = cabin.at(jnp.asarray(ZERO_CELSIUS_K + ambient_C))

    def advance(state: CabinState, _: None) -> tuple[CabinState, tuple[jax.Array, jax.Array]]:
        demand = cabin.climate(state, here, 9.0, sun, 1.0)
        after = cabin.step(state, demand.heat_to_cabin_W, here, 9.0, sun, 1.0, dt_s)
        return after, (cast(jax.Array, demand.electric_power_W), cast(jax.Array, after.temperature_K))

    start = cabin.start(jnp.asarray(ZERO_CELSIUS_K + (ambient_C if start_C is None else start_C)))
    _, (power_W, temperature_K) = jax.lax.scan(advance, start, None, length=int(duration_s / dt_s))
    return np.asarray(power_W), np.asarray(temperature_K) - ZERO_CELSIUS_K


def test_warm_cabin_in_the_cold_stays_at_its_set_point_on_feed_forward_alone() -> None:
    cabin = Cabin()
    here = cabin.at(ZERO_CELSIUS_K + 0.0)
    state = cabin.start(jnp.asarray(cabin.heating_target_K))
    demand = cabin.climate(state, here, 20.0, 0.0, 1.0)
    after = cabin.step(state, demand.heat_to_cabin_W, here, 20.0, 0.0, 1.0, 60.0)
    assert float(after.temperature_K) == pytest.approx(float(cabin.heating_target_K), abs=1e-4)


def test_steady_demand_is_the_heat_balance() -> None:
    cabin = Cabin(blower_power_W=0.0, heater=PTC(power_max_W=9000.0, efficiency=0.9))
    here = cabin.at(ZERO_CELSIUS_K + 2.0)
    demand = cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K + 22.0)), here, 10.0, 100.0, 1.0)
    loss_W = (37.0 + 0.5 * 10.0 + 0.045 * 1005.0) * 20.0 - 1.6 * 100.0 - 100.0
    assert float(demand.heat_to_cabin_W) == pytest.approx(loss_W)
    assert float(demand.electric_power_W) == pytest.approx(loss_W / 0.9)


def test_nothing_is_heated_or_cooled_inside_the_dead_band() -> None:
    cabin = Cabin(occupants=0.0, blower_power_W=0.0)
    here = cabin.at(ZERO_CELSIUS_K + 23.0)
    demand = cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K + 23.0)), here, 10.0, 0.0, 1.0)
    assert float(demand.electric_power_W) == 0.0
    assert float(demand.heat_to_cabin_W) == 0.0


@pytest.mark.parametrize("ambient_C", [-35.0, -7.0, 10.0, 22.5, 30.0, 45.0])
def test_never_heats_and_cools_at_once(ambient_C: float) -> None:
    cabin = Cabin()
    here = cabin.at(ZERO_CELSIUS_K + ambient_C)
    state = CabinState(ZERO_CELSIUS_K + jnp.linspace(-40.0, 70.0, 111))
    demand = cabin.climate(state, here, 10.0, 400.0, 1.0)
    both = np.minimum(np.asarray(demand.heater_power_W), np.asarray(demand.air_conditioning_power_W))
    assert both.max() == 0.0


def test_demand_stops_at_the_capacities() -> None:
    cabin = Cabin()
    here = cabin.at(ZERO_CELSIUS_K - 40.0)
    cold = cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K - 40.0)), here, 10.0, 0.0, 1.0)
    assert float(cold.heater_power_W) == pytest.approx(5500.0)
    here = cabin.at(ZERO_CELSIUS_K + 45.0)
    hot = cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K + 65.0)), here, 10.0, 1000.0, 1.0)
    assert float(hot.heat_to_cabin_W) == pytest.approx(-5000.0)


def test_switched_off_the_cabin_drifts_to_the_ambient_and_takes_nothing() -> None:
    cabin = Cabin(occupants=0.0)
    here = cabin.at(ZERO_CELSIUS_K - 10.0)
    state = cabin.start(jnp.asarray(ZERO_CELSIUS_K + 22.0))
    demand = cabin.climate(state, here, 0.0, 0.0, 0.0)
    assert float(demand.electric_power_W) == 0.0
    for _ in range(400):
        state = cabin.step(state, demand.heat_to_cabin_W, here, 0.0, 0.0, 0.0, 60.0)
    assert float(state.temperature_K) == pytest.approx(ZERO_CELSIUS_K - 10.0, abs=0.01)


def test_step_follows_the_exact_decay_with_second_order() -> None:
    cabin = Cabin(occupants=0.0)
    here = cabin.at(ZERO_CELSIUS_K)
    rate = float(here.conductance_W_per_K / cabin.heat_capacity_J_per_K)
    duration_s = 1200.0
    exact = ZERO_CELSIUS_K + 20.0 * np.exp(-rate * duration_s)

    def error(dt_s: float) -> float:
        state = cabin.start(jnp.asarray(ZERO_CELSIUS_K + 20.0))
        for _ in range(int(duration_s / dt_s)):
            state = cabin.step(state, 0.0, here, 0.0, 0.0, 0.0, dt_s)
        return abs(float(state.temperature_K) - exact)

    assert error(60.0) < 0.02
    assert np.log2(error(600.0) / error(300.0)) > 1.8


def test_long_steps_give_the_energy_of_short_ones() -> None:
    short, _ = run(Cabin(), -10.0, 2400, dt_s=1.0)
    long, temperature_C = run(Cabin(), -10.0, 2400, dt_s=60.0)
    assert long.sum() * 60.0 == pytest.approx(short.sum(), rel=0.05)
    assert np.all(np.diff(temperature_C) > -0.05)


def test_heat_pump_takes_over_first_and_the_resistor_gives_the_rest() -> None:
    cabin = Cabin(heat_pump=HeatPump(capacity_at_freezing_W=1000.0))
    here = cabin.at(ZERO_CELSIUS_K)
    demand = cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K)), here, 0.0, 0.0, 1.0)
    pumped_W = 1000.0 * float(here.heat_pump.electric_power_ratio)
    assert float(demand.heater_power_W) == pytest.approx(pumped_W + 5500.0)
    assert float(demand.heat_to_cabin_W) == pytest.approx(6500.0)


def test_shed_demand_takes_and_gives_the_same_fraction() -> None:
    cabin = Cabin()
    here = cabin.at(ZERO_CELSIUS_K - 20.0)
    full = cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K)), here, 10.0, 0.0, 1.0)
    part = full.shed(0.25)
    assert float(part.electric_power_W) == pytest.approx(0.25 * float(full.electric_power_W))
    assert float(part.heat_to_cabin_W) == pytest.approx(0.25 * float(full.heat_to_cabin_W))


def test_given_powers_are_taken_as_they_are() -> None:
    cabin = Cabin()
    here = cabin.at(ZERO_CELSIUS_K + 30.0)
    demand = cabin.given(here, jnp.asarray(300.0), jnp.asarray(1000.0))
    assert float(demand.electric_power_W) == 1300.0
    cold_W = 1000.0 / float(here.air_conditioner.electric_power_ratio)
    assert float(demand.heat_to_cabin_W) == pytest.approx(300.0 - cold_W)


def test_scaled_cabin_needs_so_much_more_heat() -> None:
    small, large = Cabin(occupants=0.0), Cabin(occupants=0.0).scaled(1.5)
    warm = jnp.asarray(ZERO_CELSIUS_K + 22.0)
    demands = [c.climate(c.start(warm), c.at(ZERO_CELSIUS_K + 5.0), 10.0, 0.0, 1.0) for c in (small, large)]
    assert float(demands[1].electric_power_W) == pytest.approx(1.5 * float(demands[0].electric_power_W))


def test_heater_mean_over_a_cold_city_drive_is_that_of_a_resistive_compact_car() -> None:
    power_W, temperature_C = run(Cabin(), -6.7, 1369)
    assert 3000.0 < power_W.mean() < 4500.0
    assert temperature_C[-1] > 21.0


def test_hot_soaked_cabin_cools_down() -> None:
    power_W, temperature_C = run(Cabin(), 35.0, 1800, start_C=55.0, sun=850.0)
    assert temperature_C[-1] < 26.0
    assert power_W[0] > power_W[-1] > 300.0


def test_demand_has_a_slope_by_the_conductance() -> None:
    def energy(conductance_W_per_K: jax.Array) -> jax.Array:
        cabin = Cabin(conductance_W_per_K=conductance_W_per_K)
        demand = cabin.climate(CabinState(jnp.asarray(293.0)), cabin.at(ZERO_CELSIUS_K), 10.0, 0.0, 1.0)
        return jnp.asarray(demand.electric_power_W)

    assert float(jax.grad(energy)(jnp.asarray(37.0))) == pytest.approx(22.0, rel=1e-6)


def test_no_cabin_takes_nothing() -> None:
    cabin = NoCabin()
    here = cabin.at(250.0)
    state = cabin.start(jnp.asarray(250.0))
    demand = cabin.climate(state, here, 10.0, 500.0, 1.0)
    assert float(demand.electric_power_W) == 0.0
    assert float(cabin.step(state, 1000.0, here, 10.0, 500.0, 1.0, 1.0).temperature_K) == 250.0
    assert float(cabin.given(here, jnp.asarray(10.0), jnp.asarray(5.0)).electric_power_W) == 15.0


def test_open_doors_change_warm_air_for_cold_while_a_bus_stands() -> None:
    """At -4 degC and 16 inside k = 0.49; 0.49 / 3 x 6 m2 x sqrt(9.81 x 1.9 m x 20 / 269.15) = 1.153 m3/s of 1.3115 kg/m3."""
    bus = Cabin(door_area_m2=6.0, heating_target_K=ZERO_CELSIUS_K + 16.0, blower_power_W=0.0)
    here = bus.at(ZERO_CELSIUS_K - 4.0)
    state = bus.start(jnp.asarray(ZERO_CELSIUS_K + 16.0))
    doors_W = 0.42 * 1.153 * 1.3115 * 1005.0 * 20.0
    assert pytest.approx(float(here.door_W_per_K), rel=1e-3) == 0.42 * 1.153 * 1.3115 * 1005.0
    shut, open_ = (float(bus.step(state, 0.0, here, v, 0.0, 1.0, 1.0).temperature_K) for v in (0.2, 0.0))
    assert shut - open_ == pytest.approx(doors_W / float(bus.heat_capacity_J_per_K), rel=0.02)
    closed = float(bus.step(state, 0.0, here, 0.0, 0.0, 0.0, 1.0).temperature_K)
    assert closed > shut, "parked, the doors are shut and the blower rests"


def test_cars_lose_nothing_through_doors() -> None:
    assert float(Cabin().scaled(1.3).at(ZERO_CELSIUS_K - 30.0).door_W_per_K) == 0.0
