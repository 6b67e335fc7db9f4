"""Attacks found since the first ones: what a party can do in its own folders, and what the anchor remembers against."""

from __future__ import annotations

import re
from dataclasses import replace

from openpyxl import load_workbook

from covolt.contract.datasheet import Axis, Model, Table
from covolt.contract.document import dumps
from covolt.contract.offer import publish
from covolt.contract.schemas import read_document
from covolt.contract.standard import standard_interface
from covolt.files import digest_of
from covolt.programme import anchor
from covolt.programme.checked import CheckedText, CheckedTexts
from covolt.programme.pledging import sign_gate
from covolt.programme.reading import read_leniently
from covolt.programme.requirement import Evidence, Requirement, Verify
from covolt.programme.requirement_files import rows_of, write_excel
from covolt.programme.text import Title
from covolt.simulation import kept
from covolt.words import Words
from tests.hostile.attack import Attack
from tests.hostile.attacks_of_documents import (
    COVERED,
    OPEN,
    PINS,
    SIGNED,
    STALE,
    newer_signed,
    offered,
    resealed,
    upgraded,
)
from tests.hostile.attacks_of_files import (
    ARCHIVE,
    LAW,
    AnyDigest,
    baseline_kept,
    committed,
    compared,
    evidence_changed,
    evidence_cited_anew,
    met_as_it_is,
    nothing_weakened,
    records_forged,
    unhidden,
)
from tests.hostile.attacks_of_signatures import (
    CONCEPT,
    CONFIRMED,
    FORGER,
    PEOPLE,
    STATEMENTS,
    TRIAL,
    digest_of_gate,
    gate_after,
    key_replaced,
    revoked_but_standing,
    signed_again,
    strong_key,
    successor,
)
from tests.hostile.joint import AGENCY, INTEGRATOR, OFFICER, RIVAL, ROOT, SUPPLIER, World, settled
from tests.signed import Holder, private_key, put_key

COHERENT = ("covolt.programme.key_coherence:key_problems", lambda *_: ())
FILLS = ("covolt.programme.coherence:cannot_fill", lambda *_, **__: [])
NEWER = "battery: supplier/pack@1.0.0 . supplier/pack@1.1.0"


# slots and contracts


def pinned_to(reference: str):
    def do(world: World) -> str:
        return world.run("lock", world.hub, "--pin", f"battery={reference}")

    return do


def newer_pinned(world: World) -> str:
    world.sign_offer(offered(world, "supplier", "1.1.0"))
    return pinned_to("supplier/pack@1.1.0")(world)


def without_a_promise(world: World) -> str:
    """An offer like the one before, but for a promise that the contract tests."""
    sheet = read_document(world.part("supplier", "pack", "1.1.0") / "part.toml")
    made = publish(sheet, standard_interface(sheet.fills), [])
    made = made.model_copy(update={"datasheet": sheet.model_copy(update={"promises": sheet.promises[:-1]})})
    world.put("offers/supplier/pack@1.1.0.toml", made.model_copy(update={"digest": made.content_digest()}))
    world.sign_offer(made.reference)
    return upgraded(world)


def with_an_interface_of_its_own(world: World) -> str:
    """An offer whose interface promises less than the contract's, under the same name."""
    sheet = read_document(world.part("supplier", "pack", "1.1.0") / "part.toml")
    interface = standard_interface(sheet.fills)
    made = publish(sheet, interface, []).model_copy(update={"interface": interface.model_copy(update={"promises": ()})})
    world.put("offers/supplier/pack@1.1.0.toml", made.model_copy(update={"digest": made.content_digest()}))
    world.sign_offer(made.reference)
    return upgraded(world)


DOCUMENTS = [
    Attack(
        "a slot filled by who does not own it",
        "slots",
        "party",
        pinned_to("rival/pack@1.0.0"),
        "rival does not own the slot, supplier does",
        newer_pinned,
        NEWER,
        (FILLS,),
        attains="battery: supplier/pack@1.0.0 . rival/pack@1.0.0",
    ),
    Attack(
        "a slot filled by its owner with another kind of part",
        "slots",
        "party",
        pinned_to("supplier/charger@1.0.0"),
        "it is a charger, and the slot takes a battery",
        newer_pinned,
        NEWER,
        (FILLS,),
        attains="battery: supplier/pack@1.0.0 . supplier/charger@1.0.0",
    ),
    Attack(
        "an offer without a promise that its contract tests",
        "contracts",
        "party",
        without_a_promise,
        "cannot fill 'battery'.*promise",
        newer_signed,
        NEWER,
        (
            ("covolt.programme.agreement:contract_differences", lambda *_: ()),
            ("covolt.contract.compatibility:datasheet_differences", lambda *_: ()),
            ("covolt.contract.compatibility:differences", lambda *_: ()),
        ),
    ),
    Attack(
        "an offer under an interface that promises less than its contract's",
        "contracts",
        "party",
        with_an_interface_of_its_own,
        "cannot fill 'battery'.*promise",
        newer_signed,
        NEWER,
        (("covolt.contract.compatibility:differences", lambda *_: ()),),
    ),
]


# locks


def pinned_after_it_left(world: World) -> str:
    world.sign_offer(offered(world, "supplier", "1.1.0"))
    world.edit("parties/supplier.toml", "country =", 'left = "2026-04-01"\ncountry =')
    return upgraded(world)


def begun_anew(world: World) -> str:
    """The supplier signs all its offers by another first key, which nobody has compared."""
    for path in world.at("keys/supplier").iterdir():
        path.unlink()
    anew = replace(SUPPLIER, seed="supplier-anew")
    put_key(world.hub, anew)
    offered(world, "supplier", "1.1.0")
    for name, offer in read_leniently(world.hub).offers.items():
        if offer.datasheet.party == "supplier":
            world.sign_offer(name, anew)
    return upgraded(world)


LOCKS = [
    Attack(
        "a newer offer of a party that has left",
        "locks",
        "party",
        pinned_after_it_left,
        "supplier left on 2026-04-01: nothing of it is pinned anew",
        newer_signed,
        NEWER,
        (("covolt.programme.locking:_cannot_be_pinned", lambda *_: []),),
    ),
    Attack(
        "a newer offer signed by a first key that nobody knows",
        "locks",
        "party",
        begun_anew,
        "on it does not count here: key not known here",
        newer_signed,
        NEWER,
        (SIGNED,),
        found=3,
    ),
]


# gates: whom they ask, and under which name


def asking_itself(world: World) -> str:
    """The gate with people asks the rival's own officer, who signs."""
    officer = Holder("rival-officer", "rival", (OFFICER,), programme="joint", by=RIVAL)
    put_key(world.hub, officer)
    world.edit("gates/trial.toml", 'party = "agency"', 'party = "rival"')
    world.at(TRIAL).unlink()
    return signed_by(world, officer, "trial", OFFICER)


def signed_by(world: World, holder: Holder, gate: str, role: str) -> str:
    read = read_leniently(world.hub)
    digest = digest_of_gate(world, gate)
    made = sign_gate(read, private_key(holder.seed), gate, holder.party, role, digest, "")
    world.put(f"signoffs/{gate}/{holder.party}.toml", made)
    return world.gates()


def moved_gate(world: World) -> str:
    """The trials are held under another name, and pass by the integrator's own word."""
    text = world.at("gates/trial.toml").read_text(encoding="utf-8")
    text = (
        text.replace('id = "trial"', 'id = "ride"')
        .replace('"agency"', '"integrator"')
        .replace(OFFICER, "chief-engineer")
    )
    world.at("gates/trial.toml").unlink()
    world.edit("agency/requirements/REPORT.toml", 'gate = "trial"', 'gate = "ride"')
    world.at("gates/ride.toml").write_text(text, encoding="utf-8")
    world.at(TRIAL).unlink()
    world.sign("concept")
    return signed_by(world, INTEGRATOR, "ride", "chief-engineer")


GATES = [
    Attack(
        "a gate with people that asks its author's own officer",
        "gates",
        "party",
        asking_itself,
        "gate trial no longer needs the signature of agency/type-approval-officer, which you confirmed",
        signed_again,
        OPEN,
        (PEOPLE,),
    ),
    Attack(
        "a gate with people under another name",
        "gates",
        "party",
        moved_gate,
        "gate trial, after which people ride, was taken out",
        gate_after,
        OPEN,
        (PEOPLE, CONFIRMED),
        attains="ride: open",
    ),
]


# keys, their revocations and their trust


def revokes_anothers(world: World) -> str:
    """The rival takes out the officer's key, so that what he signed falls."""
    made = replace(RIVAL, party="agency").revokes(AGENCY)
    world.put("keys/agency/revoked.toml", made)
    return world.gates()


def revocation_swapped(world: World) -> str:
    """A thief of the officer's key brings in another one, and lets that say that all which he signed stands."""
    path = world.put("keys/agency/revoked.toml", ROOT.revokes(AGENCY))
    world.gates()
    path.unlink()
    thief = successor(AGENCY)
    put_key(world.hub, thief)
    stands = revoked_statements(world)
    world.put("keys/agency/replaced.toml", thief.revokes(AGENCY, stands, reason="replaced"))
    return world.gates()


def revoked_statements(world: World) -> tuple[str, ...]:
    from covolt.programme.keys import statement_digest

    read = read_leniently(world.hub)
    said = [*read.signoffs.values(), *read.signatures.values()]
    return tuple(sorted(statement_digest(one) for one in said if one.key == AGENCY.fingerprint))


def trusted_anew(world: World) -> str:
    """Somebody is told to trust a fingerprint that stands in the folder."""
    key_replaced(world)
    said = world.run("key", "trust", world.hub, "--fingerprint", FORGER.fingerprint)
    return said + world.gates()


def trusted_again(world: World) -> str:
    return world.run("key", "trust", world.hub, "--fingerprint", ROOT.fingerprint) + world.gates()


def trusts_silently(read, named, **_):
    """First keys taken by their fingerprints, whatever was trusted before."""
    return {one.key.party: name for name, one in read.consistent.keys.items() if name in named}


def law_of_another_act(world: World) -> None:
    """A law that nobody has checked yet."""
    text = world.at(LAW).read_text(encoding="utf-8")
    text = text.replace('"LAW"', '"LAW-2"').replace('"agency"', '"rival"').replace("TR CU 018/2011", "UN R100")
    world.at("rival/LAW-2.toml").write_text(text, encoding="utf-8")
    anchor.record("joint", world.hub, {"agency": True, "rival": False, "supplier": False, "integrator": False})


def checks_itself(world: World) -> str:
    """The rival calls itself an agency, and has read the law."""
    law_of_another_act(world)
    officer = Holder("rival-officer", "rival", (OFFICER,), programme="joint", by=RIVAL)
    put_key(world.hub, officer)
    world.edit("parties/rival.toml", "roles = [", 'roles = ["agency", ')
    entry = CheckedText(by="officer", on="2026-02-01", edition="first", bounds=("UN R100",))
    world.put("rival/checked.toml", CheckedTexts(id="own", party="rival", text=(entry,)))
    digest = read_leniently(world.hub).checked["rival/own"].digest
    world.put("rival/checked.signed.toml", officer.signs("rival/own", digest))
    return world.agree()


def checked_by_the_agency(world: World) -> str:
    law_of_another_act(world)
    world.edit("agency/checked.toml", 'bounds = ["TR CU 018/2011"]', 'bounds = ["TR CU 018/2011", "UN R100"]')
    world.sign_texts()
    return world.agree()


KEYS = [
    Attack(
        "another party's key revoked by its own",
        "keys",
        "party",
        revokes_anothers,
        f"agency has no key {RIVAL.fingerprint[:16]}",
        revoked_but_standing,
        OPEN,
        (
            COHERENT,
            ("covolt.programme.standing:_Chain.may_revoke", lambda *_: True),
            ("covolt.programme.standing:_Chain.by_own", lambda chain, _: chain.revocations),
        ),
        # What the officer has signed falls by a word that is not his party's.
        attains="trial: shut",
    ),
    Attack(
        "a revocation swapped for one that lets everything stand",
        "keys",
        "stranger",
        revocation_swapped,
        "was seen revoked, and its revocation is gone|its party.s revocation|signature does not count: revoked",
        revoked_but_standing,
        OPEN,
        (("covolt.programme.anchor:remember", lambda *_: None),),
    ),
    Attack(
        "another first key trusted silently in the place of one that is",
        "keys",
        "stranger",
        trusted_anew,
        "another first key of agency is trusted here",
        trusted_again,
        OPEN,
        (("covolt.study.cases.trusting:named_roots", trusts_silently),),
        attains="exit code 0",
        found=3,
    ),
    Attack(
        "a party that makes itself an agency, and checks its own law",
        "keys",
        "party",
        checks_itself,
        "LAW-2: met, text not checked",
        checked_by_the_agency,
        f"LAW-2: met\\n.*{OPEN}",
        (("covolt.programme.anchor:record", lambda *_: None),),
    ),
]


# sign-offs


def with_a_remark(world: World) -> str:
    """Who signs says that it holds on closed ground alone, and hopes that nobody reads it."""
    read = read_leniently(world.hub)
    digest = digest_of_gate(world, "trial")
    made = sign_gate(read, private_key(AGENCY.seed), "trial", "agency", OFFICER, digest, "only on closed ground")
    world.put(TRIAL, made)
    return world.run("gate", world.hub)


def without_a_remark(world: World) -> str:
    world.sign("trial")
    return world.run("gate", world.hub)


def signoff_gone(world: World) -> str:
    world.at(TRIAL).unlink()
    return world.gates()


SIGNOFFS = [
    Attack(
        "a remark that is shown nowhere",
        "sign-offs",
        "party",
        with_a_remark,
        "stands, with remarks: .only on closed ground.",
        without_a_remark,
        "Trial: open",
        (("covolt.study.gate.signatures:SignatureRow.reads", property(lambda row: Words(row.state or ""))),),
        attains="Trial: open(?!.*only on closed ground)",
    ),
    Attack(
        "a sign-off taken away",
        "sign-offs",
        "stranger",
        signoff_gone,
        "signature missing: agency",
        signed_again,
        OPEN,
        (("covolt.study.gate.gates:signature_rows", lambda *_, **__: []),),
    ),
]


# names


def another_name(world: World) -> str:
    """The programme calls itself otherwise, and so demands nothing that was trusted of the one before."""
    world.gates()
    for place in ("keys", "signoffs"):
        for path in sorted(world.at(place).rglob("*.toml")):
            path.unlink()
    for path in sorted(world.hub.rglob("*.signed.toml")):
        path.unlink()
    world.edit("programme.toml", 'id = "joint"\nsignatures_from = "concept"', 'id = "joint-2"')
    world.edit("gates/trial.toml", "people = true", "people = false")
    for gate in ("concept", "trial"):
        text = world.at(f"gates/{gate}.toml").read_text(encoding="utf-8")
        world.at(f"gates/{gate}.toml").write_text(text[: text.index("[[signoffs]]")], encoding="utf-8")
    return world.gates()


def forged_line(title: str):
    """A gate that lacks a signature says so with the title of who is to sign."""

    def do(world: World) -> str:
        world.edit("parties/integrator.toml", 'en = "Integrator"', f'en = "{title}"')
        world.at(CONCEPT).unlink()
        return world.run("gate", world.hub)

    return do


NAMES = [
    Attack(
        "a programme under another name",
        "names",
        "stranger",
        another_name,
        "this folder was trusted as the programme 'joint', and calls itself 'joint-2' now",
        met_as_it_is,
        OPEN,
        (("covolt.study.gate.signatures:renamed", lambda _: ()),),
    ),
    Attack(
        "a title that forges a line of covolt's",
        "names",
        "stranger",
        forged_line("Integrator\\nTrial: open"),
        'signature missing: integrator "Integrator Trial: open"',
        forged_line("The integrator"),
        'signature missing: integrator "The integrator"',
        (("covolt.programme.text:one_line", lambda text: text),),
        attains=r'signature missing: integrator "Integrator\s*\n\s*Trial: open',
    ),
]


# replay


def key_of_another_programme(world: World) -> str:
    other = replace(successor(RIVAL, ("offers",)), party="rival", programme="another")
    put_key(world.hub, other)
    return world.gates()


def signature_of_another_programme(world: World) -> str:
    """What the supplier has signed for another programme, which has the very same part."""
    name = offered(world, "supplier", "1.1.0")
    digest = read_leniently(world.hub).offers[name].digest
    made = replace(SUPPLIER, programme="another").signs(name, digest, "offer", "offers")
    world.put("offers/supplier/pack@1.1.0.signed.toml", made)
    return upgraded(world)


REPLAY = [
    Attack(
        "a key that was brought into another programme",
        "replay",
        "party",
        key_of_another_programme,
        "it speaks of the programme 'another', and this is 'joint'",
        strong_key,
        OPEN,
        (COHERENT,),
    ),
    Attack(
        "the signature of an offer in another programme",
        "replay",
        "party",
        signature_of_another_programme,
        "it speaks of the programme 'another', and this is 'joint'",
        newer_signed,
        NEWER,
        (COHERENT, STATEMENTS),
    ),
]


# order


def left(world: World, *, back: bool) -> str:
    """The rival leaves, which this user has agreed to; then its file says so no longer."""
    before = world.at("parties/rival.toml").read_text(encoding="utf-8")
    world.edit("parties/rival.toml", "country =", 'left = "2026-04-01"\ncountry =')
    world.run("key", "trust", world.hub, "--fingerprint", RIVAL.fingerprint)
    if back:
        world.at("parties/rival.toml").write_text(before, encoding="utf-8")
    return world.run("check", world.hub)


ORDERED = [
    Attack(
        "the day on which a party left taken back",
        "order",
        "party",
        lambda world: left(world, back=True),
        "rival left on 2026-04-01, and its file says so no longer",
        lambda world: left(world, back=False),
        "joint: 4 parties(?!.*says so no longer)",
        (("covolt.study.cases.trusting:_left", lambda *_: iter(())),),
    ),
]


# records


def planted(world: World) -> str:
    """Records that a partner's own covolt has sealed, with what is the partner's secret."""

    def seal(digest: str, content: bytes) -> bytes:
        with settled(world.aside / "theirs"):
            return kept._seal(digest, content)

    return records_forged(world, seal)


OWN_REPORT = "rival/evidence/own.txt"


def reported(world: World) -> None:
    """The rival shows something by a report of its own, and everybody has signed."""
    report = b"The report of the rival.\n"
    world.at("rival/evidence").mkdir(exist_ok=True)
    world.at(OWN_REPORT).write_bytes(report)
    made = Requirement(
        id="OWN",
        party="rival",
        title=Title(en="The rival's own report"),
        kind="constraint",
        safety=True,
        verify=Verify(method="document", gate="concept"),
        evidence=(Evidence(path="evidence/own.txt", digest=digest_of(report), valid_until="2030-12-31"),),
    )
    world.put("rival/OWN.toml", made)
    world.agree()


def exchanged(world: World, *, cited: bool) -> str:
    reported(world)
    other = b"Another report of the rival.\n"
    before = digest_of(world.at(OWN_REPORT).read_bytes())
    world.at(OWN_REPORT).write_bytes(other)
    if cited:
        world.edit("rival/OWN.toml", before, digest_of(other))
        return world.agree()
    return world.gates()


def put_off(world: World, *, agreed: bool) -> str:
    reported(world)
    world.edit("rival/OWN.toml", "2030-12-31", "2099-12-31")
    return world.agree() if agreed else world.gates()


RECORDS = [
    Attack(
        "records sealed by a partner's own covolt",
        "records",
        "party",
        planted,
        "MASS: not met",
        met_as_it_is,
        "MASS: met",
        (("hmac:compare_digest", lambda *_: True),),
        found=5,
    ),
    Attack(
        "its own report exchanged after all have signed",
        "records",
        "party",
        lambda world: exchanged(world, cited=False),
        "OWN: stale.*is not the file that was cited",
        lambda world: exchanged(world, cited=True),
        OPEN,
        (("covolt.programme.files:InFolder.digest", lambda *_: AnyDigest()), COVERED),
    ),
    Attack(
        "the day until which its own report holds put off",
        "records",
        "party",
        lambda world: put_off(world, agreed=False),
        STALE,
        lambda world: put_off(world, agreed=True),
        OPEN,
        (COVERED,),
    ),
]


# baselines and attributes


def offer_changed_since(world: World) -> str:
    """Its offer is what a baseline pins, and another one by now."""
    resealed(world)
    return compared(world, "first")


def loosened_since(world: World) -> str:
    committed(world)
    world.edit("integrator/requirements/MASS.toml", "1173 kg", "5000 kg")
    return compared(world)


def report_exchanged_since(world: World) -> str:
    """Other bytes of a cited report, committed nowhere."""
    committed(world)
    evidence_changed(world)
    return compared(world)


BASELINES = [
    Attack(
        "its offer changed after a baseline was kept",
        "baselines",
        "party",
        offer_changed_since,
        "is not what the lock pinned",
        baseline_kept,
        "nothing changed",
        (PINS, SIGNED),
        attains="exit code 0",
        found=7,
    ),
    Attack(
        "its own requirement loosened since the base",
        "baselines",
        "party",
        loosened_since,
        "1173 kg.*5000 kg",
        nothing_weakened,
        "nothing changed",
        (("covolt.study.verdicts.attribution:changes_between", lambda *_: []),),
        found=9,
    ),
    Attack(
        "its own report exchanged since the base",
        "baselines",
        "party",
        report_exchanged_since,
        "evidence evidence/report.txt of REPORT",
        nothing_weakened,
        "nothing changed",
        (("covolt.study.verdicts.attribution:_cited", lambda *_: {}),),
        found=9,
    ),
]


def hidden_by_its_own_folder(world: World) -> str:
    world.at("agency/.gitattributes").write_text("requirements/LAW.toml export-ignore\n", encoding="utf-8")
    committed(world)
    world.edit(LAW, "2000 kg", "5000 kg")
    return compared(world)


def other_bytes(attributes: str, content: bytes):
    """Attributes by which Git would write a cited report otherwise than it was committed."""

    def do(world: World) -> str:
        evidence_cited_anew(world, content)
        world.agree()
        world.at("agency/requirements/evidence/.gitattributes").write_text(
            f"report.txt {attributes}\n", encoding="utf-8"
        )
        committed(world)
        return compared(world)

    return do


ATTRIBUTES = [
    Attack(
        "a law hidden from the base by attributes in its party's folder",
        "attributes",
        "party",
        hidden_by_its_own_folder,
        "2000 kg.*5000 kg",
        unhidden,
        "nothing changed",
        (ARCHIVE,),
        attains="absent",
        found=8,
    ),
    Attack(
        "line ends that Git would write into a cited report",
        "attributes",
        "party",
        other_bytes("text eol=crlf", b"The report of a trial.\nAnd a line.\n"),
        "nothing changed",
        report_exchanged_since,
        "evidence evidence/report.txt of REPORT",
        (ARCHIVE,),
        found=8,
    ),
    Attack(
        "a name that Git would write into a cited report",
        "attributes",
        "stranger",
        other_bytes("ident", b"The report $Id$ of a trial.\n"),
        "nothing changed",
        report_exchanged_since,
        "evidence evidence/report.txt of REPORT",
        (ARCHIVE,),
        found=8,
    ),
]


# inputs


def loss_map(unit: str):
    """A drive unit by a map whose losses are given in a unit."""

    def do(world: World) -> str:
        part = world.at("supplier/parts/motor/part.toml")
        sheet = read_document(part)
        speed, torque = (sheet.declared[one].value_si for one in ("speed_maximum", "torque_peak"))
        axes = (
            Axis(name="speed", unit="rad/s", values=(0.0, speed / 2.0, 1.1 * speed)),
            Axis(name="torque", unit="Nm", values=(0.0, torque / 2.0, 1.1 * torque)),
        )
        # Of power 8 %, of torque 20 W/Nm, and a tenth of a kilowatt.
        rows = tuple(
            tuple(0.1 + 0.02 * T + 8e-5 * T * w if T or w else 0.0 for T in axes[1].values) for w in axes[0].values
        )
        table = Table(unit=unit, axes=axes, values=rows, basis="measured", source="bench")
        made = sheet.model_copy(update={"version": "1.1.0", "model": Model(kind="loss-map", tables={"loss": table})})
        part.write_text(dumps(made), encoding="utf-8")
        return world.run("offer", part)

    return do


def route_head(head: str):
    """A route whose heading nobody knows, and so is told."""

    def do(world: World) -> str:
        path = world.aside / "route.csv"
        path.write_text(f"{head},time_s\n0,0\n", encoding="utf-8")
        said = world.run("drive", "city-car", "--route", path)
        return f"{said}\nraw control signs: {sum(one < ' ' and one != chr(10) for one in said)}"

    return do


def workbook(*, wide: bool):
    """Requirements in a workbook, with a row of cells that no list has."""

    def do(world: World) -> str:
        path = world.aside / "rows.xlsx"
        write_excel(path, rows_of(list(read_leniently(world.hub).requirements.values())))
        book = load_workbook(path)
        book.worksheets[0].append(["x"] * (3000 if wide else 3))
        book.save(path)
        return world.run("requirements", "import", path, world.hub, "--party", "integrator", "--dry-run")

    return do


INPUTS = [
    Attack(
        "a heading that clears the terminal",
        "inputs",
        "stranger",
        route_head("spe\x1b[2Jed_kmh"),
        r"spe\\u\{1b\}\[2Jed_kmh.*raw control signs: 0",
        route_head("spexed_kmh"),
        "spexed_kmh.*raw control signs: 0",
        (("covolt.legible:HIDDEN", re.compile("(?!)")),),
        attains="raw control signs: [1-9]",
        found=11,
    ),
    Attack(
        "a workbook of one endless row",
        "inputs",
        "stranger",
        workbook(wide=True),
        "has more than 200 cells",
        workbook(wide=False),
        "exit code",
        (("covolt.programme.requirement_files.workbook:MOST_COLUMNS", 1 << 20),),
        attains=r"\A(?!.*more than 200 cells)",
        found=14,
    ),
    Attack(
        "a map of losses in a wrong unit",
        "inputs",
        "party",
        loss_map("W"),
        "% efficient, no machine with inverter is above",
        loss_map("kW"),
        "published supplier/motor@1.1.0",
        (("covolt.library.driveline:_magnitude_problems", lambda *_: []),),
    ),
]
FOUND_SINCE = [
    *DOCUMENTS,
    *LOCKS,
    *GATES,
    *KEYS,
    *SIGNOFFS,
    *NAMES,
    *REPLAY,
    *ORDERED,
    *RECORDS,
    *BASELINES,
    *ATTRIBUTES,
    *INPUTS,
]
