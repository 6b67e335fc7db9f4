"""The battery: exact power, closed energy, limits that hold, kinetics against the exact root, gradients."""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

jax.config.update("jax_enable_x64", True)

from covolt.vehicle.abstract_battery import BatteryLimits, BatterySignals
from covolt.vehicle.battery import BatteryState, CellBattery, THERMAL_SLOPE_V_per_K, generic_pack
from covolt.vehicle.cell import (
    ArrheniusCurve,
    EquivalentCircuitCell,
    charge_transfer_V,
    generic_nmc_cell,
    inverse_sinh,
    relaxation_cell,
    resistance_cell,
)
from covolt.vehicle.lookup import constant

PACK = generic_pack(60.0 * 3.6e6)
TEMPERATURES_K = (253.15, 273.15, 298.15, 313.15)


def carry(
    battery: CellBattery, state: BatteryState, power_W: jax.Array | float, dt_s: float = 1.0
) -> tuple[BatteryState, BatterySignals]:
    """One step; numbers become arrays of one kind, for each other number would be compiled anew."""
    return _carry(battery, *jax.tree.map(_number, (state, power_W, dt_s)))


@eqx.filter_jit
def _carry(
    battery: CellBattery, state: BatteryState, power_W: jax.Array, dt_s: jax.Array
) -> tuple[BatteryState, BatterySignals]:
    return battery.step(state, power_W, 0.0, 0.0, 298.15, dt_s)


def limits_of(state: BatteryState, dt_s: float, battery: CellBattery = PACK) -> BatteryLimits:
    return _limits_of(battery, *jax.tree.map(_number, (state, dt_s)))


@eqx.filter_jit
def _limits_of(battery: CellBattery, state: BatteryState, dt_s: jax.Array) -> BatteryLimits:
    return battery.limits(state, dt_s)


def _number(value: jax.Array | float) -> jax.Array:
    return jnp.asarray(value, dtype=float)


def every_cell() -> list[CellBattery]:
    cell = PACK.cell
    ohmic = ArrheniusCurve(constant(20e-3), 2000.0)
    pair = (ArrheniusCurve(constant(10e-3), 2000.0), ArrheniusCurve(constant(30.0), 1000.0))
    simple = (
        resistance_cell(cell.capacity_C, cell.open_circuit_voltage_V, constant(30e-3)),
        relaxation_cell(cell.capacity_C, cell.open_circuit_voltage_V, ohmic, pair),
        EquivalentCircuitCell(
            capacity_C=cell.capacity_C,
            open_circuit_voltage_V=cell.open_circuit_voltage_V,
            ohmic_resistance_Ohm=ohmic,
            exchange_current_A=ArrheniusCurve(constant(0.5), -5000.0),
            electrode_ratio=1.6,
            surface_per_V=1.0,
            pairs=(pair, pair),
        ),
    )
    simple += (replace(simple[-1], double_layer_C_per_V=4.0),)
    return [PACK, *(eqx.tree_at(lambda b: b.cell, PACK, c) for c in simple)]


def test_generic_pack_holds_the_energy_asked_for() -> None:
    assert float(PACK.energy_J()) == pytest.approx(60.0 * 3.6e6, rel=1e-4)
    assert float(PACK.nominal_voltage_V) == pytest.approx(360.0, rel=0.01)
    assert all(eqx.is_array(leaf) for leaf in jax.tree.leaves(PACK))


def test_open_circuit_voltage_rises_with_charge() -> None:
    z = jnp.linspace(0.0, 1.0, 501)
    assert np.all(np.diff(np.asarray(PACK.cell.open_circuit_voltage_V(z))) > 0.0)


@pytest.mark.parametrize("battery", every_cell())
@pytest.mark.parametrize("power_W", [-60e3, -1.0, 0.0, 40e3])
@pytest.mark.parametrize("temperature_K", TEMPERATURES_K)
def test_power_is_met_exactly_and_energy_closes(battery: CellBattery, power_W: float, temperature_K: float) -> None:
    state = battery.start(0.6, temperature_K)._replace(
        polarisation_1_V=jnp.asarray(-0.03), polarisation_2_V=jnp.asarray(0.02)
    )
    _, signals = carry(battery, state, jnp.asarray(power_W))
    assert float(signals.power_W) == pytest.approx(power_W, rel=1e-11, abs=1e-9)
    assert float(signals.voltage_V * signals.current_A) == pytest.approx(power_W, rel=1e-11, abs=1e-9)
    closed = signals.power_W - signals.open_circuit_power_W - signals.loss_power_W
    assert abs(float(closed)) <= 1e-9 + 1e-12 * abs(power_W)


def test_an_emptying_surface_is_a_loss_and_energy_still_closes() -> None:
    battery = every_cell()[3]
    lost = []
    for v in (-0.02, -0.1):
        state = BatteryState(*map(jnp.asarray, (0.2, v, v, 273.15)))
        _, signals = carry(battery, state, jnp.asarray(-20e3))
        closed = signals.power_W - signals.open_circuit_power_W - signals.loss_power_W
        assert abs(float(closed)) <= 1e-6
        lost.append(float(signals.loss_power_W / signals.current_A / battery.series_count))
    straight_V = 2.0 * (0.1 - 0.02)
    assert lost[0] - lost[1] > straight_V + 0.05


@pytest.mark.parametrize(("temperature_K", "tolerance_V"), [(298.15, 1e-4), (263.15, 5e-4), (253.15, 1e-3)])
def test_tangent_of_kinetics_is_near_the_exact_curve(temperature_K: float, tolerance_V: float) -> None:
    """The power that a current makes on the exact curve must give that current and its voltage back, up to 2C."""
    cell = generic_nmc_cell().parameters(0.5, temperature_K)
    exchange = float(cell.exchange_per_A)
    cells = float(PACK.series_count * PACK.parallel_count)
    state = PACK.start(0.5, temperature_K)
    ohmic = float(cell.ohmic_resistance_Ohm) + float(PACK.joint_resistance_Ohm * PACK.parallel_count)

    def voltage(current: float) -> float:
        kinetic = THERMAL_SLOPE_V_per_K * temperature_K * np.arcsinh(0.5 * current * exchange)
        return float(cell.open_circuit_voltage_V) + current * ohmic + kinetic

    for rate in (-2.0, -1.0, -0.2, 0.2, 0.5):
        current = rate * 5.11
        power = current * voltage(current) * cells
        _, signals = carry(PACK, state, jnp.asarray(power), 1e-9)
        assert abs(float(signals.voltage_V / PACK.series_count) - voltage(current)) < tolerance_V
        assert float(signals.current_A / PACK.parallel_count) == pytest.approx(current, rel=1e-3)


@pytest.mark.parametrize("dt_s", [0.1, 1.0, 60.0])
@pytest.mark.parametrize("temperature_K", [*TEMPERATURES_K, 243.15])
def test_limits_keep_voltage_and_window(temperature_K: float, dt_s: float) -> None:
    rng = np.random.default_rng(3)
    for z in (0.0501, 0.06, 0.1, 0.3, 0.6, 0.9, 0.949):
        v1, v2 = rng.uniform(-0.05, 0.05, 2)
        state = BatteryState(*map(jnp.asarray, (z, v1, v2, temperature_K)))
        limits = limits_of(state, dt_s)
        for power in (-limits.discharge_power_W, limits.charge_power_W):
            after, signals = carry(PACK, state, power, dt_s)
            cell_V = float(signals.voltage_V / PACK.series_count)
            if float(jnp.abs(power)) > 0.0:
                assert 2.5 - 2e-3 <= cell_V <= 4.2 + 2e-3
            assert 0.05 - 1e-9 <= float(after.cell_charge_fraction) <= 0.95 + 1e-9
            assert abs(float(signals.unserved_power_W)) < 1e-6
        assert float(limits.sustained_charge_power_W) <= float(limits.charge_power_W)
        assert float(limits.sustained_discharge_power_W) <= float(limits.discharge_power_W)


def test_cold_takes_and_gives_less() -> None:
    warm, cold = (limits_of(PACK.start(0.4, T), 1.0) for T in (298.15, 253.15))
    assert float(cold.charge_power_W) < 0.4 * float(warm.charge_power_W)
    assert float(cold.discharge_power_W) < float(warm.discharge_power_W)


def test_frost_forbids_charging_smoothly_and_the_warm_limit_stays() -> None:
    @jax.jit
    def limit(state_of_charge: float, temperature_K: float) -> jax.Array:
        return PACK.charge_limit(state_of_charge, temperature_K)

    slope = jax.jit(jax.grad(limit, argnums=1))

    def sustained_per_h(celsius: float) -> float:
        return 3600.0 * float(limit(0.3, 273.15 + celsius))

    curves = PACK.charge_limit
    product = curves.over_temperature(-0.9) * curves.over_state_of_charge_per_s(0.3)
    assert sustained_per_h(-20.0) == pytest.approx(3600.0 * float(product))
    assert sustained_per_h(-20.0) > sustained_per_h(-24.0) > sustained_per_h(-28.0) > 0.0
    assert sustained_per_h(-30.0) == pytest.approx(0.0, abs=1e-9)
    assert sustained_per_h(-40.0) == 0.0
    assert float(limits_of(PACK.start(0.3, 233.15), 1.0).discharge_power_W) > 0.0
    for celsius in (-20.0, -25.0, -30.0):
        sides = [float(slope(0.3, 273.15 + celsius + d)) for d in (-1e-3, 1e-3)]
        assert sides[0] == pytest.approx(sides[1], abs=1e-7)


@pytest.mark.parametrize(
    ("celsius", "current_per_h", "lowest_ratio", "highest_ratio"),
    [(10.0, 1.0, 1.5, 1.7), (0.0, 1.0, 1.8, 2.9), (0.0, 2.0, 1.8, 2.9), (-20.0, 1.0, 4.4, 6.0), (-20.0, 2.0, 4.4, 6.0)],
)
def test_resistance_grows_in_the_cold_as_in_measured_cells(
    celsius: float, current_per_h: float, lowest_ratio: float, highest_ratio: float
) -> None:
    """R(10 s) over that at 25 degC, half charged; bands of the measured cells as in docs/models/battery.md."""
    cell = generic_nmc_cell()

    def resistance_Ohm(temperature_K: float) -> float:
        now = cell.parameters(0.5, temperature_K)
        current_A = current_per_h * 5.11
        kinetic_V = THERMAL_SLOPE_V_per_K * temperature_K * np.arcsinh(0.5 * current_A * float(now.exchange_per_A))
        pairs = sum(float(R) * (1.0 - np.exp(-10.0 * float(rate))) for R, rate in now.pairs)
        return float(now.ohmic_resistance_Ohm) + pairs + kinetic_V / current_A

    assert lowest_ratio <= resistance_Ohm(273.15 + celsius) / resistance_Ohm(298.15) <= highest_ratio


@jax.jit
def _losses_W(powers_W: jax.Array, start: BatteryState, temperature_K: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Losses of so many powers, and their slopes."""

    def loss_W(power_W: jax.Array) -> jax.Array:
        return PACK.step(start, power_W, 0.0, 0.0, temperature_K, 1.0)[1].loss_power_W

    return jax.vmap(jax.value_and_grad(loss_W))(powers_W)


@pytest.mark.parametrize("temperature_K", [*TEMPERATURES_K, 233.15])
def test_no_power_however_large_makes_a_current_that_is_no_number(temperature_K: float) -> None:
    start = jax.tree.map(_number, PACK.start(0.5, temperature_K))
    losses, slopes = _losses_W(-jnp.geomspace(5e4, 5e6, 400), start, _number(temperature_K))
    assert np.all(np.isfinite(losses))
    assert np.all(np.isfinite(slopes))


def test_more_than_feasible_is_unserved_and_said() -> None:
    _, signals = carry(PACK, PACK.start(0.5, 253.15), -5e6)
    assert float(signals.unserved_power_W) < -1e6
    assert float(signals.power_W - signals.open_circuit_power_W - signals.loss_power_W) == pytest.approx(0.0, abs=1e-6)
    assert float(signals.under_voltage_flag) == 1.0


def test_state_of_charge_counts_current_and_temperature_balances_heat() -> None:
    state = PACK.start(0.7, 280.0)
    after, signals = PACK.step(state, -30e3, 2000.0, 500.0, 265.0, 10.0)
    counted = float(signals.current_A) * 10.0 / float(PACK.capacity_C)
    assert float(PACK.state_of_charge(after)) - 0.7 == pytest.approx(counted, rel=1e-12)
    stored = float(PACK.heat_capacity_J_per_K) * (float(after.temperature_K) - 280.0)
    gained = 10.0 * (float(signals.heat_W) + 1500.0 - float(signals.heat_to_ambient_W))
    assert stored == pytest.approx(gained, rel=1e-9)


def test_relaxation_is_that_of_the_exponential() -> None:
    state = BatteryState(*map(jnp.asarray, (0.5, 0.04, -0.02, 298.15)))
    for _ in range(56):
        state, _ = carry(PACK, state, 0.0, 0.5)
    assert float(state.polarisation_1_V) == pytest.approx(0.04 * np.exp(-1.0), rel=1e-3)
    assert float(state.polarisation_2_V) == pytest.approx(-0.02 * np.exp(-28.0 / 263.0), rel=1e-3)


def test_gradient_of_loss_equals_central_difference() -> None:
    @jax.jit
    def loss(scale: jax.Array) -> jax.Array:
        pack = eqx.tree_at(lambda b: b.resistance_ratio, PACK, scale)
        total, state = jnp.zeros(()), pack.start(0.8, 268.15)
        for power in (-40e3, 15e3, -20e3):
            state, signals = carry(pack, state, power)
            total = total + signals.loss_power_W
        return total

    one, h = jnp.asarray(1.0), 1e-5
    central = (loss(one + h) - loss(one - h)) / (2.0 * h)
    assert float(jax.grad(loss)(one)) == pytest.approx(float(central), rel=1e-7)


def test_inverse_sinh_and_its_slope_at_zero() -> None:
    x = jnp.asarray([-300.0, -1.0, 0.0, 1e-8, 2.0, 1e4])
    np.testing.assert_allclose(inverse_sinh(x), np.arcsinh(np.asarray(x)), rtol=1e-12, atol=1e-15)
    assert float(jax.grad(inverse_sinh)(0.0)) == 1.0


def test_batch_equals_one_by_one_and_the_default_gathers_nothing() -> None:
    states = jax.vmap(PACK.start)(jnp.asarray([0.3, 0.8]), jnp.asarray([263.15, 298.15]))
    powers = jnp.asarray([-20e3, 10e3])
    batch, _ = jax.vmap(lambda s, p: carry(PACK, s, p))(states, powers)
    for i in range(2):
        single, _ = carry(PACK, jax.tree.map(lambda leaf, i=i: leaf[i], states), powers[i])
        np.testing.assert_allclose([leaf[i] for leaf in jax.tree.leaves(batch)], jax.tree.leaves(single), rtol=1e-13)
    program = str(jax.make_jaxpr(lambda s, p: (PACK.limits(s, 1.0), carry(PACK, s, p)))(states, powers[0]))
    assert "gather" not in program and "pow" not in program


def charge_transfer_ode_V(current_A: float, dt_s: float, before_V: float, exchange_A: float) -> tuple[float, float]:
    """C dv/dt = I - 2 I0 sinh(v / b) by a general solver: mean and end."""
    found = solve_ivp(
        lambda _, y: [(current_A - 2.0 * exchange_A * np.sinh(y[0] / 0.08)) / 5.0, y[0]],
        (0.0, dt_s),
        (before_V, 0.0),
        method="LSODA",
        rtol=1e-9,
        atol=1e-11,
    )
    return found.y[1, -1] / dt_s, found.y[0, -1]


@pytest.mark.parametrize("exchange_A", [0.01, 0.3, 20.0])
@pytest.mark.parametrize("before_V", [-0.2, 0.0, 0.1])
def test_double_layer_is_that_of_its_equation(before_V: float, exchange_A: float) -> None:
    for current_A in (-6.0, 0.0, 2.0):
        for dt_s in (0.1, 1.0, 10.0):
            mean_V, end_V = jax.jit(charge_transfer_V)(current_A, 0.5 / exchange_A, 0.08, 5.0, before_V, dt_s)
            true_mean_V, true_end_V = charge_transfer_ode_V(current_A, dt_s, before_V, exchange_A)
            assert float(end_V) == pytest.approx(true_end_V, abs=1e-7)
            assert float(mean_V) == pytest.approx(true_mean_V, abs=6e-3)


def test_double_layer_remembers_and_forgets_and_keeps_limits() -> None:
    battery = every_cell()[-1]
    slow, fast = (
        eqx.tree_at(lambda b: b.cell, battery, replace(battery.cell, double_layer_C_per_V=jnp.asarray(C)))
        for C in (40.0, 1e-4)
    )
    at_once = every_cell()[3]
    states = [b.start(0.6, 253.15) for b in (slow, fast, at_once)]
    first = [carry(b, s, jnp.asarray(-30e3)) for b, s in zip((slow, fast, at_once), states, strict=True)]
    voltages = [float(signals.voltage_V) for _, signals in first]
    assert voltages[0] > voltages[2] + 5.0
    assert voltages[1] == pytest.approx(voltages[2], abs=1e-3 * float(fast.series_count))
    after, signals = carry(slow, first[0][0], jnp.asarray(0.0))
    assert float(first[0][0].kinetic_V) < float(after.kinetic_V) < 0.0
    assert float(signals.voltage_V) < float(signals.open_circuit_voltage_V)
    held = first[0][0]._replace(kinetic_V=jnp.asarray(-0.4))
    for state in (held, held._replace(kinetic_V=jnp.asarray(0.4)), states[0]):
        limits = limits_of(state, 1.0, slow)
        for power in (-limits.discharge_power_W, limits.charge_power_W):
            _, signals = carry(slow, state, power)
            cell_V = float(signals.voltage_V / slow.series_count)
            assert 2.5 - 2e-3 <= cell_V <= 4.2 + 2e-3
            assert abs(float(signals.unserved_power_W)) < 1e-6


def test_a_long_step_at_the_limit_takes_all_but_a_fiftieth_of_what_the_window_leaves() -> None:
    state = PACK.start(0.01, 298.15)
    after, _ = PACK.step(state, -PACK.limits(state, 120.0).discharge_power_W, 0.0, 0.0, 298.15, 120.0)
    assert 0.019 < float(PACK.state_of_charge(after)) / 0.01 < 0.06
