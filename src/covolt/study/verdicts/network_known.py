"""What requirements name of charging networks and no table knows: an area of a market."""

from __future__ import annotations

from covolt.errors import Problem
from covolt.library.terms import terms_of
from covolt.programme.charging_network import ChargingNetwork
from covolt.programme.documents import Programme
from covolt.study.verdicts.verification import given_of
from covolt.suggestion import named
from covolt.words import text

__all__ = ["network_problems"]


def network_problems(programme: Programme) -> list[Problem]:
    """Areas that a requirement names and no table of charging networks has in that market."""
    rows = [row for table in terms_of(programme).of(ChargingNetwork) for row in table.row]
    found: list[Problem] = []
    for one in programme.requirements.values():
        given = given_of(one, programme)
        if given.area is None or given.market is None:
            continue
        known = sorted({row.area for row in rows if row.market == given.market and row.area})
        if given.area not in known:
            what = text("no charging network of {market} has the area '{area}'", market=given.market, area=given.area)
            where = programme.where("requirement", one.id, "conditions", "area")
            found.append(Problem(what, where, named(given.area, known)))
    return found
