"""What the workspace answers of a study: the designs that were judged, what moves in them, and how each stands to demands."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Number, Said

__all__ = ["StudiedMeasure", "StudiedVariable", "StudyDesign", "StudyShown"]


@dataclass(frozen=True, config=RESULT)
class StudiedMeasure:
    """What a requirement asks of every design: its bound in `unit`, how many designs meet it, and who reads it."""

    requirement: str
    title: Said
    party: str
    at_least: bool
    bound: Number
    unit: str
    printed_unit: Said
    met: int
    readers: Said


@dataclass(frozen=True, config=RESULT)
class StudiedVariable:
    """What its owner lets move, and in which slot."""

    id: str
    title: Said
    party: str
    slot: str
    printed_unit: Said
    readers: Said


@dataclass(frozen=True, config=RESULT)
class StudyDesign:
    """One design; the first is today's vehicle. Values by variable, found values and verdicts by measure, in their order.

    `meets` counts what it meets. `leaves` says whether it leaves a contract, `lost` why it could not be judged.
    """

    design: int
    values: tuple[Number | str, ...]
    found: tuple[Number | None, ...]
    verdicts: tuple[str, ...]
    meets: int
    leaves: bool
    lost: str


@dataclass(frozen=True, config=RESULT)
class StudyShown:
    """A study as the party that asked for it may see it; `meeting` designs meet all that is asked, within contracts."""

    measures: tuple[StudiedMeasure, ...]
    variables: tuple[StudiedVariable, ...]
    designs: tuple[StudyDesign, ...]
    meeting: int
    schema: Literal["workspace-study/1"] = "workspace-study/1"
