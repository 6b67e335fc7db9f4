"""Standing: which keys and statements of a programme count, and why the others do not: pure, of documents, trust and day.

A first key counts where it is trusted; a later one where the key that it follows signed it and counts. What a revoked key signed
counts only where a revocation that counts itself names it. A revocation takes its key out whoever made it; which statements it
lets stand is heard from those whose own word does not hang on the revoked key, and only where there are none from its successors,
whose own link to it then stands by itself. Where these disagree, nothing of the party counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from covolt.programme import external
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import (
    OFFERS,
    REASONS,
    RECOVERY,
    PartyKey,
    Revocation,
    Signature,
    Statement,
    heard,
    signed_by,
    statement_digest,
)
from covolt.programme.party import day_fault
from covolt.words import Phrase, Words, text

__all__ = [
    "BROKEN",
    "STATES",
    "KeyStanding",
    "Standing",
    "Standings",
    "State",
    "Trust",
    "standings_of",
    "within_roles",
]

State = Literal["stands", "stale", "key not known here", "revoked", "not checked here", "old form", "invalid"]


@dataclass(frozen=True)
class Trust:
    """What is known outside the programme: first keys of parties, keys seen revoked, and from which gate on signatures count.

    `first` None takes every first key of the programme on its own word, which shows what fits together and not who speaks.
    `revoked` holds the digests of the revocations that were seen, by the key that they take out.
    """

    first: Mapping[str, str] | None = None
    revoked: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    signatures_from: str | None = None
    order: int | None = None
    form: int = 1
    left: Mapping[str, str] = field(default_factory=dict[str, str])
    """Days on which parties were seen to have left."""
    agencies: frozenset[str] | None = None
    """Parties that were agencies when they were trusted; None where that was not asked."""
    renamed: str = ""
    """What the programme of this folder was called when it was trusted, where it calls itself otherwise now."""
    people: Mapping[str, tuple[str, ...]] | None = None
    """Whom each gate with people asks; None where that was never said."""
    others: Mapping[str, tuple[str, ...]] | None = None
    """Whom each other gate asks; None where that was not yet remembered."""
    orders: Mapping[str, int] | None = None
    """In which order all gates stand; None where that was not yet remembered."""


@dataclass(frozen=True)
class Standing:
    """Whether something counts, and why not."""

    state: State
    why: Phrase = field(default_factory=Words)

    @property
    def counts(self) -> bool:
        """Whether it is heard: nothing speaks against it here."""
        return self.state == "stands"


@dataclass(frozen=True)
class KeyStanding:
    """One key: whose, in which roles, whether it counts, and what its revocations say."""

    key: PartyKey
    standing: Standing
    revocations: tuple[Revocation, ...] = ()

    @property
    def revoked_on(self) -> str:
        """Day of its first revocation; empty where there is none."""
        return min((one.on for one in self.revocations), default="")


STANDS = Standing("stands")
BROKEN = text("the signature is not by this key, or the statement was changed after it was signed")
STATES: Mapping[State, Phrase] = {
    "stands": text("stands", context="signature"),
    "stale": text("stale", context="signature"),
    "key not known here": text("key not known here", context="signature"),
    "revoked": text("revoked", context="signature"),
    "not checked here": text("not checked here", context="signature"),
    "old form": text("old form", context="signature"),
    "invalid": text("invalid", context="signature"),
}


@dataclass(frozen=True)
class Standings:
    """Standing of every key, and of every statement on demand."""

    programme: str
    today: str
    keys: Mapping[str, KeyStanding]
    counting: Mapping[str, frozenset[str]]
    """Digests of what still stands of a revoked key, by that key: its own party alone says so."""
    taken_out: Mapping[str, frozenset[str]]
    """Digests of the revocations to keep in mind, by the key that they take out."""
    disputed: frozenset[str]
    left: Mapping[str, str]

    def still_stands(self, said: Statement, key: str) -> bool:
        """Whether a statement by a revoked key is one of those that its party lets stand."""
        return statement_digest(said) in self.counting.get(key, frozenset())

    def of(self, said: Signature | KeyedSignOff) -> Standing:
        """Standing of a statement that a key makes in a role."""
        known = self.keys.get(said.key)
        if known is None or known.key.party != said.party:
            absent = text("{party} has no such key in this programme", party=said.party)
            if known is not None:
                absent = text("this is a key of {owner}, and not of {party}", owner=known.key.party, party=said.party)
            return Standing("key not known here", absent)
        fault = self._fault(said, known.key)
        if fault is not None:
            return Standing("invalid", fault)
        if not known.standing.counts and known.standing.state != "revoked":
            return known.standing
        if known.key.party in self.disputed or (
            known.standing.state == "revoked" and not self.still_stands(said, said.key)
        ):
            return Standing("revoked", known.standing.why)
        if known.key.algorithm is not None and heard(said, known.key) is None:
            return Standing("not checked here", external.NEEDS[known.key.algorithm])
        return Standing("stands", _revoked_since(known)) if known.revocations else STANDS

    def _fault(self, said: Signature | KeyedSignOff, key: PartyKey) -> Phrase | None:
        """What is wrong with a statement whatever is trusted."""
        if said.programme != self.programme:
            return text("it speaks of the programme {programme}", programme=said.programme)
        if heard(said, key) is False:
            return BROKEN
        if not _may_sign(said, key):
            return text("the key does not sign as {role}", role=said.role)
        valid = key.valid
        if valid and not valid[0] <= said.on <= valid[1]:
            return text("its certificate holds from {first} to {last}", first=valid[0], last=valid[1])
        late = day_fault(said, key, self.today, self.left.get(said.party, ""))
        return None if late is None else late[0]


def _revoked_since(known: KeyStanding) -> Phrase:
    """That the key of a statement that stands was revoked, on which day and why."""
    first = min(known.revocations, key=lambda one: one.on)
    return text("the key was revoked on {day} as {reason}", day=first.on, reason=REASONS[first.reason])


def _may_sign(said: Signature | KeyedSignOff, key: PartyKey) -> bool:
    if said.role not in key.roles or said.role == RECOVERY:
        return False
    return (said.role == OFFERS) == (isinstance(said, Signature) and said.subject == "offer")


def standings_of(
    programme: str,
    keys: Iterable[PartyKey],
    revocations: Iterable[Revocation],
    trust: Trust,
    today: str,
    left: Mapping[str, str] | None = None,
) -> Standings:
    """Standing of every key under a trust. Documents whose own signatures do not hold are as absent."""
    chains: dict[str, _Chain] = {}
    for key in keys:
        if key.programme == programme and (key.algorithm is not None or key.held):
            chains.setdefault(key.party, _Chain(key.party)).keys[key.fingerprint] = key
    for one in revocations:
        chain = chains.get(one.party)
        if chain and one.programme == programme and chain.may_revoke(one):
            chain.revocations.setdefault(one.key, []).append(one)
    for chain in chains.values():
        chain.settle(trust)
    return Standings(
        programme=programme,
        today=today,
        keys={name: one for chain in chains.values() for name, one in chain.standings(trust).items()},
        counting={name: frozenset(said) for chain in chains.values() for name, said in chain.lasting.items()},
        taken_out={name: said for chain in chains.values() for name, said in chain.taken_out().items()},
        disputed=frozenset(chain.party for chain in chains.values() if chain.disputed),
        left=left or {},
    )


def within_roles(roles: Sequence[str], senior: PartyKey) -> bool:
    """Whether a key may bring in or take out one of these roles: a first or recovery key any, another those that it has."""
    return not senior.follows or RECOVERY in senior.roles or set(roles) <= set(senior.roles)


@dataclass
class _Chain:
    """The keys of one party."""

    party: str
    keys: dict[str, PartyKey] = field(default_factory=dict[str, PartyKey])
    revocations: dict[str, list[Revocation]] = field(default_factory=dict[str, list[Revocation]])
    signed: set[str] = field(default_factory=set[str])
    """Later keys that descend from a known first key, each signed by the one that it follows, whether that counts or not."""
    digests: dict[int, str] = field(default_factory=dict[int, str])
    linked: set[str] = field(default_factory=set[str])
    """Keys that are brought in by keys that count, or trusted."""
    lasting: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Digests of statements by revoked keys that still stand, by the key that made them."""
    disputed: bool = False
    forgotten: frozenset[str] = frozenset()

    def may_revoke(self, one: Revocation) -> bool:
        """Whether a revocation is made by a key of the party, and by one that may."""
        by, key = self.keys.get(one.by), self.keys.get(one.key)
        return (
            by is not None
            and key is not None
            and (one.by == one.key or within_roles(key.roles, by))
            and signed_by(one, by.public)
        )

    def settle(self, trust: Trust) -> None:
        """The least set of statements that count: from the trusted first key outwards until nothing is added."""
        roots = [name for name, one in self.keys.items() if not one.follows]
        known = roots if trust.first is None else [name for name in roots if name == trust.first.get(self.party)]
        self.signed = self._brought_in(known)
        self.revocations = self.by_own({*known, *self.signed})
        self.forgotten = frozenset(
            name for name in self.keys if not self._there(name) >= trust.revoked.get(name, set())
        )
        if self.too_many:
            self.disputed = True
            return
        self.disputed = len(known) > 1
        self.linked = set(known)
        while True:
            before = len(self.linked), sum(map(len, self.lasting.values()))
            self.linked |= {name for name in self.signed if self._counts(self.keys[name], self.keys[name].follows)}
            for name in self.revocations.keys() - self.forgotten:
                self.lasting.setdefault(name, set()).update(*(stands for _, stands in self._heard(name)))
            if (len(self.linked), sum(map(len, self.lasting.values()))) == before:
                break
        self.disputed = self.disputed or any(
            len({frozenset(stands) for one, stands in self._heard(name) if self._counts(one, one.by)}) > 1
            for name in self.linked & self.revocations.keys()
        )

    @property
    def too_many(self) -> bool:
        """Whether a party has more keys, or says more of them, than anybody looks through."""
        return len(self.signed) + 1 > MOST_KEYS or sum(map(len, self.revocations.values())) > MOST_REVOCATIONS

    def _brought_in(self, roots: Iterable[str]) -> set[str]:
        """Later keys that descend from first ones by signatures; what others made for themselves is not looked through."""
        after: dict[str, list[str]] = {}
        for name, one in self.keys.items():
            after.setdefault(one.follows, []).append(name)
        found, ahead = set[str](), list(roots)
        while ahead:
            new = {
                name for name in after.get(ahead.pop(), ()) if name not in found and self._is_signed(self.keys[name])
            }
            found |= new
            ahead += new
        return found

    def by_own(self, own: set[str]) -> dict[str, list[Revocation]]:
        """Revocations by keys that descend from a known first key: a stranger's say nothing."""
        heard = {name: [one for one in found if one.by in own] for name, found in self.revocations.items()}
        return {name: found for name, found in heard.items() if found}

    def _there(self, name: str) -> set[str]:
        """Digests of the revocations of a key."""
        return {self._digest(one) for one in self.revocations.get(name, ())}

    def taken_out(self) -> dict[str, frozenset[str]]:
        """Revocations by keys that are brought in, but for those by a key that is taken out itself by one that counts.

        A thief's key takes others out while its word is there, and none for good.
        """
        idle = self.forgotten | {
            name
            for name, found in self.revocations.items()
            if any(one.by == name or self._counts(one, one.by) for one in found)
        }
        found = {
            name: frozenset(
                self._digest(one)
                for one in revocations
                if one.by in self.linked and (one.by == name or one.by not in idle or self._counts(one, one.by))
            )
            for name, revocations in self.revocations.items()
        }
        return {name: digests for name, digests in found.items() if digests}

    def _is_signed(self, key: PartyKey) -> bool:
        """Whether a later key is signed by the one that it follows, and brings in no role that it may not."""
        senior = self.keys.get(key.follows)
        return senior is not None and within_roles(key.roles, senior) and signed_by(key, senior.public)

    def _counts(self, statement: Statement, by: str) -> bool:
        if by not in self.linked or by in self.forgotten:
            return False
        return by not in self.revocations or self._digest(statement) in self.lasting.get(by, set())

    def _digest(self, statement: Statement) -> str:
        found = self.digests.get(id(statement))
        if found is None:
            found = self.digests[id(statement)] = statement_digest(statement)
        return found

    def _heard(self, name: str) -> list[tuple[Revocation, set[str]]]:
        """Revocations of a key that may say what of it stands, each with what it lets stand."""
        others = [(one, self._path(one.by, name)) for one in self.revocations[name] if one.by != name]
        seniors = [(one, self._let_stand(one)) for one, path in others if not path]
        if seniors:
            return [(one, stands) for one, stands in seniors if self._counts(one, one.by)]
        if len(others) < len(self.revocations[name]) or any(one.reason == "compromised" for one, _ in others):
            return []  # it has revoked itself, or its thief could have made them: its successors' word hangs on it
        # A successor's own link to the key that it revokes stands by itself.
        links = [(one, {self._digest(self.keys[path[-1]])}) for one, path in others if self.signed.issuperset(path)]
        return [(one, {*one.stands, *link}) for one, link in links if self._counts(one, one.by)] or links

    def _let_stand(self, said: Revocation) -> set[str]:
        """What a key lets stand of another: of several words, what all of them do."""
        return set[str].intersection(*(set(one.stands) for one in self.revocations[said.key] if one.by == said.by))

    def _path(self, name: str, ancestor: str) -> list[str]:
        """The keys by which one descends from another, the nearest to that last; empty where it does not."""
        path = dict[str, None]()
        while name in self.keys and name not in path:
            path[name] = None
            name = self.keys[name].follows
            if name == ancestor:
                return list(path)
        return []

    def standings(self, trust: Trust) -> dict[str, KeyStanding]:
        """Standing of each key."""
        return {
            name: KeyStanding(one, self._standing(name, one, trust), tuple(self.revocations.get(name, ())))
            for name, one in self.keys.items()
        }

    def _standing(self, name: str, key: PartyKey, trust: Trust) -> Standing:
        if self.disputed:
            what = text("{party} contradicts itself over which keys count", party=self.party)
            many = text(
                "{party} has more than {keys} keys or {revocations} revocations",
                party=self.party,
                keys=MOST_KEYS,
                revocations=MOST_REVOCATIONS,
            )
            return Standing("revoked", many if self.too_many else what)
        if name not in self.linked:
            if trust.first is not None and self.party not in trust.first:
                return Standing("key not known here", NOT_TRUSTED)
            return Standing("key not known here", NOT_LINKED if key.follows else ANOTHER_FIRST)
        if key.algorithm is not None and key.held is not True:
            held = Standing("key not known here", NOT_HELD)
            return held if key.held is False else Standing("not checked here", external.NEEDS[key.algorithm])
        return self._revoked(name)

    def _revoked(self, name: str) -> Standing:
        if name in self.forgotten:
            return Standing("revoked", FORGOTTEN)
        if name in self.revocations:
            first = min(self.revocations[name], key=lambda one: one.on)
            why = text("revoked on {day}: {reason}", day=first.on, reason=REASONS[first.reason])
            return Standing("revoked", why)
        return STANDS


MOST_KEYS, MOST_REVOCATIONS = 64, 256
"""Of one party: a first key, its successors and their holders' offices, over decades."""
FORGOTTEN = text("it was seen revoked, and its revocation is gone")
NOT_TRUSTED = text("its party's first key is not trusted here (covolt key trust)")
ANOTHER_FIRST = text("another first key of its party is trusted here")
NOT_LINKED = text("no key that counts brings it in")
NOT_HELD = text("its holder has not signed its registration: covolt key external SIGNATURE --proves FINGERPRINT")
