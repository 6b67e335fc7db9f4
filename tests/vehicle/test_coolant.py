"""The coolant loop and the conditioning of the battery."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from covolt.vehicle.coolant import BatteryConditioning, Coolant, NoBatteryConditioning, NoCoolant
from covolt.vehicle.part import ZERO_CELSIUS_K


def test_loop_settles_where_the_radiator_rejects_the_loss() -> None:
    coolant = Coolant()
    state = coolant.start(jnp.asarray(ZERO_CELSIUS_K + 20.0))
    for _ in range(600):
        state = coolant.step(state, 5000.0, ZERO_CELSIUS_K + 35.0, 14.0, 10.0)
    rise_K = float(state.temperature_K) - ZERO_CELSIUS_K - 35.0
    assert rise_K * float(coolant.conductance_W_per_K(state.temperature_K, 14.0)) == pytest.approx(5000.0, rel=1e-4)
    assert 20.0 < rise_K < 35.0


def test_thermostat_keeps_the_heat_in_the_cold() -> None:
    coolant = Coolant()
    assert float(coolant.conductance_W_per_K(ZERO_CELSIUS_K + 20.0, 30.0)) == pytest.approx(8.0)
    assert float(coolant.conductance_W_per_K(ZERO_CELSIUS_K + 60.0, 30.0)) == pytest.approx(8.0 + 70.0 + 210.0)


@pytest.mark.parametrize("dt_s", [1.0, 60.0, 3600.0, 1e6])
def test_every_step_length_stays_between_start_and_ambient(dt_s: float) -> None:
    coolant = Coolant()
    state = coolant.step(coolant.start(jnp.asarray(350.0)), 0.0, 263.0, 20.0, dt_s)
    assert 263.0 - 1e-9 <= float(state.temperature_K) < 350.0


def test_heat_is_stored_without_loss_in_an_insulated_loop() -> None:
    coolant = Coolant(leak_conductance_W_per_K=0.0)
    state = coolant.step(coolant.start(jnp.asarray(280.0)), 1000.0, 280.0, 0.0, 14.0)
    assert float(state.temperature_K) == pytest.approx(280.0 + 14e3 / 28e3)


def test_oil_takes_heat_from_the_warmer_loop() -> None:
    coolant = Coolant(oil_conductance_W_per_K=50.0)
    assert float(coolant.oil_heat_W(coolant.start(jnp.asarray(320.0)), 300.0)) == pytest.approx(1000.0)


def test_without_a_loop_the_ambient_cools() -> None:
    coolant = NoCoolant()
    assert float(coolant.step(coolant.start(jnp.asarray(300.0)), 5e3, 280.0, 0.0, 1.0).temperature_K) == 280.0


def test_battery_in_its_window_needs_nothing() -> None:
    part = BatteryConditioning()
    demand = part.demand(jnp.asarray(ZERO_CELSIUS_K + 20.0), part.at(ZERO_CELSIUS_K), 1.0, 0.0)
    assert [float(value) for value in demand] == [0.0, 0.0, 0.0]


def test_cold_battery_is_heated_sooner_when_preconditioned() -> None:
    part = BatteryConditioning()
    here = part.at(ZERO_CELSIUS_K - 5.0)
    cold = jnp.asarray(ZERO_CELSIUS_K - 5.0)
    assert float(part.demand(cold, here, 1.0, 0.0).heating_W) == 0.0
    demand = part.demand(cold, here, 1.0, 1.0)
    assert float(demand.heating_W) == pytest.approx(5000.0)
    assert float(demand.electric_power_W) == pytest.approx(5000.0 / 0.95)


def test_hot_battery_is_cooled_at_the_price_of_the_air_conditioner() -> None:
    part = BatteryConditioning()
    here = part.at(ZERO_CELSIUS_K + 35.0)
    demand = part.demand(jnp.asarray(ZERO_CELSIUS_K + 35.5), here, 1.0, 0.0)
    assert float(demand.cooling_W) == pytest.approx(2000.0)
    price = float(part.air_conditioner.at(ZERO_CELSIUS_K + 35.0).electric_power_ratio)
    assert float(demand.electric_power_W) == pytest.approx(2000.0 * price)
    assert float(demand.shed(0.5).cooling_W) == pytest.approx(1000.0)


def test_switched_off_nothing_is_conditioned() -> None:
    part = BatteryConditioning()
    assert float(part.demand(jnp.asarray(240.0), part.at(240.0), 0.0, 1.0).electric_power_W) == 0.0
    none = NoBatteryConditioning()
    assert float(none.demand(jnp.asarray(240.0), none.at(240.0), 1.0, 1.0).electric_power_W) == 0.0


def test_a_car_on_the_road_heats_its_battery_below_minus_ten() -> None:
    conditioning = BatteryConditioning()
    here = conditioning.at(ZERO_CELSIUS_K - 20.0)

    def heating_W(celsius: float, preconditioning: float) -> float:
        return float(conditioning.demand(ZERO_CELSIUS_K + celsius, here, 1.0, preconditioning).heating_W)

    assert heating_W(-9.9, 0.0) == 0.0
    assert heating_W(-12.5, 0.0) == pytest.approx(2500.0)
    assert heating_W(-15.0, 0.0) == pytest.approx(5000.0)
    assert heating_W(25.0, 1.0) == 0.0
    assert heating_W(20.0, 1.0) == pytest.approx(5000.0)
