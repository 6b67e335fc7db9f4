"""Maximum speed against the balance of forces, and what holds it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.optimize import brentq

from covolt.library.subject import Subject
from covolt.study.procedures.maximum_speed import PROCEDURES
from covolt.study.procedures.protocol import Given, Record
from covolt.study.procedures.track import road
from covolt.vehicle.ambient import Ambient
from tests.study.procedures.sample import changed, city_car, did, plain

(R68,) = PROCEDURES


def limit_of(record: Record) -> float:
    return next(line.value_si for line in record.lines if line.title.said("en").startswith("active limit"))


def by_hand(subject: Subject) -> float:
    """Speed at which P eta, the power at the wheels without sag, equals F(v) v."""
    conditions, axle = road(subject, Given()), subject.vehicle.axles[0]
    ambient = Ambient(conditions.ambient_temperature_K)
    r = subject.vehicle.body.at(ambient, conditions.payload_kg, subject.vehicle.tyre)
    power_W = float(axle.drive_unit.machine.peak_power_W) * float(axle.gearbox.mesh_efficiency)

    def missing_W(v: float) -> float:
        constant = float(r.rolling_N + r.constant_N) + float(r.linear_N_s_per_m) * v
        return power_W - (constant + float(r.quadratic_N_s2_per_m2) * v * v) * v

    return float(brentq(missing_W, 20.0, 100.0))


def test_the_maximum_speed_balances_power_and_resistance() -> None:
    subject = changed(plain(), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 30e3)
    record = did(R68, subject)
    assert record.measures["speed"] == pytest.approx(by_hand(subject), rel=5e-4)
    assert limit_of(record) == 1.0


def test_the_limiter_binds_first() -> None:
    record = did(R68, city_car())
    assert record.measures["speed"] == pytest.approx(150.0 / 3.6, rel=1e-9)
    assert limit_of(record) == 0.0


def test_the_rotor_cannot_turn_faster() -> None:
    subject = changed(plain(), lambda v: v.axles[0].drive_unit.machine.maximum_speed_rad_per_s, 800.0)
    record = did(R68, subject)
    assert limit_of(record) == 5.0
    per_speed = float(subject.vehicle.axles[0].gearbox.ratio / subject.vehicle.tyre.radius_m)
    assert 0.99 * 800.0 / per_speed < record.measures["speed"] < 800.0 / per_speed


def test_charge_bounds_the_speed_of_thirty_minutes() -> None:
    full, low = did(R68, city_car()), did(R68, city_car(), Given(state_of_charge=0.25))
    assert low.measures["speed_30_min"] < 0.7 * full.measures["speed_30_min"]
    assert full.measures["speed_30_min"] <= full.measures["speed"]


def test_heat_bounds_the_speed_of_thirty_minutes() -> None:
    hot = changed(
        plain(),
        lambda v: (
            v.axles[0].drive_unit.machine.thermal_resistance_K_per_W,
            v.axles[0].drive_unit.machine.heat_capacity_J_per_K,
        ),
        (0.32, 4e3),
    )
    record = did(R68, hot)
    assert record.measures["speed_30_min"] < 0.9 * record.measures["speed"]
    machine = hot.vehicle.axles[0].drive_unit.machine
    winding = next(line.value_si for line in record.lines if line.title.said("en").startswith("winding at the end"))
    assert float(machine.derating_start_K) < winding < float(machine.derating_end_K)


def test_a_vehicle_that_hardly_moves_says_so() -> None:
    weak = changed(plain(), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 1.0)
    record = did(R68, replace(weak, top_speed_m_per_s=None))
    assert set(record.missing) == {"speed", "speed_30_min"}


def test_a_speed_that_the_limiter_holds_says_so_and_no_other() -> None:
    """A limiter of 150 km/h: a tenth more power moves nothing, and "± 0" would hide why."""
    limited = did(R68, city_car())
    assert limited.at_stop["speed"].said("en") == "at the limiter of 150 km/h"
    assert limited.measures["speed"] == pytest.approx(150.0 / 3.6, rel=1e-3)
    assert not did(R68, plain()).at_stop
