"""What the workspace answers of states of a programme: which there are, two beside each other, and all in their order."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.cases.parties import Parties
from covolt.study.gate.negatives import GuardRow
from covolt.study.result import RESULT, Number, Said
from covolt.workspace.shown import TurnedRow

__all__ = [
    "ComparedShown",
    "DifferenceRow",
    "GateAt",
    "GuardedRow",
    "HistoryShown",
    "MarginRow",
    "StateAt",
    "StateRow",
    "StatesShown",
]


@dataclass(frozen=True, config=RESULT)
class StateRow:
    """A state: `id` is `now`, `commit:HASH`, `baseline:NAME`, `before:NUMBER` or `proposal:NUMBER`; when it came, and of what."""

    id: str
    at: str
    said: Said


@dataclass(frozen=True, config=RESULT)
class StatesShown:
    """The states of a programme, the newest first."""

    states: tuple[StateRow, ...]
    schema: Literal["workspace-states/1"] = "workspace-states/1"


@dataclass(frozen=True, config=RESULT)
class DifferenceRow:
    """One thing that differs and whose doing it is, as each state has it, in the words of the documents."""

    party: str
    what: str
    before: str
    after: str
    kind: str


@dataclass(frozen=True, config=RESULT)
class ComparedShown:
    """Two states beside each other: what differs, and which verdicts and values moved, the largest effect first."""

    before: StateRow
    after: StateRow
    surely: bool
    failed: tuple[Said, ...]
    differences: tuple[DifferenceRow, ...]
    turned: tuple[TurnedRow, ...]
    unmoved_count: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    schema: Literal["workspace-compared/1"] = "workspace-compared/1"


@dataclass(frozen=True, config=RESULT)
class GateAt:
    """A gate at one state: open or not, and how much held it."""

    id: str
    open: bool
    blocks_count: int


@dataclass(frozen=True, config=RESULT)
class StateAt:
    """One state in the order in which they came: how many requirements had which verdict, and how the gates stood.

    Gates are judged once every ± is there, where `surely`: a sign-off covers these; before, there are none.
    """

    state: StateRow
    counts: dict[str, int]
    gates: tuple[GateAt, ...]
    surely: bool


@dataclass(frozen=True, config=RESULT)
class MarginRow:
    """The margin of a requirement at each of the states, in its own unit, nominal; None where it had none."""

    requirement: str
    title: Said
    unit: Said
    margins: tuple[Number | None, ...]


@dataclass(frozen=True, config=RESULT)
class GuardedRow:
    """What went wrong before, and what watches it now."""

    id: str
    title: Said
    party: str
    when: Said
    promise: Said
    happened: Said
    state: Said
    met: bool
    why: Said
    guards: tuple[GuardRow, ...]


@dataclass(frozen=True, config=RESULT)
class HistoryShown:
    """How a programme came to be what it is: baselines, old failures and their guards, levels, margins and gates over time.

    Of earlier states `pending` have not every ± yet: whoever asks and waits has one more computed each time. `measures` names
    those of levels in words, as far as covolt knows them.
    """

    baselines: tuple[StateRow, ...]
    negatives: tuple[GuardedRow, ...]
    levels: Parties
    states: tuple[StateAt, ...]
    margins: tuple[MarginRow, ...]
    surely: bool
    pending: int = 0
    measures: dict[str, Said] = field(default_factory=dict[str, Said])
    schema: Literal["workspace-history/1"] = "workspace-history/1"
