"""A gate signed by a key that covolt does not hold: brought in, stated, signed elsewhere, attached; and where nobody can tell."""

import hashlib
import re
import sys

import pytest

from covolt.contract.document import dumps
from covolt.errors import InputError
from covolt.programme.external import stb
from covolt.programme.keys import PartyKey, statement_bytes
from covolt.programme.reading import read_programme
from tests.hostile.attacks_by_tokens import gost, put_token, signed_trial, token
from tests.hostile.attacks_of_signatures import OPEN
from tests.hostile.joint import OFFICER, ROOT, build, copied
from tests.programme.external.elsewhere import GOST, PRIVATE, Gost, certificate, document
from tests.programme.external.test_certificate import bare
from tests.programme.external.test_stb import PUBLIC, SIGNATURE

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture
def world(built, tmp_path):
    with copied(built, tmp_path / "copy") as copy:
        copy.at("signoffs/trial/agency.toml").unlink()
        yield copy


def brought_in(world, file, *options):
    by = world.key(ROOT)
    said = world.run(
        "key", "external", file, world.hub, "--party", "agency", "--role", OFFICER, "--by", by, *options
    )  # fmt: skip
    assert "exit code 0" in said, said
    assert "covolt key external SIGNATURE" in said
    found = next(one for one in read_programme(world.hub).keys.values() if one.algorithm).fingerprint
    assert "its holder has not signed" in world.run("key", "list", world.hub)
    return found


def held(world, fingerprint, sign):
    """The registration signed where the key is held, and the signature filed."""
    (statement,) = world.at("keys/agency").glob("*.statement")
    proof = world.aside / "registration.sig"
    proof.write_bytes(sign(statement.read_bytes() + b" "))
    said = world.run("key", "external", proof, world.hub, "--proves", fingerprint[:12])
    assert "exit code 0" not in said
    assert "the signature is not by this key over" in said
    proof.write_bytes(sign(statement.read_bytes()))
    said = world.run("key", "external", proof, world.hub, "--proves", fingerprint[:12])
    assert "exit code 0" in said, said
    assert statement.with_suffix(".signature").read_bytes() == proof.read_bytes()
    assert "its holder has not signed" not in world.run("key", "list", world.hub)
    return fingerprint


def stated(world, fingerprint):
    said = world.run(
        "sign", "trial", world.hub, "--party", "agency", "--role", OFFICER, "--external", "--key", fingerprint[:12],
        "--remarks", "closed ground only",
    )  # fmt: skip
    assert "exit code 0" in said, said
    (file,) = world.at("signoffs").rglob("*.statement")
    assert f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" in said
    return file


def test_a_certificate_signs_a_gate(world):
    (world.aside / "officer.cer").write_bytes(certificate(PRIVATE["ec"]))
    fingerprint = held(world, brought_in(world, world.aside / "officer.cer"), lambda said: bare(PRIVATE["ec"], said))
    statement = stated(world, fingerprint)
    assert "trial: open" not in world.gates()
    signature = world.aside / "signature.sig"
    signature.write_bytes(bare(PRIVATE["ec"], statement.read_bytes()))
    said = world.run("sign", "trial", world.hub, "--attach", signature)
    assert "filed the signature" in said, said
    assert re.search(OPEN, world.gates(), re.DOTALL), world.gates()
    assert statement.with_suffix(".signature").read_bytes() == signature.read_bytes()
    assert "x509" in world.run("key", "list", world.hub)
    assert "closed ground only" in world.run("gate", world.hub)


def test_a_gost_key_in_digits_signs_a_gate(world):
    (world.aside / "officer.hex").write_text(Gost().public.hex())
    options = ("--algorithm", "gost-r-34.10-2012", "--parameters", GOST)
    statement = stated(world, held(world, brought_in(world, world.aside / "officer.hex", *options), Gost().sign))
    signature = world.aside / "signature.hex"
    signature.write_text(Gost().sign(statement.read_bytes()).hex())
    assert "filed" in world.run("sign", "trial", world.hub, "--attach", signature)
    assert re.search(OPEN, world.gates(), re.DOTALL), world.gates()


def test_what_is_attached_is_verified_and_nothing_is_filed_that_is_not(world):
    (world.aside / "officer.cer").write_bytes(certificate(PRIVATE["ec"]))
    fingerprint = held(world, brought_in(world, world.aside / "officer.cer"), lambda said: bare(PRIVATE["ec"], said))
    statement = stated(world, fingerprint)
    signature = world.aside / "signature.sig"
    good = bare(PRIVATE["ec"], statement.read_bytes())
    content = statement.read_bytes()
    for name, written, made in (
        ("another statement", content, bare(PRIVATE["ec"], content + b"\n")),
        ("another key", content, bare(PRIVATE["ed25519"], content)),
        ("changed after", content.replace(b"closed", b"public"), good),
        ("with a blank", content + b" ", good),
        ("no statement", b"closed ground only", good),
        ("another form", content.replace(b"signoff/2", b"signature/1", 1), good),
    ):
        statement.write_bytes(written)
        signature.write_bytes(made)
        said = world.run("sign", "trial", world.hub, "--attach", signature)
        assert "exit code 0" not in said, name
        assert not world.at("signoffs/trial").joinpath(f"agency-{OFFICER}.toml").exists(), name
    assert "nothing waits to be signed" in world.run("sign", "concept", world.hub, "--attach", signature)


def test_where_nobody_can_tell_it_opens_no_gate(world, monkeypatch):
    put_token(world, gost())
    signed_trial(world, gost(), Gost())
    assert "trial: open" in world.gates()
    from covolt.programme.external import gost as module

    module.verifies.cache_clear()
    monkeypatch.setitem(sys.modules, "gostcrypto.gosthash", None)
    said = world.gates()
    assert "trial: shut" in said
    assert "not checked here" in said
    assert "covolt[gost]" in said
    assert "trial: shut" in said
    assert "closed ground" not in world.run("gate", world.hub)
    russian = world.run("gate", world.hub, "--language", "ru")
    assert "covolt[gost]" in russian
    assert "not checked here" not in russian
    module.verifies.cache_clear()


def test_stb_without_its_library_opens_no_gate(world, monkeypatch):
    monkeypatch.setattr(stb, "_library", lambda: None)
    key = document(ROOT, "stb-34.101.45", PUBLIC, (OFFICER,), stb.CURVE, possession=SIGNATURE.hex())
    put_token(world, key)
    made = signed_trial(world, key, PRIVATE["ec"])
    world.put("signoffs/trial/agency.toml", made.model_copy(update={"signature": SIGNATURE.hex()}))
    said = world.gates()
    assert "trial: shut" in said
    assert "bee2" in said


def test_a_programme_of_before_reads_and_writes_the_same(world):
    """Fields of keys that covolt does not hold are in no old file, and so in nothing that was signed."""
    for one in read_programme(world.hub).keys.values():
        text = dumps(one)
        assert "algorithm" not in text
        assert "parameters" not in text
        assert b"algorithm" not in statement_bytes(one)


def problems(table):
    from covolt.contract.document import validate

    with pytest.raises(InputError) as raised:
        validate(table, PartyKey, "key.toml")
    return [(one.where, one.what, one.hint) for one in raised.value.problems]


def test_a_gost_key_in_a_field_of_ed25519_is_refused_with_a_hint():
    good = ROOT.document.model_dump(by_alias=True, exclude_none=True)
    ((where, what, hint),) = problems({**good, "public": Gost().public.hex()})
    assert "public" in where
    assert "GOST R 34.10-2012" in what
    assert "covolt key external" in hint
    ((_, what, hint),) = problems({**good, "public": certificate(PRIVATE["ec"]).hex()})
    assert "certificate" in what
    assert "covolt key external" in hint


def test_every_problem_of_a_key_at_once():
    told = problems(
        {
            "programme": "joint",
            "party": "agency",
            "roles": ["offers"],
            "algorithm": "gost-r-34.10-2012",
            "parameters": "paramSetZ",
            "public": Gost().public.hex(),
            "on": "2026-03-01",
            "possession": "0" * 128,
        }
    )
    assert len(told) == 3
    assert {"(parameters)", "(follows)", "(roles)"} == {one[0].partition(" ")[2] for one in told}


def test_what_an_external_key_may_not_sign(world):
    key = token()
    with pytest.raises(ValueError, match="gates alone"):
        document(ROOT, "x509", bytes.fromhex(key.public), ("offers",))
    said = world.run(
        "sign", "trial", world.hub, "--party", "agency", "--role", OFFICER, "--external", "--key", ROOT.fingerprint
    )
    assert "key of Ed25519" in said
