"""The chamber against the same drive at 23 degC, where there is nothing to heat or to cool."""

import pytest

from covolt.study.procedures.climate_chamber import PROCEDURES
from covolt.study.protocol import Given
from tests.study.procedures.sample import did

COLD, HOT, SWEEP = PROCEDURES


def test_at_23_degrees_the_chamber_changes_little(subject):
    record = did(COLD, subject, Given(ambient_temperature_K=296.15))
    assert record.measures["range_change"] == pytest.approx(0.0, abs=0.03)


def test_the_change_and_the_consumption_follow_from_their_lines(subject):
    record = did(COLD, subject)
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    assert record.measures["range_change"] == pytest.approx(lines["R"] / lines["R_23"] - 1.0)
    assert record.measures["consumption"] * lines["R"] == pytest.approx(lines["E_AC"])
    assert record.measures["cabin_5_min"] < record.measures["cabin_10_min"] < record.measures["cabin_20_min"]


def test_a_car_parked_in_the_sun_cools_down(subject):
    m = did(HOT, subject).measures
    assert 333.15 > m["cabin_5_min"] > m["cabin_20_min"]
    assert m["range_change"] < 0.0


def test_the_sweep_holds_the_single_drive(subject):
    """The point at -20 degC of the sweep is the range of the cold procedure."""
    lines = {line.title.en: line.value_si for line in did(SWEEP, subject).lines}
    assert lines["range at -20 degC"] == pytest.approx(did(COLD, subject).measures["range"])
    assert min(lines.values()) == did(SWEEP, subject).measures["worst_range"]
