"""Truth of the range procedures: EPA label and WLTP range of the shipped cars beside what was published of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from covolt.library.build import car
from covolt.library.cars import car_names, figures
from covolt.study.procedures.sae_j1634 import CITY_SHARE, LABEL_FACTOR
from covolt.study.protocol import Given
from covolt.study.registry import procedures
from covolt.study.subject import Subject

MODELS = {
    "i4-edrive40": "i4 eDrive40 Gran Coupe (18 inch wheels)",
    "id4-pro-rwd": "ID.4 Pro",
    "ioniq-5-lr-rwd": "Ioniq 5 RWD (Long Range)",
    "kona-electric": "Kona Electric",
    "leaf-40": "Leaf (40 kW-hr battery pack)",
    "model-3-lr-awd": "Model 3 Long Range AWD",
    "model-3-rwd": "Model 3 RWD",
}
"""Shipped cars under the names of fueleconomy.gov, model year 2022; the others are not in the stored list."""
LABEL_GOAL, WLTP_GOAL = 6.0, 7.0


def own_factors(data: Path) -> dict[str, tuple[float, float]]:
    """Adjustment of city and highway that the maker chose for his car: 0.7, or more by the five-cycle method."""
    with (data / "epa" / "fueleconomy_gov_bev_1998_2023.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["model"]: row for row in csv.DictReader(file) if row["year"] == "2022"}
    return {
        name: (float(listed[model]["city_adjust_factor"]), float(listed[model]["hwy_adjust_factor"]))
        for name, model in MODELS.items()
    }


def rows(data: Path) -> list[dict[str, Any]]:
    """Figures for the validation table."""
    factors = own_factors(data)
    default: dict[str, float] = {}
    own: dict[str, float] = {}
    wltp: dict[str, float] = {}
    for name in car_names():
        measured = figures(name).measured
        if measured is None:
            continue
        subject = Subject(car(figures(name)), name=name)
        if measured.label_range is not None:
            found = procedures()["sae-j1634"].recipe(subject, Given()).measures
            default[name] = 100.0 * (found["label_range"] / measured.label_range - 1.0)
            city, highway = factors.get(name, (LABEL_FACTOR, LABEL_FACTOR))
            label_m = (
                CITY_SHARE * city * found["range_city_unadjusted"]
                + (1.0 - CITY_SHARE) * highway * found["range_highway_unadjusted"]
            )
            own[name] = 100.0 * (label_m / measured.label_range - 1.0)
        if measured.wltp_range is not None:
            found = procedures()["wltp"].recipe(subject, Given()).measures
            wltp[name] = 100.0 * (found["range"] / measured.wltp_range - 1.0)
    return [
        _row("epa_label_range_mae", default, LABEL_GOAL, "label range, fueleconomy.gov; 0.7 for every car"),
        _row("epa_label_range_own_factor_mae", own, LABEL_GOAL, "label range; the factor that each maker chose"),
        _row("wltp_range_mae", wltp, WLTP_GOAL, "published WLTP range; EPA test mass and coast-down"),
    ]


def _row(name: str, errors: dict[str, float], goal: float, peer: str) -> dict[str, Any]:
    return {
        "name": name,
        "measured": float(np.mean(np.abs(list(errors.values())))),
        "goal": goal,
        "unit": "%",
        "better": "lower",
        "peer": peer,
        "cases": len(errors),
        "details": {case: round(error, 1) for case, error in errors.items()},
    }


if __name__ == "__main__":
    import sys

    for row in rows(Path(sys.argv[1])):
        print(row)
