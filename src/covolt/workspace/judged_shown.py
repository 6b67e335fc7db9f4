"""What the workspace answers of one gate, and of what an agency is asked to sign."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said
from covolt.workspace.shown import GateRow, VerdictRow

__all__ = ["ActShown", "AgencyShown", "CriterionShown", "GateShown", "SignatureShown"]


@dataclass(frozen=True, config=RESULT)
class CriterionShown:
    """One criterion of a gate: its title, how it is written, and what it still lacks; empty where it is fulfilled."""

    id: str
    title: Said
    check: str
    fulfilled: bool
    lacking: Said


@dataclass(frozen=True, config=RESULT)
class SignatureShown:
    """A sign-off of a gate: asked for and missing, or given, and whether it counts. `asked` is false for one nobody asks for."""

    party: str
    role: str
    who: Said
    asked: bool
    given: bool
    counts: bool
    date: str
    reads: Said
    moved: tuple[Said, ...]


@dataclass(frozen=True, config=RESULT)
class GateShown:
    """A gate with what it asks for and what there is: criteria, the requirements due there as evidence, and sign-offs.

    `digest` is what a sign-off names. `dossier` says why the reader cannot fetch its dossier here, empty where that is possible.
    """

    state: str
    surely: bool
    gate: GateRow
    late_days: int
    people: bool
    criteria: tuple[CriterionShown, ...]
    evidence: tuple[VerdictRow, ...]
    signatures: tuple[SignatureShown, ...]
    notes: tuple[Said, ...]
    digest: str
    dossier: Said
    schema: Literal["workspace-gate/1"] = "workspace-gate/1"


@dataclass(frozen=True, config=RESULT)
class ActShown:
    """An act of type approval: how it stands, by which requirements, and why not.

    It is `shown` when an agency has signed an open gate for it, `fulfilled` where nothing is found against it, and `checked`
    where somebody has checked its row against its text. One that is not for this vehicle does not `hold`.
    """

    act: str
    title: Said
    holds: bool
    shown: bool
    fulfilled: bool
    checked: bool
    reads: Said
    why: Said
    requirements: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, config=RESULT)
class AgencyShown:
    """What a party that signs for an agency looks at: laws, acts, and the gates in which its sign-off is asked. No designs.

    `acts_said` counts the acts as `covolt approval` does, and `caveats` are what that tells beside them.
    """

    state: str
    surely: bool
    laws: tuple[VerdictRow, ...]
    acts: tuple[ActShown, ...]
    acts_said: Said
    caveats: tuple[Said, ...]
    gates: tuple[GateShown, ...]
    schema: Literal["workspace-agency/1"] = "workspace-agency/1"
