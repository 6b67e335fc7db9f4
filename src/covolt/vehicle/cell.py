"""The cell: what voltage it shows at a current, at a state of charge and a temperature.

    V = U(z) + (T - T0) dU/dT(z) + I R_ohm + (n 2RT/F) asinh(I / (2 I0)) + v_1 + v_2 + e,   I positive when charging

A cell with a double layer reaches the asinh with a delay (`charge_transfer_V`).

The smallest cell that does is a resistance (`resistance_cell`); one relaxation pair makes it remember (`relaxation_cell`);
the default `GenericCell` has Butler-Volmer kinetics and two pairs; `EquivalentCircuitCell` takes whatever was identified.
"""

from __future__ import annotations

import functools
from abc import abstractmethod
from typing import Any, NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.errors import InputError, Problem
from covolt.vehicle.lookup import AbstractCurve, Map, Polynomial, constant, map_2d
from covolt.vehicle.part import AbstractTree, Scalar
from covolt.words import text

REFERENCE_TEMPERATURE_K = 298.15
CHORD_START = 0.1
"""State of charge below which a surface costs more than the mean slope of the open-circuit voltage."""


def _early_points(count: int) -> tuple[tuple[float, float], ...]:
    """Times, as parts of a step, and weights of Gauss's rule in the square root of time."""
    at, weight = np.polynomial.legendre.leggauss(count)
    at = 0.5 * (at + 1.0)
    return tuple(zip((at**2).tolist(), (weight * at).tolist(), strict=True))


_EARLY_POINTS = _early_points(5)


@jax.custom_jvp
def inverse_sinh(x: Scalar) -> jax.Array:
    """asinh(x) = sign(x) ln(|x| + sqrt(x^2 + 1)), cheaper than the library's and with the exact slope at zero."""
    magnitude = jnp.abs(x)
    return jnp.sign(x) * jnp.log(magnitude + jnp.sqrt(x * x + 1.0))


@inverse_sinh.defjvp
def _inverse_sinh_slope(primals: tuple[Any], tangents: tuple[Any]) -> tuple[jax.Array, jax.Array]:
    (x,), (dx,) = primals, tangents
    return inverse_sinh(x), dx / jnp.sqrt(x * x + 1.0)


def charge_transfer_V(
    current_A: Scalar,
    exchange_per_A: Scalar,
    slope_V: Scalar,
    double_layer_C_per_V: Scalar,
    before_V: Scalar,
    dt_s: Scalar,
) -> tuple[jax.Array, jax.Array]:
    """Kinetic overpotential behind its double layer under a current held for a step: its mean, and what it is at the end.

        C dv/dt = I - 2 I0 sinh(v / b),   b = n 2RT/F,   exchange_per_A = 1 / (2 I0)

    Exact at every time: y = exp(v / b) obeys a Riccati equation with the roots y+ = exp(asinh(I / 2 I0)) and -1 / y+, so that
    (y - y+) / (y + 1 / y+) decays at the rate sqrt(I^2 + 4 I0^2) / (b C). The mean is taken by five points of Gauss, denser
    towards the beginning, where v moves fastest: half a millivolt, 6 mV at worst for a reversal of 8 b within a step.
    """
    x = current_A * exchange_per_A
    root = jnp.sqrt(x * x + 1.0)
    settled_V = slope_V * inverse_sinh(x)
    rate_per_s = root / (exchange_per_A * slope_V * double_layer_C_per_V)
    other = jnp.exp(-2.0 * settled_V / slope_V)
    u = jnp.exp((before_V - settled_V) / slope_V)

    def away_V(part: float) -> jax.Array:
        gone = (u - 1.0) * jnp.expm1(-rate_per_s * (part * dt_s))
        return slope_V * jnp.log((u * (1.0 + other) + other * gone) / (1.0 + other - gone))

    mean_V = functools.reduce(jnp.add, (weight * away_V(part) for part, weight in _EARLY_POINTS))
    return settled_V + mean_V, settled_V + away_V(1.0)


class AbstractTemperatureLaw(AbstractTree):
    """A positive cell parameter over state of charge and temperature."""

    @abstractmethod
    def __call__(self, state_of_charge: Scalar, inverse_temperature_per_K: Scalar) -> jax.Array:
        """The value, given 1/T so that it is formed only once per step."""

    @abstractmethod
    def inside(self, state_of_charge: Scalar, inverse_temperature_per_K: Scalar) -> jax.Array:
        """Whether the point lies within the range for which the law was declared."""


@final
class ArrheniusCurve(AbstractTemperatureLaw):
    """x(z, T) = x(z) exp(a (1/T - 1/T0)), where a is the activation energy over the gas constant.

    Positive for what grows in the cold (resistance, time constant), negative for what shrinks (exchange current).
    """

    curve: AbstractCurve
    activation_K: Scalar
    reference_K: Scalar = REFERENCE_TEMPERATURE_K
    low_K: Scalar = 253.15
    high_K: Scalar = 333.15

    def __call__(self, state_of_charge: Scalar, inverse_temperature_per_K: Scalar) -> jax.Array:
        growth = jnp.exp(self.activation_K * (inverse_temperature_per_K - 1.0 / self.reference_K))
        return self.curve(state_of_charge) * growth

    def inside(self, state_of_charge: Scalar, inverse_temperature_per_K: Scalar) -> jax.Array:
        warm_enough = inverse_temperature_per_K * self.low_K <= 1.0
        return warm_enough & (inverse_temperature_per_K * self.high_K >= 1.0) & self.curve.inside(state_of_charge)


@final
class ArrheniusTable(AbstractTemperatureLaw):
    """ln x bilinear in state of charge and 1/T between the points of a table; held at its edges outside."""

    logarithms: Map

    def __call__(self, state_of_charge: Scalar, inverse_temperature_per_K: Scalar) -> jax.Array:
        return jnp.exp(self.logarithms(inverse_temperature_per_K, state_of_charge))

    def inside(self, state_of_charge: Scalar, inverse_temperature_per_K: Scalar) -> jax.Array:
        return self.logarithms.inside(inverse_temperature_per_K, state_of_charge)


def arrhenius_table(temperature_K: Any, state_of_charge: Any, values: Any) -> ArrheniusTable:
    """A checked table of a positive parameter, rows by rising temperature, columns by rising state of charge."""
    kelvin, entries = np.asarray(temperature_K, dtype=float), np.asarray(values, dtype=float)
    problems: list[Problem] = []
    if np.any(kelvin <= 0):
        problems.append(
            Problem(text("temperatures must be above absolute zero"), "temperature_K", text("give them in kelvin"))
        )
    if np.any(~(entries > 0)):
        problems.append(
            Problem(text("a parameter of a cell must be above zero"), "values", text("remove or mend these points"))
        )
    if problems:
        raise InputError(problems)
    return ArrheniusTable(map_2d(1.0 / kelvin[::-1], state_of_charge, np.log(entries[::-1])))


Pairs = tuple[tuple[Scalar, Scalar], ...]


class CellParameters(NamedTuple):
    """What a cell is at one state of charge and temperature; `pairs` holds (resistance_Ohm, rate_per_s) of each relaxation.

    `exchange_per_A` is 1 / I0, None for a cell without charge-transfer kinetics.
    """

    open_circuit_voltage_V: Scalar
    entropic_V_per_K: Scalar
    ohmic_resistance_Ohm: Scalar
    exchange_per_A: Scalar | None
    pairs: Pairs
    electrode_ratio: Scalar = 1.0
    """How many times 2RT/F the kinetic overpotential is: 1 where one electrode makes it, 2 where both share it, and up to twice
    that for porous electrodes, whose reaction retreats towards the separator as the current grows."""
    emptying_V: Scalar | None = None
    """What a nearly empty surface costs beyond the pairs, below zero on discharge; None for a cell without a surface."""
    double_layer_C_per_V: Scalar | None = None
    """Charge that a surface with kinetics takes before it reacts; None where the overpotential follows the current at once."""


class AbstractCell(AbstractTree):
    """Whatever gives the parameters of a cell; currents and resistances are those of one cell of `capacity_C`."""

    capacity_C: eqx.AbstractVar[Scalar]
    open_circuit_voltage_V: eqx.AbstractVar[AbstractCurve]

    @abstractmethod
    def parameters(
        self, state_of_charge: Scalar, temperature_K: Scalar, polarisation_V: Scalar = 0.0
    ) -> CellParameters:
        """Everything the voltage equation needs; a cell may read it where the sum of its pairs has its surface."""

    @abstractmethod
    def inside(self, state_of_charge: Scalar, temperature_K: Scalar) -> jax.Array:
        """Whether the point lies within the range in which the parameters were found."""


@final
class EquivalentCircuitCell(AbstractCell):
    """A cell made of any laws: ohmic resistance, with or without kinetics, with none, one or two relaxation pairs.

    Source and validity: those of its laws. Validation: level 2 for cells from `identification`, see docs/models/battery.md.
    """

    capacity_C: Scalar
    open_circuit_voltage_V: AbstractCurve
    ohmic_resistance_Ohm: AbstractTemperatureLaw
    exchange_current_A: AbstractTemperatureLaw | None = None
    pairs: tuple[tuple[AbstractTemperatureLaw, AbstractTemperatureLaw], ...] = ()
    """Resistance_Ohm and time constant_s of each relaxation."""
    entropic_V_per_K: AbstractCurve | None = None
    surface_per_V: Scalar | None = None
    """State of charge at the surface of the particles above the mean, per volt of polarisation by diffusion in them.

    I0 and R_ohm are read there. Below `CHORD_START` the surface costs e, how far U is under its chord there, less the same at z;
    the chord leaves U(CHORD_START) at the slope 1 / surface_per_V, which is the part of U(surface) - U(z) the pairs hold."""
    surface_fraction: Scalar = 1.0
    """Part of the pairs that is diffusion in the particles; the rest is in the electrolyte and leaves the surface alone."""
    electrode_ratio: Scalar = 1.0
    double_layer_C_per_V: Scalar | None = None
    """The overpotential follows a changed current within about b C / (I + 2 I0): milliseconds when warm, seconds at rest in
    the cold."""

    def _below_chord_V(self, state_of_charge: Scalar, slope_V: Scalar) -> jax.Array:
        """How far U lies below the straight line that leaves it at `CHORD_START` with the mean slope."""
        line = self.open_circuit_voltage_V(CHORD_START) + (state_of_charge - CHORD_START) * slope_V
        below = jnp.minimum(self.open_circuit_voltage_V(state_of_charge) - line, 0.0)
        return jnp.where(state_of_charge < CHORD_START, below, 0.0)

    def parameters(
        self, state_of_charge: Scalar, temperature_K: Scalar, polarisation_V: Scalar = 0.0
    ) -> CellParameters:
        z, inverse = state_of_charge, 1.0 / temperature_K
        surface, emptying_V = z, None
        if self.surface_per_V is not None:
            # What flows through the surface meets the concentration there; the pairs are the straight part of what it costs.
            surface = jnp.clip(z + polarisation_V * self.surface_fraction * self.surface_per_V, 0.0, 1.0)
            slope_V = 1.0 / self.surface_per_V
            emptying_V = self._below_chord_V(surface, slope_V) - self._below_chord_V(jnp.clip(z, 0.0, 1.0), slope_V)
        return CellParameters(
            open_circuit_voltage_V=self.open_circuit_voltage_V(z),
            entropic_V_per_K=0.0 if self.entropic_V_per_K is None else self.entropic_V_per_K(z),
            ohmic_resistance_Ohm=self.ohmic_resistance_Ohm(surface, inverse),
            exchange_per_A=None if self.exchange_current_A is None else 1.0 / self.exchange_current_A(surface, inverse),
            pairs=tuple((resistance(z, inverse), 1.0 / time(z, inverse)) for resistance, time in self.pairs),
            electrode_ratio=self.electrode_ratio,
            emptying_V=emptying_V,
            double_layer_C_per_V=self.double_layer_C_per_V,
        )

    def inside(self, state_of_charge: Scalar, temperature_K: Scalar) -> jax.Array:
        z, inverse = state_of_charge, 1.0 / temperature_K
        return self.open_circuit_voltage_V.inside(z) & self.ohmic_resistance_Ohm.inside(z, inverse)


@final
class GenericCell(AbstractCell):
    """Butler-Volmer kinetics and two relaxation pairs in which three activation energies serve all parameters.

    R_ohm, R_1 and R_2 grow in the cold with one energy, both time constants with another, and the exchange current
    shrinks with that of kinetics (1 / I0 is kept, to save divisions): three exponentials and polynomials, no table look-up.

    Source: see `generic_nmc_cell`. Validity: -20 to 40 degC, state of charge 0.03 to 1; colder is extrapolation of the same
    laws. Validation: level 0; the form alone was checked against a DFN model (3 mV at 25 degC, 13 mV at -10 degC over US06).
    """

    capacity_C: Scalar
    open_circuit_voltage_V: Polynomial
    ohmic_resistance_Ohm: Polynomial
    exchange_per_A: Polynomial
    """1 / I0."""
    first_resistance_Ohm: Polynomial
    first_rate_per_s: Scalar
    """1 / tau_1."""
    second_resistance_Ohm: Polynomial
    second_rate_per_s: Scalar
    resistance_activation_K: Scalar
    time_activation_K: Scalar
    kinetics_activation_K: Scalar
    low_K: Scalar = 253.15
    high_K: Scalar = 318.15

    def parameters(
        self, state_of_charge: Scalar, temperature_K: Scalar, polarisation_V: Scalar = 0.0
    ) -> CellParameters:
        z = state_of_charge
        cold = 1.0 / temperature_K - 1.0 / REFERENCE_TEMPERATURE_K
        growth = jnp.exp(self.resistance_activation_K * cold)
        mobility = jnp.exp(-self.time_activation_K * cold)
        kinetics = jnp.exp(self.kinetics_activation_K * cold)
        return CellParameters(
            open_circuit_voltage_V=self.open_circuit_voltage_V(z),
            entropic_V_per_K=0.0,
            ohmic_resistance_Ohm=self.ohmic_resistance_Ohm(z) * growth,
            exchange_per_A=self.exchange_per_A(z) * kinetics,
            pairs=(
                (self.first_resistance_Ohm(z) * growth, mobility * self.first_rate_per_s),
                (self.second_resistance_Ohm(z) * growth, mobility * self.second_rate_per_s),
            ),
        )

    def inside(self, state_of_charge: Scalar, temperature_K: Scalar) -> jax.Array:
        within = (temperature_K >= self.low_K) & (temperature_K <= self.high_K)
        return within & self.open_circuit_voltage_V.inside(state_of_charge)


NMC_OPEN_CIRCUIT_V = (2.704, 10.757, -67.261, 249.515, -539.648, 673.891, -447.006, 121.249)
NMC_EXCHANGE_SHAPE = (2.1837, -8.0325, 20.9351, -24.8665, 11.4356)


def generic_nmc_cell(capacity_C: Scalar = 5.11 * 3600.0) -> GenericCell:
    """An NMC811/graphite energy cell of any size: resistances shrink and the exchange current grows with capacity.

    Source: open-circuit voltage, polynomial fitted (5 mV rms, 16 mV at worst above 3 % state of charge) to the half-cell
    functions and lithium inventory of Chen et al., J. Electrochem. Soc. 167 (2020) 080534 (LG M50) between 2.5 and 4.2 V.
    Circuit at 25 degC: identified at 50 % state of charge from virtual pulses on the DFN model with O'Kane et al., Phys. Chem.
    Chem. Phys. 24 (2022) 7909 (5.11 Ah), and so are the times in the cold (11.9 kJ/mol). That model's resistances hardly grow in
    the cold (11.9 and 25.5, I0 35.6 kJ/mol); theirs here, 29 kJ/mol, and that of I0, 45 kJ/mol, are chosen so that the resistance
    after ten seconds grows as in three measured cells and one measured pack (docs/models/battery.md). The exchange current's
    dependence on state of charge is that of sqrt(c (c_max - c)) in both electrodes of Chen et al. (within 8 %). Resistances do
    not vary with state of charge.
    """
    size = capacity_C / (5.11 * 3600.0)
    return GenericCell(
        capacity_C=capacity_C,
        open_circuit_voltage_V=Polynomial(NMC_OPEN_CIRCUIT_V, 0.03, 1.0),
        ohmic_resistance_Ohm=constant(9.0e-3 / size),
        exchange_per_A=Polynomial(NMC_EXCHANGE_SHAPE).scaled(1.0 / (1.11 * size)),
        first_resistance_Ohm=constant(12.6e-3 / size),
        first_rate_per_s=1.0 / 28.0,
        second_resistance_Ohm=constant(10.4e-3 / size),
        second_rate_per_s=1.0 / 263.0,
        resistance_activation_K=3488.0,
        time_activation_K=1430.0,
        kinetics_activation_K=5412.0,
    )


def resistance_cell(
    capacity_C: Scalar,
    open_circuit_voltage_V: AbstractCurve,
    resistance_Ohm: AbstractCurve,
    activation_K: Scalar = 2650.0,
) -> EquivalentCircuitCell:
    """The smallest cell: a voltage behind a resistance (22 kJ/mol unless given, R(10 s) of the same virtual pulses)."""
    return EquivalentCircuitCell(capacity_C, open_circuit_voltage_V, ArrheniusCurve(resistance_Ohm, activation_K))


def relaxation_cell(
    capacity_C: Scalar,
    open_circuit_voltage_V: AbstractCurve,
    ohmic: AbstractTemperatureLaw,
    relaxation: tuple[AbstractTemperatureLaw, AbstractTemperatureLaw],
) -> EquivalentCircuitCell:
    """A cell with one relaxation pair: its resistance and its time constant."""
    return EquivalentCircuitCell(capacity_C, open_circuit_voltage_V, ohmic, pairs=(relaxation,))
