"""The documents of a programme: by kind and name, where each stands, and whose word of them counts here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from covolt.contract.architecture import vehicle_slot
from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.display import AbstractShown, Table
from covolt.errors import Problem, Unavailable
from covolt.programme.agreement import Contract
from covolt.programme.charter import Charter, Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.design_space import DesignVariable
from covolt.programme.files import ProgrammeFiles
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.lock import Lock
from covolt.programme.negative import Negative
from covolt.programme.party import Party
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.slot import Slot
from covolt.programme.standing import Standings, Trust, standings_of
from covolt.programme.table import DatedTable
from covolt.words import text

__all__ = ["Lines", "Programme"]

Lines = Mapping[tuple[str | int, ...], int]


@dataclass(frozen=True, repr=False)
class Programme(AbstractShown):
    """All documents of a programme by kind and name, and where each stands."""

    files: ProgrammeFiles
    charter: Charter
    parties: Mapping[str, Party]
    slots: Mapping[str, Slot]
    contracts: Mapping[str, Contract]
    scenarios: Mapping[str, Scenario]
    gates: Mapping[str, Gate]
    requirements: Mapping[str, Requirement]
    interests: Mapping[str, Interest]
    parts: Mapping[str, Datasheet]
    offers: Mapping[str, Offer]
    signoffs: Mapping[str, SignOff | KeyedSignOff]
    checked: Mapping[str, CheckedTexts]
    keys: Mapping[str, PartyKey]
    revocations: Mapping[str, Revocation]
    signatures: Mapping[str, Signature]
    lock: Lock | None
    day: str
    """On which it was read, by UTC: the clock is whoever opens the door's."""
    tables: Mapping[str, DatedTable] = field(default_factory=dict[str, DatedTable])
    """Dated tables, by name."""
    designs: Mapping[str, DesignVariable] = field(default_factory=dict[str, DesignVariable])
    """What owners let move of their parts, by name."""
    negatives: Mapping[str, Negative] = field(default_factory=dict[str, Negative])
    """What went wrong before, by name."""
    trust: Trust = field(default_factory=Trust)
    """What this user knows of the parties' keys; it comes from outside the programme."""
    origin: Mapping[tuple[str, str], tuple[str, Lines]] = field(
        repr=False, default_factory=dict[tuple[str, str], tuple[str, Lines]]
    )
    unread: frozenset[str] = frozenset()
    """Names that files which could not be read would give: nobody is told that these are missing."""
    unread_sources: tuple[str, ...] = ()
    """Places of these files."""
    drafts: tuple[Problem, ...] = ()
    """What is wrong with parts that cannot be read: they are nobody's offer, and hold nobody else up."""
    digests: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])
    """Digest of each file as it was read: who writes looks whether it still is so."""
    reader: str | None = None
    """The party as which it is read; None where nobody says."""
    reader_slots: frozenset[str] | None = None
    """Slots for which that reader acts; all that the party does where that is None."""
    hidden: frozenset[str] = frozenset()
    """Requirements of others that this reader is not shown: of these only owner, kind and gate stand here."""
    behind: Programme | None = field(repr=False, default=None)
    """The same without anything hidden, where something may be."""

    @property
    def whole(self) -> Programme:
        """All that the parties wrote: what is verified, judged at gates, signed and written, whoever reads."""
        return self.behind or self

    @property
    def tables_unread(self) -> bool:
        """Whether a table of the programme could not be read: what is in none of the others may be in that one."""
        return any(one.startswith("tables/") for one in self.unread_sources)

    def seen_by(
        self, party: str | None, beside: Programme | None = None, slots: frozenset[str] | None = None
    ) -> Programme:
        """The programme as a party reads it, or as whoever speaks for none does; what `beside` hides is hidden here too.

        Who acts for some `slots` of the party alone sees of what it keeps as its own only what concerns these.
        """
        from covolt.programme.seen import seen_by

        return seen_by(self, party, beside, slots)

    def as_tables(self) -> list[Table]:
        """Who takes part, and what fills each slot."""
        from covolt.programme.overview import overview

        return overview(self)

    @property
    def root(self) -> Path:
        """Folder of the programme; raises where it was read from bytes, for nothing can be written there."""
        if self.files.folder is None:
            what = text("this programme lies in no folder: nothing can be written to it, and no earlier state is known")
            raise Unavailable(Problem(what, self.charter.id, text("read it from a folder")))
        return self.files.folder

    def where(self, kind: str, name: str, *keys: str | int) -> str:
        """Place of a key of a document, as `slots/battery.toml:4`."""
        source, lines = self.origin.get((kind, name), (kind, {}))
        path: tuple[str | int, ...] = keys
        line = next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), None)
        return f"{source}:{line}" if line else source

    @cached_property
    def standings(self) -> Standings:
        """Which keys and statements count here, on the day of reading."""
        return self.standings_under(self.trust)

    @cached_property
    def consistent(self) -> Standings:
        """Which would count if every first key were trusted: what the documents say by themselves."""
        return self.standings_under(Trust())

    def standings_under(self, trust: Trust) -> Standings:
        """Which keys and statements count under a trust."""
        own = {name: one.left for name, one in self.parties.items() if one.left}
        left = own | {name: min(day, own.get(name, day)) for name, day in trust.left.items()}
        keys, revocations = self.keys.values(), self.revocations.values()
        return standings_of(self.charter.id, keys, revocations, trust, self.day, left)

    def vehicle_slot(self, slot: Slot) -> str:
        """The vehicle's slot that a slot of the programme is, whose contract is there."""
        return vehicle_slot(slot.id, self.contracts[slot.contract].demanded.name)

    def file_of(self, kind: str, name: str) -> Path:
        """File in which a document stands, in the folder of the programme."""
        return self.root / self.origin[kind, name][0]

    def beside(self, kind: str, name: str, path: str) -> str:
        """Place of a file that a document names by its path from its own folder."""
        return (PurePosixPath(self.origin[kind, name][0]).parent / path).as_posix()
