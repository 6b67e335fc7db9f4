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
from covolt.errors import Conflict, Forbidden, Problem, refuse
from covolt.journal import Change, write_together
from covolt.programme.anchor import is_shipped
from covolt.programme.documents import Programme
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import (
    OFFERS,
    RECOVERY,
    UNSIGNED,
    PartyKey,
    Signature,
    Statement,
    fingerprint_of,
    sealed,
    signed_by,
)
from covolt.programme.party import leaves
from covolt.programme.placing import KEYS_FOLDER
from covolt.programme.proposal import Answer, digest_of_answer
from covolt.programme.signing import public_hex
from covolt.programme.standing import within_roles
from covolt.programme.walk import moved
from covolt.words import text

__all__ = [
    "bring_in",
    "clock_problems",
    "key_holder_problems",
    "own_key",
    "senior_problems",
    "sign_answer",
    "sign_checked",
    "sign_gate",
    "sign_offer",
    "signer_problems",
]

Subject = tuple[Literal["offer", "checked", "answer"], str, str]
"""What is signed: its kind, its name and its digest."""
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
    what = text(
        "by this clock it is {day} (UTC), and something is signed on {last} already: {where}",
        day=day,
        last=last,
        where=where,
    )
    return [Problem(what, "clock", text("set the clock of this machine, or ask who signed it"))]


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
        hint = (
            text("let a party sign that is still here")
            if own == left
            else text("if that is no longer so: covolt key trust")
        )
        problems.append(Problem(leaves(party, left, programme.day), where, hint))
    if key is not None and key.party != party:
        what = text("this is a key of {party}, and not of {party_2}", party=key.party, party_2=party)
        return [
            *problems,
            Problem(
                what, where, text("sign with a key of {party}, or as --party {party_2}", party=party, party_2=key.party)
            ),
        ]
    if key is None:
        made = text(
            "covolt key new {where} PROGRAMME --party {party} --role {role}",
            where=where.removeprefix("--key "),
            party=party,
            role=role,
        )
        hint = text("sign with a key of {party}; if this is a new one of {party}: {made}", party=party, made=made)
        return [*problems, Problem(text("{party} has no such key in this programme", party=party), where, hint)]
    standing = programme.consistent.keys.get(key.fingerprint)
    if standing is None or not standing.standing.counts:
        why = f": {standing.standing.why}" if standing else ""
        problems.append(
            Problem(
                text("the key does not count{why}", why=why),
                where,
                text("sign with a key that counts: covolt key list"),
            )
        )
    if role not in key.roles or role == RECOVERY:
        hint = text("sign with a key of this role: covolt key list")
        problems.append(
            Problem(text("the key signs as {roles}, not as {role}", roles=", ".join(key.roles), role=role), where, hint)
        )
    return problems


def bring_in(
    programme: Programme, private: Ed25519PrivateKey, party: str, roles: Sequence[str], by: Ed25519PrivateKey | None
) -> Path:
    """Write the document of a key: a first one, or one that follows the key `by`."""
    senior = None if by is None else own_key(programme, by)
    public = public_hex(private)
    taken, problems = clock_problems(programme), list[Problem]()
    if fingerprint_of(public) in programme.keys:
        taken.append(
            Problem(text("this key is in the programme already"), "FILE", text("name another file for a new key"))
        )
    if by is None and any(one.party == party for one in programme.keys.values()):
        hint = text(
            "let it follow one of them: --by OLDKEYFILE; where all are lost, begin anew: git rm -r keys/{party}",
            party=party,
        )
        if is_shipped(programme.charter.id, programme.keys):
            hint = text(
                "nobody holds the keys of an example: take it under a name and keys of your own, as "
                'docs/explanation/who-may-speak.md says under "Begin anew from an example"'
            )
        taken.append(
            Problem(
                text("{party} has keys already, and a second first key counts for nothing", party=party), "--by", hint
            )
        )
    elif by is not None and (senior is None or senior.party != party):
        problems.append(
            Problem(
                text("{party} has no such key in this programme", party=party),
                "--by",
                text("covolt key list shows them"),
            )
        )
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


def write_pledge(
    programme: Programme, path: Path, document: BaseModel, *, over_all: bool = False, beside: Change | None = None
) -> None:
    """Write a document in the place of what was read there, or of nothing; raises where somebody was quicker.

    `beside` is a file that goes with it.
    What is `over_all` speaks of every document but the other sign-offs, and is not written where one of them has changed.
    """
    root, digests = programme.root, programme.digests
    before = digests.get(path.relative_to(root).as_posix(), "")
    change = Change(path, dumps(document).encode(), before)
    changes = [change] if beside is None else [change, beside]
    write_together(root, changes, lambda: moved(root, digests, "signoffs") if over_all else [])


def senior_problems(programme: Programme, senior: PartyKey, roles: Sequence[str]) -> list[Problem]:
    """Why a key cannot bring in one with these roles."""
    standing = programme.consistent.keys.get(senior.fingerprint)
    problems: list[Problem] = []
    if standing is None or not standing.standing.counts:
        why = f": {standing.standing.why}" if standing else ""
        problems.append(
            Problem(
                text("the key does not count{why}", why=why), "--by", text("name a key that counts: covolt key list")
            )
        )
    if not within_roles(roles, senior):
        what = text("the key signs as {roles}, and cannot bring in more", roles=", ".join(senior.roles))
        hint = text("let the first key, or one with the role recovery, bring it in")
        problems.append(Problem(what, "--by", hint))
    return problems


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
    role = _role_of(own_key(programme, private)) or "type-approval-officer"
    path = programme.file_of("checked", name)
    beside = path.with_name(f"{path.stem}.signed-{fingerprint_of(public_hex(private))[:SHORT]}.toml")
    return _sign_beside(programme, private, (texts.party, role, where), beside, ("checked", name, texts.digest))


def sign_answer(programme: Programme, private: Ed25519PrivateKey, answer: Answer, role: str, where: str) -> Answer:
    """An answer to a proposal, signed by its party in a role; without one in the first in which its key signs as a person."""
    own = own_key(programme, private)
    if own is not None and own.party == answer.party and not role and not _role_of(own):
        what = text("the key signs as {roles}, and in neither role does a party answer", roles=", ".join(own.roles))
        hint = text("sign with a key in the role of a person, such as chief-engineer: covolt key list")
        raise Forbidden(Problem(what, where, hint))
    signer = (answer.party, role or _role_of(own), where)
    subject: Subject = ("answer", answer.settlement, digest_of_answer(answer))
    return answer.model_copy(update={"signature": _signature(programme, private, signer, subject)})


def _role_of(key: PartyKey | None) -> str:
    """The first role in which a key signs as a person."""
    return next((one for one in (key.roles if key else ()) if one not in {OFFERS, RECOVERY}), "")


def _sign_beside(
    programme: Programme, private: Ed25519PrivateKey, signer: tuple[str, str, str], path: Path, subject: Subject
) -> Path:
    """Write a signature of a party in a role over a subject, its name and digest; what it signed before is replaced."""
    write_pledge(programme, path, _signature(programme, private, signer, subject))
    return path


def _signature(
    programme: Programme, private: Ed25519PrivateKey, signer: tuple[str, str, str], subject: Subject
) -> Signature:
    """The signature of a party in a role over a subject; raises where it may not sign so."""
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
    return sealed(draft, private)
