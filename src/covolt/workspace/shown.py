"""What the workspace answers: documents for its pages and for scripts, of what one party may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Number, Said
from covolt.words import Words

__all__ = [
    "AnswerShown",
    "ChangeRow",
    "ContradictionRow",
    "EventShown",
    "FeedShown",
    "GateMoved",
    "GateName",
    "GateRow",
    "GateTurnedRow",
    "GatesShown",
    "NumberRow",
    "PartyRow",
    "ProgrammeName",
    "ProgrammeShown",
    "ProgrammesShown",
    "ProposalRow",
    "ProposalShown",
    "ProposalsShown",
    "SlotRow",
    "TurnedRow",
    "VerdictRow",
    "VerdictsShown",
]


@dataclass(frozen=True, config=RESULT)
class PartyRow:
    """A party of a programme; `repository` is where it keeps its own files, as far as it tells, and empty where they lie here."""

    id: str
    title: Said
    country: str
    roles: tuple[str, ...]
    repository: str = ""


@dataclass(frozen=True, config=RESULT)
class NumberRow:
    """A number that a part declares. `value` and `u` are in `unit`; `u` is the standard uncertainty, None where none is stated.

    `address` names it for ever: `SLOT/NUMBER`. `mine` says whether the reader's party declares it and may change it.
    """

    address: str
    name: str
    title: Said
    written: str
    value: Number
    u: Number | None
    unit: str
    printed_unit: Said
    basis: str
    source: str
    mine: bool


@dataclass(frozen=True, config=RESULT)
class SlotRow:
    """A slot: who owns it, which part the lock pins in it, whose it is, and what that declares.

    `offers` are those that could fill it, with the one that does.
    """

    id: str
    title: Said
    owner: str
    part: str
    party: str
    digest: str
    numbers: tuple[NumberRow, ...]
    hidden: bool = False
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, config=RESULT)
class GateName:
    """A gate by what it is called."""

    id: str
    title: Said


@dataclass(frozen=True, config=RESULT)
class ProgrammeShown:
    """A programme as a party sees it: its parties, its gates in their order, and what fills each slot of its vehicle.

    `state` is the digest of its content.
    """

    id: str
    title: Said
    summary: Said
    state: str
    commit: str
    parties: tuple[PartyRow, ...]
    slots: tuple[SlotRow, ...]
    gates: tuple[GateName, ...]
    schema: Literal["workspace-programme/1"] = "workspace-programme/1"


@dataclass(frozen=True, config=RESULT)
class ProgrammeName:
    """A programme by what it is called."""

    id: str
    title: Said


@dataclass(frozen=True, config=RESULT)
class ProgrammesShown:
    """The programmes of a workspace."""

    programmes: tuple[ProgrammeName, ...]
    schema: Literal["workspace-programmes/1"] = "workspace-programmes/1"


@dataclass(frozen=True, config=RESULT)
class VerdictRow:
    """One requirement and its verdict. Texts are printed in the unit in which the requirement is written.

    `verdict` is the English word of `standing`. `value` and `margin` are in `unit`, None where there is none or it is hidden.
    `bound_written` is the bound as its owner writes it, where that may be another one; else empty.
    `papers` are the documents that it cites: file, first signs of the digest, and until when it holds. `cites` are the act that
    it cites and who has checked which edition of its text; `calculation` is what its procedure follows. `unstated` where it
    rests on numbers alone of which no ± is stated: nothing says how sure it is.
    """

    requirement: str
    title: Said
    party: str
    kind: str
    gate: str
    verdict: str
    standing: Said
    value: Number | None
    margin: Number | None
    value_text: Said
    bound_text: Said
    margin_text: Said
    probability_text: Said
    unit: Said
    level: int | None
    why: Said
    procedure: str
    procedure_title: Said
    measure: str
    hidden: bool
    bound_written: str = ""
    papers: tuple[Said, ...] = ()
    measure_title: Said = field(default_factory=Words)
    cites: tuple[Said, ...] = ()
    calculation: Said = field(default_factory=Words)
    unstated: bool = False


@dataclass(frozen=True, config=RESULT)
class ContradictionRow:
    """Two requirements that no vehicle can meet together: at least more than another allows at most."""

    at_least: str
    at_most: str
    parties: tuple[str, str]
    gap_text: Said


@dataclass(frozen=True, config=RESULT)
class TurnedRow:
    """A requirement whose value or verdict differs between two vehicles, printed as in `VerdictRow`.

    `unstated` is that of the one after. `breaks` where the one keeps the bound, by its value alone, and the other does not.
    """

    requirement: str
    title: Said
    party: str
    before: Said
    after: Said
    value_before: Said
    value_after: Said
    margin_after: Said
    unit: Said
    worse: bool
    turned: bool
    breaks: bool = False
    bound_text: Said = field(default_factory=Words)
    unstated: bool = False


@dataclass(frozen=True, config=RESULT)
class VerdictsShown:
    """Verdicts on a vehicle. Where `surely` is false they stand on nominal values, and every ± is still being computed.

    `id` names the computation; asked again with it, the whole is answered once it is there. `failed` says why it is not.
    """

    id: str
    state: str
    surely: bool
    headline: Said
    verdicts: tuple[VerdictRow, ...]
    contradictions: tuple[ContradictionRow, ...] = ()
    turned: tuple[TurnedRow, ...] = ()
    failed: tuple[Said, ...] = ()
    notices: tuple[Said, ...] = ()
    """Contracts that the vehicle leaves."""
    schema: Literal["workspace-verdicts/1"] = "workspace-verdicts/1"


@dataclass(frozen=True, config=RESULT)
class ChangeRow:
    """What changes: a number of the part in a slot, `offer` there, or without a slot the bound of the requirement `number`.

    Its texts before and after are as they are written and as they are printed; empty where the bound is hidden now.
    """

    slot: str
    number: str
    before: str
    after: str
    title: Said
    before_text: Said
    after_text: Said
    stated: Said = Words()
    """What its party states beside a part's new number: how sure it is, how it is known, and where from."""
    u: str = ""
    basis: str = ""
    source: str = ""
    """The same as they are written, to be proposed anew."""


@dataclass(frozen=True, config=RESULT)
class AnswerShown:
    """What a party answered. `counts` is false where what it answered to has changed since."""

    party: str
    person: str
    answer: Literal["accept", "refuse"]
    reason: str
    at: str
    counts: bool


@dataclass(frozen=True, config=RESULT)
class ProposalRow:
    """A proposal in a list."""

    number: int
    title: str
    party: str
    person: str
    state: Literal["open", "merged", "withdrawn"]
    at: str
    changes: tuple[ChangeRow, ...]
    overtaken: bool = False
    """Whether a number of it has become another meanwhile: it is merged no more, and is proposed anew."""


@dataclass(frozen=True, config=RESULT)
class GateTurnedRow:
    """What a merge would do to a gate: of which parties it voids sign-offs, whether the gate opens or shuts, and in sentences."""

    gate: str
    was_open: bool
    open: bool
    voided: tuple[str, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, config=RESULT)
class ProposalShown:
    """A proposal: what it changes, the vehicle before and after, who must agree and who has, and what stands against a merge.

    `settled` where it was made from a settlement, which every party may look at. `gates` says what a merge would do to sign-offs
    and gates; it is empty until every ± is there, and once it is no longer open.
    """

    proposal: ProposalRow
    reason: str
    content: str
    must_agree: tuple[str, ...]
    answers: tuple[AnswerShown, ...]
    stands_against: tuple[Said, ...]
    surely: bool
    turned: tuple[TurnedRow, ...]
    commits: Mapping[str, str] = field(default_factory=dict[str, str])
    settled: bool = False
    gates: tuple[GateTurnedRow, ...] = ()
    schema: Literal["workspace-proposal/1"] = "workspace-proposal/1"


@dataclass(frozen=True, config=RESULT)
class ProposalsShown:
    """The proposals of a programme, newest first."""

    proposals: tuple[ProposalRow, ...]
    schema: Literal["workspace-proposals/1"] = "workspace-proposals/1"


@dataclass(frozen=True, config=RESULT)
class GateRow:
    """A gate: open, or what holds it shut. `asks` are parties whose sign-off it waits for now: given before, and no longer
    standing, or the last thing that it lacks.
    """

    id: str
    title: Said
    open: bool
    blocks: tuple[Said, ...]
    planned: str
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, config=RESULT)
class GatesShown:
    """The gates of a programme in their order; computed with every ±, or still being so."""

    state: str
    surely: bool
    gates: tuple[GateRow, ...]
    schema: Literal["workspace-gates/1"] = "workspace-gates/1"


@dataclass(frozen=True, config=RESULT)
class GateMoved:
    """What moved at a gate: whether it opened or shut, and what its criteria lack now and lacked before."""

    gate: str
    turned: Literal["opened", "shut", ""]
    said: tuple[Said, ...]


@dataclass(frozen=True, config=RESULT)
class EventShown:
    """One thing that happened, in a sentence, what came of it, and which gates moved by it."""

    sequence: int
    at: str
    party: str
    person: str
    verb: str
    subject: str
    said: Said
    effects: tuple[Said, ...]
    hash: str
    person_said: Said
    gates: tuple[GateMoved, ...] = ()


@dataclass(frozen=True, config=RESULT)
class FeedShown:
    """What happened in a programme, newest first."""

    events: tuple[EventShown, ...]
    schema: Literal["workspace-feed/1"] = "workspace-feed/1"
