"""The use cases `negotiate` and `proposal`: the settlement that all can sign, and what each party says to its proposal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from covolt.errors import Conflict, Forbidden, NotFound, Problem
from covolt.study.cases.options import Findings, Progress, silent
from covolt.suggestion import named
from covolt.words import Language, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.proposal import Bound, Proposal
    from covolt.study.designs.space import DesignSpace
    from covolt.study.negotiation.bargaining import Rule
    from covolt.study.negotiation.card import Card, State
    from covolt.study.negotiation.outcome import Outcome, Stands
    from covolt.study.negotiation.proposal_shown import ProposalShown
    from covolt.study.negotiation.question import Study
    from covolt.study.result import Notice

__all__ = ["Negotiation", "NegotiationOptions", "ProposalOptions", "Shown", "answer", "negotiate", "show"]

CARD = "settlement.json"
"""What everybody may see of a settlement, beside its proposals."""
SHORT = 12
"""Digits of a settlement in the name of its folder."""


@dataclass(frozen=True)
class Negotiation:
    """What came of it, as the reader may see it, the folder of the proposals and the page; None where nothing was written."""

    card: Card
    folder: Path | None
    proposals: Mapping[str, Path]
    page: Path | None = None


@dataclass(frozen=True)
class NegotiationOptions:
    """By which rule, with whose answers in `output`, who reads, and what is made beside the card.

    `surely` verifies today's vehicle and the settled one, every value with its uncertainty, and so does a `report`, the page that
    opens in `language`.
    """

    rule: str = "kalai-smorodinsky"
    output: Path | None = None
    party: str = ""
    surely: bool = False
    report: Path | None = None
    language: Language = "en"
    day: str | None = None


def negotiate(
    programme: Path,
    studies: Sequence[Path],
    options: NegotiationOptions | None = None,
    *,
    progress: Progress = silent,
    findings: Findings | None = None,
) -> Negotiation:
    """Find the settlement among the designs of a study, under all that parties have refused in `output`, and write its proposals.

    This process is the mediator: it reads what every party keeps as its own, and shows none of it to another.

    Args:
        studies: folders of one study and, of the same designs, of those that single parties have run for what is their own.

    Raises:
        InputError: every problem of the programme, the studies and the answers.
        Conflict: a study is not of the programme as it is, or studies are of different designs.
    """
    from covolt.study.gate.check import read_whole
    from covolt.study.negotiation.answers import answers_in, bound_problems, demands_of, stands_of
    from covolt.study.negotiation.bargaining import RULES
    from covolt.study.negotiation.outcome import Outcome
    from covolt.study.negotiation.protocol import NoneLeft, next_settlement
    from covolt.study.negotiation.question import question_of
    from covolt.study.result import notices

    findings = findings or Findings()
    options = options or NegotiationOptions()
    rule, output, party = options.rule, options.output, options.party
    read = findings.take(lambda: read_whole(programme, day=options.day))
    if rule not in RULES:
        findings.add(
            Problem(text("no rule '{rule}'", rule=rule), findings.called("rule"), named(rule, RULES)), NotFound
        )
    if not studies:
        hint = text("run one: covolt study run")
        findings.add(Problem(text("no study is named"), findings.called("study"), hint))
    opened = [_taken(findings, read, one) for one in studies] if read is not None else []
    if read is not None:
        findings.seen(read, party)
        for one in (*_faults(read), *_inside(read, output, findings)):
            findings.add(one)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    found = [one for one in opened if one is not None]
    question = question_of(read.whole, found[0][1], [one for one, _ in found])
    said, idle = answers_in(output, read.whole) if output is not None else ([], [])
    for one in said:
        for problem in bound_problems(read.whole, one.said.party, one.said.bounds, str(one.path)):
            findings.add(problem)
    findings.demand_none()
    case, limits = demands_of(question, said)
    outcome = Outcome(
        question.under(case), next_settlement(case, limits, cast("Rule", rule)), cast("Rule", rule), limits
    )
    if isinstance(outcome.found, NoneLeft):
        card = outcome.card(party or None, {}, "none left", notices(idle))
        return Negotiation(card, None, {}, _page(read, card, options))
    if options.surely or options.report is not None:
        outcome = _surely(outcome, party or None, progress)
    stands = stands_of(outcome, said)
    state = _state(stands)
    told = notices([*idle, *_unfinished(found[0][0])])
    folder, paths = (None, {}) if output is None else _written(output, outcome, stands, state)
    card = _card(outcome, party, stands, state, told)
    return Negotiation(card, folder, paths, _page(read, card, options))


def _surely(outcome: Outcome, reader: str | None, progress: Progress) -> Outcome:
    """The same with what is shown of it verified, of today's vehicle and of the settled one."""
    from covolt.study.negotiation.surely import as_locked, surely
    from covolt.study.verdicts.records import KeptRecords

    question, store = outcome.question, KeptRecords.own()
    shown = outcome.shown(reader)
    interests = [one for one in question.interests if f"{one.party}/{one.id}" in shown]
    requirements = [one.id for one in question.requirements if one.id in shown]
    today = question.programme
    settled = as_locked(today, question.space, outcome.values)
    needed = {name: bound for name, bound in outcome.needed.items() if name in shown}
    before = surely(today, requirements, interests, store, progress=progress)
    after = surely(settled, requirements, interests, store, needed=needed, progress=progress)
    return replace(outcome, before=before, after=after)


def _card(
    outcome: Outcome, reader: str, stands: Mapping[str, Stands], state: State, told: tuple[Notice, ...] = ()
) -> Card:
    """The card of a settlement with the acts that stand open for its vehicle."""
    from covolt.study.gate.settled import with_acts

    return with_acts(outcome.card(reader or None, stands, state, told), outcome)


def _page(read: Programme, card: Card, options: NegotiationOptions) -> Path | None:
    """The page of a settlement, where one is asked for."""
    if options.report is None:
        return None
    from covolt.files import write_whole
    from covolt.study.report.settlement_page import settlement_page

    write_whole(options.report, settlement_page(card, read.seen_by(options.party or None), options.language))
    return options.report


def _state(stands: Mapping[str, Stands]) -> State:
    return "agreed" if all(one.agreement in {"by what it states", "accepted"} for one in stands.values()) else "open"


def _taken(findings: Findings, read: Programme, folder: Path) -> tuple[Study, DesignSpace] | None:
    return findings.take(lambda: _study(read, folder))


def _study(read: Programme, folder: Path) -> tuple[Study, DesignSpace]:
    """A study that is of the programme as it is, and the space that it is of."""
    from covolt.contract.document import canonical_json
    from covolt.files import digest_of
    from covolt.study.designs.plan import demand_current, read_plan
    from covolt.study.designs.space import DesignSpace
    from covolt.study.designs.study_table import StudyTable
    from covolt.study.negotiation.question import Study

    plan = read_plan(folder)
    seen = read.seen_by(plan.reader or None)
    space = DesignSpace.of(seen)
    demand_current(folder, plan, seen, space, judging=False)
    return Study(folder, plan, StudyTable.read(folder), digest_of(canonical_json(plan))), space


def _unfinished(study: Study) -> list[Problem]:
    if study.table.designs == study.plan.count:
        return []
    what = text("{designs} of {count} designs are judged", designs=study.table.designs, count=study.plan.count)
    return [
        Problem(what, str(study.folder), text("go on with it: covolt study resume {folder}", folder=str(study.folder)))
    ]


def _faults(read: Programme) -> list[Problem]:
    """Interests that are wrong in themselves: no direction, no such measure."""
    from covolt.study.verdicts.interests import interest_problems

    return interest_problems(read.whole)


def _inside(read: Programme, output: Path | None, findings: Findings) -> list[Problem]:
    """That proposals would lie among the documents of the programme."""
    from covolt.programme.walk import is_document

    at = None if output is None else (output / "settlement" / "party.toml").resolve()
    if at is None or not at.is_relative_to(read.root) or not is_document(at.relative_to(read.root).as_posix()):
        return []
    what = text("this folder lies in the programme, whose files are its documents")
    hint = text("name a folder beside it, or one in its folder build")
    return [Problem(what, f"{findings.called('output')} {output}", hint)]


def _written(
    output: Path, outcome: Outcome, stands: Mapping[str, Stands], state: State
) -> tuple[Path, dict[str, Path]]:
    """Write what everybody may see, and a proposal for every party that must agree."""
    from covolt.contract.document import dumps
    from covolt.files import write_whole
    from covolt.study.result import text_of

    folder = output / outcome.settlement.removeprefix("sha256:")[:SHORT]
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    for party in outcome.agreeing:
        paths[party] = folder / f"{party}.toml"
        write_whole(paths[party], dumps(outcome.proposal(party)))
    write_whole(folder / CARD, text_of(_card(outcome, "", stands, state)))
    return folder, paths


@dataclass(frozen=True)
class Shown:
    """A proposal, why it is stale where it is, the answer beside it, and how its party reads it."""

    proposal: Proposal
    stale: str
    answered: str
    read: ProposalShown


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


def show(file: Path, programme: Path, *, findings: Findings | None = None, day: str | None = None) -> Shown:
    """A proposal, held against the programme as it is.

    Raises:
        InputError: it is no proposal.
    """
    from covolt.contract.document import loads, read_text
    from covolt.programme.proposal import Answer
    from covolt.study.negotiation.proposal_shown import proposal_shown
    from covolt.study.result import notices

    findings = findings or Findings()
    proposal, read = _opened(file, programme, findings, day)
    beside = _beside(file)
    said = loads(read_text(beside), Answer, str(beside)) if beside.is_file() else None
    stale, answered = _stale(proposal, read), said.answer if said else ""
    [notice] = notices([stale]) if stale is not None else [None]
    told = proposal_shown(proposal, read, _card_beside(file), notice, answered)
    return Shown(proposal, "" if stale is None else stale.what, answered, told)


def _card_beside(file: Path) -> Card | None:
    """What everybody may see of a settlement, as it lies beside a proposal; None where there is none that can be read."""
    from covolt.contract.document import read_text
    from covolt.study.negotiation.card import Card
    from covolt.study.result import read

    path = file.with_name(CARD)
    try:
        return read(Card, json.loads(read_text(path))) if path.is_file() else None
    except ValueError:
        return None


def answer(asked: ProposalOptions, word: str, *, findings: Findings | None = None) -> Path:
    """Accept or refuse a proposal as its party; returns the file of the answer, beside the proposal.

    A refusal may say the worst that the party accepts, `INTEREST=VALUE`, of its interests and its negotiable requirements.

    Raises:
        Conflict: the lock has moved since the proposal was made.
        Forbidden: only what the party has signed is its word, and no key signs it, or one that may not.
        InputError: every other problem of the proposal, the programme and the bounds.
    """
    from covolt.contract.document import dumps
    from covolt.files import write_whole
    from covolt.programme.key_coherence import must_sign
    from covolt.programme.pledging import sign_answer
    from covolt.programme.proposal import Answer
    from covolt.programme.signing import read_key
    from covolt.study.negotiation.answers import bound_problems, digest_of_proposal

    findings = findings or Findings()
    proposal, read = _opened(asked.file, asked.programme, findings, asked.day)
    stale = _stale(proposal, read)
    if stale is not None:
        findings.add(stale, Conflict)
    bounds = _bounds(asked.bounds, findings)
    for problem in bound_problems(read, proposal.party, bounds, findings.called("bounds")):
        findings.add(problem)
    key = asked.key
    if key is None and must_sign(read, proposal.party):
        what = text("only what {party} has signed is its word", party=proposal.party)
        findings.add(Problem(what, findings.called("key"), text("name the file of its key")), Forbidden)
    private = None if key is None else findings.take(lambda: read_key(key))
    findings.demand_none()
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
    )
    if private is not None:
        said = sign_answer(read, private, said, asked.role, f"{findings.called('key')} {key}")
    path = _beside(asked.file)
    write_whole(path, dumps(said))
    return path


def _beside(file: Path) -> Path:
    from covolt.study.negotiation.answers import ANSWER

    return file.with_name(f"{file.stem}{ANSWER}")


def _opened(file: Path, programme: Path, findings: Findings, day: str | None) -> tuple[Proposal, Programme]:
    """A proposal, and the whole programme that it speaks of."""
    from covolt.contract.document import loads, read_text
    from covolt.programme.proposal import Proposal
    from covolt.study.gate.check import read_whole

    proposal = findings.take(lambda: loads(read_text(file), Proposal, str(file)))
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


def _stale(proposal: Proposal, read: Programme) -> Problem | None:
    """That the lock has moved since a proposal was made."""
    from covolt.programme.proposal import digest_of_lock

    if read.lock is not None and digest_of_lock(read.lock) == proposal.lock:
        return None
    hint = text("negotiate anew: covolt study run, then covolt negotiate")
    return Problem(text("the lock has moved since this was proposed: it is stale"), "programme.lock", hint)


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
