"""One step, many ways to run it: eager or compiled, traced or in a batch, one by one or together, they all agree."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from tests.sample import compact, compiled_step, mission, with_leaf

from covolt.simulation.core import compiled_drive, pack, unpack
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission
from covolt.simulation.run import BatchRunner, profile_of, setting_of, simulate
from covolt.simulation.step import Request, step
from covolt.vehicle.assembly import Vehicle

COLD = Conditions(ambient_temperature_K=ZERO_CELSIUS_K - 20.0, comforts_on=True, state_of_charge=0.3)
MISSIONS = [mission(), mission(COLD, slope=0.06)]


def fleet(count: int = 8) -> list[Vehicle]:
    """Compact cars that differ; the last cannot keep up, the one before is broken."""
    random = np.random.default_rng(3)
    cars: list[Vehicle] = []
    for _ in range(count):
        car = compact()
        for where in (
            lambda v: v.body.mass_kg,
            lambda v: v.body.quadratic_N_s2_per_m2,
            lambda v: v.axles[0].gearbox.ratio,
            lambda v: v.battery.parallel_count,
        ):
            car = with_leaf(car, where, where(car) * random.uniform(0.8, 1.3))
        cars.append(car)
    cars[-1] = with_leaf(cars[-1], lambda v: v.axles[0].drive_unit.machine.peak_power_W, 12e3)
    cars[-2] = with_leaf(cars[-2], lambda v: v.body.mass_kg, np.nan)
    return cars


@pytest.fixture(scope="module")
def batch() -> list[list[Any]]:
    """Eight cars in parts of five: the second part is filled up."""
    return BatchRunner(threads=2, chunk=5, executor="xla").run(fleet(), MISSIONS)


def test_a_batch_drives_as_one_by_one(batch: list[list[Any]]) -> None:
    for results, vehicle in zip(batch, fleet(), strict=True):
        for result, drive in zip(results, MISSIONS, strict=True):
            alone = simulate(vehicle, drive).result
            for name in ("distance_m", "state_of_charge", "battery_temperature_K", "battery_energy_J", "plug_energy_J"):
                assert getattr(result, name) == pytest.approx(getattr(alone, name), rel=1e-11, abs=1e-9, nan_ok=True), (
                    name
                )
            entries = {entry.name: entry.energy_J for entry in alone.ledger.entries}
            mine = {entry.name: entry.energy_J for entry in result.ledger.entries}
            assert mine == pytest.approx(entries, rel=1e-9, abs=1e-3, nan_ok=True)


def test_each_drive_of_a_batch_has_its_own_outcome(batch: list[list[Any]]) -> None:
    first = [results[0].outcome for results in batch]
    assert [outcome.completed for outcome in first] == [True] * 6 + [False] * 2
    assert first[-1].limit == "drive unit"
    assert first[-2].limit == "not a number"
    alone = simulate(fleet()[-1], MISSIONS[0]).outcome
    assert first[-1].first_miss_time_s == alone.first_miss_time_s
    assert first[-1].missed_time_s == pytest.approx(alone.missed_time_s)
    assert first[-1].worst_miss_m_per_s == pytest.approx(alone.worst_miss_m_per_s)


def test_a_trace_sums_to_the_tally_that_is_kept_without_it() -> None:
    vector, tables, structure = pack(compact())
    for drive in MISSIONS:
        columns, rows = profile_of(drive)
        arguments = (vector, tables, np.array(jax.tree.leaves(setting_of(drive))), rows, drive.count)
        _, tally, none = compiled_drive(structure, columns, traced=False)(*arguments)
        assert none is None
        trace = simulate(compact(), drive)
        assert set(tally.energy_J) <= set(trace.names)
        for name, energy_J in tally.energy_J.items():
            summed_J = trace.energies_J()[name][-1]
            assert summed_J == pytest.approx(float(energy_J), rel=1e-11, abs=1e-6), name


def test_packing_keeps_every_number() -> None:
    vector, tables, structure = pack(compact())
    again = unpack(vector, tables, structure)
    assert jax.tree.structure(again) == jax.tree.structure(compact())
    assert jax.tree.leaves(again) == [float(leaf) for leaf in jax.tree.leaves(compact())]


def test_a_step_is_the_same_eager_and_compiled() -> None:
    drive = MISSIONS[1]
    setting = setting_of(drive)
    placed = compact().at(setting.ambient, setting.payload_kg, setting.comfort, setting.dynamometer)
    state, once = placed.start(setting.soak), compiled_step()
    state = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), state)
    for k in range(drive.count):
        target, slope = drive.profile["target_m_per_s"][k], drive.profile["slope_fraction"][k]
        after, signals = once(placed, state, target, slope, drive.dt_s)
        if k in {0, 7, 20, 40, 110}:
            bare, bare_signals = step(placed, state, Request(target, slope_fraction=slope), drive.dt_s)
            for mine, theirs in zip(jax.tree.leaves(bare), jax.tree.leaves(after), strict=True):
                assert float(mine) == pytest.approx(float(theirs), rel=1e-12, abs=1e-12)
            for name, value in signals.items():
                assert float(bare_signals[name]) == pytest.approx(float(value), rel=1e-10, abs=1e-7), name
        state = after


def test_a_loop_over_the_step_is_the_compiled_drive() -> None:
    drive = MISSIONS[1]
    setting = setting_of(drive)
    placed = compact().at(setting.ambient, setting.payload_kg, setting.comfort, setting.dynamometer)
    state = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), placed.start(setting.soak))
    trace = simulate(compact(), drive)
    for k in range(drive.count):
        target, slope = drive.profile["target_m_per_s"][k], drive.profile["slope_fraction"][k]
        state, signals = compiled_step()(placed, state, target, slope, drive.dt_s)
        for name in ("speed_m_per_s", "battery_power_W", "state_of_charge", "cabin_temperature_K"):
            assert float(signals[name]) == pytest.approx(trace[name][k], rel=1e-10, abs=1e-7), (name, k)


def test_padding_changes_nothing() -> None:
    drive = MISSIONS[0]
    vector, tables, structure = pack(compact())
    columns, rows = profile_of(drive)
    setting = np.array(jax.tree.leaves(setting_of(drive)))
    run = compiled_drive(structure, columns, traced=True)
    padded = run(vector, tables, setting, rows, drive.count)
    rows[drive.count :] = 33.0
    filled = run(vector, tables, setting, rows, drive.count)
    assert all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(padded), jax.tree.leaves(filled), strict=True))


def test_a_drive_is_repeatable_and_splits_where_it_stops() -> None:
    whole = simulate(compact(), MISSIONS[0])
    again = simulate(compact(), MISSIONS[0])
    assert np.array_equal(whole.values, again.values)
    shorter = Mission(
        "first minute",
        {name: values[:60] for name, values in MISSIONS[0].profile.items()},
        1.0,
        0.0,
        MISSIONS[0].conditions,
    )
    assert np.array_equal(simulate(compact(), shorter).values, whole.values[:60])
