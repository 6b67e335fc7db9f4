"""Models of tyres, brakes, cabin, auxiliaries and charger, of each of which covolt has one."""

from __future__ import annotations

from dataclasses import replace

from covolt.library.fitted import saloon
from covolt.library.joint import Joint, SheetNumbers
from covolt.library.model_kind import ModelKind
from covolt.vehicle.auxiliary import Auxiliary
from covolt.vehicle.brake import Brake
from covolt.vehicle.cabin import AbstractCabin
from covolt.vehicle.charger import OnBoardCharger
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.vehicle.tyre import Tyre

__all__ = ["KINDS"]


def _tyre(tyre: SheetNumbers, joint: Joint) -> Tyre:
    generic = joint.generic
    size = joint.mass_kg / 1800.0
    return Tyre(
        rolling_coefficient=tyre["rolling_resistance_coefficient"],
        temperature_coefficient_per_K=tyre.get("temperature_coefficient", generic.tyre_coefficient_per_K),
        reference_temperature_K=ZERO_CELSIUS_K + 40.0,
        heat_capacity_J_per_K=70e3 * size,
        heat_fraction=0.9,
        conductance_W_per_K=25.0 * size,
        conductance_per_speed_J_per_K_m=3.0 * size,
        grip_coefficient=tyre.get("grip_coefficient", generic.grip_coefficient),
        radius_m=tyre["rolling_radius"],
    )


def _brake(brake: SheetNumbers, joint: Joint) -> Brake:
    rear_alone = [drive.axle for drive in joint.drives] == ["rear"]
    fade_end, usual = brake.get("recuperation_speed_minimum", 0.5), 2.5 if rear_alone else 3.0
    return Brake(
        recuperation_fraction=1.0,
        recuperation_deceleration_m_per_s2=brake.get("recuperation_deceleration_maximum", usual),
        fade_start_m_per_s=fade_end + 1.5,
        fade_end_m_per_s=fade_end,
    )


def _cabin(sheet: SheetNumbers, joint: Joint) -> AbstractCabin:
    return saloon(sheet.all_stated(), joint.generic)


def _auxiliary(sheet: SheetNumbers, joint: Joint) -> Auxiliary:
    del joint
    usual = Auxiliary()
    efficiency = float(usual.converter_efficiency)
    driving_W = sheet["power_driving"] * efficiency
    return replace(
        usual,
        moving_load_W=driving_W,
        standstill_load_W=sheet.get("power_standstill", driving_W / efficiency) * efficiency,
        charging_load_W=sheet.get("power_charging", float(usual.charging_load_W) / efficiency) * efficiency,
        key_off_load_W=sheet.get("power_key_off", float(usual.key_off_load_W) / efficiency) * efficiency,
    )


def _charger(sheet: SheetNumbers, joint: Joint) -> OnBoardCharger:
    fixed = joint.generic.charger_fixed_loss_ratio
    mains_W = sheet["power_maximum"]
    return OnBoardCharger(
        mains_power_max_W=mains_W,
        fixed_loss_W=fixed * mains_W,
        slope_efficiency=sheet["efficiency"] / (1.0 - fixed),
    )


KINDS = (
    ModelKind("brake", "blended", {}, _brake),
    ModelKind("tyre", "rolling-coefficient", {"temperature_coefficient": "1/K"}, _tyre),
    ModelKind(
        "cabin",
        "lumped",
        {
            "heat_pump": "1",
            "heat_pump_power": "W",
            "occupants": "1",
            "fresh_air": "kg/s",
            "heating_set_point": "K",
            "fuel_heater_efficiency": "1",
            "fuel_heater_electric_power": "W",
            "fuel_heater_below": "K",
            "fuel_heater_petrol": "1",
        },
        _cabin,
    ),
    ModelKind("auxiliary", "constant-loads", {}, _auxiliary),
    ModelKind("charger", "on-board", {"direct_power_maximum": "W"}, _charger),
)
