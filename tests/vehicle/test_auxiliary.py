"""The 12 V loads by state of the vehicle."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from covolt.vehicle.auxiliary import Auxiliary, NoAuxiliary


def test_high_voltage_side_pays_for_the_converter() -> None:
    here = Auxiliary(standstill_load_W=184.0, converter_efficiency=0.92).at(0.0)
    assert float(here.standstill_W) == pytest.approx(200.0)


def test_lights_burn_while_the_car_is_on_only() -> None:
    dark, light = Auxiliary().at(0.0), Auxiliary().at(1.0)
    assert float(light.moving_W - dark.moving_W) == pytest.approx(90.0 / 0.92)
    assert float(light.standstill_W - dark.standstill_W) == pytest.approx(90.0 / 0.92)
    assert light.key_off_W == dark.key_off_W
    assert light.charging_W == dark.charging_W


def test_power_rises_from_standstill_to_moving() -> None:
    part = Auxiliary()
    here = part.at(0.0)
    powers_W = [float(part.power_W(here, jnp.asarray(v))) for v in (0.0, 0.5, 1.0, 30.0)]
    assert powers_W == pytest.approx([250 / 0.92, 265 / 0.92, 280 / 0.92, 280 / 0.92])


def test_states_are_ordered() -> None:
    here = Auxiliary().at(0.0)
    assert here.key_off_W < here.charging_W < here.standstill_W < here.moving_W


def test_no_auxiliary_takes_nothing() -> None:
    part = NoAuxiliary()
    assert float(part.power_W(part.at(1.0), jnp.asarray(10.0))) == 0.0
