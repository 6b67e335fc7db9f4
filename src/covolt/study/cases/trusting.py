"""The use case `key trust`: what somebody agrees to of a programme: first keys, and each word in which it differs from before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, final

from covolt.errors import Forbidden, InputError, NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.keys import PartyKey

__all__ = ["Ask", "Line", "Question", "Tell", "is_first_look", "named_roots", "trust", "trust_asking"]


Signers = Mapping[str, tuple[str, ...]] | None
Gates = tuple[Signers, Signers, Mapping[str, int] | None]


@final
@dataclass(frozen=True)
class Line:
    """One line that is shown before a question: a sentence, an alarm, or a fingerprint, and how far it stands in."""

    text: str
    kind: Literal["sentence", "alarm", "fingerprint"] = "sentence"
    indent: int = 0


@final
@dataclass(frozen=True)
class Question:
    """What somebody is asked to agree to, and what he must see before he does."""

    lines: tuple[Line, ...]
    asked: str


Ask = Callable[[Question], bool]
"""Asks a person, and says whether he agrees."""
Tell = Callable[[Sequence[Line]], None]
"""Tells what is not asked."""


def _silent(lines: Sequence[Line]) -> None:
    """Nobody is told."""


@final
@dataclass
class _Agreed:
    """What is to be written to the user's own settings."""

    demand: tuple[str | None, int | None]
    gates: Gates
    """Whom gates with people ask, whom the others, and in which order all stand."""
    left: dict[str, str] = field(default_factory=dict[str, str])
    again: set[str] = field(default_factory=set[str])
    agencies: dict[str, bool] = field(default_factory=dict[str, bool])


@final
@dataclass(frozen=True)
class _Word:
    """One thing that a programme says otherwise than was agreed; `by_name` where who names a first key has agreed to it."""

    said: Sequence[str]
    asked: str
    take: Callable[[_Agreed], None]
    taken: str
    by_name: bool = False
    party: str = ""


def _roots(read: Programme) -> dict[str, PartyKey]:
    """First keys that are in order, by fingerprint."""
    return {
        name: one.key
        for name, one in read.consistent.keys.items()
        if not one.key.follows
        and one.standing.state in {"stands", "revoked"}
        and one.key.party not in read.consistent.disputed
    }


def trust(
    programme: Programme | Path,
    fingerprints: Sequence[str],
    *,
    replacing: bool = False,
    gates: bool = False,
    ask: Ask | None = None,
    tell: Tell = _silent,
    findings: Findings | None = None,
) -> list[str]:
    """Trust first keys of a programme, named or asked for, and settle each other word; what was newly agreed to.

    Args:
        fingerprints: of the first keys that are trusted; where none is named, each is asked for.
        replacing: whether what these parties now say otherwise than was agreed to is taken.
        gates: whether whom gates ask, and from which on signatures count, is taken.
        ask: asks a person; None where nobody can be asked.
        tell: tells what is taken without a question, or is not taken over.

    Raises:
        NotFound: no first key is called so.
        Forbidden: another first key of the party is trusted here, and nobody says that it may be replaced.
        InputError: no key is named, and nobody can be asked.
    """
    from covolt.programme.reading import read_leniently

    findings = findings or Findings()
    read = read_leniently(programme) if isinstance(programme, Path) else programme
    if fingerprints:
        chosen = named_roots(read, fingerprints, replacing=replacing, ask=ask, tell=tell, findings=findings)
        options = (f"{findings.called('replacing')}, with this party's first key,", findings.called("gates"))
        answer = _by_name(chosen, replacing=replacing, gates=gates, ask=ask, tell=tell, options=options)
        return _settle(read, chosen, answer)
    if ask is None:
        option = findings.called("fingerprints")
        hint = text("name the fingerprints that you have compared: {option} HEX", option=option)
        raise InputError(Problem(text("nobody can be asked here"), option, hint))
    return trust_asking(read, ask)


def is_first_look(read: Programme) -> bool:
    """Whether a first key lies there that nobody trusts here yet: who sits at a door can be asked."""
    from covolt.programme.standing import NOT_TRUSTED

    return any(one.standing.why == NOT_TRUSTED for one in read.standings.keys.values())


def named_roots(
    read: Programme,
    named: Sequence[str],
    *,
    replacing: bool,
    ask: Ask | None,
    tell: Tell = _silent,
    findings: Findings | None = None,
) -> dict[str, str]:
    """First keys with these fingerprints, by party; one that takes another's place needs a yes or `replacing`."""
    roots, findings, chosen = _roots(read), findings or Findings(), dict[str, str]()
    known, option = read.trust.first or {}, findings.called("fingerprints")
    for written in named:
        plain = written.replace(" ", "").lower()
        if plain not in roots:
            hint = text("name all 64 digits of a first key: covolt key list")
            findings.add(
                Problem(text("no first key with the fingerprint {text:.64}", text=written), option, hint), NotFound
            )
            continue
        party = roots[plain].party
        old = known.get(party, plain)
        if old != plain and not replacing and ask is None:
            what = text(
                "another first key of {party} is trusted here: {old}; this is {plain}",
                party=party,
                old=old,
                plain=plain,
            )
            hint = text("ask the party itself which is its own; then add {called}", called=findings.called("replacing"))
            findings.add(Problem(what, option, hint), Forbidden)
        chosen[party] = plain
    findings.demand_none()
    for party, plain in list(chosen.items()):
        if plain == known.get(party, plain):
            continue
        lines = (
            Line(f"{party}: another first key takes the place of the one that is trusted here", "alarm"),
            Line("  old:"),
            Line(known[party], "fingerprint", 4),
            Line("  new:"),
            Line(plain, "fingerprint", 4),
        )
        if replacing or ask is None:
            tell(lines)
        elif not ask(Question(lines, "Has the party itself told you the new words?")):
            del chosen[party]
    return chosen


def trust_asking(read: Programme, ask: Ask) -> list[str]:
    """Ask for each first key that is not trusted yet, and each other word; what was newly agreed to."""
    from covolt.programme.anchor import named_in
    from covolt.programme.text import told

    known, own, chosen = read.trust.first or {}, named_in(read.charter.id), dict[str, str]()
    for name, one in _roots(read).items():
        if own.get(one.party) == name:
            continue
        party = read.parties.get(one.party)
        title = f"{party.named} ({', '.join(party.roles)})" if party else one.party
        lines = [
            Line(f"{title}, first key of {one.on}, signs as {', '.join(map(told, one.roles))}:"),
            Line(name, "fingerprint", 2),
        ]
        if known.get(one.party, name) != name:
            lines += [
                Line("You trust ANOTHER first key of this party. Ask the party before you agree.", "alarm"),
                Line("  the one that you trust:"),
                Line(known[one.party], "fingerprint", 4),
            ]
        if ask(Question(tuple(lines), "Has the party told you these words, or is the key your own?")):
            chosen[one.party] = name
    return _settle(read, chosen, lambda word: ask(Question(tuple(map(Line, word.said)), word.asked)))


def _by_name(
    chosen: Mapping[str, str], *, replacing: bool, gates: bool, ask: Ask | None, tell: Tell, options: tuple[str, str]
) -> Callable[[_Word], bool]:
    """Answers for first keys that were named: their parties' words by `replacing`, those of the whole programme by `gates`."""

    def agreed(word: _Word) -> bool:
        lines = tuple(map(Line, word.said))
        by_name = word.by_name and (not word.party or word.party in chosen)
        if by_name or ((replacing and word.party in chosen) if word.party else gates):
            tell(lines)
            return True
        if ask is not None:
            return ask(Question(lines, word.asked))
        option = options[0] if word.party else options[1]
        tell((*lines, Line(f"this is not what you confirmed, and was not taken over: {option} takes it")))
        return False

    return agreed


def _settle(read: Programme, chosen: Mapping[str, str], agreed: Callable[[_Word], bool]) -> list[str]:
    """Write first keys and what else is agreed to into the user's own settings; what of it is new."""
    from covolt.programme.anchor import named_in, record, trust_in

    own, trust = named_in(read.charter.id), read.trust
    settled = _Agreed((trust.signatures_from, trust.order), (trust.people, trust.others, trust.orders))
    fresh = [party for party, name in chosen.items() if own.get(party) != name]
    settled.agencies = {name: _is_agency(read, name) for name in fresh}
    new = [f"the first key of {party} is trusted" for party in fresh]
    for word in _words(read, {**own, **chosen}, fresh) if own or chosen else ():
        if agreed(word):
            word.take(settled)
            new.append(word.taken)
    if new:
        trust_in(read.charter.id, chosen, *settled.demand, *settled.gates, left=settled.left, again=settled.again)
        record(read.charter.id, None if read.files.folder is None else read.root, settled.agencies)
    return new


def _is_agency(read: Programme, party: str) -> bool:
    return party in read.parties and "agency" in read.parties[party].roles


def _words(read: Programme, parties: Mapping[str, str], fresh: Sequence[str]) -> Iterator[_Word]:
    """In what a programme differs from what is agreed, by whose first keys are trusted."""
    from covolt.programme.keys import in_words
    from covolt.programme.standing import FORGOTTEN

    if read.trust.renamed:
        said = f"This folder was trusted as the programme '{read.trust.renamed}', and calls itself '{read.charter.id}' now."
        yield _Word(
            [said], "Is that right?", lambda _: None, f"the folder is taken for '{read.charter.id}'", by_name=True
        )
    yield from _demand(read)
    yield from _people(read, first=bool(fresh))
    for party in sorted(parties):
        yield from _left(read, party)
        known = read.trust.agencies
        if known is not None and party not in fresh and _is_agency(read, party) != (party in known):
            yield _agency(read, party)
    for name, one in read.standings.keys.items():
        if one.standing.why == FORGOTTEN:
            said = f"You saw the key {in_words(name)} of {one.key.party} revoked; the file that says so is gone."
            ask = "Is it to count again? Ask the party before you agree."
            yield _Word([said], ask, _again(name), f"the key {in_words(name)} counts again", party=one.key.party)


def _demand(read: Programme) -> Iterator[_Word]:
    gate = read.gates.get(read.charter.signatures_from or "")
    now, before = (gate.id, gate.order) if gate else (None, None), (read.trust.signatures_from, read.trust.order)
    if now == before:
        return
    was = [f"You agreed that only what is signed counts from the gate {before[0]} on."] if before[0] else []
    said = f"only what is signed counts from the gate {now[0]} on" if now[0] else "nothing need be signed"
    lines = [*was, f"signatures_from in programme.toml says: {said}."]
    stricter = before[1] is None or (now[1] is not None and now[1] <= before[1])

    def take(settled: _Agreed) -> None:
        settled.demand = now

    yield _Word(lines, "Do you agree to this?", take, said, by_name=stricter)


def _people(read: Programme, *, first: bool) -> Iterator[_Word]:
    """Whom gates ask, and in which order they stand, where that is not what was agreed."""
    from covolt.programme.key_coherence import demands
    from covolt.programme.people import asked_of, differences, orders_of, others_of

    before, now, others = read.trust.people, asked_of(read), others_of(read)
    moved = {} if before is None else differences(read)
    since = read.trust.orders is None  # agreed to before it was remembered in which order gates stand
    if before == now and not moved and not since:
        return
    lines = [str(why) for gate, why in moved.items() if before and before.get(gate) == now.get(gate)]
    if demands(read):
        lines += [f"gate {gate} must be signed by {', '.join(asked) or 'nobody'}" for gate, asked in others.items()]
    for gate in sorted(set(now).union(before or ())):
        signs = f"must be signed by {', '.join(now[gate]) or 'nobody'}" if gate in now else "is no longer such a gate"
        was = f"; you confirmed: {', '.join(before[gate]) or 'nobody'}" if before and gate in before else ""
        lines.append(f"gate {gate}, after which people ride, {signs}{was}")

    def take(settled: _Agreed) -> None:
        settled.gates = now, others, orders_of(read)

    if not lines:  # a programme without such gates
        lines.append("no gate of this programme has people after it")
    yield _Word(
        lines,
        "Are these the right ones to sign?",
        take,
        "who signs before people ride is agreed",
        first if before is None else since and before == now and not moved,
    )


def _left(read: Programme, party: str) -> Iterator[_Word]:
    """That a party has left, or not, other than was agreed."""
    from covolt.programme.party import leaves

    own = read.parties[party].left or "" if party in read.parties else ""
    before = read.trust.left.get(party, "")
    if own == before:
        return
    was = [f"You agreed that {leaves(party, before, read.day)}."] if before else []
    now = str(leaves(party, own, read.day)) if own else f"{party} has not left"

    def take(settled: _Agreed) -> None:
        settled.left[party] = own

    stricter = bool(own) and (not before or own < before)
    lines = [*was, f"The file of {party} says: {now}."]
    yield _Word(lines, "Do you agree to this?", take, now, by_name=stricter, party=party)


def _agency(read: Programme, party: str) -> _Word:
    is_now = _is_agency(read, party)
    now = f"{party} is {'an' if is_now else 'no'} agency"
    said = f"When you trusted {party}, it was {'no' if is_now else 'an'} agency. Now its file says: {now}."

    def take(settled: _Agreed) -> None:
        settled.agencies[party] = is_now

    return _Word([said], "Do you agree to this?", take, now, by_name=not is_now, party=party)


def _again(name: str) -> Callable[[_Agreed], None]:
    return lambda settled: settled.again.add(name)
