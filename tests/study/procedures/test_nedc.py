"""UN R101: how consecutive cycles are weighed, and where the range ends."""

from dataclasses import replace

import numpy as np
import pytest

from covolt.library.subject import Subject
from covolt.simulation.many import ManyRunner
from covolt.study.procedures.driving import Batched, side_by_side
from covolt.study.procedures.nedc import PROCEDURES, driven_mass_kg
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.segments import cycle_segments
from covolt.study.procedures.wltp import PROCEDURES as WLTPS
from covolt.study.verdicts.checking import line_checked, own_checks
from tests.study.procedures.sample import changed, city_car, did, recorded

(PROCEDURE,) = PROCEDURES
CYCLE_m = 11_028.0


def test_range_and_consumption_are_the_weighted_ones_of_supplement_11():
    """By hand from the protocol: two leading cycles by their energy, the others alike."""
    record = did(PROCEDURE, city_car())
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    assert lines["D"] == pytest.approx(2.0 * CYCLE_m, rel=2e-3)
    assert lines["m"] == pytest.approx(1150.0 + 100.0)
    assert lines["K_1"] + lines["K_2"] + (lines["n"] - 2.0) * lines["K_3"] == pytest.approx(1.0)
    assert record.measures["range"] == pytest.approx(lines["UBE"] / lines["EC_DC"])
    assert record.measures["consumption"] == pytest.approx(lines["E_AC"] / record.measures["range"])
    # The first cycle starts cold and takes more: by its energy it counts more than its share.
    assert lines["K_1"] > 1.0 / (record.measures["range"] / CYCLE_m)


def test_a_van_is_tested_with_half_of_its_load():
    van = replace(city_car(), category="N1", maximum_load_kg=500.0)
    assert driven_mass_kg(van) == 1150.0 + 250.0
    assert driven_mass_kg(city_car()) == 1150.0 + 100.0


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
    wltp = recorded(WLTPS[0], car).measures
    record = did(PROCEDURE, car)
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    # Milder than the constant speed that empties the WLTP: a little more comes out of the same battery.
    assert wltp["usable_energy"] < lines["UBE"] < 1.02 * wltp["usable_energy"]
    cycles = lines["n"]
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


def test_the_end_of_the_test_is_not_taken_for_checked():
    """Covolt has read the weights of Supplement 11, not where the test ends."""
    unchecked = {
        one.symbol for one in did(PROCEDURE, city_car()).lines if not line_checked("un-r101", one, own_checks())
    }
    assert unchecked == {"UBE"}


def test_a_vehicle_that_drives_in_no_numbers_has_no_range():
    """A mass moved below nothing by its u: as one of many that are measured together, it stops none of them."""
    light = changed(city_car(), lambda v: v.body.mass_kg, -200.0)
    asking = PROCEDURE.asking(light, Given(payload_kg=0.0), protocol=False, unsure=False)
    (record,) = side_by_side([asking], answer=Batched(ManyRunner(1)))
    assert not record.measures
    assert "not a number" in str(record.missing["range"])
