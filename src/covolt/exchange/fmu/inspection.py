"""An FMU looked at without running it: platforms, libraries it needs, licences, and what its description leaves doubtful."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.archive import Archive, opened_archive
from covolt.exchange.base_units import contradiction, is_known
from covolt.exchange.fmu.binaries import Binary, binaries_of
from covolt.exchange.fmu.description import DESCRIPTION, read_description
from covolt.exchange.fmu.documents import FmuVariable, ModelDescription
from covolt.exchange.fmu.library import here, platforms_of
from covolt.exchange.wasm import PLATFORM, read_layer
from covolt.suggestion import few
from covolt.words import plural, text

__all__ = ["Inspection", "inspect"]

_DEPENDENCIES = ("documentation/externalDependencies.txt", "documentation/externalDependencies.html")
_LICENCE_FOLDERS = ("documentation/licenses", "documentation/licences", "licenses")
_MOST_DOUBTS = 200
_SHOWN = 300


@final
@dataclass(frozen=True)
class Inspection:
    """What was seen."""

    path: Path
    model: ModelDescription
    platforms: tuple[str, ...]
    runs_here: bool
    sources: bool
    binaries: tuple[Binary, ...]
    licences: tuple[str, ...]
    """Files of licences."""
    dependencies: str
    """The file that declares what it needs outside; empty where there is none."""
    doubts: tuple[Problem, ...]
    """What does not keep it from being read, and should be known before it is run."""


def inspect(path: Path) -> Inspection:
    """Look at an FMU.

    Raises:
        InputError: its archive or its description is refused; all problems at once.
    """
    with opened_archive(path) as archive:
        model = read_description(archive)
        binaries = binaries_of(archive)
        platforms = platforms_of(archive.names)
        dependencies = next((one for one in _DEPENDENCIES if one in archive), "")
        doubts = [*_of_binaries(archive, model, binaries, dependencies), *_of_variables(model, path.name)]
        doubts += _of_units(model, path.name)
        doubts += _of_validation(archive, path)
        if PLATFORM in platforms:
            doubts += _of_layer(archive, model)
        return Inspection(
            path,
            model,
            platforms,
            here(model.major)[0] in platforms or (model.major > 2 and PLATFORM in platforms),
            bool(archive.within("sources")),
            binaries,
            tuple(one for folder in _LICENCE_FOLDERS for one in archive.within(folder)),
            dependencies,
            tuple(doubts[:_MOST_DOUBTS]),
        )


def _of_binaries(
    archive: Archive, model: ModelDescription, binaries: tuple[Binary, ...], dependencies: str
) -> Iterator[Problem]:
    name = archive.path.name
    for one in binaries:
        place = f"{name}, {one.name}"
        if not one.kind:
            yield Problem(text("this is no shared library of a known kind"), place, text("ask who made it"))
        if one.undeclared and not dependencies:
            what = text(
                "needs {libraries}, which it neither brings nor declares", libraries=", ".join(one.undeclared[:8])
            )
            yield Problem(
                what, place, text("see that they are there wherever it runs, or ask who made it to put them in")
            )
    for form, interface in model.interfaces.items():
        if interface.needs_tool:
            what = text("its {form} needs its tool to run", form=form)
            yield Problem(what, name, text("see that the tool and its licence are there wherever it runs"))


def _of_layer(archive: Archive, model: ModelDescription) -> Iterator[Problem]:
    """What does not keep to FMI-LS-WASM, of an FMU with a WebAssembly component."""
    if model.major < 3:
        what = text("it has a WebAssembly component, which only FMI 3.0 knows")
        yield Problem(what, archive.path.name, text("have it exported as FMI 3.0"))
    try:
        read_layer(archive)
    except InputError as error:
        yield from error.problems


def _of_units(model: ModelDescription, name: str) -> Iterator[Problem]:
    """Units that are not what their names say, and ports that state none."""
    crossing = [one.variable for one in model.variables if one.variable.causality in {"input", "output", "parameter"}]
    for unit in {one.unit.name: one.unit for one in crossing if one.unit is not None}.values():
        if (what := contradiction(unit)) is not None:
            yield Problem(what, f"{name}, {DESCRIPTION}", text("ask who made it whether the numbers are in that unit"))
    bare = [one.name for one in crossing if one.kind == "real" and one.unit is None and one.causality != "parameter"]
    if bare:
        what = plural(
            "{count} port states no unit: {ports}", "{count} ports state no unit: {ports}", len(bare), ports=few(bare)
        )
        yield Problem(what, name, text("where they stand for a part of a vehicle their numbers are taken as SI"))


def _of_variables(model: ModelDescription, name: str) -> Iterator[Problem]:
    for one in model.variables:
        variable = one.variable
        place = f"{name}, {one.name}"
        unit = variable.unit if variable.causality in {"input", "output"} else None
        if unit is not None and not is_known(unit):
            what = text("nobody says what its unit '{unit}' is made of", unit=unit.name)
            yield Problem(what, place, text("ask who made it to define the unit: it joins no other until then"))
        if (why := _outside(one)) is not None:
            yield Problem(
                text("its start value {value} lies outside of its range", value=why), place, text("ask who made it")
            )


def _outside(one: FmuVariable) -> str | None:
    stated = one.variable
    if stated.start is None or stated.kind not in {"real", "integer", "enumeration"}:
        return None
    values = np.atleast_1d(np.asarray(stated.start, dtype=np.float64)).reshape(-1)
    low = -np.inf if stated.minimum is None else stated.minimum
    high = np.inf if stated.maximum is None else stated.maximum
    wrong = values[~((values >= low) & (values <= high))]  # what is no number lies in no range
    return f"{wrong[0]:g}" if wrong.size else None


def _of_validation(archive: Archive, path: Path) -> Iterator[Problem]:
    """What FMPy's validation finds against the schema and the rules of the standard; its words are its own."""
    from fmpy import read_model_description
    from fmpy.model_description import ValidationError

    try:
        read_model_description(str(path), validate=True, validate_variable_names=True, validate_model_structure=True)
    except ValidationError as error:
        found = [str(one) for one in error.problems]
    except (zipfile.BadZipFile, OSError):
        found = []
    except Exception as error:  # whatever its parser raises of a file that ours has read
        found = [str(error)]
    else:
        found = []
    for one in found[:_MOST_DOUBTS]:
        what = text("against the standard: {what}", what=" ".join(one.split())[:_SHOWN])
        yield Problem(what, f"{archive.path.name}, {DESCRIPTION}", text("tell who made it"))
