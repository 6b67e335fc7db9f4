"""The use case `ssp check`: what an SSP joins and sets, and everything in it that is not joined, not applied or passed over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from covolt.exchange.base_units import Conversion
from covolt.exchange.component import Unit, Value
from covolt.exchange.ssp import Flat, Models, Step, flattened, opened_ssp, problem_of
from covolt.exchange.ssp.graph import label_of
from covolt.study.result import RESULT, Notice, Number, Said, notices

__all__ = [
    "SspComponent",
    "SspConnection",
    "SspDocument",
    "SspOpen",
    "SspParameter",
    "check_ssp",
    "document_of",
    "steps_said",
    "value_said",
]

MOST_SHOWN = 8
"""Elements of an array that are printed."""


@dataclass(frozen=True, config=RESULT)
class SspComponent:
    """A component of an SSP, by its name in the whole system."""

    name: str
    source: str
    form: str
    digest: str


@dataclass(frozen=True, config=RESULT)
class SspConnection:
    """An input and the output that it takes, through however many levels, with what becomes of the value on its way."""

    source: str
    source_unit: str
    target: str
    target_unit: str
    conversion: str


@dataclass(frozen=True, config=RESULT)
class SspParameter:
    """A value that a binding sets."""

    variable: str
    value: str
    unit: str
    of: str
    overridden: bool
    where: str


@dataclass(frozen=True, config=RESULT)
class SspOpen:
    """A connector to which nothing is joined, and what that means."""

    connector: str
    kind: str
    meaning: Said
    where: str


@dataclass(frozen=True, config=RESULT)
class SspDocument:
    """What an SSP joins and sets, and everything in it that is not joined, not applied or passed over."""

    name: str
    version: str
    digest: str
    start_s: Number | None
    stop_s: Number | None
    components: tuple[SspComponent, ...]
    connections: tuple[SspConnection, ...]
    outputs: tuple[SspConnection, ...]
    parameters: tuple[SspParameter, ...]
    unapplied: tuple[Notice, ...]
    unjoined: tuple[SspOpen, ...]
    notices: tuple[Notice, ...]
    schema: Literal["ssp/1"] = "ssp/1"


def check_ssp(path: Path, structure: str = "") -> SspDocument:
    """Read an SSP and everything in it, run nothing, and say what is joined, set, open and passed over.

    Args:
        path: an .ssp file, an .ssd file beside its resources, or a folder.
        structure: name of another .ssd in the package than SystemStructure.ssd.

    Raises:
        InputError: with every problem of every document and model in it.
    """
    with opened_ssp(path, structure) as read:
        return document_of(flattened(read, models := Models(), models.items, models.resized))


def document_of(flat: Flat) -> SspDocument:
    """A flat system as others read it."""
    read = flat.structure
    units = {
        (one.name, variable.name): variable.unit
        for one in flat.components
        for variable in (one.description.variables if one.description else ())
    }

    def unit(port: tuple[str, str]) -> str:
        return _name(units.get(port) or units.get((port[0], port[1].rpartition("[")[0])))

    return SspDocument(
        name=read.name,
        version=read.version,
        digest=read.digest,
        start_s=read.start_s,
        stop_s=read.stop_s,
        components=tuple(
            SspComponent(
                one.name,
                one.element.source or "",
                one.description.form if one.description else one.element.media,
                one.description.digest if one.description else "",
            )
            for one in flat.components
        ),
        connections=tuple(
            SspConnection(
                _port(one.source), unit(one.source), _port(one.target), _name(one.way.unit), steps_said(one.way.steps)
            )
            for one in flat.joints
        ),
        outputs=tuple(
            SspConnection(_port(one.source), unit(one.source), one.name, _name(one.unit), steps_said(one.way.steps))
            for one in flat.outlets
        ),
        parameters=tuple(
            SspParameter(
                f"{label_of(one.component)}.{one.variable}",
                value_said(one.value),
                one.unit.name if one.unit else "",
                one.by,
                one.overridden,
                one.place,
            )
            for one in flat.bindings.applied
        ),
        unapplied=notices(problem_of(one) for one in flat.bindings.left),
        unjoined=tuple(SspOpen(one.point, one.kind, one.meaning, one.place) for one in flat.open),
        notices=notices(flat.notices),
    )


def steps_said(steps: Sequence[Step]) -> str:
    """What becomes of a value, as a formula: "0.001 x + 273.15"; empty where it passes as it is."""
    return ", ".join(_step_said(one) for one in steps)


def _step_said(step: Step) -> str:
    if isinstance(step, Conversion):
        factor = "x" if step.factor == 1.0 else f"{step.factor:g} x"
        return factor if step.offset == 0.0 else f"{factor} {'+' if step.offset > 0.0 else '-'} {abs(step.offset):g}"
    shown = [f"{one:g}: {other:g}" for one, other in step.items()]
    return "{" + ", ".join(shown[:MOST_SHOWN]) + (", …" if len(shown) > MOST_SHOWN else "") + "}"


def value_said(value: Value) -> str:
    """A value as a file would have it; of a long array the first elements."""
    if isinstance(value, np.ndarray):
        shown = [value_said(one) for one in value.reshape(-1)[:MOST_SHOWN].tolist()]
        return " ".join(shown) + (f" … ({value.size})" if value.size > MOST_SHOWN else "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value[:MOST_SHOWN].hex() + ("…" if len(value) > MOST_SHOWN else "")
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _name(unit: Unit | None) -> str:
    return unit.name if unit is not None else ""


def _port(port: tuple[str, str]) -> str:
    return ".".join(one for one in port if one)
