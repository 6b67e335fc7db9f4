"""Pushes: what a party sends with Git is held against the whole programme, and counts from one step on, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, final

from covolt.errors import Conflict, CovoltError, Forbidden, InputError, Problem, refuse
from covolt.programme.documents import Programme
from covolt.programme.folder import LOCK_FILE
from covolt.programme.gate import KeyedSignOff
from covolt.programme.reading import read_leniently
from covolt.study.gate.check import check_programme, title_doubts
from covolt.study.result import plain
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, text
from covolt.workspace.access import Reader, seen, seen_verdicts
from covolt.workspace.beside import files_beside
from covolt.workspace.called import title_problems
from covolt.workspace.changes import OFFER, NumberChange, owners_of
from covolt.workspace.computing import key_of
from covolt.workspace.concerning import worsened_owners
from covolt.workspace.programmes import Programmes
from covolt.workspace.pushed import (
    archive_problems,
    changed_paths,
    commit_problems,
    demand_fitting,
    foreign,
    long_texts,
    tree_problems,
)
from covolt.workspace.receiving import Asked
from covolt.workspace.repositories import SHARED, Repositories, kept_offer
from covolt.workspace.repository import Repository
from covolt.workspace.states import OWN, Heads
from covolt.workspace.telling import turned_rows

__all__ = ["Pushes", "beside_problems"]

TRIES = 5
MOST_EFFECTS = 5
JUDGED = text(
    "judged by nominal values, as a push is: whether a requirement is surely met is computed in the workspace"
)
Files = Mapping[str, bytes]
Nominal = tuple[Verification | None, Verification | None]
"""Verdicts on nominal values, before and after."""


@final
class Pushes:
    """What is pushed to the repositories of a workspace, one after the other in each programme."""

    def __init__(self, programmes: Programmes, repositories: Repositories) -> None:
        self._programmes = programmes
        self._repositories = repositories
        self._turns: dict[str, Lock] = {}
        self._turn = Lock()

    def stands(self, name: str, which: str, reader: Reader) -> str:
        """The commit on which a push builds: that which counts, whatever was interrupted after it."""
        self._repositories.found(name, which, reader)
        self._demand_here(name, which)  # before Git sends anything
        return self._stands(self._programmes.heads(name), which)

    def push(self, name: str, which: str, reader: Reader, asked: Asked) -> Phrase:
        """Take what is pushed into a repository; what is to be told of it, empty where that is nothing.

        Raises:
            CovoltError: every problem of it, each at its place; nothing of it is kept then.
        """
        repository = self._repositories.found(name, which, reader)
        if not reader.party:
            raise Forbidden(Problem(text("who pushes speaks for a party"), "", text("say for which")))
        if reader.slots is not None:
            what, hint = text("you act for some slots of {party} alone", party=reader.party), text("propose it instead")
            raise Forbidden(Problem(what, which, hint))
        self._demand_here(name, which)
        with self._turn:
            turn = self._turns.setdefault(name, Lock())
        self._programmes.moves(name).settle()
        with turn, repository.received(asked.pack) as received:
            for _ in range(TRIES):
                if (told := self._taken(name, which, reader, asked, received)) is not None:
                    return told
        raise Conflict(Problem(text("the programme has moved meanwhile"), name, text("push again")))

    def _demand_here(self, name: str, which: str) -> None:
        """Raise where a party has said that its own files lie elsewhere: what it would push here is a mistake."""
        party = self._programmes.read(name, self._programmes.heads(name)).parties.get(which)
        if party is not None and party.repository is not None:
            what = text("{party} keeps its own files elsewhere: nothing of them is taken here", party=which)
            hint = text("push what you publish: covolt push --publications")
            raise Forbidden(Problem(what, f"parties/{which}.toml", hint))

    def _stands(self, heads: Heads, which: str) -> str:
        return heads.programme if which == SHARED else dict(heads.parties).get(which, "")

    def _taken(self, name: str, which: str, reader: Reader, asked: Asked, received: Repository) -> Phrase | None:
        """What is to be told of it; None where it was not taken: the programme moved while it was looked at."""
        folders, heads = self._programmes.folders(name), self._programmes.heads(name)
        wish = demand_fitting(asked.wishes, self._stands(heads, which), received)
        before = self._programmes.read(name, heads)
        after = self._checked(name, before, folders.files(heads), which, reader, received, wish.before, wish.after)
        nominal = self._nominal(name, heads, before, after, wish.after)
        _demand_unconcerned(before, after, reader.party, nominal)
        effects = _effects(before, after, nominal)
        with self._programmes.moves(name).moving() as session:
            if folders.heads() != heads:
                return None
            party, now = "" if which == SHARED else which, self._programmes.clock()
            author = self._programmes.author(reader)
            stands = folders.adopt(heads, party, received, wish.after, author, now)
            told = {"commits": stands.plain(), "effects": effects}
            self._programmes.tell(session, name, reader, "pushed", f"repository/{which}", told)
        return Words() if nominal[1] is None else JUDGED

    def _checked(
        self,
        name: str,
        programme: Programme,
        files: Files,
        which: str,
        reader: Reader,
        received: Repository,
        before: str,
        after: str,
    ) -> Programme:
        """The programme with what is pushed; raises every problem of that."""
        problems = tree_problems(received, before, after)
        members = self._programmes.members(name, reader.party)
        problems += commit_problems(received, before, after, reader.party, programme, members)
        if problems:
            raise InputError(problems)
        content, was = received.files(after), received.files(before)
        shared = which == SHARED
        within = "" if shared else f"{which}/"
        paths = changed_paths(received, before, after)
        forbidden = foreign(programme, reader.party, paths, was, content) if shared else []
        changed = {path: content[path] for path in paths if path in content}
        wrong = [*archive_problems(changed, within), *long_texts(was, changed, within)]
        wrong += [
            Problem(
                text("an offer that is shown to nobody else cannot be published in what all parties share"),
                path,
                text('write visibility = "programme", or hand it over otherwise'),
            )
            for path, one in changed.items()
            if shared and path.startswith("offers/") and kept_offer(one)
        ]
        pushed = {f"{within}{path}": one for path, one in content.items() if path not in OWN}
        parties = programme.parties.keys()
        kept = {
            path: one
            for path, one in files.items()
            if (_top(path) in parties if shared else not path.startswith(within))
        }
        found, told = _read(programme, files, kept | pushed, reader)
        wrong += title_problems(programme, found, self._programmes.people())
        wrong += [*_doubtful_titles(programme, found), *_signed_by_others(programme, found, reader.party)]
        refuse({Forbidden: forbidden, InputError: [*wrong, *told]})
        return found

    def _nominal(self, name: str, heads: Heads, before: Programme, after: Programme, commit: str) -> Nominal:
        """Verdicts before and after, where it changes what they stand on; what cannot be driven has none."""
        if (before.whole.lock, before.whole.requirements) == (after.whole.lock, after.whole.requirements):
            return None, None
        was: Verification | None = None
        try:
            was = self._programmes.computed(name, heads).nominal
            key = key_of(f"{heads.digest} pushed {commit}")
            return was, self._programmes.computing.verdicts(key, after, lasting=False).nominal
        except CovoltError:
            return was, None


def _doubtful_titles(before: Programme, after: Programme) -> list[Problem]:
    """Titles that a push makes like another party's, or like what they are not: people know parties by them."""
    known = {str(one.what) for one in title_doubts(before)}
    return [one for one in title_doubts(after) if str(one.what) not in known]


def _signed_by_others(before: Programme, after: Programme, party: str) -> list[Problem]:
    """Sign-offs that are new, in the name of a party and by a key that is none of its own."""
    return [
        Problem(
            text("this key is none of {party}", party=party), f"signoffs/{name}.toml", text("sign it with your own")
        )
        for name, one in after.signoffs.items()
        if isinstance(one, KeyedSignOff) and one.party == party and before.signoffs.get(name) != one
        if one.key not in {each.fingerprint for each in after.keys.values() if each.party == party}
    ]


def _effects(before: Programme, after: Programme, nominal: Nominal) -> list[Any]:
    """What everybody sees turn by a push, the most first."""
    was, now = nominal
    if was is None or now is None:
        return []
    nobody = Reader("")
    (then, _), (found, own) = seen_verdicts(was, before, nobody), seen_verdicts(now, after, nobody)
    return [plain(one) for one in turned_rows(then, found, own)][:MOST_EFFECTS]


def _demand_unconcerned(before: Programme, after: Programme, party: str, nominal: Nominal) -> None:
    """Raise where a push changes what is locked and a proposal of the same would need others to agree."""
    locks = before.whole.lock, after.whole.lock
    if locks[0] is None or locks[1] is None:
        return  # what is locked first has nothing before it that others agreed to
    was, now = locks[0].slots, locks[1].slots
    moved = [
        NumberChange(slot, OFFER, was[slot].offer if slot in was else "", pin.offer)
        for slot, pin in now.items()
        if slot not in was or was[slot] != pin
    ]
    gone = [NumberChange(slot, OFFER, pin.offer, "") for slot, pin in was.items() if slot not in now]
    if not moved and not gone:
        return
    owners = {*owners_of(after.whole, moved), *owners_of(before.whole, gone)}
    owners |= worsened_owners(after, nominal[0], nominal[1]) if nominal[0] is not None else set()
    if others := sorted(owners - {party}):
        what = text("{parties} must agree to what this changes in the lock", parties=", ".join(others))
        hint = text("by nominal values, as a push is judged; propose it: covolt propose")
        raise Forbidden(Problem(what, LOCK_FILE, hint))


def beside_problems(programme: Programme, files: Files, whole: Files, reader: Reader) -> list[Problem]:
    """What is wrong with a programme once files are changed, and was not before, as the reader may be told it."""
    return _read(programme, files, whole, reader)[1]


def _read(programme: Programme, files: Files, whole: Files, reader: Reader) -> tuple[Programme, list[Problem]]:
    """A programme with what is pushed, and what of that is wrong.

    What stands in files that the reader may see is told in full. What is wrong beside those of others is told as that alone.
    """
    beside, parties = files_beside(seen(programme, reader)), programme.parties.keys() - {reader.party}

    def view(found: Files) -> Files:
        return {path: one for path, one in found.items() if _top(path) not in parties} | beside

    if told := _new_problems(view(files), view(whole), programme.day):
        return programme, told
    if not (left := _new_problems(files, whole, programme.day)):
        # Read by its own word: what was wrong with it before is not the pusher's to mend.
        return read_leniently(whole, day=programme.day), []
    places = dict.fromkeys(one.where if _top(one.where) == reader.party else "" for one in left)
    what = text("this does not go with what other parties keep as their own")
    hint = text("give what it names other names; the parties see in the workspace what it is")
    return programme, [Problem(what, where, hint) for where in places]


def _new_problems(before: Files, after: Files, day: str) -> list[Problem]:
    """What is wrong with a programme and was not before."""
    found = _problems(after, day)
    known = {(one.what, _file(one.where)) for one in _problems(before, day)} if found else set[tuple[str, str]]()
    return [one for one in found if (one.what, _file(one.where)) not in known]


def _problems(files: Files, day: str) -> Sequence[Problem]:
    try:
        check_programme(files, day=day)
    except CovoltError as error:
        return error.problems
    return []


def _file(where: str) -> str:
    """A place without its line."""
    return re.sub(r":\d+", "", where)


def _top(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""
