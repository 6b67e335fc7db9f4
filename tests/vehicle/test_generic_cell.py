"""The generic NMC cell against the publications that its docstring names."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from covolt.vehicle.cell import ArrheniusCurve, generic_nmc_cell
from covolt.vehicle.lookup import table
from covolt.vehicle.part import GAS_CONSTANT_J_per_mol_K

WARM_K = 298.15
CELL = generic_nmc_cell()


def anode_V(x: np.ndarray) -> np.ndarray:
    """Graphite-SiOx of the LG M50: Chen et al., J. Electrochem. Soc. 167 (2020) 080534, equation 9."""
    steps = 0.0909 * np.tanh(29.8538 * (x - 0.1234)) + 0.04478 * np.tanh(14.9159 * (x - 0.2769))
    return 1.9793 * np.exp(-39.3631 * x) + 0.2482 - steps - 0.0205 * np.tanh(30.4444 * (x - 0.6103))


def cathode_V(y: np.ndarray) -> np.ndarray:
    """Its NMC811: the same, equation 8."""
    steps = 17.7326 * np.tanh(15.7890 * (y - 0.3117)) - 17.5842 * np.tanh(15.9308 * (y - 0.3120))
    return -0.8090 * y + 4.4875 - 0.0428 * np.tanh(18.5138 * (y - 0.5542)) - steps


ANODE, CATHODE = (0.0263, 0.9106), (0.8539, 0.2638)
"""Lithium in both, empty and full: what their inventory leaves between 2.5 and 4.2 V."""


def test_open_circuit_voltage_is_that_of_both_half_cells() -> None:
    z = np.linspace(0.03, 1.0, 98)
    at = np.array([0.0, 1.0])
    ends = cathode_V(np.interp(at, at, CATHODE)) - anode_V(np.interp(at, at, ANODE))
    assert ends == pytest.approx([2.5, 4.2], abs=2e-3)
    expected = cathode_V(np.interp(z, at, CATHODE)) - anode_V(np.interp(z, at, ANODE))
    apart_V = np.asarray(jax.vmap(CELL.open_circuit_voltage_V)(jnp.asarray(z))) - expected
    assert np.sqrt(np.mean(apart_V**2)) < 5.5e-3
    assert np.abs(apart_V).max() < 16.5e-3


@pytest.mark.parametrize("celsius", [25.0, 0.0, -20.0])
def test_circuit_and_its_growth_in_the_cold(celsius: float) -> None:
    """9.0, 12.6 and 10.4 mOhm, 28 and 263 s, at 25 degC; by 29, 11.9 and 45 kJ/mol."""
    found = CELL.parameters(0.5, 273.15 + celsius)
    away = (1.0 / (273.15 + celsius) - 1.0 / WARM_K) / GAS_CONSTANT_J_per_mol_K
    growth, slowing, kinetics = (math.exp(energy * away) for energy in (29.0e3, 11.9e3, 45.0e3))
    assert float(found.ohmic_resistance_Ohm) == pytest.approx(9.0e-3 * growth, rel=2e-3)
    assert [float(R) for R, _ in found.pairs] == pytest.approx([12.6e-3 * growth, 10.4e-3 * growth], rel=2e-3)
    assert [1.0 / float(rate) for _, rate in found.pairs] == pytest.approx([28.0 * slowing, 263.0 * slowing], rel=2e-3)
    # 1 / (2 I0): twice the exchange current is 1.11 A at half charge of a cell of 5.11 Ah.
    assert 1.0 / float(found.exchange_per_A or 0.0) == pytest.approx(1.11 / kinetics, rel=1e-2)


def test_twice_the_cell_has_half_the_resistance() -> None:
    one, two = CELL.parameters(0.4, WARM_K), generic_nmc_cell(2.0 * 5.11 * 3600.0).parameters(0.4, WARM_K)
    assert float(two.ohmic_resistance_Ohm) == pytest.approx(0.5 * float(one.ohmic_resistance_Ohm))
    assert [float(R) for R, _ in two.pairs] == pytest.approx([0.5 * float(R) for R, _ in one.pairs])
    assert float(two.exchange_per_A or 0.0) == pytest.approx(0.5 * float(one.exchange_per_A or 0.0))
    assert [float(rate) for _, rate in two.pairs] == [float(rate) for _, rate in one.pairs]


@pytest.mark.parametrize(
    ("celsius", "cell", "law"), [(-20.1, 0, 0), (-19.9, 1, 1), (44.9, 1, 1), (45.1, 0, 1), (59.9, 0, 1), (60.1, 0, 0)]
)
def test_temperatures_for_which_they_were_declared(celsius: float, cell: int, law: int) -> None:
    """The generic cell from -20 to 45 degC, a law with one activation energy from -20 to 60 degC."""
    kelvin = 273.15 + celsius
    z = np.linspace(0.0, 1.0, 3)
    assert bool(CELL.inside(0.5, kelvin)) == bool(cell)
    assert bool(ArrheniusCurve(table(z, 1.0 + z), 3000.0).inside(0.5, 1.0 / kelvin)) == bool(law)
