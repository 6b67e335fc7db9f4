"""Other classes on the road: events of Tesla Semis and trips of a Renault Twizy, of which only speed and charge were recorded.

Both vehicles stand in `vehicles/`, written down before the first run; nothing is fitted. Load, grade and pack of the Semis are
not known, nor is the Twizy's pack. The best constant energy per km, chosen on the very same trips, stands beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from intervals import battery_J, standard_uncertainty
from published import stated_uncertainties, vehicle_figures
from scoring import Scored, absent, best_constant, read_rows, scored_rows
from validation_trips import slope_fraction

from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission
from covolt.vehicle.ambient import pressure_at_altitude_Pa

SEMI, TWIZY = "trips_tesla_semi", "trips_renault_twizy"
SEMI_WEATHER_C = 25.0
"""September in California, an estimate; the files have no weather."""
TWIZY_PACK_kWh = 6.1
"""What the maker states; the trips were recorded as parts of it."""
Measured = tuple[str, str, float, float, Mission]
"""Case, vehicle, energy in kWh, distance in m, and the drive."""


def semi_events(data: Path) -> tuple[list[Measured], list[str]]:
    """Events with a trace whose charge fits its distance; and what was left out."""
    found: list[Measured] = []
    left_out: list[str] = []
    for row in read_rows(data / SEMI / "SUMMARY.csv"):
        name, path = row.get("id", ""), data / SEMI / f"{row.get('id')}_1hz.csv.gz"
        if not path.exists():
            left_out.append(f"{name}: no trace")
        elif row.get("usable_fit", "yes") != "yes":
            left_out.append(f"{name}: {row['usable_fit']}")
        else:
            speed = np.array([float(line["speed_kmh"] or 0.0) for line in read_rows(path)]) / 3.6
            conditions = Conditions(
                ambient_temperature_K=SEMI_WEATHER_C + ZERO_CELSIUS_K,
                state_of_charge=0.01 * float(row["soc_start_pct"]),
            )
            mission = Mission(name, {"target_m_per_s": speed[1:]}, 1.0, float(speed[0]), conditions)
            energy_kWh = 0.01 * float(row["dod_pct"]) * float(row["battery_kWh"])
            found.append((name, f"Semi {row.get('truck', '')}", energy_kWh, float(speed.sum()), mission))
    return found, left_out


def twizy_trips(data: Path) -> tuple[list[Measured], list[str]]:
    """All trips with a trace, their grade from the smoothed height of the satellite fix."""
    found: list[Measured] = []
    left_out: list[str] = []
    for row in read_rows(data / TWIZY / "SUMMARY.csv"):
        name, path = row.get("trip", ""), data / TWIZY / f"{row.get('trip')}_1hz.csv.gz"
        if not path.exists():
            left_out.append(f"{name}: no trace")
            continue
        table = read_rows(path)
        speed = np.array([float(line["speed_kmh"] or 0.0) for line in table]) / 3.6
        height = _filled([line.get("gps_altitude_m", "") for line in table])
        celsius = float(np.mean(_filled([line.get("ambient_C", "") for line in table], row.get("ambient_C") or 20.0)))
        middle = 0.5 * (speed[1:] + speed[:-1])
        distance = np.concatenate([[0.0], np.cumsum(middle)])
        slope = slope_fraction(distance, height)
        profile = {"target_m_per_s": speed[1:], "slope_fraction": 0.5 * (slope[1:] + slope[:-1]) * (middle > 0.0)}
        conditions = Conditions(
            ambient_temperature_K=celsius + ZERO_CELSIUS_K,
            pressure_Pa=float(pressure_at_altitude_Pa(float(np.mean(height)))),
            state_of_charge=0.01 * float(row["soc_start_pct"]),
        )
        mission = Mission(name, profile, 1.0, float(speed[0]), conditions)
        energy_kWh = 0.01 * float(row["dsoc_pct"]) * TWIZY_PACK_kWh
        found.append((name, "Twizy", energy_kWh, float(distance[-1]), mission))
    return found, left_out


def _filled(texts: Sequence[str], otherwise: Any = 0.0) -> np.ndarray:
    """Numbers with the gaps filled from their neighbours."""
    values = np.array([float(text) if text else np.nan for text in texts])
    good = np.isfinite(values)
    if not good.any():
        return np.full(values.size, float(otherwise))
    return np.interp(np.arange(values.size), np.flatnonzero(good), values[good])


def _rows(name: str, vehicle: str, found: tuple[list[Measured], list[str]], peer: str) -> list[dict[str, Any]]:
    measured, left_out = found
    if not measured:
        return scored_rows(name, [], peer=peer, left_out=left_out)
    missions = [mission for *_, mission in measured]
    computed, u = standard_uncertainty(vehicle_figures(vehicle), battery_J(missions), stated_uncertainties(vehicle))
    constant = best_constant([energy_kWh / road_m for _, _, energy_kWh, road_m, _ in measured])
    cases = [
        Scored(case, car, float(kWh), energy_kWh, float(u_kWh), constant * road_m)
        for (case, car, energy_kWh, road_m, _), kWh, u_kWh in zip(measured, computed / 3.6e6, u / 3.6e6, strict=True)
    ]
    return scored_rows(
        name,
        cases,
        peer=peer,
        fitted="nothing: vehicle and load written down before the first run",
        plain_is="the best constant energy per km, chosen on the same trips",
        left_out=left_out,
    )


def rows(data: Path) -> list[dict[str, Any]]:
    """Energy of the events and trips of both folders."""
    found: list[dict[str, Any]] = []
    for folder, name, vehicle, read, peer in (
        (SEMI, "semi_event_energy_mae", "tesla-semi", semi_events, "depth of discharge times usable energy"),
        (TWIZY, "twizy_trip_energy_mae", "renault-twizy", twizy_trips, "charge used times 6.1 kWh"),
    ):
        if (data / folder / "SUMMARY.csv").exists():
            found += _rows(name, vehicle, read(data), peer)
        else:
            found.append(absent(name, f"no {folder} in the folder"))
    return found
