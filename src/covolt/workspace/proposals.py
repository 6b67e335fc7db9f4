"""Proposals: what a party would change, the vehicle before and after, who must agree, and the merge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from textwrap import indent
from typing import Literal, final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from covolt.errors import Conflict, CovoltError, Forbidden, InputError, NotFound, Problem
from covolt.legible import hidden
from covolt.programme.documents import Programme
from covolt.study.result import plain
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, joined, text
from covolt.workspace.access import Reader, demand_slots, seen, seen_verdicts
from covolt.workspace.changes import Asked, NumberChange, changes_of, owners_of, still_based, unseen_by_others
from covolt.workspace.changing import KEPT, broken_contracts, change_files, changed, otherwise_written
from covolt.workspace.concerning import worsened_owners
from covolt.workspace.events import now_text
from covolt.workspace.gates_moved import gates_moved
from covolt.workspace.jobs import Jobs
from covolt.workspace.programmes import Programmes
from covolt.workspace.settlements_shown import SettlementOption
from covolt.workspace.shown import AnswerShown, ProposalRow, ProposalShown, ProposalsShown, TurnedRow
from covolt.workspace.states import Heads, files_of
from covolt.workspace.tables import AnswerRow
from covolt.workspace.tables import ProposalRow as Row
from covolt.workspace.telling import change_rows, problem_text, shows_slot, turned_rows
from covolt.workspace.voiding import Voiding

__all__ = ["Proposals"]

MOST_TITLE, MOST_REASON = 200, 10_000
MOST_EFFECTS = 5
"""Requirements that an entry of the log names."""
Answer = Literal["accept", "refuse"]


@final
class Proposals:
    """What is proposed in the programmes of a workspace."""

    def __init__(self, programmes: Programmes, jobs: Jobs) -> None:
        self._programmes = programmes
        self._jobs = jobs
        self._voiding = Voiding(programmes)

    def make(
        self,
        name: str,
        reader: Reader,
        wanted: Sequence[tuple[str, str, str] | Asked],
        title: str,
        reason: str,
        settlement: tuple[int, int] | None = None,
    ) -> int:
        """Propose that numbers change, on the programme as it stands; the proposal's number.

        Args:
            settlement: job and option whose changes these are, in place of `wanted`.

        Raises:
            InputError: every problem of the numbers and of the texts.
            Conflict: the settlement is of an earlier state of the programme.
        """
        heads = self._programmes.heads(name)
        own = seen(self._programmes.read(name, heads), reader)
        if not reader.party:
            raise Forbidden(Problem(text("who proposes speaks for a party"), "party", text("say for which")))
        demand_slots(reader, (slot for slot, *_ in wanted))
        problems = _text_problems(title, reason)
        changes = [] if settlement is None else self._jobs.changes(name, *settlement, reader)
        try:
            changes = changes_of(own, wanted) if settlement is None else changes
            if not changes:
                problems.append(Problem(text("nothing is changed"), "changes", text("change a number")))
            problems += unseen_by_others(own, changes)
        except CovoltError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        tried = changed(self._programmes.read(name, heads), changes)  # numbers that make no vehicle are refused here
        if broken := broken_contracts(tried, changes, reader):
            raise InputError(broken)
        with self._programmes.database.writing(reader) as session:
            _demand_new(session, name, reader.party, changes)
            number = (session.scalar(select(func.max(Row.number)).where(Row.programme == name)) or 0) + 1
            row = Row(
                programme=name, number=number, party=reader.party, person=reader.person, title=title, reason=reason,
                changes=[one.plain() for one in changes], base=heads.plain(), state="open",
                made=self._programmes.clock(), merged=None,
                settlement=None if settlement is None else {"job": settlement[0], "option": settlement[1]},
            )  # fmt: skip
            session.add(row)
            told = {"title": title, "changes": [one.plain() for one in changes]}
            self._programmes.tell(session, name, reader, "proposed", f"proposal/{number}", told)
        return number

    def listed(self, name: str, reader: Reader) -> ProposalsShown:
        """All of a programme, newest first."""
        programme = self._programmes.read(name, self._programmes.heads(name))
        own = seen(programme, reader)
        with self._programmes.database.reading(reader) as session:
            rows = session.scalars(select(Row).where(Row.programme == name).order_by(Row.number.desc())).all()
            return ProposalsShown(tuple(_row(one, own, programme) for one in rows))

    def shown(self, name: str, number: int, reader: Reader, wait_s: float = 0.0) -> ProposalShown:
        """A proposal with the vehicle before and after as a reader may see both."""
        with self._programmes.database.reading(reader) as session:
            row = _found(session, name, number)
            answers = session.scalars(
                select(AnswerRow).where(AnswerRow.proposal == row.id).order_by(AnswerRow.id)
            ).all()
        before, after, surely, changes = self._vehicles(name, row, wait_s)
        heads = self._heads(name, row)
        programme = self._programmes.read(name, heads)
        own = seen(programme, reader)
        content = _content(row, self._programmes.folders(name).shared_digest(heads))
        concerned = self._concerned(programme, changes, before, after, row.party)
        told = _answers(answers, content)
        against = [] if row.state != "open" else self._against(programme, row, changes, concerned, told, own)
        judged = surely and row.state == "open"  # a sign-off covers every ±: nominal verdicts say nothing of it
        gates = self._voiding.of(name, heads, changes, (before, after), reader) if judged else ()
        return ProposalShown(
            _row(row, own, programme), row.reason, content, tuple(concerned), tuple(told), tuple(against), surely,
            self._turned(before, after, programme, reader), dict(row.merged or {}),
            settled=row.settlement is not None, gates=gates,
        )  # fmt: skip

    def settlement(self, name: str, number: int, reader: Reader) -> SettlementOption:
        """The settlement from which a proposal was made, as the reader's party may see it.

        Raises:
            NotFound: it was made from none.
        """
        seen(self._programmes.read(name, self._programmes.heads(name)), reader)
        with self._programmes.database.reading() as session:
            made = _found(session, name, number).settlement
        party = reader.party if reader.slots is None else ""  # who acts for some slots sees of it what everybody does
        found = None if made is None else self._jobs.settlement(name, made["job"], made["option"], party)
        if found is None:
            raise NotFound(Problem(text("no settlement of proposal {number}", number=number), "proposal", ""))
        return found

    def answer(self, name: str, number: int, reader: Reader, answer: Answer, reason: str, content: str) -> None:
        """Answer for the reader's party to a proposal with this content.

        Raises:
            Conflict: the proposal, or the programme under it, is another by now: look at it again.
            Forbidden: the reader speaks for none, or for the one that proposes it.
        """
        seen(self._programmes.read(name, self._programmes.heads(name)), reader)
        with self._programmes.database.writing(reader) as session:
            row = _found(session, name, number)
            if row.state != "open":
                raise _closed(row.state)
            if not reader.party or reader.party == row.party:
                raise Forbidden(
                    Problem(
                        text("another party answers to this"), "party", text("say for which of those who must agree")
                    )
                )
            demand_slots(reader, (str(one["slot"]) for one in row.changes))
            if content != _content(row, self._programmes.folders(name).shared_digest(self._heads(name, row))):
                what = text("it has changed since you looked at it")
                raise Conflict(Problem(what, "content", text("look at it again, then answer")))
            if problems := _text_problems("-", reason):
                raise InputError(problems)
            last = _last_answer(session, row.id, reader.party)
            if last is not None and (last.answer, last.content) == (answer, content):
                what = text("{party} has answered so already", party=reader.party)
                raise Conflict(Problem(what, "answer", ""))
            session.add(
                AnswerRow(
                    proposal=row.id,
                    party=reader.party,
                    person=reader.person,
                    answer=answer,
                    reason=reason,
                    content=content,
                    made=self._programmes.clock(),
                )
            )
            verb = "accepted" if answer == "accept" else "refused"
            self._programmes.tell(
                session, name, reader, verb, f"proposal/{number}", {"title": row.title, "reason": reason}
            )

    def withdraw(self, name: str, number: int, reader: Reader) -> None:
        """Take a proposal back; its party alone may."""
        with self._programmes.database.writing(reader) as session:
            row = _found(session, name, number)
            if row.party != reader.party:
                raise Forbidden(Problem(text("it is {party}'s", party=row.party), "party", ""))
            if row.state != "open":
                raise _closed(row.state)
            row.state = "withdrawn"
            self._programmes.tell(session, name, reader, "withdrew", f"proposal/{number}", {"title": row.title})

    def merge(self, name: str, number: int, reader: Reader) -> dict[str, str]:
        """Carry a proposal out: a new version of each part, offered and locked; the commits by party, the programme's by "".

        What others changed meanwhile stays, number by number. Nothing is shown as merged before its commits stand; of who was
        interrupted between these and the entry nothing stays, and the proposal is merged again.

        Raises:
            Conflict: a number was changed by somebody else, or a party has not agreed to what it is now.
        """
        self._programmes.moves(name).settle()
        folders = self._programmes.folders(name)
        shown = self.shown(name, number, reader, wait_s=600.0)
        _demand_open(shown)
        if not reader.party:
            raise Forbidden(Problem(text("who merges speaks for a party"), "party", text("say for which")))
        demand_slots(reader, (one.slot for one in shown.proposal.changes))
        if shown.stands_against:
            raise Conflict([Problem(one, f"proposal/{number}", "") for one in shown.stands_against])
        based = self._programmes.heads(name)
        self._demand_within_contracts(name, number, based, reader)
        # What takes long stands before the turn of a writer; within it is asked whether all is as it was.
        files = self._files(name, number, based, reader)
        with self._programmes.moves(name).moving(reader) as session:
            row = _found(session, name, number)
            if row.state != "open":
                raise _closed(row.state)
            if folders.heads() != based or _content(row, folders.shared_digest(based)) != shown.content:
                what = text("the programme has moved meanwhile")
                raise Conflict(Problem(what, f"proposal/{number}", text("look at it again")))
            before, after, *_ = self._vehicles(name, row, 0.0)
            reason = indent(row.reason, "> ", lambda _: True)  # none of it reads as a trailer of the workspace
            message = "\n\n".join(one for one in (row.title, reason, f"Proposal: {name}/{number}") if one)
            author = self._programmes.author(reader)
            heads = folders.write(based, files, author, message, self._programmes.clock())
            read = self._programmes.read
            gates = gates_moved((read(name, based), before), (read(name, heads), after))
            row.state, row.merged = "merged", heads.plain()
            effects = [plain(one) for one in shown.turned][:MOST_EFFECTS]
            told = {"title": row.title, "changes": row.changes, "commits": heads.plain(), "effects": effects}
            told["gates"] = gates
            self._programmes.tell(session, name, reader, "merged", f"proposal/{number}", told)
        return heads.plain()

    def _demand_within_contracts(self, name: str, number: int, heads: Heads, reader: Reader) -> None:
        """Raise where it leaves a contract: one that others keep between them may have been left when it was proposed."""
        with self._programmes.database.reading(reader) as session:
            changes = [NumberChange.of(one) for one in _found(session, name, number).changes]
        tried = changed(self._programmes.read(name, heads), changes)
        if broken := broken_contracts(tried, changes, reader, hidden=[KEPT]):
            raise Conflict(broken)

    def _files(self, name: str, number: int, heads: Heads, reader: Reader) -> dict[str, bytes]:
        """All files of a programme with a proposal carried out."""
        with self._programmes.database.reading(reader) as session:
            row = _found(session, name, number)
        with self._programmes.folders(name).draft(heads) as draft:
            read = self._programmes.read(name, heads)
            changes = [NumberChange.of(one) for one in row.changes]
            change_files(draft, read, changes, read.day, f"proposal {number}: {row.title}")
            return files_of(draft)

    def _heads(self, name: str, row: Row) -> Heads:
        """On which state it stands: the present one while it is open, the one that it found when it was merged."""
        return Heads.of(row.base) if row.state != "open" else self._programmes.heads(name)

    def _vehicles(
        self, name: str, row: Row, wait_s: float
    ) -> tuple[Verification, Verification, bool, list[NumberChange]]:
        changes = [NumberChange.of(one) for one in row.changes]
        heads = self._heads(name, row)
        before = self._programmes.computed(name, heads)
        after = self._programmes.computed(name, heads, changes)
        (was, sure), (now, surer) = before.found(wait_s), after.found(wait_s)
        if sure and surer:
            return was, now, True, changes
        return before.nominal, after.nominal, False, changes  # like against like

    def _turned(
        self, before: Verification, after: Verification, programme: Programme, reader: Reader
    ) -> tuple[TurnedRow, ...]:
        (was, own), (now, _) = seen_verdicts(before, programme, reader), seen_verdicts(after, programme, reader)
        return turned_rows(was, now, own)

    def _concerned(
        self,
        programme: Programme,
        changes: Sequence[NumberChange],
        before: Verification,
        after: Verification,
        party: str,
    ) -> list[str]:
        """Who must agree: the owners of the parts and slots that change, and of requirements that everybody sees turn worse.

        A requirement turns worse where it was met and is no longer, and where its value goes beyond its bound, however surely.

        Of what a party keeps as its own nothing is told, not even that it turned.
        """
        owners = worsened_owners(programme, before, after) | set(owners_of(programme, changes))
        return sorted(owners - {party})

    def _against(
        self,
        programme: Programme,
        row: Row,
        changes: Sequence[NumberChange],
        concerned: Sequence[str],
        told: Sequence[AnswerShown],
        own: Programme,
    ) -> list[Phrase]:
        """What keeps it from being merged."""
        shown = [one for one in changes if shows_slot(own, one.slot)]
        found: list[Phrase] = [joined((one.where, problem_text(one)), ": ") for one in still_based(programme, shown)]
        hidden = [one for one in changes if one not in shown]
        found += [joined((one.where, problem_text(one)), ": ") for one in otherwise_written(programme, shown)]
        if still_based(programme, hidden) or otherwise_written(programme, hidden):
            found.append(text("numbers that are its party's own have changed since it was proposed"))
        last = {one.party: one for one in told}
        for party in concerned:
            one = last.get(party)
            title = programme.parties[party].title.words
            if one is None:
                found.append(text("{party} has not answered", party=title))
            elif not one.counts:
                found.append(text("{party} answered to what has changed since", party=title))
            elif one.answer == "refuse":
                found.append(text("{party} refuses", party=title))
        return found


def _row(row: Row, own: Programme, programme: Programme) -> ProposalRow:
    changes, state = [NumberChange.of(one) for one in row.changes], row.state
    overtaken = state == "open" and bool(still_based(programme, changes))
    made, shown = now_text(row.made), change_rows(changes, own)
    return ProposalRow(row.number, row.title, row.party, row.person, state, made, shown, overtaken)  # type: ignore[arg-type]


def _content(row: Row, shared: str) -> str:
    """What is answered to: the changes, and by its digest what all share of the programme that they change."""
    told = json.dumps([row.programme, row.number, row.changes, shared], sort_keys=True)
    return "sha256:" + hashlib.sha256(told.encode()).hexdigest()


def _answers(rows: Sequence[AnswerRow], content: str) -> list[AnswerShown]:
    """The last answer of each party."""
    last = {one.party: one for one in rows}
    return [
        AnswerShown(one.party, one.person, one.answer, one.reason, now_text(one.made), one.content == content)  # type: ignore[arg-type]
        for one in last.values()
    ]


def _last_answer(session: Session, proposal: int, party: str) -> AnswerRow | None:
    wanted = select(AnswerRow).where(AnswerRow.proposal == proposal, AnswerRow.party == party)
    return session.scalars(wanted.order_by(AnswerRow.id.desc())).first()


def _found(session: Session, name: str, number: int) -> Row:
    row = session.scalars(select(Row).where(Row.programme == name, Row.number == number)).first()
    if row is None:
        raise NotFound(Problem(text("no proposal {number}", number=number), "proposal", ""))
    return row


def _demand_new(session: Session, name: str, party: str, changes: Sequence[NumberChange]) -> None:
    """Raise where a party has proposed the same already, and it is open."""
    wanted = select(Row).where(Row.programme == name, Row.party == party, Row.state == "open")
    same = [one.number for one in session.scalars(wanted) if {*map(NumberChange.of, one.changes)} == {*changes}]
    if same:
        what = text("proposal {number} of {party} asks the same", number=same[0], party=party)
        raise Conflict(Problem(what, "changes", text("withdraw that first, or merge it")))


def _demand_open(shown: ProposalShown) -> None:
    if shown.proposal.state != "open":
        raise _closed(shown.proposal.state)


def _closed(state: str) -> Conflict:
    what = {"merged": text("it is merged already"), "withdrawn": text("it was withdrawn")}[state]
    return Conflict(Problem(what, "proposal", ""))


def _text_problems(title: str, reason: str) -> list[Problem]:
    problems: list[Problem] = []
    if not title.strip() or len(title) > MOST_TITLE:
        problems.append(
            Problem(text("a title has 1 to {most} signs", most=MOST_TITLE), "title", text("say what changes"))
        )
    if len(reason) > MOST_REASON:
        problems.append(
            Problem(text("a reason has at most {most} signs", most=MOST_REASON), "reason", text("shorten it"))
        )
    for where, said in (("title", title), ("reason", reason.replace("\r\n", "\n"))):
        if hidden(said) or (where == "title" and "\n" in said):
            problems.append(Problem(text("this text holds signs that nobody sees"), where, text("take them out")))
    return problems
