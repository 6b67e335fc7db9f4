"""Heat sources: what heat and cold cost at each ambient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from covolt.vehicle.heat_pump import PTC, AirConditioner, HeatPump, NoAirConditioner, NoHeatPump, smooth_rise
from covolt.vehicle.part import ZERO_CELSIUS_K


def test_resistance_heater_pays_for_its_loss() -> None:
    source = PTC(power_max_W=4000.0, efficiency=0.8).at(ZERO_CELSIUS_K)
    assert float(source.capacity_W) == pytest.approx(3200.0)
    assert float(source.capacity_W * source.electric_power_ratio) == pytest.approx(4000.0)


def test_heat_pump_keeps_the_second_law_fraction_of_carnot() -> None:
    pump = HeatPump(second_law_fraction=0.5, condensing_temperature_K=320.0, evaporator_offset_K=8.0)
    source = pump.at(268.0)
    assert 1.0 / float(source.electric_power_ratio) == pytest.approx(0.5 * 320.0 / 60.0)


@pytest.mark.parametrize(("ambient_C", "low", "high"), [(-20.0, 1.5, 2.2), (0.0, 1.9, 3.2), (10.0, 2.4, 3.8)])
def test_heat_pump_lies_in_the_band_of_measured_systems(ambient_C: float, low: float, high: float) -> None:
    coefficient = 1.0 / float(HeatPump().at(ZERO_CELSIUS_K + ambient_C).electric_power_ratio)
    assert low < coefficient < high


def test_heat_pump_capacity_falls_with_the_refrigerant_and_ends_at_the_cut_off() -> None:
    pump = HeatPump()
    capacity_W = {celsius: float(pump.at(ZERO_CELSIUS_K + celsius).capacity_W) for celsius in (0, -10, -20, -25, -30)}
    # Heat by volume swept, CoolProp, R1234yf: 1.94, 1.39 and 0.97 MJ/m3.
    assert capacity_W[-10] / capacity_W[0] == pytest.approx(1.39 / 1.94, abs=0.03)
    assert capacity_W[-20] / capacity_W[0] == pytest.approx(0.97 / 1.94, abs=0.03)
    assert 0.0 < capacity_W[-25] < 0.6 * capacity_W[-20]
    assert capacity_W[-30] == 0.0


def test_cut_off_is_smooth() -> None:
    def rise(value: jax.Array) -> jax.Array:
        return jnp.asarray(smooth_rise(value, 0.0, 1.0))

    slope = jax.grad(rise)
    assert float(slope(1e-6)) == pytest.approx(0.0, abs=1e-5)
    assert float(slope(1.0 - 1e-6)) == pytest.approx(0.0, abs=1e-5)
    assert float(slope(0.5)) == pytest.approx(1.5)


def test_air_conditioner_meets_its_anchor_at_45_degC() -> None:
    assert 1.0 / float(AirConditioner().at(ZERO_CELSIUS_K + 45.0).electric_power_ratio) == pytest.approx(1.8, abs=0.15)


def test_air_conditioner_is_no_perpetual_motion_in_the_cold() -> None:
    warm = float(AirConditioner().at(ZERO_CELSIUS_K + 5.0).electric_power_ratio)
    cold = float(AirConditioner().at(ZERO_CELSIUS_K - 30.0).electric_power_ratio)
    assert cold == warm > 0.1


def test_absent_machines_have_no_capacity() -> None:
    assert NoHeatPump().at(273.0).capacity_W == 0.0
    assert NoAirConditioner().at(300.0).capacity_W == 0.0


def test_a_heat_pump_gives_at_most_five_times_its_power() -> None:
    assert float(HeatPump().at(ZERO_CELSIUS_K + 35.0).electric_power_ratio) == pytest.approx(1.0 / 5.0)
    assert float(HeatPump().at(ZERO_CELSIUS_K + 25.0).electric_power_ratio) > 1.0 / 5.0
