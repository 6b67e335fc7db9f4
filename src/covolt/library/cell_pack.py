"""A pack of measured cells in the place of generic ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from covolt.library.cell_file import CellFile
from covolt.vehicle.battery import CellBattery


def pack_of(file: CellFile, generic: CellBattery, energy_J: float, voltage_V: float) -> CellBattery:
    """The generic pack with measured cells, which bring their own voltage, resistance and voltage limits.

        n_series = round(V / U_mean),   n_parallel = E / (n_series U_mean Q (z_high - z_low))

    U_mean is the mean open-circuit voltage over the window. Cells in parallel may be a fraction, which makes the cell larger or
    smaller with all its resistances; joints keep their resistance per ampere-hour. Currents, plating limit, mass and heat
    are those of the generic pack. Validity: that of the cell; beyond its tables the values at their edges are held.
    """
    cell = file.cell()
    low, high = float(generic.lowest_cell_charge_fraction), float(generic.highest_cell_charge_fraction)
    curve = file.open_circuit_voltage_V
    rest_V = np.interp(np.linspace(low, high, 257), curve.state_of_charge, curve.values)
    mean_V = float(np.sum(rest_V) - 0.5 * (rest_V[0] + rest_V[-1])) / 256.0
    series = max(round(voltage_V / mean_V), 1)
    parallel = energy_J / (series * mean_V * file.capacity_C * (high - low))
    minimum_V, maximum_V = file.voltage_limits_V
    # The generic joints are as much thicker as its cells are built for power; per ampere-hour they stay.
    ampere_hours_ratio = float(generic.cell.capacity_C * generic.parallel_count) / (file.capacity_C * parallel)
    return replace(
        generic,
        cell=cell,
        series_count=float(series),
        parallel_count=parallel,
        resistance_ratio=1.0,
        joint_resistance_Ohm=float(generic.joint_resistance_Ohm) * ampere_hours_ratio,
        minimum_voltage_V=minimum_V,
        maximum_voltage_V=maximum_V,
    )
