"""Curves that a datasheet declares, whose single numbers pass and whose whole may still not be what it is called."""

from __future__ import annotations

from covolt.contract.datasheet import Datasheet
from covolt.contract.road_load import road_load_problem
from covolt.errors import Problem
from covolt.words import text

__all__ = ["charging_power_problems", "coast_down_problems"]


def coast_down_problems(sheet: Datasheet) -> list[Problem]:
    """A coast-down that pushes the body at some speed."""
    names = ("coast_down_constant", "coast_down_linear", "coast_down_quadratic")
    constant_N, linear_N_s_per_m, quadratic_N_s2_per_m2 = (sheet.declared[name].value_si for name in names)
    where = f"{sheet.reference} (declared.coast_down_linear)"
    found = road_load_problem(constant_N, linear_N_s_per_m, quadratic_N_s2_per_m2, where)
    return [] if found is None else [found]


def charging_power_problems(sheet: Datasheet) -> list[Problem]:
    """A charging curve beyond empty or full, or with a power below zero."""
    table = {**sheet.tables, **sheet.model.tables}.get("charging_power")
    if table is None:
        return []
    where = f"{sheet.reference} (tables.charging_power)"
    charges, powers_W = table.axes[0].values_si, table.rows_si[0]
    problems: list[Problem] = []
    if charges[0] < 0.0 or charges[-1] > 1.0:
        what = text(
            "states of charge from {charges:g} to {charges_2:g} lie outside 0 to 1",
            charges=charges[0],
            charges_2=charges[-1],
        )
        problems.append(Problem(what, where, text("write 80 % as 0.8, or give the axis in %")))
    if min(powers_W) < 0.0 or max(powers_W) <= 0.0:
        what = (
            text("a charging power is below zero") if min(powers_W) < 0.0 else text("no charging power is above zero")
        )
        problems.append(Problem(what, where, text("give what the battery takes, 0 or more")))
    return problems
