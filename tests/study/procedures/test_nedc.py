"""UN R101: what two cycles take, and where the range ends."""

from dataclasses import replace

import numpy as np
import pytest

from covolt.study.procedures.nedc import PROCEDURES
from covolt.study.procedures.segments import cycle_segments
from covolt.study.procedures.wltp import range_and_consumption
from covolt.study.protocol import Given
from covolt.study.subject import Subject
from tests.study.procedures.sample import changed, city_car, did

(PROCEDURE,) = PROCEDURES
CYCLE_m = 11_028.0


def test_consumption_is_the_mains_energy_over_two_cycles():
    record = did(PROCEDURE, city_car())
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    assert lines["D"] == pytest.approx(2.0 * CYCLE_m, rel=2e-3)
    assert record.measures["consumption"] == pytest.approx(lines["E"] / lines["D"])
    assert lines["m"] == pytest.approx(1150.0 + 100.0)


def as_cold_as_it_began() -> Subject:
    """The car with heat capacities so large that nothing warms: every cycle takes what the first did."""

    def capacities(vehicle):
        axle = vehicle.axles[0]
        return (
            vehicle.battery.heat_capacity_J_per_K,
            vehicle.tyre.heat_capacity_J_per_K,
            axle.gearbox.lubrication.heat_capacity_J_per_K,
            axle.drive_unit.machine.heat_capacity_J_per_K,
        )

    return changed(city_car(), capacities, tuple(1e9 * float(one) for one in capacities(city_car().vehicle)))


def test_the_range_is_what_the_usable_energy_pays():
    """UBE of the WLTP's own test, up to the same empty battery, over the energy of two cycles at the terminals."""
    car = as_cold_as_it_began()
    wltp = range_and_consumption(car, Given()).measures
    record = did(PROCEDURE, car)
    per_m = record.measures["consumption"] * wltp["usable_energy"] / wltp["recharged_energy"]
    assert record.measures["range"] == pytest.approx(wltp["usable_energy"] / per_m, rel=0.03)
    cycles = next(line.value_si for line in record.lines if line.symbol == "n")
    assert cycles * CYCLE_m <= record.measures["range"] * 1.001 < (cycles + 1.0) * CYCLE_m * 1.001


def test_a_car_that_misses_120_but_not_50_drives_on():
    """The curve has to be met up to 50 km/h only: 20 kW do not reach 120 km/h, 3 kW not even 50."""
    slow = changed(city_car(), lambda v: (v.axles[0].drive_unit.machine.peak_power_W,), (20e3,))
    record = did(PROCEDURE, slow)
    assert record.measures["range"] > 10.0 * CYCLE_m
    assert next(line.value_si for line in record.lines if line.symbol == "D") < 2.0 * CYCLE_m * 0.999
    weak = changed(city_car(), lambda v: (v.axles[0].drive_unit.machine.peak_power_W,), (3e3,))
    assert set(did(PROCEDURE, weak).missing) == {"range", "consumption"}


def test_a_limiter_holds_the_vehicle_below_the_curve():
    """80 km/h instead of 100 and 120: the way of the time above them is lost, and less is taken for each kilometre."""
    limited = replace(city_car(), top_speed_m_per_s=80.0 / 3.6)
    record, free = did(PROCEDURE, limited), did(PROCEDURE, city_car())
    speeds = cycle_segments("nedc", phases=False)[0].speed_m_per_s
    expected = 2.0 * float(np.sum(np.minimum(speeds, 80.0 / 3.6)))
    assert next(line.value_si for line in record.lines if line.symbol == "D") == pytest.approx(expected, rel=2e-3)
    assert record.measures["consumption"] < free.measures["consumption"]
