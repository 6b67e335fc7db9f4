"""Truth on the road: BMW i3 60 Ah trips, computed against the energy that left its battery.

The car is built from public figures and the generic set; nothing is fitted to a trip. The data is TU Munich's "Battery and
Heating Data in Real Driving Cycles" (doi 10.21227/6jr9-5235), one row a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from intervals import battery_J, standard_uncertainty
from scoring import Scored, absent, best_constant, read_rows, scored_rows

from covolt.library.build import GENERIC, Generic, car
from covolt.library.cars import figures as shipped
from covolt.library.figures import CarFigures
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace
from covolt.vehicle.ambient import pressure_at_altitude_Pa

FOLDER = "trips_bmw_i3_60ah"
SMOOTHING_m = 150.0
"""Height is read to 1 m: a slope over a shorter stretch is noise."""
STEEPEST_FRACTION = 0.10
BLOWER_W = 90.0
"""The given heater and compressor powers leave the blower out, which runs whenever people are aboard."""
CAR = "bmw-i3-60ah"
KNOWN = (FOLDER, "trips_tesla_semi", "trips_renault_twizy")
NEEDED = (
    "speed_kmh", "elevation_m", "ambient_C", "batt_power_kW", "batt_temp_C", "soc_pct", "cabin_sensor_C",
    "aircon_power_kW", "heater_power_can_kW",
)  # fmt: skip
UNKNOWN = {"test_mass": 50.0, "drag_area": 0.02, "rolling_coefficient": 0.0007}
"""Standard uncertainties, in SI, of what the car's file estimates: load and equipment, drag area, rolling (estimates)."""
LOAD_kg = 125.0
"""Beside the driver, who is in the car's mass: a passenger, and options and measuring equipment of 50 kg. Torque over strong
accelerations says the same: 1.5 to 1.6 t with rotating parts."""


@dataclass(frozen=True)
class Trip:
    """One measured trip: its columns, and what the summary says of it."""

    name: str
    columns: dict[str, np.ndarray]
    winter: bool
    flag: str

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    @property
    def heater_W(self) -> np.ndarray:
        """Heater power, nought where the signal cannot be true.

        The heater's own report (LIN bus) goes before the car's (CAN). The latter is often wrong in the summer trips: it is
        dropped where the summary says so, and where at standstill heater and compressor alone would draw more than
        the battery gave.
        """
        if "heater_power_lin_W" in self.columns:
            return np.maximum(self["heater_power_lin_W"], 0.0)
        heater_W = 1e3 * np.maximum(self["heater_power_can_kW"], 0.0)
        standing = self["speed_kmh"] < 0.05
        left_W = 1e3 * (self["batt_power_kW"] - self["aircon_power_kW"]) - heater_W
        impossible = bool(standing.any()) and float(np.median(left_W[standing])) < 0.0
        return heater_W * float(not impossible and "heater" not in self.flag.lower())

    @property
    def energy_J(self) -> float:
        """Net energy that left the battery: each row is the mean power of its second."""
        return 1e3 * float(self["batt_power_kW"][1:].sum())

    @property
    def distance_m(self) -> float:
        """Road driven, of mean speeds."""
        speed = self["speed_kmh"] / 3.6
        return float(0.5 * (speed[1:] + speed[:-1]).sum())


def trips(data: Path) -> tuple[list[Trip], list[str]]:
    """All trips of the folder that its summary lists and a file holds; and which of them cannot be driven."""
    folder = data / FOLDER
    found: list[Trip] = []
    left_out: list[str] = []
    for row in read_rows(folder / "SUMMARY.csv"):
        name = row.get("trip", "")
        path = folder / f"{name}_1hz.csv.gz"
        if not path.exists():
            left_out.append(f"{name}: no trace")
            continue
        columns = _read(path)
        missing = [column for column in NEEDED if column not in columns]
        if missing:
            left_out.append(f"{name}: no {', '.join(missing)}")
        else:
            found.append(Trip(name, columns, name.startswith("TripB"), row.get("flag", "")))
    return found, left_out


def _read(path: Path) -> dict[str, np.ndarray]:
    rows = read_rows(path)
    columns = {name: np.array([float(row[name] or "nan") for row in rows]) for name in (rows[0] if rows else ())}
    for values in columns.values():
        good = np.isfinite(values)
        if good.any() and not good.all():
            values[~good] = np.interp(np.flatnonzero(~good), np.flatnonzero(good), values[good])
    return columns


def slope_fraction(distance_m: np.ndarray, height_m: np.ndarray) -> np.ndarray:
    """Slope at each row: heights at even distances, averaged over a window, differentiated."""
    spacing_m = 5.0
    road_m = np.arange(0.0, distance_m[-1] + spacing_m, spacing_m)
    # standing rows add no road; the height there is that of the row before
    keep = np.concatenate([[True], np.diff(distance_m) > 1e-6])
    height = np.interp(road_m, distance_m[keep], height_m[keep])
    width = round(SMOOTHING_m / spacing_m) | 1
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(height, width // 2, mode="edge")
    smooth = np.convolve(padded, window / window.sum(), mode="valid")
    slope = np.gradient(smooth, spacing_m)
    return np.clip(np.interp(distance_m, road_m, slope), -STEEPEST_FRACTION, STEEPEST_FRACTION)


def mission(trip: Trip, *, climate_given: bool) -> Mission:
    """The trip as it was driven, with its climate powers given or its cabin modelled."""
    speed = trip["speed_kmh"] / 3.6
    middle = 0.5 * (speed[1:] + speed[:-1])
    distance = np.concatenate([[0.0], np.cumsum(middle)])
    slope = slope_fraction(distance, trip["elevation_m"])
    ambient_K = float(np.mean(trip["ambient_C"])) + ZERO_CELSIUS_K
    # a standing car needs no force, whatever the slope of the reading there
    profile = {"target_m_per_s": speed[1:], "slope_fraction": 0.5 * (slope[1:] + slope[:-1]) * (middle > 0.0)}
    if climate_given:
        profile["heater_power_W"] = trip.heater_W[1:] + BLOWER_W
        profile["air_conditioning_power_W"] = 1e3 * np.maximum(trip["aircon_power_kW"][1:], 0.0)
    conditions = Conditions(
        ambient_temperature_K=ambient_K,
        pressure_Pa=float(pressure_at_altitude_Pa(float(np.mean(trip["elevation_m"])))),
        payload_kg=LOAD_kg,
        comforts_on=not climate_given,
        lights_on=True,
        state_of_charge=0.01 * float(trip["soc_pct"][0]),
        battery_temperature_K=float(trip["batt_temp_C"][0]) + ZERO_CELSIUS_K,
        cabin_temperature_K=float(trip["cabin_sensor_C"][0]) + ZERO_CELSIUS_K,
    )
    return Mission(trip.name, profile, 1.0, float(speed[0]), conditions)


def errors_percent(
    found: list[Trip], *, climate_given: bool, figures: CarFigures | None = None, generic: Generic = GENERIC
) -> tuple[np.ndarray, list[Trace]]:
    """Computed over measured net battery energy less one, in percent, and the traces."""
    vehicle = car(figures or shipped(CAR), generic)
    traces = [simulate(vehicle, mission(trip, climate_given=climate_given), name=trip.name) for trip in found]
    ratio = [trace.result.battery_energy_J / trip.energy_J for trip, trace in zip(found, traces, strict=True)]
    return 100.0 * (np.array(ratio) - 1.0), traces


def unknown_trips(data: Path) -> list[str]:
    """Folders of trips whose vehicle nobody has described: they are named, not driven."""
    return [
        f"{folder.name}: no vehicle is described for it"
        for folder in sorted(data.glob("trips_*"))
        if folder.is_dir() and folder.name not in KNOWN
    ]


def rows(data: Path) -> list[dict[str, Any]]:
    """Mean absolute error with climate given and with the cabin modelled."""
    found, left_out = trips(data) if (data / FOLDER / "SUMMARY.csv").exists() else ([], [])
    left_out += unknown_trips(data)
    offered: list[dict[str, Any]] = []
    constant = {
        winter: best_constant([trip.energy_J / trip.distance_m for trip in found if trip.winter == winter])
        for winter in {trip.winter for trip in found}
    }
    for name, goal, given in (("i3_trip_energy_mae", 5.5, True), ("i3_trip_energy_cabin_mae", 8.5, False)):
        if not found:
            offered.append(absent(name, f"no trip of {FOLDER} in the folder", goal=goal, left_out=left_out))
            continue
        errors, traces = errors_percent(found, climate_given=given)
        missions = [mission(trip, climate_given=given) for trip in found]
        _, u = standard_uncertainty(shipped(CAR), battery_J(missions), UNKNOWN)
        cases = [
            Scored(
                trip.name,
                CAR,
                trace.result.battery_energy_J / 3.6e6,
                trip.energy_J / 3.6e6,
                float(u_J) / 3.6e6,
                constant[trip.winter] * trip.distance_m / 3.6e6,
            )
            for trip, trace, u_J in zip(found, traces, u, strict=True)
        ]
        offered += scored_rows(
            name,
            cases,
            peer="measured net energy of the battery",
            goal=goal,
            fitted="nothing fitted to a trip; bearing drag and tyre warmth were looked at with these",
            plain_is="the best constant energy per km of summer and of winter, chosen on the same trips",
            left_out=left_out,
            details=[*_by_season(found, errors), *_ended(found, traces)],
        )
    return offered


def _by_season(found: list[Trip], errors: np.ndarray) -> list[dict[str, Any]]:
    winter = np.array([trip.winter for trip in found])
    return [
        {"case": season, "mae_percent": float(np.mean(np.abs(these))), "bias_percent": float(np.mean(these))}
        for season, these in (("all", errors), ("summer", errors[~winter]), ("winter", errors[winter]))
        if these.size
    ]


def _ended(found: list[Trip], traces: list[Trace]) -> list[dict[str, Any]]:
    return [
        {
            "case": trip.name,
            "climate_kWh": trace.ledger.energy_J("cabin climate") / 3.6e6,
            "outcome": str(trace.outcome),
            "flag": trip.flag,
        }
        for trip, trace in zip(found, traces, strict=True)
    ]
