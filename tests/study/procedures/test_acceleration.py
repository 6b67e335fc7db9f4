"""Accelerations against uniform acceleration, and launches that grow slower as the winding warms."""

from __future__ import annotations

import pytest

from covolt.library.subject import Subject
from covolt.study.procedures.acceleration import PROCEDURES
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.track import road
from tests.study.procedures.sample import changed, city_car, did, plain

ISO8715, TEN = PROCEDURES


def pushed() -> tuple[Subject, float]:
    """A car without resistance, at constant torque and with all the grip: F / m, by hand."""
    subject = changed(
        plain(),
        lambda v: (
            v.body.drag_area_m2,
            v.body.bearing_coefficient,
            v.tyre.rolling_coefficient,
            v.tyre.grip_coefficient,
            v.axles[0].drive_unit.machine.peak_power_W,
            v.axles[0].transfer_ratio,
            v.driver.top_speed_m_per_s,
        ),
        (0.0, 0.0, 0.0, 5.0, 1e9, 0.0, 1e3),
    )
    axle, body = subject.vehicle.axles[0], subject.vehicle.body
    torque_Nm = float(axle.drive_unit.machine.peak_torque_Nm * axle.gearbox.ratio * axle.gearbox.mesh_efficiency)
    mass_kg = subject.carried_mass_kg + road(subject, Given()).payload_kg
    mass_kg += float(body.rotating_mass_kg)  # pyright: ignore[reportAttributeAccessIssue]  # the city car has a drag body
    return subject, torque_Nm / float(subject.vehicle.tyre.radius_m) / mass_kg


def test_uniform_acceleration() -> None:
    subject, a = pushed()
    measures = did(ISO8715, subject).measures
    for low, high in ((0, 30), (0, 50), (0, 100), (30, 50), (50, 80), (60, 100), (80, 120)):
        assert measures[f"time_{low}_{high}"] == pytest.approx((high - low) / 3.6 / a, rel=1e-6)
    assert measures["time_400_m"] == pytest.approx((2.0 * 400.0 / a) ** 0.5, rel=1e-4)


def test_the_times_of_the_city_car_add_up_and_need_more_than_the_power() -> None:
    measures = did(ISO8715, city_car()).measures
    assert measures["time_0_30"] < measures["time_0_50"] < measures["time_0_60"] < measures["time_0_100"]
    assert measures["time_0_30"] + measures["time_30_50"] == pytest.approx(measures["time_0_50"], rel=0.01)
    assert measures["time_0_60"] + measures["time_60_100"] == pytest.approx(measures["time_0_100"], rel=0.01)
    assert measures["speed_1_km"] == pytest.approx(150.0 / 3.6, rel=1e-9)
    mass_kg = city_car().carried_mass_kg + road(city_car(), Given()).payload_kg
    assert measures["time_0_100"] > 0.5 * mass_kg * (100.0 / 3.6) ** 2 / 80e3


def test_load_cold_and_an_emptier_battery_take_longer() -> None:
    usual = did(ISO8715, city_car()).measures["time_0_100"]
    for given in (Given(payload_kg=500.0), Given(ambient_temperature_K=253.15), Given(state_of_charge=0.15)):
        assert did(ISO8715, city_car(), given).measures["time_0_100"] > 1.01 * usual


def test_what_the_limiter_hides_is_explained() -> None:
    slow = Subject(city_car().vehicle, "slow", "M1", 1150.0, 375.0, 70.0 / 3.6)
    record = did(ISO8715, slow)
    assert set(record.missing) == {"time_0_100", "time_50_80", "time_60_100", "time_80_120"}
    assert "70 km/h at most" in record.missing["time_0_100"].said("en")
    assert set(did(TEN, slow).measures) == set()


def test_ten_launches_of_a_cool_machine_are_one() -> None:
    subject, a = pushed()
    record = did(TEN, subject)
    assert record.measures["time_first"] == pytest.approx(100.0 / 3.6 / a, rel=1e-6)
    assert record.measures["last_over_first"] == pytest.approx(1.0, abs=1e-3)
    single = did(ISO8715, city_car(), Given(state_of_charge=1.0)).measures["time_0_100"]
    assert did(TEN, city_car()).measures["time_first"] == pytest.approx(single, rel=2e-3)


def test_a_machine_of_little_heat_capacity_derates() -> None:
    small = changed(
        city_car(),
        lambda v: (
            v.axles[0].drive_unit.machine.heat_capacity_J_per_K,
            v.axles[0].drive_unit.machine.thermal_resistance_K_per_W,
        ),
        (2.8e3, 0.50),  # of ten launches the last are derated and none fails
    )
    record = did(TEN, small)
    assert record.measures["last_over_first"] > 1.02
    machine = small.vehicle.axles[0].drive_unit.machine
    hottest = record.measures["winding_temperature"]
    assert float(machine.derating_start_K) < hottest < float(machine.derating_end_K)
    times = [line.value_si for line in record.lines if line.title.said("en").startswith("launch")]
    assert len(times) == 10


def test_buses_launch_to_fifty() -> None:
    bus = Subject(city_car().vehicle, "bus", "M3", 1150.0, 375.0)
    assert did(TEN, bus).measures["time_first"] == pytest.approx(did(ISO8715, bus).measures["time_0_50"], rel=5e-3)
