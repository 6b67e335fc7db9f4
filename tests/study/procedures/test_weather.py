"""One rule for an ambient: heeded with the comforts on and the road load of that air, or refused."""

from dataclasses import replace

import pytest

from covolt.errors import InputError
from covolt.study.procedures import vecto_mission
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.procedures.track import road
from tests.study.procedures.sample import changed, city_car, did
from tests.study.procedures.test_sort import bus

COLD = Given(ambient_temperature_K=253.15)


@pytest.mark.parametrize("name", ["wltp", "wltp-family", "un-r101", "sae-j1634", "epa-five-cycle", "gtr-21", "un-r85"])
def test_a_laboratory_has_its_own_air(name):
    """A WLTP at -20 degC with the heating off and the rollers of 23 degC gave 212 km where the cold takes 122."""
    with pytest.raises(InputError, match="does not heed ambient") as refused:
        procedures()[name].do(city_car(), COLD)
    assert "'cold'" in refused.value.problems[0].hint


def test_on_the_road_a_given_weather_turns_the_comforts_on():
    assert not road(city_car(), Given()).comforts_on
    assert road(city_car(), COLD).comforts_on
    record = did(procedures()["iso-8715"], city_car(), Given(ambient_temperature_K=253.15, start="preconditioned"))
    warm = did(procedures()["iso-8715"], city_car())
    assert record.measures["time_0_100"] > warm.measures["time_0_100"]


def test_one_bus_in_the_cold_has_one_range():
    """SORT counted eleven kilometres of warm-up and went on as if the bus never settled: 66 km where it drives 100."""
    payload_kg = 2625.0
    given = Given(ambient_temperature_K=253.15, payload_kg=payload_kg)
    city = did(procedures()["sort-2"], bus(), given)
    chamber = did(procedures()["cold"], bus(), replace(given, cycle="sort-2"))
    assert city.measures["range"] == pytest.approx(chamber.measures["range"], rel=1e-6)
    mission = did(procedures()["vecto-mission"], bus(), replace(given, cycle="sort-2"))
    kept = 1.0 - vecto_mission.DETERIORATION
    assert mission.measures["range_reference"] / kept == pytest.approx(city.measures["range"], rel=0.02)
    ready = did(procedures()["sort-2"], bus(), replace(given, start="preconditioned"))
    assert 1.02 < ready.measures["range"] / city.measures["range"] < 1.2
    assert ready.measures["consumption"] < city.measures["consumption"]


def test_a_mission_in_the_cold_warms_up_once():
    given = Given(ambient_temperature_K=253.15, payload_kg=2625.0)
    soaked = did(procedures()["vecto-mission"], bus(), given).measures
    ready = did(procedures()["vecto-mission"], bus(), replace(given, start="preconditioned")).measures
    mild = did(procedures()["vecto-mission"], bus(), Given(payload_kg=2625.0)).measures
    assert 1.0 < ready["range_reference"] / soaked["range_reference"] < 1.2
    assert soaked["range_reference"] < 0.8 * mild["range_reference"]


def test_a_range_in_a_cabin_that_is_never_comfortable_says_so():
    """A bus cooled by a car's machine "met" its range in the heat while its saloon stood at 77 degC."""
    where = lambda v: (v.cabin.air_conditioner.capacity_W,)  # noqa: E731
    weak = did(procedures()["hot-soak"], changed(bus(), where, (2e3,)), Given(cycle="sort-2"))
    assert weak.shortfalls["range"].said("en").endswith("27 degC are asked for")
    assert set(weak.shortfalls) == {"range", "range_change", "consumption"}
    strong = did(procedures()["hot-soak"], changed(bus(), where, (40e3,)), Given(cycle="sort-2"))
    assert not strong.shortfalls
    assert strong.measures["range"] < weak.measures["range"]


@pytest.mark.parametrize(("name", "measure"), [("cold", "range"), ("sort-2", "range"), ("vecto-mission", "range_low")])
def test_a_heater_too_weak_is_told_in_every_range_of_the_cold(name, measure):
    given = Given(ambient_temperature_K=233.15, payload_kg=2625.0)
    weak = changed(bus(), lambda v: (v.cabin.heater.power_max_W,), (3e3,))
    assert "degC are asked for" in did(procedures()[name], weak, given).shortfalls[measure].said("en")
    # The doors of this saloon ask for much at -40 degC while they are open.
    strong = changed(bus(), lambda v: (v.cabin.heater.power_max_W,), (200e3,))
    told = did(procedures()[name], strong, given).shortfalls
    assert measure not in told or "asked for" not in told[measure].said("en")


def test_a_cabin_set_lower_is_comfortable_where_it_is_set():
    low = changed(bus(), lambda v: (v.cabin.heating_target_K, v.cabin.heater.power_max_W), (289.15, 80e3))
    assert not did(procedures()["sort-2"], low, COLD).shortfalls
