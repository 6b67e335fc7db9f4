"""The front door: every public name and where it lives. This file is the only list of them; `__init__.py` loads from it."""

from covolt.errors import CovoltError as CovoltError
from covolt.errors import DriveFailed as DriveFailed
from covolt.errors import Problem as Problem
from covolt.library.drives import car_figures as car_figures
from covolt.library.drives import follow_cycle as follow_cycle
from covolt.library.drives import load_car as load_car
from covolt.library.drives import read_cycle as read_cycle
from covolt.library.drives import simulate as simulate
from covolt.library.drives import standard_cycle as standard_cycle
from covolt.library.drives import sweep as sweep
from covolt.library.figures import CarFigures as CarFigures
from covolt.library.figures import read_car as read_car
from covolt.library.interval import charge_intervals as charge_intervals
from covolt.library.interval import drive_intervals as drive_intervals
from covolt.programme.documents import Programme as Programme
from covolt.programme.reading import read_programme as read_programme
from covolt.simulation.charging import ChargingMission as ChargingMission
from covolt.simulation.charging import Socket as Socket
from covolt.simulation.charging import charge as charge
from covolt.simulation.gradient import energy_slope as energy_slope
from covolt.simulation.mission import Conditions as Conditions
from covolt.simulation.mission import Mission as Mission
from covolt.simulation.mission import coast_down as coast_down
from covolt.simulation.mission import full_throttle as full_throttle
from covolt.simulation.mission import park as park
from covolt.simulation.mission import steady as steady
from covolt.simulation.route import Leg as Leg
from covolt.simulation.route import drive_route as drive_route
from covolt.simulation.route import read_route as read_route
from covolt.simulation.run import BatchRunner as BatchRunner
from covolt.simulation.run import TracedRunner as TracedRunner
from covolt.simulation.trace import Trace as Trace
from covolt.study.cases.exchange import export_requirements as export_requirements
from covolt.study.cases.exchange import import_requirements as import_requirements
from covolt.study.cases.publish import begin_programme as begin_programme
from covolt.study.cases.publish import lock as lock
from covolt.study.cases.publish import offer as offer
from covolt.study.cases.report import make_report as make_report
from covolt.study.gate.gates import gates as gates
from covolt.study.verdicts.verification import verify as verify
from covolt.vehicle.assembly import Vehicle as Vehicle
from covolt.vehicle.charger import Station as Station

__version__: str
