"""The body: two ways to know its resistance, and how weather, load and rollers change it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sample import compact, with_leaf

from covolt.vehicle.ambient import Ambient, REFERENCE_DENSITY_kg_per_m3
from covolt.vehicle.body import CoastDownBody, DragBody, Resistance
from covolt.vehicle.part import ZERO_CELSIUS_K, GRAVITY_m_per_s2

TYRE = compact().tyre
WARM = Ambient(ZERO_CELSIUS_K + 20.0)
COLD = Ambient(ZERO_CELSIUS_K - 30.0)


def coast_down_body(**changes: Any) -> CoastDownBody:
    return CoastDownBody(
        **{
            "mass_kg": 1800.0,
            "rotating_mass_kg": 50.0,
            "constant_N": 120.0,
            "linear_N_s_per_m": -2.0,
            "quadratic_N_s2_per_m2": 0.45,
            "tyre_fraction": 0.85,
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
    polynomial = r.constant_N + r.linear_N_s_per_m * speed + r.quadratic_N_s2_per_m2 * speed**2
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


@pytest.mark.parametrize("speed", [0.0, 14.0, 36.0])
def test_a_head_wind_adds_to_the_speed_of_the_air(speed: float) -> None:
    wind = 6.0
    here = DRAG.at(Ambient(WARM.temperature_K, wind_m_per_s=wind), 0.0, TYRE)
    air_N = 0.5 * WARM.density_kg_per_m3 * 0.65 * (speed + wind) ** 2
    rolling_N = 1800.0 * GRAVITY_m_per_s2 * float(TYRE.rolling_coefficient)
    assert force_N(here, speed) == pytest.approx(air_N + rolling_N, rel=1e-6)


def test_a_drag_body_takes_its_rolling_from_the_tyres() -> None:
    quick = with_leaf(TYRE, lambda tyre: tyre.rolling_speed_coefficient_s2_per_m2, 1e-6)
    here = DRAG.at(WARM, 0.0, quick)
    weight_N = 1800.0 * GRAVITY_m_per_s2
    assert float(here.rolling_N) == pytest.approx(weight_N * float(quick.rolling_coefficient))
    assert float(here.quadratic_N_s2_per_m2) == pytest.approx(
        0.5 * WARM.density_kg_per_m3 * 0.65 + weight_N * 1e-6, rel=1e-9
    )
    assert WARM.density_kg_per_m3 == pytest.approx(REFERENCE_DENSITY_kg_per_m3, rel=1e-4)
