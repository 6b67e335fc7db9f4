"""Origin of a whole vehicle: verdicts by scheme, market and day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from covolt.contract.document import dumps
from covolt.programme.origin_scheme import OriginScheme
from covolt.study.cases.origin import origin
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.study.origin.joined import CITY_CAR, city_car, programme_with

SCHEME = OriginScheme.model_validate(
    {
        "schema": "origin-scheme/1",
        "id": "known",
        "title": "A scheme that is known whole",
        "source": "made for the test",
        "markets": ["RU"],
        "measure": "points",
        "countries": ["RU"],
        "operation": [
            {"id": "welding of body", "points": 400},
            {"id": "painting of body", "points": 500, "status": "press"},
            {"id": "cells", "points": 800, "valid_from": "2027-01-01"},
        ],
        "threshold": [
            {
                "use": "procurement",
                "title": "Procurement",
                "value": 400,
                "valid_from": "2026-01-01",
                "valid_until": "2026-12-31",
            },
            {"use": "procurement", "title": "Procurement", "value": 1000, "valid_from": "2027-01-01"},
        ],
    }
)
SCOPED = OriginScheme.model_validate(
    {
        "schema": "origin-scheme/1",
        "id": "scoped",
        "title": "A scheme with points of its own for cells",
        "source": "made for the test",
        "markets": ["RU"],
        "measure": "points",
        "countries": ["RU"],
        "maximum": 7000,
        "operation": [
            {"id": "welding of body", "points": 4000},
            {"id": "cells", "points": 300, "scope": "cells"},
        ],
        "threshold": [
            {"use": "of-cells", "title": "Cells", "value": 600, "valid_from": "2026-01-01", "scope": "cells"},
            {"use": "of-cars", "title": "Cars", "value": 4000, "valid_from": "2026-01-01"},
            {"use": "of-buses", "title": "Buses", "value": 1, "valid_from": "2026-01-01", "categories": ["M3"]},
        ],
    }
)
BODY = {"operations": [{"id": "welding of body", "country": "RU"}, {"id": "painting of body", "country": "RU"}]}
TERMS: dict[str, dict[str, Any]] = {
    "body": {"origin": BODY},
    "battery": {"origin": {"operations": [{"id": "cells", "country": "RU"}]}},
}


def ask(
    name: str, day: str, measure: str = "points_margin", bound: str = "0 points", scheme: str = "known/procurement"
):
    conditions = {"market": "RU", "date": day, "scheme": scheme}
    return {"id": name, "measure": measure, "at_least": bound, "conditions": conditions}


def test_points_over_a_threshold_by_day() -> None:
    asked = [
        ask("A", "2026-12-31"),
        ask("B", "2027-01-01"),
        ask("C", "2025-12-31"),
        ask("D", "2027-01-01", "points", "1700 points"),
        ask("E", "2027-01-01", "points", "1800 points"),
        ask("F", "2027-01-01", "share", "50 %"),
        ask("G", "2027-01-01", "points_margin", "0 points", "ru-pp-719/taxi-register"),
    ]
    found = {
        one.requirement: one
        for one in verify(programme_with(TERMS, {"known": SCHEME}, asked), MemoryRecords()).verdicts
    }
    # 400 sure, 500 more told by the press; from 2027 on 800 more.
    assert found["A"].verdict == "met, text not checked"
    assert found["A"].margin == pytest.approx(0.0)
    assert found["B"].verdict == "met, text not checked"
    assert found["B"].margin == pytest.approx(200.0)
    assert "told by the press alone" in str(found["B"].why)
    assert found["C"].verdict == "not verified"
    assert "no threshold of procurement is known that holds on 2025-12-31" in str(found["C"].why)
    assert found["D"].verdict == "not verified"
    assert "open from 1200 to 1700 points" in str(found["D"].why).replace("\N{THIN SPACE}", "").replace(
        "\N{NARROW NO-BREAK SPACE}", ""
    )
    assert found["E"].verdict == "not met"
    assert found["F"].verdict == "not verified"
    assert found["G"].verdict == "not verified"
    assert "traction motor" in str(found["G"].why)
    assert "тяговый электродвигатель" in found["G"].why.said("ru")


def test_a_threshold_of_cells_is_held_against_points_of_cells() -> None:
    asked = [
        ask("CELLS", "2026-12-31", scheme="scoped/of-cells"),
        ask("POINTS", "2026-12-31", "points", "300 points", "scoped/of-cells"),
        ask("CARS", "2026-12-31", scheme="scoped/of-cars"),
        ask("BUSES", "2026-12-31", scheme="scoped/of-buses"),
    ]
    programme = programme_with(TERMS, {"scoped": SCOPED}, asked)
    found = {one.requirement: one for one in verify(programme, MemoryRecords()).verdicts}
    assert (found["CELLS"].verdict, found["CELLS"].margin) == ("not met", -300.0)
    assert (found["POINTS"].verdict, found["POINTS"].value) == ("met, text not checked", 300.0)
    assert (found["CARS"].verdict, found["CARS"].margin) == ("met, text not checked", 0.0)
    assert found["BUSES"].verdict == "not verified"
    assert "of-buses is for vehicles of M3, and this is one of M1" in str(found["BUSES"].why)
    files = {one.relative_to(CITY_CAR).as_posix(): one.read_bytes() for one in CITY_CAR.rglob("*") if one.is_file()}
    files["tables/scoped.toml"] = dumps(SCOPED).encode()
    said = origin(files, market="RU", scheme="scoped", date="2026-12-31").schemes[0]
    margins = {one.use: (one.margin.low, one.margin.high) for one in said.uses}
    assert margins == {"of-cells": (-600.0, -600.0), "of-cars": (-4000.0, -4000.0)}


def test_uncertain_prices_make_the_share_of_value_uncertain() -> None:
    """By hand: S = sum of p s / sum of p, u(S)^2 = sum over offers of ((s - S) u / sum of p)^2; drawn 10^5 times too."""
    draw = np.random.default_rng(8)
    slots = sorted(locked_sheets(city_car()))
    price, u = draw.uniform(1e3, 9e4, len(slots)).round(0), draw.uniform(0.0, 0.03, len(slots))
    home = draw.uniform(0.0, 1.0, len(slots)).round(3)
    terms = {
        slot: {
            "origin": {"value": [{"country": "RU", "share": h}, {"country": "CN", "share": 1.0 - h}]},
            "supply": {
                "currency": "RUB",
                "valid_from": "2026-01-01",
                "price": [{"yearly_volume": 1000, "price": p, "u": round(p * r, 1)}],
            },
        }
        for slot, p, r, h in zip(slots, price.tolist(), u.tolist(), home.tolist(), strict=True)
    }
    scheme = SCHEME.model_copy(update={"id": "value", "measure": "value-share", "operation": (), "threshold": ()})
    asked = ask("S", "2026-12-31", "share", "50 %", "value")
    asked["conditions"]["yearly_volume"] = 1000
    [found] = verify(programme_with(terms, {"value": scheme}, [asked]), MemoryRecords()).verdicts
    whole = price.sum()
    share = float((price * home).sum() / whole)
    each = (home - share) * (price * u).round(1) / whole
    assert found.value == pytest.approx(100.0 * share, rel=1e-12)
    assert found.uncertainty == pytest.approx(100.0 * float(np.hypot.reduce(each)), rel=1e-9)
    drawn = price + (price * u).round(1) * draw.standard_normal((100_000, len(slots)))
    shares = (drawn * home).sum(axis=1) / drawn.sum(axis=1)
    assert found.uncertainty == pytest.approx(100.0 * float(shares.std()), rel=0.02)
