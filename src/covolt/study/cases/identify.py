"""The use case `identify battery`: a cell from a table of pulses and a slow discharge, written as a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import Problem
from covolt.study.cases.options import Findings, Patience

if TYPE_CHECKING:
    from covolt.vehicle.cell import EquivalentCircuitCell
    from covolt.vehicle.identification import IdentificationReport

__all__ = ["identify_battery"]


def identify_battery(
    pulses: Path, slow: Path, output: Path, *, findings: Findings | None = None, patience: Patience = nullcontext
) -> tuple[EquivalentCircuitCell, IdentificationReport]:
    """Identify a cell, write it, and say how well it fits; every problem of both files is raised at once."""
    from covolt.library.cell_file import write_cell
    from covolt.vehicle.pulse_data import read_pulses, read_trace, slow_discharge

    findings = findings or Findings()
    found = findings.take(lambda: read_pulses(pulses))
    discharge = findings.take(lambda: slow_discharge(read_trace(slow)), _in_file(slow))
    findings.demand_none()
    if found is None or discharge is None:
        raise RuntimeError("a measurement is missing, and no problem says why")
    with patience():
        from covolt.vehicle.identification import identify

        identified = findings.take(lambda: identify(found, discharge), _in_files(pulses, slow))
    findings.demand_none()
    if identified is None:
        raise RuntimeError("there is no cell, and no problem says why")
    write_cell(identified[0], output, source=f"identified from {pulses.name} and {slow.name}")
    return identified


def _in_files(pulses: Path, slow: Path) -> Callable[[Problem], Problem]:
    """A function that puts before a problem the name of that of both files which it is of."""
    of_slow, of_pulses = _in_file(slow), _in_file(pulses)
    return lambda problem: of_slow(problem) if problem.where.startswith("slow") else of_pulses(problem)


def _in_file(path: Path) -> Callable[[Problem], Problem]:
    """A function that puts the file's name before a problem of its content."""
    return lambda problem: problem if str(path) in problem.where else replace(problem, where=f"{path}, {problem.where}")
