"""Pledging: keys, revocations and signatures as a party makes them, each in its place in the programme.

Days are those of UTC. Who signs on a day before what is signed already has a clock that runs backwards, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from covolt.contract.document import dumps
from covolt.contract.offer import Offer
from covolt.errors import InputError, Problem
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
    sealed,
    statement_digest,
)
from covolt.programme.party import leaves
from covolt.programme.placing import KEYS_FOLDER
from covolt.programme.signing import public_hex
from covolt.programme.standing import within_roles
from covolt.programme.text import today
from covolt.programme.walk import moved

__all__ = [
    "bring_in",
    "clock_problems",
    "own_key",
    "revoke",
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
    """That this machine's day is before one on which something is signed already."""
    said: Iterable[Statement] = (
        *programme.keys.values(),
        *programme.revocations.values(),
        *programme.signatures.values(),
        *(one for one in programme.signoffs.values() if isinstance(one, KeyedSignOff)),
    )
    last = max((one.on for one in said), default="")
    if last <= today():
        return []
    what = f"by this clock it is {today()} (UTC), and something is signed on {last} already"
    return [Problem(what, "clock", "set the clock of this machine")]


def signer_problems(
    programme: Programme, private: Ed25519PrivateKey, party: str, role: str, where: str
) -> list[Problem]:
    """Why a party cannot sign with a key in a role."""
    problems = clock_problems(programme)
    left = programme.standings.left.get(party, "")
    if left and left < today():
        own = programme.parties[party].left if party in programme.parties else None
        hint = "let a party sign that is still here" if own == left else "if that is no longer so: covolt key trust"
        problems.append(Problem(str(leaves(party, left, today())), where, hint))
    key = own_key(programme, private)
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
    problems = clock_problems(programme)
    if fingerprint_of(public) in programme.keys:
        problems.append(Problem("this key is in the programme already", "FILE", "name another file for a new key"))
    if by is None and any(one.party == party for one in programme.keys.values()):
        hint = "let it follow one of them: --by OLDKEYFILE"
        problems.append(Problem(f"{party} has keys already, and a second first key counts for nothing", "--by", hint))
    elif by is not None and (senior is None or senior.party != party):
        problems.append(Problem(f"{party} has no such key in this programme", "--by", "covolt key list shows them"))
    elif senior is not None:
        problems += _senior_problems(programme, senior, roles)
    if problems:
        raise InputError(problems)
    draft = PartyKey(
        programme=programme.charter.id,
        party=party,
        roles=tuple(dict.fromkeys(roles)),
        public=public,
        on=today(),
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


def _senior_problems(programme: Programme, senior: PartyKey, roles: Sequence[str]) -> list[Problem]:
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


def revoke(
    programme: Programme, key: PartyKey, by: Ed25519PrivateKey, reason: Reason, keep: Sequence[str] | None
) -> tuple[Path, Revocation]:
    """Write that a key counts no longer. `keep` names what of it stands; None is all that counts today."""
    signer = own_key(programme, by)
    problems = clock_problems(programme)
    own = signer is not None and signer.fingerprint == key.fingerprint
    if signer is None or signer.party != key.party:
        problems.append(Problem(f"{key.party} has no such key in this programme", "--by", "covolt key list shows them"))
    elif not own and not within_roles(key.roles, signer):
        what = f"a key that signs as {', '.join(signer.roles)} cannot take out one that signs as {', '.join(key.roles)}"
        hint = "let the first key, one with the role recovery, or the key itself revoke it"
        problems.append(Problem(what, "--by", hint))
    if own and keep:
        problems.append(Problem("a key cannot say what of itself still stands", "--keep", "let another key say so"))
    counting = {statement_digest(one) for one in _statements_of(programme, key)}
    problems += [
        Problem(
            f"no statement {one} of this key counts", "--keep", f"they are: {', '.join(sorted(counting)) or 'none'}"
        )
        for one in keep or ()
        if one not in counting
    ]
    if problems or signer is None:
        raise InputError(problems)
    draft = Revocation(
        programme=programme.charter.id,
        party=key.party,
        key=key.fingerprint,
        on=today(),
        reason=reason,
        by=signer.fingerprint,
        stands=() if own else tuple(sorted(counting if keep is None else keep)),
        signature=UNSIGNED,
    )
    made = sealed(draft, by)
    name = f"revoked-{key.fingerprint[:SHORT]}-by-{signer.fingerprint[:SHORT]}.toml"
    path = programme.root / KEYS_FOLDER / key.party / name
    write_pledge(programme, path, made)
    return path, made


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
    private: Ed25519PrivateKey,
    gate: str,
    party: str,
    role: str,
    digest: str,
    remarks: str,
    covers: dict[str, str] | None = None,
) -> KeyedSignOff:
    """A sign-off, signed."""
    draft = KeyedSignOff(
        programme=programme.charter.id,
        gate=gate,
        party=party,
        role=role,
        date=today(),
        digest=digest,
        key=fingerprint_of(public_hex(private)),
        remarks=remarks,
        signature=UNSIGNED,
        covers=covers,
    )
    return sealed(draft, private)


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
    problems = signer_problems(programme, private, party, role, where)
    if problems:
        raise InputError(problems)
    kind, name, digest = subject
    draft = Signature(
        programme=programme.charter.id,
        party=party,
        subject=kind,
        name=name,
        digest=digest,
        role=role,
        key=fingerprint_of(public_hex(private)),
        on=today(),
        signature=UNSIGNED,
    )
    write_pledge(programme, path, sealed(draft, private))
    return path
