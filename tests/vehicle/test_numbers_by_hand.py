"""Each part at numbers worked by hand from the equation of its docstring, with the defaults that its page states."""

from __future__ import annotations

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

from covolt.errors import InputError
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.auxiliary import Auxiliary
from covolt.vehicle.battery import CellBattery, generic_pack
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.cell import ArrheniusCurve, EquivalentCircuitCell, relaxation_cell
from covolt.vehicle.cell_line import _ASINH_TANGENTS, CellLine, carried, kinetic_bounds
from covolt.vehicle.charge_limit import generic_charge_limit
from covolt.vehicle.charger import GenericChargingCurve, Inlet, OnBoardCharger, Station
from covolt.vehicle.coolant import BatteryConditioning, Coolant
from covolt.vehicle.drive_unit import Machine, PolynomialDriveUnit
from covolt.vehicle.heat_pump import PTC, AirConditioner, HeatPump, NoAirConditioner, NoHeatPump, smooth_rise
from covolt.vehicle.lookup import table
from covolt.vehicle.part import FARADAY_C_per_mol, GAS_CONSTANT_J_per_mol_K, GRAVITY_m_per_s2, relax
from covolt.vehicle.slow_discharge import CellTrace, slow_discharge
from covolt.vehicle.tyre import Tyre

FREEZING_K = 273.15


def second_order_K(start_K: float, ambient_K: float, heat_W: float, G: float, C: float, dt_s: float) -> float:
    """T + (dt / C) (Q - G (T - T_a)) (1 + x/2) / (1 + x + x^2/2), x = G dt / C."""
    x = G * dt_s / C
    return start_K + dt_s / C * (heat_W - G * (start_K - ambient_K)) * (1 + x / 2) / (1 + x + x * x / 2)


def test_constants_of_nature() -> None:
    assert (GRAVITY_m_per_s2, GAS_CONSTANT_J_per_mol_K, FARADAY_C_per_mol) == (9.80665, 8.314462618, 96485.33212)


def test_relaxation_is_pade_of_the_exponential() -> None:
    # x = 0.8: exp(-x) ~ 1 / (1 + 0.8 + 0.32)
    assert float(relax(5.0, 1.0, 0.2, 4.0)) == pytest.approx(5.0 - 4.0 * (1.0 - 1.0 / 2.12))


def test_a_cubic_rise_between_two_numbers() -> None:
    assert float(smooth_rise(3.0, 2.0, 6.0)) == pytest.approx(0.25**2 * (3.0 - 0.5))
    assert float(smooth_rise(9.0, 2.0, 6.0)) == 1.0


@pytest.mark.parametrize(
    ("celsius", "capacity_W", "power_ratio"),
    [
        (7.0, 5000.0 * math.exp(0.035 * 7.0), 51.0 / (0.42 * 323.15)),
        (-10.0, 5000.0 * math.exp(-0.35), 68.0 / (0.42 * 323.15)),
        (-20.0, 5000.0 * math.exp(-0.70), 78.0 / (0.42 * 323.15)),
        (-25.0, 5000.0 * math.exp(-0.875) * 0.5, 83.0 / (0.42 * 323.15)),
        (-28.0, 5000.0 * math.exp(-0.98) * 0.2**2 * 2.6, 86.0 / (0.42 * 323.15)),
        (40.0, 5000.0 * math.exp(1.4), 0.2),
    ],
)
def test_heat_pump(celsius: float, capacity_W: float, power_ratio: float) -> None:
    source = HeatPump().at(FREEZING_K + celsius)
    assert float(source.capacity_W) == pytest.approx(capacity_W)
    assert float(source.electric_power_ratio) == pytest.approx(power_ratio)


def test_resistance_heater_and_none() -> None:
    assert PTC().at(250.0) == (5500.0, 1.0)
    assert NoHeatPump().at(250.0) == (0.0, 1.0)
    assert NoAirConditioner().at(310.0) == (0.0, 1.0)


@pytest.mark.parametrize(("celsius", "lift_K"), [(35.0, 48.0), (20.0, 33.0), (5.0, 20.0)])
def test_air_conditioner(celsius: float, lift_K: float) -> None:
    source = AirConditioner().at(FREEZING_K + celsius)
    assert float(source.capacity_W) == 5000.0
    assert float(source.electric_power_ratio) == pytest.approx(lift_K / (0.36 * 275.15))


def test_thermostat_half_open_and_the_loop_after_a_step() -> None:
    coolant = Coolant()
    start_K = FREEZING_K + 37.5
    assert float(coolant.conductance_W_per_K(start_K, 10.0)) == pytest.approx(8.0 + 0.5 * (70.0 + 70.0))
    after = coolant.step(coolant.start(jnp.asarray(start_K)), 3000.0, 280.0, 10.0, 200.0)
    assert float(after.temperature_K) == pytest.approx(second_order_K(start_K, 280.0, 3000.0, 78.0, 28e3, 200.0))


@pytest.mark.parametrize(
    ("celsius", "preconditioning", "heating_W"), [(-12.5, 0.0, 2500.0), (22.5, 1.0, 2500.0), (5.0, 0.5, 2500.0)]
)
def test_battery_heater_over_its_band(celsius: float, preconditioning: float, heating_W: float) -> None:
    part = BatteryConditioning()
    demand = part.demand(jnp.asarray(FREEZING_K + celsius), part.at(FREEZING_K), 1.0, preconditioning)
    assert float(demand.heating_W) == pytest.approx(heating_W)
    assert float(demand.electric_power_W) == pytest.approx(heating_W / 0.95)


def test_battery_chiller_over_its_band() -> None:
    part = BatteryConditioning()
    here = part.at(FREEZING_K + 35.0)
    demand = part.demand(jnp.asarray(FREEZING_K + 34.0), here, 1.0, 0.0)
    assert float(demand.cooling_W) == pytest.approx(800.0)
    assert float(demand.electric_power_W) == pytest.approx(800.0 * 48.0 / (0.36 * 275.15))
    full = part.demand(jnp.asarray(FREEZING_K + 60.0), here, 1.0, 0.0)
    assert float(full.cooling_W) == 4000.0


def test_cabin_in_the_sun_is_cooled_by_its_balance() -> None:
    cabin = Cabin()
    here = cabin.at(FREEZING_K + 35.0)
    G = 37.0 + 0.5 * 10.0 + 0.045 * 1005.0
    gains_W = 1.6 * 500.0 + 100.0
    need_W = G * (22.0 - 35.0) - gains_W + 370.0 * (22.0 - 25.0)
    wanted_W = -need_W - (G + 370.0) * 2.0
    demand = cabin.climate(cabin.start(jnp.asarray(FREEZING_K + 25.0)), here, 10.0, 500.0, 1.0)
    assert 0.0 < wanted_W < 5000.0
    assert float(demand.heat_to_cabin_W) == pytest.approx(-wanted_W)
    assert float(demand.air_conditioning_power_W) == pytest.approx(wanted_W * 48.0 / (0.36 * 275.15))
    assert float(demand.blower_power_W) == 90.0
    assert float(demand.electric_power_W) == pytest.approx(float(demand.air_conditioning_power_W) + 90.0)
    after = cabin.step(cabin.start(jnp.asarray(FREEZING_K + 25.0)), -1000.0, here, 10.0, 500.0, 1.0, 300.0)
    expected_K = second_order_K(FREEZING_K + 25.0, FREEZING_K + 35.0, gains_W - 1000.0, G, 78e3, 300.0)
    assert float(after.temperature_K) == pytest.approx(expected_K)


def test_recirculated_air_is_not_warmed_again() -> None:
    here = Cabin(recirculation_fraction=0.6).at(FREEZING_K)
    assert float(here.ventilation_W_per_K) == pytest.approx(0.4 * 0.045 * 1005.0)


def test_auxiliaries_by_state() -> None:
    here = Auxiliary().at(0.0)
    assert [float(x) for x in here] == pytest.approx([2.0 / 0.92, 150.0 / 0.92, 250.0 / 0.92, 280.0 / 0.92])
    assert float(Auxiliary().power_W(here, jnp.asarray(0.25))) == pytest.approx((250.0 + 0.25 * 30.0) / 0.92)


def test_a_tyre_after_one_step() -> None:
    tyre = Tyre(0.009, 0.008, 313.15, 50e3, 0.8, 20.0, 2.0, 0.9, 0.3)
    after = tyre.step(tyre.start(300.0), 1500.0, 10.0, Ambient(280.0), 100.0)
    k, exchange = 100.0 / 50e3, 20.0 + 2.0 * 10.0
    expected_K = (300.0 + k * (0.8 * 1500.0 + exchange * 280.0)) / (1.0 + k * exchange)
    assert float(after.temperature_K) == pytest.approx(expected_K)


@pytest.mark.parametrize(
    ("shown", "part"), [(0.2, 1.0), (0.34, 1.0), (0.57, 0.75), (0.8, 0.5), (0.9, 0.315), (1.0, 0.13)]
)
def test_generic_charging_curve(shown: float, part: float) -> None:
    assert float(GenericChargingCurve(power_max_W=100e3).power_limit_W(shown)) == pytest.approx(100e3 * part)


def test_charger_post_and_inlet_as_they_ship() -> None:
    charger = OnBoardCharger()
    assert float(charger.direct_power_W(3000.0)) == pytest.approx(0.95 * 2930.0)
    assert float(charger.direct_power_W(20e3)) == pytest.approx(0.95 * 7330.0)
    assert float(charger.mains_power_W(1900.0)) == pytest.approx(2070.0)
    post = Station()
    served_W = [float(post.power_limit_W(volt)) for volt in (140.0, 150.0, 300.0, 400.0, 920.0, 930.0)]
    assert served_W == [0.0, 60e3, 120e3, 150e3, 150e3, 0.0]
    assert float(Inlet().power_limit_W(400.0)) == 200e3


@pytest.mark.parametrize("shown", [0.2, 0.6])
def test_frost_closes_charging_over_ten_kelvin(shown: float) -> None:
    limit = generic_charge_limit()
    # below the table its edge holds, times the cubic between -20 and -30 degC
    at_edge = float(limit(shown, FREEZING_K - 20.0))
    for celsius, open_ratio in ((-22.5, 0.75), (-25.0, 0.5), (-28.0, 0.2)):
        warm = float(limit(shown, FREEZING_K + celsius))
        assert warm <= at_edge * open_ratio**2 * (3.0 - 2.0 * open_ratio) * (1.0 + 1e-9)
        assert warm >= 0.5 * at_edge * open_ratio**2 * (3.0 - 2.0 * open_ratio)
    assert float(limit(shown, FREEZING_K - 30.0)) == 0.0


def pack(**changes: float) -> CellBattery:
    return generic_pack(60.0 * 3.6e6, **changes)


def test_generic_pack_as_its_page_states() -> None:
    battery = pack()
    low, high = float(battery.lowest_cell_charge_fraction), float(battery.highest_cell_charge_fraction)
    assert (low, high) == (0.05, 0.95)
    cells = float(battery.series_count) * float(battery.parallel_count)
    mean_V = float(battery.cell.open_circuit_voltage_V.integral(low, high)) / (high - low)
    assert float(battery.series_count) == round(360.0 / mean_V)
    assert cells * mean_V * float(battery.cell.capacity_C) * 0.9 == pytest.approx(60.0 * 3.6e6)
    assert float(battery.peak_discharge_rate_per_s) == pytest.approx(4.0 / 3600.0)
    assert float(battery.sustained_discharge_rate_per_s) == pytest.approx(2.0 / 3600.0)
    assert float(battery.peak_charge_rate_per_s) == pytest.approx(3.0 / 3600.0)
    assert (float(battery.minimum_voltage_V), float(battery.maximum_voltage_V)) == (2.5, 4.2)
    assert (float(battery.taper_ratio), float(battery.maximum_temperature_K)) == (20.0, 333.15)
    assert float(battery.heat_capacity_J_per_K) == pytest.approx(1000.0 * 60.0 / 0.140)
    assert float(battery.ambient_conductance_W_per_K) == pytest.approx(15.0)
    # 0.3 mOhm of a 200 Ah string, in the pack of this capacity
    string_C = float(battery.cell.capacity_C) * float(battery.parallel_count)
    assert float(battery.joint_resistance_Ohm) == pytest.approx(0.3e-3 * 200.0 * 3600.0 / string_C)


def test_a_hot_battery_gives_and_takes_part_of_its_peak() -> None:
    battery = pack(peak_discharge_rate_per_s=0.5 / 3600.0, peak_charge_rate_per_s=0.4 / 3600.0)
    cool, hot = (battery.limits(battery.start(0.5, kelvin), 1.0) for kelvin in (320.0, 330.65))
    # 2.5 K below the end at a fifth per kelvin; power of half the current is a little more, or less, than half
    assert float(hot.discharge_power_W) / float(cool.discharge_power_W) == pytest.approx(0.5, abs=0.01)
    assert float(hot.charge_power_W) / float(cool.charge_power_W) == pytest.approx(0.5, abs=0.01)
    assert float(battery.limits(battery.start(0.5, 334.0), 1.0).discharge_power_W) == pytest.approx(0.0, abs=1e-6)


def test_flags_of_a_battery_say_which_end_it_has_reached() -> None:
    battery = pack()
    for charge, power_W, names in ((0.5, -10e3, ()), (0.0, -10e3, ("empty_flag",)), (1.0, 10e3, ("full_flag",))):
        _, given = battery.step(battery.start(charge, 298.15), jnp.asarray(power_W), 0.0, 0.0, 298.15, 1.0)
        for name in ("empty_flag", "full_flag", "under_voltage_flag", "over_voltage_flag", "outside_range_flag"):
            assert float(getattr(given, name)) == float(name in names), (charge, name)


def test_heat_of_a_battery_goes_to_the_air_and_into_it() -> None:
    battery = pack()
    state = battery.start(0.5, 310.0)
    after, given = battery.step(state, jnp.asarray(-20e3), 500.0, 200.0, 280.0, 60.0)
    C, G = 1000.0 * 60.0 / 0.140, 15.0
    entropic = float(given.loss_power_W)
    T = float(after.temperature_K)
    assert float(given.heat_to_ambient_W) == pytest.approx(G * (T - 280.0))
    # C (T - T_0) / dt = heat of the cells + heater - chiller - G (T - T_a), the heat within the entropic part of the loss
    heat_W = C * (T - 310.0) / 60.0 + float(given.heat_to_ambient_W) - 300.0
    assert heat_W == pytest.approx(entropic, abs=0.35 * entropic)


@pytest.mark.parametrize(
    ("kelvin", "inside"), [(253.2, True), (253.0, False), (333.1, True), (333.3, False), (298.15, True)]
)
def test_a_law_of_the_cell_says_how_far_in_temperature_it_holds(kelvin: float, inside: bool) -> None:
    law = ArrheniusCurve(table([0.0, 1.0], [0.01, 0.02]), 2500.0)
    assert bool(law.inside(0.5, 1.0 / kelvin)) is inside
    expected_Ohm = 0.015 * math.exp(2500.0 * (1.0 / kelvin - 1.0 / 298.15))
    assert float(law(0.5, 1.0 / kelvin)) == pytest.approx(expected_Ohm)


def test_lines_over_kinetics_lie_above_them_and_touch_where_they_say() -> None:
    tangents = [(math.asinh(x) - x / math.hypot(1.0, x), 1.0 / math.hypot(1.0, x)) for x in (0.0, 5.0, 40.0, 320.0)]
    tangents[-1] = (tangents[-1][0] + 0.06, tangents[-1][1])
    assert np.array(_ASINH_TANGENTS) == pytest.approx(np.array(tangents), rel=1e-3, abs=1e-6)
    line = CellLine(3.7, 3.7, 0.002, 0.001, 0.5, 0.05, None, 0.0, (), None)
    for current in np.geomspace(0.01, 600.0, 40):
        exact_V = 0.002 * current + 0.05 * math.asinh(0.5 * current)
        lowest_V = min(offset + ohm * current for offset, ohm, _ in kinetic_bounds(line))
        assert exact_V - 1e-5 <= lowest_V <= exact_V + 0.05
    for offset, ohm, inverse in kinetic_bounds(line):
        assert ohm * inverse == pytest.approx(1.0)
        assert offset >= 0.0


@pytest.mark.parametrize("power_W", [-400.0, -30.0, 50.0])
def test_a_cell_without_kinetics_carries_the_power_asked_for(power_W: float) -> None:
    line = CellLine(3.7, 3.7, 0.004, 0.004, None, 0.0, None, 0.0, (), None)
    current, source, resistance, kinetic = carried(line, power_W)
    assert (float(source) + float(resistance) * float(current)) * float(current) == pytest.approx(power_W)
    assert float(kinetic) == 0.0
    # at half the open-circuit voltage a cell gives all that it can: E^2 / 4 R
    most, *_ = carried(line, -1e6)
    assert float(most) == pytest.approx(-3.7 / (2.0 * 0.004), rel=2e-3)


def discharge(rise_V: float) -> CellTrace:
    """Forty rows of a slow discharge, one of which has risen."""
    volts = np.linspace(4.1, 3.1, 40)
    volts[20] = volts[19] + rise_V
    volts[21:] = np.minimum(volts[21:], volts[20])
    return CellTrace(np.arange(40) * 600.0, np.full(40, -0.15), volts, None)


def test_a_slow_discharge_may_rise_by_a_twentieth_of_a_volt() -> None:
    assert slow_discharge(discharge(0.049)).charge_C[-1] == pytest.approx(0.15 * 39 * 600.0)
    with pytest.raises(InputError):
        slow_discharge(discharge(0.051))


def layered() -> CellBattery:
    """A pack whose cells have a double layer, which may hold a voltage from before."""
    battery = pack()
    ohmic = ArrheniusCurve(table([0.0, 1.0], [20e-3, 20e-3]), 2000.0)
    cell = EquivalentCircuitCell(
        capacity_C=battery.cell.capacity_C,
        open_circuit_voltage_V=battery.cell.open_circuit_voltage_V,
        ohmic_resistance_Ohm=ohmic,
        exchange_current_A=ArrheniusCurve(table([0.0, 1.0], [0.5, 0.5]), -5000.0),
        electrode_ratio=1.6,
        double_layer_C_per_V=4.0,
        surface_per_V=1.0,
        pairs=(),
    )
    return eqx.tree_at(lambda b: b.cell, battery, cell)


@pytest.mark.parametrize("held_V", [-0.5, -0.9])
def test_what_a_double_layer_holds_is_kept_from_the_lowest_voltage(held_V: float) -> None:
    battery = layered()
    state = battery.start(0.6, 253.15)._replace(kinetic_V=jnp.asarray(held_V))
    E = float(battery.cell.open_circuit_voltage_V(0.05 + 0.6 * 0.9))
    R = 20e-3 * math.exp(2000.0 * (1.0 / 253.15 - 1.0 / 298.15))
    R += float(battery.joint_resistance_Ohm * battery.parallel_count)
    current_A = (E - 2.5 + held_V) / R
    cells = float(battery.series_count * battery.parallel_count)
    limits = battery.limits(state, 1.0)
    # the current at which E - R I less what is held is the lowest voltage, 2.5 V
    assert float(limits.discharge_power_W) == pytest.approx(cells * current_A * 2.5, rel=0.02)


def test_what_a_double_layer_holds_is_kept_from_the_highest_voltage() -> None:
    battery = layered()
    E = float(battery.cell.open_circuit_voltage_V(0.05 + 0.6 * 0.9))
    R = 20e-3 * math.exp(2000.0 * (1.0 / 313.15 - 1.0 / 298.15))
    R += float(battery.joint_resistance_Ohm * battery.parallel_count)
    state = battery.start(0.6, 313.15)._replace(kinetic_V=jnp.asarray(0.35))
    current_A = (4.2 - E - 0.35) / R
    cells = float(battery.series_count * battery.parallel_count)
    found_W = float(battery.limits(state, 1.0).charge_power_W)
    assert 0.0 < current_A < float(battery.peak_charge_rate_per_s * battery.cell.capacity_C)
    assert found_W == pytest.approx(cells * current_A * (E + R * current_A), rel=0.05)


def test_the_weight_of_the_beginning_in_the_mean_of_a_step() -> None:
    battery = pack()
    ohmic = ArrheniusCurve(table([0.0, 1.0], [20e-3, 20e-3]), 2000.0)
    pair = (
        ArrheniusCurve(table([0.0, 1.0], [0.01, 0.01]), 2000.0),
        ArrheniusCurve(table([0.0, 1.0], [30.0, 30.0]), 0.0),
    )
    cell = relaxation_cell(battery.cell.capacity_C, battery.cell.open_circuit_voltage_V, ohmic, pair)
    battery = eqx.tree_at(lambda b: b.cell, battery, cell)
    # x = dt / tau = 0.8, and a pair that holds 0.1 V at the beginning
    state = battery.start(0.6, 298.15)._replace(polarisation_1_V=jnp.asarray(0.1))
    line = battery.line(state, 24.0)
    weight = 1.4 / (1.0 + 0.8 + 0.32)
    joint = float(battery.joint_resistance_Ohm * battery.parallel_count)
    assert float(line.source_V) == pytest.approx(float(line.open_circuit_V) + weight * 0.1)
    assert float(line.resistance_Ohm) == pytest.approx(20e-3 + joint + (1.0 - weight) * 0.01)


def test_copper_of_a_drive_unit_has_its_stated_loss_at_65_degC() -> None:
    machine = Machine(200.0, 80e3, 1500.0, 340.0, 413.15, 433.15, 4e3, 0.03, 0.7, 60.0)
    unit = PolynomialDriveUnit(machine, 100.0, 5.0, 0.02, 0.8, 0.0, 0.0)
    loss_W = float(unit.loss_W(unit.start(338.15), 100.0, 300.0))
    assert loss_W == pytest.approx(100.0 + 5.0 * 100.0 + 0.02 * 100.0**2 + 0.8 * 300.0)
    warmer_W = float(unit.loss_W(unit.start(348.15), 100.0, 300.0))
    assert warmer_W - loss_W == pytest.approx(0.00393 * 10.0 * 200.0)


def test_a_moment_of_current_after_a_long_rest_is_no_part_of_a_slow_discharge() -> None:
    times = np.concatenate([np.arange(40) * 600.0, [23500.0, 59999.0, 60000.0]])
    current = np.concatenate([np.full(40, -0.15), [0.0, 0.0, -0.15]])
    volts = np.concatenate([np.linspace(4.1, 3.1, 40), [3.2, 3.2, 3.19]])
    found = slow_discharge(CellTrace(times, current, volts, None))
    assert found.charge_C[-1] == pytest.approx(0.15 * 39 * 600.0)
    assert "after a long rest" in found.remarks[0]
