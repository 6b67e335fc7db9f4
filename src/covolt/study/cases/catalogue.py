"""The use cases that list what there is: cycles, cars and interfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings

if TYPE_CHECKING:
    from covolt.contract.interface import Interface
    from covolt.library.figures import CarFigures

__all__ = ["cars", "cycles", "interfaces", "text_of_car"]


def cycles() -> list[dict[str, Any]]:
    """The cycles that ship, with their figures in SI."""
    from covolt.simulation.cycles import listing

    return [
        {
            "id": one.id,
            "title": one.title,
            "duration_s": one.duration_s,
            "distance_m": one.distance_m,
            "maximum_speed_m_per_s": one.maximum_speed_m_per_s,
            "mean_speed_m_per_s": one.mean_speed_m_per_s,
            "source": one.source,
        }
        for one in listing()
    ]


def cars() -> Mapping[str, CarFigures]:
    """The cars that ship, by name."""
    from covolt.library.cars import car_names, figures

    return {name: figures(name) for name in car_names()}


def text_of_car(name: str, findings: Findings | None = None) -> str:
    """The file of a car that ships, to begin one's own from."""
    from covolt.library.cars import car_names, figures, shipped_text

    figures(name)
    if name not in car_names():
        where = (findings or Findings()).called("car")
        raise InputError(Problem(f"'{name}' is a file of yours", where, "name a car that ships: covolt parts"))
    return shipped_text(name)


def interfaces() -> Sequence[Interface]:
    """The interfaces of a vehicle's slots."""
    from covolt.contract.standard import standard_interfaces

    return tuple(standard_interfaces().values())
