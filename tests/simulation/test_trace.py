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
    assert list(tmp_path.iterdir()) == [tmp_path / "trace.csv"]


def test_flows_sum_to_the_ledger(trace: Trace) -> None:
    energies = trace.energies_J()
    assert energies["air_power_W"][-1] == pytest.approx(trace.ledger.energy_J("air drag"))
    assert np.all(np.diff(energies["air_power_W"]) >= 0.0)


def test_consumption_is_energy_over_distance(trace: Trace) -> None:
    result = trace.result
    assert result.battery_energy_J == pytest.approx(-trace["battery_power_W"].sum())
    assert result.battery_consumption_J_per_m == pytest.approx(result.battery_energy_J / trace.distance_m[-1])
    assert result.plug_consumption_J_per_m > result.battery_consumption_J_per_m
