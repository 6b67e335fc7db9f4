"""The current of a cell in one step against a search by halving, where kinetics take much of its voltage."""

from __future__ import annotations

import numpy as np
import pytest

from covolt.vehicle.cell import ArrheniusCurve, EquivalentCircuitCell
from covolt.vehicle.cell_line import CellLine, DoubleLayer, carried
from covolt.vehicle.lookup import table

E_V, R_Ohm, b_V, I0_A = 3.6, 4e-3, 0.12, 0.6


def line(double_layer: DoubleLayer | None) -> CellLine:
    return CellLine(E_V, E_V, R_Ohm, R_Ohm, 0.5 / I0_A, b_V, None, 0.0, (), double_layer)


def kinetic_V(current_A: float, double_layer: DoubleLayer | None) -> float:
    if double_layer is None:
        return b_V * float(np.arcsinh(0.5 * current_A / I0_A))
    return float(double_layer.transfer_V(current_A)[0])


def searched_A(power_W: float, double_layer: DoubleLayer | None) -> float:
    """I of (E + R I + v(I)) I = P, between nought and twice what would be carried without any drop."""
    low, high = sorted((0.0, 2.0 * power_W / E_V))
    for _ in range(60):
        middle = 0.5 * (low + high)
        found_W = (E_V + R_Ohm * middle + kinetic_V(middle, double_layer)) * middle
        low, high = (middle, high) if found_W < power_W else (low, middle)
    return 0.5 * (low + high)


LAYERS = [
    DoubleLayer(0.5 / I0_A, b_V, capacity, before_V, 1.0) for capacity in (4.0, 20.0) for before_V in (0.0, -0.2, 0.2)
]


@pytest.mark.parametrize("power_W", [-30.0, -8.0, 5.0, 40.0])
@pytest.mark.parametrize("double_layer", LAYERS)
def test_the_tangent_taken_twice_meets_the_cell_behind_its_double_layer(
    power_W: float, double_layer: DoubleLayer
) -> None:
    current_A, *_ = carried(line(double_layer), power_W)
    assert float(current_A) == pytest.approx(searched_A(power_W, double_layer), rel=1e-8)


@pytest.mark.parametrize("power_W", [-8.0, -2.0, 2.0, 10.0])
def test_one_tangent_meets_the_cell_without_one(power_W: float) -> None:
    current_A, E, R, kinetics_V = carried(line(None), power_W)
    assert float(current_A) == pytest.approx(searched_A(power_W, None), rel=1e-4)
    # The line is the tangent: the power is met on it exactly.
    assert float((E + R * current_A) * current_A) == pytest.approx(power_W, rel=1e-9)
    assert float(E + R * current_A - E_V - R_Ohm * current_A) == pytest.approx(float(kinetics_V), rel=1e-9)


def test_diffusion_is_all_of_the_pairs_where_no_part_is_stated() -> None:
    """I0 is then read at z + v / U', v being their whole voltage."""
    z = np.linspace(0.0, 1.0, 11)
    law = ArrheniusCurve(table(z, 1.0 + z), 0.0)
    cell = EquivalentCircuitCell(1e4, table(z, 3.0 + z), law, exchange_current_A=law, surface_per_V=1.0)
    found = cell.parameters(0.5, 298.15, -0.2)
    assert float(found.ohmic_resistance_Ohm) == pytest.approx(1.3)
    assert float(found.exchange_per_A or 0.0) == pytest.approx(1.0 / 1.3)
