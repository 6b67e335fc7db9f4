"""Requirements that documents show: the files that they cite, and the verdict by them."""

from __future__ import annotations

from covolt.programme.documents import Programme
from covolt.programme.requirement import Evidence, Requirement
from covolt.study.verdicts.verdict import Verdict
from covolt.words import Phrase, Words, joined, text

__all__ = ["evidence_fault", "evidence_file", "of_document"]

NOT_CITED = text("no document is cited")


def evidence_file(programme: Programme, requirement: Requirement, cited: Evidence) -> str | None:
    """Place of a file that a requirement cites; None where there is none, or a link leads to it."""
    place = programme.beside("requirement", requirement.id, cited.path)
    return place if programme.files.link(place) is None and programme.files.is_file(place) else None


def evidence_fault(programme: Programme, requirement: Requirement, cited: Evidence) -> Phrase:
    """Why a file that a requirement cites is taken for none."""
    if programme.files.link(programme.beside("requirement", requirement.id, cited.path)) is not None:
        return text("a link leads to {path}", path=cited.path)
    return text("{path} is not there", path=cited.path)


def of_document(requirement: Requirement, programme: Programme) -> Verdict:
    """Verdict by documents: met where every file stands unchanged and in date; stale where it changed or ran out."""
    reasons: list[Phrase] = []
    missing = not requirement.evidence
    for one in requirement.evidence:
        path = evidence_file(programme, requirement, one)
        if path is None:
            missing = True
            reasons.append(evidence_fault(programme, requirement, one))
            continue
        if programme.files.digest(path) != one.digest:
            reasons.append(text("{path} is not the file that was cited", path=one.path))
        if one.valid_until and one.valid_until < programme.day:
            reasons.append(text("{path} was valid until {valid_until}", path=one.path, valid_until=one.valid_until))
    standing = "not verified" if missing else "stale" if reasons else "met"
    return Verdict(
        requirement=requirement.id,
        verdict=standing,
        owner=requirement.party,
        kind=requirement.kind,
        procedure="document",
        evidence=", ".join(one.digest for one in requirement.evidence),
        why=joined(reasons) if reasons else NOT_CITED if missing else Words(),
    )
