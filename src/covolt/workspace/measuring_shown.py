"""What the workspace answers of what to measure next: numbers by what they decide, and verdicts by what carries their ±."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Number, Said
from covolt.workspace.shown import VerdictRow

__all__ = ["CarriedRow", "DecidedRow", "MeasureShown", "NumberAsked", "OpenVerdict", "UnstatedRow"]


@dataclass(frozen=True, config=RESULT)
class DecidedRow:
    """A verdict that is decided, and as what."""

    requirement: str
    title: Said
    verdict: str
    standing: Said


@dataclass(frozen=True, config=RESULT)
class NumberAsked:
    """A number that carries the ± of verdicts, or all numbers of a `party` that the reader does not see (`hidden`).

    `address` is its `SLOT/NUMBER` where a datasheet declares it, else empty; of a `generic` number of covolt's models `instead`
    says what `party` can state in its place. `u` is its standard uncertainty today, `half` half of it. `decides` are verdicts
    that are decided where it is halved, `carries` counts those whose ± it carries.
    """

    key: str
    address: str
    slot: str
    party: str
    title: Said
    hidden: bool
    generic: bool
    mine: bool
    instead: Said
    u: Said
    half: Said
    decides: tuple[DecidedRow, ...]
    carries: int


@dataclass(frozen=True, config=RESULT)
class CarriedRow:
    """What one number, by its `key`, carries of the ± of a verdict.

    `share` of the variance falls away were it known exactly. With its uncertainty halved the margin is `margin_text`, and the
    verdict `verdict`, by `probability_text`. `needed` is its greatest uncertainty at which the verdict is decided, and
    `needed_share` that by today's; empty and None where not even the exact number decides it.
    """

    key: str
    share: Number
    share_text: Said
    margin_text: Said
    probability_text: Said
    verdict: str
    standing: Said
    needed: Said
    needed_share: Number | None


@dataclass(frozen=True, config=RESULT)
class OpenVerdict:
    """A verdict within uncertainty, and what carries its ±, the most first.

    Where no number alone decides it halved, `together` are the keys of the shortest list that does, and `together_standing` the
    verdict then; where no list does, `move` is by how much the margin must move at today's ±.
    """

    verdict: VerdictRow
    carried: tuple[CarriedRow, ...]
    together: tuple[str, ...]
    together_standing: Said
    move: Said


@dataclass(frozen=True, config=RESULT)
class UnstatedRow:
    """A number that states no uncertainty, and the verdicts of which therefore nobody says how sure they are.

    `spelling` is what its party writes beside it to state one; number, address and spelling are empty where it is `hidden`.
    """

    party: str
    slot: str
    address: str
    title: Said
    spelling: str
    hidden: bool
    requirements: tuple[str, ...]


@dataclass(frozen=True, config=RESULT)
class MeasureShown:
    """What to measure next. Where `surely` is false every ± is still being computed, and nothing is told yet.

    `asked` are numbers in the order of how many verdicts each decides alone, where it is known twice as well.
    """

    state: str
    surely: bool
    asked: tuple[NumberAsked, ...]
    open: tuple[OpenVerdict, ...]
    unstated: tuple[UnstatedRow, ...]
    failed: tuple[Said, ...] = ()
    schema: Literal["workspace-measure/1"] = "workspace-measure/1"
