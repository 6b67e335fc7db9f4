"""Attacks by words: what a file says in another party's name, and what takes the place of what was trusted."""

from __future__ import annotations

from covolt.programme.anchor import trust_in
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import UNSIGNED, sealed
from covolt.programme.people import asked_of, orders_of, others_of
from covolt.programme.pledging import sign_gate
from covolt.programme.reading import read_leniently
from tests.hostile.attack import Act, Attack
from tests.hostile.attacks_of_signatures import CONCEPT, PEOPLE, STATEMENTS, TRIAL, digest_of_gate
from tests.hostile.joint import AGENCY, INTEGRATOR, OFFICER, ROOT, SUPPLIER, World
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


def signed(world: World, gate: str, holder: Holder, role: str) -> None:
    """A party's signature of a gate as it stands now, whoever asks for it."""
    made = sign_gate(
        read_leniently(world.hub), private_key(holder.seed), gate, holder.party, role, digest_of_gate(world, gate), ""
    )
    world.put(f"signoffs/{gate}/{holder.party}.toml", made)


def in_the_place_of_the_trial(order: int, *, gone: bool):
    """The integrator's own gate where the agency's was, which goes, or comes later."""

    def act(world: World) -> str:
        text = world.at("gates/trial.toml").read_text(encoding="utf-8")
        own = text.replace('id = "trial"', 'id = "trials"').replace("people = true", "people = false")
        own = own.replace('"agency"', '"integrator"').replace(OFFICER, "chief-engineer")
        world.at("gates/trials.toml").write_text(own.replace("order = 2", f"order = {order}"), encoding="utf-8")
        world.edit("agency/requirements/REPORT.toml", '"trial"', '"trials"')
        if gone:
            for place in ("gates/trial.toml", TRIAL):
                world.at(place).unlink()
        else:
            world.edit("gates/trial.toml", "order = 2", "order = 9")
        world.sign("concept")
        signed(world, "trials", INTEGRATOR, "chief-engineer")
        return world.gates()

    return act


def then_trusted(act: Act) -> Act:
    """The same, and whom gates ask is trusted anew."""

    def agreed(world: World) -> str:
        act(world)
        read = read_leniently(world.hub)
        trust_in("joint", {}, "concept", 1, asked_of(read), others_of(read), orders_of(read))
        return world.gates()

    return agreed


def agency_signs_the_concept(*, alone: bool):
    """The agency lets the gate of the integrator ask itself."""

    def act(world: World) -> str:
        own = f'[[signoffs]]\nparty = "agency"\nrole = "{OFFICER}"\n'
        text = world.at("gates/concept.toml").read_text(encoding="utf-8")
        rest = text[: text.index("[[signoffs]]")] if alone else f"{text}\n"
        world.at("gates/concept.toml").write_text(rest + own, encoding="utf-8")
        signed(world, "concept", AGENCY, OFFICER)
        if alone:
            world.at(CONCEPT).unlink()
        else:
            world.sign("concept")
        return world.gates()

    return act


def texts_by_nobody(*, signing: bool):
    """Where the programme demands no signatures, and the agency's key is trusted: other texts, signed or not."""

    def act(world: World) -> str:
        world.edit("programme.toml", 'signatures_from = "concept"', "")
        trust_in("joint", {"agency": ROOT.fingerprint}, None, None)
        world.edit("agency/checked.toml", '"first"', '"second"')
        if signing:
            world.sign_texts()
        else:
            world.at("agency/checked.signed.toml").unlink()
        return world.gates() + world.run("verify", world.hub)

    return act


def requirement_softened(*, signing: bool):
    """A bound of the agency's, written by somebody else, before anybody has signed the gate."""

    def act(world: World) -> str:
        for place in (CONCEPT, TRIAL):
            world.at(place).unlink()
        world.edit("agency/requirements/LAW.toml", "2000 kg", "3000 kg")
        said = world.agree() if signing else world.gates()
        return said + world.run("verify", world.hub) + gate_of(world)

    return act


REPLACED = in_the_place_of_the_trial(2, gone=True)
BEFORE_IT = in_the_place_of_the_trial(1, gone=True)
LATER = in_the_place_of_the_trial(2, gone=False)
GONE = ("covolt.study.gate.gates:gone", lambda *_: {})
SPOKEN = [
    Attack(
        "a gate with people goes, and one without takes its place",
        "gates",
        "party",
        REPLACED,
        "gate trial, after which people ride, was taken out",
        then_trusted(REPLACED),
        "trials: open",
        (PEOPLE, GONE),
    ),
    Attack(
        "a gate with people goes, and one without takes its place before it",
        "gates",
        "party",
        BEFORE_IT,
        "trials lacks gate trial, after which people ride, was taken out",
        then_trusted(BEFORE_IT),
        "trials: open",
        (PEOPLE, GONE),
    ),
    Attack(
        "a gate with people comes later, and one without stands in its place",
        "gates",
        "party",
        LATER,
        "trials lacks gate trial stands at 9, and stood at 2",
        then_trusted(LATER),
        "trials: open",
        (PEOPLE,),
    ),
    Attack(
        "another party signs a gate without people",
        "gates",
        "party",
        agency_signs_the_concept(alone=True),
        "gate concept no longer needs the signature of integrator/chief-engineer",
        agency_signs_the_concept(alone=False),
        "concept: open",
        (PEOPLE,),
    ),
    Attack(
        "texts that nobody has signed, where the agency's key is trusted",
        "inputs",
        "stranger",
        texts_by_nobody(signing=False),
        "LAW: met, text not checked.*agency/texts does not count here: unsigned",
        texts_by_nobody(signing=True),
        "LAW: met\n",
        (("covolt.programme.key_coherence:must_sign", lambda *_: False),),
    ),
    Attack(
        "a bound of another party's moved before anybody has signed",
        "inputs",
        "stranger",
        requirement_softened(signing=False),
        "concept, trial: its requirements, .* not signed by themselves.*Trial: shut.*not signed by themselves",
        requirement_softened(signing=True),
        "LAW: met\n",
        (
            ("covolt.study.gate.gates:unsigned_yet", lambda *_, **__: None),
            ("covolt.study.gate.unsigned:unsigned_gates", lambda *_: []),
        ),
        attains=r"\A(?!.*not signed by themselves).*LAW: met",
    ),
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
