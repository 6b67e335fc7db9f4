"""Find the parameters of a cell from a slow discharge and from current pulses.

    R(t, I) = R_ohm + (n 2RT/F) asinh(I / 2 I0) / I + sum R_i (1 - exp(-t / tau_i)) + (U(z) - U(z - I t / Q) + e) / I

Open-circuit voltage: the slow discharge, stretched, shifted in charge, and raised by one voltage, so that it meets the voltages
at rest before the pulses nearest to 25 degC. Circuit: least squares over all pulses at once, in which each quantity has one
value at 25 degC and one activation energy; only the kinetics vary over state of charge, or R_ohm where they are not known. A
pulse warms its cell, which the fit takes into account. What pulses of some seconds cannot show (time constants, the share of
the slow pair) is taken from `SlowPrior`. The pairs are diffusion: where the kinetics are known, I0 is read at the state of
charge of the surface, z + s (v_1 + v_2) / U', s the part of the particles in it and U' the mean slope, and a surface that empties
costs e more (`EquivalentCircuitCell`). Kinetics: n is found between 1, one electrode, and 4, two that are porous.

The tester's signs hold in the data files (discharge positive); everything returned follows the sign rule of parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import least_squares

from covolt.errors import InputError, Problem
from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K
from covolt.vehicle.cell import (
    REFERENCE_TEMPERATURE_K,
    ArrheniusTable,
    EquivalentCircuitCell,
    arrhenius_table,
)
from covolt.vehicle.lookup import table
from covolt.vehicle.open_circuit import (
    MOST_STRETCH_RATIO,
    RestCurve,
    contradicting_places,
    doubtful,
    drawn_C,
    open_circuit,
    rests_off,
    strangers,
)
from covolt.vehicle.pulse_data import Pulse, SlowDischarge
from covolt.words import message, text

SHORTEST_s = 0.5
"""Earlier, the tester's own rise distorts what a pulse shows."""
LEAST_SPREAD_RATIO = 1.5
"""Of amplitudes at one place: less moves R by less than pulses are measured to. What kinetics still change must then pay."""
MOST_ELECTRODES = 4.0
"""Two electrodes, in each of which a porous structure doubles the slope (Newman and Thomas-Alyea, Electrochemical Systems)."""


@dataclass(frozen=True)
class SlowPrior:
    """What pulses of some seconds show badly or not at all, with activation energies over the gas constant.

    Source: the DFN model with O'Kane et al. 2022 (LG M50), C/3 for half an hour from 80, 70, 60, 50 and 40 % charge at 25 degC:
    overpotential fitted by two pairs (0.4 to 1 mOhm), means of shares and of logarithms of times. Activation of the times: the
    virtual pulses of docs/models/battery.md, half that of its diffusivities, as a pulse sees the square root of their times.
    """

    first_time_s: float = 23.0
    second_time_s: float = 226.0
    time_activation_K: float = 1430.0
    second_fraction: float = 0.59
    """Part of the second pair in the resistance of diffusion; held at all temperatures."""
    surface_fraction: float = 0.75
    """Part of the particles in the overpotential of concentration after ten minutes there: 0.67 to 0.80 from 25 to -15 degC."""
    diffusion_activation_K: float = 3070.0
    """Of that resistance: a start and a weak tie (28 kJ/mol)."""
    ohmic_activation_K: float = 1490.0
    """At 25 degC; a start only."""
    vanishing_K: float = 170.0
    """T0 of an electrolyte's resistance, ln R = A / (T - T0) (Vogel, Fulcher, Tammann), where kinetics are known apart from it.

    Both from the conductivity of 1 M LiPF6 in EC:EMC 3:7 at 263, 298 and 313 K: Landesfeind and Gasteiger, J. Electrochem.
    Soc. 166 (2019) A3079. Their diffusivity of the salt has one activation energy, 17 kJ/mol, as the pairs have one here."""
    kinetics_activation_K: float = 6000.0
    """50 kJ/mol, a usual value for charge transfer in lithium-ion cells; a start and a weak tie (8 kJ/mol), no more."""
    heat_capacity_J_per_K_C: float = 16.0 / 3600.0
    """Pulses warm the cell without loss: 220 Wh/kg at 3.6 V and 1000 J/(kg K)."""
    warmest_K: float = 313.15
    """A row is added here by the laws, because cells warm up in use."""


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
    remarks: tuple[str, ...] = field(default=())
    """What of the measurements was not used."""

    @property
    def resistance_rms(self) -> float:
        """Root mean square of the relative deviation of all pulse resistances."""
        return float(np.sqrt(np.mean([(r.modelled_Ohm / r.measured_Ohm - 1.0) ** 2 for r in self.residuals])))


def _groups(values: np.ndarray, x: float) -> np.ndarray:
    """Number of the group of each value, groups being more than x apart."""
    order = np.argsort(values)
    numbers = np.zeros(values.size, dtype=int)
    numbers[order[1:]] = np.cumsum(np.diff(values[order]) > x)
    return numbers


@dataclass(frozen=True)
class _Kinetic:
    """What only pulses of several amplitudes show: I0 by level with its activation, electrodes, the double layer's capacity."""

    exchange_A: np.ndarray
    activation_K: float
    electrode_ratio: float
    double_layer_C_per_V: float


@dataclass(frozen=True)
class _Unknowns:
    """R_ohm by level (one value where the kinetics vary with it), the resistance of diffusion, and their activations."""

    ohmic_Ohm: np.ndarray
    ohmic_activation_K: float
    diffusion_Ohm: float
    diffusion_activation_K: float
    kinetic: _Kinetic | None


class _Problem:
    """The least-squares problem over everything in `_Unknowns`."""

    def __init__(
        self, pulses: Sequence[Pulse], rest: RestCurve, full_C: float, prior: SlowPrior, *, kinetic: bool = True
    ) -> None:
        heat_capacity_J_per_K = prior.heat_capacity_J_per_K_C * rest.capacity_C
        kelvin = np.array([p.temperature_K for p in pulses])
        z = 1.0 - np.array([drawn_C(p, full_C) for p in pulses]) / rest.capacity_C
        rows, levels = _groups(kelvin, 4.0), _groups(z, 0.02)
        self.prior, self.rest = prior, rest
        self.kelvin = np.array([kelvin[rows == j].mean() for j in range(rows.max() + 1)])
        self.levels = np.array([z[levels == k].mean() for k in range(levels.max() + 1)])
        self.cold = _cold(self.kelvin)
        amplitudes: dict[tuple[int, int], list[float]] = {}
        for j, k, pulse in zip(rows.tolist(), levels.tolist(), pulses, strict=True):
            amplitudes.setdefault((j, k), []).append(abs(pulse.current_A))
        self.spread_ratio = max(max(a) / min(a) for a in amplitudes.values())
        self.kinetic = kinetic and self.spread_ratio >= LEAST_SPREAD_RATIO
        self.where: list[tuple[Pulse, float]] = []
        found: list[tuple[float, ...]] = []
        for pulse, j, k, zi in zip(pulses, rows, levels, z, strict=True):
            for time_s, measured in pulse.resistance_Ohm.items():
                lasted = min(time_s, pulse.length_s)
                if lasted < SHORTEST_s:
                    continue
                warming = pulse.current_A**2 * measured * lasted / heat_capacity_J_per_K
                found.append((j, k, zi, pulse.temperature_K, pulse.current_A, lasted, warming, measured))
                self.where.append((pulse, float(zi)))
        row, level, self.z, self.pulse_K, current_A, self.time_s, self.warming_K, self.measured_Ohm = np.array(found).T
        self.row, self.level = row.astype(int), level.astype(int)
        self.charging_A, self.current_A = current_A, np.abs(current_A)

    def unpack(self, x: np.ndarray) -> _Unknowns:
        """The unknowns by name, from one row of numbers: logarithms, and energies in thousands of kelvin."""
        n = self.levels.size
        ohmic_K, slow_Ohm, slow_K = 1e3 * x[0], float(np.exp(x[1])), 1e3 * x[2]
        if not self.kinetic:
            return _Unknowns(np.exp(x[3:]), ohmic_K, slow_Ohm, slow_K, None)
        energy, double_layer, share, ohmic = x[3:7]
        electrode_ratio = 1.0 + (MOST_ELECTRODES - 1.0) / (1.0 + float(np.exp(-share)))
        kinetic = _Kinetic(np.exp(x[7:]), 1e3 * energy, electrode_ratio, float(np.exp(double_layer)))
        return _Unknowns(np.full(n, np.exp(ohmic)), ohmic_K, slow_Ohm, slow_K, kinetic)

    def modelled_Ohm(self, x: np.ndarray) -> np.ndarray:
        """Resistance that each point would have shown."""
        u = self.unpack(x)
        # A warmer cell: resistances follow their laws, at the end of the pulse where they act at once, else at its middle.
        end, middle = _cold(self.pulse_K + self.warming_K), _cold(self.pulse_K + 0.5 * self.warming_K)
        slow = np.zeros_like(middle)
        for R, tau in self.pairs(u, middle):
            slow += R * (1.0 - np.exp(-self.time_s / tau))
        I = self.charging_A  # noqa: E741
        moved = self.z + I * self.time_s / self.rest.capacity_C
        drift_V = self.rest.voltage_V(moved) - self.rest.voltage_V(self.z)
        ohmic = u.ohmic_Ohm[self.level] * self.ohmic_growth(u, self.pulse_K + self.warming_K)
        total = ohmic + slow + drift_V / I
        if u.kinetic is None:
            return total
        surface = np.clip(moved + self.prior.surface_fraction * I * slow / self.rest.slope_V, 0.0, 1.0)
        emptying_V = self.rest.below_chord_V(surface) - self.rest.below_chord_V(np.clip(moved, 0.0, 1.0))
        b = u.kinetic.electrode_ratio * THERMAL_SLOPE_V_per_K * self.pulse_K
        exchange_A = np.exp(
            np.interp(surface, self.levels, np.log(u.kinetic.exchange_A)) - u.kinetic.activation_K * end
        )
        transfer_V = _transfer_from_rest_V(self.current_A, exchange_A, b, u.kinetic.double_layer_C_per_V, self.time_s)
        return total + emptying_V / I + transfer_V / self.current_A

    def ohmic_growth(self, u: _Unknowns, temperature_K: np.ndarray) -> np.ndarray:
        """R_ohm over its value at 25 degC: an electrolyte's where it stands alone, one activation where kinetics are in it."""
        gone_K = self.prior.vanishing_K if self.kinetic else 0.0
        above, at = temperature_K - gone_K, REFERENCE_TEMPERATURE_K - gone_K
        return np.exp(u.ohmic_activation_K * (1.0 / above - 1.0 / at) * (at / REFERENCE_TEMPERATURE_K) ** 2)

    def misfit(self, x: np.ndarray) -> np.ndarray:
        """Relative deviations over 3 %, large ones counted less, and weak ties that hold what no pulse determines."""
        u, prior = self.unpack(x), self.prior
        deviation = (self.modelled_Ohm(x) / self.measured_Ohm - 1.0) / 0.03
        # A pulse that empties its surface says little about the others: soft L1.
        parts = [np.sign(deviation) * np.sqrt(2.0 * (np.hypot(1.0, deviation) - 1.0))]
        parts.append(np.atleast_1d(0.3 * (u.diffusion_activation_K - prior.diffusion_activation_K) / 1e3))
        if u.kinetic is None:
            parts.append(0.5 * np.diff(np.log(u.ohmic_Ohm), n=2))
        else:
            parts.append(0.5 * np.diff(np.log(u.kinetic.exchange_A)))
            parts.append(np.atleast_1d((u.kinetic.activation_K - prior.kinetics_activation_K) / 1e3))
            parts.append(np.atleast_1d(np.log(u.kinetic.double_layer_C_per_V / 5.0) / 2.0))
            parts.append(np.atleast_1d(x[5] / 5.0))
        return np.concatenate(parts)

    def pairs(self, u: _Unknowns, cold_per_K: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Resistance and time constant of both pairs."""
        prior = self.prior
        resistance = u.diffusion_Ohm * np.exp(u.diffusion_activation_K * cold_per_K)
        slowing = np.exp(prior.time_activation_K * cold_per_K)
        return (
            ((1.0 - prior.second_fraction) * resistance, prior.first_time_s * slowing),
            (prior.second_fraction * resistance, prior.second_time_s * slowing),
        )

    def solve(self) -> np.ndarray:
        """Start from the shortest of the warm resistances and the prior's energies."""
        prior, n = self.prior, self.levels.size
        anchor = self.row == int(np.argmin(np.abs(self.cold)))
        shortest = float(np.log(self.measured_Ohm[anchor].min()))
        energy = np.array([prior.ohmic_activation_K, prior.diffusion_activation_K]) / 1e3
        start = [np.array([energy[0], shortest, energy[1]])]
        if self.kinetic:
            current = float(np.log(np.median(self.current_A)))
            start += [
                np.array([prior.kinetics_activation_K / 1e3, np.log(5.0), 0.0, shortest - 0.3]),
                np.full(n, current),
            ]
        else:
            start.append(np.full(n, shortest - 0.3))
        return least_squares(self.misfit, np.concatenate(start), x_scale="jac", max_nfev=200).x


def _transfer_from_rest_V(
    current_A: np.ndarray, exchange_A: np.ndarray, slope_V: np.ndarray, double_layer_C_per_V: float, time_s: np.ndarray
) -> np.ndarray:
    """`charge_transfer_V` at the end of a pulse that begins at rest."""
    settled_V = slope_V * np.arcsinh(0.5 * current_A / exchange_A)
    rate_per_s = np.sqrt(current_A**2 + 4.0 * exchange_A**2) / (slope_V * double_layer_C_per_V)
    u = np.exp(-settled_V / slope_V)
    gone = (u - 1.0) * np.expm1(-rate_per_s * time_s)
    return settled_V + slope_V * np.log((u * (1.0 + u * u) + u * u * gone) / (1.0 + u * u - gone))


def _cold(temperature_K: np.ndarray) -> np.ndarray:
    return 1.0 / temperature_K - 1.0 / REFERENCE_TEMPERATURE_K


def identify(
    pulses: Sequence[Pulse], slow: SlowDischarge, prior: SlowPrior | None = None
) -> tuple[EquivalentCircuitCell, IdentificationReport]:
    """Cell with tables over state of charge and temperature, and how far it can be trusted."""
    if not pulses:
        what, hint = text("there is no usable pulse"), text("give pulses with current and resistances")
        raise InputError(Problem(what, "pulses", hint))
    prior = prior or SlowPrior()
    if problems := _unusable(pulses, slow):
        raise InputError(problems)
    rest = open_circuit(pulses, slow)
    full_C = float(slow.charge_C[-1]) * rest.stretch_ratio
    off = rests_off(pulses, rest, full_C)
    if problems := strangers(rest, off):
        raise InputError(problems)
    problem = _Problem(pulses, rest, full_C, prior)
    told = [
        Problem(text("pulses at one {of} only", of=of), "pulses", text("add pulses at a second {of}", of=of))
        for of, values in (("temperature", problem.kelvin), ("state of charge", problem.levels))
        if values.size < 2
    ]
    if told:
        raise InputError(told)
    x = problem.solve()
    if problem.kinetic:
        plain = _Problem(pulses, rest, full_C, prior, kinetic=False)
        y = plain.solve()
        gained = float(np.sum(plain.misfit(y) ** 2) - np.sum(problem.misfit(x) ** 2))
        # Schwarz's criterion: what the data do not pay for they do not determine.
        if gained < (x.size - y.size) * np.log(problem.measured_Ohm.size):
            problem, x = plain, y
    u = problem.unpack(x)
    if u.ohmic_activation_K < 0.0:
        what = text("the resistance rises with the temperature; that of every cell falls")
        raise InputError(Problem(what, "pulses", text("check the sign and the unit of ambient_C, or case_temp_C")))
    kelvin = np.append(problem.kelvin, max(prior.warmest_K, problem.kelvin[-1] + 1.0))
    if problem.kinetic:
        # The ohmic law is not straight in 1/T between the temperatures of the pulses.
        kelvin = np.sort(np.concatenate([kelvin, 0.5 * (kelvin[:-1] + kelvin[1:])]))
    cold, z = _cold(kelvin), problem.levels

    def law(values: np.ndarray, by_level: np.ndarray) -> ArrheniusTable:
        """A table over all temperatures, each with its value, and levels."""
        return arrhenius_table(kelvin, z, np.outer(values, by_level))

    level = np.ones_like(z)
    kinetic = u.kinetic
    cell = EquivalentCircuitCell(
        capacity_C=rest.capacity_C,
        open_circuit_voltage_V=table(rest.state_of_charge, rest.curve_V),
        ohmic_resistance_Ohm=law(problem.ohmic_growth(u, kelvin), u.ohmic_Ohm),
        exchange_current_A=None if kinetic is None else law(np.exp(-kinetic.activation_K * cold), kinetic.exchange_A),
        electrode_ratio=1.0 if kinetic is None else kinetic.electrode_ratio,
        double_layer_C_per_V=None if kinetic is None else kinetic.double_layer_C_per_V,
        surface_per_V=None if kinetic is None else 1.0 / rest.slope_V,
        surface_fraction=1.0 if kinetic is None else prior.surface_fraction,
        pairs=tuple((law(R, level), law(tau, level)) for R, tau in problem.pairs(u, cold)),
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
        remarks=(*slow.remarks, *_unused(pulses), *doubtful(pulses, slow, rest, off)),
    )


def _usable_s(pulse: Pulse) -> list[float]:
    """Times of its resistances that count."""
    return [time_s for time_s in pulse.resistance_Ohm if min(time_s, pulse.length_s) >= SHORTEST_s]


def _unused(pulses: Sequence[Pulse]) -> list[str]:
    """What of the pulses is not used, or looks like a sign taken the other way."""
    early = sum(len(pulse.resistance_Ohm) - len(_usable_s(pulse)) for pulse in pulses)
    told = [f"{early} resistances before {SHORTEST_s:g} s are not used"] if early else []
    if all(pulse.current_A > 0.0 for pulse in pulses):
        told.append("all pulses charge the cell (negative current): is that meant?")
    return told


def _unusable(pulses: Sequence[Pulse], slow: SlowDischarge) -> list[Problem]:
    """Why these pulses cannot be laid over this discharge."""
    problems: list[Problem] = []
    if not any(_usable_s(pulse) for pulse in pulses):
        what = text("no pulse reaches {least:g} s, before which the tester's own rise distorts it", least=SHORTEST_s)
        problems.append(Problem(what, "pulses", text("give longer pulses, such as R_1s_mohm and R_10s_mohm")))
    most_C = max(pulse.charge_drawn_C or 0.0 for pulse in pulses)
    whole_C = float(slow.charge_C[-1])
    problems += contradicting_places(pulses, whole_C)
    if most_C > (1.0 + 2.0 * MOST_STRETCH_RATIO) * whole_C:
        charges = {"most": most_C / 3600.0, "whole": whole_C / 3600.0}
        what = message("discharged_Ah_before reaches {most:.4g}, and the slow discharge holds {whole:.4g} Ah", charges)
        hint = text("write charges in Ah, of the same cell, and discharge it slowly to its end")
        problems.append(Problem(what, "pulses", hint))
    return problems


def _undetermined(problem: _Problem) -> tuple[str, ...]:
    notes = ["time constants and the slow pair's share: from the prior, pulses are too short"]
    if not problem.kinetic:
        why = f"amplitudes at one place differ {problem.spread_ratio:.3g} times, and resistance does not follow them"
        if problem.spread_ratio < LEAST_SPREAD_RATIO:
            why = f"amplitudes at one place differ {problem.spread_ratio:.3g} times at most, {LEAST_SPREAD_RATIO:g} are needed"
        notes.append(f"exchange current: {why}; charge transfer is part of the ohmic resistance")
    for j, kelvin in enumerate(problem.kelvin):
        seen = set(problem.level[problem.row == j].tolist())
        missing = [f"{problem.levels[k]:.2f}" for k in range(problem.levels.size) if k not in seen]
        if missing:
            at = f"{kelvin - 273.15:.0f} degC at state of charge {', '.join(missing)}"
            notes.append(f"{at}: laws of the other levels")
    return tuple(notes)
