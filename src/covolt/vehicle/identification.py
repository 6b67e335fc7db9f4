"""Find the parameters of a cell from a slow discharge and from current pulses.

    R(t, I) = R_ohm + (2RT/F) asinh(I / 2 I0) / I + sum R_i (1 - exp(-t / tau_i)) + t dU/dz / Q

Open-circuit voltage: the slow discharge, stretched, shifted in charge, and raised by one voltage, so that it meets the voltages
at rest before the pulses nearest to 25 degC. Circuit: least squares over the logarithms of all parameters at all temperatures
and states of charge at once; where a temperature lacks pulses, the dependence on state of charge of the next warmer one
holds. A pulse warms its cell, which the fit takes into account. What pulses of some seconds cannot show (time constants, the
slow pair) is taken from `SlowPrior`.

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
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K, EquivalentCircuitCell, arrhenius_table
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
    second_time_s: float = 263.0
    second_first_ratio: float = 10.4 / 12.6
    time_activation_K: float = 1430.0
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


@dataclass(frozen=True)
class _Point:
    """One measured resistance and where it belongs in the grid of temperatures and levels."""

    row: int
    level: int
    current_A: float
    time_s: float
    drift_Ohm: float
    warming_K: float
    measured_Ohm: float


def _groups(values: np.ndarray, x: float) -> np.ndarray:
    """Number of the group of each value, groups being more than x apart."""
    order = np.argsort(values)
    numbers = np.zeros(values.size, dtype=int)
    numbers[order[1:]] = np.cumsum(np.diff(values[order]) > x)
    return numbers


class _Problem:
    """The least-squares problem: logarithms of R_ohm and R_1 at every grid point, of I0 at every level, and its energy."""

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
        self.times_s = np.stack([prior.first_time_s * slowing, prior.second_time_s * slowing])
        self.second_ratio = prior.second_first_ratio * np.exp(prior.second_activation_K * self.cold)
        self.slowing = prior.time_activation_K * self.cold
        self.anchor = int(np.argmin(np.abs(self.cold)))
        amplitudes = [
            {round(abs(p.current_A), 1) for p, j, k in zip(pulses, rows, levels, strict=True) if (j, k) == (row, level)}
            for row in range(self.kelvin.size)
            for level in range(self.levels.size)
        ]
        self.kinetic = max(len(a) for a in amplitudes) > 1
        slope = np.gradient(np.asarray(rest.curve.values), np.asarray(rest.curve.x))
        self.points: list[_Point] = []
        self.where: list[tuple[Pulse, float]] = []
        for pulse, j, k, zi in zip(pulses, rows, levels, z, strict=True):
            for time_s, measured in pulse.resistance_Ohm.items():
                lasted = min(time_s, pulse.length_s)
                if lasted < SHORTEST_s:
                    continue
                middle = zi + 0.5 * pulse.current_A * lasted / rest.capacity_C
                drift = lasted / rest.capacity_C * float(np.interp(middle, np.asarray(rest.curve.x), slope))
                warming = pulse.current_A**2 * measured * lasted / heat_capacity_J_per_K
                self.points.append(_Point(int(j), int(k), abs(pulse.current_A), lasted, drift, warming, measured))
                self.where.append((pulse, float(zi)))
        seen = np.zeros((self.kelvin.size, self.levels.size), dtype=bool)
        for point in self.points:
            seen[point.row, point.level] = True
        self.unseen = ~(seen[:, 1:] & seen[:, :-1])
        self.row = np.array([p.row for p in self.points])
        self.level = np.array([p.level for p in self.points])
        self.current_A = np.array([p.current_A for p in self.points])
        self.time_s = np.array([p.time_s for p in self.points])
        self.warming = np.array([p.warming_K for p in self.points])
        self.drift_Ohm = np.array([p.drift_Ohm for p in self.points])
        self.measured_Ohm = np.array([p.measured_Ohm for p in self.points])

    @property
    def shape(self) -> tuple[int, int]:
        """Temperatures and levels."""
        return self.kelvin.size, self.levels.size

    def unpack(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """ln R_ohm and ln R_1 over the grid, ln I0 over the grid, and the energies' residue."""
        n = self.shape[0] * self.shape[1]
        ohmic, first = x[:n].reshape(self.shape), x[n : 2 * n].reshape(self.shape)
        exchange = x[2 * n : 3 * n].reshape(self.shape) if self.kinetic else np.zeros(self.shape)
        return ohmic, first, exchange, x[3 * n :]

    def second(self, values: np.ndarray) -> np.ndarray:
        """ln R_2 over the grid from ln R_1: the prior's share of R_1 at half charge, the same at every level."""
        middle = np.interp(0.5, self.levels, values[self.anchor])
        return np.repeat((middle + np.log(self.second_ratio))[:, None], self.levels.size, axis=1)

    def modelled_Ohm(self, x: np.ndarray) -> np.ndarray:
        """Resistance that each point would have shown."""
        ohmic, first, exchange, rest = self.unpack(x)
        j, k = self.row, self.level
        # A warmer cell: both resistances follow the law between the rows, at the temperature that the pulse has reached.
        warmer = 1.0 / (self.kelvin[j] + self.warming) - 1.0 / self.kelvin[j]
        slope = np.gradient(ohmic, self.cold, axis=0) if self.kelvin.size > 1 else np.zeros_like(ohmic)
        total = np.exp(ohmic[j, k] + slope[j, k] * warmer) + self.drift_Ohm
        for logs, tau in zip((first, self.second(first)), self.times_s, strict=True):
            total = total + np.exp(logs[j, k]) * (1.0 - np.exp(-self.time_s / tau[j]))
        if self.kinetic:
            b = THERMAL_SLOPE_V_per_K * self.kelvin[j]
            transfer = b / self.current_A * np.arcsinh(0.5 * self.current_A * np.exp(rest[0] * warmer - exchange[j, k]))
            total = total + transfer * (1.0 - np.exp(-self.time_s / (transfer * np.exp(rest[1]))))
        return total

    def misfit(self, x: np.ndarray) -> np.ndarray:
        """Relative deviations over 3 %, and weak ties that hold what no pulse determines."""
        ohmic, first, exchange, energy = self.unpack(x)
        parts = [(self.modelled_Ohm(x) / self.measured_Ohm - 1.0) / 0.03]
        parts.append(3.0 * np.diff(np.diff(ohmic, axis=1), axis=0).ravel())
        law = first - first[self.anchor] - self.slowing[:, None]
        parts.append(0.5 * law.ravel())
        bend = np.diff(np.diff(first, axis=1), axis=0)
        parts.append(10.0 * (bend * self.unseen[:-1]).ravel())
        if self.kinetic:
            law = exchange - exchange[-1:] + energy[0] * (self.cold - self.cold[-1])[:, None]
            parts.append(3.0 * law.ravel())
            parts.append(0.5 * np.diff(exchange[-1]))
            parts.append(np.atleast_1d((energy[0] - self.prior.kinetics_activation_K) / 1000.0))
            parts.append(np.atleast_1d((energy[1] - np.log(5.0)) / 2.0))
        return np.concatenate(parts)

    def solve(self) -> np.ndarray:
        """Start from the shortest and the spread of the measured resistances."""
        rows, levels = self.shape
        size = rows * levels
        base = np.log([self.measured_Ohm[self.row == j].min() for j in range(rows)])
        start = [np.repeat(base - 0.3, levels), np.repeat(base - 1.0, levels)]
        if self.kinetic:
            guess = np.log(np.median(self.current_A)) - 1.0 - 4287.0 * self.cold
            start += [np.repeat(guess, levels), np.array([4287.0, np.log(5.0)])]
        x0 = np.concatenate(start)
        scale = np.where(np.arange(x0.size) == 3 * size, 1000.0, 1.0)
        fit = least_squares(self.misfit, x0, x_scale=scale, jac_sparsity=self._pattern(x0), method="trf", max_nfev=200)
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
    x = problem.solve()
    ohmic, first, exchange, energy = problem.unpack(x)
    kelvin, z = problem.kelvin, problem.levels

    def law(logs: np.ndarray) -> np.ndarray:
        """Values with a row beyond the warmest measurement, by the law of the two warmest rows."""
        if kelvin.size < 2 or kelvin[-1] >= prior.warmest_K:
            return np.exp(logs)
        reach = (1.0 / prior.warmest_K - 1.0 / kelvin[-1]) / (1.0 / kelvin[-1] - 1.0 / kelvin[-2])
        return np.exp(np.vstack([logs, logs[-1] + reach * (logs[-1] - logs[-2])]))

    if kelvin.size < 2:
        raise InputError(Problem("pulses at one temperature only", "pulses", "add pulses at a second temperature"))
    rows = np.append(kelvin, prior.warmest_K) if kelvin[-1] < prior.warmest_K else kelvin
    level = np.ones_like(z)
    times = [arrhenius_table(rows, z, law(np.log(np.outer(tau, level)))) for tau in problem.times_s]
    second = problem.second(first)
    cell = EquivalentCircuitCell(
        capacity_C=rest.capacity_C,
        open_circuit_voltage_V=rest.curve,
        ohmic_resistance_Ohm=arrhenius_table(rows, z, law(ohmic)),
        exchange_current_A=arrhenius_table(rows, z, law(exchange)) if problem.kinetic else None,
        rest_V_per_K=_rest_slope(pulses, rest, float(slow.charge_C[-1]) * rest.stretch_ratio),
        pairs=tuple((arrhenius_table(rows, z, law(R)), tau) for R, tau in zip((first, second), times, strict=True)),
    )
    modelled = problem.modelled_Ohm(x)
    residuals = tuple(
        PulseResidual(pulse.temperature_K, at, pulse.current_A, point.time_s, point.measured_Ohm, float(model))
        for (pulse, at), point, model in zip(problem.where, problem.points, modelled, strict=True)
    )
    return cell, IdentificationReport(
        residuals=residuals,
        rest_voltage_rms_V=rest.rms_V,
        slow_discharge_stretch_ratio=rest.stretch_ratio,
        slow_discharge_polarisation_V=rest.polarisation_V,
        kinetics_activation_K=float(energy[0]) if problem.kinetic else None,
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
            notes.append(f"{kelvin - 273.15:.0f} degC at state of charge {', '.join(missing)}: shape of the warmer row")
    return tuple(notes)
