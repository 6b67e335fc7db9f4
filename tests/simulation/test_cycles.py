"""The shipped cycles against the figures of their regulations, and the CSV reader against every kind of bad file."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import covolt
from covolt.errors import CycleError, InputError, NotFound
from covolt.simulation import column_file, cycles
from covolt.simulation.cycle import Cycle, Phase

LIBRARY = Path(covolt.__file__).parent / "library" / "cycles"
INDEX = tomllib.loads((LIBRARY / "index.toml").read_text(encoding="utf-8"))
SHIPPED = list(INDEX)
WLTC = ["wltc-1", "wltc-2", "wltc-3a", "wltc-3b"]
SORT_MEAN_km_per_h = {"sort-1": 12.1, "sort-2": 18.0, "sort-3": 25.3}


def published_speeds(name: str) -> np.ndarray:
    """The speeds as the file prints them, in the unit of the regulation."""
    return np.loadtxt(LIBRARY / INDEX[name]["file"], delimiter=",", skiprows=1)[:, 1]


# the library


def test_names_are_those_of_the_index_and_files_are_all_used() -> None:
    assert cycles.names() == SHIPPED
    assert {entry["file"] for entry in INDEX.values() if "file" in entry} == {
        file.name for file in LIBRARY.glob("*.csv")
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_cycle_has_the_published_figures(name: str) -> None:
    cycle, published = cycles.standard(name), INDEX[name]["published"]
    if "duration_s" in published:
        assert cycle.duration_s == published["duration_s"]
    assert cycle.distance_m == pytest.approx(published["distance_m"], abs=1.0)
    assert cycle.maximum_speed_m_per_s * 3.6 == pytest.approx(published["maximum_speed_kmh"], abs=0.05)
    assert cycle.start_s == 0.0
    assert cycle.speed_m_per_s[0] == cycle.speed_m_per_s[-1] == 0.0
    assert np.abs(np.diff(cycle.speed_m_per_s) / np.diff(cycle.time_s)).max() < 4.2
    assert INDEX[name]["source"] and INDEX[name]["licence"] and INDEX[name]["transcription"]


@pytest.mark.parametrize("name", [name for name in SHIPPED if "sum" in INDEX[name]["published"]])
def test_speeds_sum_to_the_checksum(name: str) -> None:
    assert round(float(published_speeds(name).sum()), 1) == INDEX[name]["published"]["sum"]


def test_checksums_of_the_index_are_those_of_the_regulation() -> None:
    assert [INDEX[name]["published"]["sum"] for name in WLTC] == [29151.2, 81536.9, 83496.9, 83758.6]


@pytest.mark.parametrize("name", WLTC)
def test_wltc_phases_have_the_lengths_and_checksums_of_the_regulation(name: str) -> None:
    cycle, speeds = cycles.standard(name), published_speeds(name)
    lengths = [phase.duration_s for phase in cycle.phases]
    assert lengths == [589, 433, 455, 323][: len(lengths)]
    assert [phase.name for phase in cycle.phases] == ["low", "medium", "high", "extra-high"][: len(lengths)]
    # the regulation counts the second at which two phases meet, where the speed is zero, to the earlier one
    bounds = [(int(phase.start_s), int(phase.end_s) + 1) for phase in cycle.phases]
    assert [round(float(speeds[a:b].sum()), 1) for a, b in bounds] == INDEX[name]["published"]["phase_sums"]


def test_wltc_3b_phase_distances() -> None:
    cycle = cycles.standard("wltc-3b")
    distances = [cycle.part(phase.name).distance_m for phase in cycle.phases]
    assert distances == pytest.approx([3095, 4756, 7162, 8254], abs=1.0)
    assert sum(distances) == pytest.approx(cycle.distance_m, abs=1e-9)


def test_epa_distances_in_miles() -> None:
    for name, miles in {"udds": 7.45, "hwfet": 10.26, "us06": 8.01, "sc03": 3.58, "ftp": 11.04}.items():
        assert cycles.standard(name).distance_m / 1609.344 == pytest.approx(miles, abs=0.006)


def test_ftp_is_udds_soak_and_505_seconds_of_udds() -> None:
    ftp, udds = cycles.standard("ftp"), cycles.standard("udds")
    assert ftp.dt_s == 1.0
    assert [phase.duration_s for phase in ftp.phases] == [505, 864, 600, 505]
    assert [phase.name for phase in ftp.phases if phase.parked] == ["soak"]
    assert ftp.part("soak").distance_m == 0.0
    assert ftp.part("cold-transient").speed_m_per_s.tolist() == ftp.part("hot-transient").speed_m_per_s.tolist()
    assert ftp.distance_m == pytest.approx(udds.distance_m + udds.part("transient").distance_m, abs=1e-9)


def test_sc03_has_the_figures_that_the_regulation_and_the_epa_give() -> None:
    """The rule's test of 600 s (594 s in 2004, up to the last stop); five stops on the way, 19 % standing, at most 5.1 mph/s."""
    mph = published_speeds("sc03")
    times = np.loadtxt(LIBRARY / "sc03.csv", delimiter=",", skiprows=1)[:, 0]
    assert times.tolist() == list(range(601))
    assert np.array_equal(mph, np.round(mph, 1))
    assert (mph.max(), int(mph.argmax())) == (54.8, 320)
    assert np.flatnonzero(mph)[[0, -1]].tolist() == [19, 593]
    assert np.count_nonzero((mph[:-1] > 0.0) & (mph[1:] == 0.0)) == 5 + 1
    assert round(float(np.mean(mph == 0.0)), 2) == 0.19
    assert round(float(np.diff(mph).max()), 1) == 5.1
    assert round(float(np.diff(mph).min()), 1) == -6.1
    assert mph.sum() / 596.0 == pytest.approx(21.6, abs=0.05)


def test_after_soak_parks_between_the_two() -> None:
    udds, sc03 = cycles.standard("udds"), cycles.standard("sc03")
    both = cycles.after_soak(udds, sc03)
    assert (both.name, both.dt_s, both.duration_s) == ("sc03", 1.0, 1369.0 + 600.0 + 600.0)
    assert [(phase.name, phase.parked) for phase in both.phases] == [
        ("transient", False), ("stabilised", False), ("soak", True), ("sc03", False),
    ]  # fmt: skip
    assert both.part("soak").distance_m == 0.0
    assert both.part("sc03").speed_m_per_s.tolist() == sc03.speed_m_per_s.tolist()
    assert both.distance_m == pytest.approx(udds.distance_m + sc03.distance_m, abs=1e-9)


def test_nedc_reaches_the_speeds_of_the_operations_table() -> None:
    nedc = cycles.standard("nedc")
    at = dict(zip(nedc.time_s.tolist(), (nedc.speed_m_per_s * 3.6).round(6).tolist(), strict=True))
    assert [at[t] for t in (11, 15, 23, 28, 61, 143, 163, 178, 185, 195, 805, 1066, 1116, 1150, 1160)] == [
        0, 15, 15, 0, 32, 50, 35, 35, 10, 0, 15, 100, 120, 50, 0,
    ]  # fmt: skip
    assert nedc.part("urban").distance_m / 4 == pytest.approx(1018, abs=1.0)
    assert nedc.part("extra-urban").distance_m == pytest.approx(6955, abs=1.0)


@pytest.mark.parametrize("dt_s", [0.1, 0.5, 1.0, 1.7])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_sort_has_the_exact_distance_at_every_step(number: int, dt_s: float) -> None:
    cycle = cycles.sort(number, dt_s)
    definition = INDEX[f"sort-{number}"]
    assert cycle.distance_m == pytest.approx(sum(length for _, length, _, _ in definition["trapezes"]), abs=1e-6)
    assert cycle.mean_speed_m_per_s * 3.6 == pytest.approx(SORT_MEAN_km_per_h[f"sort-{number}"], rel=0.015)
    acceleration = np.diff(cycle.speed_m_per_s) / dt_s
    assert acceleration.max() <= definition["trapezes"][0][2] + 1e-9
    assert acceleration.min() >= -0.8 - 1e-9


@pytest.mark.parametrize(("name", "mean_km_per_h"), SORT_MEAN_km_per_h.items())
def test_sort_follows_its_trapezes(name: str, mean_km_per_h: float) -> None:
    cycle = cycles.standard(name)
    assert round(cycle.mean_speed_m_per_s * 3.6, 1) == mean_km_per_h
    stops_s = sum(stop for *_, stop in INDEX[name]["trapezes"])
    assert np.count_nonzero(cycle.speed_m_per_s == 0.0) * 0.1 == pytest.approx(stops_s, abs=0.5)
    held = [np.isclose(cycle.speed_m_per_s * 3.6, speed).any() for speed, *_ in INDEX[name]["trapezes"]]
    assert held == [True] * 3


def test_sort_refuses_what_it_cannot_build() -> None:
    with pytest.raises(NotFound, match="no SORT 4"):
        cycles.sort(4)
    with pytest.raises(CycleError, match="sampled"):
        cycles.sort(1, 0.0)


@pytest.mark.parametrize("spelling", ["wltc-3b", "WLTC_3b", "wltc3b", " Wltc 3B "])
def test_names_are_read_in_any_spelling(spelling: str) -> None:
    assert cycles.standard(spelling).name == "wltc-3b"


def test_every_alias_is_known_and_stands_for_one_cycle() -> None:
    aliases = [(alias, name) for name in SHIPPED for alias in INDEX[name].get("aliases", [])]
    assert all(cycles.standard(alias).name == name for alias, name in aliases)
    assert len({alias for alias, _ in aliases} | set(SHIPPED)) == len(aliases) + len(SHIPPED)


def test_unknown_name_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        cycles.standard("wtlc3b")
    assert "wltc-3b" in caught.value.problems[0].hint
    with pytest.raises(NotFound) as caught:
        cycles.standard("wltc")
    assert all(name in caught.value.problems[0].hint for name in WLTC)
    with pytest.raises(NotFound) as caught:
        cycles.standard("???")
    assert all(name in caught.value.problems[0].hint for name in SHIPPED)


def test_listing_has_a_row_for_each_cycle() -> None:
    rows = {row.id: row for row in cycles.listing()}
    assert list(rows) == SHIPPED
    assert rows["udds"].mean_speed_m_per_s * 3.6 == pytest.approx(31.5, abs=0.1)


def test_import_pulls_in_no_heavy_library() -> None:
    heavy = ("jax", "pandas", "xarray", "scipy", "pint", "pydantic")
    use = "import sys, covolt.simulation.cycles as cycles; cycles.standard('udds')"
    code = f"{use}; print([name for name in {heavy} if name in sys.modules])"
    source = str(Path(covolt.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=source)
    assert done.stdout.strip() == "[]"


# the cycle


def triangle(**changes: object) -> Cycle:
    given = {"name": "triangle", "title": "Triangle", "time_s": [0, 10, 20], "speed_m_per_s": [0, 10, 0], **changes}
    return Cycle(**given)  # type: ignore[arg-type]


def test_figures_of_a_triangle() -> None:
    cycle = triangle()
    assert (cycle.distance_m, cycle.duration_s, cycle.maximum_speed_m_per_s, cycle.mean_speed_m_per_s) == (
        100,
        20,
        10,
        5,
    )
    assert cycle.dt_s == 10.0
    assert triangle(time_s=[0, 10, 21]).dt_s is None


def test_arrays_are_read_only_and_apart_from_the_givers() -> None:
    given = np.array([0.0, 10.0, 0.0])
    cycle = triangle(speed_m_per_s=given)
    given[1] = 99.0
    assert cycle.speed_m_per_s[1] == 10.0
    with pytest.raises(ValueError, match="read-only"):
        cycle.speed_m_per_s[1] = 0.0


@pytest.mark.parametrize("dt_s", [0.1, 0.25, 0.5, 1.0])
def test_resampled_keeps_the_points_and_the_distance(dt_s: float) -> None:
    udds = cycles.standard("udds")
    fine = udds.resampled(dt_s)
    assert fine.dt_s == dt_s
    assert fine.speed_m_per_s[:: round(1 / dt_s)].tolist() == udds.speed_m_per_s.tolist()
    assert fine.distance_m == pytest.approx(udds.distance_m, rel=1e-9)
    assert fine.phases == udds.phases


def test_resampled_holds_the_last_speed_past_the_end() -> None:
    cycle = triangle().resampled(3.0)
    assert cycle.time_s.tolist() == [0, 3, 6, 9, 12, 15, 18, 21]
    assert cycle.speed_m_per_s.tolist() == [0, 3, 6, 9, 8, 5, 2, 0]
    for dt_s in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(CycleError, match="time step"):
            triangle().resampled(dt_s)


def test_repeated_follows_on_itself() -> None:
    cycle = cycles.standard("wltc-3b").repeated(3)
    assert cycle.duration_s == 5400.0
    assert cycle.dt_s == 1.0
    assert cycle.distance_m == pytest.approx(3 * 23266.278, abs=0.01)
    assert cycle.part("high-3").speed_m_per_s.tolist() == cycle.part("high").speed_m_per_s.tolist()
    assert triangle(grade_fraction=[0, 0.1, 0]).repeated(2).grade_fraction.tolist() == [0, 0.1, 0, 0.1, 0]  # type: ignore[union-attr]
    assert triangle().repeated(1).digest == triangle().digest
    with pytest.raises(CycleError, match="follow on itself"):
        triangle(speed_m_per_s=[0, 10, 5]).repeated(2)
    with pytest.raises(CycleError, match="0 times"):
        triangle().repeated(0)


def test_part_may_start_between_points() -> None:
    part = triangle(phases=(Phase("middle", 5.0, 15.0),), grade_fraction=[0.0, 0.02, 0.0]).part("middle")
    assert part.time_s.tolist() == [0, 5, 10]
    assert part.speed_m_per_s.tolist() == [5, 10, 5]
    assert part.grade_fraction is not None
    assert part.grade_fraction.tolist() == [0.01, 0.02, 0.01]
    with pytest.raises(NotFound) as caught:
        cycles.standard("wltc-3b").part("urban")
    assert "extra-high" in caught.value.problems[0].hint


def test_digest_depends_on_what_is_driven_and_on_nothing_else() -> None:
    digests = {
        triangle().digest,
        triangle(speed_m_per_s=[0, 11, 0]).digest,
        triangle(time_s=[0, 10, 21]).digest,
        triangle(grade_fraction=[0, 0, 0]).digest,
        triangle(phases=(Phase("a", 0, 20),)).digest,
        triangle(phases=(Phase("a", 0, 20, parked=True),)).digest,
    }
    assert len(digests) == 6
    assert triangle(name="other", title="Other", source="elsewhere").digest == triangle().digest


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"time_s": [0], "speed_m_per_s": [0]}, "two points"),
        ({"speed_m_per_s": [0, 1]}, r"speed_m_per_s has shape \(2,\), int64; expected shape \(3,\), float64"),
        ({"speed_m_per_s": [0, float("nan"), 0]}, r"speed_m_per_s\[1\] is not a finite number"),
        ({"grade_fraction": [0, 0, float("inf")]}, r"grade_fraction\[2\] is not"),
        ({"time_s": [-1, 0, 1]}, "starts at -1"),
        ({"time_s": [0, 5, 5]}, "does not rise"),
        ({"speed_m_per_s": [0, -1, 0]}, "negative"),
        ({"phases": (Phase("late", 10, 30),)}, "within the cycle"),
        ({"phases": (Phase("a", 0, 5), Phase("a", 5, 10))}, "two phases are named"),
    ],
)
def test_a_cycle_that_cannot_be_driven_is_refused(changes: dict[str, object], what: str) -> None:
    with pytest.raises(CycleError, match=what):
        triangle(**changes)


def test_a_refused_cycle_names_all_problems() -> None:
    with pytest.raises(CycleError) as caught:
        triangle(time_s=[-1, 5, 5], speed_m_per_s=[0, -1, 0], phases=(Phase("late", 10, 30),))
    assert len(caught.value.problems) == 4


# files


def written(tmp_path: Path, content: str | bytes) -> Path:
    file = tmp_path / "trip.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


@pytest.mark.parametrize(
    ("header", "value", "speed_m_per_s"),
    [
        ("time_s,speed_m_per_s", "10", 10.0),
        ("time_s,speed_kmh", "36", 10.0),
        ("time [s],speed [km/h]", "36", 10.0),
        ("Time (s),Speed (km/h)", "36", 10.0),
        ("t,v_mph", "10", 4.4704),
        ("t\tv_km_per_h", "36", 10.0),
        ("t;v_kph", "36", 10.0),
        ("время, с;скорость, км/ч", "36,0", 10.0),
        ("Zeit [s];Geschwindigkeit [km/h]", "36,0", 10.0),
        ("position,time_s,speed_limit,speed_mps", "10", 10.0),
    ],
)
def test_headers_name_the_unit(tmp_path: Path, header: str, value: str, speed_m_per_s: float) -> None:
    mark = next((mark for mark in ";\t" if mark in header), ",")
    before = ["x"] if "position" in header else []
    limit = ["90"] if "limit" in header else []
    rows = [mark.join([*before, str(t), *limit, v]) for t, v in ((0, "0"), (1, value), (2, value))]
    cycle = cycles.read_csv(written(tmp_path, table(header, *rows)))
    assert cycle.speed_m_per_s.tolist() == pytest.approx([0.0, speed_m_per_s, speed_m_per_s])
    assert cycle.time_s.tolist() == [0.0, 1.0, 2.0]
    assert cycle.name == "trip"
    assert cycle.source.endswith("trip.csv")


def test_comments_byte_order_mark_windows_lines_and_late_start_are_read(tmp_path: Path) -> None:
    content = "\ufeff# logged on the way home\r\n\r\ntime_s;speed_kmh\r\n1600000000,5;0\r\n1600000001,0;7,2\r\n"
    cycle = cycles.read_csv(written(tmp_path, content))
    assert cycle.time_s.tolist() == [0.0, 0.5]
    assert cycle.speed_m_per_s.tolist() == pytest.approx([0.0, 2.0])


CLOCKS = {
    "clock": ("time", "0:0{k}:00", 60.0),
    "clock with fraction": ("time", "00:00:0{k}.5", 1.0),
    "clock with comma": ("time", "00:00:0{k},5", 1.0),
    "clock in a column of seconds": ("time_s", "00:00:0{k}", 1.0),
    "past noon": ("Time", "12:59:5{k} PM", 1.0),
    "hours and minutes": ("time [hh:mm]", "10:0{k}", 60.0),
    "minutes and seconds": ("time [mm:ss]", "10:0{k}", 1.0),
    "minutes, seconds and tenths": ("time", "10:00.{k}", 0.1),
    "ISO 8601": ("timestamp", "2025-03-01T10:00:0{k}Z", 1.0),
    "ISO 8601 of a zone": ("timestamp", "2025-03-01 10:00:00.{k}00+03:00", 0.1),
    "date of a spreadsheet": ("Дата и время", "01.03.2025 9:00:0{k}", 1.0),
    "date with strokes": ("date/time", "2025/03/01 09:00:0{k}", 1.0),
    "minutes in few digits": ("time [min]", "{k}", 60.0),
    "hours": ("time, ч", "0.{k}", 360.0),
}


@pytest.mark.parametrize(("header", "stamp", "step_s"), CLOCKS.values(), ids=CLOCKS.keys())
@pytest.mark.parametrize("mark", [";", "\t"])
def test_clocks_and_dates_are_times(tmp_path: Path, header: str, stamp: str, step_s: float, mark: str) -> None:
    rows = [mark.join([stamp.replace("{k}", str(k)), f"{k},5"]) for k in range(6)]
    cycle = cycles.read_csv(written(tmp_path, table(mark.join([header, "v_kmh"]), *rows)))
    assert cycle.time_s.tolist() == pytest.approx([step_s * k for k in range(6)], abs=1e-9)
    assert cycle.dt_s == pytest.approx(step_s)
    assert cycle.speed_m_per_s[1] == pytest.approx(1.5 / 3.6)


def test_a_clock_passes_midnight_and_a_date_the_end_of_a_year(tmp_path: Path) -> None:
    clock = [f"{(86398 + k) // 3600 % 24:02d}:{(86398 + k) // 60 % 60:02d}:{(86398 + k) % 60:02d},5" for k in range(5)]
    dates = ["2024-12-31T23:59:59,5", "2025-01-01T00:00:00,5", "2025-01-01T00:00:01,5"]
    for rows in (clock, dates):
        assert cycles.read_csv(written(tmp_path, table("t,v_mps", *rows))).time_s.tolist() == list(range(len(rows)))


@pytest.mark.parametrize(("unit", "size_s", "digits"), [("min", 60.0, 5), ("h", 3600.0, 7), ("days", 86400.0, 9)])
def test_times_of_few_digits_are_the_even_steps_that_they_mean(
    tmp_path: Path, unit: str, size_s: float, digits: int
) -> None:
    rows = [f"{k / size_s:.{digits}f},5" for k in range(300)]
    cycle = cycles.read_csv(written(tmp_path, table(f"time [{unit}],v_mps", *rows)))
    assert cycle.dt_s == 1.0 and cycle.duration_s == 299.0


def test_fast_stamps_of_an_epoch_are_even(tmp_path: Path) -> None:
    rows = [f"{1700000000 + k / 10:.1f},5" for k in range(50)]
    assert cycles.read_csv(written(tmp_path, table("time_s,v_mps", *rows))).dt_s == pytest.approx(0.1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, encoding: str) -> None:
    content = "sep=;\r\nвремя, с;скорость, км/ч\r\n0;0,0\r\n1;7,2\r\n"
    assert cycles.read_csv(written(tmp_path, content.encode(encoding))).speed_m_per_s.tolist() == pytest.approx([0, 2])


@pytest.mark.parametrize(
    ("header", "value", "grade"),
    [
        ("grade_fraction", "0.05", 0.05),
        ("grade [%]", "5", 0.05),
        ("slope_deg", "45e-1", 0.0787),
        ("grade_percent", "-8", -0.08),
    ],
)
def test_grade_is_read_in_its_unit(tmp_path: Path, header: str, value: str, grade: float) -> None:
    cycle = cycles.read_csv(written(tmp_path, table(f"t,v_mps,{header}", f"0,0,{value}", f"1,1,{value}")))
    assert cycle.grade_fraction is not None
    assert cycle.grade_fraction.tolist() == pytest.approx([grade] * 2, abs=1e-4)


def test_elevation_becomes_the_grade_of_the_road(tmp_path: Path) -> None:
    time_s = np.arange(200)
    speed = np.where((time_s > 80) & (time_s < 100), 0.0, 10.0)
    road_m = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]))])
    along = np.sin(np.arctan(0.06))
    rows = [f"{t},{v},{100 + along * x:.6f}" for t, v, x in zip(time_s, speed, road_m, strict=True)]
    cycle = cycles.read_csv(written(tmp_path, table("t,v_mps,elevation_m", *rows)))
    assert cycle.grade_fraction is not None
    assert cycle.grade_fraction == pytest.approx(0.06, abs=1e-6)


def test_elevation_logged_by_the_metre_makes_no_walls(tmp_path: Path) -> None:
    rows = [f"{t},20,{round(0.02 * 20 * t)}" for t in range(300)]
    cycle = cycles.read_csv(written(tmp_path, table("t,v_mps,elevation_m", *rows)))
    assert cycle.grade_fraction is not None
    assert np.abs(cycle.grade_fraction - 0.02).max() < 0.015


def test_uneven_steps_without_a_gap_are_kept(tmp_path: Path) -> None:
    cycle = cycles.read_csv(written(tmp_path, table("t,v_mps", "0,0", "1,1", "3,2", "4,3", "6,3")))
    assert cycle.dt_s is None
    assert cycle.time_s.tolist() == [0, 1, 3, 4, 6]


def test_resolution_of_a_fast_logger_is_no_jump(tmp_path: Path) -> None:
    rows = [f"{t / 100},{t // 40}" for t in range(200)]
    assert cycles.read_csv(written(tmp_path, table("t,v_kmh", *rows))).dt_s == 0.01


GOOD = ["0,0", "1,2", "2,4", "3,6", "4,8"]
BAD_FILES = {
    "empty file": ("", "", "empty"),
    "blank file": ("\n \n", "", "empty"),
    "comments only": ("# nothing\n", "", "empty"),
    "no header": (table("0,0", "1,2", "2,3"), ":1", "not a header"),
    "no time": (table("speed_mps", "0", "1"), ":1", "no column of time"),
    "no speed": (table("time_s,power_W", "0,1", "1,1"), ":1", "no column of speed"),
    "another table": (table("city,people", "Minsk,2000000"), ":1", "no column of speed"),
    "speed without unit": (table("time_s,speed", "0,0", "1,1"), ":1", "names no unit"),
    "unknown unit": (table("time_s,speed [knots]", "0,0", "1,1"), ":1", "unknown unit 'knots'"),
    "two speeds": (table("t,v_mps,speed_kmh", "0,0,0", "1,1,3.6"), ":1", "second column of speed"),
    "grade and elevation": (table("t,v_mps,grade_%,elevation_m", "0,0,0,0", "1,1,0,0"), ":1", "both grade and"),
    "header only": (table("t,v_mps"), "", "0 rows of values"),
    "one row": (table("t,v_mps", "0,0"), "", "1 rows of values"),
    "not a number": (table("t,v_mps", *GOOD, "5,fast"), ":7", "'fast' in column 'v_mps' is not a number"),
    "a thousand mistyped": (table("t,v_mps", *GOOD, "5,1_0"), ":7", "'1_0' in column"),
    "no value": (table("t,v_mps", *GOOD, "5,"), ":7", "no value"),
    "short row": (table("t,v_mps", *GOOD, "5"), ":7", "no value"),
    "long row": (table("t,v_mps", *GOOD, "5,9,9"), ":7", "3 cells, the header 2"),
    "decimal comma among commas": (table("t,v_mps", "0,0,0,0", "1,0,1,5"), ":2", "4 cells, the header 2"),
    "nan": (table("t,v_mps", *GOOD, "5,NaN"), ":7", "'NaN' in column 'v_mps' is not a finite number"),
    "infinity": (table("t,v_mps", *GOOD, "inf,8"), ":7", "'inf' in column 't' is not a finite number"),
    "negative time": (table("t,v_mps", "-1,0", *GOOD), ":2", "the time -1 s is negative"),
    "repeated time": (table("t,v_mps", *GOOD, "4,8"), ":7", "4 s is repeated"),
    "time backwards": (table("t,v_mps", *GOOD, "2.5,8"), ":7", "goes back from 4 s to 2.5 s"),
    "gap": (table("t,v_mps", *GOOD, "7,8", "8,8"), ":7", "a gap of 3 s from 4 s to 7 s, where rows come every 1 s"),
    "negative speed": (table("t,v_kmh", *GOOD, "5,-3"), ":7", "speed -3 km/h is negative"),
    "speed too high": (table("t,v_mps", "0,110", "1,115", "2,110"), ":3", "414 km/h is above 400 km/h"),
    "jump": (table("t,v_mps", *GOOD, "5,21"), ":7", "jumps from 28.8 to 75.6 km/h within 1 s"),
    "steep grade": (table("t,v_mps,grade_fraction", "0,0,0", "1,1,5", "2,1,0"), ":3", "the grade is 500 %"),
    "steep elevation": (table("t,v_mps,elevation_m", "0,20,0", "1,20,19", "2,20,38"), ":2", "rises or falls by"),
    "stray quote": ('t,v_mps\n0,0\n1,"2\n', ":3", "cannot be split"),
    "UTF-16 cut short": (table("t,v_mps", *GOOD).encode("utf-16") + b"x", "", "UTF-16"),
    "two parts of a clock": (table("t,v_mps", *(f"0:0{k},{k}" for k in range(5))), ":2", "'0:00' in column 't'"),
    "clock among numbers": (table("t,v_mps", *GOOD, "0:00:05,8"), ":7", "a clock among numbers"),
    "number among clocks": (table("t,v_mps", "0:00:00,0", "0:00:01,1", "2,1"), ":4", "a number among clocks"),
    "clock repeated": (table("t,v_mps", "0:00:01,0", "0:00:01,1", "0:00:02,1"), ":3", "0 s is repeated"),
    "clock backwards": (table("t,v_mps", "0:00:01,0", "0:00:03,1", "0:00:02,1"), ":4", "goes back from 2 s to 1 s"),
    "no hour": (table("t,v_mps", "0:61:00,0", "0:62:00,1"), ":2", "'0:61:00' in column 't' is not a number"),
    "no date": (table("t,v_mps", "2025-02-30T0:00:00,0", "2025-02-30T0:00:01,1"), ":2", "is not a number"),
    "minutes": (table("time,v_mps", *(f"{k / 60:.5f},5" for k in range(400))), ":1", "as seconds it makes no drive"),
    "minutes at 10 Hz": (table("Time,v_mps", *(f"{k / 600:.6f},5" for k in range(400))), ":1", r"'Time' names no unit"),
    "minutes, uneven": (table("t,v_mps", *(f"{(k + k % 3 / 9) / 60:.5f},5" for k in range(99))), ":1", "no drive"),
    "hours": (table("time,v_mps", *(f"{k / 3600:.8f},5" for k in range(40))), ":1", "a row every 0.000278 s"),
    "hours in few digits": (table("time,v_mps", *(f"{k / 3600:.3f},5" for k in range(40))), ":1", "makes no drive"),
    "days": (table("time,v_mps", *(f"{k / 86400:.10f},5" for k in range(40))), ":1", "a row every 1.16e-05 s"),
    "Excel's days": (table("time,v_mps", *(f"{45000 + k / 86400:.10f},5" for k in range(40))), ":1", "no drive"),
    "milliseconds": (table("t,v_mps", *(f"{100 * k},5" for k in range(40))), ":1", "a row every 100 s"),
    "milliseconds since 1970": (table("t,v_mps", *(f"{1.7e12 + 1000 * k:.0f},5" for k in range(40))), ":1", "no drive"),
    "UTF-16 without mark": (table("t,v_mps", *GOOD).encode("utf-16-le"), "", "UTF-16"),
    "Windows-1251": (table("время, с;скорость, км/ч", "0;0", "1;1").encode("cp1251"), ":1", "Windows-1251"),
    "Windows-1251 later": (table("t,v_mps,note", "0,0,", "1,1,дом").encode("cp1251"), ":3", "not UTF-8"),
    "compressed": (gzip.compress(b"t,v_mps"), "", "gzip"),
    "spreadsheet": (b"PK\x03\x04 and so on", "", "spreadsheet"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "place", "what"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_file_is_refused_with_place_and_hint(tmp_path: Path, content: str | bytes, place: str, what: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(CycleError, match=what) as caught:
        cycles.read_csv(file)
    assert any(problem.where == f"{file}{place}" for problem in caught.value.problems)
    assert all(problem.hint and problem.what for problem in caught.value.problems)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet="0123456789:.-/TZ +APMap", max_size=25), min_size=2, max_size=6))
def test_whatever_stands_as_a_time_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, times: list[str]
) -> None:
    file = tmp_path_factory.mktemp("cycle") / "any.csv"
    file.write_text(table("time;v_mps", *(f"{one};1" for one in times)))
    try:
        cycle = cycles.read_csv(file)
    except CycleError as error:
        assert all(problem.hint for problem in error.problems)
    else:
        assert np.all(np.diff(cycle.time_s) > 0.0)


NAMED_ONCE = ["negative time", "nan", "minutes", "gap", "jump", "repeated time", "negative speed", "no value"]


@pytest.mark.parametrize("name", NAMED_ONCE)
def test_one_fault_makes_one_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(CycleError) as caught:
        cycles.read_csv(written(tmp_path, BAD_FILES[name][0]))
    assert len(caught.value.problems) == 1


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(CycleError, match="no such file"):
            cycles.read_csv(path)


def test_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as out:
        out.truncate(column_file.LARGEST_FILE_bytes + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the huge file was read"))
    with pytest.raises(CycleError, match="more than the 200 MB"):
        cycles.read_csv(file)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_file, "MOST_ROWS", 3)
    with pytest.raises(CycleError, match="more than 3 rows"):
        cycles.read_csv(written(tmp_path, table("t,v_mps", *GOOD)))


def test_all_problems_of_a_file_come_at_once(tmp_path: Path) -> None:
    rows = ["-1,0", *GOOD, "4,8", "3,8", "4,nan", "5,x", "6,8", "7,-1", "8,200", "20,8", "21,8"]
    with pytest.raises(CycleError) as caught:
        cycles.read_csv(written(tmp_path, table("t,v_mps", *rows)))
    message = str(caught.value)
    kinds = (
        "-1 s is negative",
        "repeated",
        "goes back",
        "'nan'",
        "'x'",
        "km/h is negative",
        "above 400",
        "a gap",
        "jumps",
    )
    assert [kind for kind in kinds if kind not in message] == []


def test_header_and_rows_are_judged_together(tmp_path: Path) -> None:
    with pytest.raises(CycleError) as caught:
        cycles.read_csv(written(tmp_path, table("t,speed", *GOOD, "4,?")))
    message = str(caught.value)
    assert "names no unit" in message
    assert "'?'" in message
    with pytest.raises(CycleError) as caught:
        cycles.read_csv(written(tmp_path, table("t,speed", *GOOD, "4,8")))
    assert len(caught.value.problems) == 2


def test_problems_of_a_kind_are_capped_and_the_rest_counted(tmp_path: Path) -> None:
    with pytest.raises(CycleError) as caught:
        cycles.read_csv(written(tmp_path, table("t,v_mps", *[f"{t},-1" for t in range(100)])))
    assert len(caught.value.problems) == 21
    assert "80 more of this kind: negative speed" in caught.value.problems[-1].what


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_cycles_survive_a_file(tmp_path: Path, name: str) -> None:
    cycle = cycles.standard(name)
    cycles.write_csv(cycle, tmp_path / "out.csv")
    again = cycles.read_csv(tmp_path / "out.csv")
    assert again.time_s.tolist() == cycle.time_s.tolist()
    assert again.speed_m_per_s.tolist() == cycle.speed_m_per_s.tolist()


@st.composite
def drivable(draw: st.DrawFn) -> Cycle:
    """Any cycle that a road vehicle could drive: mildly uneven steps, moderate accelerations, perhaps a grade."""
    count = draw(st.integers(2, 40))
    steps = draw(st.lists(st.floats(0.5, 1.2), min_size=count - 1, max_size=count - 1))
    pushes = draw(st.lists(st.floats(-11.0, 11.0), min_size=count - 1, max_size=count - 1))
    speeds = [draw(st.floats(0.0, 100.0))]
    for step, push in zip(steps, pushes, strict=True):
        speeds.append(min(max(speeds[-1] + step * push, 0.0), 110.0))
    grades = draw(st.none() | st.lists(st.floats(-0.5, 0.5), min_size=count, max_size=count))
    return triangle(time_s=np.cumsum([0.0, *steps]), speed_m_per_s=speeds, grade_fraction=grades)


@settings(max_examples=60, deadline=None)
@given(cycle=drivable())
def test_any_written_cycle_is_read_back_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, cycle: Cycle
) -> None:
    file = tmp_path_factory.mktemp("cycle") / "any.csv"
    cycles.write_csv(cycle, file)
    assert cycles.read_csv(file).digest == cycle.digest


@settings(max_examples=150, deadline=None)
@given(
    content=st.binary(max_size=200) | st.text(alphabet='0123456789.,;-\n\ttve_mpskmh#" ', max_size=200).map(str.encode)
)
def test_whatever_is_in_a_file_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("cycle") / "any.csv"
    file.write_bytes(b"t,v_mps\n" + content)
    try:
        cycle = cycles.read_csv(file)
    except CycleError as error:
        assert error.problems
    else:
        assert cycle.time_s.size >= 2


@pytest.mark.parametrize("step", ["1e300", "100000"])
def test_a_cycle_longer_than_two_days_is_refused(tmp_path, step):
    """It once took all memory before anybody was told."""
    path = tmp_path / "long.csv"
    path.write_text("time_s,speed_kmh\n" + "".join(f"{number * float(step)},0\n" for number in range(3)))
    with pytest.raises(CycleError, match="more than 48 h"):
        cycles.read_csv(path)
