"""Attacks by keys and signatures: gates, keys, sign-offs, replay and order."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from covolt.contract.schemas import read_document
from covolt.programme.gate import Criterion, Gate, KeyedSignOff
from covolt.programme.keys import sealed, statement_digest
from covolt.programme.reading import read_leniently
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.standing import STANDS, Trust, standings_of
from covolt.programme.text import Title
from covolt.study.gate.covered import covered_digest, old_digest
from covolt.study.gate.signatures import _old
from covolt.study.verdicts.verification import verify
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_documents import (
    COVERED,
    GENUINE,
    OPEN,
    ORDER,
    PLACE,
    SIGNED,
    STALE,
    newer_signed,
    offered,
    upgraded,
)
from tests.hostile.joint import AGENCY, INTEGRATOR, OFFICER, RIVAL, ROOT, World
from tests.signed import Holder, old_sign, private_key, put_key

TRIAL = "signoffs/trial/agency.toml"
CONCEPT = "signoffs/concept/integrator.toml"
FORGER = Holder("forger", "agency", (OFFICER, "recovery"), programme="joint")
ANCHOR = ("covolt.programme.anchor:trust_of", lambda *_: Trust())
DAYS = ("covolt.programme.standing:day_fault", lambda *_: None)
COHERENT = ("covolt.programme.key_coherence:key_problems", lambda *_: ())
PEOPLE = ("covolt.study.gate.gates:people_blocks", lambda *_: [])
CONFIRMED = ("covolt.programme.people:_less", lambda *_: None)
DEMANDS = ("covolt.study.gate.signatures:unsigned_blocks", lambda *_: [])
STATEMENTS = ("covolt.programme.standing:Standings.of", lambda *_: STANDS)


def old_counts(programme, found, who, *, fresh):
    """A row of the old form as if it opened its gate."""
    return replace(_old(programme, found, who, fresh=fresh), counts=True)


def unchanged(world: World) -> str:
    return world.gates()


def both(place: str, before: str, after: str):
    """An edit that is only made, and one that everybody then signs."""

    def do(world: World) -> str:
        world.edit(place, before, after)
        return world.gates()

    def twin(world: World) -> str:
        world.edit(place, before, after)
        return world.agree()

    return do, twin


# gates


def without(place: str, begin: str, end: str = ""):
    def cut(world: World) -> None:
        text = world.at(place).read_text(encoding="utf-8")
        rest = text[text.index(end) :] if end else ""
        world.at(place).write_text(text[: text.index(begin)] + rest, encoding="utf-8")

    def do(world: World) -> str:
        cut(world)
        return world.gates()

    def twin(world: World) -> str:
        cut(world)
        return world.agree()

    return do, twin


def another_gate(order: int) -> Gate:
    criterion = Criterion(id="any", title=Title(en="Anything"), check="requirements.count >= 1")
    return Gate(id="another", title=Title(en="Another"), order=order, criteria=(criterion,))


def gate_before(world: World) -> str:
    world.put("gates/another.toml", another_gate(1))
    return world.gates()


def gate_after(world: World) -> str:
    world.put("gates/another.toml", another_gate(3))
    return world.gates()


def gate_in_its_own_folder(world: World) -> str:
    world.put("rival/gates/another.toml", another_gate(3))
    return world.gates()


GATES = [
    Attack(
        "criteria of an earlier gate cut out after signing",
        "gates",
        "stranger",
        *(acts := without("gates/concept.toml", "[[criteria]]", "[[signoffs]]"))[:1],
        f"{STALE}.*signature stale: agency",
        acts[1],
        OPEN,
        (COVERED,),
        found=2,
    ),
    Attack(
        "signatures of an earlier gate no longer asked for",
        "gates",
        "stranger",
        *without("gates/concept.toml", "[[signoffs]]")[:1],
        "signature stale: agency",
        unchanged,
        OPEN,
        (COVERED, DEMANDS, ("covolt.study.gate.signatures:_not_asked_for", lambda *_: ()), CONFIRMED),
        found=2,
    ),
    Attack(
        "another gate put before a signed one",
        "gates",
        "stranger",
        gate_before,
        "signature stale: agency",
        gate_after,
        OPEN,
        (COVERED, DEMANDS),
        found=2,
    ),
    Attack(
        "people taken off a gate, with what it then need not show",
        "gates",
        "stranger",
        *both("gates/trial.toml", "people = true", "people = false")[:1],
        "signature stale: agency",
        unchanged,
        OPEN,
        (COVERED, PEOPLE),
    ),
    Attack(
        "a gate in a party's own folder",
        "gates",
        "party",
        gate_in_its_own_folder,
        "it is agreed between parties, and the folder rival is rival's",
        gate_after,
        OPEN,
        (PLACE,),
    ),
    Attack(
        "the demand for signatures struck out of the charter, which all then sign",
        "gates",
        "party",
        both("programme.toml", 'signatures_from = "concept"\n', "")[1],
        "only what is signed counted from the gate concept on; now it asks for less",
        unchanged,
        OPEN,
        (("covolt.study.gate.signatures:loosened", lambda _: ()),),
    ),
]


# keys


def key_replaced(world: World) -> str:
    """The forger takes out the agency's keys, brings in his own and signs anew."""
    for path in world.at("keys/agency").iterdir():
        path.unlink()
    put_key(world.hub, FORGER)
    world.sign_texts(FORGER)
    world.sign("trial", by=FORGER)
    return world.gates()


def key_added(world: World) -> str:
    put_key(world.hub, FORGER)
    return world.gates()


def successor(by: Holder, roles: tuple[str, ...] = (OFFICER,)) -> Holder:
    return Holder("successor", "agency", roles, programme="joint", by=by)


def key_followed(world: World) -> str:
    """The agency's recovery key brings in another officer, who signs."""
    put_key(world.hub, successor(ROOT))
    world.sign("trial", by=successor(ROOT))
    return world.gates()


def key_forged_as_successor(world: World) -> str:
    """A successor of the agency's key that the rival signs with its own."""
    draft = successor(ROOT).document
    made = sealed(draft, private_key(RIVAL.seed))
    world.put("keys/agency/forged.toml", made)
    world.sign("trial", by=successor(ROOT))
    return world.gates()


def role_taken(world: World) -> str:
    """An officer brings in a key that may replace keys."""
    put_key(world.hub, successor(AGENCY, ("recovery",)))
    return world.read()


def role_given(world: World) -> str:
    put_key(world.hub, successor(ROOT, ("recovery",)))
    return world.read()


def key_elsewhere(world: World) -> str:
    name = f"{AGENCY.fingerprint[:16]}.toml"
    world.move(f"keys/agency/{name}", f"rival/{name}")
    return world.gates()


def key_renamed(world: World) -> str:
    world.move(f"keys/agency/{AGENCY.fingerprint[:16]}.toml", "keys/agency/officer.toml")
    return world.gates()


IDENTITY = "01" + "00" * 31
"""The neutral element of the curve, of order 1: [k]A is nothing for any k, so that S and R = [S]B sign any message."""
ORDER_L = 2**252 + 27742317777372353535851937790883648493


def by_anybody() -> str:
    """A signature that a key of order 1 has over everything: no private key is needed."""
    seed = hashlib.sha256(b"nobody").digest()
    nonce = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    half = bytearray(hashlib.sha512(seed).digest()[:32])
    half[0] &= 248
    half[31] = half[31] & 127 | 64
    return (nonce + (int.from_bytes(half, "little") % ORDER_L).to_bytes(32, "little")).hex()


def weak_key(world: World) -> str:
    """The rival brings in a key with which everybody signs, to deny later what it signed itself."""
    draft = replace(successor(RIVAL, ("offers",)), party="rival").document
    weak = draft.model_copy(update={"public": IDENTITY, "possession": by_anybody()})
    world.put("keys/rival/weak.toml", sealed(weak, private_key(RIVAL.seed)))
    return world.gates()


def strong_key(world: World) -> str:
    put_key(world.hub, replace(successor(RIVAL, ("offers",)), party="rival"))
    return world.gates()


def revocation_gone(world: World) -> str:
    """The officer's key is revoked, which this user has seen; then the file is taken away."""
    path = world.put("keys/agency/revoked.toml", ROOT.revokes(AGENCY))
    world.gates()
    path.unlink()
    return world.gates()


def revoked_but_standing(world: World) -> str:
    """The key was replaced; what it signed so far stands."""
    read = read_leniently(world.hub)
    said = [*read.signoffs.values(), *read.signatures.values()]
    stands = tuple(sorted(statement_digest(one) for one in said if one.key == AGENCY.fingerprint))
    today = datetime.now(UTC).date().isoformat()
    world.put("keys/agency/revoked.toml", ROOT.revokes(AGENCY, stands, today, "replaced"))
    return world.gates()


def revoked_and_signs(world: World) -> str:
    world.put("keys/agency/revoked.toml", ROOT.revokes(AGENCY))
    return world.gates()


def never_revoked(programme, keys, _, trust, today, left=None):
    """Standings as if nobody had revoked anything."""
    return standings_of(programme, keys, (), replace(trust, revoked={}), today, left)


REVOCATIONS = ("covolt.programme.standing:standings_of", never_revoked)

KEYS = [
    Attack(
        "a party's first key replaced, and its gate signed by the new one",
        "keys",
        "stranger",
        key_replaced,
        "another first key of its party is trusted here",
        key_followed,
        OPEN,
        (ANCHOR, COVERED),
        found=3,
    ),
    Attack(
        "a second first key of a party",
        "keys",
        "stranger",
        key_added,
        "agency has two first keys",
        key_followed,
        OPEN,
        (COHERENT, COVERED),
        found=3,
    ),
    Attack(
        "a successor of another party's key, signed by its own",
        "keys",
        "party",
        key_forged_as_successor,
        "it is not signed by the key that it follows",
        key_followed,
        OPEN,
        (GENUINE,),
        found=3,
    ),
    Attack(
        "a key that brings in more than it may",
        "keys",
        "party",
        role_taken,
        "and cannot bring in more",
        role_given,
        ORDER,
        (("covolt.programme.standing:within_roles", lambda *_: True),),
    ),
    Attack(
        "a key of another party in its own folder",
        "keys",
        "party",
        key_elsewhere,
        "does not stand in the folder keys/agency",
        key_renamed,
        OPEN,
        (PLACE,),
    ),
    Attack(
        "a key of small order, with which everybody signs",
        "keys",
        "party",
        weak_key,
        "of small order: with it anybody signs anything",
        strong_key,
        OPEN,
        (("covolt.programme.curve:public_key_fault", lambda _: ""),),
        found=4,
    ),
    Attack(
        "a revoked key signs on",
        "keys",
        "party",
        revoked_and_signs,
        "the key that signs it was revoked on 2026-03-01",
        revoked_but_standing,
        OPEN,
        (REVOCATIONS,),
    ),
    Attack(
        "a revocation taken away",
        "keys",
        "stranger",
        revocation_gone,
        "it was seen revoked, and its revocation is gone|the key that signs it was revoked",
        revoked_but_standing,
        OPEN,
        (REVOCATIONS,),
    ),
]


# sign-offs


def edited(place: str, **changes: str):
    """A signed statement whose words are other ones."""

    def do(world: World) -> str:
        document = read_document(world.at(place), PROGRAMME_SCHEMAS)
        world.put(place, document.model_copy(update=changes))
        return world.gates()

    return do


def signed_by_the_rival(world: World) -> str:
    world.sign("trial", by=RIVAL)
    return world.gates()


def forged_fingerprint(world: World) -> str:
    """The rival's signature under the officer's fingerprint."""
    genuine = read_document(world.at(TRIAL), PROGRAMME_SCHEMAS)
    assert isinstance(genuine, KeyedSignOff)
    world.put(TRIAL, sealed(genuine.model_copy(update={"remarks": "all is well"}), private_key(RIVAL.seed)))
    return world.gates()


def signed_again(world: World) -> str:
    world.sign("trial")
    return world.gates()


def old_form(world: World) -> str:
    """A sign-off as covolt 0.1.0 took it, by a key that somebody writes into the party's file."""
    public = private_key("forger").public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    path = world.at("parties/agency.toml")
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[[keys]]\nrole = "{OFFICER}"\ned25519 = "{public}"\n', encoding="utf-8")
    read = read_leniently(world.hub)
    digest = old_digest(read, verify(read), read.gates["trial"])
    world.put(TRIAL, old_sign("trial", "agency", OFFICER, digest, private_key("forger")))
    return world.gates()


def signoff_elsewhere(world: World) -> str:
    world.move(TRIAL, "rival/s.toml")
    return world.gates()


def signoff_renamed(world: World) -> str:
    world.move(TRIAL, "signoffs/trial/by-the-officer.toml")
    return world.gates()


def role_of_offers(world: World) -> str:
    """The integrator's key signs as the agency's officer, whom it is not."""
    genuine = read_document(world.at(CONCEPT), PROGRAMME_SCHEMAS)
    assert isinstance(genuine, KeyedSignOff)
    other = genuine.model_copy(update={"role": "safety-officer"})
    world.edit("gates/concept.toml", 'role = "chief-engineer"', 'role = "safety-officer"')
    digest = digest_of_gate(world, "concept")
    world.put(CONCEPT, sealed(other.model_copy(update={"digest": digest}), private_key(INTEGRATOR.seed)))
    world.sign("trial")
    return world.gates()


def digest_of_gate(world: World, gate: str) -> str:
    read = read_leniently(world.hub)
    return covered_digest(read, verify(read), read.gates[gate])


SIGNOFFS = [
    Attack(
        "a sign-off by its own key in another party's name",
        "sign-offs",
        "party",
        signed_by_the_rival,
        "this is a key of ",
        signed_again,
        OPEN,
        (STATEMENTS,),
        found=3,
    ),
    Attack(
        "a sign-off by its own key under another's fingerprint",
        "sign-offs",
        "party",
        forged_fingerprint,
        "the signature is not by this key",
        signed_again,
        OPEN,
        (GENUINE,),
        found=3,
    ),
    Attack(
        "a sign-off whose remarks are changed after signing",
        "sign-offs",
        "stranger",
        edited(TRIAL, remarks="no further trials are needed"),
        "the statement was changed after it was signed",
        signed_again,
        OPEN,
        (GENUINE,),
    ),
    Attack(
        "a sign-off of the form of covolt 0.1.0 in the place of a new one",
        "sign-offs",
        "stranger",
        old_form,
        "signature of the old form",
        signed_again,
        OPEN,
        (("covolt.study.gate.signatures:_old", old_counts), COVERED),
    ),
    Attack(
        "a sign-off in a party's own folder",
        "sign-offs",
        "party",
        signoff_elsewhere,
        "does not stand in the folder signoffs/trial",
        signoff_renamed,
        OPEN,
        (PLACE,),
        found=1,
    ),
    Attack(
        "a sign-off in a role that its key does not have",
        "sign-offs",
        "party",
        role_of_offers,
        "the key does not sign as safety-officer",
        signed_again,
        OPEN,
        (("covolt.programme.standing:_may_sign", lambda *_: True), CONFIRMED),
    ),
]


# replay


def replayed_on_another_gate(world: World) -> str:
    """The integrator's word on the concept as its word on the trial, which asks for it too."""
    world.edit(
        "gates/trial.toml",
        "[[signoffs]]",
        '[[signoffs]]\nparty = "integrator"\nrole = "chief-engineer"\n\n[[signoffs]]',
    )
    text = world.at(CONCEPT).read_text(encoding="utf-8").replace('gate = "concept"', 'gate = "trial"')
    world.at("signoffs/trial/integrator.toml").write_text(text, encoding="utf-8")
    world.sign("trial")
    return world.gates()


def signed_on_another_gate(world: World) -> str:
    world.edit(
        "gates/trial.toml",
        "[[signoffs]]",
        '[[signoffs]]\nparty = "integrator"\nrole = "chief-engineer"\n\n[[signoffs]]',
    )
    genuine = read_document(world.at(CONCEPT), PROGRAMME_SCHEMAS)
    assert isinstance(genuine, KeyedSignOff)
    made = genuine.model_copy(update={"gate": "trial", "digest": digest_of_gate(world, "trial")})
    world.put("signoffs/trial/integrator.toml", sealed(made, private_key(INTEGRATOR.seed)))
    world.sign("trial")
    return world.gates()


def of_another_programme(world: World) -> str:
    """What the officer signed in another programme over the very same state."""
    genuine = read_document(world.at(TRIAL), PROGRAMME_SCHEMAS)
    assert isinstance(genuine, KeyedSignOff)
    world.put(TRIAL, sealed(genuine.model_copy(update={"programme": "another"}), private_key(AGENCY.seed)))
    return world.gates()


def of_an_earlier_state(world: World) -> str:
    """Criteria are made stricter, and the earlier sign-offs put back."""
    before = [world.at(place).read_text(encoding="utf-8") for place in (CONCEPT, TRIAL)]
    stricter(world)
    for place, text in zip((CONCEPT, TRIAL), before, strict=True):
        world.at(place).write_text(text, encoding="utf-8")
    return world.gates()


def stricter(world: World) -> str:
    world.edit("gates/concept.toml", "constraints.met >= 1", "constraints.met >= 1 and requirements.count >= 1")
    return world.agree()


def signature_of_an_earlier_version(world: World) -> str:
    offered(world, "supplier", "1.1.0")
    text = world.at("offers/supplier/pack@1.0.0.signed.toml").read_text(encoding="utf-8")
    digest = read_leniently(world.hub).offers
    text = text.replace(digest["supplier/pack@1.0.0"].digest, digest["supplier/pack@1.1.0"].digest)
    path = world.at("offers/supplier/pack@1.1.0.signed.toml")
    path.write_text(text.replace("pack@1.0.0", "pack@1.1.0"), encoding="utf-8")
    return upgraded(world)


def signature_as_it_was(world: World) -> str:
    """The signature of the earlier version as it is, called as that of the newer one."""
    offered(world, "supplier", "1.1.0")
    world.move("offers/supplier/pack@1.0.0.signed.toml", "offers/supplier/pack@1.1.0.signed.toml")
    return upgraded(world)


REPLAY = [
    Attack(
        "a sign-off replayed on another gate",
        "replay",
        "stranger",
        replayed_on_another_gate,
        "the statement was changed after it was signed",
        signed_on_another_gate,
        OPEN,
        (GENUINE,),
        # What it covers is another gate's.
        attains="signature stale: (integrator .)?Integrator",
    ),
    Attack(
        "a sign-off replayed from another programme",
        "replay",
        "party",
        of_another_programme,
        "it speaks of the programme 'another', and this is 'joint'",
        signed_again,
        OPEN,
        (COHERENT, STATEMENTS),
    ),
    Attack(
        "sign-offs of an earlier state put back",
        "replay",
        "stranger",
        of_an_earlier_state,
        f"{STALE}.*signature stale: agency",
        stricter,
        OPEN,
        (COVERED,),
    ),
    Attack(
        "the signature of an earlier version, with the digest of a newer one",
        "replay",
        "stranger",
        signature_of_an_earlier_version,
        "the signature is not by this key, or the statement was changed",
        newer_signed,
        "battery: supplier/pack@1.0.0 . supplier/pack@1.1.0",
        (GENUINE,),
    ),
    Attack(
        "the signature of an earlier version, called as that of a newer one",
        "replay",
        "stranger",
        signature_as_it_was,
        "supplier/pack@1.1.0 cannot fill 'battery'.*unsigned",
        newer_signed,
        "battery: supplier/pack@1.0.0 . supplier/pack@1.1.0",
        (SIGNED,),
    ),
]


# order


def shut_before(world: World) -> str:
    """The first gate is shut, and the second one signed as it then stands."""
    world.at(CONCEPT).unlink()
    world.sign("trial")
    return world.gates()


def signed_before_its_key(world: World) -> str:
    late = replace(successor(ROOT), on=datetime.now(UTC).date().isoformat())
    put_key(world.hub, late)
    genuine = read_document(world.at(TRIAL), PROGRAMME_SCHEMAS)
    assert isinstance(genuine, KeyedSignOff)
    made = genuine.model_copy(update={"date": "2026-03-02", "key": late.fingerprint})
    world.put(TRIAL, sealed(made, private_key(late.seed)))
    return world.gates()


def signed_tomorrow(world: World) -> str:
    """Somebody dates a statement ahead, so that it outlives what is said today."""
    genuine = read_document(world.at(TRIAL), PROGRAMME_SCHEMAS)
    assert isinstance(genuine, KeyedSignOff)
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    world.put(TRIAL, sealed(genuine.model_copy(update={"date": day}), private_key(AGENCY.seed)))
    return world.gates()


def brought_in_after_revocation(world: World) -> str:
    """A key that was revoked brings in another one afterwards."""
    world.put("keys/agency/revoked.toml", ROOT.revokes(AGENCY, on="2026-03-02"))
    put_key(world.hub, replace(successor(AGENCY), on="2026-03-03"))
    return world.gates()


ORDERED = [
    Attack(
        "the order of gates turned round after signing",
        "order",
        "stranger",
        *both("gates/concept.toml", "order = 1", "order = 9")[:1],
        "signature stale: agency",
        unchanged,
        "trial: open",
        (COVERED, ("covolt.study.gate.signatures:loosened", lambda _: ()), CONFIRMED),
        found=2,
    ),
    Attack(
        "a later gate signed while an earlier one is shut",
        "order",
        "party",
        shut_before,
        "trial lacks the gate before it is shut: Concept",
        signed_again,
        "trial: open",
        (("covolt.study.gate.gates:_before", lambda _: []),),
    ),
    Attack(
        "a sign-off by a key that came after it",
        "order",
        "party",
        signed_before_its_key,
        "it is dated 2026-03-02, and the key that signs it is of",
        key_followed,
        OPEN,
        (DAYS,),
    ),
    Attack(
        "a sign-off of a day to come",
        "order",
        "party",
        signed_tomorrow,
        "a day to come",
        signed_again,
        OPEN,
        (DAYS,),
    ),
    Attack(
        "a key brought in by one that is revoked already",
        "order",
        "party",
        brought_in_after_revocation,
        "the key that signs it was revoked on 2026-03-02, and this is dated 2026-03-03",
        key_followed,
        OPEN,
        (REVOCATIONS,),
    ),
]
