"""The air: density and pressure against published values."""

from __future__ import annotations

import pytest

from covolt.contract.road_load import EPA_DENSITY_kg_per_m3, GTR_15_DENSITY_kg_per_m3
from covolt.vehicle.ambient import Ambient, pressure_at_altitude_Pa
from covolt.vehicle.part import ZERO_CELSIUS_K


@pytest.mark.parametrize(
    ("pressure_Pa", "density"), [(98.21e3, EPA_DENSITY_kg_per_m3), (100.0e3, GTR_15_DENSITY_kg_per_m3)]
)
def test_the_air_of_coast_downs_has_their_density(pressure_Pa: float, density: float) -> None:
    assert Ambient(293.15, pressure_Pa).density_kg_per_m3 == pytest.approx(density, rel=1e-3)


@pytest.mark.parametrize(("celsius", "density"), [(-40.0, 1.514), (-20.0, 1.394), (0.0, 1.292), (40.0, 1.127)])
def test_cold_air_is_dense(celsius: float, density: float) -> None:
    assert Ambient(ZERO_CELSIUS_K + celsius).density_kg_per_m3 == pytest.approx(density, abs=1e-3)


@pytest.mark.parametrize(
    ("altitude_m", "pressure_Pa"), [(0.0, 101325.0), (1000.0, 89874.6), (5000.0, 54019.9), (11000.0, 22632.0)]
)
def test_pressure_is_that_of_the_standard_atmosphere(altitude_m: float, pressure_Pa: float) -> None:
    assert float(pressure_at_altitude_Pa(altitude_m)) == pytest.approx(pressure_Pa, rel=2e-4)
