"""A part written as an FMU: description, a library for each platform, what must be told beside, always the same bytes."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version as version_of

from covolt.errors import InputError, Problem
from covolt.exchange.component import Variable
from covolt.exchange.export.binary import shared_library
from covolt.exchange.export.compiled import CompiledPart, compiled_part
from covolt.exchange.export.description import Model, description_of
from covolt.exchange.export.platforms import Platform, Version, own_platform, platform_named
from covolt.exchange.own_part import AbstractPorted
from covolt.words import text

__all__ = ["About", "fmu_of"]

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest day of an archive: when it was made is nobody's business, and the same part gives the same bytes."""
GLUE_LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class About:
    """What is told of a part beside what it does.

    `shown` names the declared numbers that go along; `constants` adds numbers of the datasheet that are no variables of the part.
    `records` are texts that lie in the FMU under `extra/covolt/`.
    """

    name: str
    meaning: str = ""
    party: str = ""
    version: str = ""
    licence: str = ""
    shown: frozenset[str] = frozenset()
    constants: tuple[Variable, ...] = ()
    records: Mapping[str, str] = field(default_factory=dict[str, str])


def fmu_of(part: AbstractPorted, about: About, version: Version, platforms: Sequence[str] = ()) -> bytes:
    """The FMU of a part for co-simulation, for this platform or those named.

    The machine code is compiled from the traced part; names and sources of what it computes do not go along.

    Raises:
        InputError: the part cannot be compiled, or two of its variables would have one name.
        Unavailable: there is no C compiler for a platform.
    """
    chosen = [platform_named(name) for name in platforms or (own_platform(),)]
    try:
        compiled = compiled_part(part)
    except NotImplementedError as error:
        what = text("covolt cannot compile this part: {reason}", reason=str(error))
        hint = text("give other parts away: a gearbox that shifts, or laws of a party's own, may have no such form")
        raise InputError(Problem(what, about.name, hint)) from error
    constants = _constants(part, about)
    model = _model(part, about, compiled, constants)
    contents = {
        "modelDescription.xml": description_of(compiled, model, version).encode(),
        "documentation/index.html": _page(about, compiled).encode(),
        "documentation/licenses/license.txt": _licence(about).encode(),
        **{f"extra/covolt/{name}": written.encode() for name, written in about.records.items()},
        **{_place(one, model, version): _library(one, compiled, model, version) for one in chosen},
    }
    return _archive(contents)


def _constants(part: AbstractPorted, about: About) -> tuple[Variable, ...]:
    """Numbers that are shown: the part's own where they are asked for, and those of the datasheet beside."""
    own = {one.name: one for one in part.variables() if one.causality == "calculated parameter"}
    taken = {one.name for one in part.variables()} - set(own)
    # A number as it was declared goes before the one that the part computes of it.
    found = {name: one for name, one in own.items() if name in about.shown} | {one.name: one for one in about.constants}
    double = sorted(taken & set(found))
    if double:
        raise InputError(
            Problem(text("'{name}' is a variable already", name=name), about.name, text("do not show this number"))
            for name in double
        )
    return tuple(found.values())


def _model(part: AbstractPorted, about: About, compiled: CompiledPart, constants: tuple[Variable, ...]) -> Model:
    identifier = re.sub(r"[^A-Za-z0-9_]", "_", about.name)
    return Model(
        name=about.name,
        identifier=identifier if identifier[:1].isalpha() else f"part_{identifier}",
        token=compiled.digest,
        meaning=about.meaning,
        version=about.version,
        author=about.party,
        licence=about.licence,
        tool=f"covolt {version_of('covolt')}",
        constants=constants,
        feedthrough=part.feedthrough(),
        usual_step_s=1.0,
    )


def _place(platform: Platform, model: Model, version: Version) -> str:
    return f"{platform.folder(version)}/{model.identifier}{platform.ending}"


def _library(platform: Platform, compiled: CompiledPart, model: Model, version: Version) -> bytes:
    shown = [(one.name, float(one.start)) for one in model.constants if isinstance(one.start, (int, float))]
    return shared_library(compiled, shown, model.token, version, platform, model.identifier)


def _page(about: About, compiled: CompiledPart) -> str:
    rows = "\n".join(
        f"<tr><td>{html.escape(one.name)}</td><td>{one.causality}</td>"
        f"<td>{html.escape(one.unit.name if one.unit else '')}</td><td>{html.escape(one.meaning)}</td></tr>"
        for one in (*compiled.parameters, *compiled.inputs, *compiled.outputs)
    )
    name = html.escape(about.name)
    told = html.escape(" ".join(one for one in (about.meaning, about.version, about.party) if one))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title></head><body>\n'
        f"<h1>{name}</h1>\n<p>{told}</p>\n<p>For co-simulation with steps of any length. Numbers are in SI units; a flow is "
        "positive into the part. Within a step the inputs are held; the outputs are those of its end, means of it where so said."
        f"</p>\n<table>\n<tr><th>name</th><th>kind</th><th>unit</th><th>meaning</th></tr>\n{rows}\n</table>\n</body></html>\n"
    )


def _licence(about: About) -> str:
    whose = about.party or "whoever gives it away"
    licence = about.licence or "not stated; ask its owner"
    return (
        f"The model belongs to {whose}. Its licence: {licence}.\n"
        f"The functions of the FMI around it are covolt's, under the licence {GLUE_LICENCE} (SPDX).\n"
    )


def _archive(contents: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()
