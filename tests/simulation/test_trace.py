"""The trace: signals by name with units, in memory and in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from tests.sample import compact, mission

from covolt.errors import InputError
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace, unit_of


@pytest.fixture(scope="module")
def trace() -> Trace:
    return simulate(compact(), mission(), name="compact")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("speed_m_per_s", "m/s"), ("front_rotor_speed_rad_per_s", "rad/s"), ("battery_power_W", "W"),
        ("front_torque_Nm", "Nm"), ("wheel_force_N", "N"), ("cabin_temperature_K", "K"), ("state_of_charge", "1"),
        ("distance_m", "m"), ("time_s", "s"),
    ],
)  # fmt: skip
def test_a_name_says_its_unit(name: str, unit: str) -> None:
    assert unit_of(name) == unit


def test_a_signal_that_is_not_there_lists_those_that_are(trace: Trace) -> None:
    with pytest.raises(InputError) as raised:
        trace["speed"]
    assert "no signal 'speed'" in raised.value.problems[0].what
    assert "speed_m_per_s" in raised.value.problems[0].hint


def test_the_data_set_carries_units(trace: Trace) -> None:
    data = trace.to_xarray()
    assert data["battery_power_W"].attrs["units"] == "W"
    assert data.sizes == {"time_s": 120}
    assert data.attrs["outcome"] == "completed"
    assert np.array_equal(data["speed_m_per_s"], trace["speed_m_per_s"])
    assert float(data["distance_m"][-1]) == pytest.approx(trace.result.distance_m)


def test_parquet_keeps_every_bit_and_the_units(trace: Trace, tmp_path: Path) -> None:
    trace.to_parquet(tmp_path / "trace.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "trace.parquet")
    assert table.schema.field("wheel_force_N").metadata[b"units"] == b"N"
    assert table.schema.metadata[b"vehicle"] == b"compact"
    for name in trace.names:
        assert np.array_equal(table[name].to_numpy(), trace[name])
    assert list(tmp_path.iterdir()) == [tmp_path / "trace.parquet"]


def test_csv_names_the_units_and_keeps_ten_digits(trace: Trace, tmp_path: Path) -> None:
    trace.to_csv(tmp_path / "trace.csv")
    header = (tmp_path / "trace.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header == ["time_s", "distance_m", *trace.names]
    table = np.loadtxt(tmp_path / "trace.csv", delimiter=",", skiprows=1)
    assert np.allclose(table[:, 2:], trace.values, rtol=1e-9, atol=0.0)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "trace.csv", tmp_path / "trace.csv-metadata.json"]


@pytest.mark.parametrize(("kind", "largest"), [("parquet", 0.0), ("nc", 0.0), ("csv", 1e-9)])
def test_a_trace_is_read_again_with_all_that_it_knew(trace: Trace, tmp_path: Path, kind: str, largest: float) -> None:
    path = tmp_path / f"trace.{kind}"
    {"parquet": trace.to_parquet, "nc": trace.to_netcdf, "csv": trace.to_csv}[kind](path)
    again = Trace.read(path)
    assert again.result.name == "compact"
    assert (again.outcome, again.ledger, again.names, again.executor) == (
        trace.outcome, trace.ledger, trace.names, trace.executor,
    )  # fmt: skip
    assert np.allclose(again.values, trace.values, rtol=largest, atol=0.0)
    assert again.result.range_m == trace.result.range_m
    assert again.result.mission.conditions == trace.result.mission.conditions
    assert np.array_equal(again.distance_m, trace.distance_m) or kind == "csv"


def test_what_is_no_trace_is_refused(trace: Trace, tmp_path: Path) -> None:
    trace.to_csv(tmp_path / "alone.csv")
    (tmp_path / "alone.csv-metadata.json").unlink()
    pyarrow.parquet.write_table(pyarrow.table({"a": [1.0]}), tmp_path / "other.parquet")
    (tmp_path / "text.nc").write_text("no")
    for name, said in (
        ("alone.csv", "there is no file"),
        ("other.parquet", "no trace of covolt"),
        ("text.nc", "no trace of covolt"),
        ("missing.parquet", "there is no file"),
        ("trace.xlsx", "read from .parquet, .csv or .nc"),
    ):
        with pytest.raises(InputError, match=said):
            Trace.read(tmp_path / name)


def test_the_range_is_what_the_cells_hold_at_this_consumption(trace: Trace) -> None:
    """R = E s / E_used, computed here anew from the battery and the ledger."""
    held_J = float(compact().battery.energy_J())
    used_J = next(entry.energy_J for entry in trace.ledger.entries if entry.name == "battery")
    assert trace.result.range_m == pytest.approx(held_J * trace.result.distance_m / used_J, rel=1e-12)


def test_flows_sum_to_the_ledger(trace: Trace) -> None:
    energies = trace.energies_J()
    assert energies["air_power_W"][-1] == pytest.approx(trace.ledger.energy_J("air drag"))
    assert np.all(np.diff(energies["air_power_W"]) >= 0.0)


def test_consumption_is_energy_over_distance(trace: Trace) -> None:
    result = trace.result
    assert result.battery_energy_J == pytest.approx(-trace["battery_power_W"].sum())
    assert result.battery_consumption_J_per_m == pytest.approx(result.battery_energy_J / trace.distance_m[-1])
    assert result.plug_consumption_J_per_m > result.battery_consumption_J_per_m
