"""The card of a settlement: what every party gives and gets, which bounds move, which numbers change, as a reader sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.negotiation.admission import Stage
from covolt.study.result import RESULT, Notice, Number, Said
from covolt.study.verdicts.verdict import Standing
from covolt.words import Phrase, Words

__all__ = [
    "ActRow",
    "Agreement",
    "AgreementRow",
    "Card",
    "ChangeRow",
    "JudgedRow",
    "LawRow",
    "NearestRow",
    "StakeRow",
    "Stands",
    "State",
    "Sure",
]

State = Literal["agreed", "open", "none left"]
"""All parties accept, or somebody has still to answer, or no design is acceptable to all."""
Agreement = Literal["by what it states", "accepted", "refused", "asked"]
"""How a party stands to a settlement: by its stated worst acceptable values, by its own answer, or still to answer."""


@plain(frozen=True)
class Stands:
    """How a party stands to a settlement, and why; of its answer day, and where it is signed fingerprint and role of the key."""

    agreement: Agreement
    why: Phrase
    on: str = ""
    key: str = ""
    role: str = ""


@dataclass(frozen=True, config=RESULT)
class Sure:
    """A value with its uncertainty as a verdict has it: `expanded` is U = 2 u, about 95 %, `probability` that it conforms.

    `bound_kept` is the bound that it would keep with 95 %, in its unit, in five digits; `why` says what the verdict says beside
    itself, and `tables` which of the programme decide it and what they are. `unstated` names the declared numbers without a
    stated uncertainty on which it rests alone: then it has neither U nor probability.
    """

    verdict: Standing
    value: Number | None
    expanded: Number | None
    probability: Number | None
    said: Said
    bound_kept: Number | None = None
    why: Said = field(default_factory=Words)
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    unstated: Said = field(default_factory=Words)


@dataclass(frozen=True, config=RESULT)
class AgreementRow:
    """A party that has to agree. `gain` is 0 at its worst and 1 at its aspiration; None where that is hidden.

    Where it has answered, `on` is the day, and where it has signed that, `key` the fingerprint of its key and `role` its role.
    """

    party: str
    gain: Number | None
    agreement: Agreement
    why: Said
    on: str = ""
    key: str = ""
    role: str = ""


@dataclass(frozen=True, config=RESULT)
class StakeRow:
    """An interest before and after, in `unit`; None where the study has no number.

    `sure_…` are the same with their uncertainties, against the worst that the party accepts; None where nobody asked for them.
    """

    party: str
    interest: str
    title: Said
    unit: str
    weight: Number
    worst_acceptable: Number
    aspiration: Number
    before: Number | None
    after: Number | None
    sure_before: Sure | None = None
    sure_after: Sure | None = None


@dataclass(frozen=True, config=RESULT)
class ChangeRow:
    """A number of a part, or the offer itself, before and after, each with its unit."""

    party: str
    slot: str
    number: str
    before: str
    after: str


@dataclass(frozen=True, config=RESULT)
class JudgedRow:
    """A requirement before and after, by what is computed alone, and as `sure_…` with its uncertainty, where that was asked for.

    `moves` is how far its bound has to move, in `unit`; else 0. Where it moves, `needed` is the bound as it is to be written
    anew, in five digits, and `sure_needed` the value held against that.
    """

    requirement: str
    title: Said
    owner: str
    kind: str
    unit: str
    side: Literal["at_least", "at_most"]
    bound: Number
    verdict_before: str
    verdict_after: str
    value_before: Number | None
    value_after: Number | None
    margin_before: Number | None
    margin_after: Number | None
    moves: Number
    needed: Number | None = None
    sure_before: Sure | None = None
    sure_after: Sure | None = None
    sure_needed: Sure | None = None


@dataclass(frozen=True, config=RESULT)
class LawRow:
    """A requirement that is law, in the settled vehicle: what is known of it, and whether it is shown to be met.

    `by` says how: "verified" with its uncertainty, "computed" alone, by a "document", or by "nothing". `shown` is only what is
    verified or cited and met. Of a law that the reader may not read only `owner` is told. `…_computed` are what is computed
    alone, as a proposal has it; empty where no study asks for the law.
    """

    requirement: str
    title: Said
    owner: str
    regulation: str
    by: Literal["verified", "computed", "document", "nothing"]
    verdict: str
    shown: bool
    unit: str = ""
    side: Literal["at_least", "at_most", ""] = ""
    bound: Number | None = None
    value: Number | None = None
    sure: Sure | None = None
    why: Said = field(default_factory=Words)
    verdict_computed: str = ""
    value_computed: Number | None = None


@dataclass(frozen=True, config=RESULT)
class ActRow:
    """An act of the programme's markets for which something stands open in the settled vehicle, by what is verified of it."""

    act: str
    title: Said
    state: Said
    why: Said


@dataclass(frozen=True, config=RESULT)
class NearestRow:
    """What a party would have to accept at worst of an interest, at least, for `design` to be acceptable to all, in `unit`."""

    party: str
    interest: str
    title: Said
    unit: str
    worst_acceptable: Number
    needed: Number
    design: int


@dataclass(frozen=True, config=RESULT)
class Card:
    """A settlement of a programme, as `reader` may see it, or whoever speaks for no party.

    `design` is its number in the study, of whose `designs` it is one, `tied` all that are as good by the rule. `excluding` are
    demands that no design meets together, where none is left; one that the reader may not read stands there by its party alone.
    `nearest` says how far an interest that keeps every design out by itself would have to give way, by what the reader may read.
    `rests_on` are the digests of the documents on which it rests, as the reader may read them, and `digest` is that of the card.
    """

    programme: str
    reader: str
    rule: str
    state: State
    settlement: str
    lock: str
    study: str
    designs: int
    design: int | None
    tied: tuple[int, ...]
    stage: Stage | None
    parties: tuple[AgreementRow, ...]
    interests: tuple[StakeRow, ...]
    numbers: tuple[ChangeRow, ...]
    requirements: tuple[JudgedRow, ...]
    laws: tuple[LawRow, ...]
    excluding: tuple[Said, ...]
    nearest: tuple[NearestRow, ...]
    notices: tuple[Notice, ...]
    acts: tuple[ActRow, ...] = ()
    rests_on: Mapping[str, str] = field(default_factory=dict[str, str])
    covolt: str = ""
    digest: str = ""
    schema: Literal["negotiation/1"] = "negotiation/1"
