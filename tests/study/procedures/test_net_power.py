"""Power on the bench against the steady winding, and system power against the battery."""

from __future__ import annotations

import numpy as np
import pytest

from covolt.library.build import car
from covolt.library.cars import figures
from covolt.library.subject import Subject
from covolt.study.procedures.net_power import COOLANT_K, PROCEDURES, START_K, HELD_s, bench
from covolt.study.procedures.protocol import Given
from tests.study.procedures.sample import changed, city_car, did, plain

R85, GTR21 = PROCEDURES


def test_the_net_power_curve_is_the_envelope() -> None:
    machine = city_car().vehicle.axles[0].drive_unit.machine
    found = bench(city_car().vehicle.axles[0].drive_unit)
    w = found.speed_rad_per_s
    exact = np.minimum(float(machine.peak_torque_Nm) * w, float(machine.peak_power_W))
    below = w < 0.99 * float(machine.maximum_speed_rad_per_s) * (1.0 - 1e-9)
    assert np.allclose(found.net_W[below], exact[below], rtol=1e-9)
    record = did(R85, city_car())
    assert record.measures["power_peak"] == pytest.approx(80e3, rel=1e-9)
    assert record.measures["torque_peak"] == pytest.approx(float(machine.peak_torque_Nm), rel=1e-9)


def test_the_thirty_minute_power_ends_at_the_limit_of_the_winding() -> None:
    """With losses that do not depend on temperature the winding is an exponential in time."""
    resistance, constant_W, per_Nm = 0.08, 300.0, 8.0
    subject = changed(
        city_car(),
        lambda v: (
            v.axles[0].drive_unit.machine.thermal_resistance_K_per_W,
            v.axles[0].drive_unit.machine.heat_capacity_J_per_K,
            v.axles[0].drive_unit.machine.winding_heat_fraction,
            v.axles[0].drive_unit.constant_W,
            v.axles[0].drive_unit.torque_W_per_Nm,
            v.axles[0].drive_unit.torque_squared_W_per_Nm2,
            v.axles[0].drive_unit.speed_W_s,
        ),
        (resistance, 6e3, 1.0, constant_W, per_Nm, 0.0, 0.0),
    )
    machine = subject.vehicle.axles[0].drive_unit.machine
    found = bench(subject.vehicle.axles[0].drive_unit)
    left = np.exp(-HELD_s / (resistance * float(machine.heat_capacity_J_per_K)))
    limit_K = float(machine.derating_start_K)
    # T(t) = T_c + R P_l + (T_0 - T_c - R P_l) e^(-t/RC), solved for the loss P_l
    loss_W = (limit_K - COOLANT_K - (START_K - COOLANT_K) * left) / (resistance * (1.0 - left))
    torque_Nm = (loss_W - constant_W) / per_Nm
    exact_W = np.minimum(torque_Nm * found.speed_rad_per_s, found.net_W)
    assert np.any(exact_W < 0.9 * found.net_W)
    assert np.allclose(found.held_W, exact_W, rtol=5e-3)
    record = did(R85, subject)
    test_speed = 1.2 * float(machine.peak_power_W) / float(machine.peak_torque_Nm)
    assert found.speed_rad_per_s[-1] == pytest.approx(test_speed, rel=1e-12)
    assert record.measures["power_30_min"] == pytest.approx(float(torque_Nm) * test_speed, rel=5e-3)


def test_every_unit_counts() -> None:
    twice = changed(city_car(), lambda v: v.axles[0].unit_count, 2.0)
    one, two = did(R85, city_car()).measures, did(R85, twice).measures
    assert all(two[name] == pytest.approx(2.0 * one[name], rel=1e-12) for name in one)
    both = Subject(car(figures("model-3-lr-awd")))
    units_W = sum(float(axle.drive_unit.machine.peak_power_W) for axle in both.vehicle.axles)
    assert did(R85, both).measures["power_peak"] == pytest.approx(units_W, rel=1e-9)


def test_system_power_is_the_peak_of_the_machines_where_nothing_sags() -> None:
    record = did(GTR21, plain())
    assert record.measures["power_peak"] == pytest.approx(80e3, rel=2e-3)
    assert record.measures["power_sustained"] == pytest.approx(record.measures["power_peak"], rel=2e-3)


def test_a_system_has_no_more_power_than_its_machines_are_certified_for() -> None:
    """A full battery once gave 86.0 kW from a drive of 80.0."""
    certified_W = did(R85, city_car()).measures["power_peak"]
    for charge in (0.95, 0.5):
        record = did(GTR21, city_car(), Given(state_of_charge=charge))
        assert record.measures["power_peak"] <= certified_W * (1.0 + 1e-9)


def test_the_battery_bounds_system_power() -> None:
    weak = changed(
        city_car(),
        lambda v: v.battery.peak_discharge_rate_per_s,
        0.5 * float(city_car().vehicle.battery.peak_discharge_rate_per_s),
    )
    record = did(GTR21, weak)
    assert record.measures["power_peak"] < 0.8 * did(GTR21, city_car()).measures["power_peak"]
    limit = next(line.value_si for line in record.lines if line.title.said("en").startswith("limit"))
    assert limit == 2.0


def test_a_battery_almost_empty_gives_less() -> None:
    usual = did(GTR21, city_car()).measures["power_peak"]
    assert did(GTR21, city_car(), Given(state_of_charge=0.2)).measures["power_peak"] < usual
