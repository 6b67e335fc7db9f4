"""The use cases `negotiate` and `proposal`: the settlement that all can sign, and what each party says to its proposal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from covolt.errors import Conflict, InputError, NotFound, Problem
from covolt.study.cases.answering import ProposalOptions, answer, is_unaltered, newest_beside, opened
from covolt.study.cases.options import Findings, Progress, silent
from covolt.suggestion import named
from covolt.words import Language, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.proposal import Proposal
    from covolt.study.designs.space import DesignSpace
    from covolt.study.negotiation.bargaining import Rule
    from covolt.study.negotiation.card import Card, Stands, State
    from covolt.study.negotiation.outcome import Outcome
    from covolt.study.negotiation.proposal_shown import ProposalShown
    from covolt.study.negotiation.question import Question, Study
    from covolt.study.result import Notice

__all__ = ["Negotiation", "NegotiationOptions", "ProposalOptions", "Shown", "answer", "negotiate", "settled", "show"]

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
    from covolt.study.negotiation.answers import (
        Answers,
        answers_in,
        bound_problems,
        demands_of,
        of_this_study,
        stands_of,
    )
    from covolt.study.negotiation.holding import note_none_left
    from covolt.study.negotiation.outcome import Outcome
    from covolt.study.negotiation.protocol import NoneLeft, next_settlement
    from covolt.study.result import notices

    options = options or NegotiationOptions()
    output, reader = options.output, options.party or None
    read, opened_studies, question = _asked(programme, studies, options, findings or Findings())
    answers = Answers() if output is None else of_this_study(question, answers_in(output, read.whole))
    senseless = [
        problem
        for one in answers.counting
        for problem in bound_problems(read.whole, one.said.party, one.said.bounds, str(one.path))
    ]
    if senseless:
        raise InputError(senseless)
    case, limits = demands_of(question, answers.counting)
    rule = cast("Rule", options.rule)
    outcome = Outcome(question.under(case), next_settlement(case, limits, rule), rule, limits)
    _demand_rows(read, opened_studies, question.today, outcome)
    idle = [*answers.idle]
    if isinstance(outcome.found, NoneLeft):
        card = _borne(outcome.card(reader, {}, "none left", notices(idle)))
        if output is not None and output.is_dir():
            note_none_left(output)
        return Negotiation(card, None, {}, _page(read, card, options))
    if options.surely or options.report is not None:
        outcome = _surely(outcome, reader, progress)
        idle += _demand_verified(outcome)
    stands = stands_of(outcome, answers)
    state = _state(stands)
    told = notices([*idle, *_unfinished(question.study)])
    folder, paths = (None, {}) if output is None else _written(output, outcome, stands, state)
    card = _card(outcome, reader, stands, state, told)
    return Negotiation(card, folder, paths, _page(read, card, options))


def settled(
    programme: Programme,
    studies: Sequence[Path],
    rule: str,
    *,
    giving_way: bool = False,
    surely: bool = False,
    progress: Progress = silent,
) -> Outcome:
    """The settlement among the designs of a study under no answers yet, from which a card is made for every reader.

    Args:
        programme: of which the studies are, in memory or on disk.
        giving_way: as if interests accepted as much less, together the least, as it takes for one design to be acceptable.
        surely: verify today's vehicle and the settled one, every value with its uncertainty.

    Raises:
        InputError: every problem of the programme and the studies.
        Conflict: a study is not of the programme as it is.
    """
    from covolt.study.negotiation.given_way import given_way
    from covolt.study.negotiation.outcome import Outcome
    from covolt.study.negotiation.protocol import NoneLeft, next_settlement

    read, opened_studies, question = _asked(programme, studies, NegotiationOptions(rule=rule), Findings())
    case = given_way(question.case) or question.case if giving_way else question.case
    chosen = cast("Rule", rule)
    outcome = Outcome(question.under(case), next_settlement(case, (), chosen), chosen)
    _demand_rows(read, opened_studies, question.today, outcome)
    return _surely(outcome, None, progress) if surely and not isinstance(outcome.found, NoneLeft) else outcome


def _asked(
    programme: Path | Programme, studies: Sequence[Path], options: NegotiationOptions, findings: Findings
) -> tuple[Programme, list[tuple[Study, DesignSpace]], Question]:
    """The programme, its studies and what they say of all that is asked; raises as `negotiate`."""
    from covolt.study.gate.check import read_whole
    from covolt.study.negotiation.bargaining import RULES
    from covolt.study.negotiation.question import question_of

    read = findings.take(
        lambda: read_whole(programme, day=options.day) if isinstance(programme, Path) else programme.whole
    )
    if options.rule not in RULES:
        what = text("no rule '{rule}'", rule=options.rule)
        findings.add(Problem(what, findings.called("rule"), named(options.rule, RULES)), NotFound)
    if not studies:
        hint = text("run one: covolt study run")
        findings.add(Problem(text("no study is named"), findings.called("study"), hint))
    taken = [_taken(findings, read, one) for one in studies] if read is not None else []
    if read is not None:
        findings.seen(read, options.party)
        for one in (*_faults(read), *_inside(read, options.output, findings)):
            findings.add(one)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    found = [one for one in taken if one is not None]
    return read, found, question_of(read.whole, found[0][1], [one for one, _ in found])


def _demand_rows(
    read: Programme, studies: Sequence[tuple[Study, DesignSpace]], today: int | None, outcome: Outcome
) -> None:
    """Refuse studies whose rows of today's vehicle and of the settled one are not what the programme gives.

    Raises:
        Conflict: with every number that differs.
    """
    from covolt.study.negotiation.anew import row_problems
    from covolt.study.negotiation.protocol import Settled

    settled = [outcome.found.row] if isinstance(outcome.found, Settled) else []
    rows: list[int] = sorted({*settled, *(() if today is None else (today,))})
    problems = [
        problem
        for study, space in studies
        if rows
        for problem in row_problems(read.seen_by(study.plan.reader or None), space, study, rows)
    ]
    if problems:
        raise Conflict(problems)


def _demand_verified(outcome: Outcome) -> list[Problem]:
    """Refuse a study whose numbers its verification does not give; told alone where parts that bring models may be why.

    Raises:
        Conflict: with every number that differs.
    """
    from covolt.study.negotiation.anew import brings_models, verified_problems

    problems = verified_problems(outcome)
    if problems and not brings_models(outcome.question.space):
        raise Conflict(problems)
    return problems


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


def _borne(card: Card) -> Card:
    """A card with the version that wrote it and the digest of itself: its JSON bears it as that of a report does."""
    from importlib.metadata import version

    from covolt.study.report.seal import BLANK, sealed, stated
    from covolt.study.result import text_of

    blank = replace(card, covolt=version("covolt"), digest=BLANK)
    return replace(blank, digest=stated(sealed(text_of(blank))))


def _card(
    outcome: Outcome, reader: str | None, stands: Mapping[str, Stands], state: State, told: tuple[Notice, ...] = ()
) -> Card:
    """The card of a settlement with the acts that stand open for its vehicle, and the digest that it bears."""
    from covolt.study.gate.settled import with_acts

    return _borne(with_acts(outcome.card(reader, stands, state, told), outcome))


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
    from covolt.study.designs.plan import demand_current, digest_of_study, read_plan
    from covolt.study.designs.space import DesignSpace
    from covolt.study.designs.study_table import StudyTable
    from covolt.study.negotiation.question import Study

    plan = read_plan(folder)
    seen = read.seen_by(plan.reader or None)
    space = DesignSpace.of(seen)
    demand_current(folder, plan, seen, space, judging=False)
    table = StudyTable.read(folder)
    return Study(folder, plan, table, digest_of_study(plan, table.digest)), space


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
    """Write what everybody may see, and a proposal for every party that must agree: all of it or nothing."""
    from covolt.contract.document import dumps
    from covolt.files import cannot_write
    from covolt.journal import Change, write_together
    from covolt.study.negotiation.holding import CARD, newest_noted
    from covolt.study.result import text_of

    folder = output / outcome.settlement.removeprefix("sha256:")[:SHORT]
    paths = {party: folder / f"{party}.toml" for party in outcome.agreeing}
    changes = [Change(path, dumps(outcome.proposal(party)).encode()) for party, path in paths.items()]
    changes.append(Change(folder / CARD, text_of(_card(outcome, None, stands, state)).encode()))
    noted = newest_noted(output, outcome.settlement)
    if noted is not None:
        changes.append(Change(*noted))
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(error, output) from error
    write_together(output, changes)
    return folder, paths


@dataclass(frozen=True)
class Shown:
    """A proposal, why it no longer holds where it does not, what is told of it, the newest answer beside it, how it is read."""

    proposal: Proposal
    stale: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    answered: str
    on: str
    read: ProposalShown


def show(file: Path, programme: Path, *, findings: Findings | None = None, day: str | None = None) -> Shown:
    """A proposal, held against the programme and its settlement as they are.

    Raises:
        InputError: it is no proposal.
    """
    from covolt.study.negotiation.holding import held
    from covolt.study.negotiation.proposal_shown import proposal_shown
    from covolt.study.result import notices

    proposal, read = opened(file, programme, findings or Findings(), day)
    found = held(proposal, file, read, is_unaltered)
    newest, told = newest_beside(proposal, file, read)
    answered, on = ("", "") if newest is None else (newest.said.answer, newest.said.on)
    beside = (*found.notices, *told)
    shown = proposal_shown(proposal, read, _card_beside(file), notices(found.problems), answered, on, notices(beside))
    return Shown(proposal, found.problems, beside, answered, on, shown)


def _card_beside(file: Path) -> Card | None:
    """What everybody may see of a settlement, as it lies beside a proposal; None where there is none that can be read."""
    from covolt.contract.document import read_unlinked
    from covolt.study.negotiation.card import Card
    from covolt.study.negotiation.holding import CARD
    from covolt.study.result import read

    path = file.with_name(CARD)
    try:
        return read(Card, json.loads(read_unlinked(path))) if path.is_file() else None
    except ValueError:
        return None
