"""Checking a programme without driving: what its requirements ask for exists, its parts can be computed, evidence is there."""

from __future__ import annotations

from collections.abc import Iterator

from covolt.errors import InputError, Problem
from covolt.library.join import model_problems
from covolt.programme.folder import Programme, digest_of_file
from covolt.study.verification import requirement_problems

__all__ = ["check_programme"]


def check_programme(programme: Programme) -> list[Problem]:
    """Raise all problems; return what is no mistake but is still missing: evidence, offers, a lock."""
    problems = requirement_problems(programme)
    for name, part in programme.parts.items():
        problems += [
            Problem(one.what, f"{programme.where('part', name, 'model')}: {one.where}", one.hint)
            for one in model_problems(part.fills, part)
        ]
    if problems:
        raise InputError(problems)
    notices = [*_unoffered(programme), *_evidence(programme)]
    if programme.lock is None:
        notices.append(Problem("no part is chosen yet", "programme.lock", "covolt lock"))
    return notices


def _unoffered(programme: Programme) -> Iterator[Problem]:
    for name, part in programme.parts.items():
        where = programme.where("part", name)
        if part.reference not in programme.offers:
            yield Problem(f"{part.reference} is not offered yet", where, "covolt offer")
        elif programme.offers[part.reference].datasheet != part:
            yield Problem(
                f"{part.reference} is no longer what was offered", where, "raise its version, then covolt offer"
            )


def _evidence(programme: Programme) -> Iterator[Problem]:
    for requirement in programme.requirements.values():
        if requirement.verify.method != "document":
            continue
        where = programme.where("requirement", requirement.id, "evidence")
        if not requirement.evidence:
            yield Problem(f"{requirement.id} has no evidence", where, "cite the document and its digest")
        folder = programme.file_of("requirement", requirement.id).parent
        for one in requirement.evidence:
            path = folder / one.path
            if not path.is_file():
                yield Problem(f"the evidence {one.path} is not there", where, "bring the file")
            elif digest_of_file(path) != one.digest:
                yield Problem(f"the evidence {one.path} is not what was cited", where, "cite the new digest")
