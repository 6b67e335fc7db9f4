"""A battery that is not covolt's is charged as covolt's own is, and ages where it says how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.sample import compact
from tests.simulation.test_joint import Spoilt, foreign, linked

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.own_battery import own_battery
from covolt.library.component_battery import ComponentBattery
from covolt.library.subject import Subject
from covolt.simulation.charging import SIGNALS, ChargingMission, ChargingSession, Socket, charge
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.run import simulate
from covolt.study.lifetime.aged import aged
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.charger import Station

COLD = ChargingMission(Station(power_max_W=150e3), 0.1, 0.8, ambient_temperature_K=263.15)
SESSIONS = {
    "post": ChargingMission(Station(power_max_W=50e3), 0.1, 0.8),
    "cold, heated": COLD,
    "to the full at a socket": ChargingMission(Socket(7.4e3), 0.7, 1.0, dt_s=60.0),
}


def assert_alike(ours: ChargingSession, own: ChargingSession) -> None:
    assert ours.outcome.completed == own.outcome.completed
    assert ours.time_s == pytest.approx(own.time_s, rel=1e-6)
    assert len(ours.values) == len(own.values)
    unlike = {"battery_open_circuit_power_W", "battery_loss_power_W", "unserved_power_W"}
    for name in SIGNALS:
        if name not in unlike:
            # The last step is cut where the charge is reached, by one rule and by the other.
            scale = np.abs(own[name]).max() + 1e-9
            np.testing.assert_allclose(ours[name][:-1], own[name][:-1], rtol=0.0, atol=1e-8 * scale, err_msg=name)
            np.testing.assert_allclose(ours[name][-1], own[name][-1], rtol=0.0, atol=1e-5 * scale, err_msg=name)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("cold, heated", "current"),
        pytest.param("cold, heated", "power", marks=pytest.mark.slow),
        pytest.param("post", "power", marks=pytest.mark.slow),
        pytest.param("to the full at a socket", "power", marks=pytest.mark.slow),
        pytest.param("to the full at a socket", "current", marks=pytest.mark.slow),
    ],
)
def test_a_session_settles_to_that_of_the_step(name: str, given: Any) -> None:
    own, ours = charge(compact(), SESSIONS[name]), charge(linked(compact(), given), SESSIONS[name])
    assert_alike(ours, own)
    assert ours.coupling is not None
    assert ours.coupling.rest_ratio <= 1e-12
    assert ours.ledger.open == ("battery",)
    assert own.coupling is None


def test_a_session_with_an_answer_that_is_no_number_is_none() -> None:
    own = compact().battery
    assert isinstance(own, CellBattery)

    def change(answer: Any, _: int) -> Any:
        return answer._replace(
            temperature_K=np.where(np.arange(answer.temperature_K.shape[1]) > 9, np.nan, 300.0)[None]
        )

    link = Spoilt(ComponentBattery(own_battery(own, "pack", "power")), change)
    with pytest.raises(ComponentFailed, match="pack answers nan for temperature_K at 100 s"):
        charge(foreign(compact(), link), COLD)


def test_a_session_whose_battery_warms_by_nothing_is_none() -> None:
    own = compact().battery
    assert isinstance(own, CellBattery)

    def change(answer: Any, _: int) -> Any:
        warmer_K = np.where(np.arange(answer.temperature_K.shape[1]) > 9, 35.0, 0.0)[None]
        return answer._replace(temperature_K=answer.temperature_K + warmer_K)

    link = Spoilt(ComponentBattery(own_battery(own, "pack", "power")), change)
    session = charge(foreign(compact(), link), ChargingMission(Station(power_max_W=50e3), 0.4, 0.5))
    assert session.outcome.limit == "coupling"
    assert "pack goes from 24 to 59 degC within 10 s" in str(session.outcome)


def test_a_part_ages_where_it_says_how() -> None:
    drive = follow(standard("udds"), Conditions(state_of_charge=0.8))
    own, ours = aged(Subject(compact()), 0.8), aged(Subject(linked(compact())), 0.8)
    assert simulate(ours.vehicle, drive).result.state_of_charge == pytest.approx(
        simulate(own.vehicle, drive).result.state_of_charge, rel=1e-9
    )
    assert float(ours.vehicle.battery.capacity_C) == pytest.approx(0.8 * float(compact().battery.capacity_C))


def test_a_part_without_parameters_of_ageing_is_not_aged() -> None:
    own = compact().battery
    assert isinstance(own, CellBattery)
    link = ComponentBattery(own_battery(own, "pack", "power"), ports={"ageing_capacity_ratio": "nothing"})
    with pytest.raises(InputError, match="pack cannot be aged"):
        aged(Subject(foreign(compact(), link)), 0.8)
