"""The compiled drive: packing, padding, and lengths."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tests.sample import compact, figures, mission

from covolt.library.build import car
from covolt.simulation.core import compiled_drive, pack, pack_setting, unpack
from covolt.simulation.flat import STEP_COUNTS, padded_length
from covolt.simulation.run import profile_of, setting_of


@pytest.mark.parametrize("count", [1, 512, 1369, STEP_COUNTS[0], STEP_COUNTS[0] + 1, STEP_COUNTS[-1]])
def test_lengths_are_few(count: int) -> None:
    assert padded_length(count) == min(length for length in STEP_COUNTS if length >= count)


def test_a_very_long_mission_keeps_its_length() -> None:
    assert padded_length(STEP_COUNTS[-1] + 1) == STEP_COUNTS[-1] + 1
    assert list(STEP_COUNTS) == sorted(set(STEP_COUNTS))


def test_a_vehicle_is_a_vector_its_tables_and_a_structure() -> None:
    with_table = car(figures(dc_curve=[[0.1, "80 kW"], [0.8, "40 kW"], [1.0, "5 kW"]]))
    vector, tables, structure = pack(with_table)
    assert vector.dtype == np.float64
    assert len(vector) == sum(structure.scalar)
    assert len(tables) == len(structure.scalar) - sum(structure.scalar) > 0
    again = unpack(vector, tables, structure)
    assert jax.tree.structure(again) == jax.tree.structure(with_table)


def test_vehicles_of_the_same_parts_have_one_structure() -> None:
    alike = car(figures(motor_power="200 kW", battery_energy="80 kWh"))
    other = car(figures(heat_pump=True))
    assert pack(compact())[2] == pack(alike)[2]
    assert pack(compact())[2] != pack(other)[2]
    assert hash(pack(compact())[2]) == hash(pack(alike)[2])


def test_a_drive_ends_after_its_steps_and_counts_them() -> None:
    drive = mission()
    vector, tables, structure = pack(compact())
    columns, rows = profile_of(drive)
    assert rows.shape == (padded_length(drive.count), 2)
    assert not rows[drive.count :].any()
    run = compiled_drive(structure, columns, traced=False)
    setting = pack_setting(setting_of(drive))
    _, short, _ = run(vector, tables, setting, rows, 40)
    _, long, _ = run(vector, tables, setting, rows, drive.count)
    assert float(short.driven_steps) == 40.0
    assert float(long.driven_steps) == drive.count
    assert 0.0 < float(short.distance_m) < float(long.distance_m)
    assert float(long.first_miss_step) == -1.0
