"""A car as packed numbers, remembered between processes, so that a drive can begin without building its vehicle.

What is remembered is input, never a result: every drive is computed. Forgotten whenever the car's text, covolt's source or a
library's version changes.
"""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple

import numpy as np

from covolt.simulation import compiled
from covolt.simulation.account import trace_of
from covolt.simulation.flat import profile_of, setting_vector
from covolt.simulation.kept import keep, recalled_as, source_digest
from covolt.simulation.mission import Mission
from covolt.simulation.origin import name_of
from covolt.simulation.trace import Result, Trace


class RememberedCar(NamedTuple):
    """A vehicle as the arguments of its compiled drive, and what is to be said of it."""

    structure: str | None
    """Name of the vehicle's structure (`origin.name_of`)."""
    values: np.ndarray
    tables: list[np.ndarray]
    about: dict[str, Any]
    moved: tuple[tuple[np.ndarray, list[np.ndarray]], ...] = ()
    """The same car with uncertain numbers of it moved, as values and tables; which ones, `about` says."""


def recall(text: str) -> RememberedCar | None:
    """The car that was built from this text, if it is remembered."""
    about = _about(text)
    return recalled_as(RememberedCar, "car", about) if about is not None else None


def remember(text: str, car: RememberedCar) -> None:
    """Keep a car for the next process."""
    about = _about(text)
    if about is not None:
        keep("car", about, pickle.dumps(tuple(car)))


def drive_remembered(car: RememberedCar, mission: Mission, *, name: str) -> tuple[Trace, list[Result]] | None:
    """Drive as `TracedRunner(executor="xla")` does, and the moved cars too; None where such a drive is not compiled yet."""
    columns, profile = profile_of(mission)
    end = (setting_vector(mission), profile, mission.count)
    arguments = (car.values, car.tables, *end)
    found = compiled.find("drive", (car.structure, name_of(columns), name_of(mission.miss_policy)), arguments)
    if found is None:
        return None

    def traced(values: np.ndarray, tables: list[np.ndarray]) -> Trace:
        ended, rows = found.function(values, tables, *end)
        return trace_of(name, mission, ended, rows, found.note, "xla")

    return traced(car.values, car.tables), [traced(*one).result for one in car.moved]


def _about(text: str) -> tuple[str, ...] | None:
    """All that a remembered car depends on: its text, and the source that makes vehicles from figures."""
    source = source_digest()
    return (text, source, np.__version__) if source is not None else None
