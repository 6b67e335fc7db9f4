"""The shipped cars at the post and at full throttle, each beside its own curve and what its maker states.

The names under which lists know a car, and published figures with their sources, stand in `published.toml`. A curve or a top
speed that its file states is not independent any more: such cars are named and not counted as independent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from intervals import of_charging, only_charging, standard_uncertainty
from published import names, published, quantity
from scoring import Scored, best_constant, read_rows, scored_rows
from validation_charging import FROM_FRACTION, LARGE_POST, TO_FRACTION, Curve, curves

from covolt.library.build import car, peak_power_W
from covolt.library.cars import car_names, figures
from covolt.library.subject import Subject
from covolt.simulation.charging import ChargingMission, charge
from covolt.simulation.mission import ZERO_CELSIUS_K
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.vehicle.assembly import Vehicle

CHARGE_GOAL, PERFORMANCE_GOAL = 20.0, 12.0
ROAD_VEHICLES = ("city-bus", "city-car")
"""Classes of vehicles, not one model: no list knows them."""


def shipped_cars() -> list[str]:
    """Shipped cars that are one model."""
    return [name for name in car_names() if name not in ROAD_VEHICLES]


def own_curve(name: str, measured: list[Curve]) -> Curve | None:
    """The car's curve in the folder, None where it has none."""
    wanted = " ".join(filter(None, names(name).get("open_ev_data", ())))
    return next((curve for curve in measured if wanted and curve.name == wanted), None)


def charge_rows(data: Path) -> list[dict[str, Any]]:
    """10 to 80 % of the shipped cars at a large post, 23 degC, against the curve of each in the folder."""
    measured, _ = curves(data) if (data / "charging").is_dir() else ([], [])
    cases: list[Scored] = []
    left_out: list[str] = []
    stated: list[str] = []
    for name in shipped_cars():
        curve = own_curve(name, measured)
        if curve is None:
            left_out.append(f"{name}: no curve of it in the folder")
            continue
        if figures(name).dc_curve is not None:
            stated.append(name)
        computed, u = standard_uncertainty(figures(name), _charge_time_min, change=only_charging, numbers=of_charging())
        note = names(name).get("open_ev_data_note", "")
        measured_min = curve.measured_s / 60.0
        both_u = float(np.hypot(u[0], curve.measured_u * measured_min))
        cases.append(Scored(f"{name} {note}".strip(), name, float(computed[0]), measured_min, both_u))
    if cases:
        constant = best_constant([one.measured for one in cases])
        cases = [Scored(c.case, c.car, c.computed, c.measured, c.standard_uncertainty, constant) for c in cases]
    fitted = f"curve in the car's file, so not independent: {', '.join(stated) or 'none'}; the others' curve is generic"
    found = scored_rows(
        "shipped_charge_time_max",
        cases,
        peer="measured DC charge curve of each car",
        goal=CHARGE_GOAL,
        fitted=fitted,
        plain_is="one time for all cars, the best for these",
        left_out=left_out,
        score=max,
    )
    return [_independent(row, len(cases) - len(stated)) for row in found]


def _charge_time_min(vehicles: Any) -> np.ndarray:
    return np.array([[_session_s(one) / 60.0] for one in vehicles])


def _session_s(of: Vehicle) -> float:
    return charge(of, ChargingMission(LARGE_POST, FROM_FRACTION, TO_FRACTION, ZERO_CELSIUS_K + 23.0)).time_s


def _independent(row: dict[str, Any], count: int) -> dict[str, Any]:
    return row if row["measured"] is None else row | {"cars": count}


def published_performance(data: Path) -> dict[str, dict[str, float]]:
    """Time to 100 km/h in s and highest speed in m/s by shipped car: of the folder's list, else of the maker."""
    path = data / "vehicles" / "emobpy_performance.csv"
    listed = {
        (row.get("make"), row.get("model"), row.get("year")): row for row in (read_rows(path) if path.exists() else ())
    }
    found: dict[str, dict[str, float]] = {}
    for name in shipped_cars():
        row = listed.get(tuple(names(name).get("emobpy", ())) or ("", "", ""))
        if row is not None:
            mine = {"time_0_100": row.get("acc_0_100_kmh_s", ""), "top_speed": row.get("top_speed_kmh", "")}
            scale = {"time_0_100": 1.0, "top_speed": 1.0 / 3.6}
            found[name] = {key: scale[key] * float(text) for key, text in mine.items() if text}
        elif name in published()["performance"]:
            stated = published()["performance"][name]
            units = {"time_0_100": "s", "top_speed": "m/s"}
            found[name] = {key: quantity(stated[key], unit) for key, unit in units.items() if key in stated}
    return found


def performance_rows(data: Path) -> list[dict[str, Any]]:
    """Standstill to 100 km/h, and the highest speed over 1 km, by ISO 8715."""
    wanted = published_performance(data)
    left_out = [f"{name}: no published figure with a source" for name in shipped_cars() if name not in wanted]
    times: list[Scored] = []
    speeds: list[Scored] = []
    for name, figure in wanted.items():
        of = figures(name)
        subject = Subject(car(of), name=name, top_speed_m_per_s=of.top_speed)
        found = procedures()["iso-8715"].do(subject, Given()).measures
        if "time_0_100" in figure and "time_0_100" in found:
            times.append(Scored(name, name, found["time_0_100"], figure["time_0_100"]))
        if "top_speed" in figure and "speed_1_km" in found:
            speeds.append(Scored(name, name, 3.6 * found["speed_1_km"], 3.6 * figure["top_speed"]))
    by_power = {name: figures(name).test_mass / peak_power_W(figures(name)) for name in wanted}
    scale = best_constant([one.measured / by_power[one.car] for one in times]) if times else 1.0
    times = [Scored(c.case, c.car, c.computed, c.measured, None, scale * by_power[c.car]) for c in times]
    one_speed = best_constant([one.measured for one in speeds]) if speeds else 1.0
    speeds = [Scored(c.case, c.car, c.computed, c.measured, None, one_speed) for c in speeds]
    stated = [one.car for one in speeds if figures(one.car).top_speed is not None]
    peer = "vehicles/emobpy_performance.csv, else the maker"
    return [
        *scored_rows(
            "shipped_time_0_100_max",
            times,
            peer=peer,
            goal=PERFORMANCE_GOAL,
            fitted="nothing fitted; published figures were read before",
            plain_is="mass over power times one number, the best for these",
            left_out=left_out,
            score=max,
        ),
        *(
            _independent(row, len(speeds) - len(stated))
            for row in scored_rows(
                "shipped_top_speed_max",
                speeds,
                peer=peer,
                goal=PERFORMANCE_GOAL,
                fitted=f"stated in the car's file, so not independent: {', '.join(stated) or 'none'}",
                plain_is="one speed for all cars, the best for these",
                left_out=left_out,
                score=max,
            )
        ),
    ]


def rows(data: Path) -> list[dict[str, Any]]:
    """All rows of the shipped cars beside their own curves and makers' figures."""
    return [*charge_rows(data), *performance_rows(data)]
