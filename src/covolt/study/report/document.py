"""The report as a document: its machine-readable twin, from which the page is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.gate.approval import ApprovalRow
from covolt.study.gate.dated import LawByDate
from covolt.study.gate.gates import GateState
from covolt.study.gate.negatives import NegativeRow
from covolt.study.report.chain import SourceRow
from covolt.study.report.curves import CurveDrawn
from covolt.study.report.director import Director
from covolt.study.report.headline import Headline
from covolt.study.report.seal import BLANK
from covolt.study.report.stages import Stage
from covolt.study.result import RESULT, Notice, Number, Said
from covolt.study.verdicts.attribution import Change
from covolt.study.verdicts.conformance import Conformance
from covolt.study.verdicts.correlated import Correlation
from covolt.study.verdicts.levels_moved import LevelsMoved
from covolt.study.verdicts.rests_on import RestsOn
from covolt.study.verdicts.turned import TurnedVerdict
from covolt.study.verdicts.unstated_number import Unstated
from covolt.study.verdicts.verdict import Contribution, Reading, Standing

__all__ = [
    "CarCompared",
    "ChoiceRow",
    "ComparisonTable",
    "Conflict",
    "ConflictSide",
    "DriveDrawn",
    "Estimate",
    "Figure",
    "Flow",
    "Grid",
    "MovedMargin",
    "NextRow",
    "NumberRow",
    "PartyRow",
    "Protocol",
    "ProtocolLine",
    "Report",
    "RequirementRow",
    "SinceRow",
    "SlotRow",
    "UnusedNumber",
]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class RequirementRow:
    """A requirement with its verdict, as `Verdict` says; of one that is its party's own, another reader sees neither numbers,
    bound, conditions nor evidence: they are null.

    `value_text` is the value with U, rounded as U; `held` is what holds the value so that no declared number moves it; `scenario`
    says the conditions in words; `protocol` and `line` name the protocol and the line that give the value; `sources` are the
    numbers that weigh most in it.
    """

    requirement: str
    title: Said
    owner: str
    owner_title: Said
    kind: str
    gate: str
    safety: bool
    regulation: str
    private: bool
    verdict: Standing
    procedure: str
    measure: str
    unit: str
    sign: Literal["≥", "≤"]
    bound: Number | None
    value: Number | None
    margin: Number | None
    margin_text: Said | None
    value_text: Said | None
    held: Said | None
    uncertainty: Number | None
    expanded: Number | None
    inputs: Number | None
    models: Number | None
    probability: Number | None
    laws: Mapping[str, Number] | None
    contributions: tuple[Contribution, ...] | None
    unchecked: tuple[str, ...] | None
    checked: tuple[Reading, ...] | None
    conditions: Mapping[str, str | float] | None
    scenario: Said | None
    protocol: str
    line: str
    sources: tuple[SourceRow, ...] | None
    evidence: str | None
    stands_on: Said | None
    validation_level: int | None
    model_levels: Mapping[str, int]
    why: Said
    tables: Mapping[str, str] | None = None
    foreign: tuple[RestsOn, ...] | None = None
    unstated: tuple[Unstated, ...] | None = None


@dataclass(frozen=True, config=RESULT)
class ConflictSide:
    """One of two requirements that exclude one another."""

    requirement: str
    title: Said
    owner: str
    owner_title: Said
    bound: str | float


@dataclass(frozen=True, config=RESULT)
class Conflict:
    """Bounds on one measure under the same conditions that no vehicle can meet together."""

    measure: str
    at_least: ConflictSide
    at_most: ConflictSide
    gap: Number
    unit: str


@dataclass(frozen=True, config=RESULT)
class PartyRow:
    """A party and what it requires."""

    id: str
    title: Said
    country: str
    roles: tuple[str, ...]
    requirements: tuple[RequirementRow, ...]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class NumberRow:
    """A number that would decide a verdict if it were known twice as well, as `Contribution` says."""

    origin: Literal["input", "model"]
    party: str
    slot: str
    number: str
    title: Said
    effect: Number
    uncertainty: Number
    unit: str
    by_law: Mapping[str, Number]
    half: Number
    instead: Said | None


@dataclass(frozen=True, config=RESULT)
class ChoiceRow:
    """Numbers whose uncertainties, halved, decide a verdict, and which one it then is."""

    numbers: tuple[NumberRow, ...]
    probability: Number
    verdict: Standing


@dataclass(frozen=True, config=RESULT)
class NextRow:
    """What would decide one verdict, as `NextStep` says."""

    requirement: str
    title: Said
    unit: str
    alone: tuple[ChoiceRow, ...]
    together: ChoiceRow | None
    move: Number | None


@dataclass(frozen=True, config=RESULT)
class UnusedNumber:
    """A declared number that the chosen model leaves out, and why."""

    name: str
    why: Said


@dataclass(frozen=True, config=RESULT)
class SlotRow:
    """A slot with the offer that fills it, its model, and the promises that its contract tests.

    `signed` says who signed the offer, or that nobody known here did; `requirements` are those in which its numbers weigh most;
    `charging` has the interfaces by which it is charged; `foreign` by which door a part that is not covolt's was asked, at its
    worst share.
    """

    id: str
    title: Said
    owner: str
    offer: str
    digest: str
    contract: str
    model: str
    level: int
    not_used: tuple[UnusedNumber, ...]
    promises: tuple[Conformance, ...]
    signed: Said
    requirements: tuple[str, ...]
    charging: tuple[Said, ...] = ()
    foreign: tuple[RestsOn, ...] = ()


@dataclass(frozen=True, config=RESULT)
class Figure:
    """A figure of the vehicle in its printed unit."""

    name: str
    value: Number
    unit: str


@dataclass(frozen=True, config=RESULT)
class Flow:
    """One line of the energy ledger of the drive."""

    name: str
    kind: str
    energy_J: Number


@dataclass(frozen=True, config=RESULT)
class DriveDrawn:
    """The drive that the report shows: its mission, energies and charts, and the parts that are not covolt's behind it."""

    mission: str
    distance: Number
    ambient: Number
    drawn: Number
    recuperated: Number
    outcome: Said | None
    charts: tuple[CurveDrawn, ...]
    ledger: tuple[Flow, ...]
    foreign: tuple[RestsOn, ...] = ()


@dataclass(frozen=True, config=RESULT)
class MovedMargin:
    """A margin that moved, as `Difference` says."""

    requirement: str
    title: Said
    unit: str
    before: Number
    after: Number
    contributions: Mapping[str, Number]
    total: Number
    scale: Number


@dataclass(frozen=True, config=RESULT)
class SinceRow:
    """What moved since an earlier state, and by whom."""

    baseline: Said
    does_not_stand: tuple[Notice, ...]
    changes: tuple[Change, ...]
    compared: int
    parties: tuple[str, ...]
    differences: tuple[MovedMargin, ...]
    turned: tuple[TurnedVerdict, ...] = ()


@dataclass(frozen=True, config=RESULT)
class CarCompared:
    """Cost and greenhouse gases of one car; lists go by the grids of the table."""

    title: Said
    cost: Number | None
    use: tuple[Number | None, ...]
    life: tuple[Number | None, ...]
    break_even: tuple[Number | None, ...]


@dataclass(frozen=True, config=RESULT)
class Grid:
    """The electricity of a country, and of which date its figures are."""

    country: str
    date: str


@dataclass(frozen=True, config=RESULT)
class ComparisonTable:
    """This car beside petrol, diesel and gas cars."""

    rows: tuple[CarCompared, ...]
    grids: tuple[Grid, ...]
    title: str


@dataclass(frozen=True, config=RESULT)
class ProtocolLine:
    """One numbered value of a protocol, as `Line` says, in its printed unit too; `gives` names what requirements it answers."""

    number: str
    title: Said
    value_si: Number
    unit: str
    symbol: str
    clause: str
    shown: Number
    checked: bool
    gives: tuple[str, ...]


@dataclass(frozen=True, config=RESULT)
class Estimate:
    """A measure by one of several laws or prices that disagree, in its printed unit."""

    title: Said
    by: Said
    shown: Number
    unit: str
    gives: tuple[str, ...]


@dataclass(frozen=True, config=RESULT)
class Protocol:
    """The protocol of one record, with the requirements that stand on it.

    `scenario` says its conditions in words; of its lines `steps` follow a text, and `steps_checked` of them one that somebody
    has checked, as `checked` says.
    """

    id: str
    procedure: str
    title: Said
    scenario: Said
    regulation: str
    steps: int
    steps_checked: int
    checked: tuple[Reading, ...]
    requirements: tuple[str, ...]
    validation_level: int
    lines: tuple[ProtocolLine, ...]
    remarks: tuple[Said, ...]
    estimates: tuple[Estimate, ...] = ()
    """Measures that requirements ask for and on which published laws or prices disagree, by each of them."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Report:
    """Everything that the report of a programme says to its reader."""

    schema: Literal["report/1"] = "report/1"
    digest: str = BLANK
    """Of the text of this document, taken with a blank in its place."""
    covolt: str
    title: Said
    summary: Said | None
    date: str
    """Handed in, else the day of the commit of the lock; empty where there is none."""
    reader: str = ""
    """The party for whom it was made."""
    base: str = ""
    """What it was asked to compare with."""
    state: str = ""
    """Digest of all that it was made from."""
    told: Mapping[str, str] = field(default_factory=dict[str, str])
    """What it tells, row by row, by which an earlier report is compared with a later one."""
    lock: str
    locked_on: str
    signed_on: str = ""
    """Day of the latest signature shown; empty where there is none."""
    checked_on: str = ""
    """Day on which a text on which something here stands was checked last."""
    accepted: bool
    headline: Headline
    director: Director
    stages: tuple[Stage, ...]
    counts: Mapping[Standing, int]
    blocking: tuple[RequirementRow, ...]
    contradictions: tuple[Conflict, ...]
    parties: tuple[PartyRow, ...]
    next: tuple[NextRow, ...]
    correlations: tuple[Correlation, ...]
    slots: tuple[SlotRow, ...]
    figures: tuple[Figure, ...]
    drive: DriveDrawn
    curves: tuple[CurveDrawn, ...]
    since: SinceRow | None
    gates: tuple[GateState, ...]
    comparison: ComparisonTable | None
    approval: tuple[ApprovalRow, ...]
    law: LawByDate = field(default_factory=LawByDate)
    negatives: tuple[NegativeRow, ...] = ()
    levels: LevelsMoved = field(default_factory=LevelsMoved)
    """What parties measure at their levels, and who gains and loses since the earlier state."""
    protocols: tuple[Protocol, ...]
