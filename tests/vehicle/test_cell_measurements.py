"""Measurements of a cell at the door: a made-up cell whose truth is known, and what testers and people do to its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covolt.cli import exit_codes, main
from covolt.errors import InputError
from covolt.vehicle.cell import EquivalentCircuitCell
from covolt.vehicle.identification import IdentificationReport, identify
from covolt.vehicle.pulse_data import read_pulses, read_trace, slow_discharge

CAPACITY_Ah = 5.0
SLOW_A = 0.2
LEVELS = (0.9, 0.7, 0.5, 0.3, 0.15)
Change = Callable[[np.ndarray], np.ndarray]


def rest_V(z: np.ndarray | float) -> np.ndarray:
    return np.asarray(3.2 + 0.7 * np.asarray(z) + 0.2 * np.asarray(z) ** 2 - 0.25 * np.exp(-25.0 * np.asarray(z)))


def resistance_Ohm(celsius: float, time_s: float, kinetic: float = 0.0, current_A: float = 1.0) -> float:
    """20 mOhm ohmic and one pair of 3 mOhm and 15 s; `kinetic` adds what a transfer of that exchange current does."""
    ohmic = 0.020 * np.exp(2000.0 * (1.0 / (celsius + 273.15) - 1.0 / 298.15))
    total = float(ohmic + 0.003 * (1.0 - np.exp(-time_s / 15.0)))
    if kinetic:
        slope_V = 2.0 * 8.617e-5 * (celsius + 273.15)
        exchange_A = kinetic * np.exp(-6000.0 * (1.0 / (celsius + 273.15) - 1.0 / 298.15))
        total += float(slope_V * np.arcsinh(0.5 * abs(current_A) / exchange_A) / abs(current_A))
    return total


def pulses_csv(
    path: Path,
    currents: Sequence[float] = (5.0,),
    *,
    celsius: Sequence[float] = (25.0, 0.0),
    levels: Sequence[float] = LEVELS,
    times: Sequence[str] = ("1s", "10s"),
    place: str = "discharged_Ah_before",
    kinetic: float = 0.0,
    mark: str = ",",
) -> Path:
    """A table of pulses; drift of the open-circuit voltage included."""
    rows = [mark.join(["ambient_C", place, "pulse_A", "rest_voltage_V", *(f"R_{one}_mohm" for one in times)])]
    for T in celsius:
        for z in levels:
            for current in currents:
                drawn = {"discharged_Ah_before": CAPACITY_Ah * (1.0 - z), "soc_pct": 100.0 * z, "fraction": z}[place]
                values: list[float] = [T, drawn, current, float(rest_V(z))]
                for one in times:
                    seconds = float(one[:-1].replace("p", "."))
                    moved = z - current * seconds / 3600.0 / CAPACITY_Ah
                    drift = float(rest_V(z) - rest_V(moved)) / current
                    values.append(1e3 * (resistance_Ohm(T, seconds, kinetic, current) + drift))
                rows.append(mark.join(f"{value:.6g}".replace(".", "," if mark == ";" else ".") for value in values))
    path.write_text("\n".join(rows).replace("fraction", "soc_pct") + "\n")
    return path


def slow_csv(path: Path, change: Change | None = None, *, rows: int = 1500) -> Path:
    """A discharge of 25 h from full to empty, its rows perhaps changed: time, current and voltage."""
    time_s = np.linspace(0.0, CAPACITY_Ah / SLOW_A * 3600.0, rows)
    z = 1.0 - time_s * SLOW_A / 3600.0 / CAPACITY_Ah
    table = np.column_stack([time_s, np.full(rows, SLOW_A), rest_V(z) - 0.023 * SLOW_A])
    table = table if change is None else change(table)
    path.write_text(
        "time_s,current_A,voltage_V\n" + "\n".join(",".join(f"{v:.6f}" for v in row) for row in table) + "\n"
    )
    return path


def later_by(table: np.ndarray, seconds: float) -> np.ndarray:
    return table + np.array([seconds, 0.0, 0.0])


def found(pulses: Path, slow: Path) -> tuple[EquivalentCircuitCell, IdentificationReport]:
    return identify(read_pulses(pulses), slow_discharge(read_trace(slow)))


def capacity_Ah(cell: EquivalentCircuitCell) -> float:
    return float(cell.capacity_C) / 3600.0


def lost(*rows: int) -> Change:
    """A current of 0 in these rows, the voltage going on as it does."""

    def change(table: np.ndarray) -> np.ndarray:
        table[list(rows), 1] = 0.0
        return table

    return change


def paused(row: int, minutes: float) -> Change:
    """A rest after this row in which the cell recovers, five rows long."""

    def change(table: np.ndarray) -> np.ndarray:
        time_s, current_A, voltage_V = table[row]
        rest = [[time_s + minutes * 12.0 * k, 0.0, voltage_V + 0.023 * current_A] for k in range(1, 6)]
        later = later_by(table[row + 1 :], minutes * 60.0)
        return np.vstack([table[: row + 1], rest, later])

    return change


@pytest.mark.parametrize("row", [30, 750])
def test_a_row_without_current_cuts_nothing_off(tmp_path: Path, row: int) -> None:
    """One such row at 5 % of a discharge once cost 5 % of the capacity, in silence; in its middle it ended in a traceback."""
    pulses = pulses_csv(tmp_path / "p.csv")
    for change in (lost(row), lost(row, row + 1, row + 2), lost(row, row + 40), paused(row, 10.0)):
        cell, report = found(pulses, slow_csv(tmp_path / "s.csv", change))
        assert capacity_Ah(cell) == pytest.approx(CAPACITY_Ah, rel=0.002)
        assert any(str(row + 2) in one or str(row + 3) in one for one in report.remarks)


def test_a_long_rest_is_refused_with_its_row(tmp_path: Path) -> None:
    path = slow_csv(tmp_path / "s.csv", paused(700, 180.0))
    with pytest.raises(InputError, match="no current flows for") as raised:
        slow_discharge(read_trace(path))
    assert raised.value.problems[0].where == "slow discharge, row 703"


def test_a_pulse_before_a_rest_is_no_part_and_that_is_said(tmp_path: Path) -> None:
    def change(table: np.ndarray) -> np.ndarray:
        before = np.array([[0.0, 5.0, 4.0], [1.0, 5.0, 4.0], [2.0, 0.0, 4.08]])
        return np.vstack([before, later_by(table, 7200.0)])

    got = slow_discharge(read_trace(slow_csv(tmp_path / "s.csv", change)))
    assert got.charge_C[-1] == pytest.approx(CAPACITY_Ah * 3600.0, rel=1e-3)
    assert any("before a long rest" in one for one in got.remarks)


def test_a_discharge_that_begins_away_from_full_is_refused(tmp_path: Path) -> None:
    pulses = pulses_csv(tmp_path / "p.csv")
    with pytest.raises(InputError, match="after full"):
        found(pulses, slow_csv(tmp_path / "s.csv", lambda table: table[120:]))


def test_another_cell_is_refused(tmp_path: Path) -> None:
    pulses = pulses_csv(tmp_path / "p.csv")

    def other(table: np.ndarray) -> np.ndarray:
        table[:, 2] = 3.3 + 0.1 * np.linspace(1.0, 0.0, len(table)) ** 3
        return table

    with pytest.raises(InputError) as raised:
        found(pulses, slow_csv(tmp_path / "s.csv", other))
    assert all(problem.hint and "slow discharge" in problem.where for problem in raised.value.problems)


@pytest.mark.parametrize("charge", [False, True])
def test_a_reversed_sign_is_said(tmp_path: Path, charge: bool) -> None:
    """With a charge after the discharge it ended in a traceback, alone it read "holds no discharge"."""

    def change(table: np.ndarray) -> np.ndarray:
        back = np.column_stack([table[:, 0] + table[-1, 0] + 60.0, -table[:, 1], table[::-1, 2] + 0.01])
        both = np.vstack([table, back]) if charge else table
        both[:, 1] *= -1.0
        return both

    with pytest.raises(InputError) as raised:
        slow_discharge(read_trace(slow_csv(tmp_path / "s.csv", change)))
    (problem,) = raised.value.problems
    assert "sign" in problem.hint and "slow discharge" in problem.where


def test_the_discharge_among_others_is_the_longest_and_the_others_are_told(tmp_path: Path) -> None:
    def change(table: np.ndarray) -> np.ndarray:
        short = table[:100] * [1.0, 4.0, 1.0]
        charge = later_by(table[:100] * [1.0, -4.0, 1.0], short[-1, 0] + 60.0)
        return np.vstack([short, charge, later_by(table, charge[-1, 0] + 60.0)])

    got = slow_discharge(read_trace(slow_csv(tmp_path / "s.csv", change)))
    assert got.charge_C[-1] == pytest.approx(CAPACITY_Ah * 3600.0, rel=2e-3)
    assert got.remarks == ("1 shorter discharges of the trace are not used",)


def test_an_outlier_and_a_repeated_time_are_named_by_row(tmp_path: Path) -> None:
    def spike(table: np.ndarray) -> np.ndarray:
        table[500, 2] += 0.3
        return table

    def twice(table: np.ndarray) -> np.ndarray:
        table[501, 0] = table[500, 0]
        return table

    for change, row in ((spike, 502), (twice, 503)):
        with pytest.raises(InputError) as raised:
            slow_discharge(read_trace(slow_csv(tmp_path / "s.csv", change)))
        assert raised.value.problems[0].where == f"slow discharge, row {row}"


def test_rows_are_counted_with_the_empty_ones(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("time_s,current_A,voltage_V\n\n0,1,4\n\n1,x,4\n")
    with pytest.raises(InputError) as raised:
        read_trace(path)
    assert raised.value.problems[0].where == f"{path}:5"


def test_negative_current_is_charge(tmp_path: Path) -> None:
    """Both directions once were read as discharge."""
    path = pulses_csv(tmp_path / "p.csv", (5.0, -3.75))
    pulses = read_pulses(path)
    assert sorted({pulse.current_A for pulse in pulses}) == [-5.0, 3.75]
    cell, report = identify(pulses, slow_discharge(read_trace(slow_csv(tmp_path / "s.csv"))))
    assert report.resistance_rms < 0.01 and cell.exchange_current_A is None
    only = read_pulses(pulses_csv(tmp_path / "p.csv", (-3.75,)))
    _, report = identify(only, slow_discharge(read_trace(tmp_path / "s.csv")))
    assert any("all pulses charge the cell" in one for one in report.remarks)


@pytest.mark.parametrize("currents", [(5.04, 4.96), (5.0, 1.0), (9.0, 3.0, 1.0)])
def test_a_cell_without_kinetics_has_none_found(tmp_path: Path, currents: tuple[float, ...]) -> None:
    """Amplitudes of 2.96 and 2.94 A once made kinetics, and a resistance in the cold that falls by 60 % from 1 to 10 A."""
    cell, report = found(pulses_csv(tmp_path / "p.csv", currents), slow_csv(tmp_path / "s.csv"))
    assert cell.exchange_current_A is None
    assert any("exchange current" in one for one in report.undetermined)
    cold = cell.parameters(0.5, 273.15)
    slow_Ohm = sum(float(R) * (1.0 - np.exp(-10.0 * float(rate))) for R, rate in cold.pairs)
    assert float(cold.ohmic_resistance_Ohm) + slow_Ohm == pytest.approx(resistance_Ohm(0.0, 10.0), rel=0.02)


def test_a_cell_with_kinetics_has_them_found_where_amplitudes_show_them(tmp_path: Path) -> None:
    slow = slow_csv(tmp_path / "s.csv")
    for currents, shown in (((10.0, 5.0, 1.0), True), ((5.04, 4.96), False)):
        path = pulses_csv(tmp_path / "p.csv", currents, celsius=(25.0, 0.0, -10.0), kinetic=1.5)
        cell, report = found(path, slow)
        assert (cell.exchange_current_A is not None) is shown
        assert report.resistance_rms < 0.02


def test_pulses_too_short_are_refused(tmp_path: Path) -> None:
    slow = slow_csv(tmp_path / "s.csv")
    with pytest.raises(InputError, match=r"no pulse reaches 0\.5 s"):
        found(pulses_csv(tmp_path / "p.csv", times=("0p1s", "0p2s")), slow)
    _, report = found(pulses_csv(tmp_path / "p.csv", times=("0p1s", "1s", "10s")), slow)
    assert report.remarks == ("10 resistances before 0.5 s are not used",)


def test_fractions_in_percent_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="are these fractions") as raised:
        read_pulses(pulses_csv(tmp_path / "p.csv", place="fraction"))
    assert "90 for 90 %" in raised.value.problems[0].hint
    assert read_pulses(pulses_csv(tmp_path / "p.csv", place="soc_pct"))[0].state_of_charge == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("discharged_Ah_before", "25,0.5,5,4,0.02", "are R_10s_mohm in mOhm"),
        ("discharged_Ah_before", "25,0.5,5000,4,20", "are R_10s_mohm in mOhm and the current in A"),
        ("discharged_Ah_before", "25,0.5,5,4,-20", "R_10s_mohm is not above zero"),
        ("discharged_Ah_before", "25,0.5,0,4,20", "lacks a plausible current"),
        ("discharged_Ah_before", "25,0.5,5,400,20", "lacks a plausible rest voltage"),
        ("discharged_Ah_before", "298,0.5,5,4,20", "lacks a plausible temperature"),
        ("discharged_Ah_before", "25,,5,4,20", "lacks a plausible place"),
        ("soc_pct", "25,900,5,4,20", "soc_pct reaches from 900"),
        ("discharged_Ah_before", "25,0.5,5,4,", "no row holds a resistance"),
        ("discharged_Ah_before", "25,0,5,5,4,20", "more cells than the heading"),
    ],
)
def test_a_row_that_no_cell_has_is_refused(tmp_path: Path, head: str, row: str, words: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"ambient_C,{head},pulse_A,rest_voltage_V,R_10s_mohm\n{row}\n")
    with pytest.raises(InputError) as raised:
        read_pulses(path)
    told = " ".join(f"{one.what} {one.hint}" for one in raised.value.problems)
    assert words in told and all(one.hint for one in raised.value.problems)


def test_charges_in_another_unit_are_refused(tmp_path: Path) -> None:
    path = pulses_csv(tmp_path / "p.csv")
    head, *rows = path.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    path.write_text("\n".join([head, *(",".join([a, str(1000.0 * float(b)), *c]) for a, b, *c in cells)]) + "\n")
    with pytest.raises(InputError, match="write charges in Ah"):
        found(path, slow_csv(tmp_path / "s.csv"))


def test_one_state_of_charge_is_refused_in_words_of_people(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        found(pulses_csv(tmp_path / "p.csv", celsius=(25.0,), levels=(0.5,)), slow_csv(tmp_path / "s.csv"))
    assert [one.what for one in raised.value.problems] == [
        "pulses at one temperature only",
        "pulses at one state of charge only",
    ]


def test_decimal_commas_and_semicolons_are_read(tmp_path: Path) -> None:
    comma, point = tmp_path / "c.csv", tmp_path / "p.csv"
    assert read_pulses(pulses_csv(comma, mark=";")) == read_pulses(pulses_csv(point))


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10), st.integers(0, 5), st.sampled_from(["", "x", "-1", "0", "1e9", "nan", "inf", "1;2", '"', "0.5"])
)
def test_whatever_stands_in_a_cell_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, row: int, column: int, text: str
) -> None:
    folder = tmp_path_factory.mktemp("cell")
    lines = pulses_csv(folder / "p.csv").read_text().splitlines()
    cells = lines[row].split(",")
    cells[column] = text
    lines[row] = ",".join(cells)
    (folder / "p.csv").write_text("\n".join(lines))
    try:
        found(folder / "p.csv", slow_csv(folder / "s.csv", rows=60))
    except InputError as error:
        assert all(one.hint and one.what for one in error.problems)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from([-1.0, 0.0, 1.0]), st.floats(2.5, 4.2)), max_size=40))
def test_whatever_a_trace_is_it_is_a_discharge_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float, float]]
) -> None:
    path = tmp_path_factory.mktemp("trace") / "s.csv"
    path.write_text("time_s,current_A,voltage_V\n" + "".join(f"{t},{i},{v}\n" for t, i, v in sorted(rows)))
    try:
        got = slow_discharge(read_trace(path))
    except InputError as error:
        assert all(one.hint and one.what and one.where for one in error.problems)
    else:
        assert np.all(np.diff(got.charge_C) > 0.0) and got.voltage_V[-1] < got.voltage_V[0]


def test_the_command_tells_what_it_did_not_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pulses, slow = pulses_csv(tmp_path / "p.csv"), slow_csv(tmp_path / "s.csv", lost(75))
    with pytest.raises(SystemExit) as leaving:
        main(["identify", "battery", str(pulses), "--slow", str(slow), "-o", str(tmp_path / "cell.toml")])
    assert leaving.value.code == exit_codes.COMPLETED
    out = " ".join(capsys.readouterr().out.split())
    assert "5.000 Ah" in out and "rows 77 hold no current" in out
    slow_csv(slow, lambda table: table * [1.0, -1.0, 1.0])
    with pytest.raises(SystemExit) as leaving:
        main(["identify", "battery", str(pulses), "--slow", str(slow), "-o", str(tmp_path / "cell.toml")])
    assert leaving.value.code == exit_codes.INPUT_WRONG
    assert "turn the sign" in " ".join(capsys.readouterr().err.split())
