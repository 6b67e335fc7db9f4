"""Revoking: how a key is taken out, what falls with it and what still stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from covolt.errors import Conflict, Forbidden, NotFound, Problem, refuse
from covolt.programme.documents import Programme
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import (
    UNSIGNED,
    PartyKey,
    Reason,
    Revocation,
    Signature,
    Statement,
    in_words,
    sealed,
    statement_digest,
)
from covolt.programme.placing import KEYS_FOLDER
from covolt.programme.pledging import SHORT, clock_problems, own_key
from covolt.programme.standing import within_roles
from covolt.words import text

__all__ = ["Revoking", "revoking"]


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
        problems.append(
            Problem(
                text("{party} has no such key in this programme", party=key.party),
                "--by",
                text("covolt key list shows them"),
            )
        )
    elif not own and not within_roles(key.roles, signer):
        what = text(
            "a key that signs as {roles} cannot take out one that signs as {roles_2}",
            roles=", ".join(signer.roles),
            roles_2=", ".join(key.roles),
        )
        hint = text("let the first key, one with the role recovery, or the key itself revoke it")
        problems.append(Problem(what, "--by", hint))
    if own and (keep or since):
        problems.append(
            Problem(text("a key cannot say what of itself still stands"), "--keep", text("let another key say so"))
        )
    taken += _said_already(programme, key, signer, reason)
    counting = _statements_of(programme, key)
    standing = [] if keep or since or reason == "compromised" else counting
    standing += [one for one in counting if since and one.on < since]
    for written in keep:
        named = [one for one in counting if written in _names_of(one)]
        standing += named
        if not named:
            hint = text("they are: {names_of}", names_of=", ".join(_names_of(one)[0] for one in counting) or "none")
            unknown.append(Problem(text("no statement {text} of this key counts", text=written), "--keep", hint))
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
            what = text(
                "the key was revoked by this one already, on {on} as {reason}: {where}",
                on=one.on,
                reason=one.reason,
                where=where,
            )
            yield Problem(what, "--by", text("leave it so; only a graver reason is added: --reason compromised"))


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
