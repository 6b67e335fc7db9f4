"""Where a table of pulses stops being one: each bound at both its sides, and what a row is read as."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from covolt.errors import InputError
from covolt.vehicle import pulse_data
from covolt.vehicle.pulse_data import Pulse, read_pulses, read_trace

HEAD = "ambient_C,soc_pct,pulse_A,rest_voltage_V,R_2s_mohm,R_10s_mohm"


def told(folder: Path, *rows: str, head: str = HEAD) -> str:
    """All problems of a table; nothing where it is read."""
    path = folder / "p.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    try:
        read_pulses(path)
    except InputError as error:
        return " ".join(one.what for one in error.problems)
    return ""


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("25,1.1,5,3.7,10,12", "25,0.9,5,3.7,10,12"), ""),
        (("25,1.0,5,3.7,10,12", "25,0.9,5,3.7,10,12"), "are these fractions"),
        (("25,0.9,5,3.7,10,12",), ""),  # one row may be of an empty cell
        (("25,0,5,3.7,10,12", "25,0,5,3.7,10,12"), ""),
        (("25,104.9,5,3.7,10,12",), ""),
        (("25,105.1,5,3.7,10,12",), "soc_pct reaches from 105.1"),
        (("25,0,5,3.7,10,12",), ""),
        (("25,-0.1,5,3.7,10,12",), "soc_pct reaches from -0.1"),
        (("-79.9,50,5,3.7,10,12",), ""),
        (("-80.1,50,5,3.7,10,12",), "lacks a plausible temperature"),
        (("119.9,50,5,3.7,10,12",), ""),
        (("120.1,50,5,3.7,10,12",), "lacks a plausible temperature"),
        (("25,50,0.5,1.01,10,12",), ""),
        (("25,50,0.5,0.99,10,12",), "lacks a plausible rest voltage"),
        (("25,50,5,5.99,10,12",), ""),
        (("25,50,5,6.01,10,12",), "lacks a plausible rest voltage"),
        (("25,50,1,3.7,3690,0.11",), ""),  # moved by 0.1 mV and by nearly all of the rest voltage
        (("25,50,1,3.7,3710,1",), "move the voltage by 3.7 V"),
        (("25,50,1,3.7,1,0.09",), "move the voltage by 9e-05 V"),
        (("25,50,1,3.7,1,0",), "R_10s_mohm is not above zero"),
    ],
)
def test_a_row_is_one_up_to_its_bounds(tmp_path: Path, rows: tuple[str, ...], words: str) -> None:
    found = told(tmp_path, *rows)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("head", "count", "words"),
    [
        (HEAD, 5000, ""),
        (HEAD, 5001, "5001 rows of 2 resistances, more than 10000"),
        (HEAD + "," * 194, 1, ""),
        (HEAD + "," * 195, 1, "the heading has 201 columns"),
    ],
)
def test_a_table_is_one_of_a_cell_up_to_its_size(tmp_path: Path, head: str, count: int, words: str) -> None:
    found = told(tmp_path, *["25,50,5,3.7,10,12"] * count, head=head)
    assert words in found
    assert bool(words) == bool(found)


def test_a_table_of_too_many_rows_is_refused_at_the_first_that_is_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_data, "MOST_ROWS", 3)
    assert told(tmp_path, *["25,50,5,3.7,10,12"] * 3) == ""
    assert told(tmp_path, *["25,50,5,3.7,10,12"] * 5) == "has more than 3 rows"


def test_what_unpacks_to_far_more_than_a_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv.gz"
    for rows, kept in ((70_000, True), (80_000, False)):  # 14 bytes each; any file may have a million
        path.write_bytes(gzip.compress(b"time_s,current_A,voltage_V\n" + b"00000,0.10,3\n\n" * rows))
        if kept:
            assert read_trace(path).time_s.size == rows
        else:
            with pytest.raises(InputError, match="more than 1 MB"):
                read_trace(path)


def test_a_row_is_read_in_the_signs_and_units_of_parts(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "ambient_C,discharged_Ah_before,pulse_A,rest_voltage_V,R_0p5s_mohm,R_10s_mohm\n10,2,5,3.7,10,12\n25,0,-4,4,9,\n"
    )
    assert read_pulses(path) == [
        Pulse(283.15, 7200.0, None, -5.0, 3.7, {0.5: 10.0 * 1e-3, 10.0: 12.0 * 1e-3}, 10.0),
        Pulse(298.15, 0.0, None, 4.0, 4.0, {0.5: 9.0 * 1e-3}, 0.5),
    ]
    path.write_text(
        "ambient_C,case_temp_C,soc_pct,pulse_A,pulse_s,rest_voltage_V,R_dis_10s_mohm,R_chg_10s_mohm\n10,12,40,5,20,3.7,10,8\n"
    )
    assert read_pulses(path) == [
        Pulse(285.15, None, 0.4, -5.0, 3.7, {10.0: 10.0 * 1e-3}, 20.0),
        Pulse(285.15, None, 0.4, 5.0, 3.7, {10.0: 8.0 * 1e-3}, 20.0),
    ]


def test_a_trace_is_read_in_the_signs_and_units_of_parts(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("time_s,current_A,voltage_V,case_temp_C\n0,2,4,10\n1,2,3.9,\n1,3,3.8,30\n")
    trace = read_trace(path)
    assert trace.current_A.tolist() == [-2.0, -2.0, -3.0]
    assert trace.temperature_K is not None
    assert trace.temperature_K[0] == pytest.approx(283.15)
    assert trace.temperature_K[-1] == pytest.approx(303.15)
    path.write_text("time_s,current_A,voltage_V\n0,2,4\n2,2,3.9\n1,3,3.8\n")
    with pytest.raises(InputError, match="time runs backwards"):
        read_trace(path)
