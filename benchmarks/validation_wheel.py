"""Truth of the glider: tractive energy at the wheels over the certification cycles, from the EPA's coast-downs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scoring import read_rows

from covolt.errors import CovoltError
from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.simulation.cycles import standard
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, follow
from covolt.simulation.run import simulate

CYCLES = ("udds", "hwfet", "wltc-3b")
PUBLISHED: dict[str, tuple[float, tuple[float, float, float], tuple[tuple[float, float], ...]]] = {
    "Nissan Leaf 40 kWh": (1758, (25.89, 0.3449, 0.01945), ((133.9, -62.5), (128.8, -13.1), (158.6, -45.0))),
    "Nissan Leaf S+ 62": (1928, (28.15, 0.2892, 0.02009), ((142.7, -69.7), (132.2, -15.1), (166.0, -50.7))),
    "Chevrolet Bolt EV": (1758, (30.51, 0.0152, 0.02151), ((130.7, -63.3), (121.2, -13.8), (153.0, -46.0))),
    "Chevrolet Bolt EUV": (1814, (31.12, 0.0175, 0.02251), ((135.0, -65.4), (125.7, -14.2), (158.5, -47.4))),
    "Tesla Model 3 RWD": (1928, (37.17, 0.0470, 0.01440), ((137.7, -70.5), (111.6, -16.7), (147.4, -53.0))),
    "Tesla Model 3 LR AWD": (1928, (34.98, 0.0865, 0.01480), ((137.3, -70.7), (112.6, -16.7), (148.3, -53.0))),
    "Hyundai Ioniq 5 SR": (1928, (18.868, 0.59641, 0.016432), ((139.3, -71.2), (128.5, -15.5), (161.6, -51.9))),
    "Hyundai Ioniq 5 LR": (2041, (25.158, 0.10857, 0.022881), ((143.0, -76.8), (128.2, -17.2), (166.3, -56.2))),
    "Hyundai Ioniq 5 AWD": (2155, (26.849, 0.40922, 0.020726), ((155.9, -79.2), (142.3, -17.4), (180.4, -57.9))),
    "Hyundai Kona Electric": (1814, (24.859, -0.20036, 0.023656), ((124.4, -69.2), (109.7, -15.8), (145.3, -50.8))),
    "VW ID.4 Pro": (2155, (23.987, 0.29124, 0.016006), ((145.1, -82.8), (118.6, -19.6), (159.3, -62.0))),
    "MINI Cooper SE": (1588, (27.40, 0.4310, 0.01495), ((125.2, -54.8), (120.0, -11.5), (145.6, -39.5))),
    "BMW i4 eDrive40": (2268, (33.90, 0.0340, 0.01668), ((152.6, -86.8), (118.6, -21.2), (162.8, -65.9))),
}
"""Equivalent test mass in kg, target coast-down in lbf and mph (EPA 2022 test-car list), and the energies, Wh/km, positive
and negative over UDDS, HWFET and WLTC 3b, from those coefficients, inertia factor 1.0, mid-point speed."""
LABORATORY = Conditions(ambient_temperature_K=ZERO_CELSIUS_K + 23.0, on_dynamometer=True)


def figures(mass_kg: float, coefficients: tuple[float, float, float]) -> CarFigures:
    """A car with this glider and machines that never bind."""
    a, b, c = coefficients
    return CarFigures.model_validate(
        {
            "test_mass": f"{mass_kg} kg",
            "coast_down": {
                "constant": f"{a} lbf",
                "linear": f"{b} lbf/mph",
                "quadratic": f"{c} lbf/mph^2",
                "reference": "epa",
            },
            "battery_energy": "80 kWh",
            "motor_power": "250 kW",
        }
    )


def wheel_Wh_per_km(of: CarFigures, cycle: str) -> tuple[float, float]:
    """Positive and negative tractive energy, friction brakes included in the negative part."""
    trace = simulate(car(of), follow(standard(cycle), LABORATORY), throw=True)
    power_W = trace["wheel_power_W"] - trace["friction_brake_power_W"]
    scale = 1.0 / 3.6 / trace.result.distance_m
    return float(np.maximum(power_W, 0.0).sum()) * scale, float(np.minimum(power_W, 0.0).sum()) * scale


def listed(data: Path) -> dict[str, tuple[float, tuple[float, float, float]]]:
    """Every different coast-down of the folder's test-car list."""
    cars: dict[tuple[float, ...], str] = {}
    for path in sorted((data / "epa").glob("bev_test_inputs*.csv")):
        for row in read_rows(path):
            stated = [row.get(name, "") for name in ("etw_kg", "A_lbf", "B_lbf_per_mph", "C_lbf_per_mph2")]
            if all(stated) and float(stated[0]) > 0.0 and float(stated[3]) > 0.0:
                cars.setdefault(tuple(map(float, stated)), row.get("model", ""))
    return {f"{name} {key[0]:.0f} kg {key[1]:g}": (key[0], (key[1], key[2], key[3])) for key, name in cars.items()}


def integrated_Wh_per_km(mass_kg: float, coefficients: tuple[float, float, float], cycle: str) -> tuple[float, float]:
    """The same energies by plain summation, without any of covolt's vehicle: m a + A + B v + C v^2 at mid-point speed."""
    pound_N, mile_per_hour = 4.4482216152605, 0.44704
    a, b, c = coefficients
    shape = standard(cycle)
    v = np.asarray(shape.speed_m_per_s)
    mean, gain = 0.5 * (v[1:] + v[:-1]), np.diff(v)
    mph = mean / mile_per_hour
    power_W = np.where(mean > 0.0, mass_kg * gain + pound_N * (a + mph * (b + mph * c)), 0.0) * mean
    scale = 1.0 / 3.6 / mean.sum()
    return float(np.maximum(power_W, 0.0).sum()) * scale, float(np.minimum(power_W, 0.0).sum()) * scale


def rows(data: Path) -> list[dict[str, Any]]:
    """The largest deviation over the published 13 cars and over every coast-down of the folder."""
    cases: list[dict[str, Any]] = []
    for name, (mass, coefficients, published) in PUBLISHED.items():
        for cycle, wanted in zip(CYCLES, published, strict=True):
            found = wheel_Wh_per_km(figures(mass, coefficients), cycle)
            cases += _compared(f"{name} {cycle}", found, wanted)
    published_count = len(cases)
    left_out: list[str] = []
    for name, (mass, coefficients) in listed(data).items():
        try:
            for cycle in CYCLES:
                found = wheel_Wh_per_km(figures(mass, coefficients), cycle)
                cases += _compared(f"{name} {cycle}", found, integrated_Wh_per_km(mass, coefficients, cycle))
        except CovoltError as error:
            left_out.append(f"{name}: {error.problems[0].what}")
    row = {
        "goal": 0.5,
        "unit": "%",
        "better": "lower",
        "peer": "EPA coast-downs, integrated without covolt",
    }
    return [
        {
            "name": "wheel_energy_max",
            "measured": _worst(cases[:published_count]),
            "cases": len(PUBLISHED),
            "cars": len(PUBLISHED),
            "fitted": "nothing fitted",
            "details": cases,
            **row,
        },
        {
            "name": "wheel_energy_max_whole_list",
            "measured": _worst(cases[published_count:]),
            "cases": (len(cases) - published_count) // (2 * len(CYCLES)),
            "cars": (len(cases) - published_count) // (2 * len(CYCLES)),
            "fitted": "nothing fitted",
            "left_out": left_out,
            **({} if len(cases) > published_count else {"reason": "no coast-down in the folder"}),
            **row,
        },
    ]


def _worst(cases: list[dict[str, Any]]) -> float | None:
    """The largest deviation; None where there is no case."""
    return max((float(case["deviation_percent"]) for case in cases), default=None)


def _compared(case: str, found: tuple[float, float], wanted: tuple[float, float]) -> list[dict[str, Any]]:
    """Deviation in percent of both signs; the rounding of a printed figure to 0.1 Wh/km alone can make 0.4 %."""
    return [
        {
            "case": f"{case} {sign}",
            "computed_Wh_per_km": round(got, 3),
            "expected_Wh_per_km": round(want, 3),
            "deviation_percent": 100.0 * abs(got - want) / abs(want),
        }
        for sign, got, want in zip(("positive", "negative"), found, wanted, strict=True)
    ]
