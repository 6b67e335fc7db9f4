"""Verdicts in the unit of each requirement, as CSV and as JUnit XML."""

import csv
import io
from xml.etree import ElementTree

import pytest

from covolt.study.verdicts.listed import in_own_unit, junit_text, table_text
from covolt.study.verdicts.verdict import Verdict

pytestmark = pytest.mark.whole


def requirement(programme, **changes):
    return programme.requirements["I-RANGE"].model_copy(update=changes)


def test_a_verdict_is_told_in_the_unit_of_its_requirement(programme):
    verdict = Verdict("X", "met", "maker", "need", value=150.0, unit="Wh/km", bound=145.0, margin=-5.0, uncertainty=2.0)
    own = in_own_unit(verdict, requirement(programme, at_least=None, at_most="14.5 kWh/100km"))
    assert (own.unit, own.value, own.bound) == ("kWh/100 km", pytest.approx(15.0), pytest.approx(14.5))
    assert (own.margin, own.expanded) == (pytest.approx(-0.5), pytest.approx(0.4))


def test_a_difference_of_temperatures_is_not_shifted(programme):
    verdict = Verdict("X", "met", "maker", "need", value=20.0, unit="degC", bound=40.0, margin=20.0, uncertainty=1.0)
    own = in_own_unit(verdict, requirement(programme, at_least=None, at_most="104 degF"))
    assert (own.value, own.bound, own.margin) == (pytest.approx(68.0), pytest.approx(104.0), pytest.approx(36.0))


def test_every_verdict_is_a_row(programme, verification):
    rows = list(csv.DictReader(io.StringIO(table_text(verification, programme))))
    assert [one["requirement"] for one in rows] == [one.requirement for one in verification.verdicts]
    for row, verdict in zip(rows, verification.verdicts, strict=True):
        assert row["verdict"] == verdict.verdict
        if verdict.value is not None:
            sign = 1.0 if row["side"] == "at least" else -1.0
            assert float(row["margin"]) == pytest.approx(sign * (float(row["value"]) - float(row["bound"])), abs=1e-6)


def test_a_title_runs_in_no_spreadsheet(programme, verification):
    title = programme.requirements["I-RANGE"].title.model_copy(update={"en": "=HYPERLINK(1)"})
    requirements = {**programme.requirements, "I-RANGE": requirement(programme, title=title)}
    assert "'=HYPERLINK" in table_text(verification, type("Read", (), {"requirements": requirements})())


def test_a_build_server_fails_where_verify_does(programme, verification):
    suite = ElementTree.fromstring(junit_text(verification, programme))
    failed = {one.get("name") for one in suite if one.find("failure") is not None}
    must = {one.requirement for one in verification.verdicts if one.kind in {"law", "constraint"} and not one.passes}
    broken = {f"{one.offer}: {one.promise}" for one in verification.conformances if not one.kept}
    assert failed == must | broken
    assert bool(failed) is not verification.acceptable
    assert int(suite.get("tests")) == len(suite) == len(verification.verdicts) + len(verification.conformances)
    assert int(suite.get("failures")) == len(failed)
