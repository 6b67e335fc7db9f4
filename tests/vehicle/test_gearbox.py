"""Gearboxes: one gear, several gears, and their oil."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.gearbox import FixedGearbox, Lubrication, ShiftingGearbox
from covolt.vehicle.part import ZERO_CELSIUS_K


def lubrication(**changes: Any) -> Lubrication:
    return Lubrication(
        **{
            "drag_Nm": 0.5,
            "drag_per_speed_Nm_s": 0.001,
            "viscosity_coefficient_per_K": 0.025,
            "reference_temperature_K": ZERO_CELSIUS_K + 40.0,
            "included_fraction": 0.0,
            "heat_capacity_J_per_K": 15e3,
            "conductance_W_per_K": 10.0,
        }
        | changes
    )


def two_gears() -> ShiftingGearbox:
    return ShiftingGearbox(
        ratios=jnp.asarray([14.0, 7.0]),
        mesh_efficiencies=jnp.asarray([0.97, 0.98]),
        upshift_speed_rad_per_s=900.0,
        downshift_speed_rad_per_s=300.0,
        shift_time_s=0.4,
        lubrication=lubrication(),
        mass_kg=40.0,
    )


def test_drag_doubles_to_quadruples_at_minus_twenty() -> None:
    warm, cold = (float(lubrication().torque_Nm(ZERO_CELSIUS_K + T, 300.0)) for T in (40.0, -20.0))
    assert warm == pytest.approx(0.5 + 0.3)
    assert 2.0 < cold / warm < 5.0
    assert cold / warm == pytest.approx(np.exp(1.5))


def test_a_coast_down_already_holds_the_warm_drag() -> None:
    part = lubrication(included_fraction=1.0)
    assert float(part.torque_Nm(ZERO_CELSIUS_K + 40.0, 300.0)) == 0.0
    assert float(part.torque_Nm(ZERO_CELSIUS_K + 80.0, 300.0)) == 0.0
    assert float(part.torque_Nm(ZERO_CELSIUS_K - 20.0, 300.0)) == pytest.approx(0.8 * (np.exp(1.5) - 1.0))


def test_nothing_drags_at_rest() -> None:
    assert float(lubrication().torque_Nm(250.0, 0.0)) == 0.0


@pytest.mark.parametrize("dt_s", [0.1, 60.0, 1e7])
def test_oil_settles_where_heat_leaves_as_it_comes(dt_s: float) -> None:
    oil = jnp.asarray(263.0)
    for _ in range(3):
        oil = lubrication().warmed_K(oil, 300.0, 263.0, dt_s)
    assert 263.0 < float(oil) <= 293.0
    assert float(lubrication().warmed_K(oil, 300.0, 263.0, 1e12)) == pytest.approx(293.0, abs=1e-3)


def test_one_gear_transmits_always() -> None:
    box = FixedGearbox(ratio=9.0, mesh_efficiency=0.985, lubrication=lubrication(), mass_kg=30.0)
    state, engaged = box.engage(box.start(ZERO_CELSIUS_K + 40.0), 50.0, 1.0)
    assert (float(engaged.ratio), float(engaged.mesh_efficiency), float(engaged.transmitting_fraction)) == (9, 0.985, 1)
    assert float(engaged.drag_Nm) == pytest.approx(0.5 + 0.45)
    assert float(box.step(state, 100.0, 263.0, 1.0).oil_temperature_K) < ZERO_CELSIUS_K + 40.0


def test_gears_follow_the_speed_with_hysteresis() -> None:
    box = two_gears()
    state = box.start(ZERO_CELSIUS_K + 40.0)
    gears: list[int] = []
    for wheel in (0.0, 40.0, 64.0, 65.0, 65.0, 50.0, 43.0, 42.0, 42.0, 60.0):
        state, _ = box.engage(state, wheel, 1.0)
        gears.append(int(state.gear))
    assert gears == [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]


def test_a_shift_interrupts_for_its_time_and_reads_the_new_gear() -> None:
    box = two_gears()
    state, engaged = box.engage(box.start(300.0), 70.0, 1.0)
    assert float(engaged.ratio) == 7.0
    assert float(engaged.mesh_efficiency) == 0.98
    assert float(engaged.transmitting_fraction) == pytest.approx(0.6)
    _, steady = box.engage(state, 70.0, 1.0)
    assert float(steady.transmitting_fraction) == 1.0
    _, short = box.engage(box.start(300.0), 70.0, 0.1)
    assert float(short.transmitting_fraction) == 0.0


def test_there_is_no_gear_beyond_the_last() -> None:
    box = two_gears()
    state = box.start(300.0)
    for _ in range(3):
        state, engaged = box.engage(state, 300.0, 1.0)
    assert int(state.gear) == 1
    assert float(engaged.ratio) == 7.0
    assert float(engaged.transmitting_fraction) == 1.0
