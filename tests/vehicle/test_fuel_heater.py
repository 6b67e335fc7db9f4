"""A heater that burns fuel: first in the cold, its own balance, the same on every runner; without it nothing moves."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sample import compact, mission

from covolt.simulation.gradient import energy_slope
from covolt.simulation.ledger import FLOWS
from covolt.simulation.mission import Conditions
from covolt.simulation.run import BatchRunner, TracedRunner
from covolt.simulation.sankey import sankey
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.cabin import Cabin, ClimateDemand
from covolt.vehicle.fuel_heater import FUELS, FuelHeater
from covolt.vehicle.heat_pump import PTC
from covolt.vehicle.part import ZERO_CELSIUS_K, settled

FROST = Conditions(ambient_temperature_K=ZERO_CELSIUS_K - 20.0, comforts_on=True)
BURNER = FuelHeater(power_max_W=2000.0, efficiency=0.8, electric_power_W=40.0)


def burning(conditions: Conditions = FROST, heater: FuelHeater | None = BURNER, executor: str = "native") -> Trace:
    runner = TracedRunner(executor=executor)  # pyright: ignore[reportArgumentType]
    trace = runner.run(car_with(heater), mission(conditions))
    assert runner.left_to_xla == ()
    return trace


def car_with(heater: FuelHeater | None) -> Vehicle:
    car = compact()
    assert isinstance(car.cabin, Cabin)
    return replace(car, cabin=replace(car.cabin, fuel_heater=settled(heater)))


def asked_at(cabin: Cabin, cabin_C: float, ambient_C: float = -20.0) -> ClimateDemand:
    here = cabin.at(ZERO_CELSIUS_K + ambient_C)
    return cabin.climate(cabin.start(jnp.asarray(ZERO_CELSIUS_K + cabin_C)), here, 10.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("cabin_C", "burnt_W", "electric_W"),
    [
        (22.0, 0.0, 0.0),
        (21.75, 1000.0, 0.0),
        (21.5, 2000.0, 0.0),
        (21.25, 2000.0, 250.0),
        (21.0, 2000.0, 500.0),
        (0.0, 2000.0, 500.0),
    ],
)
def test_heat_of_fuel_comes_first_and_electricity_gives_the_rest(
    cabin_C: float, burnt_W: float, electric_W: float
) -> None:
    cabin = Cabin(occupants=0.0, blower_power_W=0.0, heater=PTC(power_max_W=500.0), fuel_heater=BURNER)
    demand = asked_at(cabin, cabin_C)
    assert demand.burning is not None
    assert [float(one) for one in demand.burning] == pytest.approx([burnt_W / 0.8, burnt_W, 0.25 * burnt_W])
    assert float(demand.heat_to_cabin_W) == pytest.approx(burnt_W + electric_W)
    assert float(demand.heater_power_W) == pytest.approx(electric_W + 0.02 * burnt_W)


def test_where_less_power_is_granted_it_burns_less() -> None:
    half = asked_at(Cabin(blower_power_W=0.0, fuel_heater=BURNER), 21.5).shed(0.5)
    assert half.burning is not None
    assert float(half.burning.fuel_W) == pytest.approx(1250.0)
    assert float(half.electric_power_W) == pytest.approx(20.0)


def test_a_heater_that_suffices_holds_the_cabin_within_a_kelvin_without_electricity() -> None:
    cabin = Cabin(occupants=0.0, blower_power_W=0.0, fuel_heater=FuelHeater(power_max_W=6000.0))
    here = cabin.at(jnp.asarray(ZERO_CELSIUS_K - 20.0))
    state = cabin.start(jnp.asarray(ZERO_CELSIUS_K + 20.0))
    for _ in range(600):
        demand = cabin.climate(state, here, 10.0, 0.0, 1.0)
        state = cabin.step(state, demand.heat_to_cabin_W, here, 10.0, 0.0, 1.0, 1.0)
    demand = cabin.climate(state, here, 10.0, 0.0, 1.0)
    held_K = float(state.temperature_K)
    loss_W = (37.0 + 0.5 * 10.0 + 0.045 * 1005.0) * (held_K - ZERO_CELSIUS_K + 20.0)
    assert demand.burning is not None
    assert float(demand.burning.heat_W) == pytest.approx(loss_W, rel=1e-6)
    assert held_K == pytest.approx(ZERO_CELSIUS_K + 22.0 - 0.5 * loss_W / 6000.0)
    assert float(demand.electric_power_W) == pytest.approx(200.0 * loss_W / 6000.0), "its own pumps alone"


@pytest.mark.parametrize(("celsius", "burns"), [(4.9, True), (5.0, False), (10.0, False)])
def test_it_burns_only_where_it_is_colder_than_its_threshold(celsius: float, burns: bool) -> None:
    trace = burning(Conditions(ambient_temperature_K=ZERO_CELSIUS_K + celsius, comforts_on=True))
    assert (trace.ledger.fuel_J > 0.0) is burns
    if not burns:
        plain = burning(trace.result.mission.conditions, None)
        assert np.array_equal(trace["climate_power_W"], plain["climate_power_W"])
        assert np.array_equal(trace["cabin_temperature_K"], plain["cabin_temperature_K"])


def test_a_heater_that_is_off_burns_nothing() -> None:
    assert burning(replace(FROST, comforts_on=False)).ledger.fuel_J == 0.0


def test_fuel_has_its_own_balance_which_closes() -> None:
    ledger = burning().ledger
    assert ledger.closes
    fuel_J, heat_J = ledger.fuel_J, ledger.energy_J("fuel heat to the cabin")
    assert fuel_J == pytest.approx(heat_J / 0.8)
    assert ledger.energy_J("exhaust of the heater") == pytest.approx(0.2 * fuel_J)
    assert heat_J == pytest.approx(2000.0 * 121.0, rel=0.02), "a cold cabin asks for all of it all the time"
    assert abs(dict(ledger.residuals)["fuel"]) < 1e-9 * fuel_J
    assert "fuel" not in sankey(ledger, width=960.0, css_class="wide")


def test_it_spares_the_battery_what_it_warms() -> None:
    plain, spared = burning(heater=None), burning()
    assert float(np.min(plain["climate_power_W"])) > 5500.0, "both resistance heaters are at their end"
    assert spared.ledger.energy_J("cabin climate") == pytest.approx(
        plain.ledger.energy_J("cabin climate") + 0.02 * spared.ledger.energy_J("fuel heat to the cabin")
    )
    assert spared["cabin_temperature_K"][-1] > plain["cabin_temperature_K"][-1] + 2.0
    warm = replace(FROST, cabin_temperature_K=ZERO_CELSIUS_K + 22.0)
    driven = [burning(warm, heater).result for heater in (None, FuelHeater(power_max_W=9000.0))]
    used_J = [one.ledger.energy_J("cabin climate") for one in driven]
    assert used_J[1] < 0.1 * used_J[0], "pumps and blowers alone"
    assert driven[1].state_of_charge > driven[0].state_of_charge


def test_every_runner_gives_the_same() -> None:
    native, xla = burning(), burning(executor="xla")
    assert native.names == xla.names
    assert native.values == pytest.approx(xla.values, rel=1e-9, abs=1e-6)
    runner = BatchRunner(threads=1)
    (row,) = runner.run([car_with(BURNER)], [mission(FROST)])
    assert runner.left_to_xla == ()
    assert row[0].ledger.fuel_J == pytest.approx(native.ledger.fuel_J, rel=1e-12)
    assert row[0].state_of_charge == pytest.approx(native.result.state_of_charge, rel=1e-12)


def test_the_slope_by_its_rated_heat_is_that_of_drives() -> None:
    name, step = "cabin.fuel_heater.power_max_W", 1.0
    warm = replace(FROST, cabin_temperature_K=ZERO_CELSIUS_K + 22.0)
    slope = energy_slope(car_with(BURNER), mission(warm), [name])
    both = [
        energy_slope(car_with(replace(BURNER, power_max_W=2000.0 + one)), mission(warm), [name]).energy_J
        for one in (step, -step)
    ]
    assert slope.by_parameter[name] < 0.0, "more heat of fuel, less of the battery"
    assert slope.by_parameter[name] == pytest.approx((both[0] - both[1]) / (2.0 * step), rel=1e-3)


def test_a_car_without_it_has_no_trace_of_it() -> None:
    plain = burning(heater=None)
    assert not [name for name in (*plain.names, *dict(plain.ledger.residuals)) if "fuel" in name]
    assert [name for name in FLOWS if name.startswith("fuel_")], "as they are named"
    assert plain.ledger.fuel_J == 0.0
    assert len(jax.tree.leaves(Cabin())) + 4 == len(jax.tree.leaves(Cabin(fuel_heater=FuelHeater())))


@pytest.mark.parametrize(("name", "MJ_per_L", "kg_per_L"), [("diesel", 35.8, 2.65), ("petrol", 33.0, 2.29)])
def test_a_litre_holds_and_leaves_what_is_published_of_it(name: str, MJ_per_L: float, kg_per_L: float) -> None:
    fuel = FUELS[name]
    assert fuel.volume_m3(MJ_per_L * 1e6) == pytest.approx(1e-3, rel=2e-3)
    assert fuel.co2_kg(MJ_per_L * 1e6) == pytest.approx(kg_per_L, rel=3e-3)
