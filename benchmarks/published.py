"""Published figures that rows are held against, and the cars that stand behind them, as the files beside this one say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from covolt import units
from covolt.library.figures import CarFigures, read_car

HERE = Path(__file__).resolve().parent


@cache
def published() -> Mapping[str, Any]:
    """All of `published.toml`."""
    return tomllib.loads((HERE / "published.toml").read_text(encoding="utf-8"))


def names(car: str) -> Mapping[str, Any]:
    """How the lists of a data folder call a shipped car; empty where none is known to."""
    return published()["names"].get(car, {})


def quantity(text: str, unit: str) -> float:
    """A quantity as a file states it, in SI."""
    return units.parse(text, unit)


@cache
def vehicle_figures(name: str) -> CarFigures:
    """A vehicle that was written down for a row before it was driven."""
    return read_car(HERE / "vehicles" / f"{name}.toml")


def stated_uncertainties(name: str) -> dict[str, float]:
    """Standard uncertainties, in SI, of what the file of such a vehicle states without knowing it."""
    si = {"test_mass": "kg", "drag_area": "m2", "rolling_coefficient": "1", "auxiliary_power": "W"}
    stated = published()["uncertain"].get(name, {})
    return {key: quantity(str(text), si[key]) for key, text in stated.items()}


def with_figure(figures: CarFigures, name: str, value: float) -> CarFigures:
    """The same vehicle with one figure, in SI, set anew, whether it stands at the top or under drag and tyres."""
    if name in CarFigures.model_fields:
        return figures.model_copy(update={name: value})
    road = figures.drag_and_tyres
    if road is None:
        raise KeyError(name)
    return figures.model_copy(update={"drag_and_tyres": road.model_copy(update={name: value})})


def figure(figures: CarFigures, name: str) -> float:
    """One figure in SI."""
    return float(getattr(figures if name in CarFigures.model_fields else figures.drag_and_tyres, name))
