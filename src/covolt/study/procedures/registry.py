"""The procedures by name, found where they lie: in this room, and in packages that offer their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from pkgutil import iter_modules
from types import MappingProxyType
from typing import cast

from covolt.errors import InputError, NotFound, Problem
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
    problems: list[Problem] = []
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: (one.name, one.value)):
        problems += _take(point, found)
    if problems:
        raise InputError(problems)
    return MappingProxyType(found)


def _take(point: EntryPoint, found: dict[str, Procedure]) -> Iterator[Problem]:
    """Add what an entry point offers; what keeps it out."""
    package = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    where = f"entry point {point.name} = {point.value}{package}"
    try:
        offered: object = point.load()
    except Exception as error:  # another package's code may fail in any way as it is imported
        yield Problem(
            text("it cannot be loaded: {name}: {error}", name=type(error).__name__, error=str(error)),
            where,
            text("mend or uninstall that package"),
        )
        return
    offers: tuple[object, ...] = (
        tuple(cast("Iterable[object]", offered)) if isinstance(offered, list | tuple) else (offered,)
    )
    for one in offers:
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
            yield Problem(
                what, where, text("write it as docs/how-to/write-a-procedure.md says, or name an older covolt")
            )
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
