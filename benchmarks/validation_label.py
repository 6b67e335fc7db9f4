"""Truth of the range procedures: EPA label and WLTP range of the shipped cars beside what was published of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from intervals import range_m, relative_uncertainty
from published import names
from scoring import Scored, best_constant, read_rows, scored_rows

from covolt.library.build import car
from covolt.library.cars import car_names, figures
from covolt.library.figures import CarFigures
from covolt.library.subject import Subject
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.procedures.sae_j1634 import CITY_SHARE

YEAR = "2022"
"""Model year of the shipped cars."""
LABEL_GOAL, WLTP_GOAL = 5.0, 7.0


def own_factors(data: Path) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Adjustment of city and highway that the maker chose for his car: 0.7, or more by the five-cycle method; who has none."""
    listed = {
        row.get("model", ""): row
        for path in sorted((data / "epa").glob("fueleconomy_gov*.csv"))
        for row in read_rows(path)
        if row.get("year") == YEAR and row.get("city_adjust_factor") and row.get("hwy_adjust_factor")
    }
    factors: dict[str, tuple[float, float]] = {}
    unknown: list[str] = []
    for name in car_names():
        row = listed.get(names(name).get("fueleconomy", ""))
        if row is not None:
            factors[name] = float(row["city_adjust_factor"]), float(row["hwy_adjust_factor"])
        elif (measured := figures(name).measured) is not None and measured.label_range is not None:
            unknown.append(f"{name}: its factor is not in the folder")
    return factors, unknown


LABORATORY = Conditions(on_dynamometer=True)


def _label_uncertainty(of: CarFigures) -> float:
    """Of the label range over itself, from what the generic set leaves open of UDDS and HWFET."""
    missions = [follow(standard(name), LABORATORY) for name in ("udds", "hwfet")]
    return relative_uncertainty(of, range_m(missions, (CITY_SHARE, 1.0 - CITY_SHARE)))


def _wltp_uncertainty(of: CarFigures) -> float:
    """Of the WLTP range over itself; that the road load is the EPA's comes on top and is not in it."""
    return relative_uncertainty(of, range_m([follow(standard("wltc-3b"), LABORATORY)], (1.0,)))


def rows(data: Path) -> list[dict[str, Any]]:
    """Figures for the validation table."""
    factors, unknown = own_factors(data)
    default: list[Scored] = []
    own: list[Scored] = []
    wltp: list[Scored] = []
    for name in car_names():
        of = figures(name)
        measured = of.measured
        if measured is None:
            continue
        subject = Subject(car(of), name=name)
        if measured.label_range is not None:
            found = procedures()["sae-j1634"].do(subject, Given()).measures
            u = _label_uncertainty(of)
            default.append(_scored(name, found["label_range"], measured.label_range, u, of))
            if name in factors:
                city, highway = factors[name]
                label_m = (
                    CITY_SHARE * city * found["range_city_unadjusted"]
                    + (1.0 - CITY_SHARE) * highway * found["range_highway_unadjusted"]
                )
                own.append(_scored(name, label_m, measured.label_range, u, of))
        if measured.wltp_range is not None:
            found = procedures()["wltp"].do(subject, Given()).measures
            wltp.append(_scored(name, found["range"], measured.wltp_range, _wltp_uncertainty(of), of))
    return [
        *_rows("epa_label_range_mae", default, LABEL_GOAL, "label range, fueleconomy.gov; 0.7 for every car"),
        *_rows(
            "epa_label_range_own_factor_mae", own, LABEL_GOAL, "label range; the factor that each maker chose", unknown
        ),
        *_rows("wltp_range_mae", wltp, WLTP_GOAL, "published WLTP range; EPA test mass and coast-down"),
    ]


def _scored(name: str, range_m: float, published_m: float, relative: float, of: CarFigures) -> Scored:
    """In km; the plainest model, one energy per km for all cars, is put in its place once all are known."""
    return Scored(name, name, 1e-3 * range_m, 1e-3 * published_m, 1e-3 * range_m * relative, of.battery_energy)


def _rows(name: str, cases: list[Scored], goal: float, peer: str, left_out: Sequence[str] = ()) -> list[dict[str, Any]]:
    if cases:
        per_J = best_constant([one.measured / (one.plain or 1.0) for one in cases])
        cases = [replace(one, plain=per_J * (one.plain or 1.0)) for one in cases]
    return scored_rows(
        name,
        cases,
        peer=peer,
        goal=goal,
        fitted="the generic set has seen the EPA tests of these families; no range",
        plain_is="usable energy over one energy per km, the best for these cars",
        left_out=left_out,
    )


if __name__ == "__main__":
    import sys

    for row in rows(Path(sys.argv[1])):
        print(row)
