"""The one way in which a study drives, so that the same vehicle and mission give the same bits in every process."""

from __future__ import annotations

from covolt.simulation.mission import Mission
from covolt.simulation.run import TracedRunner
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle

__all__ = ["drive"]


def drive(vehicle: Vehicle, mission: Mission) -> Trace:
    """Drive a vehicle as machine code from the first drive on.

    The runner's own choice changes its executor after a few drives, and two executors differ by rounding: a record would
    then depend on what the process drove before it.
    """
    return TracedRunner(executor="native").run(vehicle, mission)
