"""What is wrong between the keys, revocations and signatures of a programme, whoever is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from covolt.errors import Problem
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import PartyKey, Revocation, Signature, Statement, heard, signed_by
from covolt.programme.party import day_fault
from covolt.programme.standing import BROKEN, STATES, within_roles
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["demanded_order", "demands", "key_problems", "must_sign", "unsigned_offer", "unsigned_texts"]


def key_problems(programme: Programme) -> Iterator[Problem]:
    """Keys that nobody brings in, first keys that rival, days that cannot be, revoked keys that sign, broken signatures."""
    demanding = programme.charter.signatures_from
    if demanding is not None and demanding not in programme.gates and demanding not in programme.unread:
        hint = text("gates: {gates}", gates=", ".join(programme.gates) or "none")
        where = programme.where("programme", "", "signatures_from")
        yield Problem(text("no gate '{demanding}' in this programme", demanding=demanding), where, hint)
    first: dict[str, str] = {}
    for name, key in programme.keys.items():
        yield from _key(programme, name, key)
        if not key.follows and first.setdefault(key.party, name) != name:
            yield _rival(programme, key.party, first[key.party], name)
    for name, one in programme.revocations.items():
        yield from _revocation(programme, name, one)
    for name, one in programme.signatures.items():
        yield from _statement(programme, "signature", name, one)
    for name, one in programme.signoffs.items():
        if isinstance(one, KeyedSignOff):
            yield from _statement(programme, "signoff", name, one)


def _rival(programme: Programme, party: str, one: str, other: str) -> Problem:
    """Two first keys of a party, told in the place of the one that is not trusted here, where either is."""
    trusted = (programme.trust.first or {}).get(party)
    strange, known = (one, other) if other == trusted else (other, one)
    place = programme.where("key", known)
    what = text("{party} has two first keys: this one and that in {other}", party=party, other=place)
    hint = text("let one follow the other: covolt key new FILE --by OLDKEYFILE; nobody else can tell which is genuine")
    if known == trusted:
        what = text(
            "{party} has two first keys: this one, which is not trusted here, and that in {other}, which is",
            party=party,
            other=place,
        )
        hint = text("ask {party}; if it knows nothing of this one, take its file out", party=party)
    return Problem(what, programme.where("key", strange, "follows"), hint)


def _common(programme: Programme, kind: str, name: str, said: Statement) -> Iterator[Problem]:
    if said.programme != programme.charter.id:
        what = text(
            "it speaks of the programme '{programme}', and this is '{id}'",
            programme=said.programme,
            id=programme.charter.id,
        )
        yield Problem(
            what, programme.where(kind, name, "programme"), text("remove it: it was signed for another programme")
        )
    if said.party not in programme.parties and said.party not in programme.unread:
        what = text("no party '{party}' in this programme", party=said.party)
        yield Problem(
            what,
            programme.where(kind, name, "party"),
            text("known: {parties}", parties=", ".join(programme.parties) or "none"),
        )


def _day(programme: Programme, kind: str, name: str, said: Statement, key: PartyKey) -> Iterator[Problem]:
    party = programme.parties.get(said.party)
    found = day_fault(said, key, programme.consistent.today, (party.left or "") if party else "")
    if found is not None:
        what, hint = found
        field = "date" if kind == "signoff" else "on"
        yield Problem(what, programme.where(kind, name, field), hint)


def _key(programme: Programme, name: str, key: PartyKey) -> Iterator[Problem]:
    yield from _common(programme, "key", name, key)
    if (key.possession or key.algorithm is None) and key.held is False:
        what = text("the key does not sign for itself, or the file was changed after it was made")
        yield Problem(what, programme.where("key", name, "possession"), text("make it anew: covolt key new"))
    senior = programme.keys.get(key.follows) if key.follows else key
    where = programme.where("key", name, "follows")
    if senior is None or senior.party != key.party:
        yield Problem(
            text("{party} has no key {follows}…", party=key.party, follows=key.follows[:16]),
            where,
            text("bring its file back into keys/"),
        )
        return
    yield from _day(programme, "key", name, key, senior)
    if senior is key:
        return
    if not signed_by(key, senior.public):
        what = text("it is not signed by the key that it follows, or was changed after it was")
        yield Problem(
            what, programme.where("key", name, "signature"), text("make it anew: covolt key new FILE --by OLDKEYFILE")
        )
    if not within_roles(key.roles, senior):
        what = text("the key that it follows signs as {roles}, and cannot bring in more", roles=", ".join(senior.roles))
        hint = text("let the first key, or one with the role recovery, bring it in")
        yield Problem(what, programme.where("key", name, "roles"), hint)
    yield from _revoked_before(programme, "key", name, key, senior)


def _revoked_before(programme: Programme, kind: str, name: str, said: Statement, key: PartyKey) -> Iterator[Problem]:
    """That a revoked key signs something new."""
    known = programme.consistent.keys.get(key.fingerprint)
    on = known.revoked_on if known else ""
    if on and said.on > on and not programme.consistent.still_stands(said, key.fingerprint):
        what = text("the key that signs it was revoked on {on}, and this is dated {on_2}", on=on, on_2=said.on)
        field = "date" if kind == "signoff" else "on"
        yield Problem(what, programme.where(kind, name, field), text("remove it, and sign with a key that counts"))


def _revocation(programme: Programme, name: str, one: Revocation) -> Iterator[Problem]:
    yield from _common(programme, "revocation", name, one)
    by, key = programme.keys.get(one.by), programme.keys.get(one.key)
    for field, known in (("key", key), ("by", by)):
        if known is None or known.party != one.party:
            named: str = getattr(one, field)
            what = text("{party} has no key {named}…", party=one.party, named=named[:16])
            yield Problem(what, programme.where("revocation", name, field), text("bring its file back into keys/"))
    if by is None or key is None:
        return
    yield from _day(programme, "revocation", name, one, max(by, key, key=lambda one: one.on))
    if not signed_by(one, by.public):
        what = text("it is not signed by the key that it names, or was changed after it was")
        yield Problem(what, programme.where("revocation", name, "signature"), text("make it anew: covolt key revoke"))
    if one.by != one.key and not within_roles(key.roles, by):
        what = text(
            "a key that signs as {roles} cannot take out one that signs as {roles_2}",
            roles=", ".join(by.roles),
            roles_2=", ".join(key.roles),
        )
        hint = text("let the first key, one with the role recovery, or the key itself revoke it")
        yield Problem(what, programme.where("revocation", name, "by"), hint)


def _statement(programme: Programme, kind: str, name: str, said: Signature | KeyedSignOff) -> Iterator[Problem]:
    yield from _common(programme, kind, name, said)
    key = programme.keys.get(said.key)
    if key is None or key.party != said.party:
        if said.on > programme.consistent.today:
            what, hint = (
                text("it is dated {on}, a day to come, and by a key that is not here", on=said.on),
                text("remove it"),
            )
            yield Problem(what, programme.where(kind, name, "date" if kind == "signoff" else "on"), hint)
        return  # its standing says so: a party that begins anew with another first key has such
    found = [*_day(programme, kind, name, said, key), *_revoked_before(programme, kind, name, said, key)]
    if heard(said, key) is not False:
        yield from found
    elif found or kind == "signature":
        # Its day is nobody's word then, and what is wrong with it follows from that.
        yield Problem(BROKEN, programme.where(kind, name, "signature"), text("remove it, and sign anew"))


def demanded_order(programme: Programme) -> int | None:
    """Order of the gate from which signatures count, by the programme or by what is trusted of it; None where never."""
    gate = programme.gates.get(programme.charter.signatures_from or "")
    orders = [one for one in (gate.order if gate else None, programme.trust.order) if one is not None]
    return min(orders, default=None)


def demands(programme: Programme) -> bool:
    """Whether a programme counts only what is signed, from whichever gate on."""
    return programme.charter.signatures_from is not None or programme.trust.signatures_from is not None


def must_sign(programme: Programme, party: str) -> bool:
    """Whether only what a party has signed is its word: where that is demanded, and where its key is trusted here."""
    return demands(programme) or party in (programme.trust.first or {})


def unsigned_offer(programme: Programme, reference: str, *, trusted: bool) -> Phrase | None:
    """Why an offer is not signed by its party; None where it is. `trusted` asks for keys that are known here."""
    offer = programme.offers[reference]
    return unsigned(programme, ("offer", reference, offer.digest), offer.datasheet.party, trusted=trusted)


def unsigned_texts(programme: Programme, name: str, *, trusted: bool) -> Phrase | None:
    """The same of a file of checked texts."""
    texts = programme.checked[name]
    return unsigned(programme, ("checked", name, texts.digest), texts.party, trusted=trusted)


def unsigned(programme: Programme, subject: tuple[str, str, str], party: str, *, trusted: bool) -> Phrase | None:
    """Why a party's signature of a kind of thing, its name and its digest does not count; None where one does."""
    standings = programme.standings if trusted else programme.consistent
    why = text("unsigned")
    for one in programme.signatures.values():
        if (one.subject, one.name, one.party) != (*subject[:2], party):
            continue
        if one.digest != subject[2]:
            why = text("signed with other content")
            continue
        found = standings.of(one)
        if found.counts:
            return None
        why = joined((STATES[found.state], found.why), ": ")
    return why
