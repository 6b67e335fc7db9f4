"""A copy of the shipped joint programme that a test may break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from covolt.errors import CovoltError, Problem
from covolt.programme.reading import read_programme
from tests.signed import copy_unsigned

CITY_CAR = Path(__file__).parents[2] / "examples" / "city-car"


@pytest.fixture
def city_car(tmp_path: Path) -> Path:
    return copy_unsigned(CITY_CAR, tmp_path / "city-car")


@pytest.fixture
def problems(city_car: Path) -> Callable[[], list[Problem]]:
    def read() -> list[Problem]:
        with pytest.raises(CovoltError) as raised:
            read_programme(city_car)
        return list(raised.value.problems)

    return read
