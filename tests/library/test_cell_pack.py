"""A car of measured cells: its figures are met, its resistance is the cells', and its joules are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.library.test_cell_file import cell
from tests.sample import COMPACT, compact, figures, mission

from covolt.errors import InputError
from covolt.library.build import car
from covolt.library.cars import car_files, car_text
from covolt.library.cell_file import CellFile, read_cell, write_cell
from covolt.library.figures import read_car
from covolt.simulation.mission import Conditions
from covolt.simulation.run import simulate
from covolt.vehicle.battery import CellBattery


@pytest.fixture
def cell_path(tmp_path: Path) -> Path:
    path = tmp_path / "cells" / "cell.toml"
    path.parent.mkdir()
    write_cell(cell(), path, source="pulses.csv")
    return path


@pytest.fixture
def car_path(tmp_path: Path, cell_path: Path) -> Path:
    def line(name: str, value: object) -> str:
        return f"{name} = {value!r}\n".replace("'", '"')

    plain = "".join(line(name, value) for name, value in COMPACT.items() if not isinstance(value, dict))
    road = "".join(line(name, value) for name, value in COMPACT["coast_down"].items())
    path = tmp_path / "my-car.toml"
    path.write_text(f'battery_cell = "cells/cell.toml"\n{plain}[coast_down]\n{road}')
    return path


def pack_of_cells(cell: CellFile, **changes: str) -> CellBattery:
    battery = car(figures(battery_cell=cell, **changes)).battery
    assert isinstance(battery, CellBattery)
    return battery


def test_voltage_and_energy_are_those_of_the_car(cell_path: Path) -> None:
    file = read_cell(cell_path)
    for voltage_V, energy_kWh in ((350.0, 40.0), (800.0, 90.0)):
        pack = pack_of_cells(file, battery_voltage=f"{voltage_V} V", battery_energy=f"{energy_kWh} kWh")
        assert float(pack.energy_J()) == pytest.approx(energy_kWh * 3.6e6, rel=1e-6)
        assert float(pack.series_count) % 1.0 == 0.0
        assert float(pack.nominal_voltage_V) == pytest.approx(voltage_V, abs=0.5 * 3.7)
        assert (float(pack.minimum_voltage_V), float(pack.maximum_voltage_V)) == (3.0, 4.2)


def test_the_resistance_is_that_of_the_cells(cell_path: Path) -> None:
    pack = pack_of_cells(read_cell(cell_path))
    found = pack.cell.parameters(0.5, 263.15)
    assert float(found.ohmic_resistance_Ohm) * float(pack.resistance_ratio) == pytest.approx(2.8e-3)
    generic = compact().battery
    assert isinstance(generic, CellBattery)
    joints = [float(one.joint_resistance_Ohm * one.cell.capacity_C * one.parallel_count) for one in (pack, generic)]
    assert joints[0] == pytest.approx(joints[1])


def test_stated_limits_of_voltage_hold(cell_path: Path) -> None:
    cell_path.write_text(cell_path.read_text().replace("capacity_C", "minimum_voltage_V = 2.8\ncapacity_C", 1))
    assert float(pack_of_cells(read_cell(cell_path)).minimum_voltage_V) == 2.8


@pytest.mark.whole
def test_a_car_file_names_its_cell_and_the_drive_closes(car_path: Path) -> None:
    vehicle = car(read_car(car_path))
    cold = simulate(vehicle, mission(Conditions(ambient_temperature_K=268.15)))
    assert cold.outcome.completed
    assert cold.ledger.closes
    generic = simulate(compact(), mission(Conditions(ambient_temperature_K=268.15)))
    assert cold.ledger.energy_J("battery loss") != pytest.approx(generic.ledger.energy_J("battery loss"), rel=0.05)
    assert np.isfinite(cold.values).all()


def test_problems_of_the_car_and_of_its_cell_are_told_together(car_path: Path, cell_path: Path) -> None:
    car_path.write_text(car_path.read_text().replace('"110 kW"', '"110 kg"'))
    cell_path.write_text(cell_path.read_text().replace("capacity_C = 18000.0", "capacity_C = -1.0"))
    with pytest.raises(InputError) as raised:
        read_car(car_path)
    assert [problem.where.partition(":")[0] for problem in raised.value.problems] == [str(cell_path), str(car_path)]
    cell_path.unlink()
    with pytest.raises(InputError) as raised:
        read_car(car_path)
    first, second = raised.value.problems
    assert first.where == f"{car_path}:1 (battery_cell)"
    assert "cell.toml" in first.what and first.hint
    assert "motor_power" in second.where


def test_the_cell_belongs_to_the_text_by_which_a_car_is_remembered(car_path: Path, cell_path: Path) -> None:
    before = car_text(str(car_path))
    assert before is not None
    assert car_text(str(car_path)) == before
    cell_path.write_text(cell_path.read_text().replace("0.0028", "0.0029"))
    assert car_text(str(car_path)) not in {before, None}
    assert car_files(str(car_path)) == [car_path, cell_path]
    cell_path.unlink()
    assert car_text(str(car_path)) is None


def test_a_path_says_nothing_where_there_is_no_file() -> None:
    with pytest.raises(ValueError, match="no file names it"):
        figures(battery_cell="cell.toml")
