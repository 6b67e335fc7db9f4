"""Parts joined to a system and stepped together, wherever each of them runs."""

from covolt.exchange.master.bonds import BondEnergy
from covolt.exchange.master.control import StepControl
from covolt.exchange.master.examination import Examination, StepEffect, examine
from covolt.exchange.master.joining import Joined, join
from covolt.exchange.master.method import Method
from covolt.exchange.master.record import Run, Waiting
from covolt.exchange.master.running import attempt, run
from covolt.exchange.master.system import Bond, Connection, Course, Part, Port, Range, Side, System

__all__ = [
    "Bond",
    "BondEnergy",
    "Connection",
    "Course",
    "Examination",
    "Joined",
    "Method",
    "Part",
    "Port",
    "Range",
    "Run",
    "Side",
    "StepControl",
    "StepEffect",
    "System",
    "Waiting",
    "attempt",
    "examine",
    "join",
    "run",
]
