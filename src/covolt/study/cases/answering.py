"""The use case `proposal accept` and `refuse`: what a party says to its proposal, once that holds as things are now."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import Conflict, Forbidden, NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.programme.documents import Programme
    from covolt.programme.proposal import Answer, Bound, Proposal
    from covolt.study.negotiation.answers import Answered

__all__ = ["ProposalOptions", "Written", "answer", "is_unaltered", "newest_beside", "opened"]


@dataclass(frozen=True)
class ProposalOptions:
    """Who answers which proposal, by which file of a private key, in which role."""

    file: Path
    programme: Path
    key: Path | None = None
    role: str = ""
    bounds: tuple[str, ...] = ()
    remarks: str = ""
    day: str | None = None


@dataclass(frozen=True)
class Written:
    """The file of an answer, whether it lay there `already` and said the same, of which day, and what is told beside."""

    path: Path
    already: bool
    on: str
    notices: tuple[Problem, ...]


def answer(asked: ProposalOptions, word: str, *, findings: Findings | None = None) -> Written:
    """Accept or refuse a proposal as its party, in a file beside it; answers that lie there stay, and the newest counts.

    A refusal may say the worst that the party accepts, `INTEREST=VALUE`, of its interests and its negotiable requirements.

    Raises:
        Conflict: the proposal does not hold as programme and settlement are now: lock, requirements, offers, what may move.
        Forbidden: only what the party has signed is its word, and no key signs it, or one that may not.
        InputError: every other problem of the proposal, the programme and the bounds.
    """
    from covolt.contract.document import dumps
    from covolt.files import write_whole
    from covolt.programme.answered import note_seen, seen_of
    from covolt.programme.key_coherence import must_sign
    from covolt.programme.pledging import sign_answer
    from covolt.programme.proposal import Answer, digest_of_proposal
    from covolt.programme.signing import read_key
    from covolt.study.negotiation.answers import bound_problems
    from covolt.study.negotiation.holding import held

    findings = findings or Findings()
    proposal, read = opened(asked.file, asked.programme, findings, asked.day)
    found = held(proposal, asked.file, read, is_unaltered)
    for problem in found.problems:
        findings.add(problem, Conflict)
    if found.alone and word == "accept":
        findings.add(_alone(asked.file), Conflict)
    bounds = _bounds(asked.bounds, findings)
    for problem in bound_problems(read, proposal.party, bounds, findings.called("bounds")):
        findings.add(problem)
    key = asked.key
    if key is None and must_sign(read, proposal.party):
        what = text("only what {party} has signed is its word", party=proposal.party)
        findings.add(Problem(what, findings.called("key"), text("name the file of its key")), Forbidden)
    private = None if key is None else findings.take(lambda: read_key(key))
    findings.demand_none()
    before, notices = newest_beside(proposal, asked.file, read)
    seen = seen_of(proposal.programme, proposal.party, proposal.settlement)
    number, follows = (0, "") if before is None else (before.said.number, before.digest)
    outdated = seen is not None and (seen.number, seen.digest) != (number, follows) and seen.number >= number
    if seen is not None and outdated:
        number, follows = seen.number, seen.digest
    said = Answer(
        programme=proposal.programme,
        party=proposal.party,
        lock=proposal.lock,
        settlement=proposal.settlement,
        proposal=digest_of_proposal(proposal),
        answer="accept" if word == "accept" else "refuse",
        on=read.day,
        bounds=tuple(bounds),
        gain=proposal.gain,
        design=proposal.design,
        remarks=asked.remarks,
        number=number + 1,
        follows=follows,
    )
    if before is not None and not outdated and _says_the_same(before.said, said, private):
        return Written(before.path, True, before.said.on, (*found.notices, *notices))
    if private is not None:
        said = sign_answer(read, private, said, asked.role, f"{findings.called('key')} {key}")
    path = _free(asked.file, said.number)
    write_whole(path, dumps(said))
    note_seen(said)
    return Written(path, False, said.on, (*found.notices, *notices))


def is_unaltered(content: str) -> bool:
    """Whether a settlement is as it was written, by the digest that it bears."""
    from covolt.study.report.seal import is_whole

    try:
        return is_whole(content)
    except ValueError:
        return False


def _alone(file: Path) -> Problem:
    """That nothing says whether others are shown the same: a refusal needs nothing beside it."""
    from covolt.study.negotiation.holding import CARD

    what = text("there is no {file} beside it: without the settlement nothing is accepted", file=CARD)
    return Problem(what, str(file.parent), text("ask for it where the proposal comes from"))


def _says_the_same(before: Answer, now: Answer, private: Ed25519PrivateKey | None) -> bool:
    """Whether an answer says what the one before says, by the same key where one signs it."""
    from covolt.programme.keys import fingerprint_of
    from covolt.programme.signing import public_hex

    if private is not None:
        key = "" if before.signature is None else before.signature.key
        if key != fingerprint_of(public_hex(private)):
            return False
    same = ("answer", "proposal", "bounds", "remarks")
    return all(getattr(before, name) == getattr(now, name) for name in same)


def newest_beside(proposal: Proposal, file: Path, read: Programme) -> tuple[Answered | None, tuple[Problem, ...]]:
    """The newest answer to a proposal that lies beside it and counts, and why others of its party do not."""
    from covolt.study.negotiation.answers import answers_beside

    found = answers_beside(file, read)
    key = (proposal.settlement, proposal.party)
    newest = next((one for one in found.counting if one.of == key), None)
    own = {one.name for one in file.parent.glob(f"{file.stem}.answer*.toml")}
    return newest, tuple(one for one in found.idle if Path(str(one.where)).name in own)


def _free(file: Path, number: int) -> Path:
    """Where an answer is written: no other lies there, so that none is lost."""
    from covolt.study.negotiation.answers import ANSWER

    path = file.with_name(f"{file.stem}{ANSWER}")
    at = number
    while os.path.lexists(path) or (number > 1 and path.name.endswith(ANSWER)):
        path = file.with_name(f"{file.stem}{ANSWER.removesuffix('.toml')}-{max(2, at)}.toml")
        at = max(2, at) + 1
    return path


def opened(file: Path, programme: Path, findings: Findings, day: str | None) -> tuple[Proposal, Programme]:
    """A proposal, and the whole programme that it speaks of.

    Raises:
        InputError: it is no proposal, or one of another programme.
    """
    from covolt.contract.document import loads, read_unlinked
    from covolt.programme.proposal import Proposal
    from covolt.study.gate.check import read_whole

    proposal = findings.take(lambda: loads(read_unlinked(file), Proposal, str(file)))
    read = findings.take(lambda: read_whole(programme, day=day))
    if proposal is not None and read is not None and proposal.programme != read.charter.id:
        what = text("it is a proposal of the programme '{programme}'", programme=proposal.programme)
        findings.add(Problem(what, str(file), text("name the folder of that programme")))
    elif proposal is not None and read is not None and proposal.party not in read.parties:
        what = text("no party '{party}' in this programme", party=proposal.party)
        findings.add(Problem(what, str(file), named(proposal.party, read.parties)), NotFound)
    findings.demand_none()
    if proposal is None or read is None:
        raise RuntimeError("there is no proposal, and no problem says why")
    return proposal, read.whole


def _bounds(written: Sequence[str], findings: Findings) -> list[Bound]:
    """Bounds as an option states them, each `INTEREST=VALUE`."""
    from covolt.programme.proposal import Bound
    from covolt.programme.text import IDENTIFIER

    found: list[Bound] = []
    for each in written:
        name, _, worst = (one.strip() for one in each.partition("="))
        if re.fullmatch(IDENTIFIER, name) and worst:
            found.append(Bound(of=name, worst=worst))
        else:
            what = text("'{written}' is no bound", written=each)
            findings.add(Problem(what, findings.called("bounds"), text('write it such as "PRICE=1350 kRUB"')))
    return found
