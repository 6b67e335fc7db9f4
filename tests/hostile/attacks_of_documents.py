"""Attacks by documents: offers, slots, contracts, locks and names."""

from __future__ import annotations

from covolt.contract.document import dumps
from covolt.contract.offer import publish
from covolt.contract.schemas import read_document
from covolt.contract.standard import standard_interface
from covolt.programme.gate import KeyedSignOff
from covolt.programme.reading import read_leniently
from tests.hostile.attack import Attack
from tests.hostile.joint import RIVAL, SUPPLIER, World

OPEN = "concept: open.*trial: open"
ORDER = "every file is in order"
PLACE = ("covolt.programme.placing:place_problem", lambda *_: None)
SIGNED = ("covolt.programme.key_coherence:unsigned_offer", lambda *_, **__: None)
PINS = ("covolt.programme.coherence:pin_problems", lambda *_, **__: [])
GENUINE = ("covolt.programme.keys:signed_by", lambda *_: True)


def _as_signed(programme, _, gate, *_beside):
    """Digest that the sign-off names, whatever stands."""
    found = [one.digest for one in programme.signoffs.values() if one.gate == gate.id and isinstance(one, KeyedSignOff)]
    return found[0] if found else ""


COVERED = ("covolt.study.gate.covered:covered_digest", _as_signed)


def offered(world: World, party: str, version: str, claims: str = "", place: str = "") -> str:
    """An offer made by hand; its reference."""
    sheet = read_document(world.part(party, "pack", version, claims=claims) / "part.toml")
    made = publish(sheet, standard_interface(sheet.fills), [])
    world.put(place or f"offers/{made.datasheet.party}/pack@{version}.toml", made)
    return made.reference


def upgraded(world: World) -> str:
    return world.run("lock", world.hub, "--upgrade")


# offers


def in_anothers_name(world: World) -> str:
    offered(world, "rival", "999.0.0", "supplier", "rival/offers/x.toml")
    world.at("rival/parts/pack-999.0.0/part.toml").unlink()
    return world.read()


def in_its_own_name(world: World) -> str:
    offered(world, "rival", "2.0.0")
    return world.read()


def published_in_anothers_name(world: World) -> str:
    return world.run("offer", world.part("rival", "pack", "999.0.0", claims="supplier"))


def published_in_its_own_name(world: World) -> str:
    return world.run("offer", world.part("rival", "pack", "2.0.0"))


def newer_unsigned(world: World) -> str:
    offered(world, "supplier", "1.1.0")
    return upgraded(world)


def newer_signed(world: World) -> str:
    world.sign_offer(offered(world, "supplier", "1.1.0"))
    return upgraded(world)


def newer_signed_by_the_rival(world: World) -> str:
    world.sign_offer(offered(world, "supplier", "1.1.0"), RIVAL)
    return upgraded(world)


def newer_with_forged_signature(world: World) -> str:
    name = offered(world, "supplier", "1.1.0")
    digest = read_leniently(world.hub).offers[name].digest
    genuine = RIVAL.signs(name, digest, "offer", "offers")
    forged = genuine.model_copy(update={"party": "supplier", "key": SUPPLIER.fingerprint})
    world.put("offers/supplier/forged.toml", forged)
    return upgraded(world)


def resealed(world: World, place: str = "offers/supplier/pack@1.0.0.toml") -> None:
    """An offer with another source of its mass, and with the digest of that."""
    world.edit(place, "derived from the public figures", "weighed by the public figures")
    offer = read_document(world.at(place))
    world.at(place).write_text(dumps(publish(offer.datasheet, offer.interface, offer.files)), encoding="utf-8")


def offer_edited(world: World) -> str:
    world.edit("offers/supplier/pack@1.0.0.toml", "derived from the public figures", "weighed by the public figures")
    return world.gates()


def offer_resealed(world: World) -> str:
    resealed(world)
    return world.gates()


def offer_untouched(world: World) -> str:
    world.at("offers/supplier/pack@1.0.0.toml").touch()
    return world.gates()


def same_version_again(world: World) -> str:
    world.edit("supplier/parts/pack/part.toml", "236 kg", "230 kg")
    return world.run("offer", world.at("supplier/parts/pack"))


def same_content_again(world: World) -> str:
    return world.run("offer", world.at("supplier/parts/pack"))


def after_it_left(world: World) -> str:
    name = offered(world, "rival", "2.0.0")
    world.sign_offer(name)
    world.edit("parties/rival.toml", 'country = "BY"', 'country = "BY"\nleft = "2026-02-01"')
    return world.read()


def before_it_left(world: World) -> str:
    name = offered(world, "rival", "2.0.0")
    world.sign_offer(name)
    world.edit("parties/rival.toml", 'country = "BY"', 'country = "BY"\nleft = "2026-04-01"')
    return world.read()


OFFERS = [
    Attack(
        "an offer in another party's name, from its own folder",
        "offers",
        "party",
        in_anothers_name,
        "does not stand in the folder offers/supplier",
        in_its_own_name,
        ORDER,
        (PLACE,),
        found=1,
    ),
    Attack(
        "a part of its own folder published in another party's name",
        "offers",
        "party",
        published_in_anothers_name,
        "does not stand in the folder supplier.*move it: supplier/parts/pack-999.0.0/part.toml",
        published_in_its_own_name,
        "published rival/pack@2.0.0",
        (("covolt.programme.offering:place_problem", lambda *_: None),),
        attains="published supplier/pack@999.0.0",
    ),
    Attack(
        "a newer offer of another party that nobody signed",
        "offers",
        "stranger",
        newer_unsigned,
        "supplier/pack@1.1.0 cannot fill 'battery'.*unsigned",
        newer_signed,
        "battery: supplier/pack@1.0.0 . supplier/pack@1.1.0",
        (SIGNED,),
        found=1,
    ),
    Attack(
        "a newer offer of another party signed by its own key",
        "offers",
        "party",
        newer_signed_by_the_rival,
        "supplier/pack@1.1.0 cannot fill 'battery'.*unsigned",
        newer_signed,
        "battery: supplier/pack@1.0.0 . supplier/pack@1.1.0",
        (SIGNED,),
    ),
    Attack(
        "a newer offer with its own signature under another's name and fingerprint",
        "offers",
        "stranger",
        newer_with_forged_signature,
        "forged.toml.*the signature is not by this key",
        newer_signed,
        "battery: supplier/pack@1.0.0 . supplier/pack@1.1.0",
        (GENUINE,),
    ),
    Attack(
        "a published offer edited",
        "offers",
        "stranger",
        offer_edited,
        "changed after it was published",
        offer_untouched,
        OPEN,
        (("covolt.contract.offer:Offer.verify", lambda *_: None), PINS, SIGNED),
    ),
    Attack(
        "a published offer edited and its digest computed anew",
        "offers",
        "stranger",
        offer_resealed,
        "is not what the lock pinned",
        offer_untouched,
        OPEN,
        (PINS, SIGNED),
    ),
    Attack(
        "another content under a published version",
        "offers",
        "party",
        same_version_again,
        "is published already, with other content",
        same_content_again,
        "supplier/pack@1.0.0 is published already, with this content",
        (("covolt.programme.offering:_published", lambda *_: None),),
        # The writer itself looks again: what is published cannot be written over.
        attains="somebody has written this meanwhile",
        found=7,
    ),
    Attack(
        "an offer signed after its party left",
        "offers",
        "party",
        after_it_left,
        "rival left on 2026-02-01, and this is dated 2026-03-01",
        before_it_left,
        ORDER,
        (("covolt.programme.standing:day_fault", lambda *_: None),),
    ),
]


# slots and contracts


def slot_in_its_own_folder(world: World) -> str:
    world.move("slots/battery.toml", "rival/slots/battery.toml")
    return world.gates()


def slot_in_a_folder_of_all(world: World) -> str:
    world.move("slots/battery.toml", "slots/traction/battery.toml")
    return world.gates()


def given_to_the_rival(world: World) -> None:
    """The slot of the battery is the rival's, and its pack is pinned there."""
    world.edit("slots/battery.toml", 'owner = "supplier"', 'owner = "rival"')
    world.edit("contracts/battery.toml", '["supplier", ', '["rival", ')
    genuine, own = (read_leniently(world.hub).offers[f"{one}/pack@1.0.0"].digest for one in ("supplier", "rival"))
    world.edit("programme.lock", "supplier/pack@1.0.0", "rival/pack@1.0.0")
    world.edit("programme.lock", genuine, own)


def slot_taken(world: World) -> str:
    given_to_the_rival(world)
    return world.gates()


def slot_given_by_all(world: World) -> str:
    given_to_the_rival(world)
    return world.agree()


def slot_taken_without_contract(world: World) -> str:
    world.edit("slots/battery.toml", 'owner = "supplier"', 'owner = "rival"')
    return world.read()


def slot_retitled(world: World) -> str:
    world.edit("slots/battery.toml", 'en = "Traction battery"', 'en = "Any battery"')
    return world.gates()


def slot_retitled_by_all(world: World) -> str:
    world.edit("slots/battery.toml", 'en = "Traction battery"', 'en = "Any battery"')
    return world.agree()


def slot_claimed_twice(world: World) -> str:
    text = world.at("slots/battery.toml").read_text(encoding="utf-8").replace('"supplier"', '"rival"')
    world.at("slots/traction.toml").write_text(text, encoding="utf-8")
    return world.read()


SLOTS = [
    Attack(
        "a slot in a party's own folder",
        "slots",
        "party",
        slot_in_its_own_folder,
        "it is agreed between parties, and the folder rival is rival's",
        slot_in_a_folder_of_all,
        OPEN,
        (PLACE,),
    ),
    Attack(
        "a slot taken from its owner, with contract and lock",
        "slots",
        "stranger",
        slot_taken,
        "signature stale: integrator.*signature stale: agency",
        slot_given_by_all,
        OPEN,
        (COVERED,),
    ),
    Attack(
        "a slot claimed twice",
        "slots",
        "stranger",
        slot_claimed_twice,
        "two parties claim the slot 'battery'",
        lambda world: world.read(),
        ORDER,
        # The second one counts then, and does not fit the others.
        (("covolt.programme.folder:FolderContent.claimed", lambda *_: None),),
        attains="rival fills the slot 'battery' but is not a party",
    ),
    Attack(
        "a slot whose words are changed after signing",
        "slots",
        "stranger",
        slot_retitled,
        "signature stale: integrator",
        slot_retitled_by_all,
        OPEN,
        (COVERED,),
    ),
]


def contract_edit(before: str, after: str):
    def do(world: World) -> str:
        world.edit("contracts/battery.toml", before, after)
        return world.gates()

    def twin(world: World) -> str:
        world.edit("contracts/battery.toml", before, after)
        return world.agree()

    return do, twin


def contract_in_its_own_folder(world: World) -> str:
    text = world.at("contracts/battery.toml").read_text(encoding="utf-8").replace("revision = 1", "revision = 2")
    world.at("rival/battery-2.toml").write_text(text, encoding="utf-8")
    return world.gates()


def contract_between_all(world: World) -> str:
    text = world.at("contracts/battery.toml").read_text(encoding="utf-8").replace("revision = 1", "revision = 2")
    world.at("contracts/battery-2.toml").write_text(text, encoding="utf-8")
    return world.agree()


STALE = "signature stale: integrator"
CONTRACTS = [
    Attack(
        "promises of a contract struck out after signing",
        "contracts",
        "stranger",
        *(acts := contract_edit('["energy_closes", "deterministic", "finite"]', "[]"))[:1],
        STALE,
        acts[1],
        OPEN,
        (COVERED,),
    ),
    Attack(
        "another party written into a contract",
        "contracts",
        "stranger",
        *(acts := contract_edit('["supplier", "integrator"]', '["supplier", "integrator", "rival"]'))[:1],
        STALE,
        acts[1],
        OPEN,
        (COVERED,),
    ),
    Attack(
        "a revision of a contract in a party's own folder",
        "contracts",
        "party",
        contract_in_its_own_folder,
        "it is agreed between parties, and the folder rival is rival's",
        contract_between_all,
        OPEN,
        (PLACE, COVERED),
    ),
    Attack(
        "the owner of a slot struck out of its contract",
        "contracts",
        "stranger",
        *(acts := contract_edit('["supplier", "integrator"]', '["rival", "integrator"]'))[:1],
        "supplier fills the slot 'battery' but is not a party to battery@1",
        contract_edit('"supplier", "integrator"', '"integrator", "supplier"')[1],
        OPEN,
        (("covolt.programme.coherence:_slots", lambda *_: ()), COVERED),
    ),
]


# locks


def pinned(world: World, reference: str) -> None:
    """The battery's pin moved by hand."""
    offers = read_leniently(world.hub).offers
    world.edit("programme.lock", offers["supplier/pack@1.0.0"].digest, offers[reference].digest)
    world.edit("programme.lock", "supplier/pack@1.0.0", reference)


def pinned_to_the_rival(world: World) -> str:
    pinned(world, "rival/pack@1.0.0")
    return world.gates()


def pinned_to_a_genuine_other(world: World) -> str:
    world.sign_offer(name := offered(world, "supplier", "0.9.0"))
    pinned(world, name)
    return world.gates()


def pinned_by_all(world: World) -> str:
    world.sign_offer(name := offered(world, "supplier", "0.9.0"))
    pinned(world, name)
    return world.agree()


def pinned_unsigned(world: World) -> str:
    pinned(world, offered(world, "supplier", "0.9.0"))
    return world.gates()


def pin_cut(world: World) -> str:
    text = world.at("programme.lock").read_text(encoding="utf-8")
    begin = text.index("battery = ")
    end = text.index("\n", begin) + 1
    world.at("programme.lock").write_text(text[:begin] + text[end:], encoding="utf-8")
    return world.read()


def lock_again(world: World) -> str:
    return world.run("lock", world.hub) + world.gates()


def pinned_by_digest_alone(world: World) -> str:
    place = "offers/supplier/pack@1.0.0.toml"
    before = read_document(world.at(place)).digest
    resealed(world)
    world.edit("programme.lock", before, read_document(world.at(place)).digest)
    return world.gates()


LOCKS = [
    Attack(
        "a pin moved to another party's offer",
        "locks",
        "stranger",
        pinned_to_the_rival,
        "rival does not own the slot, supplier does",
        lock_again,
        OPEN,
        (PINS, COVERED),
    ),
    Attack(
        "a pin moved back to an older offer that is genuine",
        "locks",
        "party",
        pinned_to_a_genuine_other,
        STALE,
        pinned_by_all,
        OPEN,
        (COVERED,),
    ),
    Attack(
        "a pin moved to an offer that nobody signed",
        "locks",
        "stranger",
        pinned_unsigned,
        "signatures are demanded, and that of supplier on it does not count: unsigned",
        pinned_by_all,
        OPEN,
        (SIGNED, COVERED),
    ),
    Attack(
        "a pin cut out",
        "locks",
        "stranger",
        pin_cut,
        "the lock leaves the slot 'battery' empty",
        lambda world: world.read(),
        ORDER,
        (PINS,),
    ),
    Attack(
        "an offer edited, its digest and its pin computed anew",
        "locks",
        "stranger",
        pinned_by_digest_alone,
        "signed with other content",
        lock_again,
        OPEN,
        (SIGNED, COVERED),
    ),
]


# names


def requirement_in_anothers_name(world: World) -> str:
    text = world.at("agency/requirements/LAW.toml").read_text(encoding="utf-8")
    text = text.replace('"LAW"', '"LAW-2"').replace("2000 kg", "5000 kg")
    world.at("rival/LAW-2.toml").write_text(text, encoding="utf-8")
    return world.gates()


def requirement_in_its_own_name(world: World) -> str:
    text = world.at("agency/requirements/LAW.toml").read_text(encoding="utf-8")
    text = text.replace('"LAW"', '"LAW-2"').replace("2000 kg", "5000 kg").replace('"agency"', '"rival"')
    world.at("rival/LAW-2.toml").write_text(text, encoding="utf-8")
    return world.agree()


def party_called(name: str):
    def do(world: World) -> str:
        text = world.at("parties/rival.toml").read_text(encoding="utf-8").replace('"rival"', f'"{name}"')
        world.at(f"parties/{name}.toml").write_text(text, encoding="utf-8")
        return world.read()

    return do


def requirement_twice(world: World) -> str:
    text = world.at("agency/requirements/LAW.toml").read_text(encoding="utf-8")
    text = text.replace("2000 kg", "5000 kg").replace('party = "agency"', 'party = "rival"')
    world.at("rival/LAW.toml").write_text(text, encoding="utf-8")
    return world.read()


def requirement_with_another_name(world: World) -> str:
    text = world.at("agency/requirements/LAW.toml").read_text(encoding="utf-8")
    text = text.replace('id = "LAW"', 'id = "LAW-2"').replace('party = "agency"', 'party = "rival"')
    world.at("rival/LAW.toml").write_text(text, encoding="utf-8")
    return world.read()


NAMES = [
    Attack(
        "a requirement in another party's name",
        "names",
        "party",
        requirement_in_anothers_name,
        "does not stand in the folder agency",
        requirement_in_its_own_name,
        OPEN,
        (PLACE, COVERED),
        found=1,
    ),
    Attack(
        "a party called as a folder of all",
        "names",
        "stranger",
        party_called("keys"),
        "'keys' is the name of a folder that is no party's own",
        party_called("newcomer"),
        ORDER,
        (("covolt.programme.placing:name_problem", lambda *_: ()),),
    ),
    Attack(
        "a party called as another but for capitals",
        "names",
        "stranger",
        party_called("Supplier"),
        "differ in capitals alone",
        party_called("supplier-of-seats"),
        ORDER,
        (("covolt.programme.folder:FolderContent.claimed", lambda *_: None),),
    ),
    Attack(
        "a requirement under another's name",
        "names",
        "party",
        requirement_twice,
        "requirement 'LAW' is already given by",
        requirement_with_another_name,
        ORDER,
        (("covolt.programme.folder:FolderContent.claimed", lambda *_: None),),
    ),
]
