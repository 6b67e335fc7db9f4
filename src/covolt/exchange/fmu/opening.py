"""Opens FMUs: unpacks one into a folder of its own, and makes of an unpacked one the component that runs in the worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from covolt.errors import InputError, NotFound, Problem
from covolt.exchange.archive import Archive, opened_archive
from covolt.exchange.fmu.component import FmuComponent
from covolt.exchange.fmu.description import DESCRIPTION, described, read_description
from covolt.exchange.fmu.documents import FORMS, Form, ModelDescription
from covolt.exchange.fmu.library import binary_name, here, platforms_of
from covolt.exchange.fmu.sources import compile_sources
from covolt.exchange.wasm import Bounds, component_name
from covolt.words import text

__all__ = ["binary_in", "form_of", "open_in_worker", "unpacked"]


def unpacked(
    path: Path, folder: Path, form: str = "", *, native: bool = False, unprotected: bool = False
) -> tuple[ModelDescription, Form]:
    """Unpack an FMU into a new, empty folder, and compile it where it brings sources alone; which of its forms is run.

    A WebAssembly component is taken before the binary of this machine, since it is the safer one; unless `native`.

    Raises:
        InputError: it cannot be run here: nothing in it for this machine, another mode, or the archive is refused.
    """
    with opened_archive(path) as archive:
        model = read_description(archive)
        chosen = form_of(model, form, path.name)
        compiled = _is_compiled(archive, model, chosen, native=native)
        archive.unpack(folder)
    if compiled:
        compile_sources(folder, model, chosen, unprotected=unprotected)
    return model, chosen


def form_of(model: ModelDescription, asked: str, where: str) -> Form:
    """The form that is run: what was asked for, else co-simulation where there is one.

    Raises:
        InputError: it does not offer it; an FMU for scheduled execution alone is told how to be exported.
    """
    if not model.forms:
        what = text("it offers scheduled execution alone, which needs a real-time scheduler")
        raise InputError(Problem(what, where, text("export it anew from its tool as a co-simulation")))
    if asked and asked not in model.forms:
        what = text("it offers no {asked}, but {forms}", asked=asked, forms=", ".join(model.forms))
        raise NotFound(Problem(what, where, text("choose one of {forms}", forms=", ".join(model.forms))))
    return next(one for one in FORMS if one == asked) if asked else model.forms[0]


def _is_compiled(archive: Archive, model: ModelDescription, form: Form, *, native: bool) -> bool:
    """Whether its binary is to be made of its sources.

    Raises:
        InputError: there is nothing in it for this machine.
    """
    identifier = model.interfaces[form].identifier
    name = binary_name(model, identifier)
    if name in archive or (not native and model.major > 2 and component_name(identifier) in archive):
        return False
    here_name = here(model.major)[0]
    there = platforms_of(archive.names)
    if here_name in there:
        what = text("its binary {file} is missing", file=name)
        raise InputError(Problem(what, archive.path.name, text("ask who made it: the archive is not whole")))
    if archive.within("sources"):
        return True
    what = text(
        "it has no binary for this machine ({here}); it has {there}",
        here=here_name,
        there=", ".join(there) or text("none"),
    )
    hint = text("ask who made it for a binary for {here}, or run it on such a machine", here=here_name)
    raise InputError(Problem(what, archive.path.name, hint))


def open_in_worker(folder: Path, options: Mapping[str, Any]) -> FmuComponent:
    """The component of an unpacked FMU: the factory that the sandbox's worker calls.

    Options: "form", "digest" (of the file), "called", "tolerance_ratio"; "native" to pass over a WebAssembly component; of such
    a component "deadline_s" and "memory_bytes" of each call.

    Raises:
        InputError: its description is wrong, or its binary cannot be loaded.
    """
    content = (folder / DESCRIPTION).read_bytes()
    model = described(content, DESCRIPTION, str(options.get("digest", "")))
    form = form_of(model, str(options.get("form", "")), model.name)
    binary = binary_in(folder, model, form, native=bool(options.get("native")))
    asked = options.get("tolerance_ratio")
    usual = Bounds()
    bounds = Bounds(
        float(options.get("deadline_s") or usual.deadline_s), int(options.get("memory_bytes") or usual.memory_bytes)
    )
    ratio = float(asked) if asked else None
    called = str(options.get("called", ""))
    return FmuComponent(model, form, binary, folder, tolerance_ratio=ratio, bounds=bounds, called=called)


def binary_in(folder: Path, model: ModelDescription, form: Form, *, native: bool = False) -> Path:
    """The binary that is run, of an unpacked FMU."""
    identifier = model.interfaces[form].identifier
    component = folder / component_name(identifier)
    if not native and model.major > 2 and component.is_file():
        return component
    return folder / binary_name(model, identifier)
