"""The battery: cells in series and in parallel, their limits and their heat.

The terminal power of a step is met exactly. With polarisations taken as their mean over the step and the Butler-Volmer
overpotential replaced by its tangent at a close estimate of the current, V(I) = E + R I is a line, and V(I) I = P has a root
in closed form. The tangent is taken so near that it errs by microvolts in normal use (docs/models/battery.md).

A flow is positive into the battery: charging power and current are positive.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, final

import jax
import jax.numpy as jnp

from covolt.vehicle.abstract_battery import AbstractBattery, BatteryLimits, BatterySignals, ThermalNumbers
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K, AbstractCell, GenericCell, generic_nmc_cell
from covolt.vehicle.cell_line import CellLine, DoubleLayer, carried, kinetic_bounds, largest
from covolt.vehicle.charge_limit import ChargeLimit, generic_charge_limit
from covolt.vehicle.column import larger, number
from covolt.vehicle.part import (
    FARADAY_C_per_mol,
    GAS_CONSTANT_J_per_mol_K,
    Scalar,
    positive,
    relax,
    settled,
)

THERMAL_SLOPE_V_per_K = 2.0 * GAS_CONSTANT_J_per_mol_K / FARADAY_C_per_mol
"""2R/F, the Butler-Volmer scale over temperature at a transfer coefficient of one half."""

ROOM_TEMPERATURE_K = 296.15
"""23 degC."""

WINDOW_SHARE = 0.98
"""Part of the charge left in the window that one step may take: covers the tangent's error at the limits of long steps."""


class BatteryState(NamedTuple):
    """Charge of a cell over all that it holds, both polarisations of one cell (positive after charging), the pack's temperature.

    `kinetic_V`, the overpotential of the double layer, is there only where the cell has one.
    """

    cell_charge_fraction: Scalar
    polarisation_1_V: Scalar
    polarisation_2_V: Scalar
    temperature_K: Scalar
    kinetic_V: Scalar | None = None


@final
class CellBattery(AbstractBattery):
    """Equal cells in series and parallel behind joints, with a window, limits, and one thermal node.

        P = V I,   V = U + (T - T0) dU/dT + R_ohm I + (n 2RT/F) asinh(I / 2 I0) + v_1 + v_2 + e
        dz/dt = I / Q,   dv_i/dt = (R_i I - v_i) / tau_i
        C dT/dt = I (V - U) + I T dU/dT + heater - chiller - G (T - T_ambient)

    A cell with a double layer reaches the asinh with a delay (`charge_transfer_V`).
    Limits are lower bounds in closed form: the kinetic overpotential is taken as the smallest of four tangents of asinh, which
    lie above it. Near the ends of the window and above the highest temperature currents fall linearly to zero.

    Source: docs/models/battery.md. Validity: equal cells, one temperature. Validation: level 0; cells see `identification`.
    """

    cell: AbstractCell
    series_count: Scalar
    parallel_count: Scalar
    """May be a fraction: it scales the size of the cell."""
    resistance_ratio: Scalar
    joint_resistance_Ohm: Scalar
    """Of one series group, at the current of the pack."""
    minimum_voltage_V: Scalar
    maximum_voltage_V: Scalar
    peak_discharge_rate_per_s: Scalar
    sustained_discharge_rate_per_s: Scalar
    peak_charge_rate_per_s: Scalar
    charge_limit: ChargeLimit
    lowest_cell_charge_fraction: Scalar
    highest_cell_charge_fraction: Scalar
    taper_ratio: Scalar
    """One over the part of the charge, before an end of the window, in which the current falls to zero."""
    maximum_temperature_K: Scalar
    heat_capacity_J_per_K: Scalar
    ambient_conductance_W_per_K: Scalar
    mass_kg: Scalar

    def start(self, state_of_charge: Scalar, temperature_K: Scalar) -> BatteryState:
        z = jnp.asarray(self.cell_charge_fraction(state_of_charge), dtype=float)
        rest = jnp.zeros_like(z)
        T = jnp.asarray(temperature_K, dtype=float)
        remembers = self.cell.parameters(z, T).double_layer_C_per_V is not None
        return BatteryState(z, rest, rest, T, rest if remembers else None)

    def cell_charge_fraction(self, state_of_charge: Scalar) -> Scalar:
        low = self.lowest_cell_charge_fraction
        return low + state_of_charge * (self.highest_cell_charge_fraction - low)

    def window_fraction(self) -> Scalar:
        return self.highest_cell_charge_fraction - self.lowest_cell_charge_fraction

    def state_of_charge(self, state: BatteryState) -> Scalar:
        return (state.cell_charge_fraction - self.lowest_cell_charge_fraction) / self.window_fraction()

    def temperature_K(self, state: BatteryState) -> Scalar:
        return state.temperature_K

    def cell_rest_voltage_V(self, state_of_charge: Scalar) -> jax.Array:
        state = self.start(state_of_charge, ROOM_TEMPERATURE_K)
        return self.open_circuit_voltage_V(state) / self.series_count

    def open_circuit_voltage_V(self, state: BatteryState) -> jax.Array:
        return jnp.asarray(self.series_count * self.cell.open_circuit_voltage_V(state.cell_charge_fraction))

    @property
    def capacity_C(self) -> jax.Array:
        window = self.highest_cell_charge_fraction - self.lowest_cell_charge_fraction
        return jnp.asarray(self.cell.capacity_C * self.parallel_count * window)

    @property
    def nominal_voltage_V(self) -> jax.Array:
        z = jnp.linspace(self.lowest_cell_charge_fraction, self.highest_cell_charge_fraction, 257)
        voltage = jax.vmap(self.cell.open_circuit_voltage_V)(z)
        return jnp.asarray(self.series_count * (jnp.sum(voltage) - 0.5 * (voltage[0] + voltage[-1])) / 256.0)

    def energy_J(self) -> jax.Array:
        return jnp.asarray(self.nominal_voltage_V * self.capacity_C)

    def thermal(self) -> ThermalNumbers:
        return ThermalNumbers(self.heat_capacity_J_per_K, self.ambient_conductance_W_per_K)

    def line(self, state: BatteryState, dt_s: Scalar) -> CellLine:
        """One of its cells in a step that begins in a state, as a line."""
        z, v_1, v_2, T, before_V = state
        cell = self.cell.parameters(z, T, v_1 + v_2)
        ohmic = cell.ohmic_resistance_Ohm * self.resistance_ratio + self.joint_resistance_Ohm * self.parallel_count
        open_circuit = cell.open_circuit_voltage_V + (T - REFERENCE_TEMPERATURE_K) * cell.entropic_V_per_K
        source, resistance = open_circuit if cell.emptying_V is None else open_circuit + cell.emptying_V, ohmic
        pairs: list[tuple[Scalar, Scalar, Scalar]] = []
        for (pair_Ohm, rate), voltage in zip(cell.pairs, (v_1, v_2), strict=False):
            R = pair_Ohm * self.resistance_ratio
            x = rate * dt_s
            weight = (1.0 + 0.5 * x) * (1.0 / (1.0 + x * (1.0 + 0.5 * x)))
            source = source + weight * voltage
            resistance = resistance + (1.0 - weight) * R
            pairs.append((R, rate, weight))
        exchange = None if cell.exchange_per_A is None else 0.5 * self.resistance_ratio * cell.exchange_per_A
        kinetic_V = THERMAL_SLOPE_V_per_K * cell.electrode_ratio * T
        double_layer = None
        if exchange is not None and before_V is not None and cell.double_layer_C_per_V is not None:
            capacity = cell.double_layer_C_per_V / self.resistance_ratio
            double_layer = DoubleLayer(exchange, kinetic_V, capacity, before_V, dt_s)
        return CellLine(
            open_circuit_V=open_circuit,
            source_V=source,
            resistance_Ohm=resistance,
            ohmic_Ohm=ohmic,
            exchange_per_A=exchange,
            kinetic_V=kinetic_V,
            emptying_V=cell.emptying_V,
            entropic_V_per_K=cell.entropic_V_per_K,
            pairs=tuple(pairs),
            double_layer=double_layer,
        )

    def limits(self, state: BatteryState, dt_s: Scalar) -> BatteryLimits:
        line = self.line(state, dt_s)
        z, Q = state.cell_charge_fraction, self.cell.capacity_C
        E, R = line.source_V, line.resistance_Ohm
        peak_A = self.peak_discharge_rate_per_s * Q
        bounds = kinetic_bounds(line)
        cool = jnp.clip(0.2 * (self.maximum_temperature_K - state.temperature_K), 0.0, 1.0)

        by_voltage = largest((E - self.minimum_voltage_V - volt) * inverse for volt, _, inverse in bounds)
        # What a double layer still holds from before may be more than what the current will make of it.
        held_V = None if line.double_layer is None else line.double_layer.before_V
        if held_V is not None:
            by_voltage = jnp.minimum(by_voltage, (E - self.minimum_voltage_V - positive(-held_V)) / R)
        at_window = positive(z - self.lowest_cell_charge_fraction) * Q
        by_window = at_window * jnp.minimum(self.peak_discharge_rate_per_s * self.taper_ratio, WINDOW_SHARE / dt_s)
        giving_A = positive(jnp.minimum(jnp.minimum(peak_A * cool, by_window), by_voltage))
        lasting_A = jnp.minimum(giving_A, self.sustained_discharge_rate_per_s * Q)

        plating_A = self.charge_limit(z, state.temperature_K) * Q
        by_voltage = largest((self.maximum_voltage_V - E - volt) * inverse for volt, _, inverse in bounds)
        if held_V is not None:
            by_voltage = jnp.minimum(by_voltage, (self.maximum_voltage_V - E - positive(held_V)) / R)
        at_window = positive(self.highest_cell_charge_fraction - z) * Q
        by_window = at_window * jnp.minimum(self.peak_charge_rate_per_s * self.taper_ratio, WINDOW_SHARE / dt_s)
        taking_A = positive(jnp.minimum(jnp.minimum(self.peak_charge_rate_per_s * Q * cool, by_window), by_voltage))

        def given_W(current_A: Scalar) -> Scalar:
            voltage = largest(E - volt - ohm * current_A for volt, ohm, _ in bounds)
            if held_V is not None:
                voltage = jnp.minimum(voltage, E - R * current_A - positive(-held_V))
            return current_A * cells * voltage

        def taken_W(current_A: Scalar) -> Scalar:
            lowest_V = E if held_V is None else E - positive(-held_V)
            return current_A * (lowest_V + R * current_A) * cells

        cells = self.series_count * self.parallel_count
        return BatteryLimits(
            discharge_power_W=given_W(giving_A),
            charge_power_W=taken_W(jnp.minimum(taking_A, plating_A * self.charge_limit.pulse_ratio)),
            sustained_discharge_power_W=given_W(lasting_A),
            sustained_charge_power_W=taken_W(jnp.minimum(taking_A, plating_A)),
        )

    def step(
        self,
        state: BatteryState,
        power_W: Scalar,
        heating_W: Scalar,
        cooling_W: Scalar,
        ambient_temperature_K: Scalar,
        dt_s: Scalar,
    ) -> tuple[BatteryState, BatterySignals]:
        line = self.line(state, dt_s)
        cells = self.series_count * self.parallel_count
        I, E, R, kinetics_V = carried(line, power_W / cells)  # noqa: E741
        before_V = (state.polarisation_1_V, state.polarisation_2_V)
        mean_V = tuple(
            (R_i * I + (v - R_i * I) * weight) for (R_i, _, weight), v in zip(line.pairs, before_V, strict=False)
        )
        overpotential_V = line.ohmic_Ohm * I + kinetics_V + sum(mean_V)
        if line.emptying_V is not None:
            overpotential_V = overpotential_V + line.emptying_V
        V = E + R * I
        pack_A = I * self.parallel_count
        pack_V = V * self.series_count
        loss_W = overpotential_V * I * cells
        heat_W = loss_W + pack_A * self.series_count * state.temperature_K * line.entropic_V_per_K
        polarisation = [relax(v, R_i * I, rate, dt_s) for (R_i, rate, _), v in zip(line.pairs, before_V, strict=False)]
        polarisation += before_V[len(polarisation) :]
        kinetic_V = state.kinetic_V if line.double_layer is None else line.double_layer.transfer_V(I)[1]
        z = state.cell_charge_fraction + I * dt_s / self.cell.capacity_C
        G, T = self.ambient_conductance_W_per_K, state.temperature_K
        warming_W = heat_W + heating_W - cooling_W - G * (T - ambient_temperature_K)
        T_next = T + dt_s * warming_W / (self.heat_capacity_J_per_K + dt_s * G)
        terminal_W = pack_V * pack_A
        return BatteryState(z, polarisation[0], polarisation[1], T_next, kinetic_V), BatterySignals(
            power_W=terminal_W,
            current_A=pack_A,
            voltage_V=pack_V,
            open_circuit_voltage_V=line.open_circuit_V * self.series_count,
            open_circuit_power_W=line.open_circuit_V * I * cells,
            loss_power_W=loss_W,
            heat_W=heat_W,
            heat_to_ambient_W=G * (T_next - ambient_temperature_K),
            unserved_power_W=power_W - terminal_W,
            under_voltage_flag=1.0 * (self.minimum_voltage_V > V),
            over_voltage_flag=1.0 * (self.maximum_voltage_V < V),
            empty_flag=1.0 * (z <= self.lowest_cell_charge_fraction),
            full_flag=1.0 * (z >= self.highest_cell_charge_fraction),
            outside_range_flag=1.0 - self.cell.inside(state.cell_charge_fraction, T),
        )


@cache
def usual_cell() -> GenericCell:
    """The generic cell in its own size, made once."""
    return generic_nmc_cell()


def generic_series_count(nominal_voltage_V: float) -> int:
    """Generic cells behind one another whose mean voltage, from 5 to 95 %, is nearest to the nominal one of a pack."""
    return larger(round(nominal_voltage_V / _mean_V()), 1)


@cache
def _mean_V() -> float:
    """Mean voltage at rest of the usual cell from 5 to 95 %."""
    return float(usual_cell().open_circuit_voltage_V.integral(0.05, 0.95) / 0.9)


def generic_pack(  # noqa: PLR0913
    energy_J: Scalar,
    nominal_voltage_V: float = 360.0,
    *,
    series_count: int | None = None,
    lowest_cell_charge_fraction: float = 0.05,
    highest_cell_charge_fraction: float = 0.95,
    resistance_ratio: Scalar = 1.0,
    mass_kg: Scalar | None = None,
    peak_discharge_rate_per_s: float = 4.0 / 3600.0,
    peak_charge_rate_per_s: float = 3.0 / 3600.0,
    charge_limit: ChargeLimit | None = None,
) -> CellBattery:
    """A pack of generic NMC cells that holds an energy between the ends of its window.

    Source: cell and plating limit as stated there. Mass where not given: 140 Wh/kg (2020 Chevrolet Bolt, maker's figures). The
    rest are estimates: 1000 J/(kg K), 0.25 W/K per kWh (a pack cools in most of a night), joints, rates, taper, 60 degC.
    """
    cell = usual_cell()
    low, high = lowest_cell_charge_fraction, highest_cell_charge_fraction
    mean_V = cell.open_circuit_voltage_V.integral(low, high) / (high - low)
    series = generic_series_count(nominal_voltage_V) if series_count is None else series_count
    parallel = energy_J / (series * mean_V * cell.capacity_C * (high - low))
    mass = energy_J / (140.0 * 3600.0) if mass_kg is None else mass_kg
    battery = CellBattery(
        cell=cell,
        series_count=number(series),
        parallel_count=parallel,
        resistance_ratio=resistance_ratio,
        joint_resistance_Ohm=0.3e-3 * resistance_ratio * 200.0 * 3600.0 / (cell.capacity_C * parallel),
        minimum_voltage_V=2.5,
        maximum_voltage_V=4.2,
        peak_discharge_rate_per_s=peak_discharge_rate_per_s,
        sustained_discharge_rate_per_s=0.5 * peak_discharge_rate_per_s,
        peak_charge_rate_per_s=peak_charge_rate_per_s,
        charge_limit=charge_limit or generic_charge_limit(),
        lowest_cell_charge_fraction=low,
        highest_cell_charge_fraction=high,
        taper_ratio=20.0,
        maximum_temperature_K=333.15,
        heat_capacity_J_per_K=1000.0 * mass,
        ambient_conductance_W_per_K=0.25 * energy_J / 3.6e6,
        mass_kg=mass,
    )
    return settled(battery)
