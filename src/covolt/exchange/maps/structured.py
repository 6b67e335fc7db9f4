"""Maps in an FMU by the layered standard FMI-LS-STRUCT: terminals that say which parameters are a map, read without running it.

A map on a grid has a vector for each axis and a matrix over both; a cloud has equally
long vectors. Which axis is which is told by the units: angular speed, torque; losses are in W, efficiencies have no unit.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from covolt.errors import InputError, NotFound, Problem
from covolt.exchange.archive import Archive, opened_archive
from covolt.exchange.base_units import Conversion, joins, of_covolt
from covolt.exchange.component import Unit, Variable
from covolt.exchange.fmu.description import read_description
from covolt.exchange.maps.grid import FloatArray, LossGrid, gridded, losses_of_efficiency_W
from covolt.exchange.plain_xml import Node, read_xml
from covolt.words import text

__all__ = ["grid_of_fmu"]

STANDARD = "org.fmi-standard.fmi-ls-struct"
MANIFEST = f"extra/{STANDARD}/fmi-ls-manifest.xml"
TERMINALS = "terminalsAndIcons/terminalsAndIcons.xml"
GRID, CLOUD = f"{STANDARD}.map.rectilinearGrid", f"{STANDARD}.map.irregular"
KINDS = (GRID, CLOUD)
LARGEST_bytes = 20_000_000


def grid_of_fmu(path: Path) -> LossGrid:
    """The map of losses or of efficiency of a drive unit in an FMU.

    Raises:
        NotFound: the FMU has no manifest of this standard, or no map over speed and torque.
        InputError: the map is not whole.
    """
    with opened_archive(path) as archive:
        if MANIFEST not in archive:
            hint = text("export it with structured variables, or give the map as a table")
            raise NotFound(Problem(text("this FMU names no maps by FMI-LS-STRUCT"), str(path), hint))
        variables = {one.name: one.variable for one in read_description(archive).variables}
        maps = _terminals(archive, path)
    seen: list[str] = []
    for one in maps:
        found = _grid(one, variables, f"{path} ({one.get('name')})")
        if found is not None:
            return replace(found, source=f"{path} ({one.get('name')})")
        seen.append(one.get("name"))
    what = text("none of its maps is over speed and torque: {names}", names=", ".join(seen) or text("none"))
    hint = text("state units: rad/s or rpm, N.m, and W for losses or 1 for efficiency")
    raise NotFound(Problem(what, str(path), hint))


def _terminals(archive: Archive, path: Path) -> list[Node]:
    """Every terminal that is a map, those within others too."""
    name = next((one for one in archive.names if one.lower() == TERMINALS.lower()), TERMINALS)
    root = read_xml(archive.read(name, LARGEST_bytes), f"{path}/{name}")
    found: list[Node] = []
    stack = [one for group in root.all("Terminals") for one in group.all("Terminal")]
    while stack:
        one = stack.pop(0)
        found += [one] if one.get("terminalKind") in KINDS else []
        stack += one.all("Terminal")
    return found


def _grid(terminal: Node, variables: dict[str, Variable], where: str) -> LossGrid | None:
    """The grid of a map, None where it is of something else."""
    domains, codomains = (_members(terminal, role, variables, where) for role in ("domain", "codomain"))
    speed, torque = (_axis(domains, unit) for unit in ("rad/s", "Nm"))
    if speed is None or torque is None or len(domains) != 2:
        return None
    held = next(
        ((one, unit, factor) for one in codomains for unit in ("W", "1") if (factor := _conversion(one, unit))), None
    )
    if held is None:
        return None
    one, unit, factor = held
    values = factor.of(np.asarray(one.start, np.float64))
    wanted: tuple[int, ...] = (len(speed),)
    if terminal.get("terminalKind") == GRID:
        values = values if _conversion(domains[0], "rad/s") else values.T
        wanted = (len(speed), len(torque))
        speed, torque = (axis.ravel() for axis in np.meshgrid(speed, torque, indexing="ij"))
    if values.shape != wanted or len(speed) != len(torque):
        shown = [" x ".join(str(size) for size in shape) for shape in (values.shape, wanted)]
        what = text("'{name}' has {found} values, not {wanted}", name=one.name, found=shown[0], wanted=shown[1])
        raise InputError(Problem(what, where, text("let its dimensions be those of the axes, in their order")))
    losses = values.ravel() if unit == "W" else losses_of_efficiency_W(speed, torque, values.ravel())
    return gridded(speed, torque, losses, where)


def _members(terminal: Node, role: str, variables: dict[str, Variable], where: str) -> list[Variable]:
    """Variables of a map that have a role in it."""
    names = [
        member.get("variableName")
        for member in terminal.all("TerminalMemberVariable")
        if member.get("variableKind").rpartition(".")[2] == role
    ]
    missing = [name for name in names if name not in variables]
    if missing:
        hint = text("it is not whole: ask who made it to export it anew")
        raise InputError(
            Problem(text("the map names '{name}', which is no variable", name=name), where, hint) for name in missing
        )
    return [variables[name] for name in names]


def _conversion(variable: Variable, unit: str) -> Conversion | None:
    """How its values become those in a unit of covolt; None where they are of something else, or have no start."""
    if variable.start is None or (variable.unit is None and unit != "1"):
        return None
    found = joins(variable.unit or Unit("1"), of_covolt(unit))
    return found if isinstance(found, Conversion) else None


def _axis(domains: list[Variable], unit: str) -> FloatArray | None:
    """The points of the axis that is in such a unit."""
    for one in domains:
        factor = _conversion(one, unit)
        if factor is not None:
            return factor.of(np.atleast_1d(np.asarray(one.start, np.float64)))
    return None
