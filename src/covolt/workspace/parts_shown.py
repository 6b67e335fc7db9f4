"""What the workspace answers of one slot: its contract, its part, the offers for it, and the architecture that slots make."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said
from covolt.workspace.shown import NumberRow

__all__ = [
    "ArchitectureShown",
    "ContractShown",
    "ContractState",
    "LimitRow",
    "LinkRow",
    "NodeRow",
    "OfferHead",
    "OfferLine",
    "PartShown",
    "PartView",
    "PortRow",
    "PromiseRow",
    "TracedNumber",
    "TracedRow",
]

ContractState = Literal["kept", "broken", "empty", "hidden"]
"""How a part stands to the contract of its slot; `empty` where none is locked, `hidden` where the reader may not see it."""


@dataclass(frozen=True, config=RESULT)
class PortRow:
    """A quantity that crosses the border of a part, by its path: `dc.voltage`. `direction` is seen from the part."""

    path: str
    quantity: str
    unit: Said
    direction: str
    range: Said
    optional: bool
    meaning: str


@dataclass(frozen=True, config=RESULT)
class LimitRow:
    """A limit of a contract, what the locked part declares, and whether it holds; None where the reader may not see that."""

    number: str
    title: Said
    limit: Said
    offered: Said
    holds: bool | None


@dataclass(frozen=True, config=RESULT)
class PromiseRow:
    """A promise that is tested, and its sentence."""

    name: str
    sentence: str


@dataclass(frozen=True, config=RESULT)
class ContractShown:
    """The contract of a slot: the interface as agreed between parties, its limits, and the promises that are tested."""

    reference: str
    title: Said
    between: tuple[str, ...]
    interface: str
    state: ContractState
    ports: tuple[PortRow, ...]
    limits: tuple[LimitRow, ...]
    promises: tuple[PromiseRow, ...]


@dataclass(frozen=True, config=RESULT)
class TracedRow:
    """When a number became what it is: by which proposal, of whom, and in which commit of that party's repository.

    `proposal` is 0 where the number came with the programme.
    """

    at: str
    party: str
    person: str
    proposal: int
    before: Said
    after: Said
    commit: str


@dataclass(frozen=True, config=RESULT)
class TracedNumber:
    """A number, and its changes, the newest first."""

    number: NumberRow
    changes: tuple[TracedRow, ...]


@dataclass(frozen=True, config=RESULT)
class OfferHead:
    """An offer that could fill a slot, and what speaks against it."""

    offer: str
    party: str
    digest: str
    locked: bool
    older: bool
    of_the_owner: bool
    reasons: tuple[Said, ...]


@dataclass(frozen=True, config=RESULT)
class OfferLine:
    """What each of the offers states of one thing, in their order; empty where one states nothing."""

    name: Said
    values: tuple[Said, ...]


@dataclass(frozen=True, config=RESULT)
class PartView:
    """What one reader sees of the part in a slot and of the offers for it."""

    reader: str
    part: str
    party: str
    digest: str
    hidden: bool
    readers: Said
    licence: str
    chemistry: str
    model: str
    contract: ContractShown | None
    numbers: tuple[TracedNumber, ...]
    offers: tuple[OfferHead, ...]
    lines: tuple[OfferLine, ...]


@dataclass(frozen=True, config=RESULT)
class PartShown:
    """All about one slot as the reader sees it, and beside it as another would, of what both may see."""

    slot: str
    title: Said
    owner: str
    commit: str
    own: PartView
    other: PartView | None
    schema: Literal["workspace-part/1"] = "workspace-part/1"


@dataclass(frozen=True, config=RESULT)
class NodeRow:
    """A slot in the architecture: whose, filled by which part, and how that stands to its contract."""

    slot: str
    title: Said
    owner: str
    part: str
    contract: str
    interface: str
    state: ContractState


@dataclass(frozen=True, config=RESULT)
class LinkRow:
    """What couples two slots: by which ports, what flows there, and how the contracts of both ends stand."""

    one: str
    other: str
    ports: tuple[str, str]
    quantities: tuple[str, ...]
    state: ContractState


@dataclass(frozen=True, config=RESULT)
class ArchitectureShown:
    """The slots of a vehicle and what couples them."""

    slots: tuple[NodeRow, ...]
    links: tuple[LinkRow, ...]
    schema: Literal["workspace-architecture/1"] = "workspace-architecture/1"
