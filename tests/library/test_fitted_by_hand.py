"""Parts fitted to what is declared of them, each by the formula of its docstring worked by hand."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from tests.library.test_joined_numbers import parts

from covolt.contract.datasheet import Declared
from covolt.library.fitted import (
    cold_charging,
    limits_of_charge,
    pulse_resistance_Ohm,
    usable_share,
    wheelbase_ratio,
    window_of,
    with_peak_efficiency,
    with_pulse_resistance,
)
from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K, generic_pack
from covolt.vehicle.cell import generic_nmc_cell
from covolt.vehicle.charge_limit import generic_charge_limit
from covolt.vehicle.drive_unit import Machine, PolynomialDriveUnit

WARM_K, FREEZING_K, SERIES = 298.15, 273.15, 96
CELL = generic_nmc_cell()


def pack(chemistry: str | None = None, **declared: str | None) -> Any:
    """The city car's pack with 96 cells, 350 V and 36 kWh, of which 30 kWh are usable."""
    said: dict[str, str | None] = {
        "cells_in_series": str(SERIES), "voltage_nominal": "350 V", "energy_usable": "30 kWh", "energy_nominal": "36 kWh",
        "capacity": None, "voltage_minimum": None, "voltage_maximum": None, **declared,
    }  # fmt: skip
    made = {name: Declared(value=value, basis="estimate") for name, value in said.items() if value is not None}
    return parts()["battery"].model_copy(update={"declared": made, "chemistry": chemistry})


def volt(z: float, more_V: float = 0.0) -> str:
    """Of the pack at rest."""
    return f"{SERIES * (float(CELL.open_circuit_voltage_V(z)) + more_V)!r} V"


def test_usable_over_nominal_energy() -> None:
    assert usable_share(pack()) == pytest.approx(30.0 / 36.0)
    assert usable_share(pack(energy_nominal=None, capacity="100 Ah")) == pytest.approx(30.0 / 35.0)
    assert usable_share(pack(energy_nominal="30.5 kWh")) == 0.96
    assert usable_share(pack(energy_nominal=None)) == 0.9


def test_charge_ends_where_its_last_current_holds_20_millivolts() -> None:
    """A discharge ends as far above, a charge as far below what the cell shows at rest."""
    found = limits_of_charge(pack(voltage_minimum=volt(0.1, -0.02), voltage_maximum=volt(0.9, 0.02)))
    assert found == pytest.approx((0.1, 0.9), abs=1e-3)
    assert limits_of_charge(pack()) == (0.0, 1.0)
    assert limits_of_charge(pack("LFP", voltage_minimum=volt(0.1), voltage_maximum=volt(0.9))) == (0.0, 1.0)
    assert limits_of_charge(pack(voltage_minimum="100 V", voltage_maximum="500 V")) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("least", "most", "share", "window"),
    [
        (None, None, 0.8, (0.1, 0.9)),
        (0.05, 0.95, 0.8, (0.1, 0.9)),
        (0.15, None, 0.8, (0.15, 0.95)),
        (None, 0.85, 0.8, (0.05, 0.85)),
        (0.15, 0.90, 0.8, (0.15, 0.90)),
        (0.30, None, 0.8, (0.30, 1.00)),
        (0.50, 0.52, 0.8, (0.47, 0.52)),
    ],
)
def test_a_window_lies_in_the_middle_or_as_near_to_it_as_the_limits_let(
    least: float | None, most: float | None, share: float, window: tuple[float, float]
) -> None:
    """And never beyond full: what is between the limits, at least a twentieth."""
    limits = {"voltage_minimum": None if least is None else volt(least, -0.02)}
    limits["voltage_maximum"] = "500 V" if most is None else volt(most, 0.02)
    assert window_of(pack(energy_nominal=f"{30.0 / share!r} kWh", **limits)) == pytest.approx(window, abs=2e-3)


def test_generic_height_over_wheelbase_is_of_2_8_metres_and_of_a_bus_of_6() -> None:
    assert (wheelbase_ratio(None, heavy=False), wheelbase_ratio(2.5, heavy=False)) == (1.0, pytest.approx(1.12))
    assert wheelbase_ratio(5.0, heavy=True) == pytest.approx(1.2)


def test_resistance_of_a_pulse_of_ten_seconds_at_1C() -> None:
    battery = generic_pack(30e3 * 3600.0, 350.0)
    cell = CELL.parameters(0.5, WARM_K)
    one_C_A = float(CELL.capacity_C) / 3600.0
    for ratio in (0.5, 1.0, 3.0):
        ohm = float(cell.ohmic_resistance_Ohm)
        ohm += sum(float(R) * (1.0 - math.exp(-10.0 * float(rate))) for R, rate in cell.pairs)
        ohm += float(battery.joint_resistance_Ohm * battery.parallel_count / battery.resistance_ratio)
        slope_V = THERMAL_SLOPE_V_per_K * WARM_K * float(cell.electrode_ratio)
        transfer_V = slope_V * math.asinh(one_C_A / 2.0 * ratio * float(cell.exchange_per_A or 0.0))
        whole = (ratio * ohm + transfer_V / one_C_A) * float(battery.series_count / battery.parallel_count)
        assert pulse_resistance_Ohm(battery, ratio) == pytest.approx(whole, rel=1e-9)
    for ohm in (0.03, 0.4):
        fitted = with_pulse_resistance(battery, ohm)
        assert pulse_resistance_Ohm(fitted) == pytest.approx(ohm, rel=1e-9)
        grown = float(fitted.resistance_ratio / battery.resistance_ratio)
        assert float(fitted.joint_resistance_Ohm) == pytest.approx(grown * float(battery.joint_resistance_Ohm))


MOST_Nm, MOST_W, MOST_rad_per_s = 200.0, 60e3, 1000.0


def unit(**losses: float) -> PolynomialDriveUnit:
    machine = Machine(
        peak_torque_Nm=MOST_Nm, peak_power_W=MOST_W, maximum_speed_rad_per_s=MOST_rad_per_s, nominal_voltage_V=350.0,
        thermal_resistance_K_per_W=0.02, heat_capacity_J_per_K=2e4,
        derating_start_K=400.0, derating_end_K=420.0, winding_heat_fraction=0.5, mass_kg=60.0,
    )  # fmt: skip
    names = (
        "constant_W",
        "torque_W_per_Nm",
        "torque_squared_W_per_Nm2",
        "speed_W_s",
        "speed_squared_W_s2",
        "speed_cubed_W_s3",
    )
    return PolynomialDriveUnit(machine, **{name: losses.get(name, 0.0) for name in names})


@pytest.mark.parametrize(
    ("name", "torque_Nm", "speed_rad_per_s"),
    [
        # Loss with the square of speed: best where it turns slowest under full torque.
        ("speed_squared_W_s2", MOST_Nm, 0.04 * MOST_rad_per_s),
        # With the square of torque: best where it turns fastest under least torque.
        ("torque_squared_W_per_Nm2", 0.02 * MOST_W / (0.98 * MOST_rad_per_s), 0.98 * MOST_rad_per_s),
        # A constant one: best at the highest power.
        ("constant_W", MOST_W / 600.0, 600.0),
    ],
)
def test_best_point_of_a_drive_unit_within_4_to_98_percent_of_speed_and_from_2_percent_of_torque_on(
    name: str, torque_Nm: float, speed_rad_per_s: float
) -> None:
    fitted = with_peak_efficiency(unit(**{name: 1.0}), 0.9)
    loss_W = fitted.loss_W(fitted.start(338.15), jnp.asarray(torque_Nm), jnp.asarray(speed_rad_per_s))
    assert float(loss_W) == pytest.approx((1.0 / 0.9 - 1.0) * torque_Nm * speed_rad_per_s, rel=1e-6)


def test_charging_in_the_cold_as_the_maker_states_it() -> None:
    """g' = 1 + (g - 1) (1 - r) / (1 - g(0 degC)), and nothing below what is stated, all from 5 K above on."""
    limit = generic_charge_limit()

    def over_warm(found: Any, kelvin: float) -> float:
        return float(found(0.5, kelvin)) / float(limit(0.5, WARM_K))

    bent = cold_charging(limit, None, 0.6)
    assert over_warm(bent, WARM_K) == pytest.approx(1.0)
    assert over_warm(bent, FREEZING_K) == pytest.approx(0.6)
    stretch = 0.4 / (1.0 - over_warm(limit, FREEZING_K))
    for kelvin in (258.15, 285.15, 308.15):
        assert over_warm(bent, kelvin) == pytest.approx(1.0 + (over_warm(limit, kelvin) - 1.0) * stretch)
    shut = cold_charging(limit, FREEZING_K, None)
    assert over_warm(shut, FREEZING_K) == 0.0
    assert over_warm(shut, FREEZING_K + 2.5) == pytest.approx(0.5 * over_warm(limit, FREEZING_K + 2.5))
    assert over_warm(shut, FREEZING_K + 5.0) == pytest.approx(over_warm(limit, FREEZING_K + 5.0))
    assert cold_charging(limit, None, None) is limit


def test_grid_of_states_of_charge_is_fine() -> None:
    """Limits of a thousandth in voltage are told apart."""
    most = [limits_of_charge(pack(voltage_maximum=volt(z, 0.02)))[1] for z in (0.7, 0.7005)]
    assert np.diff(most)[0] == pytest.approx(0.0005, abs=2e-4)
