"""Stops against the closed form of their deceleration, and the distances that the regulations prescribe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from covolt.library.subject import Subject
from covolt.simulation.run import simulate
from covolt.study.procedures.braking import (
    CONNECTED_CLAUSE,
    M1,
    M2,
    N1,
    PROCEDURES,
    Rule,
    disconnected,
    mean_fully_developed_m_per_s2,
    stop,
)
from covolt.study.procedures.braking import HEAVY as HEAVY_RULE
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.track import laden_mass_kg, road
from covolt.study.verdicts.checking import line_checked, own_checks
from covolt.vehicle.part import GRAVITY_m_per_s2
from tests.study.procedures.sample import changed, city_car, did, plain

CARS, HEAVY = PROCEDURES
DECLARED = 7.0


def with_brakes(deceleration: float | None = DECLARED) -> Subject:
    declared = {} if deceleration is None else {"brake": {"deceleration_maximum": deceleration}}
    return replace(city_car(), declared=declared)


@pytest.mark.parametrize(
    ("rule", "speed", "connected", "published"),
    [
        (M1, 100.0, False, 0.1 * 100.0 + 0.0060 * 100.0**2),
        (M1, 120.0, True, 0.1 * 120.0 + 0.0067 * 120.0**2),
        (N1, 80.0, False, 0.15 * 80.0 + 80.0**2 / 130.0),
        (M2, 60.0, False, 36.6923076923),
        (HEAVY_RULE, 60.0, True, 43.7826086957),
        (HEAVY_RULE, 90.0, True, 0.15 * 90.0 + 90.0**2 / 103.5),
    ],
)
def test_the_prescribed_distances(rule: Rule, speed: float, *, connected: bool, published: float) -> None:
    assert rule.longest_m(speed / 3.6, connected=connected) == pytest.approx(published, rel=1e-11)


@pytest.mark.parametrize("rule", [M1, N1, M2, HEAVY_RULE])
def test_the_prescribed_decelerations_are_those_of_the_distances_but_for_rounding(rule: Rule) -> None:
    assert 1.0 / (2.0 * rule.way_s2_per_m) == pytest.approx(rule.deceleration_m_per_s2, rel=4e-3)
    assert 1.0 / (2.0 * rule.connected_way_s2_per_m) == pytest.approx(rule.connected_deceleration_m_per_s2, rel=4e-3)


def test_the_record_holds_a_stop_against_the_formula_of_its_regulation() -> None:
    bus = replace(with_brakes(5.5), category="M3", top_speed_m_per_s=75.0 / 3.6)
    limits = [line.shown for line in did(HEAVY, bus).lines if line.title.said("en") == "prescribed at most"]
    assert limits == pytest.approx([36.6923076923, 36.6923076923, 43.7826086957], rel=1e-11)
    car = replace(with_brakes(), top_speed_m_per_s=150.0 / 3.6)
    limits = [line.shown for line in did(CARS, car).lines if line.title.said("en") == "prescribed at most"]
    assert limits == pytest.approx([70.0, 70.0, 12.0 + 0.0067 * 120.0**2], rel=1e-11)


def test_a_stop_that_brakes_can_give_follows_the_closed_form() -> None:
    record = did(CARS, with_brakes())
    v, t = M1.speed_m_per_s, M1.reaction_s
    exact = t * v + v * v / (2.0 * DECLARED) - DECLARED * t * t / 6.0
    for name in ("", "_recuperating"):
        assert record.measures[f"stopping_distance{name}"] == pytest.approx(exact, rel=1e-4)
        assert record.measures[f"mean_deceleration{name}"] == pytest.approx(DECLARED, rel=5e-3)
    faster = 0.8 * 150.0 / 3.6
    exact = t * faster + faster**2 / (2.0 * DECLARED) - DECLARED * t * t / 6.0
    assert record.measures["stopping_distance_fast"] == pytest.approx(exact, rel=1e-4)


def test_brakes_as_prescribed_stop_in_the_prescribed_distance() -> None:
    record = did(CARS, with_brakes(6.43))
    assert record.measures["stopping_distance"] == pytest.approx(70.0, rel=5e-3)
    assert record.measures["mean_deceleration"] == pytest.approx(6.43, rel=5e-3)


def test_a_stop_at_the_limit_of_grip_loses_its_energy_to_tyres_and_air() -> None:
    """m_eq v dv/ds = -(mu m g + c_0 + c_2 v^2): s = m_eq / (2 c_2) ln((A + c_2 v_1^2) / (A + c_2 v_2^2))."""
    subject = changed(plain(), lambda v: v.tyre.grip_coefficient, 0.5)
    vehicle = disconnected(subject.vehicle)
    conditions = road(subject, Given(), laden_mass_kg(subject))
    run = simulate(vehicle, stop(conditions, M1.speed_m_per_s, 0.0, 0.6 * GRAVITY_m_per_s2))
    m, body = laden_mass_kg(subject), vehicle.body
    rolling = float(vehicle.tyre.rolling_coefficient + body.bearing_coefficient)  # pyright: ignore
    held_N = m * GRAVITY_m_per_s2 * (0.5 + rolling)
    density = 101325.0 / (287.05 * conditions.ambient_temperature_K)
    c2 = 0.5 * density * float(body.drag_area_m2)  # pyright: ignore
    inertia = m + float(body.rotating_mass_kg)  # pyright: ignore
    v1, v2 = 0.8 * M1.speed_m_per_s, 0.1 * M1.speed_m_per_s
    way = inertia / (2.0 * c2) * np.log((held_N + c2 * v1**2) / (held_N + c2 * v2**2))
    assert mean_fully_developed_m_per_s2(run) == pytest.approx((v1**2 - v2**2) / (2.0 * way), rel=2e-3)


def test_recuperation_neither_shortens_nor_lengthens_a_stop_at_the_limit_of_grip() -> None:
    measures = did(CARS, with_brakes(None)).measures
    assert measures["stopping_distance_recuperating"] == pytest.approx(measures["stopping_distance"], rel=1e-6)


def test_a_gentle_stop_gives_most_of_the_energy_back_where_the_battery_takes_it() -> None:
    record = did(CARS, city_car())
    assert 0.5 < record.measures["recuperated_share"] < 0.95
    full = did(CARS, city_car(), Given(state_of_charge=1.0))
    assert full.measures["recuperated_share"] < 0.1
    cold = did(CARS, city_car(), Given(ambient_temperature_K=243.15))
    assert cold.measures["recuperated_share"] < 0.5 * record.measures["recuperated_share"]


def test_slow_cars_have_no_test_with_the_drive_connected() -> None:
    record = did(CARS, replace(with_brakes(), top_speed_m_per_s=110.0 / 3.6))
    assert set(record.missing) == {"stopping_distance_fast", "stopping_distance_fast_share", "mean_deceleration_fast"}


def test_a_car_slower_than_the_prescribed_speed_stops_from_its_own_and_has_no_distance_from_the_other() -> None:
    record = did(CARS, replace(with_brakes(6.43), top_speed_m_per_s=80.0 / 3.6))
    assert {"stopping_distance", "stopping_distance_recuperating"} < set(record.missing)
    assert "80 km/h and not the prescribed 100" in record.missing["stopping_distance"].said("en")
    assert record.measures["mean_deceleration"] == pytest.approx(6.43, rel=5e-3)
    v, t = 80.0 / 3.6, M1.reaction_s
    exact = (t * v + v * v / (2.0 * 6.43) - 6.43 * t * t / 6.0) / (0.1 * 80.0 + 0.0060 * 80.0**2)
    assert record.measures["stopping_distance_share"] == pytest.approx(exact, rel=1e-3)
    speeds = [line.shown for line in record.lines if line.title.said("en").startswith("test speed")]
    assert speeds == pytest.approx([80.0, 80.0])
    # The rule for slow vehicles is not in a text that was read.
    slow = next(line for line in record.lines if line.clause.endswith("1.2.2"))
    assert not line_checked("un-r13-h", slow, own_checks())


def test_the_limit_of_the_connected_test_that_nobody_found_is_unchecked_and_marks_that_test_alone() -> None:
    record = did(CARS, with_brakes())

    def unchecked(measure: str) -> set[str]:
        return {one.clause for one in record.lines_of(measure) if not line_checked("un-r13-h", one, own_checks())}

    assert unchecked("stopping_distance_fast") == unchecked("mean_deceleration_fast") == {CONNECTED_CLAUSE}
    assert (
        not unchecked("stopping_distance")
        | unchecked("mean_deceleration_recuperating")
        | unchecked("recuperated_share")
    )


def test_buses_brake_from_sixty() -> None:
    bus = replace(with_brakes(5.5), category="M3", top_speed_m_per_s=80.0 / 3.6)
    record = did(HEAVY, bus)
    v, t = 60.0 / 3.6, 0.54
    exact = t * v + v * v / 11.0 - 5.5 * t * t / 6.0
    assert record.measures["stopping_distance"] == pytest.approx(exact, rel=1e-4)
    speeds = [line.shown for line in record.lines if line.title.said("en").startswith("test speed")]
    assert speeds == pytest.approx([60.0, 60.0, 64.0])


def test_brakes_that_do_not_stop_the_car_are_named() -> None:
    record = did(CARS, with_brakes(1.5))
    assert "stopping_distance" in record.missing
