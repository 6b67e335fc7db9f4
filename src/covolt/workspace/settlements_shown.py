"""What the workspace answers of settlements: vehicles that all could sign, what each party gives and gets, and what moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.negotiation.card import Card
from covolt.study.result import RESULT, Number, Said
from covolt.workspace.shown import ChangeRow

__all__ = ["GivenWay", "SettlementOption", "SettlementsShown"]


@dataclass(frozen=True, config=RESULT)
class GivenWay:
    """An interest whose party would have to accept `needed` in place of the worst that it states, in `unit`."""

    party: str
    interest: str
    title: Said
    worst_acceptable: Number
    needed: Number
    unit: str


@dataclass(frozen=True, config=RESULT)
class SettlementOption:
    """A vehicle that is fair by these `rules`: its card as the reader may see it, and what a proposal of it changes.

    `given_way` is empty where it is acceptable by what all parties state. `against` says why it cannot be proposed as it is.
    `words` are what people read for units, verdicts and rules. `runner` is the party whose own
    runner computed it; empty where the workspace did.
    """

    rules: tuple[str, ...]
    given_way: tuple[GivenWay, ...]
    card: Card
    changes: tuple[ChangeRow, ...]
    notices: tuple[Said, ...]
    against: tuple[Said, ...]
    words: Mapping[str, Said] = field(default_factory=dict[str, Said])
    runner: str = ""


@dataclass(frozen=True, config=RESULT)
class SettlementsShown:
    """Settlements among `designs` vehicles in which what `levers` name moves, within contracts.

    `excluding` are demands that no such vehicle meets together, where none is acceptable by what all parties state.
    """

    designs: int
    levers: tuple[str, ...]
    options: tuple[SettlementOption, ...]
    excluding: tuple[Said, ...]
    schema: Literal["workspace-settlements/1"] = "workspace-settlements/1"
