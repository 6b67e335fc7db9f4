"""What a road test is made in, and what is read from a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from covolt.library.subject import Subject
from covolt.simulation.mission import ZERO_CELSIUS_K
from covolt.simulation.run import simulate
from covolt.study.procedures.acceleration import PROCEDURES as ROAD_TESTS
from covolt.study.procedures.asking import Asking, ask_all
from covolt.study.procedures.driving import carry_out
from covolt.study.procedures.protocol import Given, Procedure, Recorder
from covolt.study.procedures.track import (
    fastest_over_m_per_s,
    laden_mass_kg,
    largest,
    launch,
    partly_discharged,
    prepared,
    road,
    road_mass_kg,
    time_between_s,
    time_over_s,
)
from covolt.vehicle.driver import IdealDriver, PIDriver
from covolt.words import Words
from tests.study.procedures.sample import changed, city_car, did


@pytest.mark.parametrize(
    ("load", "category", "mass"),
    [(100.0, "M1", 1250.0), (300.0, "M1", 1330.0), (375.0, "M1", 1337.5), (375.0, "M3", 1337.5), (None, "M1", 1330.0)],
)
def test_mass_of_the_road_test(load: float | None, category: str, mass: float) -> None:
    subject = replace(city_car(), maximum_load_kg=load, category=category)
    assert road_mass_kg(subject) == mass
    conditions = road(subject, Given())
    assert subject.carried_mass_kg + conditions.payload_kg == pytest.approx(mass)


def test_a_car_of_a_test_list_is_tested_at_its_test_mass() -> None:
    subject = replace(city_car(), kerb_mass_kg=None)
    assert road(subject, Given()).payload_kg == 0.0
    assert laden_mass_kg(subject) == subject.carried_mass_kg
    assert laden_mass_kg(city_car()) == 1150.0 + 375.0


def test_what_is_given_overrides() -> None:
    usual = road(city_car(), Given())
    assert usual.ambient_temperature_K == ZERO_CELSIUS_K + 20.0
    assert usual.vehicle_temperature_K == ZERO_CELSIUS_K + 40.0
    assert usual.state_of_charge == 1.0
    cold = road(city_car(), Given(ambient_temperature_K=253.15, payload_kg=50.0, state_of_charge=0.3))
    assert (cold.ambient_temperature_K, cold.payload_kg, cold.state_of_charge) == (253.15, 50.0, 0.3)
    assert cold.vehicle_temperature_K is None
    assert cold.battery_temperature_K is None
    ready = road(city_car(), Given(ambient_temperature_K=253.15, start="preconditioned"))
    assert ready.battery_temperature_K == ready.cabin_temperature_K == ZERO_CELSIUS_K + 20.0
    assert ready.vehicle_temperature_K is None


def test_the_test_driver_takes_the_wheel() -> None:
    cautious = PIDriver(0.5, 0.05, 2.0, 0.1, 1.0, 10.0)
    vehicle = replace(city_car().vehicle, driver=cautious)
    assert isinstance(prepared(replace(city_car(), vehicle=vehicle)).vehicle.driver, IdealDriver)
    assert prepared(city_car()) is city_car()


def test_an_aged_battery_is_driven() -> None:
    seen: list[Subject] = []

    def look(subject: Subject, given: Given, note: Recorder) -> None:
        seen.append(subject)

    procedure = Procedure("look", Words("Look"), "covolt", (), look, ("state_of_health_fraction",))
    procedure.do(city_car(), Given(state_of_health_fraction=0.8))
    older = seen[0].vehicle.battery
    assert float(older.capacity_C) == pytest.approx(0.8 * float(city_car().vehicle.battery.capacity_C))


def test_reading_a_run_with_even_steps() -> None:
    """Read from its own samples by hand: speeds between two steps lie on the line between them."""
    trace = simulate(city_car().vehicle, launch(20.0, road(city_car(), Given()), hold_m_per_s=5.0, hold_s=1.0))
    speed, clock = trace["speed_m_per_s"], trace.time_s
    assert np.all(np.diff(speed[19:200]) > 0.0)
    crossed = float(np.interp(20.0, speed[19:], clock[19:]))
    assert time_between_s(trace, 5.0, 20.0) == pytest.approx(crossed - 1.0, abs=1e-9)
    assert time_between_s(trace, 5.0, 90.0) is None
    assert time_between_s(trace, 2.0, 20.0) is None
    assert time_over_s(trace, 5.0) == pytest.approx(1.0, abs=1e-9)
    assert time_over_s(trace, 1e5) is None
    fastest = fastest_over_m_per_s(trace, 50.0)
    last = np.interp(trace.distance_m[-1] - 50.0, trace.distance_m, clock)
    assert fastest == pytest.approx(50.0 / (clock[-1] - last), rel=1e-2)
    assert fastest_over_m_per_s(trace, 1e5) is None


def test_the_largest_value_that_holds() -> None:
    def found(holds: Callable[[float], bool]) -> float | None:
        def asked(x: float) -> Asking[bool]:
            yield from ask_all([])
            return holds(x)

        return carry_out(largest(0.0, 1.0, asked))

    assert found(lambda x: x < 0.3) == pytest.approx(0.3, abs=2e-5)
    assert found(lambda x: True) == 1.0
    assert found(lambda x: False) is None


def test_accelerations_begin_with_two_fifths_of_the_window_discharged():
    """GB/T 18385-2005, 7.4 to 7.6: 40 % of discharge before accelerations and hills; a given charge stays."""
    car = changed(
        city_car(),
        lambda v: (v.battery.lowest_cell_charge_fraction, v.battery.highest_cell_charge_fraction),
        (0.1, 0.9),
    )
    found = partly_discharged(Given(), road(car, Given()))
    assert found.state_of_charge == pytest.approx(0.6)
    stated = Given(state_of_charge=0.3)
    assert partly_discharged(stated, road(car, stated)).state_of_charge == 0.3
    times = [did(ROAD_TESTS[0], car, one).measures["time_0_100"] for one in (Given(), Given(state_of_charge=0.6))]
    assert times[0] == pytest.approx(times[1])
