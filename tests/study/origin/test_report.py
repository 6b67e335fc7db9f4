"""A report with requirements of origin, in both languages."""

from __future__ import annotations

import re

import pytest

from covolt.study.report.content import content
from covolt.study.report.page import page
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.study.origin.joined import programme_with
from tests.study.origin.test_origin import SCHEME, TERMS, ask

pytestmark = pytest.mark.whole


def test_the_page_tells_open_verdicts_and_the_lines_that_lead_to_them() -> None:
    from covolt.study.report.example import example_drive

    asked = [ask("A", "2027-01-01", "points", "1200 points"), ask("B", "2027-01-01", "points", "1500 points")]
    programme = programme_with(TERMS, {"known": SCHEME}, asked)
    said = content(programme, verify(programme, MemoryRecords()), day="2026-12-01")
    made = re.sub(
        "[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]",
        " ",
        page(said, example_drive(programme)[1].ledger),
    )
    for expected in (
        "open from 1 200 to 1 700 points: told by the press alone: painting of body",
        "не определено, от 1 200 до 1 700 баллов: только по сообщениям прессы: painting of body",
        "welding of body, integrator/body-3d@1.0.0 in RU",
        "welding of body, integrator/body-3d@1.0.0 в RU",
        "Origin and localisation",
        "Происхождение и локализация",
    ):
        assert expected in made, expected
