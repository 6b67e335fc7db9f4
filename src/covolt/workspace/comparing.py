"""States of a programme: each commit, baseline and proposal by its name, two beside each other, and all in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import final

from sqlalchemy import select

from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.programme.baselines import baselines, kept_on
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.seen import shows_contract, shows_filled
from covolt.study.cases.parties import parties_of
from covolt.study.gate.gates import gate_states
from covolt.study.gate.negatives import GUARD_STATES, negative_rows
from covolt.study.procedures.levels import MEASURES
from covolt.study.verdicts.attribution import changes_between
from covolt.study.verdicts.baseline import earlier_state
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, text
from covolt.workspace.access import Reader, seen, seen_verdicts
from covolt.workspace.changes import NumberChange
from covolt.workspace.commits_said import commit_said
from covolt.workspace.comparing_shown import (
    ComparedShown,
    DifferenceRow,
    GateAt,
    GuardedRow,
    HistoryShown,
    MarginRow,
    StateAt,
    StateRow,
    StatesShown,
)
from covolt.workspace.computing import Computation, key_of
from covolt.workspace.events import now_text
from covolt.workspace.programmes import Programmes
from covolt.workspace.repository import Commit
from covolt.workspace.states import Heads
from covolt.workspace.tables import ProposalRow
from covolt.workspace.telling import problem_text, turned_rows, verdict_row

__all__ = ["Comparing"]

MOST_STATES = 100
MOST_AT_ONCE = 12
"""States that a history judges: each is a vehicle to compute where nobody has asked for it yet."""
MOST_MARGINS = 40
NOW = "now"
NAMES: dict[str, Phrase] = {one.id: one.title for one in MEASURES}


@final
@dataclass(frozen=True)
class _State:
    """A state by its name, and its verdicts, which are computed when they are asked for."""

    row: StateRow
    programme: Programme
    computed: Computation


@final
class Comparing:
    """The states of the programmes of a workspace."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def states(self, name: str, who: Reader) -> StatesShown:
        """Which states can be compared, the newest first: now, commits, baselines, proposals."""
        read = self._programmes.read(name, self._programmes.heads(name))
        seen(read, who)
        commits = [_commit_row(one, read) for one in self._commits(name)]
        with self._programmes.database.reading() as session:
            wanted = select(ProposalRow).where(ProposalRow.programme == name).order_by(ProposalRow.number.desc())
            proposals = [_proposal_row(one) for one in session.scalars(wanted.limit(MOST_STATES)).all()]
        return StatesShown((_now_row(), *commits, *_baseline_rows(read), *proposals))

    def compared(self, name: str, who: Reader, before: str, after: str, wait_s: float = 0.0) -> ComparedShown:
        """Two states beside each other, as the reader may see both.

        Raises:
            NotFound: there is no such state.
        """
        was, now = self._named(name, before), self._named(name, after)
        own, other = now.programme.whole, was.programme.whole
        seen(own, who)
        head = own.seen_by(who.party or None, beside=other, slots=who.slots)
        base = other.seen_by(who.party or None, beside=own, slots=who.slots)
        failed: tuple[Phrase, ...] = ()
        found_was, found_now, surely = was.computed.nominal, now.computed.nominal, False  # like against like
        try:
            (sure_was, sure), (sure_now, surer) = was.computed.found(wait_s), now.computed.found(wait_s)
            if sure and surer:
                found_was, found_now, surely = sure_was, sure_now, True
        except CovoltError as error:
            failed = tuple(problem_text(one) for one in error.problems)
        turned = turned_rows(found_was.seen_in(base), found_now.seen_in(head), head)
        shown = (head.requirements.keys() & base.requirements.keys()) - head.hidden - base.hidden
        return ComparedShown(
            was.row,
            now.row,
            surely,
            failed,
            tuple(_differences(base, head)),
            turned,
            len(shown) - len(turned),
            tuple(sorted(head.requirements.keys() - base.requirements.keys() - head.hidden)),
            tuple(sorted(base.requirements.keys() - head.requirements.keys() - base.hidden)),
        )

    def history(self, name: str, who: Reader, wait_s: float = 0.0) -> HistoryShown:
        """Baselines, old failures and what guards them, levels, and margins and gates of the newest states."""
        heads = self._programmes.heads(name)
        folders = self._programmes.folders(name)
        commits = [(commit, folders.heads_at(commit.hash)) for commit in self._commits(name)[:MOST_AT_ONCE]]
        one = self._programmes.computed(name, heads)
        found, surely = one.found(wait_s)
        left = [at for _, at in commits if (known := self._programmes.known(name, at)) is None or _waits(known)]
        if left and surely and wait_s > 0.0:  # one state an answer: nobody waits for all of them
            asked = self._programmes.computed(name, left[0])
            asked.begin()
            _as_known(asked, wait_s)
            left = left if _waits(asked) else left[1:]
        mine, own = seen_verdicts(found, one.programme, who)
        gates = gate_states(own, mine)
        guarded = tuple(
            GuardedRow(
                each.id,
                each.title,
                each.party,
                each.when,
                each.promise,
                each.happened,
                GUARD_STATES[each.state],
                each.state == "met",
                each.why,
                each.guards,
            )
            for each in negative_rows(own, mine, gates)
        )
        known = [(commit, at) for commit, at in reversed(commits) if self._programmes.known(name, at) is not None]
        judged = [self._judged(name, who, commit, at) for commit, at in known]
        margins = tuple(_margins(own, [verdicts for _, verdicts in judged]))
        states = tuple(state for state, _ in judged)
        return HistoryShown(_baseline_rows(own), guarded, parties_of(own), states, margins, surely, len(left), NAMES)

    def _judged(self, name: str, who: Reader, commit: Commit, heads: Heads) -> tuple[StateAt, Verification]:
        """How one state stood, as its reader sees it today and then; its gates once every ± is there, which sign-offs cover."""
        one = self._programmes.computed(name, heads)
        found, surely = _as_known(one)
        mine, own = seen_verdicts(found, one.programme, who)
        gates = tuple(GateAt(each.id, each.open, len(each.blocks)) for each in gate_states(own, mine)) if surely else ()
        counts = dict(Counter(each.verdict for each in mine.verdicts))
        return StateAt(_commit_row(commit, own), counts, gates, surely), mine

    def _commits(self, name: str) -> list[Commit]:
        self._programmes.demand(name)
        return self._programmes.folders(name).shared.log(MOST_STATES)

    def _named(self, name: str, state: str) -> _State:
        """A state by its name; what is no state of this programme is not found, whatever else lies in its repository."""
        kind, _, rest = state.partition(":")
        read = self._programmes.read
        heads = self._programmes.heads(name)
        if state == NOW:
            return _State(_now_row(), read(name, heads), self._programmes.computed(name, heads))
        if kind == "commit":
            commit = next((one for one in self._commits(name) if rest and one.hash.startswith(rest)), None)
            if commit is not None:
                at = self._programmes.folders(name).heads_at(commit.hash)
                return _State(_commit_row(commit, read(name, at)), read(name, at), self._programmes.computed(name, at))
        if kind == "baseline":
            row = next((one for one in _baseline_rows(read(name, heads)) if one.id == state), None)
            if row is not None:
                return self._baseline(row, rest, read(name, heads), heads)
        if kind in {"proposal", "before"} and rest.isdecimal():
            return self._proposed(name, int(rest), heads, tried=kind == "proposal")
        what = text("no state '{state}' of this programme", state=state)
        raise NotFound(Problem(what, "state", text("choose one of those that are listed")))

    def _baseline(self, row: StateRow, kept: str, read: Programme, heads: Heads) -> _State:
        with earlier_state(read, kept) as found:
            state = found.state
        key = key_of(f"{heads.digest} {read.day} {row.id}")
        return _State(row, state, self._programmes.computing.verdicts(key, state))

    def _proposed(self, name: str, number: int, heads: Heads, *, tried: bool) -> _State:
        with self._programmes.database.reading() as session:
            wanted = select(ProposalRow).where(ProposalRow.programme == name, ProposalRow.number == number)
            row = session.scalar(wanted)
        if row is None:
            raise NotFound(
                Problem(
                    text("no proposal {number}", number=number), "state", text("choose one of those that are listed")
                )
            )
        at = heads if row.state == "open" else Heads.of(row.base)
        changes = [NumberChange.of(one) for one in row.changes] if tried else []
        computed = self._programmes.computed(name, at, changes)
        said = _proposal_row(row)
        if not tried:
            before = text("before proposal {number}: {title}", number=number, title=row.title)
            said = StateRow(f"before:{number}", said.at, before)
        return _State(said, computed.programme, computed)


def _as_known(one: Computation, wait_s: float = 0.0) -> tuple[Verification, bool]:
    """Verdicts and whether they have every ±; nominal ones where these cannot be had."""
    try:
        return one.found(wait_s)
    except CovoltError:
        return one.nominal, False


def _waits(one: Computation) -> bool:
    """Whether its ± are still to come."""
    try:
        return not one.found()[1]
    except CovoltError:
        return False


def _now_row() -> StateRow:
    return StateRow(NOW, "", text("as it stands now"))


def _commit_row(one: Commit, read: Programme) -> StateRow:
    at = now_text(datetime.fromtimestamp(one.time_s, UTC))
    return StateRow(f"commit:{one.hash}", at, commit_said(one.message, read))


def _proposal_row(one: ProposalRow) -> StateRow:
    made = one.made.replace(tzinfo=one.made.tzinfo or UTC)
    said = text("with proposal {number}: {title}", number=one.number, title=one.title)
    return StateRow(f"proposal:{one.number}", now_text(made), said)


def _baseline_rows(read: Programme) -> tuple[StateRow, ...]:
    found = [(path.stem, *kept_on(path, read)) for path in baselines(read.files.folder)]
    if problems := [one for _, _, problems in found for one in problems]:
        raise InputError(problems)
    kept = sorted(((day, name) for name, day, _ in found), reverse=True)
    return tuple(StateRow(f"baseline:{name}", day, text("baseline {name}", name=name)) for day, name in kept)


def _differences(base: Programme, head: Programme) -> list[DifferenceRow]:
    """What differs, but for what the reader may not see of either state."""
    unseen = {
        f"contract {name}"
        for state in (base, head)
        for name, one in state.contracts.items()
        if not shows_contract(state, one)
    }
    rows: list[DifferenceRow] = []
    for one in changes_between(base, head):
        if one.what in unseen:
            continue
        sides = one.before, one.after
        if one.kind == "part" and not all(_shows(state, one.what) for state in (base, head)):
            sides = one.before.partition(", ")[0], one.after.partition(", ")[0]  # by which model is its party's own
        rows.append(DifferenceRow(one.party, one.what, *sides, one.kind))
    return rows


def _shows(state: Programme, slot: str) -> bool:
    sheet = locked_sheet(state, slot) if slot in state.slots else None
    return sheet is None or shows_filled(state, slot, sheet)


def _margins(own: Programme, found: Sequence[Verification]) -> list[MarginRow]:
    """Margins of today's requirements at each state, those that moved most first; in the unit of each."""
    rows: list[tuple[float, MarginRow]] = []
    by_state = [{one.requirement: one for one in each.verdicts} for each in found]
    for name, requirement in own.requirements.items():
        if name in own.hidden:
            continue
        verdicts = [each.get(name) for each in by_state]
        margins = tuple(
            None if one is None or one.margin is None or one.verdict == "hidden" else verdict_row(one, own).margin
            for one in verdicts
        )
        known = [one for one in margins if one is not None]
        last = next((one for one in reversed(verdicts) if one is not None and one.verdict != "hidden"), None)
        if not known or last is None:
            continue
        scale = abs(last.bound or 0.0) or max(map(abs, known)) or 1.0
        rows.append(
            (
                (max(known) - min(known)) / scale,
                MarginRow(name, requirement.title.words, verdict_row(last, own).unit, margins),
            )
        )
    return [row for _, row in sorted(rows, key=lambda one: -one[0])][:MOST_MARGINS]
