"""The procedures by name: the only list of them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from covolt.errors import InputError, Problem
from covolt.study.protocol import Measure, Procedure

__all__ = ["find_measure", "find_procedure", "procedures"]

_MODULES = (
    "declaration",
    "wltp",
    "wltp_family",
    "sae_j1634",
    "five_cycle",
    "nedc",
    "acceleration",
    "maximum_speed",
    "net_power",
    "gradeability",
    "braking",
    "sort",
    "vecto_mission",
    "charging_time",
    "climate_chamber",
    "durability",
    "ownership",
    "conformance",
)


@cache
def procedures() -> Mapping[str, Procedure]:
    """Every procedure by name."""
    found: dict[str, Procedure] = {}
    for module in _MODULES:
        for procedure in import_module(f"covolt.study.procedures.{module}").PROCEDURES:
            found[procedure.id] = procedure
    return MappingProxyType(found)


def find_procedure(name: str, where: str) -> Procedure:
    """Procedure by name; raises with what was probably meant."""
    known = procedures()
    if name not in known:
        raise InputError(Problem(f"no procedure '{name}'", where, _closest(name, list(known))))
    return known[name]


def find_measure(procedure: str, measure: str, where: str) -> tuple[Procedure, Measure]:
    """Procedure and measure by name; raises with what was probably meant."""
    recipe = find_procedure(procedure, where)
    found = recipe.measure(measure)
    if found is None:
        names = [one.id for one in recipe.measures]
        what = f"the procedure '{procedure}' yields no measure '{measure}'"
        raise InputError(Problem(what, where, _closest(measure, names)))
    return recipe, found


def _closest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known[:12])}"
