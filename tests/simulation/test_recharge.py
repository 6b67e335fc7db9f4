"""What the mains give to put back what a drive took."""

from __future__ import annotations

import jax.numpy as jnp
import pytest
from tests.sample import compact, mission, with_leaf

from covolt.library.build import car
from covolt.library.cars import figures
from covolt.simulation.charging import ChargingMission, Socket, charge
from covolt.simulation.recharge import CHARGING_TEMPERATURE_K, recharge_energy_J
from covolt.simulation.run import simulate


def test_the_mains_give_more_than_is_stored_and_in_proportion() -> None:
    one, ten = recharge_energy_J(compact(), 1e6), recharge_energy_J(compact(), 1e7)
    assert ten == pytest.approx(10.0 * one)
    assert 1.05e6 < one < 1.3e6


def test_charger_cells_and_loads_take_the_difference() -> None:
    car = compact()
    base_J = recharge_energy_J(car, 1e6)
    for where, value in (
        (lambda v: v.charger.slope_efficiency, 0.85),
        (lambda v: v.battery.resistance_ratio, 4.0),
        (lambda v: v.auxiliary.charging_load_W, 600.0),
    ):
        assert recharge_energy_J(with_leaf(car, where, value), 1e6) > base_J


def test_without_losses_nothing_is_lost() -> None:
    ideal = with_leaf(
        compact(),
        lambda v: (
            v.charger.slope_efficiency,
            v.charger.fixed_loss_W,
            v.auxiliary.charging_load_W,
            v.battery.resistance_ratio,
            v.battery.joint_resistance_Ohm,
        ),
        (1.0, 0.0, 0.0, 1e-9, 0.0),
    )
    assert recharge_energy_J(ideal, 1e6) == pytest.approx(1e6, rel=1e-6)


@pytest.mark.parametrize("name", ["city-car", "leaf-40", "bolt-euv", "city-bus"])
def test_it_is_what_a_whole_session_takes(name: str) -> None:
    """One second from rest left the polarisations out: 0.25 to 0.4 % too little."""
    vehicle = car(figures(name))
    most_W = float(jnp.asarray(vehicle.charger.mains_power_max_W))
    session = charge(vehicle, ChargingMission(Socket(most_W), 0.0, 1.0, CHARGING_TEMPERATURE_K, dt_s=30.0), throw=True)
    assert recharge_energy_J(vehicle, session.stored_energy_J) == pytest.approx(session.plug_energy_J, rel=1e-3)


def test_a_drive_reports_it() -> None:
    result = simulate(compact(), mission()).result
    stored_J = result.ledger.energy_J("battery")
    assert result.plug_energy_J == pytest.approx(recharge_energy_J(compact(), stored_J), rel=1e-12)
