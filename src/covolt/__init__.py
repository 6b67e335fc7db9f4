"""Covolt: engineers of several organisations create one electric vehicle together.

The names below load on first use, so that `import covolt` stays fast and a tool that only reads documents never loads the
numerical stack.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from covolt.errors import CovoltError, DriveFailed, Problem
    from covolt.library.build import car
    from covolt.library.cars import figures
    from covolt.library.figures import CarFigures, read_car
    from covolt.library.interval import charge_intervals, drive_intervals
    from covolt.simulation.charging import ChargingMission, Socket, charge
    from covolt.simulation.cycles import read_csv, standard
    from covolt.simulation.gradient import energy_slope
    from covolt.simulation.mission import Conditions, Mission, coast_down, follow, full_throttle, park, steady
    from covolt.simulation.route import Leg, drive_route, read_route
    from covolt.simulation.run import BatchRunner, TracedRunner, simulate
    from covolt.simulation.trace import Trace
    from covolt.vehicle.assembly import Vehicle
    from covolt.vehicle.charger import Station

__all__ = [
    "BatchRunner",
    "CarFigures",
    "ChargingMission",
    "Conditions",
    "CovoltError",
    "DriveFailed",
    "Leg",
    "Mission",
    "Problem",
    "Socket",
    "Station",
    "Trace",
    "TracedRunner",
    "Vehicle",
    "car",
    "charge",
    "charge_intervals",
    "coast_down",
    "drive_intervals",
    "drive_route",
    "energy_slope",
    "figures",
    "follow",
    "full_throttle",
    "park",
    "read_car",
    "read_csv",
    "read_route",
    "simulate",
    "standard",
    "steady",
]

_HOME = {
    "ChargingMission": "simulation.charging",
    "Leg": "simulation.route",
    "Socket": "simulation.charging",
    "Station": "vehicle.charger",
    "charge": "simulation.charging",
    "drive_route": "simulation.route",
    "energy_slope": "simulation.gradient",
    "figures": "library.cars",
    "read_route": "simulation.route",
    "CovoltError": "errors",
    "DriveFailed": "errors",
    "Problem": "errors",
    "car": "library.build",
    "charge_intervals": "library.interval",
    "drive_intervals": "library.interval",
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
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("covolt")
    if name not in _HOME:
        raise AttributeError(f"module 'covolt' has no attribute '{name}'")
    return getattr(importlib.import_module(f"covolt.{_HOME[name]}"), name)


importlib.import_module("covolt.as_loaded").watch(sys.modules[__name__])
