"""Parts of a vehicle fitted to what a party declares of them: resistance, window, best efficiency, cold charging, machines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np

from covolt.contract.datasheet import Datasheet
from covolt.library.generic import Generic
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.battery import CellBattery, THERMAL_SLOPE_V_per_K, generic_series_count, usual_cell
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K
from covolt.vehicle.charge_limit import ChargeLimit
from covolt.vehicle.column import chosen, each, larger, number, smaller
from covolt.vehicle.drive_unit import WINDING_REFERENCE_K, DriveUnitState, PolynomialDriveUnit
from covolt.vehicle.fuel_heater import FuelHeater
from covolt.vehicle.heat_pump import PTC, AirConditioner, HeatPump, NoHeatPump
from covolt.vehicle.part import ZERO_CELSIUS_K, Scalar

__all__ = [
    "BUS_SIZE_RATIO",
    "cells_in_series",
    "cold_charging",
    "conditioned",
    "fuel_heater",
    "is_bus",
    "limits_of_charge",
    "pulse_resistance_Ohm",
    "saloon",
    "usable_share",
    "wheelbase_ratio",
    "window_of",
    "with_peak_efficiency",
    "with_pulse_resistance",
    "with_voltage_limits",
]

WIDEST_WINDOW = 0.96
"""Part of the charge that a window leaves at most: near the ends of the curve nobody drives (estimate)."""
USUAL_WINDOW = 0.9
LEFT_AT_ENDS_V = 0.02
"""Of one cell: a charge at the highest voltage ends at a current of about C/20, which holds this over the resting voltage."""
NMC_CELLS_V = (3.4, 3.95)
"""Nominal voltage of one cell up to which the cells of the model can stand for those of the pack, one for one."""
PULSE_s = 10.0
BUS_SIZE_RATIO = 3.0
"""Conductance or floor over that of the generic car from which a cabin is the saloon of a bus."""
BUS_MACHINE_RATIO = 0.6
"""Machines of a saloon over its conductance, both over those of the car: 25 kW of cooling and 0.25 kg/s of air at 300 W/K,
against 5 kW and 0.045 kg/s at 37 W/K (docs/models/cabin.md)."""
BUS_DOOR_m2 = 3.0 * 1.20 * 1.90
"""Three doors of two leaves on 12 m, 1.2 m by 1.9 m: what UN R107 asks of a city bus for more than 70 people, at least 1.8 m high
[memory]."""
BUS_FLOOR_RATIO = 4.45
"""Floor of such a bus, 12.43 m by 2.55 m, over that of the generic car."""
BUS_HEATER_RATIO = 35.0 / 25.0
"""Heater of a saloon over its air conditioner (docs/models/cabin.md, an estimate): a car's holds none with open doors."""
BUS_HEATING_K = ZERO_CELSIUS_K + 16.0
"""Passengers of a bus wear coats (docs/models/cabin.md)."""
AIR_J_per_m3_K = 1200.0
GENERIC_VOLUME_m3 = 3.0
"""Of the generic compact car's cabin (estimate)."""


def wheelbase_ratio(wheelbase_m: float | None, *, heavy: bool) -> float:
    """Generic over declared wheelbase, at the same height of the centre of mass; 1 where none is declared.

    The generic ratio of height to wheelbase is that of a car at 0.53 m over 2.8 m and of a bus at 1.14 m over 6.0 m (estimates).
    """
    usual_m = 6.0 if heavy else 2.8
    return 1.0 if wheelbase_m is None else usual_m / wheelbase_m


def cells_in_series(sheet: Datasheet) -> int | None:
    """Cells of the model behind one another: those that are declared where their voltage is that of the model's cells."""
    found, volt = sheet.declared.get("cells_in_series"), sheet.declared["voltage_nominal"].value_si
    if found is None or not NMC_CELLS_V[0] <= volt / found.value_si <= NMC_CELLS_V[1]:
        return None
    return round(found.value_si)


def usable_share(sheet: Datasheet) -> float:
    """Usable over nominal energy, which may be capacity times nominal voltage; 0.9 (estimate) where neither is declared."""
    stated = {name: one.value_si for name, one in sheet.declared.items()}
    nominal_J = stated.get("energy_nominal")
    if nominal_J is None and "capacity" in stated:
        nominal_J = stated["capacity"] * stated["voltage_nominal"]
    return USUAL_WINDOW if nominal_J is None else smaller(stated["energy_usable"] / nominal_J, WIDEST_WINDOW)


@cache
@in_64_bits
def _at_rest() -> tuple[np.ndarray, np.ndarray]:
    """States of charge of the usual cell, and its voltage at rest at each."""
    z = np.linspace(0.02, 1.0, 4097)
    return z, np.asarray(usual_cell().open_circuit_voltage_V(jnp.asarray(z)))


def limits_of_charge(sheet: Datasheet) -> tuple[float, float]:
    """States of charge between which cells rest within the declared limits of voltage, less what a charge leaves at its end."""
    if sheet.chemistry in {"LFP", "LTO"}:
        return 0.0, 1.0
    series = cells_in_series(sheet) or generic_series_count(sheet.declared["voltage_nominal"].value_si)
    z, volt = _at_rest()
    least, most = 0.0, 1.0
    if (lowest := sheet.declared.get("voltage_minimum")) is not None:
        least = number(np.interp(lowest.value_si / series + LEFT_AT_ENDS_V, volt, z, left=0.0, right=1.0))
    if (highest := sheet.declared.get("voltage_maximum")) is not None:
        most = number(np.interp(highest.value_si / series - LEFT_AT_ENDS_V, volt, z, left=0.0, right=1.0))
    return least, most


def window_of(sheet: Datasheet) -> tuple[float, float]:
    """Lowest and highest state of charge: as wide as `usable_share`, in the middle or as near to it as the voltage limits let."""
    least, most = limits_of_charge(sheet)
    share = smaller(usable_share(sheet), larger(most - least, 0.05))
    low = smaller(larger(0.5 * (1.0 - share), least), most - share)
    return low, low + share


def with_voltage_limits(battery: CellBattery, sheet: Datasheet) -> CellBattery:
    """The pack with its declared limits of voltage, over its cells in series."""
    if sheet.chemistry in {"LFP", "LTO"}:
        return battery
    for name in ("minimum_voltage_V", "maximum_voltage_V"):
        declared = sheet.declared.get(f"voltage_{name.partition('_')[0]}")
        if declared is not None:
            per_cell_V = declared.value_si / number(battery.series_count)
            battery = replace(battery, **{name: per_cell_V})
    return battery


def pulse_resistance_Ohm(battery: CellBattery, ratio: float | None = None) -> float:
    """Resistance of the pack over a discharge of 10 s at half charge, 25 degC and 1C, from rest.

    R = (n_s / n_p) (R_ohm + R_joint + sum R_i (1 - exp(-t / tau_i)) + (2RT/F) asinh(I / 2 I0) / I)
    """
    return _pulse_resistance_Ohm(battery)(number(battery.resistance_ratio) if ratio is None else ratio)


def _pulse_resistance_Ohm(battery: CellBattery) -> Callable[[float], float]:
    """`pulse_resistance_Ohm` by the ratio; what does not depend on it is found once."""
    cell = battery.cell.parameters(0.5, REFERENCE_TEMPERATURE_K)
    current_A = float(battery.cell.capacity_C) / 3600.0
    joint_Ohm = number(battery.joint_resistance_Ohm * battery.parallel_count / battery.resistance_ratio)
    ohm = float(cell.ohmic_resistance_Ohm) + joint_Ohm
    ohm += sum(float(R) * (1.0 - math.exp(-PULSE_s * float(rate))) for R, rate in cell.pairs)
    slope_V = THERMAL_SLOPE_V_per_K * float(cell.electrode_ratio) * REFERENCE_TEMPERATURE_K
    exchange_per_A = None if cell.exchange_per_A is None else float(cell.exchange_per_A)
    cells = number(battery.series_count / battery.parallel_count)

    def at(ratio: float) -> float:
        kinetic_V = 0.0
        if exchange_per_A is not None:
            kinetic_V = slope_V * each(math.asinh, 0.5 * ratio * exchange_per_A * current_A)
        return (ratio * ohm + kinetic_V / current_A) * cells

    return at


def with_pulse_resistance(battery: CellBattery, resistance_Ohm: float) -> CellBattery:
    """The pack whose resistances, all by one ratio, give this `pulse_resistance_Ohm`; by bisection, as R rises with the ratio."""
    pulse_Ohm, low, high = _pulse_resistance_Ohm(battery), 0.0, 1.0
    while pulse_Ohm(high) < resistance_Ohm:
        high *= 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = pulse_Ohm(middle) < resistance_Ohm
        low, high = chosen(below, middle, low), chosen(below, high, middle)
    joint_Ohm = battery.joint_resistance_Ohm * high / battery.resistance_ratio
    return replace(battery, resistance_ratio=high, joint_resistance_Ohm=joint_Ohm)


def with_peak_efficiency(unit: PolynomialDriveUnit, efficiency_ratio: float) -> PolynomialDriveUnit:
    """The unit with all its losses times one number, so that its best point, motoring within its envelope, has this efficiency.

    f = (1 / eta - 1) / min(P_loss / (T w)) at 65 degC
    """
    machine = unit.machine
    speed = np.linspace(0.04, 0.98, 48)[:, None] * number(machine.maximum_speed_rad_per_s)
    most_Nm = np.minimum(number(machine.peak_torque_Nm), number(machine.peak_power_W) / speed)
    torque = np.linspace(0.02, 1.0, 64)[None, :] * most_Nm
    loss_W: Any = unit.loss_W(DriveUnitState(WINDING_REFERENCE_K), torque, speed)
    factor = (1.0 / efficiency_ratio - 1.0) / number((loss_W / (torque * speed)).min())
    losses: dict[str, Any] = {
        one.name: getattr(unit, one.name) * factor for one in fields(unit) if one.name != "machine"
    }
    return replace(unit, **losses)


def cold_charging(limit: ChargeLimit, lowest_K: float | None, freezing_ratio: float | None) -> ChargeLimit:
    """The limit of charging as the maker of the pack states it in the cold; None leaves that of the cell model.

    `lowest_K`: below it nothing is taken, from 5 K above it on all that the law gives. `freezing_ratio`: current at 0 degC over
    that at 25 degC; g' = 1 + (g - 1) (1 - r) / (1 - g(0 degC)), not below zero.
    """
    if freezing_ratio is not None:
        g = limit.over_temperature
        known = float(g((ZERO_CELSIUS_K - REFERENCE_TEMPERATURE_K) * 0.02))
        stretch = (1.0 - freezing_ratio) / (1.0 - known)
        first, *rest = g.coefficients
        bent = replace(g, coefficients=(1.0 + (first - 1.0) * stretch, *(one * stretch for one in rest)))
        limit = replace(limit, over_temperature=bent)
    if lowest_K is not None:
        limit = replace(limit, none_below_K=lowest_K, falling_below_K=lowest_K + 5.0)
    return limit


def conditioned(
    cabin: Cabin, machine_ratio: float, stated: Mapping[str, float], generic: Generic, *, bus: bool
) -> Cabin:
    """The cabin with its machines and set points: as stated, by the names of the cabin's datasheet, else those of its size.

    A larger cabin than the generic car's has larger machines, `machine_ratio` times. The saloon of a bus is held at 16 degC in
    the cold, takes as many times the fresh air, and has doors that are open for a part of the time in which it stands.
    """
    usual = Cabin()
    machines = larger(1.0, machine_ratio)
    fresh: Scalar = usual.ventilation_kg_per_s * generic.fresh_air_ratio * (machines if bus else 1.0)
    heater_W = BUS_HEATER_RATIO * float(AirConditioner().capacity_W) if bus else float(PTC().power_max_W)
    pump_W = stated.get("heat_pump_power", float(HeatPump().capacity_at_freezing_W) * machines)
    pumps = stated.get("heat_pump", 1.0 if "heat_pump_power" in stated else 0.0) >= 0.5
    return replace(
        cabin,
        ventilation_kg_per_s=stated.get("fresh_air", fresh),
        door_area_m2=BUS_DOOR_m2 * machines / BUS_FLOOR_RATIO if bus else 0.0,
        door_open_fraction=generic.door_open_fraction if bus else usual.door_open_fraction,
        heating_target_K=stated.get("heating_set_point", BUS_HEATING_K if bus else usual.heating_target_K),
        heater=PTC(power_max_W=stated.get("heating_power_maximum", heater_W * machines)),
        heat_pump=HeatPump(
            second_law_fraction=HeatPump().second_law_fraction * generic.heat_pump_ratio, capacity_at_freezing_W=pump_W
        )
        if pumps
        else NoHeatPump(),
        air_conditioner=AirConditioner(
            second_law_fraction=AirConditioner().second_law_fraction * generic.air_conditioner_ratio,
            capacity_W=stated.get("cooling_power_maximum", float(AirConditioner().capacity_W) * machines),
        ),
        fuel_heater=fuel_heater(stated),
    )


def fuel_heater(stated: Mapping[str, float]) -> FuelHeater | None:
    """The fuel-fired heater that a cabin's datasheet states by its rated heat; None where it states none, or 0 W."""
    power_W, usual = stated.get("fuel_heater_power", 0.0), FuelHeater()
    if power_W <= 0.0:
        return None
    return FuelHeater(
        power_max_W=power_W,
        efficiency=stated.get("fuel_heater_efficiency", usual.efficiency),
        electric_power_W=stated.get("fuel_heater_electric_power", usual.electric_power_W * power_W / usual.power_max_W),
        below_K=stated.get("fuel_heater_below", usual.below_K),
        fuel="petrol" if stated.get("fuel_heater_petrol", 0.0) >= 0.5 else "diesel",
    )


def is_bus(heat_transfer_W_per_K: float | None) -> bool:
    """Whether a cabin of this declared conductance is the saloon of a bus."""
    return bool((heat_transfer_W_per_K or 0.0) >= BUS_SIZE_RATIO * float(Cabin().conductance_W_per_K))


def saloon(stated: Mapping[str, float], generic: Generic) -> Cabin:
    """A cabin by its datasheet's numbers, from the generic one: every heat flow by the declared conductance, else by its size.

    The air of a declared volume takes the place of the generic car's 3 m3 in the heat capacity, 1.2 kJ/(m3 K).
    """
    usual = Cabin()
    usual_W_per_K = float(usual.conductance_W_per_K)
    scale = stated.get("heat_transfer", generic.cabin_conductance_ratio * usual_W_per_K) / usual_W_per_K
    bus = is_bus(stated.get("heat_transfer"))
    made = conditioned(usual.scaled(scale), BUS_MACHINE_RATIO * scale, stated, generic, bus=bus)
    air_J_per_K = AIR_J_per_m3_K * (stated.get("volume", GENERIC_VOLUME_m3 * scale) - GENERIC_VOLUME_m3 * scale)
    return replace(
        made,
        heat_capacity_J_per_K=made.heat_capacity_J_per_K + air_J_per_K,
        occupants=stated.get("occupants", 1.0),
    )
