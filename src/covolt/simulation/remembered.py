"""A car as packed numbers, remembered between processes, so that a drive can begin without building its vehicle.

What is remembered is input, never a result: every drive is computed. Forgotten whenever the car's text, covolt's source or a
library's version changes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from covolt.simulation import compiled
from covolt.simulation.account import trace_of
from covolt.simulation.flat import profile_of, setting_vector
from covolt.simulation.mission import Mission
from covolt.simulation.trace import Trace


class RememberedCar(NamedTuple):
    """A vehicle as the arguments of its compiled drive, and what is to be said of it."""

    structure: str
    values: np.ndarray
    tables: list[np.ndarray]
    about: dict[str, Any]


def recall(text: str) -> RememberedCar | None:
    """The car that was built from this text, if it is remembered."""
    found = compiled.recall("car", _key(text))
    return RememberedCar(*found) if found is not None else None


def remember(text: str, car: RememberedCar) -> None:
    """Keep a car for the next process."""
    compiled.remember("car", _key(text), tuple(car))


def drive_remembered(car: RememberedCar, mission: Mission, *, name: str) -> Trace | None:
    """Drive as `TracedRunner` does; None where the drive of such a vehicle has not been compiled yet."""
    columns, rows = profile_of(mission)
    arguments = (car.values, car.tables, setting_vector(mission), rows, mission.count)
    found = compiled.find("drive", (car.structure, columns, mission.miss_policy), arguments)
    if found is None:
        return None
    ended, values = found.function(*arguments)
    return trace_of(name, mission, ended, values, found.note)


def _key(text: str) -> tuple[str, ...]:
    return (text, _library())


@cache
def _library() -> str:
    """Digest of the source that makes vehicles from figures."""
    folder = Path(__file__).resolve().parents[1]
    content = hashlib.sha256()
    for path in sorted([*(folder / "library").glob("*.py"), folder / "units.py"]):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()
