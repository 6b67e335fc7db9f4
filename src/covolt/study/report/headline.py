"""What the verdict of a programme covers: requirements, acts, evidence; the sentence that heads a report and ends `verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.study.gate.approval import ApprovalRow
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.unstated_number import unstated_count
from covolt.study.verdicts.verdict import UNCHECKED, Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, joined, plural, text

__all__ = ["Headline", "evidence_of", "headline"]


@dataclass(frozen=True, config=RESULT)
class Evidence:
    """On what requirements stand, and how many of them do."""

    title: Said
    count: int


@dataclass(frozen=True, config=RESULT)
class Headline:
    """How much a verdict covers. `state` is "nothing" where no law or constraint is written, "refused" where one is not
    shown to be met, "open" where acts that hold are not shown, "shown" where all is.

    `acts_shown` counts acts that an agency has signed for at an open gate.
    """

    state: Literal["nothing", "refused", "open", "shown"]
    requirements: int
    laws: int
    laws_met: int
    constraints: int
    constraints_met: int
    acts: int
    acts_shown: int
    evidence: tuple[Evidence, ...]
    """On what the requirements that are met stand, and how many on each."""
    hidden: int = 0
    """How many its reader is not shown: in `requirements` and in no other number, so that none can be told by the rest."""
    unstated_said: Said = field(default_factory=Words)
    """How many verdicts rest on numbers alone that state no uncertainty; empty where none does."""

    @computed_field
    @property
    def big(self) -> Said:
        """The verdict in one sentence, never wider than what is written and shown."""
        written = self.laws + self.constraints
        if self.state == "nothing":
            return text("Nothing is shown: no law and no constraint is written here")
        if self.state == "refused":
            return text("Not acceptable yet")
        met = text("{written} of {written} laws and constraints written here are met", written=written)
        if self.acts == 0:
            return text("{met}; the table of acts has none for this vehicle", met=met)
        if self.state == "open":
            return text(
                "{met}; type approval is not shown: {acts_shown} of {acts} acts",
                met=met,
                acts_shown=self.acts_shown,
                acts=self.acts,
            )
        return text("{met}, and {acts} of {acts} acts that hold are shown", met=met, acts=self.acts)

    @computed_field
    @property
    def scope(self) -> Said:
        """How many of each kind, whatever the verdict."""
        requirements = plural("{count} requirement", "{count} requirements", count=self.requirements)
        if self.hidden:
            requirements = text(
                "{requirements}, {hidden} of them hidden", requirements=requirements, hidden=self.hidden
            )
        return text(
            "{requirements}; {laws_met} of {laws} laws and {constraints_met} of {constraints} "
            "constraints written here met",
            requirements=requirements,
            laws_met=self.laws_met,
            laws=self.laws,
            constraints_met=self.constraints_met,
            constraints=self.constraints,
        )

    @computed_field
    @property
    def acts_said(self) -> Said:
        """Acts shown of those that hold."""
        return text("{acts_shown} of {acts} acts shown", acts_shown=self.acts_shown, acts=self.acts)

    @computed_field
    @property
    def evidence_said(self) -> Said:
        """On what the requirements that are met stand; empty where none is."""
        if not self.evidence:
            return Words()
        total = sum(one.count for one in self.evidence)
        each = joined((joined((one.count, one.title), " ") for one in self.evidence), ", ")
        return text("Of {total} met: {each}", total=total, each=each)


def headline(programme: Programme, verification: Verification, rows: Sequence[ApprovalRow]) -> Headline:
    """What the verdict of a programme covers for its reader; `rows` are its acts, with the agencies that signed.

    What is hidden is counted apart, but for whether all is acceptable.
    """
    every = verification.whole.verdicts
    verdicts = [one for one in every if one.requirement not in programme.hidden]
    kinds = Counter(one.kind for one in verdicts)
    passing = Counter(one.kind for one in verdicts if one.passes)
    hold = [one for one in rows if one.state != "not applicable"]
    shown = sum(one.state == "signed by agency" for one in hold)
    if not any(one.kind in {"law", "constraint"} for one in every):
        state = "nothing"
    elif not verification.acceptable:
        state = "refused"
    else:
        state = "open" if shown < len(hold) else "shown"
    met = Counter(evidence_of(programme, one) for one in verdicts if one.verdict in {"met", UNCHECKED})
    return Headline(
        state=state,
        requirements=len(every),
        laws=kinds["law"],
        laws_met=passing["law"],
        constraints=kinds["constraint"],
        constraints_met=passing["constraint"],
        acts=len(hold),
        acts_shown=shown,
        evidence=tuple(sorted((Evidence(*one) for one in met.items()), key=lambda one: (-one.count, str(one.title)))),
        hidden=len(every) - len(verdicts),
        unstated_said=unstated_count(verdicts),
    )


def evidence_of(programme: Programme, verdict: Verdict) -> Phrase:
    """On what a verdict stands: a document, what a datasheet declares, or a simulation with its level of validation."""
    method = programme.requirements[verdict.requirement].verify.method
    if method == "document":
        return text("by document")
    if method == "declaration" or verdict.procedure == "declaration":
        return text("declared")
    level = verdict.validation_level
    if level is None:
        return text("simulated")
    return text("simulated, level {level}", level=level)
