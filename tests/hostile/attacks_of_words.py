"""Attacks by words: what a file says in another party's name, and what takes the place of what was trusted."""

from __future__ import annotations

from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import UNSIGNED, sealed
from covolt.programme.pledging import sign_gate
from covolt.programme.reading import read_leniently
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_signatures import STATEMENTS
from tests.hostile.joint import AGENCY, OFFICER, SUPPLIER, World
from tests.signed import Holder, private_key

WHOLE = ("covolt.programme.text:one_line", lambda text: text)
REMARKS = "only on closed ground"


def gate_of(world: World) -> str:
    return world.run("gate", world.hub)


def words_in_the_name_of_another(world: World) -> str:
    forged = KeyedSignOff(
        programme="joint",
        gate="concept",
        party="agency",
        role="head of the agency",
        date="2026-03-02",
        digest=f"sha256:{'a' * 64}",
        key=AGENCY.fingerprint,
        remarks=REMARKS,
        signature=UNSIGNED,
    )
    world.put("signoffs/concept/agency-head.toml", forged)
    return gate_of(world)


def own_remarks(world: World) -> str:
    read = read_leniently(world.hub)
    digest = read.signoffs[f"trial/agency/{OFFICER}"].digest
    made = sign_gate(read, private_key(AGENCY.seed), "trial", "agency", OFFICER, digest, REMARKS)
    world.put("signoffs/trial/agency.toml", made)
    return gate_of(world)


def key_of_role(role: str):
    """Bring in a key of the supplier's, under a role of its choice."""

    def act(world: World) -> str:
        holder = Holder("pack-engineer", "supplier", ("offers",), programme="joint", by=SUPPLIER)
        plain = holder.document.model_copy(update={"roles": (role,)})
        owned = sealed(plain, private_key(holder.seed), "possession")
        world.put("keys/supplier/pack-engineer.toml", sealed(owned, private_key(SUPPLIER.seed)))
        return world.run("key", "list", world.hub) + world.read()

    return act


SPOKEN = [
    Attack(
        "remarks in the name of another party, under its genuine fingerprint",
        "sign-offs",
        "stranger",
        words_in_the_name_of_another,
        "no signature, though a file says so: agency .*: invalid",
        own_remarks,
        f'agency "Type-approval agency", {OFFICER}, .*: stands, with remarks: "{REMARKS}"',
        (STATEMENTS,),
        attains=REMARKS,
    ),
    Attack(
        "a role that ends in a line of another party's",
        "keys",
        "party",
        key_of_role("offers, 2026-03-01: stands\nagency, head"),
        "is no role: it breaks off",
        key_of_role("pack engineer"),
        "supplier, pack engineer, .*: stands.*every file is in order",
        (WHOLE,),
        attains="\nagency, head",
    ),
]
