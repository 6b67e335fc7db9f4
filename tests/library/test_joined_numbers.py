"""What a joined vehicle takes from no datasheet: each number by its formula, from what the parts of the city car declare."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax.numpy as jnp
import pytest
from tests.study.conftest import CITY_CAR

from covolt.contract.datasheet import Datasheet, Declared
from covolt.errors import AssemblyError
from covolt.library.generic import GENERIC
from covolt.library.join import Frame, join
from covolt.programme.reading import read_programme
from covolt.study.verdicts.joined import locked_sheets
from covolt.vehicle.charge_limit import generic_charge_limit

FREEZING_K = 273.15


@cache
def parts() -> dict[str, Datasheet]:
    return locked_sheets(read_programme(CITY_CAR))


def stated(slot: str, name: str) -> float:
    return parts()[slot].declared[name].value_si


def without(slot: str, *names: str, **instead: str) -> dict[str, Datasheet]:
    """The parts, with numbers of one of them left out or stated otherwise."""
    sheet = parts()[slot]
    left = {name: one for name, one in sheet.declared.items() if name not in names}
    left |= {name: Declared(value=value, basis="estimate") for name, value in instead.items()}
    return {**parts(), slot: sheet.model_copy(update={"declared": left})}


def vehicle(sheets: dict[str, Datasheet] | None = None, axle: str = "rear") -> Any:
    return join(sheets or parts(), Frame(driven_axle=axle)).vehicle


def test_tyres_by_the_mass_that_they_carry() -> None:
    joined = join(parts())
    tyre, size = joined.vehicle.tyre, joined.kerb_mass_kg / 1800.0
    assert joined.kerb_mass_kg == pytest.approx(sum(stated(slot, "mass") for slot in parts()))
    assert float(tyre.heat_capacity_J_per_K) == pytest.approx(70e3 * size)
    assert float(tyre.conductance_W_per_K) == pytest.approx(25.0 * size)
    assert float(tyre.conductance_per_speed_J_per_K_m) == pytest.approx(3.0 * size)
    assert (float(tyre.heat_fraction), float(tyre.reference_temperature_K)) == (0.9, FREEZING_K + 40.0)


def test_oil_of_the_gearbox() -> None:
    oil = vehicle().axles[0].gearbox.lubrication
    assert float(oil.viscosity_coefficient_per_K) == 0.025
    assert float(oil.reference_temperature_K) == FREEZING_K + 40.0
    assert (float(oil.heat_capacity_J_per_K), float(oil.conductance_W_per_K)) == (15e3, 10.0)
    assert float(oil.included_fraction) == 0.0, "a body by drag area holds no drag of the gears"


@pytest.mark.parametrize(
    ("axle", "load", "transfer"), [("front", 0.55, -0.19 * 2.8 / 2.3), ("rear", 0.52, 0.19 * 2.8 / 2.3)]
)
def test_load_of_the_driven_axle_where_the_body_states_none(axle: str, load: float, transfer: float) -> None:
    driven = vehicle(without("body", "front_load"), axle).axles[0]
    assert float(driven.load_fraction) == pytest.approx(load)
    assert float(driven.transfer_ratio) == pytest.approx(transfer), "0.19 at 2.8 m, and the body states 2.3 m"
    assert float(driven.unit_count) == 1.0


@pytest.mark.parametrize(("axle", "load"), [("front", 0.46), ("rear", 0.54)])
def test_load_of_the_driven_axle_as_the_body_states_it(axle: str, load: float) -> None:
    assert float(vehicle(axle=axle).axles[0].load_fraction) == pytest.approx(load)


def test_two_axles_share_the_weight_where_the_body_states_nothing() -> None:
    sheets = without("body", "front_load")
    second = {"drive_unit_2": sheets["drive_unit"], "gearbox_2": sheets["gearbox"]}
    from covolt.contract.architecture import SECOND_AXLE

    sheets |= dict(zip(SECOND_AXLE, second.values(), strict=True))
    assert [float(axle.load_fraction) for axle in vehicle(sheets).axles] == [0.5, 0.5]


def test_the_winding_reaches_its_derating_at_the_continuous_power() -> None:
    unit = vehicle().axles[0].drive_unit
    machine = unit.machine
    power_W, torque_Nm = stated("drive_unit", "power_peak"), stated("drive_unit", "torque_peak")
    assert float(machine.derating_start_K) == FREEZING_K + 140.0
    assert float(machine.derating_end_K) == FREEZING_K + 160.0
    assert float(machine.heat_capacity_J_per_K) == pytest.approx(0.05 * power_W)
    assert float(machine.winding_heat_fraction) == 0.7
    assert float(machine.nominal_voltage_V) == pytest.approx(0.95 * stated("battery", "voltage_nominal"))
    speed = 1.2 * power_W / torque_Nm
    for continuous_W, made in (
        (stated("drive_unit", "power_continuous"), unit),
        (0.5 * power_W, vehicle(without("drive_unit", "power_continuous")).axles[0].drive_unit),
    ):
        loss_W = float(made.loss_W(made.start(FREEZING_K + 140.0), continuous_W / speed, speed))
        rise_K = float(made.machine.thermal_resistance_K_per_W) * 0.7 * loss_W
        assert FREEZING_K + 65.0 + rise_K == pytest.approx(FREEZING_K + 140.0)


def test_loss_ratio_is_one_where_none_is_stated() -> None:
    sheet = parts()["drive_unit"]
    plain = sheet.model.model_copy(update={"parameters": {}})
    bare = {**parts(), "drive_unit": sheet.model_copy(update={"model": plain})}
    one, other = (vehicle(sheets).axles[0].drive_unit for sheets in (parts(), bare))
    assert float(one.loss_W(one.start(300.0), 50.0, 300.0)) == float(other.loss_W(other.start(300.0), 50.0, 300.0))


@pytest.mark.parametrize(("axle", "usual"), [("rear", 2.5), ("front", 3.0)])
def test_brakes_where_they_state_nothing(axle: str, usual: float) -> None:
    brake = vehicle(without("brake", "recuperation_deceleration_maximum", "recuperation_speed_minimum"), axle).brake
    assert float(brake.recuperation_deceleration_m_per_s2) == usual
    assert (float(brake.fade_end_m_per_s), float(brake.fade_start_m_per_s)) == (0.5, 2.0)
    assert float(brake.recuperation_fraction) == 1.0


def test_rates_of_the_battery() -> None:
    battery = vehicle().battery
    energy_J = stated("battery", "energy_usable")
    assert float(battery.peak_discharge_rate_per_s) == pytest.approx(95e3 / energy_J / 0.9)
    assert float(battery.peak_charge_rate_per_s) == pytest.approx(max(3.0 / 3600.0, 1.2 * 66e3 / energy_J))
    weak = vehicle(without("battery", "charge_power_peak", charge_power_peak="20 kW")).battery
    assert float(weak.peak_charge_rate_per_s) == pytest.approx(3.0 / 3600.0)


def test_a_battery_built_for_power_has_less_resistance() -> None:
    energy_J = stated("battery", "energy_usable")
    for sheets, peak_W in (
        (parts(), max(95e3, 1.5 * 66e3)),
        (without("battery", "charge_power_peak", charge_power_peak="20 kW"), 95e3),
    ):
        ratio = float(vehicle(sheets).battery.resistance_ratio)
        assert ratio == pytest.approx(GENERIC.pack_resistance_ratio * GENERIC.reference_rate_per_s * energy_J / peak_W)
    slow = without("battery", discharge_power_peak="20 kW", charge_power_peak="10 kW")
    assert float(vehicle(slow).battery.resistance_ratio) == pytest.approx(GENERIC.pack_resistance_ratio)


def test_what_the_maker_charges_at_25_degC_does_not_plate() -> None:
    fast, slow = vehicle().battery, vehicle(without("battery", charge_power_peak="15 kW")).battery
    energy_J = stated("battery", "energy_usable")
    usual_per_s = float(slow.charge_limit(0.5, FREEZING_K + 25.0))
    assert usual_per_s == pytest.approx(float(generic_charge_limit()(0.5, FREEZING_K + 25.0)))
    assert 0.9 * 15e3 / energy_J < usual_per_s < 0.9 * 66e3 / energy_J
    assert float(fast.charge_limit(0.5, FREEZING_K + 25.0)) == pytest.approx(0.9 * 66e3 / energy_J)


def test_charging_power_is_the_weaker_of_battery_and_socket() -> None:
    def full_W(sheets: dict[str, Datasheet]) -> float:
        joined = vehicle(sheets)
        curve_W = float(joined.charging_curve.power_limit_W(jnp.asarray(0.1)))
        return min(curve_W, float(joined.inlet.power_limit_W(jnp.asarray(400.0))))

    assert full_W(parts()) == pytest.approx(66e3)
    assert full_W(without("charger", direct_power_maximum="50 kW")) == pytest.approx(50e3)
    curves = [vehicle(one).charging_curve for one in (parts(), without("charger", direct_power_maximum="50 kW"))]
    falling_W = [float(one.power_limit_W(jnp.asarray(0.9))) for one in curves]
    assert falling_W[0] == falling_W[1] < 50e3, "a charger does not move where the battery's curve falls"
    usual_W = 1.5 * stated("battery", "energy_usable") / 3600.0
    assert full_W(without("battery", "charge_power_peak")) == pytest.approx(usual_W)


def test_charger_has_its_stated_efficiency_at_full_power() -> None:
    charger = vehicle().charger
    mains_W = stated("charger", "power_maximum")
    assert float(charger.mains_power_max_W) == mains_W
    assert float(charger.direct_power_W(mains_W)) == pytest.approx(stated("charger", "efficiency") * mains_W)


def test_cabin_loses_the_heat_that_it_states() -> None:
    small = vehicle().cabin
    assert float(small.conductance_W_per_K) == pytest.approx(stated("cabin", "heat_transfer"))
    assert float(small.ventilation_kg_per_s) == pytest.approx(0.045)
    assert float(small.heater.power_max_W) == stated("cabin", "heating_power_maximum")


def test_a_fuel_fired_heater_as_the_cabin_states_it() -> None:
    assert vehicle().cabin.fuel_heater is None
    usual = vehicle(without("cabin", fuel_heater_power="6 kW")).cabin.fuel_heater
    assert (float(usual.power_max_W), float(usual.efficiency)) == (6000.0, 0.83)
    assert float(usual.electric_power_W) == pytest.approx(40.0), "200 W at 30 kW"
    assert (float(usual.below_K), usual.fuel) == (FREEZING_K + 5.0, "diesel")
    assert vehicle(without("cabin", fuel_heater_power="0 W")).cabin.fuel_heater is None
    own = {
        "fuel_heater_efficiency": "0.85",
        "fuel_heater_electric_power": "50 W",
        "fuel_heater_below": "-5 degC",
        "fuel_heater_petrol": "1",
    }
    stated_so = {name: Declared(value=value, basis="estimate") for name, value in own.items()}
    cabin = without("cabin", fuel_heater_power="6 kW")["cabin"]
    model = cabin.model.model_copy(update={"parameters": {**cabin.model.parameters, **stated_so}})
    sheets = {**parts(), "cabin": cabin.model_copy(update={"model": model})}
    found = vehicle(sheets).cabin.fuel_heater
    assert (float(found.efficiency), float(found.electric_power_W)) == (0.85, 50.0)
    assert (float(found.below_K), found.fuel) == (FREEZING_K - 5.0, "petrol")
    alone = sheets["cabin"].model_copy(update={"declared": parts()["cabin"].declared})
    with pytest.raises(AssemblyError) as refused:
        vehicle({**sheets, "cabin": alone})
    assert [one.where for one in refused.value.problems] == [
        f"{alone.reference} (model.parameters.{name})" for name in own
    ]
    assert all("without a fuel-fired heater" in one.what for one in refused.value.problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [("fuel_heater_power", "150 kW"), ("fuel_heater_efficiency", "1.2"), ("fuel_heater_below", "60 degC")],
)
def test_a_fuel_fired_heater_that_cannot_be(name: str, value: str) -> None:
    cabin = without("cabin", fuel_heater_power="6 kW")["cabin"]
    number = {name: Declared(value=value, basis="estimate")}
    if name == "fuel_heater_power":
        cabin = cabin.model_copy(update={"declared": {**cabin.declared, **number}})
    else:
        model = cabin.model.model_copy(update={"parameters": {**cabin.model.parameters, **number}})
        cabin = cabin.model_copy(update={"model": model})
    with pytest.raises(AssemblyError, match=name):
        vehicle({**parts(), "cabin": cabin})
