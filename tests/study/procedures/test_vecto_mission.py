"""Missions after VECTO: loadings, windows and what follows from them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from covolt.library.subject import Subject
from covolt.programme.reading import read_programme
from covolt.simulation.cycles import standard
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.vecto_mission import MISSIONS, PROCEDURES, loads, window
from covolt.study.verdicts.joined import locked_sheets, subject_of
from tests.study.procedures.sample import changed, did

(PROCEDURE,) = PROCEDURES
CITY_BUS = Path(__file__).parents[3] / "examples" / "city-bus"


@cache
def bus() -> Subject:
    programme = read_programme(CITY_BUS)
    return subject_of(locked_sheets(programme), programme.charter.vehicle, "city-bus")


@cache
def truck() -> Subject:
    return replace(bus(), category="N3", kerb_mass_kg=bus().carried_mass_kg, maximum_load_kg=6000.0)


@pytest.mark.parametrize("name", MISSIONS)
def test_missions_end_at_the_height_at_which_they_begin(name):
    cycle = standard(name)
    assert cycle.grade_fraction is not None
    slope = 0.5 * (cycle.grade_fraction[1:] + cycle.grade_fraction[:-1])
    step_m = 0.5 * (cycle.speed_m_per_s[1:] + cycle.speed_m_per_s[:-1]) * np.diff(cycle.time_s)
    assert abs(float(np.sum(slope * step_m))) < 5.0
    assert float(np.max(np.abs(cycle.grade_fraction))) < 0.1


@pytest.mark.parametrize("name", MISSIONS)
def test_every_mission_is_driven(name):
    record = did(PROCEDURE, bus(), Given(cycle=name))
    assert record.measures["consumption_low"] < record.measures["consumption_reference"]
    assert record.measures["range_low"] > record.measures["range_reference"]


def test_passenger_kilometres_are_the_consumption_over_the_passengers():
    record = did(PROCEDURE, bus())
    lines = {line.symbol: line.value_si for line in record.lines}
    assert lines["n"] == pytest.approx(85.0)  # declared, of 85.7 by floor
    per_passenger = record.measures["consumption_reference"] / lines["n"]
    assert record.measures["consumption_per_passenger"] == pytest.approx(per_passenger)
    assert "consumption_per_tonne" in record.missing


def test_tonne_kilometres_are_the_consumption_over_the_load():
    record = did(PROCEDURE, truck(), Given(cycle="vecto-regional-delivery"))
    per_tonne = record.measures["consumption_reference"] / 4400.0
    assert record.measures["consumption_per_tonne"] == pytest.approx(per_tonne)


def test_range_is_the_window_over_what_a_kilometre_takes_less_the_deterioration():
    lines = {line.title.said("en"): line.value_si for line in did(PROCEDURE, bus()).lines}
    new, aged = lines["range of the window, reference loading"], lines["range less deterioration, reference loading"]
    assert aged == pytest.approx(0.95 * new)
    assert lines["energy of the window, reference loading"] <= 1.001 * bus().declared["battery"]["energy_usable"]
    assert lines["energy of the window, reference loading"] / new < lines["from the mains, reference loading"]


def test_a_stated_health_is_the_deterioration_itself():
    lines = {
        line.title.said("en"): line.value_si
        for line in did(PROCEDURE, bus(), Given(state_of_health_fraction=0.8)).lines
    }
    assert lines["range less deterioration, reference loading"] == lines["range of the window, reference loading"]


def test_the_window_is_the_narrower_of_the_vehicle_and_the_rule():
    narrow = changed(
        bus(), lambda v: (v.battery.lowest_cell_charge_fraction, v.battery.highest_cell_charge_fraction), (0.2, 0.8)
    )
    assert window(narrow) == (0.2, 0.8)
    wide = changed(
        bus(), lambda v: (v.battery.lowest_cell_charge_fraction, v.battery.highest_cell_charge_fraction), (0.0, 1.0)
    )
    assert window(wide) == (0.05, 0.95)
    ranges = [did(PROCEDURE, one, Given(payload_kg=2625.0)).measures["range_reference"] for one in (narrow, wide)]
    assert ranges[0] / ranges[1] == pytest.approx(0.6 / 0.9, rel=0.03)


def test_loads_follow_the_floor_the_group_or_the_gross_mass_and_never_exceed_what_is_allowed():
    """By hand: 11.2 m x 2.55 m x 3 /m2 = 85.7 people; declared 85; permissible 5780 kg. Tables of VECTO for the trucks."""
    found = loads(bus(), "vecto-urban-bus")
    assert found.reference_kg == pytest.approx(85 * 68.0)
    assert found.low_kg == pytest.approx(0.2 * 11.2 * 2.55 * 3.0 * 68.0)
    decker = replace(bus(), decks=2, passengers=None, maximum_load_kg=9000.0, width_m=2.52)
    assert loads(decker, "vecto-urban-bus").reference_kg == pytest.approx(11.2 * 2.55 * 3.7 * 68.0)
    assert loads(replace(bus(), maximum_load_kg=3000.0), "vecto-urban-bus").reference_kg == 3000.0
    assert loads(truck(), "vecto-regional-delivery").reference_kg == 4400.0
    assert loads(truck(), "vecto-long-haul").reference_kg == 6000.0
    for gross_kg, mission, low_kg, reference_kg in (
        (7500.0, "vecto-urban-delivery", 250.0, 1250.0),
        (16000.0, "vecto-long-haul", 920.0, 6900.0),
        (11750.0, "vecto-regional-delivery", 585.0, 2925.0),
    ):
        medium = replace(truck(), category="N2", kerb_mass_kg=gross_kg - 7000.0, maximum_load_kg=7000.0)
        found = loads(medium, mission)
        assert (found.low_kg, found.reference_kg) == pytest.approx((low_kg, reference_kg))


def test_a_load_that_is_not_of_the_act_does_not_bear_its_name():
    unknown = replace(bus(), length_m=None)
    assert loads(unknown, "vecto-urban-bus").reference_kg == pytest.approx(2890.0)
    for subject, said in ((unknown, "covolt"), (bus(), "VECTO, loads")):
        record = did(PROCEDURE, subject)
        assert next(line.clause for line in record.lines if line.title.said("en") == "load, reference loading") == said
        assert any("not VECTO's" in one.said("en") for one in record.remarks) == (said == "covolt")


def test_a_given_payload_is_the_reference_and_the_cold_costs():
    mild = did(PROCEDURE, bus())
    empty = did(PROCEDURE, bus(), Given(payload_kg=loads(bus(), "vecto-urban-bus").low_kg))
    assert empty.measures["consumption_reference"] == pytest.approx(mild.measures["consumption_low"], rel=1e-6)
    cold = did(PROCEDURE, bus(), Given(ambient_temperature_K=253.15))
    assert cold.measures["range_reference"] < mild.measures["range_reference"]


def test_a_battery_emptied_on_the_way_still_gives_a_figure():
    # Without the limiter of 75 km/h, for which the long haul waits before the battery is empty.
    free = changed(bus(), lambda v: (v.driver.top_speed_m_per_s,), (1e3,))
    # The cells' voltage is higher at the top, so that the upper 29 of 90 points hold a little more than their share.
    small = changed(free, lambda v: (v.battery.lowest_cell_charge_fraction,), (0.66,))
    record = did(PROCEDURE, small, Given(cycle="vecto-long-haul", payload_kg=2625.0))
    shares = [line.value_si for line in record.lines if line.title.said("en").startswith("share of the mission")]
    assert all(0.25 <= share < 0.9 for share in shares)
    whole = did(PROCEDURE, free, Given(cycle="vecto-long-haul", payload_kg=2625.0)).measures
    assert record.measures["range_reference"] == pytest.approx(0.29 / 0.9 * whole["range_reference"], rel=0.1)
