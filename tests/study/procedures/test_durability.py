"""GTR 22: the duty by hand, and losses that grow as the laws' exponents allow."""

import pytest

from covolt.study.procedures.durability import MINIMUM_5, MINIMUM_8, PROCEDURES
from covolt.study.protocol import Given
from tests.study.procedures.sample import did

(PROCEDURE,) = PROCEDURES


def test_full_cycles_a_day_are_what_a_day_takes_over_what_the_battery_holds(subject):
    record = did(PROCEDURE, subject)
    lines = {line.symbol or line.title.en: line.value_si for line in record.lines}
    daily = 20e6 / 365.25 * lines["EC"] / lines["UBE"]
    assert lines["n"] == pytest.approx(daily)


def test_losses_grow_between_the_square_root_and_the_three_quarters_power(subject):
    """x = k t^p with 0.5 <= p <= 0.75 in every law, calendar and use: (8/5)^p between 5 and 8 years."""
    lines = {line.title.en: line.value_si for line in did(PROCEDURE, subject).lines if line.symbol == "SOCE"}
    names = {title.rsplit(",", 1)[0] for title in lines}
    assert len(names) == 3
    for name in names:
        ratio = (1.0 - lines[f"{name}, 8 years"]) / (1.0 - lines[f"{name}, 5 years"])
        assert (8 / 5) ** 0.5 * 0.99 <= ratio <= (8 / 5) ** 0.75 * 1.01


def test_the_worst_law_counts_and_the_bounds_are_those_of_the_regulation(subject):
    m = did(PROCEDURE, subject).measures
    assert m["soce_5_years"] <= m["soce_5_years_middle"] <= m["soce_5_years_best"] <= 1.0
    assert m["soce_8_years"] < m["soce_5_years"]
    assert (MINIMUM_5, MINIMUM_8) == (0.80, 0.70)


def test_a_heavier_load_wears_more(subject):
    laden = did(PROCEDURE, subject, Given(payload_kg=400.0)).measures
    assert laden["soce_8_years"] < did(PROCEDURE, subject).measures["soce_8_years"]
