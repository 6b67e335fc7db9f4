"""The procedures by name, found where they lie: in this room, and in packages that offer their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from types import MappingProxyType

from covolt.errors import NotFound, Problem
from covolt.library.from_packages import take_from_packages
from covolt.study import procedures as room
from covolt.study.procedures.protocol import Measure, Procedure
from covolt.suggestion import named
from covolt.words import text

__all__ = ["find_measure", "find_procedure", "procedures"]

ENTRY_POINTS = "covolt.procedures"
"""Group of entry points under which another package offers its own: each a `Procedure`, or several."""


@cache
def procedures() -> Mapping[str, Procedure]:
    """Every procedure by name: those of the modules of this room, then those that other packages offer.

    Raises:
        InputError: another package offers something else, or a name that is taken.
    """
    found: dict[str, Procedure] = {}
    for module in sorted(one.name for one in iter_modules(room.__path__)):
        for procedure in getattr(import_module(f"{room.__name__}.{module}"), "PROCEDURES", ()):
            found[procedure.id] = procedure
    take_from_packages(ENTRY_POINTS, partial(_take, found))
    return MappingProxyType(found)


def _take(found: dict[str, Procedure], one: object, where: str) -> Iterator[Problem]:
    """Add what a package offers; what keeps it out."""
    if not isinstance(one, Procedure):
        yield Problem(
            text("a {name} is no procedure", name=type(one).__name__),
            where,
            text("offer a Procedure, or a tuple of them"),
        )
    elif not _hands_over(one):
        what = text(
            "the recipe of '{id}' is of an earlier form: (subject, given, note) is handed to a recipe", id=one.id
        )
        yield Problem(what, where, text("write it as docs/how-to/write-a-procedure.md says, or name an older covolt"))
    elif one.id in found:
        yield Problem(text("the procedure '{id}' is there already", id=one.id), where, text("give it another name"))
    else:
        found[one.id] = one


def _hands_over(procedure: Procedure) -> bool:
    """Whether a recipe takes what it is handed; one of which nobody can say counts as if it did."""
    try:
        signature(procedure.recipe).bind(None, None, None)
    except TypeError:
        return False
    except ValueError:  # not written in Python
        return True
    return True


def find_procedure(name: str, where: str) -> Procedure:
    """Procedure by name; raises with what was probably meant."""
    known = procedures()
    if name not in known:
        raise NotFound(
            Problem(text("no procedure '{name}'", name=name), where, named(name, known, "covolt procedures"))
        )
    return known[name]


def find_measure(procedure: str, measure: str, where: str) -> tuple[Procedure, Measure]:
    """Procedure and measure by name; raises with what was probably meant."""
    recipe = find_procedure(procedure, where)
    found = recipe.measure(measure)
    if found is None:
        names = [one.id for one in recipe.measures]
        what = text("the procedure '{procedure}' yields no measure '{measure}'", procedure=procedure, measure=measure)
        raise NotFound(Problem(what, where, named(measure, names, f"covolt procedures {procedure}")))
    return recipe, found
