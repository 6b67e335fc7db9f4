"""What a fit of a cell compares, worked by hand from the equations of the docstrings: no fit is run but that of the curve."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from covolt.vehicle.battery import THERMAL_SLOPE_V_per_K
from covolt.vehicle.identification import (
    PulseResidual,
    SlowPrior,
    _groups,
    _Problem,
    _transfer_from_rest_V,
    _undetermined,
    _unusable,
    identify,
)
from covolt.vehicle.open_circuit import RestCurve, drawn_C, open_circuit, strangers
from covolt.vehicle.pulse_data import Pulse
from covolt.vehicle.slow_discharge import SlowDischarge

WARM_K, COLD_K, WHOLE_C = 298.15, 268.15, 18000.0
LINE = RestCurve(WHOLE_C, np.array([0.0, 0.05, 1.0]), np.array([3.0, 3.05, 4.0]), 1.0, 0.0, 0.0, 0.0)
"""U = 3 V + z 1 V."""
KNEE = replace(LINE, state_of_charge=np.array([0.0, 0.1, 0.9, 1.0]), curve_V=np.array([2.0, 3.1, 3.9, 4.0]))
"""U = 3 V + z 1 V, and eleven times as steep below a tenth."""
PRIOR = SlowPrior()
AMPLITUDES_A = (-2.0, -6.0, 6.0)


def pulses(levels: tuple[float, ...] = (0.8, 0.5, 0.2)) -> list[Pulse]:
    return [
        Pulse(kelvin, None, z, current, 3.0 + z, {0.1: 0.05, 2.0: 0.02, 30.0: 0.03}, 10.0)
        for kelvin in (WARM_K, COLD_K)
        for z in levels
        for current in AMPLITUDES_A
    ]


OHMIC, OHMIC_K, SLOW, SLOW_K = 0.012, 1400.0, 0.02, 2900.0
EXCHANGE_A, KINETIC_K, LAYER_C_per_V = 3.0, 5500.0, 60.0
COMMON = [OHMIC_K / 1e3, math.log(SLOW), SLOW_K / 1e3]
KINETIC = [*COMMON, KINETIC_K / 1e3, math.log(LAYER_C_per_V), 0.0, math.log(OHMIC), *[math.log(EXCHANGE_A)] * 3]
"""A share of nought: n = 1 + 3 / 2."""
PLAIN = [*COMMON, *[math.log(OHMIC)] * 3]


def slow_Ohm(kelvin: float, seconds: float) -> float:
    """Of both pairs."""
    away = 1.0 / kelvin - 1.0 / WARM_K
    taus = [tau * math.exp(1430.0 * away) for tau in (23.0, 226.0)]
    shares = (0.41, 0.59)
    ohm = SLOW * math.exp(SLOW_K * away)
    return sum(ohm * share * (1.0 - math.exp(-seconds / tau)) for share, tau in zip(shares, taus, strict=True))


def warming_K(current: float, measured: float, seconds: float) -> float:
    return current**2 * measured * seconds / (16.0 / 3600.0 * WHOLE_C)


@pytest.mark.parametrize("kinetic", [True, False])
def test_resistance_of_a_pulse_is_the_sum_of_its_parts(kinetic: bool) -> None:
    """R_ohm and the pairs warmed by the pulse, the drift of U, the kinetics behind their double layer."""
    problem = _Problem(pulses(), LINE, WHOLE_C, PRIOR, kinetic=kinetic)
    found = problem.modelled_Ohm(np.array(KINETIC if kinetic else PLAIN))
    expected = []
    for pulse in pulses():
        # What is noted after the end of a pulse was shown at its end.
        for noted, measured in ((2.0, 0.02), (10.0, 0.03)):
            current, kelvin = pulse.current_A, pulse.temperature_K
            warm = warming_K(current, measured, noted)
            end, middle = kelvin + warm, kelvin + warm / 2.0
            gone = 170.0 if kinetic else 0.0
            bent = ((WARM_K - gone) / WARM_K) ** 2
            ohm = OHMIC * math.exp(OHMIC_K * bent * (1.0 / (end - gone) - 1.0 / (WARM_K - gone)))
            ohm += slow_Ohm(middle, noted) + noted / WHOLE_C
            if kinetic:
                b = 2.5 * THERMAL_SLOPE_V_per_K * kelvin
                exchange = EXCHANGE_A * math.exp(-KINETIC_K * (1.0 / end - 1.0 / WARM_K))
                ohm += behind_double_layer_V(abs(current), exchange, b, LAYER_C_per_V, noted) / abs(current)
            expected.append(ohm)
    assert found == pytest.approx(expected, rel=1e-4)


def behind_double_layer_V(current: float, exchange: float, slope: float, capacity: float, seconds: float) -> float:
    """C dv/dt = I - 2 I0 sinh(v / b) from rest, by small steps of the classic fourth order."""
    v, steps = 0.0, 4000

    def rate(v: float) -> float:
        return (current - 2.0 * exchange * math.sinh(v / slope)) / capacity

    h = min(seconds, 40.0 * slope * capacity / current) / steps
    for _ in range(steps):
        k1 = rate(v)
        k2 = rate(v + h / 2.0 * k1)
        k3 = rate(v + h / 2.0 * k2)
        v += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + rate(v + h * k3))
    return v


@pytest.mark.parametrize("seconds", [0.2, 1.0, 60.0])
def test_kinetics_behind_their_double_layer_obey_their_differential_equation(seconds: float) -> None:
    found = _transfer_from_rest_V(np.array([5.0]), np.array([1.5]), np.array([0.06]), 50.0, np.array([seconds]))
    assert found[0] == pytest.approx(behind_double_layer_V(5.0, 1.5, 0.06, 50.0, seconds), rel=1e-6)


@pytest.mark.parametrize("current", [-6.0, 6.0])
def test_a_surface_is_where_the_kinetics_are_read_and_where_the_curve_falls_below_its_chord(current: float) -> None:
    """z + I t / Q + s I R_slow / U' for I0 between two levels; e where the curve is steeper than its chord below a tenth."""
    problem = _Problem(pulses((0.8, 0.11)), KNEE, WHOLE_C, replace(PRIOR, heat_capacity_J_per_K_C=1e9))
    assert problem.levels == pytest.approx([0.11, 0.8])
    low_A, high_A = 2.0, 5.0
    found = problem.modelled_Ohm(np.array([*KINETIC[:7], math.log(low_A), math.log(high_A)]))
    wanted = (WARM_K, current, 0.11)
    places = [(one.temperature_K, one.current_A, one.state_of_charge) for one, _ in problem.where]
    index = next(n for n, one in enumerate(places) if one == wanted and problem.time_s[n] == 10.0)
    slow, moved = slow_Ohm(WARM_K, 10.0), 0.11 + current * 10.0 / WHOLE_C
    surface = moved + 0.75 * current * slow / 1.0
    emptying = 10.0 * min(surface - 0.1, 0.0)
    assert (emptying < 0.0) == (current < 0.0)
    share = max((surface - 0.11) / 0.69, 0.0)
    exchange = low_A ** (1.0 - share) * high_A**share
    transfer = behind_double_layer_V(6.0, exchange, 2.5 * THERMAL_SLOPE_V_per_K * WARM_K, LAYER_C_per_V, 10.0)
    drift = moved - 0.11
    assert found[index] == pytest.approx(OHMIC + slow + (drift + emptying) / current + transfer / 6.0, rel=1e-4)


def soft(deviation: float) -> float:
    """Root of twice the soft L1 loss."""
    return math.copysign(math.sqrt(2.0 * (math.sqrt(1.0 + deviation**2) - 1.0)), deviation)


@pytest.mark.parametrize("kinetic", [True, False])
def test_a_fit_weighs_deviations_over_3_percent_and_its_weak_ties(kinetic: bool) -> None:
    problem = _Problem(pulses(), LINE, WHOLE_C, PRIOR, kinetic=kinetic)
    bent = [0.0, math.log(1.3), math.log(2.0)]
    x = np.array([*(KINETIC[:7] if kinetic else COMMON), *bent])
    if kinetic:
        x[5] = 0.7
    found = problem.misfit(x)
    deviations = (problem.modelled_Ohm(x) / problem.measured_Ohm - 1.0) / 0.03
    ties = [0.3 * (SLOW_K - 3070.0) / 1e3]
    if kinetic:
        ties += [0.5 * bent[1], 0.5 * (bent[2] - bent[1])]
        ties += [(KINETIC_K - 6000.0) / 1e3, math.log(LAYER_C_per_V / 5.0) / 2.0, 0.7 / 5.0]
    else:
        ties += [0.5 * (bent[2] - 2.0 * bent[1])]
    assert found == pytest.approx([*map(soft, deviations.tolist()), *ties], rel=1e-9)


def test_places_are_grouped_where_they_lie_further_apart_than_4_K_and_2_percent() -> None:
    assert _groups(np.array([5.0, 0.0, 3.9, 20.0]), 4.0).tolist() == [0, 0, 0, 1]
    moved = [replace(one, temperature_K=one.temperature_K + by) for one in pulses((0.5, 0.5)) for by in (0.0, 3.9, 8.5)]
    problem = _Problem(moved, LINE, WHOLE_C, PRIOR)
    assert problem.kelvin == pytest.approx([COLD_K + 1.95, COLD_K + 8.5, WARM_K + 1.95, WARM_K + 8.5])
    near = _Problem(pulses((0.5, 0.519, 0.54)), LINE, WHOLE_C, PRIOR)
    assert near.levels == pytest.approx([0.5095, 0.54])
    assert near.spread_ratio == pytest.approx(3.0)


@pytest.mark.parametrize(("weakest", "kinetic"), [(-4.1, False), (-3.9, True)])
def test_kinetics_are_looked_for_where_amplitudes_differ_one_and_a_half_times(weakest: float, kinetic: bool) -> None:
    given = [replace(one, current_A=weakest if one.current_A == -2.0 else one.current_A) for one in pulses()]
    problem = _Problem(given, LINE, WHOLE_C, PRIOR)
    assert problem.kinetic == kinetic
    notes = " ".join(_undetermined(problem))
    assert ("1.46 times at most, 1.5 are needed" in notes) != kinetic


def test_a_level_that_a_temperature_lacks_is_told_in_degrees() -> None:
    given = [one for one in pulses() if (one.temperature_K, one.state_of_charge) != (COLD_K, 0.2)]
    assert "-5 degC at state of charge 0.20: laws of the other levels" in _undetermined(
        _Problem(given, LINE, WHOLE_C, PRIOR)
    )


def test_a_charge_beyond_what_the_slow_discharge_holds_is_refused() -> None:
    slow = SlowDischarge(np.linspace(0.0, WHOLE_C, 11), np.linspace(4.0, 3.0, 11), -0.2)
    for ratio, refused in ((1.23, False), (1.25, True)):
        given = [replace(pulses()[0], charge_drawn_C=ratio * WHOLE_C, state_of_charge=None)]
        assert bool(_unusable(given, slow)) == refused
    [problem] = _unusable([replace(pulses()[0], charge_drawn_C=2.0 * WHOLE_C, state_of_charge=None)], slow)
    assert "reaches 10, and the slow discharge holds 5 Ah" in str(problem.what)


def test_deviation_of_a_report_is_relative() -> None:
    _, report = identify(*of_one_cell(), PRIOR)
    two = (PulseResidual(WARM_K, 0.5, -1.0, 1.0, 0.02, 0.022), PulseResidual(WARM_K, 0.5, -1.0, 1.0, 0.02, 0.016))
    assert replace(report, residuals=two).resistance_rms == pytest.approx(math.sqrt((0.1**2 + 0.2**2) / 2.0))


def of_one_cell() -> tuple[list[Pulse], SlowDischarge]:
    """A cell without kinetics: R_ohm 12 mOhm and a slow pair, an open-circuit voltage of 3 V + z."""
    made = []
    for pulse in pulses():
        kelvin, current = pulse.temperature_K, pulse.current_A
        away = 1.0 / kelvin - 1.0 / WARM_K
        ohms = {t: OHMIC * math.exp(OHMIC_K * away) + slow_Ohm(kelvin, t) + t / WHOLE_C for t in (1.0, 4.0, 10.0)}
        made.append(replace(pulse, current_A=current, resistance_Ohm=ohms))
    z = np.linspace(1.0, 0.0, 101)
    return made, SlowDischarge((1.0 - z) * WHOLE_C, 3.0 + z - 0.01, -0.2)


def test_a_cell_without_kinetics_has_its_numbers_found() -> None:
    made, slow = of_one_cell()
    cell, report = identify(made, slow, replace(PRIOR, heat_capacity_J_per_K_C=1e9))
    assert report.resistance_rms < 2e-3
    assert report.slow_discharge_polarisation_V == pytest.approx(0.01, abs=1e-4)
    for kelvin in (COLD_K, WARM_K):
        found, away = cell.parameters(0.5, kelvin), 1.0 / kelvin - 1.0 / WARM_K
        assert float(found.ohmic_resistance_Ohm) == pytest.approx(OHMIC * math.exp(OHMIC_K * away), rel=0.01)
        ohms = [float(R) for R, _ in found.pairs]
        assert sum(ohms) == pytest.approx(SLOW * math.exp(SLOW_K * away), rel=0.03)
        assert ohms[1] / sum(ohms) == pytest.approx(0.59, rel=1e-3)
        taus = [math.exp(1430.0 * away) * tau for tau in (23.0, 226.0)]
        assert [1.0 / float(rate) for _, rate in found.pairs] == pytest.approx(taus, rel=1e-3)


# The curve.


def bent_V(z: np.ndarray) -> np.ndarray:
    return 3.0 + 1.2 * z - 0.4 * z**2


@pytest.mark.parametrize(("shift", "stretch"), [(0.0, 1.0), (0.02, 1.05), (-0.02, 0.95)])
@pytest.mark.parametrize("by_charge", [True, False])
def test_a_slow_discharge_is_laid_over_the_rests(shift: float, stretch: float, by_charge: bool) -> None:
    """U(q) = V_slow(a + s q) + d gives a, s and d back; the charge is then counted as the pulses count it."""
    z, polarisation = np.linspace(1.0, 0.0, 401), 0.015
    slow = SlowDischarge((1.0 - z) * WHOLE_C, bent_V(z) - polarisation, -0.2)
    rests = []
    for drawn in np.linspace(0.1, 0.8, 8):
        rest_V = float(bent_V(np.array(1.0 - (shift + stretch * drawn))))
        for kelvin, raised in (
            (WARM_K + 0.9, 0.0),
            (WARM_K + 2.1, 0.2),
        ):  # warmer ones are not those nearest to 25 degC
            place = (drawn * WHOLE_C, None) if by_charge else (None, 1.0 - drawn)
            rests.append(Pulse(kelvin, *place, -2.0, rest_V + raised, {2.0: 0.02}, 10.0))
    found = open_circuit(rests, slow)
    assert found.stretch_ratio == pytest.approx(stretch, rel=1e-3)
    assert found.begins_at_ratio == pytest.approx(-shift, abs=1e-3)
    assert found.polarisation_V == pytest.approx(polarisation, abs=5e-4)
    assert found.rms_V < 1e-4
    usable = WHOLE_C * (1.0 - max(shift, 0.0))
    assert found.capacity_C == pytest.approx(usable / stretch if by_charge else usable, rel=2e-3)
    span = usable / WHOLE_C
    inner = np.array([0.2, 0.5, 0.9])
    assert found.voltage_V(inner) == pytest.approx(bent_V(span * inner), abs=1e-3)


def test_a_straight_curve_goes_on_straight_beyond_both_ends() -> None:
    z = np.linspace(1.0, 0.0, 401)
    slow = SlowDischarge((1.0 - z) * WHOLE_C, 3.0 + 0.8 * z, -0.2)
    found = open_circuit([Pulse(WARM_K, None, one, -2.0, 3.0 + 0.8 * one, {}, 9.0) for one in (0.9, 0.5, 0.3)], slow)
    assert (found.state_of_charge[0], found.state_of_charge[-1]) == (-0.05, 1.02)
    at = np.array([-0.2, -0.05, -0.01, 0.0, 0.7, 1.0, 1.02])
    assert found.voltage_V(at) == pytest.approx(3.0 + 0.8 * at, abs=1e-6)
    assert found.slope_V == pytest.approx(0.8, abs=1e-6)
    assert drawn_C(Pulse(WARM_K, None, 0.3, -2.0, 3.2, {}, 9.0), WHOLE_C) == pytest.approx(0.7 * WHOLE_C)


def test_a_chord_leaves_the_curve_at_a_tenth() -> None:
    assert KNEE.slope_V == pytest.approx(1.0)
    assert KNEE.below_chord_V(np.array([0.04, 0.0999, 0.2])) == pytest.approx([-0.06 * 10.0, -0.001, 0.0])
    above = replace(KNEE, curve_V=np.array([3.05, 3.1, 3.9, 4.0]))
    assert above.below_chord_V(np.array([0.04])) == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"begins_at_ratio": 0.029, "stretch_ratio": 1.119, "rms_V": 0.029}, ""),
        ({"begins_at_ratio": -0.029, "stretch_ratio": 0.881}, ""),
        ({"begins_at_ratio": 0.031}, "begins 3.1 % of the charge after full"),
        ({"begins_at_ratio": -0.031}, "begins -3.1 % of the charge after full"),
        ({"stretch_ratio": 1.121}, "stretched by 1.121"),
        ({"stretch_ratio": 0.879}, "stretched by 0.879"),
        ({"rms_V": 0.031}, "31 mV (rms)"),
    ],
)
def test_curves_of_another_cell_are_told_from_3_percent_12_percent_and_30_millivolts_on(changes, words) -> None:
    said = [str(one.what) for one in strangers(replace(LINE, **changes))]
    assert len(said) == bool(words)
    assert all(words in one for one in said)
