"""Pledging: keys, revocations and signatures as a party makes them, each in its place in the programme.

Days are those of UTC. Who signs on a day before what is signed already has a clock that runs backwards, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from covolt.contract.document import dumps
from covolt.contract.offer import Offer
from covolt.errors import Conflict, Forbidden, NotFound, Problem, refuse
from covolt.journal import Change, write_together
from covolt.programme.documents import Programme
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import (
    OFFERS,
    RECOVERY,
    UNSIGNED,
    PartyKey,
    Reason,
    Revocation,
    Signature,
    Statement,
    fingerprint_of,
    in_words,
    sealed,
    signed_by,
    statement_digest,
)
from covolt.programme.party import leaves
from covolt.programme.placing import KEYS_FOLDER
from covolt.programme.signing import public_hex
from covolt.programme.standing import within_roles
from covolt.programme.walk import moved

__all__ = [
    "bring_in",
    "clock_problems",
    "key_holder_problems",
    "own_key",
    "revoking",
    "senior_problems",
    "sign_checked",
    "sign_gate",
    "sign_offer",
    "signer_problems",
]

SHORT = 16
"""Digits of a fingerprint in the name of a file."""


def own_key(programme: Programme, private: Ed25519PrivateKey) -> PartyKey | None:
    """The document of a private key in a programme; None where there is none."""
    return programme.keys.get(fingerprint_of(public_hex(private)))


def clock_problems(programme: Programme) -> list[Problem]:
    """That this machine's day is before one on which a key that is known here has signed something already."""
    # Where nobody is trusted yet, what the documents say by themselves.
    keys = (programme.standings if programme.trust.first else programme.consistent).keys
    said: Iterable[tuple[str, str, Statement, str]] = (
        *(("key", name, one, name) for name, one in programme.keys.items()),
        *(("revocation", name, one, one.by) for name, one in programme.revocations.items()),
        *(("signature", name, one, one.key) for name, one in programme.signatures.items()),
        *(("signoff", name, one, one.key) for name, one in programme.signoffs.items() if isinstance(one, KeyedSignOff)),
    )
    day = programme.day
    late = [
        (one.on, programme.where(kind, name))
        for kind, name, one, by in said
        if one.on > day
        and (known := keys.get(by)) is not None
        and known.key.party == one.party
        and known.standing.state != "key not known here"
        and (kind == "key" or signed_by(one, known.key.public))
    ]
    if not late:
        return []
    last, where = max(late)
    what = f"by this clock it is {day} (UTC), and something is signed on {last} already: {where}"
    return [Problem(what, "clock", "set the clock of this machine, or ask who signed it")]


def signer_problems(
    programme: Programme, private: Ed25519PrivateKey, party: str, role: str, where: str
) -> list[Problem]:
    """Why a party cannot sign with a private key in a role."""
    return key_holder_problems(programme, own_key(programme, private), party, role, where)


def key_holder_problems(programme: Programme, key: PartyKey | None, party: str, role: str, where: str) -> list[Problem]:
    """Why a party cannot sign in a role with the key of a document; None stands for one that the programme does not know."""
    problems = clock_problems(programme)
    left = programme.standings.left.get(party, "")
    if left and left < programme.day:
        own = programme.parties[party].left if party in programme.parties else None
        hint = "let a party sign that is still here" if own == left else "if that is no longer so: covolt key trust"
        problems.append(Problem(str(leaves(party, left, programme.day)), where, hint))
    if key is not None and key.party != party:
        what = f"this is a key of {key.party}, and not of {party}"
        return [*problems, Problem(what, where, f"sign with a key of {party}, or as --party {key.party}")]
    if key is None:
        made = f"covolt key new {where.removeprefix('--key ')} PROGRAMME --party {party} --role {role}"
        hint = f"sign with a key of {party}; if this is a new one of {party}: {made}"
        return [*problems, Problem(f"{party} has no such key in this programme", where, hint)]
    standing = programme.consistent.keys.get(key.fingerprint)
    if standing is None or not standing.standing.counts:
        why = f": {standing.standing.why}" if standing else ""
        problems.append(Problem(f"the key does not count{why}", where, "sign with a key that counts: covolt key list"))
    if role not in key.roles or role == RECOVERY:
        hint = "sign with a key of this role: covolt key list"
        problems.append(Problem(f"the key signs as {', '.join(key.roles)}, not as {role}", where, hint))
    return problems


def bring_in(
    programme: Programme, private: Ed25519PrivateKey, party: str, roles: Sequence[str], by: Ed25519PrivateKey | None
) -> Path:
    """Write the document of a key: a first one, or one that follows the key `by`."""
    senior = None if by is None else own_key(programme, by)
    public = public_hex(private)
    taken, problems = clock_problems(programme), list[Problem]()
    if fingerprint_of(public) in programme.keys:
        taken.append(Problem("this key is in the programme already", "FILE", "name another file for a new key"))
    if by is None and any(one.party == party for one in programme.keys.values()):
        hint = f"let it follow one of them: --by OLDKEYFILE; where all are lost, begin anew: git rm -r keys/{party}"
        taken.append(Problem(f"{party} has keys already, and a second first key counts for nothing", "--by", hint))
    elif by is not None and (senior is None or senior.party != party):
        problems.append(Problem(f"{party} has no such key in this programme", "--by", "covolt key list shows them"))
    elif senior is not None:
        problems += senior_problems(programme, senior, roles)
    refuse({Conflict: taken, Forbidden: problems})
    draft = PartyKey(
        programme=programme.charter.id,
        party=party,
        roles=tuple(dict.fromkeys(roles)),
        public=public,
        on=programme.day,
        follows="" if senior is None else senior.fingerprint,
        possession=UNSIGNED,
        signature="" if senior is None else UNSIGNED,
    )
    key = sealed(draft, private, "possession")
    if by is not None:
        key = sealed(key, by)
    path = programme.root / KEYS_FOLDER / party / f"{key.fingerprint[:SHORT]}.toml"
    write_pledge(programme, path, key)
    return path


def write_pledge(programme: Programme, path: Path, document: BaseModel, *, over_all: bool = False) -> None:
    """Write a document in the place of what was read there, or of nothing; raises where somebody was quicker.

    What is `over_all` speaks of every document but the other sign-offs, and is not written where one of them has changed.
    """
    root, digests = programme.root, programme.digests
    before = digests.get(path.relative_to(root).as_posix(), "")
    change = Change(path, dumps(document).encode(), before)
    write_together(root, [change], lambda: moved(root, digests, "signoffs") if over_all else [])


def senior_problems(programme: Programme, senior: PartyKey, roles: Sequence[str]) -> list[Problem]:
    """Why a key cannot bring in one with these roles."""
    standing = programme.consistent.keys.get(senior.fingerprint)
    problems: list[Problem] = []
    if standing is None or not standing.standing.counts:
        why = f": {standing.standing.why}" if standing else ""
        problems.append(Problem(f"the key does not count{why}", "--by", "name a key that counts: covolt key list"))
    if not within_roles(roles, senior):
        what = f"the key signs as {', '.join(senior.roles)}, and cannot bring in more"
        hint = "let the first key, or one with the role recovery, bring it in"
        problems.append(Problem(what, "--by", hint))
    return problems


@final
@dataclass(frozen=True)
class Revoking:
    """A revocation that is signed and not yet written, and what it does: named, what falls by it and what still stands."""

    path: Path
    made: Revocation
    falls: tuple[str, ...]
    stands: tuple[str, ...]


def revoking(
    programme: Programme,
    key: PartyKey,
    by: Ed25519PrivateKey,
    reason: Reason,
    keep: Sequence[str] = (),
    since: str = "",
) -> Revoking:
    """The revocation of a key: what `keep` names stands, and what is of a day before `since`; without both, of a key that
    is not compromised all of it.
    """
    signer = own_key(programme, by)
    taken, problems, unknown = clock_problems(programme), list[Problem](), list[Problem]()
    own = signer is not None and signer.fingerprint == key.fingerprint
    if signer is None or signer.party != key.party:
        problems.append(Problem(f"{key.party} has no such key in this programme", "--by", "covolt key list shows them"))
    elif not own and not within_roles(key.roles, signer):
        what = f"a key that signs as {', '.join(signer.roles)} cannot take out one that signs as {', '.join(key.roles)}"
        hint = "let the first key, one with the role recovery, or the key itself revoke it"
        problems.append(Problem(what, "--by", hint))
    if own and (keep or since):
        problems.append(Problem("a key cannot say what of itself still stands", "--keep", "let another key say so"))
    taken += _said_already(programme, key, signer, reason)
    counting = _statements_of(programme, key)
    standing = [] if keep or since or reason == "compromised" else counting
    standing += [one for one in counting if since and one.on < since]
    for text in keep:
        named = [one for one in counting if text in _names_of(one)]
        standing += named
        if not named:
            hint = f"they are: {', '.join(_names_of(one)[0] for one in counting) or 'none'}"
            unknown.append(Problem(f"no statement {text} of this key counts", "--keep", hint))
    refuse({Conflict: taken, Forbidden: problems, NotFound: unknown})
    if signer is None:
        raise RuntimeError("there is no key, and no problem says why")
    draft = Revocation(
        programme=programme.charter.id,
        party=key.party,
        key=key.fingerprint,
        on=programme.day,
        reason=reason,
        by=signer.fingerprint,
        stands=() if own else tuple(sorted({statement_digest(one) for one in standing})),
        signature=UNSIGNED,
    )
    made = sealed(draft, by)
    name = f"revoked-{key.fingerprint[:SHORT]}-by-{signer.fingerprint[:SHORT]}-{reason}.toml"
    return Revoking(programme.root / KEYS_FOLDER / key.party / name, made, *_moved_by(programme, key, made))


def _said_already(programme: Programme, key: PartyKey, signer: PartyKey | None, reason: Reason) -> Iterable[Problem]:
    """That a key has said so already: its first word is remembered elsewhere, and a second one adds only a graver reason."""
    for one in programme.revocations.values():
        graver = reason == "compromised" != one.reason
        if signer is not None and (one.key, one.by) == (key.fingerprint, signer.fingerprint) and not graver:
            where = programme.where("revocation", one.reference)
            what = f"the key was revoked by this one already, on {one.on} as {one.reason}: {where}"
            yield Problem(what, "--by", "leave it so; only a graver reason is added: --reason compromised")


def _moved_by(programme: Programme, key: PartyKey, made: Revocation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of what counts no longer by a revocation, and of what of the key still does."""
    then = replace(programme, revocations={**programme.revocations, made.reference: made})

    def counting(read: Programme) -> dict[str, bool]:
        signoffs = (one for one in read.signoffs.values() if isinstance(one, KeyedSignOff))
        said = [one for one in (*read.signatures.values(), *signoffs) if one.party == key.party]
        found = {_names_of(one)[0]: one.key == key.fingerprint for one in said if read.consistent.of(one).counts}
        keys = [one for name, one in read.keys.items() if one.party == key.party and name != key.fingerprint]
        counts = [one for one in keys if read.consistent.keys[one.fingerprint].standing.counts]
        return found | {_names_of(one)[0]: one.follows == key.fingerprint for one in counts}

    before, after = counting(programme), counting(then)
    return tuple(name for name in before if name not in after), tuple(name for name, own in after.items() if own)


def _names_of(said: Statement) -> tuple[str, ...]:
    """What a statement is called, the first as people are told it."""
    digest = statement_digest(said)
    if isinstance(said, PartyKey):
        return (f"the key {in_words(said.fingerprint)}", in_words(said.fingerprint), said.fingerprint, digest)
    if isinstance(said, Revocation):
        return (f"the revocation of {in_words(said.key)}", in_words(said.key), said.key, digest)
    if isinstance(said, Signature):
        return (f"{said.subject} {said.name}", said.name, digest)
    return (f"gate {said.gate} as {said.role}", said.gate, digest)


def _statements_of(programme: Programme, key: PartyKey) -> list[Statement]:
    """What a key has signed and counts as long as nothing speaks against the key."""
    standings = programme.consistent
    signoffs = (one for one in programme.signoffs.values() if isinstance(one, KeyedSignOff))
    said = [one for one in (*programme.signatures.values(), *signoffs) if one.key == key.fingerprint]
    linked = {name for name, one in standings.keys.items() if one.standing.state != "key not known here"}
    brought = [one for name, one in programme.keys.items() if one.follows == key.fingerprint and name in linked]
    revoked = [one for one in programme.revocations.values() if one.by == key.fingerprint]
    return [*(one for one in said if standings.of(one).counts), *brought, *revoked]


def sign_gate(
    programme: Programme,
    key: Ed25519PrivateKey | PartyKey,
    gate: str,
    party: str,
    role: str,
    digest: str,
    remarks: str,
    covers: dict[str, str] | None = None,
) -> KeyedSignOff:
    """A sign-off, signed; by a key of which there is the document alone it is a draft, to be signed elsewhere."""
    draft = KeyedSignOff(
        programme=programme.charter.id,
        gate=gate,
        party=party,
        role=role,
        date=programme.day,
        digest=digest,
        key=key.fingerprint if isinstance(key, PartyKey) else fingerprint_of(public_hex(key)),
        remarks=remarks,
        signature=UNSIGNED,
        covers=covers,
    )
    return draft if isinstance(key, PartyKey) else sealed(draft, key)


def sign_offer(programme: Programme, private: Ed25519PrivateKey, path: Path, offer: Offer, where: str) -> Path:
    """Sign an offer that was just published, beside its file, whatever else calls itself so in the programme."""
    beside = path.with_name(f"{path.stem}.signed-{fingerprint_of(public_hex(private))[:SHORT]}.toml")
    return _sign_beside(
        programme, private, (offer.datasheet.party, OFFERS, where), beside, ("offer", offer.reference, offer.digest)
    )


def sign_checked(programme: Programme, private: Ed25519PrivateKey, name: str, where: str) -> Path:
    """Sign a file of checked texts, beside it."""
    texts = programme.checked[name]
    key = own_key(programme, private)
    role = next((one for one in (key.roles if key else ()) if one not in {OFFERS, RECOVERY}), "type-approval-officer")
    path = programme.file_of("checked", name)
    beside = path.with_name(f"{path.stem}.signed-{fingerprint_of(public_hex(private))[:SHORT]}.toml")
    return _sign_beside(programme, private, (texts.party, role, where), beside, ("checked", name, texts.digest))


def _sign_beside(
    programme: Programme,
    private: Ed25519PrivateKey,
    signer: tuple[str, str, str],
    path: Path,
    subject: tuple[Literal["offer", "checked"], str, str],
) -> Path:
    """Write a signature of a party in a role over a subject, its name and digest; what it signed before is replaced."""
    party, role, where = signer
    refuse({Forbidden: signer_problems(programme, private, party, role, where)})
    kind, name, digest = subject
    draft = Signature(
        programme=programme.charter.id,
        party=party,
        subject=kind,
        name=name,
        digest=digest,
        role=role,
        key=fingerprint_of(public_hex(private)),
        on=programme.day,
        signature=UNSIGNED,
    )
    write_pledge(programme, path, sealed(draft, private))
    return path
