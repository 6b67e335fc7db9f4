"""What other packages offer under a group of entry points: loaded one after the other, each held to what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from covolt.errors import InputError, Problem
from covolt.words import text

__all__ = ["take_from_packages"]

Take = Callable[[object, str], Iterable[Problem]]


def take_from_packages(group: str, take: Take) -> None:
    """Hand everything that packages offer under `group` to `take`, an object or each of several, with where it is offered.

    Args:
        group: name of the entry points, which are gone through by their names.
        take: keeps what it is handed, or says what is wrong with it.

    Raises:
        InputError: every problem of all of them.
    """
    points = sorted(entry_points(group=group), key=lambda one: (one.name, one.value))
    if problems := [problem for point in points for problem in _problems(point, take)]:
        raise InputError(problems)


def _problems(point: EntryPoint, take: Take) -> Iterator[Problem]:
    package = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    where = f"entry point {point.name} = {point.value}{package}"
    try:
        offered: object = point.load()
    except Exception as error:  # another package's code may fail in any way as it is imported
        said = text("it cannot be loaded: {name}: {error}", name=type(error).__name__, error=str(error))
        yield Problem(said, where, text("mend or uninstall that package"))
        return
    several = isinstance(offered, list | tuple)
    for one in cast("Iterable[object]", offered) if several else (offered,):
        yield from take(one, where)
