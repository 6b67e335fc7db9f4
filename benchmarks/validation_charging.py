"""Truth at the post: 10 to 80 % by direct current, against measured charging curves.

A car's curve is what it asks of a post that could give more; with it as the car's limit a session must take as long as the
curve says. Sources: open-ev-data (chargeprice, MIT, state 2022; curves not marked as generic), where the time is that of the
curve, and EVKX pages, where it was read from the clock. Curves are given at the output of the charger.
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
from covolt.vehicle.charger import Station, generic_charging_curve

LARGE_POST = Station(power_max_W=600e3, current_max_A=2000.0, voltage_min_V=100.0, voltage_max_V=1000.0)
FROM_FRACTION, TO_FRACTION = 0.10, 0.80
FEWEST_POINTS = 4
"""A curve of three points is a guess, not a measurement."""
CURVE_POINTS = 101


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
        """Time by the clock where there was one."""
        return self.curve_s if self.clock_s is None else self.clock_s


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


def figures(curve: Curve) -> CarFigures:
    """A car with this battery and curve.

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
            "dc_curve": [(float(z), f"{power} W") for z, power in zip(grid, power_W, strict=True)],
        }
    )


def session(curve: Curve, *, generic: bool) -> ChargingSession:
    """10 to 80 % at a large post, 23 degC, by the car's own curve or by the generic one from its highest power."""
    return charged(car(figures(curve)), generic_peak_W(curve) if generic else None)


def generic_peak_W(curve: Curve) -> float:
    """Highest power of a curve."""
    return float(curve.power_W.max())


def charged(of: Vehicle, peak_W: float | None) -> ChargingSession:
    """The session of a vehicle whose socket never binds, for the curve already holds what the real one does."""
    of = eqx.tree_at(lambda v: v.inlet.current_max_A, of, jnp.asarray(2000.0))
    if peak_W is not None:
        of = eqx.tree_at(
            lambda v: v.charging_curve, of, generic_charging_curve(jnp.asarray(peak_W), of.battery.energy_J())
        )
    return charge(of, ChargingMission(LARGE_POST, FROM_FRACTION, TO_FRACTION, ZERO_CELSIUS_K + 23.0))


def rows(data: Path) -> list[dict[str, Any]]:
    """Mean absolute error of the 10 to 80 % time, by each car's own curve and by the generic one."""
    measured, left_out = curves(data)
    if not measured and not left_out:
        raise FileNotFoundError(2, "no charging curve", str(data / "charging"))
    # The plainest curve: the same part of the highest power at every charge, the best one for these very curves.
    share = best_constant([_full_power_s(curve) / curve.measured_s for curve in measured]) if measured else 1.0
    relative = [_relative_uncertainty(curve) for curve in measured]
    offered: list[dict[str, Any]] = []
    for name, goal, generic, fitted in (
        ("charge_time_10_80_mae", 10.0, False, "each car's own curve is given; cells by the power they serve"),
        ("charge_time_10_80_generic_curve_mae", None, True, "shape of the generic curve: 56 of the shared curves"),
    ):
        sessions = [session(curve, generic=generic) for curve in measured]
        cases = [
            Scored(
                f"{number} {curve.name}",
                curve.model,
                one.time_s / 60.0,
                curve.measured_s / 60.0,
                relative[number - 1] * one.time_s / 60.0,
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


def _relative_uncertainty(curve: Curve) -> float:
    """Of a time over itself, from what the generic set leaves open of the pack; that a curve is generic is not in it."""

    def times_s(vehicles: Sequence[Vehicle]) -> np.ndarray:
        return np.array([[charged(one, None).time_s] for one in vehicles])

    found, u = standard_uncertainty(figures(curve), times_s, change=only_charging, numbers=of_charging())
    return float(u[0] / found[0])


def _full_power_s(curve: Curve) -> float:
    """Time at the highest power all the way."""
    return (TO_FRACTION - FROM_FRACTION) * curve.usable_J / float(curve.power_W.max())
