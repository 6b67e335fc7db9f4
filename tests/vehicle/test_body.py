"""The body: two ways to know its resistance, and how weather, load and rollers change it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sample import compact

from covolt.contract.road_load import EPA_DENSITY_kg_per_m3, GTR_15_DENSITY_kg_per_m3
from covolt.vehicle.ambient import Ambient
from covolt.vehicle.body import EPA_ROLLERS, GTR_15_ROLLERS, CoastDownBody, DragBody, Resistance
from covolt.vehicle.part import ZERO_CELSIUS_K, GRAVITY_m_per_s2

TYRE = compact().tyre
WARM = Ambient(ZERO_CELSIUS_K + 20.0, 100.05e3)
"""Air of UN GTR 15."""
COLD = Ambient(ZERO_CELSIUS_K - 30.0)
RULES = (EPA_ROLLERS, GTR_15_ROLLERS)


def coast_down_body(**changes: Any) -> CoastDownBody:
    return CoastDownBody(
        **{
            "mass_kg": 1800.0,
            "rotating_mass_kg": 50.0,
            "constant_N": 120.0,
            "linear_N_s_per_m": -2.0,
            "quadratic_N_s2_per_m2": 0.45,
            "tyre_fraction": 0.85,
            "reference_density_kg_per_m3": GTR_15_DENSITY_kg_per_m3,
            "rotating_on_rollers_fraction": 1.0,
        }
        | changes
    )


DRAG = DragBody(
    mass_kg=1800.0,
    rotating_mass_kg=54.0,
    drag_area_m2=0.65,
    bearing_coefficient=0.0,
)


def force_N(resistance: Resistance, speed: float, factor: float = 1.0) -> float:
    r = resistance
    through = speed + r.wind_m_per_s
    polynomial = r.constant_N + r.linear_N_s_per_m * speed + r.quadratic_N_s2_per_m2 * through * abs(through)
    return float(r.rolling_N * factor + polynomial)


@pytest.mark.parametrize("speed", [0.0, 8.0, 40.0])
def test_a_coast_down_is_returned_as_it_was_measured(speed: float) -> None:
    here = coast_down_body().at(WARM, 0.0, TYRE)
    assert force_N(here, speed) == pytest.approx(120.0 - 2.0 * speed + 0.45 * speed**2, rel=1e-4)
    assert float(here.equivalent_mass_kg) == 1850.0


def test_a_negative_linear_term_is_kept() -> None:
    assert float(coast_down_body().at(COLD, 0.0, TYRE).linear_N_s_per_m) == -2.0


@pytest.mark.parametrize("body", [coast_down_body(), DRAG], ids=["coast-down", "drag"])
def test_cold_air_drags_by_its_density(body: Any) -> None:
    warm, cold = body.at(WARM, 0.0, TYRE), body.at(COLD, 0.0, TYRE)
    ratio = float(cold.quadratic_N_s2_per_m2 / warm.quadratic_N_s2_per_m2)
    assert ratio == pytest.approx(COLD.density_kg_per_m3 / WARM.density_kg_per_m3)


@pytest.mark.parametrize("body", [coast_down_body(), DRAG], ids=["coast-down", "drag"])
def test_rollers_impose_the_reference_weather_and_leave_the_tyres_out(body: Any) -> None:
    cold, warm = (body.at(weather, 0.0, TYRE, 1.0) for weather in (COLD, WARM))
    assert [float(x) for x in cold] == pytest.approx([float(x) for x in warm])
    assert float(cold.tyre_warmth_fraction) == 0.0
    assert force_N(cold, 30.0) == pytest.approx(force_N(body.at(WARM, 0.0, TYRE), 30.0), rel=1e-4)


def test_load_presses_the_tyres_only() -> None:
    empty, full = coast_down_body().at(WARM, 0.0, TYRE), coast_down_body().at(WARM, 450.0, TYRE)
    assert float(full.rolling_N / empty.rolling_N) == pytest.approx(2250.0 / 1800.0)
    assert float(full.constant_N) == pytest.approx(float(empty.constant_N))
    assert float(full.mass_kg - empty.mass_kg) == 450.0
    assert float(full.equivalent_mass_kg) == 2300.0


def test_what_turns_is_inertia_on_the_road_and_on_rollers_as_they_simulate_it() -> None:
    """The equivalent test weight of 40 CFR 1066 is the whole inertia of the rollers; on the road wheels and rotors turn."""
    epa = coast_down_body(rotating_on_rollers_fraction=0.0)
    assert float(epa.at(WARM, 100.0, TYRE).equivalent_mass_kg) == 1950.0
    assert float(epa.at(WARM, 100.0, TYRE, 1.0).equivalent_mass_kg) == 1900.0
    assert float(coast_down_body().at(WARM, 100.0, TYRE, 1.0).equivalent_mass_kg) == 1950.0


def test_a_coast_down_of_the_epa_stands_for_thinner_air() -> None:
    """20 degC and 98.21 kPa (40 CFR 1066.805(c)): at sea level there is 3.2 % more of it."""
    epa = coast_down_body(reference_density_kg_per_m3=EPA_DENSITY_kg_per_m3)
    sea = epa.at(Ambient(ZERO_CELSIUS_K + 20.0), 0.0, TYRE).quadratic_N_s2_per_m2
    assert float(sea) == pytest.approx(0.45 * 101.325 / 98.21, rel=1e-4)
    rollers = epa.at(Ambient(ZERO_CELSIUS_K + 20.0), 0.0, TYRE, 1.0).quadratic_N_s2_per_m2
    assert float(rollers) == pytest.approx(0.45)


@pytest.mark.parametrize("body", [coast_down_body(), DRAG], ids=["coast-down", "drag"])
def test_rollers_know_no_wind(body: Any) -> None:
    windy = Ambient(ZERO_CELSIUS_K + 20.0, wind_m_per_s=8.0)
    assert [float(x) for x in body.at(windy, 0.0, TYRE, 1.0)] == pytest.approx(
        [float(x) for x in body.at(WARM, 0.0, TYRE, 1.0)]
    )


@pytest.mark.parametrize("wind", [6.0, -30.0])
@pytest.mark.parametrize("speed", [0.0, 14.0, 36.0])
def test_wind_adds_to_the_speed_of_the_air_and_pushes_from_behind(speed: float, wind: float) -> None:
    here = DRAG.at(Ambient(WARM.temperature_K, WARM.pressure_Pa, wind), 0.0, TYRE)
    air_N = 0.5 * WARM.density_kg_per_m3 * 0.65 * (speed + wind) * abs(speed + wind)
    rolling_N = 1800.0 * GRAVITY_m_per_s2 * float(TYRE.rolling_coefficient)
    assert force_N(here, speed) == pytest.approx(air_N + rolling_N, rel=1e-6)


def test_a_drag_body_takes_its_rolling_from_the_tyres() -> None:
    here = DRAG.at(WARM, 0.0, TYRE)
    weight_N = 1800.0 * GRAVITY_m_per_s2
    assert float(here.rolling_N) == pytest.approx(weight_N * float(TYRE.rolling_coefficient))
    assert float(here.quadratic_N_s2_per_m2) == pytest.approx(0.5 * WARM.density_kg_per_m3 * 0.65, rel=1e-9)


@pytest.mark.parametrize("body", [coast_down_body(reference_density_kg_per_m3=EPA_DENSITY_kg_per_m3), DRAG])
def test_rollers_of_another_rule_impose_its_air_and_leave_the_road_alone(body: Any) -> None:
    """An EPA coast-down in a WLTP test: 1.189 over 1.1671 of its square term, and what turns on top of the test mass."""
    there = body.on_rollers(GTR_15_ROLLERS)
    assert force_N(there.at(COLD, 0.0, TYRE), 30.0) == pytest.approx(force_N(body.at(COLD, 0.0, TYRE), 30.0), rel=1e-12)
    square = there.at(COLD, 0.0, TYRE, 1.0).quadratic_N_s2_per_m2
    drag = body.at(COLD, 0.0, TYRE).quadratic_N_s2_per_m2 / COLD.density_kg_per_m3
    assert float(square) == pytest.approx(1.189 * float(drag), rel=1e-9)
    inertia = [float(there.on_rollers(rule).at(WARM, 0.0, TYRE, 1.0).equivalent_mass_kg) for rule in RULES]
    assert inertia == pytest.approx([float(body.mass_kg), float(body.mass_kg + body.rotating_mass_kg)])
