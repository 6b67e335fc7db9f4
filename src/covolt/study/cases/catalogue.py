"""The use cases that list what there is: cycles, cars and interfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings
from covolt.study.result import RESULT
from covolt.words import text

if TYPE_CHECKING:
    from covolt.contract.interface import Interface
    from covolt.library.figures import CarFigures

__all__ = ["CycleRow", "cars", "cycles", "interfaces", "text_of_car"]


@dataclass(frozen=True, config=RESULT)
class CycleRow:
    """A cycle that ships, with its figures in SI."""

    id: str
    title: str
    duration_s: float
    distance_m: float
    maximum_speed_m_per_s: float
    mean_speed_m_per_s: float
    source: str
    schema: Literal["cycle/1"] = "cycle/1"


def cycles() -> Sequence[CycleRow]:
    """The cycles that ship."""
    from covolt.simulation.cycles import listing

    return [
        CycleRow(
            one.id,
            one.title,
            one.duration_s,
            one.distance_m,
            one.maximum_speed_m_per_s,
            one.mean_speed_m_per_s,
            one.source,
        )
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
        raise InputError(
            Problem(text("'{name}' is a file of yours", name=name), where, text("name a car that ships: covolt parts"))
        )
    return shipped_text(name)


def interfaces() -> Sequence[Interface]:
    """The interfaces of a vehicle's slots."""
    from covolt.contract.standard import standard_interfaces

    return tuple(standard_interfaces().values())
