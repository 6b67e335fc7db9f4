"""Public figures that no road vehicle can have: alone, and beside each other."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.words import Phrase, text

GRAVITY_m_per_s2 = 9.81
RANGES: Mapping[tuple[str, ...], tuple[str, str, Phrase]] = {
    ("test_mass",): ("200 kg", "150 t", text("from a light quadricycle to a road train")),
    ("battery_energy",): ("0.5 kWh", "3 MWh", text("from a light quadricycle to a road train")),
    ("battery_gross_energy",): ("0.5 kWh", "4 MWh", text("from a light quadricycle to a road train")),
    ("battery_voltage",): ("24 V", "1500 V", text("UN R100 ends at 1500 V of direct current")),
    ("battery_mass",): ("3 kg", "30 t", text("of the whole pack")),
    ("motor_power",): ("500 W", "3 MW", text("of one machine, or of all where no second one is stated")),
    ("motor_torque",): ("2 Nm", "50 kNm", text("at the shaft of the machine, not at the wheels")),
    ("second_motor_power",): ("500 W", "3 MW", text("of the machine of the other axle")),
    ("gear_ratio",): (
        "0.3",
        "60",
        text("turns of the machine for one of the wheel: 1 with hub motors, 7 to 13 in cars, to 30 in trucks"),
    ),
    ("wheel_radius",): ("0.1 m", "0.8 m", text("as rolled: 0.25 to 0.4 m in cars, 0.4 to 0.55 m in buses and trucks")),
    ("top_speed",): ("5 km/h", "500 km/h", text("no road vehicle is faster")),
    ("cabin_size",): ("0.1", "20", text("over a small car's 4.0 m x 1.78 m; an articulated bus has 6.5")),
    ("ac_power",): ("200 W", "500 kW", text("of the socket")),
    ("dc_power",): ("500 W", "5 MW", text("of the post; megawatt charging ends at 3.75 MW")),
    ("charging_above",): ("-60 degC", "30 degC", text("from this temperature on cells charge at all")),
    ("freezing_charge_ratio",): ("0.001", "1", text("charging at 0 degC over that at 25 degC")),
    ("auxiliary_power",): ("1 W", "100 kW", text("a car's 12 V net takes 0.1 to 0.5 kW, a bus's 3 to 8 kW")),
    ("drag_and_tyres", "drag_area"): ("0.1 m2", "15 m2", text("0.5 to 0.8 m2 in cars, 4 to 8 m2 in buses and trucks")),
    ("drag_and_tyres", "rolling_coefficient"): (
        "0.001",
        "0.05",
        text('0.005 to 0.012 by UN R117; a label in kg/t is written "9.5 kg/t"'),
    ),
    ("coast_down", "quadratic"): (
        "0.02 N/(m/s)^2",
        "12 N/(m/s)^2",
        text("half the density of the air times the drag area"),
    ),
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
