"""Charging sessions: their energy, their limits, the cold, and what cannot be charged."""

from __future__ import annotations

import equinox as eqx
import numpy as np
import pytest

from covolt.errors import DriveFailed, InputError
from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.simulation.charging import LIMITS, ChargingMission, Socket, charge
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.charger import NoCharger, Station
from covolt.vehicle.coolant import NoBatteryConditioning

USABLE_J = 60.0 * 3.6e6
LARGE = Station(power_max_W=300e3, current_max_A=800.0)


@pytest.fixture(scope="module")
def vehicle() -> Vehicle:
    return car(
        CarFigures.model_validate(
            {
                "test_mass": "1800 kg",
                "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.009},
                "battery_energy": "60 kWh",
                "motor_power": "150 kW",
                "dc_curve": [(0.0, "60 kW"), (1.0, "60 kW")],
                "battery_heater": True,
            }
        )
    )


def at(celsius: float) -> float:
    return celsius + 273.15


def test_flat_curve_takes_energy_over_power(vehicle: Vehicle) -> None:
    session = charge(vehicle, ChargingMission(LARGE, 0.10, 0.60))
    assert session.outcome.completed
    assert session.displayed_fraction == pytest.approx(0.60, abs=1e-4)
    # the curve is what the charger gives; the cells keep it less losses and the 12 V load
    assert session.stored_energy_J == pytest.approx(0.50 * USABLE_J, rel=0.05)  # the lower half holds a little less
    assert session.mean_power_W == pytest.approx(60e3, rel=0.01)  # a cool battery is heated on top of the curve
    assert session.time_s == pytest.approx(session.plug_energy_J / session.mean_power_W, rel=1e-6)
    assert session["battery_power_W"].max() < 60e3
    assert 0.88 < session.efficiency < 0.99
    assert set(session["limit"]) == {LIMITS.index("charging curve")}


@pytest.mark.parametrize("supply", [LARGE, Station(power_max_W=20e3), Socket(7.4e3), Socket(2.3e3)], ids=repr)
def test_ledger_closes(vehicle: Vehicle, supply: Station | Socket) -> None:
    session = charge(vehicle, ChargingMission(supply, 0.30, 0.50, ambient_temperature_K=at(-15.0)))
    assert session.outcome.completed
    assert session.ledger.worst_ratio < 1e-6
    entry = session.ledger.energy_J
    spent = entry("charger") + entry("battery loss") + entry("auxiliaries") + entry("battery conditioning")
    assert session.plug_energy_J == pytest.approx(session.stored_energy_J + spent, rel=1e-9)


def test_post_is_limited_in_current_too(vehicle: Vehicle) -> None:
    session = charge(vehicle, ChargingMission(Station(power_max_W=150e3, current_max_A=100.0), 0.2, 0.4))
    assert set(session["limit"]) == {LIMITS.index("post's current or voltage")}
    # a step goes by the voltage at which the one before ended
    assert session["mains_power_W"][1:] == pytest.approx(100.0 * session["battery_voltage_V"][:-1], rel=1e-6)


def test_alternating_current_comes_through_the_charger(vehicle: Vehicle) -> None:
    session = charge(vehicle, ChargingMission(Socket(11e3), 0.3, 0.5))
    most_W = float(vehicle.charger.mains_power_max_W)  # type: ignore[attr-defined]
    assert session["mains_power_W"].max() == pytest.approx(most_W)
    assert session.ledger.energy_J("charger") > 0.04 * session.plug_energy_J
    assert set(session["limit"]) == {LIMITS.index("charger")}


def test_more_power_is_never_slower_and_the_cold_never_faster(vehicle: Vehicle) -> None:
    times = [
        charge(vehicle, ChargingMission(Station(power_max_W=p), 0.1, 0.8)).time_s for p in (20e3, 40e3, 60e3, 120e3)
    ]
    assert np.all(np.diff(times) <= 1e-6)
    cold = [
        charge(vehicle, ChargingMission(LARGE, 0.1, 0.8, ambient_temperature_K=at(celsius), heating=heating)).time_s
        for celsius, heating in ((23.0, True), (0.0, True), (-20.0, True), (-20.0, False))
    ]
    assert np.all(np.diff(cold) > 0.0)


def test_heating_pays_in_hard_frost_and_costs_energy(vehicle: Vehicle) -> None:
    warm, soaked = (
        charge(
            vehicle, ChargingMission(LARGE, 0.1, 0.8, ambient_temperature_K=at(-20.0), battery_temperature_K=at(start))
        )
        for start in (25.0, -20.0)
    )
    assert soaked.time_s > 1.05 * warm.time_s
    assert soaked.plug_energy_J > warm.plug_energy_J
    assert soaked["battery_temperature_K"][-1] > at(0.0)


def test_time_step_does_not_matter(vehicle: Vehicle) -> None:
    fine, coarse = (
        charge(vehicle, ChargingMission(LARGE, 0.1, 0.8, ambient_temperature_K=at(-10.0), dt_s=dt_s)).time_s
        for dt_s in (10.0, 20.0)
    )
    assert coarse == pytest.approx(fine, rel=0.01)


def test_times_and_energies_within_a_session(vehicle: Vehicle) -> None:
    session = charge(vehicle, ChargingMission(LARGE, 0.1, 0.8))
    assert session.time_at_s(0.1) == 0.0
    assert session.time_at_s(0.8) == pytest.approx(session.time_s, rel=1e-3)
    assert np.isnan(session.time_at_s(0.9))
    assert session.stored_within_J(session.time_s) == pytest.approx(session.stored_energy_J, rel=1e-9)
    assert 0.0 < session.stored_within_J(600.0) < session.stored_within_J(1200.0)


def test_frozen_battery_without_a_heater_says_so(vehicle: Vehicle) -> None:
    bare = eqx.tree_at(lambda v: v.conditioning, vehicle, NoBatteryConditioning())
    mission = ChargingMission(LARGE, 0.1, 0.8, ambient_temperature_K=at(-30.0))
    session = charge(bare, mission)
    assert not session.outcome.completed
    assert session.outcome.limit == "battery"
    assert "80 % not reached" in session.outcome.reason
    assert "-30 degC" in session.outcome.reason
    assert session.ledger.closes
    with pytest.raises(DriveFailed, match="-30 degC"):
        charge(bare, mission, throw=True)


@pytest.mark.parametrize("supply", [LARGE, Socket(2.3e3)])
def test_a_frozen_battery_is_first_warmed_from_the_supply(vehicle: Vehicle, supply: Station | Socket) -> None:
    session = charge(vehicle, ChargingMission(supply, 0.1, 0.3, ambient_temperature_K=at(-40.0)))
    assert session.outcome.completed
    assert session.ledger.closes
    before = np.concatenate([[at(-40.0)], session["battery_temperature_K"][:-1]])
    frozen = before < at(-30.0)
    assert frozen.any()
    assert np.all(session["battery_current_A"][frozen] <= 1e-9)
    assert np.all(session["conditioning_power_W"][frozen] > 1000.0)


def test_post_of_another_voltage_gives_nothing_and_empties_nothing(vehicle: Vehicle) -> None:
    session = charge(vehicle, ChargingMission(Station(voltage_min_V=600.0), 0.5, 0.8))
    assert "does not serve" in session.outcome.reason
    assert session.displayed_fraction == pytest.approx(0.5, abs=1e-9)
    assert session.plug_energy_J == 0.0


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        ChargingMission(Socket(0.0), 0.8, 1.2, ambient_temperature_K=20.0, dt_s=0.0)
    places = [problem.where for problem in caught.value.problems]
    assert {"charging.to_displayed_fraction", "charging.ambient_temperature_K", "charging.dt_s"} <= set(places)
    assert "charging.supply.power_max_W" in places
    with pytest.raises(InputError, match="downwards"):
        ChargingMission(LARGE, 0.8, 0.2)


def test_no_charger_and_unknown_signals_are_refused(vehicle: Vehicle) -> None:
    bare = eqx.tree_at(lambda v: v.charger, vehicle, NoCharger())
    with pytest.raises(InputError, match="no on-board charger"):
        charge(bare, ChargingMission(Socket()))
    with pytest.raises(InputError, match="no signal"):
        charge(vehicle, ChargingMission(LARGE, 0.5, 0.52))["speed"]
