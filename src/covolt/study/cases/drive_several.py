"""The use case `drive` of several: cars beside each other over the same cycles, every option read before the first drive."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from covolt.errors import CovoltError, NotFound, Problem, kind_of
from covolt.study.cases.drive import DriveOptions, DriveResult, carry_out, read_options
from covolt.study.cases.options import Findings, Patience, Progress, Wish, heed, silent
from covolt.words import text

__all__ = ["cars_of", "drive_several", "each"]


def cars_of(names: Sequence[str]) -> list[str]:
    """Cars by name or path; a folder stands for the files of cars in it.

    Raises:
        InputError: a folder holds none.
    """
    folders = {name for name in names if name and Path(name).is_dir()}
    found = [one for name in names for one in (_cars_in(Path(name)) if name in folders else [name])]
    empty = [name for name in names if name in folders and not _cars_in(Path(name))]
    if empty:
        hint = text("put the cars' TOML files there, or name a car")
        raise NotFound([Problem(text("this folder holds no file of a car"), name, hint) for name in empty])
    return list(dict.fromkeys(found))


def _cars_in(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.toml")) if _may_be_a_car(path)]


def _may_be_a_car(path: Path) -> bool:
    """Whether a file says nothing else of itself; one that cannot be read is told as a car that is wrong."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get("schema", "car/1") == "car/1"
    except (OSError, ValueError):
        return True


def drive_several(
    options: Sequence[DriveOptions],
    spelled: Mapping[str, str] | None = None,
    patience: Patience = nullcontext,
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> Iterator[DriveResult]:
    """Each drive as it is done, in the order of the options.

    Raises:
        Cancelled: where `cancelled` says so before a drive; those before it are done.
        InputError: every problem of all of them, each once, before the first drive.
    """
    orders, problems, kinds = [], dict[Problem, None](), set[type[CovoltError]]()
    for one in options:
        try:
            orders.append(read_options(one, Findings(spelled)))
        except CovoltError as error:
            problems |= dict.fromkeys(error.problems)
            kinds.add(type(error))
    if problems:
        raise kind_of(kinds)(list(problems))
    for done, order in enumerate(orders):
        heed(cancelled)
        progress(done, len(orders))
        yield carry_out(order, patience)


def each(options: DriveOptions, cars: Sequence[str], cycles: Sequence[str | None]) -> list[DriveOptions]:
    """The same conditions for every car over every cycle."""
    return [replace(options, car=car, cycle=cycle) for car in cars for cycle in cycles]
