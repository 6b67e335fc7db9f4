"""Truth at the post: 10 to 80 % by direct current, against measured charging curves.

A car's curve is what it asks of a post that could give more; with it as the car's limit a session must take as long as the
curve says. Sources: open-ev-data (chargeprice, MIT, state 2022; curves not marked as generic), where the time is that of the
curve, and EVKX pages, where it was read from the clock. Curves are given at the output of the charger.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.simulation.charging import ChargingMission, ChargingSession, charge
from covolt.simulation.mission import ZERO_CELSIUS_K
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.charger import GenericChargingCurve, Station

LARGE_POST = Station(power_max_W=600e3, current_max_A=2000.0, voltage_min_V=100.0, voltage_max_V=1000.0)
FROM_FRACTION, TO_FRACTION = 0.10, 0.80
FEWEST_POINTS = 4
"""A curve of three points is a guess, not a measurement."""
CURVE_POINTS = 101


@dataclass(frozen=True)
class Curve:
    """One measured curve: fraction shown and power, and the time it took."""

    name: str
    usable_J: float
    fraction: np.ndarray
    power_W: np.ndarray
    clock_s: float | None

    @property
    def curve_s(self) -> float:
        """Time of the curve, E integral ds / P(s): charger output taken as energy stored."""
        s = np.linspace(FROM_FRACTION, TO_FRACTION, 701)
        return self.usable_J * float(np.trapezoid(1.0 / np.interp(s, self.fraction, self.power_W), s))

    @property
    def measured_s(self) -> float:
        """Time by the clock where there was one."""
        return self.curve_s if self.clock_s is None else self.clock_s


def curves(data: Path) -> list[Curve]:
    """All different curves of both collections; variants of a car that share one count once."""
    folder = data / "charging"
    found: list[Curve] = []
    for file, energy in (
        ("open_ev_data_dc_curves.csv", "usable_battery_kWh"),
        ("evkx_dc_curves.csv", "usable_kWh_as_used_by_source"),
    ):
        groups: dict[str, list[dict[str, str]]] = defaultdict(list)
        if (folder / file).exists():
            with (folder / file).open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    groups[row["id"]].append(row)
        found += [curve for rows in groups.values() if (curve := _curve(rows, energy)) is not None]
    different = {(c.usable_J, c.clock_s, c.fraction.tobytes(), c.power_W.tobytes()): c for c in reversed(found)}
    return list(reversed(different.values()))


def _curve(rows: list[dict[str, str]], energy: str) -> Curve | None:
    fraction = 0.01 * np.array([float(row["soc_pct"]) for row in rows])
    power_W = 1e3 * np.array([float(row["dc_power_kW"]) for row in rows])
    inside = power_W[(fraction >= FROM_FRACTION) & (fraction <= TO_FRACTION)]
    if len(rows) < FEWEST_POINTS or not inside.min(initial=1.0) > 0.0 or not np.all(np.diff(fraction) > 0.0):
        return None
    clock_s = None
    if "time_s" in rows[0]:
        clock = np.array([float(row["time_s"]) for row in rows])
        clock_s = float(np.interp(TO_FRACTION, fraction, clock) - np.interp(FROM_FRACTION, fraction, clock))
    first = rows[0]
    name = first.get("vehicle") or " ".join(filter(None, (first["brand"], first["model"], first["variant"])))
    return Curve(name, 3.6e6 * float(first[energy]), fraction, power_W, clock_s)


def vehicle(curve: Curve) -> Vehicle:
    """A car with this battery; a socket that never binds, for the curve already holds what the real one does.

    Cells are chosen by the power they must serve: 2.7 kW of motor for each kWh, the middle of the list, and the curve itself.
    """
    usable_J = curve.usable_J
    grid = np.linspace(0.0, 1.0, CURVE_POINTS)
    power_W = np.maximum(np.interp(grid, curve.fraction, curve.power_W), 1.0)
    figures = CarFigures.model_validate(
        {
            "test_mass": "1900 kg",
            "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.009},
            "battery_energy": f"{usable_J / 3.6e6} kWh",
            "motor_power": f"{2.7 * usable_J / 3.6e6} kW",
            "dc_curve": [(float(z), f"{power} W") for z, power in zip(grid, power_W, strict=True)],
        }
    )
    return eqx.tree_at(lambda v: v.inlet.current_max_A, car(figures), jnp.asarray(2000.0))


def session(curve: Curve, *, generic: bool) -> ChargingSession:
    """10 to 80 % at a large post, 23 degC, by the car's own curve or by the generic one from its highest power."""
    of = vehicle(curve)
    if generic:
        limit = GenericChargingCurve(power_max_W=jnp.asarray(float(curve.power_W.max())))
        of = eqx.tree_at(lambda v: v.charging_curve, of, limit)
    return charge(of, ChargingMission(LARGE_POST, FROM_FRACTION, TO_FRACTION, ZERO_CELSIUS_K + 23.0))


def rows(data: Path) -> list[dict[str, Any]]:
    """Mean absolute error of the 10 to 80 % time, by each car's own curve and by the generic one."""
    measured = curves(data)
    if not measured:
        raise FileNotFoundError(2, "no charging curve", str(data / "charging"))
    offered: list[dict[str, Any]] = []
    for name, goal, generic in (
        ("charge_time_10_80_mae", 10.0, False),
        ("charge_time_10_80_generic_curve_mae", None, True),
    ):
        sessions = [session(curve, generic=generic) for curve in measured]
        errors = [100.0 * (one.time_s / curve.measured_s - 1.0) for one, curve in zip(sessions, measured, strict=True)]
        offered.append(
            {
                "name": name,
                "measured": float(np.mean(np.abs(errors))),
                "goal": goal,
                "unit": "%",
                "better": "lower",
                "peer": "measured DC charge curves",
                "cases": len(measured),
                "details": [{"case": "all", "bias_percent": float(np.mean(errors))}]
                + [
                    {
                        "case": curve.name,
                        "error_percent": error,
                        "measured_min": curve.measured_s / 60.0,
                        "computed_min": one.time_s / 60.0,
                        "battery_bound_fraction": float(np.mean(one["limit"] == 5)),
                        "battery_end_degC": one.battery_temperature_K - ZERO_CELSIUS_K,
                        "outcome": str(one.outcome),
                    }
                    for curve, one, error in zip(measured, sessions, errors, strict=True)
                ],
            }
        )
    return offered
