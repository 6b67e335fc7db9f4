"""Starts on hills against the force at the wheels and the grip, climbs against power, trailers against both."""

from __future__ import annotations

import math

import numpy as np
import pytest

from covolt.study.procedures.gradeability import PROCEDURES, grip_slope, with_trailer
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.track import laden_mass_kg, road
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.part import GRAVITY_m_per_s2
from tests.study.procedures.sample import changed, city_car, did, plain

HILLS, TOWING = PROCEDURES


def wheel_force_N(subject) -> float:
    axle = subject.vehicle.axles[0]
    torque_Nm = float(axle.drive_unit.machine.peak_torque_Nm * axle.gearbox.ratio * axle.gearbox.mesh_efficiency)
    return torque_Nm / float(subject.vehicle.tyre.radius_m)


def rolling_coefficient(subject) -> float:
    return float(subject.vehicle.tyre.rolling_coefficient + subject.vehicle.body.bearing_coefficient)


def test_the_steepest_start_takes_all_the_torque() -> None:
    weak = changed(plain(), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 90.0)
    record = did(HILLS, weak)
    weight_N = laden_mass_kg(weak) * GRAVITY_m_per_s2
    exact = math.tan(math.asin(wheel_force_N(weak) / weight_N - rolling_coefficient(weak)))
    # 10 m in a minute take a little more than standing: 2 * 10 / 60^2 m/s2 over g.
    assert record.measures["start_slope"] == pytest.approx(exact, abs=2e-3)
    assert record.measures["slope"] == pytest.approx(exact, abs=2e-3)


def test_grip_bounds_the_start() -> None:
    icy = changed(plain(), lambda v: v.tyre.grip_coefficient, 0.2)
    record = did(HILLS, icy)
    share, transfer = (float(x) for x in (icy.vehicle.axles[0].load_fraction, icy.vehicle.axles[0].transfer_ratio))
    exact = 0.2 * share / (1.0 - 0.2 * transfer)
    assert grip_slope(icy.vehicle) == pytest.approx(exact, rel=1e-12)
    assert exact - 1.5 * rolling_coefficient(icy) < record.measures["start_slope"] < exact
    assert "start_30_time" in record.missing


def test_the_start_on_thirty_percent_is_uniform_acceleration() -> None:
    subject = plain()
    weight_N = laden_mass_kg(subject) * GRAVITY_m_per_s2
    force_N = wheel_force_N(subject) - weight_N * (0.3 / math.hypot(1.0, 0.3) + rolling_coefficient(subject))
    mass_kg = laden_mass_kg(subject) + float(subject.vehicle.body.rotating_mass_kg)  # pyright: ignore
    exact = math.sqrt(2.0 * 10.0 * mass_kg / force_N)
    assert did(HILLS, subject).measures["start_30_time"] == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("slope", [0.04, 0.12])
def test_the_speed_on_a_hill_balances_power_and_weight(slope: float) -> None:
    subject = changed(plain(), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 25e3)
    conditions = road(subject, Given())
    ambient = Ambient(conditions.ambient_temperature_K)
    r = subject.vehicle.body.at(ambient, conditions.payload_kg, subject.vehicle.tyre)
    power_W = 25e3 * float(subject.vehicle.axles[0].gearbox.mesh_efficiency)
    constant = float(r.rolling_N + r.constant_N + r.mass_kg * GRAVITY_m_per_s2 * slope / math.hypot(1.0, slope))
    roots = np.roots([float(r.quadratic_N_s2_per_m2), float(r.linear_N_s_per_m), constant, -power_W])
    exact = float(next(root.real for root in roots if abs(root.imag) < 1e-9 and root.real > 0.0))
    assert did(HILLS, subject).measures[f"speed_{100 * slope:.0f}"] == pytest.approx(exact, rel=1e-3)


def test_what_cannot_climb_says_so() -> None:
    feeble = changed(plain(), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 12.0)
    record = did(HILLS, feeble)
    assert {"speed_12", "start_30_time"} <= set(record.missing)
    assert set(did(TOWING, feeble).missing) == {"trailer_mass", "speed_12"}


def test_the_heaviest_trailer_takes_all_the_torque() -> None:
    weak = changed(plain(), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 110.0)
    record = did(TOWING, weak)
    sine = 0.12 / math.hypot(1.0, 0.12)
    exact = wheel_force_N(weak) / (GRAVITY_m_per_s2 * (sine + rolling_coefficient(weak))) - laden_mass_kg(weak)
    # 10 m in 40 s: the start needs 0.0125 m/s2 more, a hundredth of what the hill needs.
    assert record.measures["trailer_mass"] == pytest.approx(exact, rel=0.03)
    assert record.measures["trailer_mass"] < exact


def test_a_trailer_adds_no_grip() -> None:
    subject = changed(plain(), lambda v: (v.tyre.grip_coefficient, v.axles[0].transfer_ratio), (0.4, 0.0))
    own_kg = laden_mass_kg(subject)
    conditions = road(subject, Given(), own_kg)
    behind, loaded = with_trailer(subject.vehicle, own_kg, conditions, own_kg)
    assert float(behind.axles[0].load_fraction) == pytest.approx(0.5 * float(subject.vehicle.axles[0].load_fraction))
    assert loaded.payload_kg == pytest.approx(conditions.payload_kg + own_kg)
    record = did(TOWING, subject)
    pull = 0.4 * float(subject.vehicle.axles[0].load_fraction)
    sine = 0.12 / math.hypot(1.0, 0.12)
    exact = own_kg * (pull / (sine + rolling_coefficient(subject)) - 1.0)
    assert record.measures["trailer_mass"] == pytest.approx(exact, rel=0.03)


def test_the_city_car_tows() -> None:
    record = did(TOWING, city_car())
    alone = did(HILLS, city_car()).measures["speed_12"]
    assert 0.0 < record.measures["speed_12"] < alone
