"""Origin of a whole vehicle: verdicts by scheme, market and day."""

from __future__ import annotations

from typing import Any

import pytest

from covolt.programme.origin_scheme import OriginScheme
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.study.origin.joined import programme_with

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
