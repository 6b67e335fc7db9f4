"""Recordings as loggers, spreadsheets and MATLAB write them: the same drive from each, and what was done to it told."""

from __future__ import annotations

import json
import re
import warnings
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook
from scipy.io import savemat
from tests.simulation.test_logged_speed import TRUE, TIME_s, consumption_J_per_m

from covolt.cli import main
from covolt.errors import CycleError, InputError
from covolt.simulation import logged_speed
from covolt.simulation.cycles import read_csv, standard
from covolt.simulation.logged_speed import positive_kinetic_energy_m_per_s2, smoothed, unlogged
from covolt.simulation.route import read_route

SECONDS = np.arange(0.0, 40.0)
KMH = np.round(36.0 * np.sin(np.pi * SECONDS / 39.0), 3)
START = datetime(2026, 11, 28, 23, 59, 50)
TIMES: dict[str, list[Any]] = {
    "numbers": [float(one) for one in SECONDS],
    "dates past midnight": [START + timedelta(seconds=float(one)) for one in SECONDS],
    "clocks": [time(8, 0, int(one)) for one in SECONDS],
    "clocks of more than a day": [timedelta(hours=23, minutes=59, seconds=50 + float(one)) for one in SECONDS],
    "texts": [f"2026-11-28T10:00:{one:04.1f}+03:00" for one in SECONDS],
}
ABOVE = [["Logger 7", "type B"], ["Test of", START], []]


def workbook(path: Path, rows: list[list[Any]], first: list[list[Any]] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if first is not None:
        for row in first:
            sheet.append(row)
        sheet = book.create_sheet("Drive")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def drive(times: list[Any], *, units_below: bool = False) -> list[list[Any]]:
    head: list[list[Any]] = (
        [["Time", "Driver", "Speed"], ["s", "", "km/h"]] if units_below else [["Time", "Driver", "v [km/h]"]]
    )
    return [*head, *([at, "P. 4", float(one)] for at, one in zip(times, KMH, strict=True))]


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES.keys())
def test_a_workbook_is_the_drive_that_its_csv_would_be(tmp_path: Path, times: list[Any]) -> None:
    cycle = read_csv(workbook(tmp_path / "log.xlsx", drive(times)))
    assert cycle.time_s.tolist() == SECONDS.tolist()
    assert cycle.speed_m_per_s == pytest.approx(KMH / 3.6)


def test_what_stands_above_the_header_and_units_below_it_are_read_past(tmp_path: Path) -> None:
    rows = [*ABOVE, *drive(TIMES["numbers"], units_below=True)]
    read = [read_csv(workbook(tmp_path / "log.xlsx", rows, first=[["Contents"], ["see the next sheet"]]))]
    text = "Logger 7;type B\r\nTest of;28.11.2026\r\n\r\n" + "\r\n".join(
        ";".join(str(cell).replace(".", ",") for cell in row) for row in drive(TIMES["numbers"], units_below=True)
    )
    (tmp_path / "log.csv").write_text(text, newline="", encoding="utf-8")
    read.append(read_csv(tmp_path / "log.csv"))
    for cycle in read:
        assert cycle.speed_m_per_s == pytest.approx(KMH / 3.6)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_wrong_cell_below_lines_of_a_logger_has_its_own_line(tmp_path: Path, ending: str) -> None:
    rows = [*ABOVE, *drive(TIMES["numbers"])]
    rows[10][2], rows[12][0] = "fast", None
    if ending == "xlsx":
        path = workbook(tmp_path / "log.xlsx", rows)
    else:
        path = tmp_path / "log.csv"
        path.write_text(
            "\n".join(";".join("" if one is None else str(one) for one in row) for row in rows), encoding="utf-8"
        )
    with pytest.raises(CycleError) as caught:
        read_csv(path)
    told = [str(one) for one in caught.value.problems]
    assert len(told) == 2
    assert f"{path.name}:11: 'fast' in column 'v [km/h]' is not a number" in told[0]
    assert f"{path.name}:13: there is no value in column 'Time'" in told[1]


MATLAB: dict[str, dict[str, Any]] = {
    "rows": {"time_s": SECONDS, "speed_kmh": KMH, "gear": 1.0, "note": "cold"},
    "columns": {"time_s": SECONDS[:, None], "speed_kmh": KMH[:, None]},
    "a struct": {"log": {"t": SECONDS, "v_mps": KMH / 3.6, "current_A": np.zeros(7)}},
    "structure with time": {
        "out": {"time": SECONDS, "signals": [{"label": "speed_kmh", "values": KMH}, {"label": "torque", "values": KMH}]}
    },
    "stamps": {"time": np.array([f"0:00:{one:04.1f}" for one in SECONDS], dtype=object), "speed_kmh": KMH},
}


@pytest.mark.parametrize("stored", MATLAB.values(), ids=MATLAB.keys())
def test_a_matlab_file_is_the_drive_that_its_csv_would_be(tmp_path: Path, stored: dict[str, Any]) -> None:
    savemat(tmp_path / "log.mat", stored, do_compression=True)
    cycle = read_csv(tmp_path / "log.mat")
    assert cycle.time_s.tolist() == SECONDS.tolist()
    assert cycle.speed_m_per_s == pytest.approx(KMH / 3.6)


def test_a_road_may_be_a_workbook_too(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["distance [m]", "speed [km/h]"], [0, 50], [800, 30], [1400, 50]]
    assert [leg.distance_m for leg in read_route(workbook(tmp_path / "road.xlsx", rows))] == [800.0, 600.0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("log.mat", b"MATLAB 7.3 MAT-file, Platform: GLNXA64" + bytes(500), "version 7.3"),
        ("log.mat", b"no such thing" * 40, "no MATLAB file"),
        ("log.mat", b"", "no MATLAB file"),
        ("log.mat", {"a": SECONDS, "b": KMH}, "the file holds: a, b"),
        ("log.mat", {"time_s": SECONDS, "speed_kmh": KMH[1:]}, "time_s 40, speed_kmh 39"),
        ("log.mat", {"time_s": SECONDS, "speed": KMH}, "names no unit"),
        ("log.xlsx", b"time_s,speed_kmh\n0,1\n1,2\n", "no Excel workbook"),
        ("log.xlsx", b"PK\x03\x04 cut", "no Excel workbook"),
        ("none.xlsx", None, "no such file"),
    ],
)
def test_other_files_are_refused_with_a_remedy(tmp_path: Path, name: str, content: Any, words: str) -> None:
    path = tmp_path / name
    if isinstance(content, dict):
        savemat(path, content)
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_csv(path)
    assert all(one.hint and str(path) in one.where for one in caught.value.problems)


def test_a_workbook_beyond_its_bounds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "log.xlsx", drive(TIMES["numbers"]))
    monkeypatch.setattr("covolt.simulation.column_file.MOST_ROWS", 10)
    with pytest.raises(CycleError, match="more than 10 rows"):
        read_csv(path)
    monkeypatch.setattr("covolt.tables.LARGEST_UNPACKED_bytes", 1000)
    with pytest.raises(CycleError, match="unpacked"):
        read_csv(path)


def gappy(path: Path, times_s: list[float], speeds_kmh: list[float]) -> Path:
    rows = "".join(f"{t},{v}\n" for t, v in zip(times_s, speeds_kmh, strict=True))
    path.write_text("time_s,speed_kmh\n" + rows)
    return path


def test_gaps_are_refused_with_their_length_or_bridged_and_told(tmp_path: Path) -> None:
    path = gappy(tmp_path / "log.csv", [0, 1, 2, 3, 13, 14, 15, 30, 31], [36, 36, 36, 36, 72, 72, 72, 36, 36])
    with pytest.raises(CycleError) as caught:
        read_csv(path)
    assert [one.what for one in caught.value.problems] == [
        "a gap of 10 s from 3 s to 13 s, where rows come every 1 s",
        "a gap of 15 s from 15 s to 30 s, where rows come every 1 s",
    ]
    assert all("--bridge-gaps" in one.hint for one in caught.value.problems)
    with pytest.warns(UserWarning, match="bridge 2 gaps of 25 s"):
        cycle = read_csv(path, bridge_gaps=True)
    # 15 m/s over 10 s and over 15 s, beside 10 m/s over 3 s, 20 over 2 s, 10 over 1 s.
    assert cycle.remarks == (
        "Straight lines of speed bridge 2 gaps of 25 s in all, the longest of 15 s from 15 s on: "
        "0.375 of 0.455 km are a guess.",
    )
    assert cycle.distance_m == pytest.approx(455.0)


def test_a_bridged_gap_is_no_noise_and_noise_beside_it_is_still_told(tmp_path: Path) -> None:
    """A clean ramp from 80 to 30 km/h of which 19 rows are missing was once called noisy by 0.58 km/h."""
    times = np.array([*range(391), *range(410, 900)], dtype=float)
    ramp = np.minimum(
        80.0 - 50.0 / (1.0 + np.exp((400.0 - times) / 6.0)), np.minimum(4.0 * times, 4.0 * (899.0 - times))
    )
    noise = np.random.default_rng(3).normal(0.0, 1.2, times.size) * (ramp > 5.0)
    for speed, noisy in ((ramp, False), (ramp + noise, True)):
        with pytest.warns(UserWarning, match="bridges a gap of 20 s"):
            cycle = read_csv(gappy(tmp_path / "log.csv", times.tolist(), speed.tolist()), bridge_gaps=True)
        assert len(cycle.remarks) == 1 + noisy
        assert not noisy or "which costs energy; without it" in cycle.remarks[1]


def test_energy_is_a_cost_only_where_smoothing_saves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    speed = TRUE[::10]
    noise = np.random.default_rng(3).normal(0.0, 0.35, speed.size)
    logged = np.maximum(speed + noise * (speed > 0.0), 0.0)
    assert "which costs energy" in unlogged(TIME_s[::10], logged)[1]
    rougher = logged + np.where(np.arange(logged.size) % 2, 0.5, 0.0)
    monkeypatch.setattr(logged_speed, "_without_noise", lambda *_: rougher)
    told = unlogged(TIME_s[::10], logged)[1]
    assert "noisy" in told and "costs" not in told


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("time_s,GPS speed [km/h],speed_kmh", ("The speed is that of column 'speed_kmh', not of 'GPS speed [km/h]'.",)),
        (
            "time_s,speed_kmh,wheel speed [km/h]",
            ("The speed is that of column 'speed_kmh', not of 'wheel speed [km/h]'.",),
        ),
        ("time_s,speed_kmh,speed_gps_kmh", ("The speed is that of column 'speed_kmh', not of 'speed_gps_kmh'.",)),
        (
            "Device Time,Vehicle speed (km/h),GPS Time",
            ("The time is that of column 'Device Time', not of 'GPS Time'.",),
        ),
        (
            "время;скорость (км/ч);скорость GPS (км/ч)",
            ("The speed is that of column 'скорость (км/ч)', not of 'скорость GPS (км/ч)'.",),
        ),
        ("time_s,vehicle_speed_kph,engine speed [rpm]", ()),
        ("time_s,speed_kmh,time_zone", ()),
    ],
)
def test_of_two_columns_that_name_a_quantity_it_is_said_which_was_read(
    tmp_path: Path, header: str, said: tuple[str, ...]
) -> None:
    path = tmp_path / "log.csv"
    first = header.startswith("time_s,GPS")
    table = header + "".join(f"\n{k},{9 if first else k},{k if first else 9}" for k in range(5))
    path.write_text(table.replace(",", ";"), encoding="utf-8")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cycle = read_csv(path)
    assert cycle.remarks == said
    assert len(told) == len(said)
    assert 3.6 * cycle.speed_m_per_s == pytest.approx([0.0, 1.0, 2.0, 3.0, 4.0])


def test_speeds_slightly_below_zero_stand_and_are_counted(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"2 speeds below zero, down to -0.3 km/h, are taken as standing."):
        cycle = read_csv(gappy(tmp_path / "log.csv", [0, 1, 2, 3], [-0.3, -0.1, 5, 0]))
    assert cycle.speed_m_per_s[:2].tolist() == [0.0, 0.0]
    with pytest.raises(CycleError, match=r"the speed -0.5 km/h is negative"):
        read_csv(gappy(tmp_path / "log.csv", [0, 1, 2, 3], [-0.3, -0.5, 5, 0]))


def test_a_long_gap_is_bridged_where_the_vehicle_stands_alone(tmp_path: Path) -> None:
    stood = gappy(tmp_path / "stood.csv", [0, 1, 2, 3, 900, 901, 902], [9, 9, 9, 0, 0, 9, 9])
    moved = gappy(tmp_path / "moved.csv", [0, 1, 2, 3, 900, 901, 902], [9, 9, 9, 9, 9, 9, 9])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert read_csv(stood, bridge_gaps=True).duration_s == 902.0
    for bridge in (False, True):
        with pytest.raises(CycleError, match="a gap of 897 s") as caught:
            read_csv(moved, bridge_gaps=bridge)
        assert "bridge" not in caught.value.problems[0].hint


def test_positive_kinetic_energy_by_hand() -> None:
    # 0 to 10 m/s in 10 s, back in 10 s: 100 m2/s2 over 100 m.
    speed = np.array([0.0, 10.0, 0.0])
    assert positive_kinetic_energy_m_per_s2(np.array([0.0, 10.0, 20.0]), speed) == pytest.approx(1.0)
    assert positive_kinetic_energy_m_per_s2(np.array([0.0, 1.0]), np.zeros(2)) == 0.0


@pytest.mark.parametrize(("period_s", "left"), [(8.0, 0.5), (4.0, 1.0 / 65.0), (80.0, 1.0)])
def test_smoothing_halves_a_swing_of_its_period(period_s: float, left: float) -> None:
    time_s = 0.1 * np.arange(4000)
    swing = np.sin(2.0 * np.pi * time_s / period_s)
    smooth = smoothed(time_s, 20.0 + swing, 8.0)[0][1000:3000] - 20.0
    assert float(np.ptp(smooth)) / 2.0 == pytest.approx(left, abs=0.004)


def test_a_noisy_slow_log_says_what_its_noise_costs_and_smoothing_gives_most_of_it_back(tmp_path: Path) -> None:
    true = TRUE[::10]
    noise = np.random.default_rng(3).normal(0.0, 0.35, true.size)
    logged = np.maximum(true + noise * (true > 0.0), 0.0)
    path = gappy(tmp_path / "log.csv", TIME_s[::10].tolist(), (3.6 * logged).tolist())
    with pytest.warns(UserWarning, match=r"costs energy; without it: .* m/s2, -\d.* %: smooth .*--smooth '6 s'"):
        noisy = read_csv(path)
    with pytest.warns(UserWarning, match="faster than 6 s is gone"):
        smooth = read_csv(path, smooth_s=6.0)
    spent = [consumption(one.time_s, one.speed_m_per_s) for one in (noisy, smooth)]
    truth = consumption_J_per_m(TRUE)
    assert spent[0] > 1.03 * truth
    assert abs(spent[1] - truth) < 0.3 * (spent[0] - truth)
    assert read_csv(path, smooth_s=0.0).remarks == ()


@pytest.mark.parametrize("noise_m_per_s", [0.01, 0.015, 0.03, 0.1])
def test_noise_that_nobody_is_told_of_costs_little(noise_m_per_s: float) -> None:
    noise = np.random.default_rng(7).normal(0.0, noise_m_per_s, TRUE.size)
    speed, told = unlogged(TIME_s, np.maximum(TRUE + noise * (TRUE > 0.0), 0.0))
    assert bool(told) == (noise_m_per_s > 0.011)
    assert consumption_J_per_m(speed) == pytest.approx(consumption_J_per_m(TRUE), rel=0.005)


def consumption(time_s: np.ndarray, speed: np.ndarray) -> float:
    return consumption_J_per_m(np.interp(TIME_s, time_s, speed))


def test_resampling_says_what_it_changed(tmp_path: Path) -> None:
    udds = standard("udds")
    path = gappy(tmp_path / "log.csv", udds.time_s.tolist(), (3.6 * udds.speed_m_per_s).tolist())
    with pytest.warns(UserWarning, match="read every 5 s"):
        cycle = read_csv(path, every_s=5.0)
    pke = [positive_kinetic_energy_m_per_s2(one.time_s, one.speed_m_per_s) for one in (udds, cycle)]
    assert f"positive kinetic energy {pke[0]:.3f} to {pke[1]:.3f} m/s2" in cycle.remarks[-1]
    assert cycle.dt_s == 5.0


@pytest.mark.whole
def test_the_command_treats_a_recording_as_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[t + 20 * (t > 30), 36.0] for t in range(60)]
    path = workbook(tmp_path / "log.xlsx", [["Zeit [s]", "v [km/h]"], *rows])
    asked = ["drive", "leaf-40", "--cycle", str(path), "--no-comforts", "--json"]
    with pytest.raises(SystemExit) as ended:
        main(asked)
    assert ended.value.code == 2
    told = "".join(capsys.readouterr().err.split())
    assert f"{path}:33: a gap of 21 s".replace(" ", "") in told
    with pytest.raises(SystemExit):
        main([*asked, "--bridge-gaps", "--smooth", "5 s", "--every", "2 s"])
    remarks = json.loads(capsys.readouterr().out)["remarks"]
    assert [one for one in remarks if "bridges a gap of 21 s" in one]
    assert [one for one in remarks if "faster than 5 s is gone" in one]
    assert [one for one in remarks if "read every 2 s" in one]


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (["--cycle", "udds", "--smooth", "4 s"], "--smooth"),
        (["--cycle", "udds", "--bridge-gaps"], "--bridge-gaps"),
        (["--cycle", "udds", "--every", "4 km"], "--every"),
        (["--cycle", "LOG", "--smooth", "0.5 s"], "log.csv"),
        (["--cycle", "LOG", "--smooth", "much"], "--smooth"),
        (["--route", "LOG", "--every", "1 s"], "--every"),
    ],
)
def test_what_cannot_be_done_to_a_cycle_is_refused(
    tmp_path: Path, options: list[str], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = gappy(tmp_path / "log.csv", SECONDS.tolist(), KMH.tolist())
    with pytest.raises(SystemExit) as ended:
        main(["drive", "leaf-40", *(str(path) if one == "LOG" else one for one in options)])
    assert ended.value.code == 2
    assert where in capsys.readouterr().err.replace("\n", "")


@pytest.mark.parametrize("rows", [12, 100])
def test_a_hint_on_smoothing_can_be_followed(tmp_path: Path, rows: int) -> None:
    """Every 5 s, a minute long: there is no length over which it may be smoothed, and none is asked for."""
    path = gappy(tmp_path / "log.csv", [5.0 * one for one in range(rows)], [30.0] * rows)
    with pytest.raises(CycleError) as caught:
        read_csv(path, smooth_s=4.0)
    hint = caught.value.problems[0].hint
    named = [float(one) for one in re.findall(r"[0-9.]+(?= s)", hint)]
    assert named == ([] if rows == 12 else [10.0, 49.5])
    assert ("leave it out" in hint) == (rows == 12)
