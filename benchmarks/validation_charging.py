"""Truth at the post: 10 to 80 % by direct current, against measured charging curves.

A car's curve is what it asks of a post that could give more; with it as the car's limit a session must take as long as the
curve says. Sources: open-ev-data (chargeprice, MIT, state 2022; curves not marked as generic), where the time follows from the
curve, and EVKX pages, where it was read from the clock. Curves are given at the output of the charger: what heats the battery
and the 12 V loads are in the power and not in the energy that is stored, so that energy over power is shorter than the clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from intervals import of_charging, only_charging, standard_uncertainty
from scoring import Scored, best_constant, read_rows, scored_rows

from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.simulation.charging import ChargingMission, ChargingSession, charge
from covolt.simulation.mission import ZERO_CELSIUS_K
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.charger import Station

LARGE_POST = Station(power_max_W=600e3, current_max_A=2000.0, voltage_min_V=100.0, voltage_max_V=1000.0)
FROM_FRACTION, TO_FRACTION = 0.10, 0.80
FEWEST_POINTS = 4
"""A curve of three points is a guess, not a measurement."""
CURVE_POINTS = 101
CLOCK_OVER_CURVE, CLOCK_OVER_CURVE_u = 1.0445, 0.013
"""Time by the clock over stored energy by the output of the post, mean and scatter of the two curves that have both: Porsche
Taycan 1.035, Tesla Model Y 1.054 (EVKX)."""


CLOCK = "curves without a clock take 1.045 of their energy over power, as two with a clock do"


@dataclass(frozen=True)
class Curve:
    """One measured curve: fraction shown and power, and the time it took."""

    name: str
    model: str
    """Brand and model: variants of one model are not independent."""
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
        """Time by the clock; where there was none, that of the curve as curves with a clock stand to it."""
        return CLOCK_OVER_CURVE * self.curve_s if self.clock_s is None else self.clock_s

    @property
    def measured_u(self) -> float:
        """Standard uncertainty of that time over itself."""
        return CLOCK_OVER_CURVE_u / CLOCK_OVER_CURVE if self.clock_s is None else 0.0


def curves(data: Path) -> tuple[list[Curve], list[str]]:
    """All different curves of the folder, variants of a car that share one counting once; and what makes no curve."""
    folder = data / "charging"
    found: list[Curve] = []
    left_out: list[str] = []
    for path in sorted(folder.glob("*dc_curves*.csv")):
        groups: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in read_rows(path):
            groups[row.get("id", "")].append(row)
        for identifier, rows in groups.items():
            curve = _curve(rows)
            if isinstance(curve, Curve):
                found.append(curve)
            else:
                left_out.append(f"{_name(rows[0]) or identifier}: {curve}")
    different = {(c.usable_J, c.clock_s, c.fraction.tobytes(), c.power_W.tobytes()): c for c in reversed(found)}
    return list(reversed(different.values())), left_out


def _name(row: Mapping[str, str]) -> str:
    return row.get("vehicle") or " ".join(filter(None, (row.get(name, "") for name in ("brand", "model", "variant"))))


def _curve(rows: list[dict[str, str]]) -> Curve | str:
    """The curve of one car, or why there is none."""
    energy = next((rows[0][name] for name in rows[0] if name.startswith("usable") and "kWh" in name), "")
    try:
        usable_J = 3.6e6 * float(energy)
        fraction = 0.01 * np.array([float(row["soc_pct"]) for row in rows])
        power_W = 1e3 * np.array([float(row["dc_power_kW"]) for row in rows])
        clock = np.array([float(row["time_s"]) for row in rows]) if rows[0].get("time_s") else None
    except (KeyError, ValueError):
        return "a number is missing"
    inside = power_W[(fraction >= FROM_FRACTION) & (fraction <= TO_FRACTION)]
    if len(rows) < FEWEST_POINTS:
        return f"fewer than {FEWEST_POINTS} points"
    if not inside.min(initial=1.0) > 0.0 or not np.all(np.diff(fraction) > 0.0) or not usable_J > 0.0:
        return "power or charge does not make a curve"
    clock_s = None
    if clock is not None:
        clock_s = float(np.interp(TO_FRACTION, fraction, clock) - np.interp(FROM_FRACTION, fraction, clock))
    model = rows[0].get("vehicle") or " ".join(filter(None, (rows[0].get("brand"), rows[0].get("model"))))
    return Curve(_name(rows[0]), model, usable_J, fraction, power_W, clock_s)


def figures(curve: Curve, *, generic: bool = False) -> CarFigures:
    """A car with this battery and curve, or with its highest power alone.

    Cells are chosen by the power they must serve: 2.7 kW of motor for each kWh, the middle of the list, and the curve itself.
    """
    usable_J = curve.usable_J
    grid = np.linspace(0.0, 1.0, CURVE_POINTS)
    power_W = np.maximum(np.interp(grid, curve.fraction, curve.power_W), 1.0)
    return CarFigures.model_validate(
        {
            "test_mass": "1900 kg",
            "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.009},
            "battery_energy": f"{usable_J / 3.6e6} kWh",
            "motor_power": f"{2.7 * usable_J / 3.6e6} kW",
        }
        | (
            {"dc_power": f"{curve.power_W.max()} W"}
            if generic
            else {"dc_curve": [(float(z), f"{power} W") for z, power in zip(grid, power_W, strict=True)]}
        )
    )


def session(curve: Curve, *, generic: bool) -> ChargingSession:
    """10 to 80 % at a large post, 23 degC, by the car's own curve or by the generic one from its highest power."""
    return charged(car(figures(curve, generic=generic)))


def charged(of: Vehicle) -> ChargingSession:
    """The session of a vehicle whose socket never binds, for the curve already holds what the real one does."""
    of = eqx.tree_at(lambda v: v.inlet.current_max_A, of, jnp.asarray(2000.0))
    return charge(of, ChargingMission(LARGE_POST, FROM_FRACTION, TO_FRACTION, ZERO_CELSIUS_K + 23.0))


def rows(data: Path) -> list[dict[str, Any]]:
    """Mean absolute error of the 10 to 80 % time, by each car's own curve and by the generic one."""
    measured, left_out = curves(data)
    if not measured and not left_out:
        raise FileNotFoundError(2, "no charging curve", str(data / "charging"))
    # The plainest curve: the same part of the highest power at every charge, the best one for these very curves.
    share = best_constant([_full_power_s(curve) / curve.measured_s for curve in measured]) if measured else 1.0
    offered: list[dict[str, Any]] = []
    for name, goal, generic, fitted in (
        (
            "charge_time_10_80_mae",
            10.0,
            False,
            f"each car's own curve is given; cells by the power they serve; {CLOCK}",
        ),
        (
            "charge_time_10_80_generic_curve_mae",
            None,
            True,
            "shape of the generic curve: 56 of the shared curves; its scatter: all",
        ),
    ):
        sessions = [session(curve, generic=generic) for curve in measured]
        cases = [
            Scored(
                f"{number} {curve.name}",
                curve.model,
                one.time_s / 60.0,
                curve.measured_s / 60.0,
                float(np.hypot(_relative_uncertainty(curve, generic=generic), curve.measured_u)) * one.time_s / 60.0,
                _full_power_s(curve) / share / 60.0,
            )
            for number, (curve, one) in enumerate(zip(measured, sessions, strict=True), start=1)
        ]
        offered += scored_rows(
            name,
            cases,
            peer="measured DC charge curves",
            goal=goal,
            fitted=fitted,
            plain_is="one part of the highest power, fitted to the same times",
            left_out=left_out,
            details=[
                {
                    "case": f"{number} {curve.name}",
                    "battery_bound_fraction": float(np.mean(one["limit"] == 5)),
                    "battery_end_degC": one.battery_temperature_K - ZERO_CELSIUS_K,
                    "outcome": str(one.outcome),
                }
                for number, (curve, one) in enumerate(zip(measured, sessions, strict=True), start=1)
            ],
        )
    return offered


def _relative_uncertainty(curve: Curve, *, generic: bool) -> float:
    """Of a time over itself, from what the generic set leaves open of the pack, and of the curve where that is generic."""

    def times_s(vehicles: Sequence[Vehicle]) -> np.ndarray:
        return np.array([[charged(one).time_s] for one in vehicles])

    of = figures(curve, generic=generic)
    found, u = standard_uncertainty(of, times_s, change=only_charging, numbers=of_charging())
    return float(u[0] / found[0])


def _full_power_s(curve: Curve) -> float:
    """Time at the highest power all the way."""
    return (TO_FRACTION - FROM_FRACTION) * curve.usable_J / float(curve.power_W.max())
