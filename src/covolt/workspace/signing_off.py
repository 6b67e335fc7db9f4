"""Signing off in the workspace: what a party would sign is handed out, and what it signed elsewhere is checked and filed.

Private keys never come here, of one person's workspace neither: whoever has a session or a token would have the party's word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from covolt.contract.document import dumps, loads
from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem, refuse
from covolt.programme.documents import Programme
from covolt.programme.gate import Gate, KeyedSignOff, SignOffWanted
from covolt.programme.keys import UNSIGNED, PartyKey, in_words, statement_bytes
from covolt.programme.standing import STATES
from covolt.study.gate.covered import covered_digest, covered_items
from covolt.study.gate.gates import criteria_blocks, undriven_blocks
from covolt.study.gate.moved import moved_since
from covolt.study.gate.passing import stated
from covolt.study.gate.signatures import signer_said
from covolt.study.verdicts.verification import Verification
from covolt.suggestion import named
from covolt.words import Phrase, text
from covolt.workspace.access import Reader, seen, seen_verdicts
from covolt.workspace.gates_moved import gates_moved
from covolt.workspace.programmes import Programmes
from covolt.workspace.pushes import beside_problems
from covolt.workspace.signing_shown import SigningKey, SigningLine, SigningShown, SigningsShown
from covolt.workspace.states import Heads

__all__ = ["Handed", "MOST_SIGNED_signs", "SigningOff"]

NOBODY = "0" * 64
"""The key of what is only shown."""
WAIT_s = 600.0
TRIES = 5
MOST_SIGNED_signs = 1_000_000
"""Of a file that is handed in."""


@final
@dataclass(frozen=True)
class Handed:
    """What is handed out to be signed elsewhere: its bytes, and how its file is called there and in the command."""

    file: str
    content: bytes


@final
@dataclass(frozen=True)
class _At:
    """A gate of a programme at a state, with all that its signature covers."""

    heads: Heads
    programme: Programme
    found: Verification
    surely: bool
    gate: Gate

    @property
    def digest(self) -> str:
        return covered_digest(self.programme, self.found, self.gate)

    @property
    def items(self) -> dict[str, str]:
        """What it covers, of that what everybody may see: a sign-off is read by all. The digest is over all of it."""
        found, own = seen_verdicts(self.found, self.programme, Reader(""))
        documents = {
            "requirement": own.requirements.keys() - own.hidden, "checked": own.checked.keys(),
            "negative": own.negatives.keys(), "scenario": own.scenarios.keys(), "contract": own.contracts.keys(),
            "table": own.tables.keys(), "interests": set[str](),
            "promise": {one.slot for one in found.conformances},
        }  # fmt: skip
        told = {**documents, **dict.fromkeys(("verdict", "foreign"), documents["requirement"])}
        shown = dict[str, str]()
        for item, said in covered_items(self.programme, self.found, self.gate).items():
            kind, _, name = item.partition(" ")
            if kind not in told or name in told[kind] or name.partition("/")[0] in told[kind]:
                shown[item] = said
        return shown

    def draft(self, party: str, role: str, key: str, remarks: str = "") -> KeyedSignOff:
        """The sign-off of a party, before it is signed."""
        return KeyedSignOff(
            programme=self.programme.charter.id,
            gate=self.gate.id,
            party=party,
            role=role,
            date=self.programme.day,
            digest=self.digest,
            key=key,
            remarks=remarks,
            signature=UNSIGNED,
            covers=self.items,
        )


@final
class SigningOff:
    """The sign-offs of the programmes of a workspace."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def shown(self, name: str, who: Reader, gate: str, wait_s: float = 0.0) -> SigningsShown:
        """What the reader's party would sign of a gate, in each role in which its sign-off is asked and does not count yet."""
        at = self._at(name, who, gate, wait_s)
        return SigningsShown(at.heads.digest, at.surely, tuple(_signings(at, who)))

    def statement(self, name: str, who: Reader, gate: str, role: str, key: str, remarks: str = "") -> Handed:
        """The bytes that the reader's party is to sign by one of its keys, over everything as it stands.

        Raises:
            Forbidden: the gate does not ask for it, or the key does not sign so.
            Conflict: a gate after which people ride lacks evidence.
        """
        at = self._at(name, who, gate, WAIT_s)
        _demand_asked(at.gate, who.party, role)
        if not any(one.fingerprint == key for one in _keys(at.programme, who.party, role)):
            what = text("{party} has no such key for the role {role}", party=who.party, role=role)
            raise Forbidden(Problem(what, "key", text("bring it in: covolt key new, then covolt push")))
        if against := _against(at):
            hint = text("people ride after this gate: it is not signed before this is shown")
            raise Conflict([Problem(one, f"gate {gate}", hint) for one in against])
        return Handed(_file(at, role), statement_bytes(at.draft(who.party, role, key, remarks)))

    def hand_in(self, name: str, who: Reader, gate: str, content: str) -> str:
        """File a sign-off that was signed elsewhere, checked as a push is; the commit.

        Raises:
            InputError: it is no sign-off.
            Forbidden: it is another's, or the signature is not by a key of the party.
            Conflict: it is filed already, or was signed over another state than stands.
        """
        made = loads(content, KeyedSignOff, "file")
        for _ in range(TRIES):
            at = self._at(name, who, gate, WAIT_s)
            refuse({Forbidden: list(_foreign(made, at, who))})
            _demand_fresh(made, at)
            if commit := self._filed(name, who, at, made):
                return commit
        raise Conflict(Problem(text("the programme has moved meanwhile"), name, text("look at it again")))

    def _filed(self, name: str, who: Reader, at: _At, made: KeyedSignOff) -> str:
        """The commit with a sign-off; empty where the programme moved while it was looked at."""
        folders = self._programmes.folders(name)
        files = folders.files(at.heads)
        whole = {**files, _place(at.programme, made): dumps(made).encode()}
        refuse({InputError: beside_problems(at.programme, files, whole, who)})
        title = at.gate.title.words
        message = f"{made.party} signs {made.gate} as {made.role}"
        with self._programmes.moves(name).moving(who) as session:
            if folders.heads() != at.heads:
                return ""
            heads = folders.write(at.heads, whole, self._programmes.author(who), message, self._programmes.clock())
            gates = gates_moved((at.programme, at.found), (self._programmes.read(name, heads), at.found))
            told = {"gate": title.stored(), "role": made.role, "commits": heads.plain(), "gates": gates}
            self._programmes.tell(session, name, who, "signed", f"gate/{made.gate}", told)
        return heads.programme

    def _at(self, name: str, who: Reader, gate: str, wait_s: float) -> _At:
        if not who.party:
            raise Forbidden(Problem(text("who signs speaks for a party"), "party", text("say for which")))
        if who.slots is not None:
            what = text("you act for some slots of {party} alone", party=who.party)
            raise Forbidden(Problem(what, gate, text("let somebody sign who acts for all of it")))
        heads = self._programmes.heads(name)
        programme = self._programmes.read(name, heads)
        own = seen(programme, who)
        if gate not in own.gates:
            raise NotFound(Problem(text("no gate '{gate}'", gate=gate), "gate", named(gate, own.gates)))
        found, surely = self._programmes.computed(name, heads).found(wait_s)
        return _At(heads, programme, found, surely, programme.gates[gate])


def _demand_asked(gate: Gate, party: str, role: str) -> SignOffWanted:
    wanted = next((one for one in gate.signoffs if (one.party, one.role) == (party, role)), None)
    if wanted is None:
        what = text("this gate does not ask for '{party}' as '{role}'", party=party, role=role)
        raise Forbidden(Problem(what, "role", ""))
    return wanted


def _signings(at: _At, who: Reader) -> Iterator[SigningShown]:
    digest = at.digest
    for wanted in at.gate.signoffs:
        if wanted.party != who.party or _counts(at, wanted, digest):
            continue
        lines = stated(at.draft(who.party, wanted.role, NOBODY))
        known = at.programme.standings.keys
        keys = [
            SigningKey(one.fingerprint, in_words(one.fingerprint), known[one.fingerprint].standing.counts)
            for one in _keys(at.programme, who.party, wanted.role)
        ]
        yield SigningShown(
            wanted.role,
            signer_said(at.programme, wanted),
            digest,
            tuple(SigningLine(columns, said) for columns, said in lines),
            tuple(keys),
            tuple(_against(at)),
            _file(at, wanted.role),
        )


def _counts(at: _At, wanted: SignOffWanted, digest: str) -> bool:
    """Whether a sign-off stands there already over what is there."""
    made = at.programme.signoffs.get(f"{at.gate.id}/{wanted.party}/{wanted.role}")
    fresh = isinstance(made, KeyedSignOff) and made.digest == digest
    return fresh and isinstance(made, KeyedSignOff) and at.programme.consistent.of(made).counts


def _keys(programme: Programme, party: str, role: str) -> list[PartyKey]:
    """Keys of a party that sign in a role, by what the programme says."""
    keys = programme.consistent.keys.values()
    return [one.key for one in keys if one.key.party == party and role in one.key.roles and one.standing.counts]


def _against(at: _At) -> list[Phrase]:
    """Why a gate is not signed yet: people ride after it, and something is not shown."""
    found = list(undriven_blocks(at.programme, at.gate))
    return [*found, *criteria_blocks(at.programme, at.found, at.gate)] if at.gate.people else found


def _foreign(made: KeyedSignOff, at: _At, who: Reader) -> Iterator[Problem]:
    """Why a file is no sign-off of this party under this gate."""
    if made.party != who.party:
        what = text("this signs for {party}, and you act for {own}", party=made.party, own=who.party)
        yield Problem(what, "file", text("act for the party that signed it"))
        return
    if made.gate != at.gate.id:
        yield Problem(text("this signs the gate {gate}", gate=made.gate), "file", text("hand it in there"))
        return
    if not any((one.party, one.role) == (made.party, made.role) for one in at.gate.signoffs):
        what = text("this gate does not ask for '{party}' as '{role}'", party=made.party, role=made.role)
        yield Problem(what, "file", "")
    stands = at.programme.consistent.of(made)
    if made.signature == UNSIGNED or not stands.counts:
        what = text("the signature does not count: {state}: {why}", state=STATES[stands.state], why=stands.why)
        yield Problem(what, "file", text("sign what this page hands out, with a key of your party"))


def _demand_fresh(made: KeyedSignOff, at: _At) -> None:
    """Raise where it is filed already, or was signed over another state."""
    before = at.programme.signoffs.get(made.reference)
    if isinstance(before, KeyedSignOff) and before.signature == made.signature:
        what, hint = text("this sign-off is filed already"), text("look at the gate: it stands there")
        if made.digest != at.digest:
            what = text("this sign-off is filed already, and covers an earlier state")
            hint = text("fetch anew what is to be signed, and sign that")
        raise Conflict(Problem(what, "file", hint))
    wanted = SignOffWanted(party=made.party, role=made.role)
    if made.digest == at.digest and _counts(at, wanted, at.digest):
        what = text("this gate is signed so already, over what stands here now")
        raise Conflict(Problem(what, "file", text("look at the gate: it stands there")))
    if made.digest == at.digest and (made.covers or {}) != at.items:
        what = text("what it says it covers is not what stands here")
        raise Conflict(Problem(what, "file", text("fetch anew what is to be signed, and sign that")))
    if made.digest != at.digest:
        moved = moved_since(made.covers, at.items) if made.covers else ()
        hint = text("fetch anew what is to be signed, and sign that")
        what = text("what was signed is not what stands here now")
        raise Conflict([Problem(what, "file", hint), *(Problem(one, "file", hint) for one in moved)])


def _place(programme: Programme, made: KeyedSignOff) -> str:
    """File of a sign-off: where it stands already, else where `covolt sign` would write it."""
    standing = programme.origin.get(("signoff", made.reference))
    return standing[0] if standing else f"signoffs/{made.gate}/{made.party}-{_plain(made.role)}.toml"


def _file(at: _At, role: str) -> str:
    return f"{at.programme.charter.id}-{at.gate.id}-{_plain(role)}.statement"


def _plain(role: str) -> str:
    return re.sub(r"[^\w-]+", "-", role)[:60]
