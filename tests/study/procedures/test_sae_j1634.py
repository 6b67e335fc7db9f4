"""The multi-cycle test against the table of test weights and against a certified car's own numbers."""

from dataclasses import replace

import pytest

from covolt.study.procedures.protocol import Given
from covolt.study.procedures.sae_j1634 import PROCEDURES, equivalent_test_weight_kg, load_kg
from covolt.study.procedures.wltp import weighted_consumption
from tests.study.procedures.sample import city_car, did

(PROCEDURE,) = PROCEDURES
LB = 0.45359237


@pytest.mark.parametrize(
    ("loaded_lb", "class_lb"),
    [
        (900, 1000),
        (1062, 1000),
        (1063, 1125),
        (1187, 1125),
        (3062, 3000),
        (3063, 3125),
        (3937, 3875),
        (3938, 4000),
        (4125, 4000),
        (4126, 4250),
        (4625, 4500),
        (4626, 4750),
        (5375, 5250),
        (5376, 5500),
        (5750, 5500),
        (5751, 6000),
        (6251, 6500),
    ],
)
def test_weights_fall_into_the_classes_of_the_table(loaded_lb, class_lb):
    """40 CFR 1066.805, table 1."""
    assert equivalent_test_weight_kg(loaded_lb * LB) == pytest.approx(class_lb * LB)


def test_a_car_is_tested_at_its_class_and_one_known_by_its_test_mass_at_that():
    car = city_car()
    assert car.kerb_mass_kg is not None
    line = did(PROCEDURE, car).lines[0]
    assert line.symbol == "ETW"
    assert line.value_si == pytest.approx(equivalent_test_weight_kg(car.kerb_mass_kg + 300.0 * LB))
    assert abs(line.value_si - (car.kerb_mass_kg + 300.0 * LB)) <= 62.5 * LB
    assert load_kg(car, Given(payload_kg=40.0)) == 40.0
    assert load_kg(replace(car, kerb_mass_kg=None), Given()) == 0.0


def test_the_first_cycle_weighs_its_share_and_the_others_share_the_rest():
    """K_1 = E_1 / UBE, K_2..4 = (1 - K_1) / 3, by hand: 20 of 100 in the first, at 200; the others at 150, 160 and 170."""
    parts = [(20.0, 0.1), (15.0, 0.1), (16.0, 0.1), (17.0, 0.1)]
    weights, consumption = weighted_consumption(100.0, parts)
    assert weights == pytest.approx([0.2, 0.8 / 3, 0.8 / 3, 0.8 / 3])
    assert consumption == pytest.approx(0.2 * 200.0 + 0.8 * 160.0)


def test_the_label_of_the_protocol_follows_from_its_lines():
    record = did(PROCEDURE, city_car())
    m = record.measures
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    combined = 0.55 * m["consumption_city_unadjusted"] + 0.45 * m["consumption_highway_unadjusted"]
    assert m["label_consumption"] == pytest.approx(combined / 0.7)
    assert lines["MPGe"] * m["label_consumption"] == pytest.approx(33_705.0 * 3600.0)
    assert m["consumption_city_unadjusted"] * m["range_city_unadjusted"] == pytest.approx(lines["RAF"] * lines["UBE"])
    share = next(line for line in record.lines if "20 %" in line.title.said("en"))
    assert 0.0 < share.value_si <= 0.20


def test_a_vehicle_limited_below_65_mph_cannot_do_it():
    record = did(PROCEDURE, replace(city_car(), top_speed_m_per_s=90.0 / 3.6))
    assert not record.measures
    assert "single-cycle" in record.missing["label_range"].said("en")
