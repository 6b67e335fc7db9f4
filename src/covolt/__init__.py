"""Covolt: engineers of several organisations create one electric vehicle together.

The names below load on first use, so that `import covolt` stays fast and a tool that only reads documents never loads the
numerical stack.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from covolt.errors import CovoltError, DriveFailed, Problem
    from covolt.library.build import car
    from covolt.library.figures import CarFigures, read_car
    from covolt.simulation.cycles import read_csv, standard
    from covolt.simulation.mission import Conditions, Mission, coast_down, follow, full_throttle, park, steady
    from covolt.simulation.run import BatchRunner, TracedRunner, simulate
    from covolt.simulation.trace import Trace
    from covolt.vehicle.assembly import Vehicle

__all__ = [
    "BatchRunner",
    "CarFigures",
    "Conditions",
    "CovoltError",
    "DriveFailed",
    "Mission",
    "Problem",
    "Trace",
    "TracedRunner",
    "Vehicle",
    "car",
    "coast_down",
    "follow",
    "full_throttle",
    "park",
    "read_car",
    "read_csv",
    "simulate",
    "standard",
    "steady",
]

_HOME = {
    "CovoltError": "errors",
    "DriveFailed": "errors",
    "Problem": "errors",
    "car": "library.build",
    "CarFigures": "library.figures",
    "read_car": "library.figures",
    "read_csv": "simulation.cycles",
    "standard": "simulation.cycles",
    "Conditions": "simulation.mission",
    "Mission": "simulation.mission",
    "coast_down": "simulation.mission",
    "follow": "simulation.mission",
    "full_throttle": "simulation.mission",
    "park": "simulation.mission",
    "steady": "simulation.mission",
    "BatchRunner": "simulation.run",
    "TracedRunner": "simulation.run",
    "simulate": "simulation.run",
    "Trace": "simulation.trace",
    "Vehicle": "vehicle.assembly",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'covolt' has no attribute '{name}'")
    return getattr(importlib.import_module(f"covolt.{_HOME[name]}"), name)
