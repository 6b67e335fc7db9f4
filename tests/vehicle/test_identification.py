"""Identification finds a cell again from the pulses it would give, and says what it cannot know."""

from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from openpyxl import Workbook
from scipy.io import savemat

jax.config.update("jax_enable_x64", True)

from covolt.errors import InputError
from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K
from covolt.vehicle.cell import (
    ArrheniusCurve,
    CellParameters,
    EquivalentCircuitCell,
    charge_transfer_V,
    generic_nmc_cell,
)
from covolt.vehicle.cell_response import cell_voltage_V, core_temperature_K
from covolt.vehicle.identification import SlowPrior, identify
from covolt.vehicle.lookup import table
from covolt.vehicle.pulse_data import CellTrace, Pulse, SlowDischarge, read_pulses, read_trace, slow_discharge

PRIOR = SlowPrior(heat_capacity_J_per_K_C=1e6)
GENERIC = generic_nmc_cell()


def known_cell() -> EquivalentCircuitCell:
    """The generic cell's voltage and size, with a surface, kinetics shared by both electrodes unevenly, its own energies."""
    z = np.linspace(0.0, 1.0, 21)
    exchange_A = 1.0 / np.asarray(jax.vmap(GENERIC.exchange_per_A)(jnp.asarray(z)))
    share = PRIOR.second_fraction

    def law(values: float | np.ndarray, activation_K: float) -> ArrheniusCurve:
        return ArrheniusCurve(table(z, np.ones_like(z) * values), activation_K)

    voltage = GENERIC.open_circuit_voltage_V
    return EquivalentCircuitCell(
        capacity_C=GENERIC.capacity_C,
        open_circuit_voltage_V=voltage,
        ohmic_resistance_Ohm=law(9.0e-3, 1800.0),
        exchange_current_A=law(exchange_A, -5200.0),
        electrode_ratio=1.4,
        double_layer_C_per_V=40.0,
        surface_fraction=PRIOR.surface_fraction,
        surface_per_V=0.8 / float(voltage(0.9) - voltage(0.1)),
        pairs=(
            (law((1.0 - share) * 23e-3, 2600.0), law(PRIOR.first_time_s, PRIOR.time_activation_K)),
            (law(share * 23e-3, 2600.0), law(PRIOR.second_time_s, PRIOR.time_activation_K)),
        ),
    )


CELL = known_cell()


def pulse_of(cell_z: float, temperature_K: float, current_A: float) -> Pulse:
    start = CELL.parameters(cell_z, temperature_K)
    rest = float(start.open_circuit_voltage_V)
    resistances: dict[float, float] = {}
    for time_s in (1.0, 10.0, 30.0):
        polarisation = sum(current_A * float(R) * (1.0 - np.exp(-time_s * float(rate))) for R, rate in start.pairs)
        found = CELL.parameters(cell_z + current_A * time_s / float(CELL.capacity_C), temperature_K, polarisation)
        voltage = float(found.open_circuit_voltage_V) + polarisation + float(found.emptying_V or 0.0)
        voltage += current_A * float(found.ohmic_resistance_Ohm)
        voltage += transfer_V(found, temperature_K, current_A, time_s)
        resistances[time_s] = (voltage - rest) / current_A
    drawn = (1.0 - cell_z) * float(CELL.capacity_C)
    return Pulse(temperature_K, drawn, None, current_A, rest, resistances, 30.0)


def kinetic_V_per_K(found: CellParameters, current_A: float) -> float:
    scale = float(found.electrode_ratio) * THERMAL_SLOPE_V_per_K
    return scale * float(np.arcsinh(0.5 * current_A * float(found.exchange_per_A or 0.0)))


def transfer_V(found: CellParameters, temperature_K: float, current_A: float, time_s: float) -> float:
    slope_V = float(found.electrode_ratio) * THERMAL_SLOPE_V_per_K * temperature_K
    exchange_per_A, capacity = 0.5 * float(found.exchange_per_A or 0.0), float(found.double_layer_C_per_V or 0.0)
    return float(charge_transfer_V(current_A, exchange_per_A, slope_V, capacity, 0.0, time_s)[1])


@pytest.fixture(scope="module")
def slow() -> SlowDischarge:
    z = np.linspace(1.0, 0.0, 400)
    voltage = np.asarray(jax.vmap(CELL.open_circuit_voltage_V)(jnp.asarray(z))) - 0.012
    return SlowDischarge((1.0 - z) * float(CELL.capacity_C), voltage, -0.25)


@pytest.fixture(scope="module")
def pulses() -> list[Pulse]:
    levels, kelvin, amplitudes = (0.9, 0.7, 0.5, 0.3, 0.15), (263.15, 273.15, 298.15), (-1.7, -5.1, -10.2)
    return [pulse_of(z, T, i) for T in kelvin for z in levels for i in amplitudes]


def test_a_known_cell_is_found_again(pulses: list[Pulse], slow: SlowDischarge) -> None:
    cell, report = identify(pulses, slow, PRIOR)
    assert report.slow_discharge_polarisation_V == pytest.approx(0.012, abs=1e-3)
    assert float(cell.capacity_C) == pytest.approx(float(CELL.capacity_C), rel=0.01)
    assert report.resistance_rms < 0.01
    assert float(cell.double_layer_C_per_V or 0.0) == pytest.approx(40.0, rel=0.15)
    for T in (263.15, 268.15, 298.15):
        ours, truth = cell.parameters(0.5, T), CELL.parameters(0.5, T)
        for current in (-0.5, -5.0, -12.0):
            total = [
                float(c.ohmic_resistance_Ohm) * current
                + T * kinetic_V_per_K(c, current)
                + sum(float(R) for R, _ in c.pairs) * current
                for c in (ours, truth)
            ]
            assert total[0] == pytest.approx(total[1], rel=0.06)


def test_one_amplitude_gives_no_kinetics_and_the_report_says_so(pulses: list[Pulse], slow: SlowDischarge) -> None:
    cell, report = identify([p for p in pulses if p.current_A == -5.1], slow, PRIOR)
    assert cell.exchange_current_A is None
    assert cell.surface_per_V is None
    assert any("exchange current" in note for note in report.undetermined)


def test_kinetics_are_read_at_the_surface_and_the_rest_is_not(pulses: list[Pulse], slow: SlowDischarge) -> None:
    cell, _ = identify(pulses, slow, PRIOR)
    mean_slope_V = float(CELL.open_circuit_voltage_V(0.9) - CELL.open_circuit_voltage_V(0.1)) / 0.8
    drained, there, at_rest = (
        cell.parameters(0.5, 268.0, -0.2 * mean_slope_V / PRIOR.surface_fraction),
        *(cell.parameters(z, 268.0) for z in (0.3, 0.5)),
    )
    assert float(drained.exchange_per_A or 0.0) == pytest.approx(float(there.exchange_per_A or 0.0), rel=1e-3)
    assert float(drained.exchange_per_A or 0.0) > 1.05 * float(at_rest.exchange_per_A or 0.0)
    assert float(drained.open_circuit_voltage_V) == float(at_rest.open_circuit_voltage_V)
    assert drained.pairs == at_rest.pairs


def test_a_surface_that_empties_costs_what_the_open_circuit_voltage_loses_below_its_chord() -> None:
    U, slope_V = CELL.open_circuit_voltage_V, 1.0 / float(CELL.surface_per_V or 0.0)
    filled, emptying = (
        float(CELL.parameters(0.3, 268.0, -drop * slope_V / PRIOR.surface_fraction).emptying_V or 0.0)
        for drop in (0.1, 0.27)
    )
    assert filled == 0.0
    assert emptying == pytest.approx(float(U(0.03) - U(0.1)) + 0.07 * slope_V, abs=1e-6)
    assert emptying < -0.1


def test_pulses_of_one_temperature_are_refused(pulses: list[Pulse], slow: SlowDischarge) -> None:
    with pytest.raises(InputError, match="one temperature"):
        identify([p for p in pulses if p.temperature_K == 298.15], slow, PRIOR)
    with pytest.raises(InputError, match="no usable pulse"):
        identify([], slow, PRIOR)


@pytest.mark.parametrize(
    ("moved_V", "of_K", "told"),
    [
        (-1.0, (298.15, 273.15, 263.15), "V above the rests"),
        (-0.1, (298.15, 273.15, 263.15), "V above the rests"),
        (1.0, (298.15, 273.15, 263.15), "V below the rests"),
        (0.4, (273.15,), "rests lie off the open-circuit voltage of the slow discharge"),
        (-1.0, (263.15, 273.15), "rests lie off the open-circuit voltage of the slow discharge"),
    ],
)
def test_rests_away_from_the_slow_discharge_are_refused(
    pulses: list[Pulse], slow: SlowDischarge, moved_V: float, of_K: tuple[float, ...], told: str
) -> None:
    moved = [replace(p, rest_voltage_V=p.rest_voltage_V + moved_V) if p.temperature_K in of_K else p for p in pulses]
    with pytest.raises(InputError, match=told):
        identify(moved, slow, PRIOR)


def test_what_lies_a_little_off_is_said(pulses: list[Pulse], slow: SlowDischarge) -> None:
    one = next(k for k, p in enumerate(pulses) if p.temperature_K == 263.15)
    pulses = [replace(p, rest_voltage_V=p.rest_voltage_V + 0.12) if k == one else p for k, p in enumerate(pulses)]
    _, report = identify(pulses, replace(slow, voltage_V=slow.voltage_V - 0.3), PRIOR)
    assert any("rest of" in note and "off the open-circuit voltage" in note for note in report.remarks)
    assert any("is raised by 312 mV" in note for note in report.remarks)


def test_pulses_whose_columns_contradict_each_other_are_refused(pulses: list[Pulse], slow: SlowDischarge) -> None:
    with pytest.raises(InputError, match="is not 10 % charge"):
        identify([replace(p, state_of_charge=0.1) for p in pulses], slow, PRIOR)
    turned = [replace(p, temperature_K=2.0 * 273.15 - p.temperature_K) for p in pulses]
    with pytest.raises(InputError, match="rises with the temperature"):
        identify(turned, slow, PRIOR)


def test_a_cell_left_empty_leaves_its_place_to_the_other_column(tmp_path: Path) -> None:
    path = tmp_path / "pulses.csv"
    path.write_text(
        "ambient_C,discharged_Ah_before,soc_pct,pulse_A,rest_voltage_V,R_1s_mohm\n25,,50,3,3.7,30\n25,1.5,,3,3.7,30\n"
    )
    by_percent, by_charge = read_pulses(path)
    assert (by_percent.charge_drawn_C, by_percent.state_of_charge) == (None, 0.5)
    assert (by_charge.charge_drawn_C, by_charge.state_of_charge) == (5400.0, None)


def test_a_discharge_that_is_not_slow_or_not_warm_says_so() -> None:
    time_s = np.linspace(0.0, 3600.0, 50)
    trace = CellTrace(time_s, np.full(50, -3.0), 4.2 - time_s / 3600.0, np.full(50, 253.15))
    told = slow_discharge(trace).remarks
    assert any("takes 1 h" in note for note in told) and any("ran at -20 degC" in note for note in told)


def test_response_of_the_cell_to_a_constant_current_is_its_formula() -> None:
    n, current, T = 200, -4.0, 283.15
    voltage, z = cell_voltage_V(GENERIC, np.full(n, current), np.full(n, T), np.full(n, 0.5), 0.8)
    found = GENERIC.parameters(float(z[-1]), T)
    middle_s = 0.5 * (n - 0.5)
    expected = float(found.open_circuit_voltage_V) + current * float(found.ohmic_resistance_Ohm)
    expected += THERMAL_SLOPE_V_per_K * T * np.arcsinh(0.5 * current * float(found.exchange_per_A))
    expected += sum(current * float(R) * (1.0 - np.exp(-middle_s * float(rate))) for R, rate in found.pairs)
    assert voltage[-1] == pytest.approx(expected, abs=2e-4)


def test_inside_of_a_cell_settles_above_its_case() -> None:
    inside = core_temperature_K(np.full(2000, 280.0), np.full(2000, 2.0), np.ones(2000), 3.0, 45.0)
    assert inside[0] < 280.1 and inside[-1] == pytest.approx(286.0, abs=1e-3)


def test_both_layouts_are_read_and_flipped_to_our_sign(tmp_path: Path) -> None:
    by_charge, by_percent = tmp_path / "a.csv", tmp_path / "b.csv"
    by_charge.write_text(
        "ambient_C,discharged_Ah_before,pulse_A,rest_voltage_V,R_0p1s_mohm,R_1s_mohm,pulse_s\n25,1.5,2.9,3.7,27,32,10\n"
    )
    by_percent.write_text(
        "ambient_C,soc_pct,rest_voltage_V,pulse_current_A,R_dis_1s_mohm,R_chg_10s_mohm\n10,50,3.9,30,1.6,2.1\n"
    )
    (one,) = read_pulses(by_charge)
    assert one.charge_drawn_C == 5400.0 and one.current_A == -2.9 and one.resistance_Ohm == {0.1: 0.027, 1.0: 0.032}
    out, back = read_pulses(by_percent)
    assert (out.current_A, back.current_A) == (-30.0, 30.0) and back.resistance_Ohm == pytest.approx({10.0: 0.0021})


def test_measurements_are_read_from_a_workbook_and_from_matlab_too(tmp_path: Path) -> None:
    head = ["ambient_C", "soc_pct", "rest_voltage_V", "pulse_current_A", "R_dis_1s_mohm", "R_chg_10s_mohm"]
    book = Workbook()
    assert book.active is not None
    for row in (["Tester 5"], head, [10, 50, 3.9, 30, 1.6, 2.1]):
        book.active.append(row)
    book.save(tmp_path / "pulses.xlsx")
    out, back = read_pulses(tmp_path / "pulses.xlsx")
    assert (out.current_A, back.current_A) == (-30.0, 30.0) and back.resistance_Ohm == pytest.approx({10.0: 0.0021})
    measured = {"time_s": np.arange(5.0), "current_A": np.full(5, 0.1), "voltage_V": np.linspace(4.2, 3.0, 5)}
    savemat(tmp_path / "slow.mat", {"c20": {**measured, "tester": 5.0}})
    trace = read_trace(tmp_path / "slow.mat")
    assert trace.current_A.tolist() == [-0.1] * 5 and trace.voltage_V[-1] == 3.0
    savemat(tmp_path / "slow.mat", {"time": measured["time_s"]})
    with pytest.raises(InputError, match="no vector has a name"):
        read_trace(tmp_path / "slow.mat")


def test_every_problem_of_a_file_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("ambient_C,pulse_A\n25,1\n")
    with pytest.raises(InputError) as raised:
        read_pulses(bad)
    assert len(raised.value.problems) == 3
    bad.write_text("ambient_C,discharged_Ah_before,pulse_A,rest_voltage_V,R_1s_mohm\n25,0,x,4,30\n25,0,1,,30\n")
    with pytest.raises(InputError) as raised:
        read_pulses(bad)
    assert {p.where.rsplit(":", 1)[1] for p in raised.value.problems} == {"2", "3"}
    bad.write_text("time_s,current_A,voltage_V\n0,1,4\n2,1,4\n1,1,abc\n")
    with pytest.raises(InputError, match="voltage_V"):
        read_trace(bad)
    bad.write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(InputError, match="cannot be read"):
        read_trace(bad)


def test_slow_discharge_is_the_longest_one(tmp_path: Path) -> None:
    path = tmp_path / "slow.csv"
    rows = [(t, 0.0 if t < 3 else 1.0 if t < 20 else -1.0, 4.0 - 0.01 * t) for t in range(30)]
    path.write_text("time_s,current_A,voltage_V\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\n")
    found = slow_discharge(read_trace(path))
    assert found.current_A == -1.0 and found.charge_C[-1] == 16.0 and found.voltage_V[0] == pytest.approx(3.97)
