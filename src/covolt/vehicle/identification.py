"""Find the parameters of a cell from a slow discharge and from current pulses.

    R(t, I) = R_ohm + (2RT/F) asinh(I / 2 I0) / I + sum R_i (1 - exp(-t / tau_i)) + (U(z) - U(z - I t / Q)) / I

Open-circuit voltage: the slow discharge, stretched, shifted in charge, and raised by one voltage, so that it meets the voltages
at rest before the pulses nearest to 25 degC. Circuit: least squares over the logarithms of all parameters at all temperatures
and states of charge at once. R_1 has one curve over state of charge and one activation energy at each, both smooth; where a
temperature lacks pulses, the laws of the other levels hold. A pulse warms its cell, which the fit takes into account. What
pulses of some seconds cannot show (time constants, the slow pair) is taken from `SlowPrior`. The slow pair is diffusion: where
the kinetics are known, R_ohm and I0 are read at the state of charge of the surface, z + v_2 / U', U' the mean slope.

The tester's signs hold in the data files (discharge positive); everything returned follows the sign rule of parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import lil_matrix

from covolt.errors import InputError, Problem
from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K, ArrheniusTable, EquivalentCircuitCell, arrhenius_table
from covolt.vehicle.lookup import Table, table
from covolt.vehicle.pulse_data import Pulse, SlowDischarge

SHORTEST_s = 0.5
"""Earlier, the double layer and the tester's own rise distort what a pulse shows."""


@dataclass(frozen=True)
class SlowPrior:
    """What pulses of some seconds cannot show, at 25 degC, with activation energies over the gas constant.

    Source: virtual pulses on the DFN model with O'Kane et al. 2022 (LG M50), as in `generic_nmc_cell`.
    """

    first_time_s: float = 28.0
    time_activation_K: float = 1430.0
    first_activation_K: float = 1430.0
    second_time_s: float = 263.0
    second_first_ratio: float = 10.4 / 12.6
    """R_2 over R_1 at half charge."""
    second_activation_K: float = 3070.0
    kinetics_activation_K: float = 6000.0
    """50 kJ/mol, a usual value for charge transfer in lithium-ion cells; a start and a weak tie (8 kJ/mol), no more."""
    heat_capacity_J_per_K_C: float = 16.0 / 3600.0
    """Pulses warm the cell without loss: 220 Wh/kg at 3.6 V and 1000 J/(kg K)."""
    warmest_K: float = 313.15
    """A row is added here by the law between the two warmest measured temperatures, because cells warm up in use."""


@dataclass(frozen=True)
class PulseResidual:
    """What one pulse measured and what the identified cell gives."""

    temperature_K: float
    state_of_charge: float
    current_A: float
    time_s: float
    measured_Ohm: float
    modelled_Ohm: float


@dataclass(frozen=True)
class IdentificationReport:
    """How well the cell meets its pulses, and what the data could not determine."""

    residuals: tuple[PulseResidual, ...]
    rest_voltage_rms_V: float
    slow_discharge_stretch_ratio: float
    slow_discharge_polarisation_V: float
    kinetics_activation_K: float | None
    undetermined: tuple[str, ...] = field(default=())

    @property
    def resistance_rms(self) -> float:
        """Root mean square of the relative deviation of all pulse resistances."""
        return float(np.sqrt(np.mean([(r.modelled_Ohm / r.measured_Ohm - 1.0) ** 2 for r in self.residuals])))


@dataclass(frozen=True)
class _Rest:
    """The open-circuit voltage and how the slow discharge had to be laid over the rests."""

    capacity_C: float
    curve: Table
    stretch_ratio: float
    polarisation_V: float
    rms_V: float


def _drawn(pulse: Pulse, full_C: float) -> float:
    return pulse.charge_drawn_C if pulse.charge_drawn_C is not None else (1.0 - (pulse.state_of_charge or 0.0)) * full_C


def _open_circuit(pulses: Sequence[Pulse], slow: SlowDischarge) -> _Rest:
    """Lay the slow discharge over the rests: U(q) = V_slow(a + s q) + d, with d the polarisation at the slow current."""
    nearest = min(abs(p.temperature_K - REFERENCE_TEMPERATURE_K) for p in pulses)
    rests = [p for p in pulses if abs(p.temperature_K - REFERENCE_TEMPERATURE_K) <= nearest + 1.0]
    total_C = float(slow.charge_C[-1])
    by_charge = rests[0].charge_drawn_C is not None
    drawn = np.array([_drawn(p, total_C) for p in rests])
    voltage = np.array([p.rest_voltage_V for p in rests])

    def misfit(x: np.ndarray) -> np.ndarray:
        return np.interp(x[0] * total_C + x[1] * drawn, slow.charge_C, slow.voltage_V) + x[2] - voltage

    raised = float(np.median(-misfit(np.array([0.0, 1.0, 0.0]))))
    fit = least_squares(lambda x: misfit(x) / 0.005, [0.0, 1.0, raised], loss="soft_l1")
    shift, stretch, polarisation = (float(v) for v in fit.x)
    usable_C = total_C * (1.0 - max(shift, 0.0))
    grid = np.linspace(0.0, 1.0, 201)
    curve = np.interp(total_C - usable_C * grid, slow.charge_C, slow.voltage_V) + polarisation
    # A strong current stops before the slow one does, but a counted charge may pass either end a little: go on straight.
    grid = np.concatenate([[-0.05], grid, [1.02]])
    below, above = 10.0 * (curve[0] - curve[1]), 4.0 * (curve[-1] - curve[-2])
    curve = np.concatenate([[curve[0] + below], curve, [curve[-1] + above]])
    # The tester's charge axis is that of the pulses where they count charge; a table in percent has none of its own.
    capacity_C = usable_C / stretch if by_charge else usable_C
    return _Rest(capacity_C, table(grid, curve), stretch, polarisation, float(np.sqrt(np.mean(misfit(fit.x) ** 2))))


def _rest_slope(pulses: Sequence[Pulse], rest: _Rest, full_C: float) -> Table:
    """Slope over temperature, at each level, of the voltage at rest before the first pulse there."""
    kelvin = np.array([p.temperature_K for p in pulses])
    z = np.array([1.0 - _drawn(p, full_C) / rest.capacity_C for p in pulses])
    above = np.array([p.rest_voltage_V for p in pulses]) - np.asarray(jax.vmap(rest.curve)(jnp.asarray(z)))
    rows, levels = _groups(kelvin, 4.0), _groups(z, 0.02)
    grid: list[tuple[float, float]] = []
    for level in range(levels.max() + 1):
        here = [np.nonzero((rows == j) & (levels == level))[0] for j in range(rows.max() + 1)]
        first = np.array([found[np.argmax(z[found])] for found in here if found.size], dtype=int)
        cold = kelvin[first] - REFERENCE_TEMPERATURE_K
        if np.max(np.abs(cold)) > 5.0:
            grid.append((float(z[levels == level].mean()), float(cold @ above[first] / (cold @ cold))))
    if len(grid) < 2:
        return table([0.0, 1.0], [0.0, 0.0])
    return table(*zip(*grid, strict=True))


def _groups(values: np.ndarray, x: float) -> np.ndarray:
    """Number of the group of each value, groups being more than x apart."""
    order = np.argsort(values)
    numbers = np.zeros(values.size, dtype=int)
    numbers[order[1:]] = np.cumsum(np.diff(values[order]) > x)
    return numbers


@dataclass(frozen=True)
class _Kinetic:
    """What only pulses of several amplitudes show: I0 over the grid, its activation, and the double layer's capacity."""

    exchange_A: np.ndarray
    activation_K: float
    double_layer_C_per_V: float


@dataclass(frozen=True)
class _Unknowns:
    """R_ohm over the grid of temperatures and levels, and by level R_1 at 25 degC with its activation."""

    ohmic_Ohm: np.ndarray
    first_Ohm: np.ndarray
    first_activation_K: np.ndarray
    kinetic: _Kinetic | None


class _Problem:
    """The least-squares problem over everything in `_Unknowns`."""

    def __init__(self, pulses: Sequence[Pulse], rest: _Rest, full_C: float, prior: SlowPrior) -> None:
        heat_capacity_J_per_K = prior.heat_capacity_J_per_K_C * rest.capacity_C
        kelvin = np.array([p.temperature_K for p in pulses])
        z = 1.0 - np.array([_drawn(p, full_C) for p in pulses]) / rest.capacity_C
        rows, levels = _groups(kelvin, 4.0), _groups(z, 0.02)
        self.prior = prior
        self.kelvin = np.array([kelvin[rows == j].mean() for j in range(rows.max() + 1)])
        self.levels = np.array([z[levels == k].mean() for k in range(levels.max() + 1)])
        self.cold = 1.0 / self.kelvin - 1.0 / REFERENCE_TEMPERATURE_K
        slowing = np.exp(prior.time_activation_K * self.cold)
        self.first_time_s, self.second_time_s = prior.first_time_s * slowing, prior.second_time_s * slowing
        self.anchor = int(np.argmin(np.abs(self.cold)))
        amplitudes = [
            {round(abs(p.current_A), 1) for p, j, k in zip(pulses, rows, levels, strict=True) if (j, k) == (row, level)}
            for row in range(self.kelvin.size)
            for level in range(self.levels.size)
        ]
        self.kinetic = max(len(a) for a in amplitudes) > 1
        self.rest = rest
        self.where: list[tuple[Pulse, float]] = []
        found: list[tuple[float, ...]] = []
        for pulse, j, k, zi in zip(pulses, rows, levels, z, strict=True):
            for time_s, measured in pulse.resistance_Ohm.items():
                lasted = min(time_s, pulse.length_s)
                if lasted < SHORTEST_s:
                    continue
                warming = pulse.current_A**2 * measured * lasted / heat_capacity_J_per_K
                found.append((j, k, zi, pulse.current_A, lasted, warming, measured))
                self.where.append((pulse, float(zi)))
        row, level, self.z, current_A, self.time_s, self.warming_K, self.measured_Ohm = np.array(found).T
        self.row, self.level = row.astype(int), level.astype(int)
        self.rate_per_s, self.current_A = current_A / rest.capacity_C, np.abs(current_A)

    @property
    def shape(self) -> tuple[int, int]:
        """Temperatures and levels."""
        return self.kelvin.size, self.levels.size

    def unpack(self, x: np.ndarray) -> _Unknowns:
        """The unknowns by name, from one row of numbers: logarithms, and energies in thousands of kelvin."""
        rows, levels = self.shape
        n = rows * levels
        first, activation, rest = x[n : n + levels], x[n + levels : n + 2 * levels], x[n + 2 * levels :]
        kinetic = None
        if self.kinetic:
            exchange, (energy, double_layer) = np.exp(rest[:n].reshape(self.shape)), rest[n:]
            kinetic = _Kinetic(exchange, 1000.0 * float(energy), float(np.exp(double_layer)))
        return _Unknowns(np.exp(x[:n].reshape(self.shape)), np.exp(first), 1000.0 * activation, kinetic)

    def modelled_Ohm(self, x: np.ndarray) -> np.ndarray:
        """Resistance that each point would have shown."""
        u = self.unpack(x)
        j, k = self.row, self.level
        # A warmer cell: resistances follow their laws, at the end of the pulse where they act at once, else at its middle.
        warmer = 1.0 / (self.kelvin[j] + self.warming_K) - 1.0 / self.kelvin[j]
        middle = 1.0 / (self.kelvin[j] + 0.5 * self.warming_K) - 1.0 / REFERENCE_TEMPERATURE_K
        slope = np.gradient(np.log(u.ohmic_Ohm), self.cold, axis=0)
        total = u.ohmic_Ohm[j, k] * np.exp(slope[j, k] * warmer)
        resistance = u.first_Ohm[k] * np.exp(u.first_activation_K[k] * middle)
        total = total + resistance * (1.0 - np.exp(-self.time_s / self.first_time_s[j]))
        second = self._second_Ohm(u) * np.exp(self.prior.second_activation_K * middle)
        total = total + second * (1.0 - np.exp(-self.time_s / self.second_time_s[j]))
        moved = self.rate_per_s * self.time_s
        total = total + (self._rest_V(self.z + moved) - self._rest_V(self.z)) / (self.rate_per_s * self.rest.capacity_C)
        if u.kinetic is None:
            return total
        b = THERMAL_SLOPE_V_per_K * self.kelvin[j]
        exchange_A = u.kinetic.exchange_A[j, k] * np.exp(-u.kinetic.activation_K * warmer)
        transfer = b / self.current_A * np.arcsinh(0.5 * self.current_A / exchange_A)
        return total + transfer * (1.0 - np.exp(-self.time_s / (transfer * u.kinetic.double_layer_C_per_V)))

    def _rest_V(self, state_of_charge: np.ndarray) -> np.ndarray:
        at, voltage = np.asarray(self.rest.curve.x), np.asarray(self.rest.curve.values)
        below = (voltage[1] - voltage[0]) / (at[1] - at[0])
        return np.interp(state_of_charge, at, voltage) + np.minimum(state_of_charge - at[0], 0.0) * below

    def misfit(self, x: np.ndarray) -> np.ndarray:
        """Relative deviations over 3 %, and weak ties that hold what no pulse determines."""
        u, prior = self.unpack(x), self.prior
        ohmic, first, energy = np.log(u.ohmic_Ohm), np.log(u.first_Ohm), u.first_activation_K / 1000.0
        parts = [(self.modelled_Ohm(x) / self.measured_Ohm - 1.0) / 0.03]
        parts.append(3.0 * np.diff(np.diff(ohmic, axis=1), axis=0).ravel())
        parts.append(0.5 * np.diff(ohmic, n=2, axis=1).ravel())
        parts.append(0.5 * np.diff(first, n=2))
        parts.append(0.3 * (first - ohmic[self.anchor]))
        parts.append(np.diff(energy))
        parts.append(0.3 * (energy - prior.first_activation_K / 1000.0))
        if u.kinetic is not None:
            exchange, activation_K = np.log(u.kinetic.exchange_A), u.kinetic.activation_K
            law = exchange - exchange[-1:] + activation_K * (self.cold - self.cold[-1])[:, None]
            parts.append(3.0 * law.ravel())
            parts.append(0.5 * np.diff(exchange[-1]))
            parts.append(np.atleast_1d((activation_K - prior.kinetics_activation_K) / 1000.0))
            parts.append(np.atleast_1d(np.log(u.kinetic.double_layer_C_per_V / 5.0) / 2.0))
        return np.concatenate(parts)

    def first_Ohm(self, u: _Unknowns) -> np.ndarray:
        """R_1 over the grid."""
        return u.first_Ohm * np.exp(np.outer(self.cold, u.first_activation_K))

    def second_Ohm(self, u: _Unknowns) -> np.ndarray:
        """R_2 over the grid."""
        by_row = self._second_Ohm(u) * np.exp(self.prior.second_activation_K * self.cold)
        return np.outer(by_row, np.ones(self.levels.size))

    def _second_Ohm(self, u: _Unknowns) -> float:
        """R_2 at 25 degC: the prior's share of R_1 at half charge."""
        return self.prior.second_first_ratio * float(np.exp(np.interp(0.5, self.levels, np.log(u.first_Ohm))))

    def solve(self) -> np.ndarray:
        """Start from the shortest and the spread of the measured resistances."""
        rows, levels = self.shape
        base = np.log([self.measured_Ohm[self.row == j].min() for j in range(rows)])
        energy = self.prior.first_activation_K / 1000.0
        start = [np.repeat(base - 0.3, levels), np.full(levels, base[self.anchor] - 1.0), np.full(levels, energy)]
        if self.kinetic:
            guess = np.log(np.median(self.current_A)) - 1.0 - 4287.0 * self.cold
            start += [np.repeat(guess, levels), np.array([4.287, np.log(5.0)])]
        x0 = np.concatenate(start)
        fit = least_squares(self.misfit, x0, jac_sparsity=self._pattern(x0), method="trf", max_nfev=200)
        return fit.x

    def _pattern(self, start: np.ndarray) -> lil_matrix:
        """Which residual depends on which unknown: nearly none, which makes the differences cheap."""
        probe = np.random.default_rng(0)
        pattern = lil_matrix((self.misfit(start).size, start.size), dtype=int)
        base = start + 0.01 * probe.standard_normal(start.size)
        reference = self.misfit(base)
        for column in range(start.size):
            moved = base.copy()
            moved[column] += 0.01 * max(1.0, abs(moved[column]))
            pattern[np.nonzero(np.abs(self.misfit(moved) - reference) > 0)[0], column] = 1
        return pattern


def identify(
    pulses: Sequence[Pulse], slow: SlowDischarge, prior: SlowPrior | None = None
) -> tuple[EquivalentCircuitCell, IdentificationReport]:
    """Cell with tables over state of charge and temperature, and how far it can be trusted."""
    if not pulses:
        raise InputError(Problem("there is no usable pulse", "pulses", "give pulses with current and resistances"))
    prior = prior or SlowPrior()
    rest = _open_circuit(pulses, slow)
    problem = _Problem(pulses, rest, float(slow.charge_C[-1]) * rest.stretch_ratio, prior)
    if problem.kelvin.size < 2:
        raise InputError(Problem("pulses at one temperature only", "pulses", "add pulses at a second temperature"))
    x = problem.solve()
    u = problem.unpack(x)
    kelvin, z = problem.kelvin, problem.levels

    beyond = kelvin[-1] < prior.warmest_K
    rows = np.append(kelvin, prior.warmest_K) if beyond else kelvin
    level = np.ones_like(z)

    def law(values: np.ndarray) -> ArrheniusTable:
        """Values with a row beyond the warmest measurement, by the law of the two warmest rows."""
        if not beyond:
            return arrhenius_table(rows, z, values)
        reach = (1.0 / prior.warmest_K - 1.0 / kelvin[-1]) / (1.0 / kelvin[-1] - 1.0 / kelvin[-2])
        return arrhenius_table(rows, z, np.vstack([values, values[-1] * (values[-1] / values[-2]) ** reach]))

    slope_V = float(rest.curve(0.9) - rest.curve(0.1)) / 0.8
    cell = EquivalentCircuitCell(
        capacity_C=rest.capacity_C,
        open_circuit_voltage_V=rest.curve,
        ohmic_resistance_Ohm=law(u.ohmic_Ohm),
        exchange_current_A=None if u.kinetic is None else law(u.kinetic.exchange_A),
        surface_per_V=None if u.kinetic is None else 1.0 / slope_V,
        rest_V_per_K=_rest_slope(pulses, rest, float(slow.charge_C[-1]) * rest.stretch_ratio),
        pairs=(
            (law(problem.first_Ohm(u)), law(np.outer(problem.first_time_s, level))),
            (law(problem.second_Ohm(u)), law(np.outer(problem.second_time_s, level))),
        ),
    )
    compared = zip(problem.where, problem.time_s, problem.measured_Ohm, problem.modelled_Ohm(x), strict=True)
    residuals = tuple(
        PulseResidual(pulse.temperature_K, at, pulse.current_A, float(time_s), float(measured), float(modelled))
        for (pulse, at), time_s, measured, modelled in compared
    )
    return cell, IdentificationReport(
        residuals=residuals,
        rest_voltage_rms_V=rest.rms_V,
        slow_discharge_stretch_ratio=rest.stretch_ratio,
        slow_discharge_polarisation_V=rest.polarisation_V,
        kinetics_activation_K=None if u.kinetic is None else u.kinetic.activation_K,
        undetermined=_undetermined(problem),
    )


def _undetermined(problem: _Problem) -> tuple[str, ...]:
    notes = ["time constants and the slow pair's share: from the prior, pulses are too short"]
    if not problem.kinetic:
        notes.append("exchange current: all pulses have one amplitude; charge transfer is part of the ohmic resistance")
    for j, kelvin in enumerate(problem.kelvin):
        seen = set(problem.level[problem.row == j].tolist())
        missing = [f"{problem.levels[k]:.2f}" for k in range(problem.levels.size) if k not in seen]
        if missing:
            at = f"{kelvin - 273.15:.0f} degC at state of charge {', '.join(missing)}"
            notes.append(f"{at}: laws of the other levels")
    return tuple(notes)
