"""Public figures that no road vehicle can have: alone, and beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING

from covolt import units
from covolt.contract.document import Told
from covolt.library.generic import GENERIC

if TYPE_CHECKING:
    from covolt.library.figures import CarFigures

__all__ = ["told_of_figures"]

GRAVITY_m_per_s2 = 9.81
RANGES: Mapping[tuple[str, ...], tuple[str, str, str]] = {
    ("test_mass",): ("200 kg", "150 t", "from a light quadricycle to a road train"),
    ("battery_energy",): ("0.5 kWh", "3 MWh", "from a light quadricycle to a road train"),
    ("battery_gross_energy",): ("0.5 kWh", "4 MWh", "from a light quadricycle to a road train"),
    ("battery_voltage",): ("24 V", "1500 V", "UN R100 ends at 1500 V of direct current"),
    ("battery_mass",): ("3 kg", "30 t", "of the whole pack"),
    ("motor_power",): ("500 W", "3 MW", "of one machine, or of all where no second one is stated"),
    ("motor_torque",): ("2 Nm", "50 kNm", "at the shaft of the machine, not at the wheels"),
    ("second_motor_power",): ("500 W", "3 MW", "of the machine of the other axle"),
    ("gear_ratio",): (
        "0.3",
        "60",
        "turns of the machine for one of the wheel: 1 with hub motors, 7 to 13 in cars, to 30 in trucks",
    ),
    ("wheel_radius",): ("0.1 m", "0.8 m", "as rolled: 0.25 to 0.4 m in cars, 0.4 to 0.55 m in buses and trucks"),
    ("top_speed",): ("5 km/h", "500 km/h", "no road vehicle is faster"),
    ("cabin_size",): ("0.1", "20", "over a small car's 4.0 m x 1.78 m; an articulated bus has 6.5"),
    ("ac_power",): ("200 W", "500 kW", "of the socket"),
    ("dc_power",): ("500 W", "5 MW", "of the post; megawatt charging ends at 3.75 MW"),
    ("charging_above",): ("-60 degC", "30 degC", "from this temperature on cells charge at all"),
    ("freezing_charge_ratio",): ("0.001", "1", "charging at 0 degC over that at 25 degC"),
    ("auxiliary_power",): ("1 W", "100 kW", "a car's 12 V net takes 0.1 to 0.5 kW, a bus's 3 to 8 kW"),
    ("drag_and_tyres", "drag_area"): ("0.1 m2", "15 m2", "0.5 to 0.8 m2 in cars, 4 to 8 m2 in buses and trucks"),
    ("drag_and_tyres", "rolling_coefficient"): ("0.001", "0.05", "0.005 to 0.012 by UN R117, more on soft ground"),
    ("coast_down", "quadratic"): ("0.02 N/(m/s)^2", "12 N/(m/s)^2", "half the density of the air times the drag area"),
}
"""From where to where each may lie. Limits of the class of vehicles are public; where a limit names no rule it is an estimate."""
LEAST_RESISTANCE, MOST_RESISTANCE, RESISTED_m_per_s = 0.001, 0.1, 50.0 / 3.6
"""Road load at 50 km/h over the weight: 0.006 of a truck to 0.04 of a light quadricycle; steel wheels have 0.001 (estimate)."""
FASTEST_rad_per_s, SLOWEST_BASE_rad_per_s = 4000.0, 4.0
"""Of a machine: 40,000 rpm, beyond every one on the road; and peak power over peak torque of a slow hub motor (estimate)."""
MOST_W_per_kg, LEAST_W_per_kg = 1000.0, 0.5
"""Peak power over mass: the strongest car has 600, a road train 3 (estimate)."""
LEAST_SHARE = 0.02
"""Of the power of both axles that the weaker one has; less drives nothing (estimate)."""
MOST_PULL, MOST_A = 3.0, 4000.0
"""Of the weight, as the wheels' force: tyres hold once or twice; and current of the whole pack (estimates)."""
PACK_J_per_kg = (15.0 * 3600.0, 350.0 * 3600.0)
"""Energy over mass of packs: from lead to the best cells alone (estimate)."""
MOST_CHARGE_PER_h = 30.0
"""Charging power over energy: titanate buses take 10 (estimate)."""


def told_of_figures(figures: CarFigures) -> list[Told]:
    """Everything implausible, each with its place: single numbers first, and relations of those that are right by themselves."""
    told = list(_outside(figures))
    names = {place[0] for _, _, place in told}
    for what, hint, of in _relations(figures):
        if not names & set(of):
            told.append((what, hint, (of[0],)))
    return told


def _outside(figures: CarFigures) -> Iterator[Told]:
    for place, (low, high, why) in RANGES.items():
        value: object = figures
        for name in place:
            value = getattr(value, name, None)
        if not isinstance(value, float):
            continue
        si = units.unit_of(high).si
        least, most = units.parse(low, si), units.parse(high, si)
        if not least <= value <= most:
            shown = units.format_quantity(value, units.unit_of(low if value < least else high).name)
            yield f"{place[-1]} {shown} is not between {low} and {high}", f"{why}; check its unit", place
    for charge, power_W in figures.dc_curve or ():
        if not power_W <= 5e6:
            yield f"{power_W / 1e3:g} kW at {100.0 * charge:g} % is more than 5 MW", "check its unit", ("dc_curve",)


def _relations(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    yield from _of_masses(figures)
    yield from _of_machines(figures)
    yield from _of_road_load(figures)
    powers_W = [figures.dc_power or 0.0, figures.ac_power or 0.0, *(power for _, power in figures.dc_curve or ())]
    if max(powers_W) > MOST_CHARGE_PER_h * figures.battery_energy / 3600.0:
        minutes = figures.battery_energy / max(powers_W) / 60.0
        what = f"{max(powers_W) / 1e3:g} kW fill {figures.battery_energy / 3.6e6:g} kWh in {minutes:.2g} min"
        hint = "check the charging powers and battery_energy"
        yield what, hint, ("battery_energy", "dc_power", "ac_power", "dc_curve")


def _of_road_load(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    load, weight_N = figures.coast_down, figures.test_mass * GRAVITY_m_per_s2
    if load is None:
        return
    v = min(RESISTED_m_per_s, figures.top_speed or inf)
    force_N = load.constant + load.linear * v + load.quadratic * v**2
    most_N = max(abs(load.constant), abs(load.linear) * v, force_N)
    # What is below zero is told by the curve as a whole.
    if most_N > MOST_RESISTANCE * weight_N or 0.0 < force_N < LEAST_RESISTANCE * weight_N:
        what = f"a road load of {force_N:.3g} N at {3.6 * v:.3g} km/h, of terms up to {most_N:.3g} N, fits no vehicle"
        hint = "check the units of the coast-down and of test_mass"
        yield f"{what} of {figures.test_mass:.6g} kg", hint, ("coast_down", "test_mass")


def _of_masses(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    held_J = figures.battery_gross_energy or figures.battery_energy
    if figures.battery_mass is None:
        return
    pack_kg, of = figures.battery_mass, ("battery_mass", "test_mass")
    if pack_kg >= figures.test_mass:
        what = f"a battery of {pack_kg:.6g} kg is heavier than the vehicle of {figures.test_mass:.6g} kg"
        yield what, "battery_mass is part of test_mass", of
    least, most = PACK_J_per_kg
    if not least <= held_J / pack_kg <= most:
        what = f"{held_J / 3.6e6:.6g} kWh in {pack_kg:.6g} kg are {held_J / pack_kg / 3600.0:.3g} Wh/kg"
        hint = f"packs have {least / 3600.0:g} to {most / 3600.0:g}: check battery_mass and the energies"
        yield what, hint, ("battery_mass", "battery_energy", "battery_gross_energy")


def _of_machines(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    first_W, second_W = figures.motor_power, figures.second_motor_power or 0.0
    specific = (first_W + second_W) / figures.test_mass
    if not LEAST_W_per_kg <= specific <= MOST_W_per_kg:
        what = f"{(first_W + second_W) / 1e3:g} kW move {figures.test_mass:.6g} kg, {specific:.3g} W/kg"
        hint = f"vehicles have {LEAST_W_per_kg:g} to {MOST_W_per_kg:g}: check motor_power and test_mass"
        yield what, hint, ("motor_power", "second_motor_power", "test_mass")
    if second_W and min(first_W, second_W) < LEAST_SHARE * (first_W + second_W):
        what = f"machines of {first_W / 1e3:g} and {second_W / 1e3:g} kW: the weaker one drives nothing"
        yield what, "check motor_power and second_motor_power", ("second_motor_power", "motor_power")
    if figures.motor_torque is not None:
        base = first_W / figures.motor_torque
        if not SLOWEST_BASE_rad_per_s <= base <= FASTEST_rad_per_s:
            what = f"{figures.motor_torque:g} Nm reach {first_W / 1e3:g} kW at {base * 9.5493:.3g} rpm"
            yield what, "check motor_torque and motor_power", ("motor_torque", "motor_power")
    radius_m = figures.wheel_radius or GENERIC.wheel_radius_m
    ratio_per_m = GENERIC.ratio_per_radius_per_m if figures.gear_ratio is None else figures.gear_ratio / radius_m
    pull_N = (figures.motor_torque or 0.0) * ratio_per_m
    if pull_N > MOST_PULL * figures.test_mass * GRAVITY_m_per_s2:
        what = f"motor_torque through gear_ratio and wheel_radius pulls {pull_N / 1e3:.3g} kN"
        what += f", more than {MOST_PULL:g} times the weight of {figures.test_mass:.6g} kg"
        hint = "motor_torque is that of the machine, not of the wheels"
        yield what, hint, ("motor_torque", "gear_ratio", "wheel_radius", "test_mass")
    current_A = (first_W + second_W) / (figures.battery_voltage or inf)
    if current_A > MOST_A:
        what = f"{(first_W + second_W) / 1e3:g} kW from {figures.battery_voltage:g} V are {current_A:.6g} A"
        hint = f"no vehicle carries {MOST_A:g} A: check battery_voltage and motor_power"
        yield what, hint, ("battery_voltage", "motor_power", "second_motor_power")
    if figures.gear_ratio is not None:
        turns = (figures.top_speed or 0.0) * ratio_per_m
        if turns > FASTEST_rad_per_s:
            what = (
                f"at top speed the machine turns at {turns * 9.5493:.6g} rpm, beyond {FASTEST_rad_per_s * 9.5493:.3g}"
            )
            yield what, "check gear_ratio, wheel_radius and top_speed", ("gear_ratio", "wheel_radius", "top_speed")
