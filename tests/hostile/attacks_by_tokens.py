"""Attacks by keys that covolt does not hold: certificates and GOST, brought in, revoked, weakened and taken for another's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import PartyKey, sealed, statement_bytes, statement_digest
from covolt.programme.pledging import sign_gate
from covolt.programme.reading import read_leniently
from covolt.study.gate.covered import covered_digest
from covolt.study.verdicts.verification import verify
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_signatures import COHERENT, FORGER, OPEN, STATEMENTS
from tests.hostile.joint import AGENCY, INTEGRATOR, OFFICER, ROOT, World
from tests.programme.external.elsewhere import GOST, PRIVATE, Gost, certificate, document, signed
from tests.signed import Holder, private_key

TRIAL = "signoffs/trial/agency.toml"
EC = PRIVATE["ec"]
HEARD = ("covolt.programme.standing:heard", lambda *_: True)


@cache
def token(senior: Holder = ROOT, roles: tuple[str, ...] = (OFFICER,), first: str = "2025-01-01") -> PartyKey:
    return document(senior, "x509", certificate(EC, first), roles, held_by=EC)


def gost(senior: Holder = ROOT) -> PartyKey:
    return document(senior, "gost-r-34.10-2012", Gost().public, (OFFICER,), GOST, held_by=Gost())


def put_token(world: World, key: PartyKey) -> None:
    world.put(f"keys/{key.party}/{key.fingerprint[:16]}.toml", key)


def signed_trial(world: World, key: PartyKey, private: Any, **changed: Any) -> KeyedSignOff:
    """The agency's sign-off of the trial as it stands, by a token."""
    read = read_leniently(world.hub)
    digest = covered_digest(read, verify(read), read.gates["trial"])
    draft = sign_gate(read, key, "trial", "agency", OFFICER, digest, "").model_copy(update=changed)
    made = signed(draft, private)
    world.put(TRIAL, made)
    return made


def by_token(key: Any = token, private: Any = EC, **changed: Any) -> Any:
    """An act: a token is brought in, and signs the trial."""

    def act(world: World) -> str:
        made = key()
        put_token(world, made)
        signed_trial(world, made, private, **changed)
        return world.gates()

    return act


def by_another_partys(world: World) -> str:
    """The integrator's own token signs in the agency's name."""
    key = token(INTEGRATOR, ("chief-engineer",))
    put_token(world, key)
    signed_trial(world, key, EC)
    return world.gates()


def of_another_holder() -> PartyKey:
    """A certificate of somebody else that a party brings in as its own: its holder has signed nothing for it."""
    return document(ROOT, "x509", certificate(EC), (OFFICER,))


def shown_by_another() -> PartyKey:
    """The same, its registration signed by a key of the thief's."""
    return document(ROOT, "x509", certificate(EC), (OFFICER,), held_by=PRIVATE["ed25519"])


def vouched_by_a_stranger(world: World) -> str:
    """A token for which a key vouches that nobody knows."""
    key = token(FORGER)
    put_token(world, key)
    signed_trial(world, key, EC)
    return world.gates()


def revoked(world: World) -> str:
    """A token that its party has taken out."""
    said = by_token()(world)
    assert OPEN.split(".*")[-1] in said
    revocation = ROOT.revokes(AGENCY, on="2026-03-02").model_copy(update={"key": token().fingerprint})
    world.put("keys/agency/revoked.toml", sealed(revocation, private_key(ROOT.seed)))
    return world.gates()


def revoked_and_let_stand(world: World) -> str:
    """The same, and the sign-off still stands by the party's word."""
    put_token(world, token())
    made = signed_trial(world, token(), EC)
    word = ROOT.revokes(AGENCY, (statement_digest(made),), on="2026-03-02").model_copy(
        update={"key": token().fingerprint}
    )
    world.put("keys/agency/revoked.toml", sealed(word, private_key(ROOT.seed)))
    return world.gates()


def swapped(world: World) -> str:
    """A signature of one token under the name of another one of the same party."""
    put_token(world, token())
    put_token(world, gost())
    made = signed_trial(world, token(), EC)
    world.put(TRIAL, made.model_copy(update={"key": gost().fingerprint}))
    return world.gates()


def relabelled(world: World) -> str:
    """A GOST key whose parameter set somebody changed after the party vouched for it."""
    key = gost()
    put_token(world, key)
    signed_trial(world, key, Gost())
    world.edit(f"keys/agency/{key.fingerprint[:16]}.toml", "paramSetB", "paramSetA")
    return world.gates()


def brings_in(world: World) -> str:
    """A token that vouches for a key of its maker's."""
    put_token(world, token())
    maker = replace(FORGER, roles=(OFFICER,))
    mine = replace(maker, by=ROOT).document.model_copy(update={"follows": token().fingerprint})
    mine = sealed(mine, private_key(FORGER.seed), "possession")
    world.put("keys/agency/mine.toml", mine.model_copy(update={"signature": ed25519_like(statement_bytes(mine))}))
    world.sign("trial", by=maker)
    return world.gates()


def ed25519_like(message: bytes) -> str:
    """As many bytes as a signature of Ed25519, by the token's holder."""
    return EC.sign(message, ec.ECDSA(SHA256()))[:64].hex()


def brought_in_by_officer(world: World) -> str:
    """A further key that the agency's first key brings in."""
    further = Holder("further", "agency", (OFFICER,), programme="joint", by=ROOT)
    world.put("keys/agency/further.toml", further.document)
    world.sign("trial", by=further)
    return world.gates()


BY_TOKENS = [
    Attack(
        "a token of another party signs in an agency's name",
        "sign-offs",
        "party",
        by_another_partys,
        "this is a key of integrator, and not of agency",
        by_token(),
        OPEN,
        (STATEMENTS,),
    ),
    Attack(
        "a token for which a stranger vouches",
        "keys",
        "stranger",
        vouched_by_a_stranger,
        "has no key|counts brings it in",
        by_token(),
        OPEN,
        (STATEMENTS, COHERENT),
    ),
    Attack(
        "a token whose holder has not signed that it is the party's",
        "keys",
        "party",
        by_token(of_another_holder),
        "its holder has not signed its registration",
        by_token(),
        OPEN,
        (("covolt.programme.keys:PartyKey.held", True),),
    ),
    Attack(
        "a token whose registration another key has signed",
        "keys",
        "party",
        by_token(shown_by_another),
        "its holder has not signed its registration|does not sign for itself",
        by_token(),
        OPEN,
        (("covolt.programme.keys:PartyKey.held", True),),
    ),
    Attack(
        "a token that was revoked",
        "keys",
        "party",
        revoked,
        "revoked: agency|was revoked on",
        revoked_and_let_stand,
        OPEN,
        (STATEMENTS, COHERENT),
    ),
    Attack(
        "a signature of one token under the name of another",
        "sign-offs",
        "stranger",
        swapped,
        "signature invalid: agency",
        by_token(gost, Gost()),
        OPEN,
        (HEARD,),
    ),
    Attack(
        "a token's certificate that had run out, or was not yet in force",
        "sign-offs",
        "party",
        by_token(lambda: token(first="2030-01-01")),
        "its certificate holds from 2030-01-01",
        by_token(),
        OPEN,
        (("covolt.programme.keys:PartyKey.valid", None),),
    ),
    Attack(
        "a parameter set changed after the party vouched for the key",
        "keys",
        "stranger",
        relabelled,
        "no point of the curve|canonically",
        by_token(gost, Gost()),
        OPEN,
        (("covolt.programme.external.algorithms:public_fault", lambda *_: ""),),
        "is not signed by the key that it follows",
    ),
    Attack(
        "a key that a token brings in",
        "keys",
        "party",
        brings_in,
        "not signed by the key that it follows",
        brought_in_by_officer,
        OPEN,
        (("covolt.programme.keys:verifies", lambda *_: True),),
    ),
]
