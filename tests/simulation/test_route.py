"""Routes by distance: what is asked for, and roads in files."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sample import compact

from covolt.errors import CycleError, InputError
from covolt.simulation.mission import Conditions
from covolt.simulation.route import Foot, Leg, LONGEST_m, drive_route, read_route
from covolt.simulation.run import simulate

legs = st.lists(
    st.builds(Leg, st.floats(50.0, 3000.0), st.floats(3.0, 35.0), st.floats(-0.05, 0.05), st.sampled_from([0.0, 20.0])),
    min_size=1,
    max_size=6,
)


@given(legs)
@settings(max_examples=30)
def test_a_route_has_its_length_its_stops_and_never_more_than_its_speed(road):
    mission = drive_route("road", road)
    target = mission.profile["target_m_per_s"]
    length = sum(leg.distance_m for leg in road)
    assert float(np.sum(target)) * mission.dt_s == pytest.approx(length, rel=0.01, abs=40.0)
    assert float(np.max(target)) <= max(leg.speed_m_per_s for leg in road) + 1e-9
    assert float(np.sum(target < 1e-9)) >= sum(leg.stop_s for leg in road) - 2.0 * len(road)


def test_one_leg_takes_as_long_as_its_trapeze():
    """v / a + v / b + (s - v^2 / 2a - v^2 / 2b) / v."""
    speed, a, b, length = 20.0, 1.0, 0.8, 2000.0
    mission = drive_route("road", [Leg(length, speed)], foot=Foot(a, b))
    seconds = speed / a + speed / b + (length - speed**2 / 2 / a - speed**2 / 2 / b) / speed
    assert mission.duration_s == pytest.approx(seconds, abs=2.0)


def test_a_hill_slows_a_car_that_still_drives_the_whole_road():
    road = [Leg(500.0, 20.0), Leg(1500.0, 40.0, 0.25), Leg(500.0, 20.0, stop_s=10.0)]
    flat = [Leg(leg.distance_m, leg.speed_m_per_s, 0.0, leg.stop_s) for leg in road]
    hill, level = (simulate(compact(), drive_route("road", one, Conditions(payload_kg=300.0))) for one in (road, flat))
    assert hill.result.distance_m == pytest.approx(2500.0, rel=0.01)
    assert hill.result.distance_m == pytest.approx(level.result.distance_m, rel=0.01)
    assert hill.result.battery_energy_J > 2.0 * level.result.battery_energy_J


def written(tmp_path, text):
    path = tmp_path / "road.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_road_in_a_file(tmp_path):
    text = "distance_m,speed_kmh,grade_percent,stop_s\n0,36,0,0\n500,72,2,0\n1500,36,-1,15\n2000,0,0,5\n"
    road = read_route(written(tmp_path, text))
    assert [leg.distance_m for leg in road] == [500.0, 1000.0, 500.0]
    assert [leg.speed_m_per_s for leg in road] == pytest.approx([10.0, 20.0, 10.0])
    assert [leg.slope_fraction for leg in road] == pytest.approx([0.0, 0.02, -0.01])
    assert [leg.stop_s for leg in road] == [0.0, 15.0, 5.0]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_stop_counts_in_every_row_alike(tmp_path, row):
    """A stop in the first row was once lost."""

    def driven(stop_s):
        stops = [stop_s if row == k else 0 for k in range(3)]
        rows = "".join(f"{300 * k},{36 if k < 2 else 0},{stop}\n" for k, stop in enumerate(stops))
        road = read_route(written(tmp_path, f"distance_m,speed_kmh,stop_s\n{rows}"))
        return drive_route("road", road).profile["target_m_per_s"]

    through, stopped = driven(0), driven(75)
    braking_and_starting_s = 10.0 / 1.0 / 2.0 + 10.0 / 0.8 / 2.0 if row == 1 else 0.0
    assert len(stopped) - len(through) == pytest.approx(75.0 + braking_and_starting_s, abs=1.0)
    assert float(np.sum(stopped)) == pytest.approx(float(np.sum(through)), abs=0.1)
    assert bool(np.all(stopped[:74] == 0.0)) is (row == 0)


def test_stops_before_and_after_a_place_add_up():
    both = [Leg(200.0, 10.0, stop_s=5.0), Leg(200.0, 10.0, stop_before_s=7.0)]
    once = [Leg(200.0, 10.0, stop_s=12.0), Leg(200.0, 10.0)]
    one, other = (drive_route("road", legs).profile["target_m_per_s"] for legs in (both, once))
    assert one == pytest.approx(other)


@pytest.mark.parametrize("rows", ["", "0,36\n", "0,36\n0,0\n", "500,36\n0,0\n"])
def test_a_road_without_length_is_refused(tmp_path, rows):
    with pytest.raises(CycleError) as raised:
        read_route(written(tmp_path, f"distance_m,speed_kmh\n{rows}"))
    assert all(problem.hint and problem.where for problem in raised.value.problems)


def test_stops_as_vecto_writes_them(tmp_path):
    """Speed 0 at the place of a stop stands for the next speed."""
    road = read_route(written(tmp_path, "s [m];v [km/h];stop [s]\n0;0;2\n1;36;0\n400;0;20\n401;54;0\n900;0;0\n"))
    assert [leg.speed_m_per_s for leg in road] == pytest.approx([10.0, 10.0, 15.0, 15.0])
    assert [leg.stop_s for leg in road] == [0.0, 20.0, 0.0, 0.0]
    assert road[0].stop_before_s == 2.0


def test_every_problem_of_a_road_is_told_at_once(tmp_path):
    text = "distance_m,speed_kmh,grade_percent,stop_s\n0,36,0,0\n500,-5,80,0\n400,36,0,-3\n900,x,0,0\n1000,0,0,0\n"
    with pytest.raises(CycleError) as raised:
        read_route(written(tmp_path, text))
    told = str(raised.value)
    for part in ("does not lie behind", "target speed of -5", "slope of 80 %", "stop of -3 s", "'x' in column"):
        assert part in told
    assert all(problem.hint for problem in raised.value.problems)
    with pytest.raises(CycleError, match="no column of distance"):
        read_route(written(tmp_path, "time_s,speed_kmh\n0,0\n1,3\n"))
    with pytest.raises(CycleError, match="no target speed is above 0"):
        read_route(written(tmp_path, "distance_m,speed_kmh\n0,0\n100,0\n"))


def test_every_problem_of_the_legs_is_told_at_once():
    with pytest.raises(InputError) as raised:
        drive_route("road", [Leg(0.0, 10.0), Leg(10.0, -1.0, 0.7, -1.0)])
    assert len(raised.value.problems) == 4


def test_a_road_in_a_wrong_unit_is_refused_before_it_takes_all_memory(tmp_path):
    with pytest.raises(CycleError, match="km long, more than 10000 km"):
        read_route(written(tmp_path, "s [km],speed_kmh\n0,50\n15000,0\n"))
    with pytest.raises(InputError, match="the route takes 55"):
        drive_route("road", [Leg(1000.0, 10.0, stop_s=200000.0)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.sampled_from(["", "0", "-1", "7", "50", "400", "1200", "1e9", "nan", "x"])] * 4),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_a_road_is_it_is_driven_or_refused(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("road") / "road.csv"
    path.write_text("distance_m,speed_kmh,grade_percent,stop_s\n" + "".join(",".join(row) + "\n" for row in rows))
    try:
        target = drive_route("road", read_route(path)).profile["target_m_per_s"]
    except InputError as error:
        assert all(problem.what and problem.where and problem.hint for problem in error.problems)
    else:
        assert np.all(np.isfinite(target)) and np.all(target >= 0.0)


@pytest.mark.parametrize("heading", ["elevation_m", "altitude_m"])
def test_elevation_is_the_same_hill_as_its_grade(tmp_path, heading):
    by_height, by_grade = tmp_path / "height.csv", tmp_path / "grade.csv"
    rise = 0.05 / np.sqrt(1.0 + 0.05**2)
    heights = [0.0, 2500.0 * rise, 2500.0 * rise - 1000.0 * rise]
    rows = zip((0, 2500, 3500), (50, 50, 0), heights, (5.0, -5.0, 0.0), strict=True)
    texts = [(f"{d},{v},{float(z)!r}", f"{d},{v},{g}") for d, v, z, g in rows]
    by_height.write_text("\n".join([f"distance_m,speed_kmh,{heading}", *(one for one, _ in texts)]))
    by_grade.write_text("\n".join(["distance_m,speed_kmh,grade_percent", *(one for _, one in texts)]))
    for high, graded in zip(read_route(by_height), read_route(by_grade), strict=True):
        assert high.slope_fraction == pytest.approx(graded.slope_fraction, rel=1e-9)


def test_a_cliff_in_a_route_is_refused(tmp_path):
    path = tmp_path / "cliff.csv"
    path.write_text("distance_m,speed_kmh,elevation_m\n0,50,0\n100,50,90\n200,50,90")
    with pytest.raises(InputError) as raised:
        read_route(path)
    assert "rises or falls by 90 m over 100 m" in raised.value.problems[0].what


@pytest.mark.parametrize("distance_m", [1.01e7, 1e10, 1e300, float("inf")])
def test_a_road_longer_than_any_is_refused_before_it_is_laid_out(distance_m):
    with pytest.raises(InputError, match="longer than 10000 km"):
        drive_route("far", [Leg(distance_m, 20.0)])


def test_more_stops_than_two_days_have_are_refused_before_the_road_is_laid_out():
    legs = [Leg(1.0, 20.0, stop_s=0.1)] * 20_001
    with pytest.raises(InputError, match="20001 stops, more than 20000"):
        drive_route("stops", legs)
    assert drive_route("stops", legs[1:]).count > 0


def test_a_road_as_long_as_may_be_is_driven():
    mission = drive_route("far", [Leg(LONGEST_m, 90.0)])
    assert mission.profile["target_m_per_s"].sum() == pytest.approx(LONGEST_m, rel=1e-9)
    assert mission.count == pytest.approx(LONGEST_m / 90.0 + 0.5 * 90.0 * (1.0 + 1.0 / 0.8), abs=2.0)
