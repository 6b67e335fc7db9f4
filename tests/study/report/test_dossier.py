"""The dossier, and the program that checks it without covolt: accepted as it is, refused once anything in it has changed."""

import ast
import copy
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys

import pytest

from covolt.study.cases.dossier import DossierOptions, dossier, write_dossier
from covolt.study.cases.options import Findings
from covolt.study.report.dossier import _canonical, dossier_of
from covolt.study.result import plain
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.hostile.attacks_by_tokens import gost, put_token, signed_trial
from tests.hostile.joint import AGENCY, FIRST, INTEGRATOR, OFFICER, ROOT, build, copied
from tests.house.source import ROOT as SOURCE
from tests.programme.external.elsewhere import PRIVATE, Gost, certificate, document, rsa_key
from tests.signed import Holder, copy_unsigned, key_file, private_key, put_key
from tests.study.money.test_verdicts_and_division import stepped

pytestmark = pytest.mark.whole

TOOL = SOURCE / "tools/check_dossier.py"
TRUSTED = tuple(one.fingerprint for one in FIRST)


@pytest.fixture(scope="module")
def checker():
    spec = importlib.util.spec_from_file_location("check_dossier", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dossier"))


@pytest.fixture
def world(built, tmp_path):
    with copied(built, tmp_path / "copy") as copy_:
        yield copy_


def made(world, subject="trial"):
    asked = DossierOptions(subject, world.hub, "integrator", "chief-engineer", world.key(INTEGRATOR))
    return dossier(asked, Findings())


def wrong(checker, content, trusted=TRUSTED):
    raw = content if isinstance(content, bytes) else content.encode()
    try:
        return checker.Checked(raw, trusted).wrong
    except Exception as error:  # what the program itself tells as "this is no dossier"
        return [repr(error)]


def signed_anew(content, seed="integrator"):
    del content["signature"]
    content["signature"] = private_key(seed).sign(b"covolt dossier/1\n" + _canonical(content)).hex()
    return _canonical(content) + b"\n"


def test_the_program_has_200_lines_and_does_not_know_covolt():
    text = TOOL.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    for node in ast.walk(ast.parse(text)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert all(name.partition(".")[0] in {*sys.stdlib_module_names, "cryptography"} for name in names)


@pytest.mark.parametrize("subject", ["trial", "LAW"])
def test_a_dossier_is_accepted_and_refused_by_who_trusts_somebody_else(checker, world, subject):
    file = made(world, subject).file
    assert wrong(checker, file) == []
    assert wrong(checker, file, (ROOT.fingerprint,))
    assert wrong(checker, file, ())


def test_a_gate_that_is_shut_is_accepted_as_shut(checker, world):
    world.at("signoffs/trial/agency.toml").unlink()
    said = made(world)
    assert not said.said.gates[-1].open
    assert wrong(checker, said.file) == []


def test_any_byte_that_changes_is_refused(checker, world):
    raw = made(world).file.encode()
    for at in range(0, len(raw), 97):
        assert wrong(checker, raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]), at
    for changed in (raw + b"\n", raw[:-1], b" " + raw, raw.replace(b":", b": ", 1), raw + raw, b"", b"{}", b"[]"):
        assert wrong(checker, changed)
    digits = raw.rindex(b'"signature":"') + len(b'"signature":"')
    assert wrong(checker, raw[:digits] + raw[digits:].upper())


def edits(content):
    """Lies of who holds a key that counts; each must be found by what is worked out again."""

    def edit(change):
        one = copy.deepcopy(content)
        change(one)
        return one

    def row(one):
        return next(each for each in one["assessment"] if each["value"] is not None)

    def pin(one):
        lock = next(each for each in one["documents"] if each["kind"] == "lock")["content"]
        return next(iter(lock["slots"].values()))

    yield "value", edit(lambda one: row(one).update(value=row(one)["value"] * 0.9))
    yield "bound", edit(lambda one: row(one).update(bound=row(one)["bound"] + 50.0))
    yield "U", edit(lambda one: row(one).update(expanded=row(one)["expanded"] + 1.0))
    yield "parts of U", edit(lambda one: row(one)["contributions"].append({**PART}))
    yield "verdict", edit(lambda one: row(one).update(verdict="not met"))
    yield "probability", edit(lambda one: row(one).update(probability=0.5))
    yield "open", edit(lambda one: one["gates"][0].update(open=False))
    yield "gate digest", edit(lambda one: one["gates"][0].update(digest="sha256:" + "0" * 64))
    yield "pin", edit(lambda one: pin(one).update(digest="sha256:" + "0" * 64))
    yield "document", edit(lambda one: one["documents"][0]["content"].update(id="other"))
    yield (
        "criteria",
        edit(lambda one: next(each for each in one["documents"] if each["kind"] == "gate")["content"].update(order=7)),
    )
    yield "promise", edit(lambda one: one["conformances"].clear() or one["assessment"].pop())
    yield "role", edit(lambda one: one.update(role="director"))
    yield "party", edit(lambda one: one.update(party="agency"))
    yield "schema", edit(lambda one: one.update(schema="dossier/2"))


PART = {
    "origin": "input", "party": "supplier", "slot": "battery", "number": "mass", "title": {"en": "a"}, "effect": 9.0,
    "uncertainty": 1.0, "unit": "kg", "by_law": {},
}  # fmt: skip


def test_what_is_changed_and_signed_again_is_refused(checker, world):
    file = made(world).file
    content = json.loads(file)
    assert wrong(checker, signed_anew(copy.deepcopy(content))) == []
    for name, changed in edits(content):
        assert wrong(checker, signed_anew(changed)), name
        assert wrong(checker, signed_anew(copy.deepcopy(changed), "thief")), name
    thief = Holder("thief", "integrator", ("chief-engineer",), programme="joint")
    theirs = copy.deepcopy(content)
    theirs["key"] = thief.fingerprint
    document = json.loads(_canonical(json.loads(thief.document.model_dump_json(by_alias=True, exclude_none=True))))
    digest = "sha256:" + hashlib.sha256(_canonical(document)).hexdigest()
    theirs["documents"].append({"kind": "key", "name": thief.fingerprint, "digest": digest, "content": document})
    assert any("not trusted" in one for one in wrong(checker, signed_anew(theirs, "thief")))


def test_a_sign_off_that_is_not_genuine_is_found_by_who_checks(checker, world):
    content = json.loads(made(world).file)
    [said] = [one for one in content["documents"] if one["kind"] == "signoff" and one["name"].startswith("trial/")]
    said["content"]["signature"] = "0" * 128
    said["digest"] = "sha256:" + hashlib.sha256(_canonical(said["content"])).hexdigest()
    assert any("does not hold" in one for one in wrong(checker, signed_anew(content)))


def test_a_revoked_key_is_refused(checker, world):
    content = json.loads(made(world).file)
    for holder in (AGENCY,):
        revocation = json.loads(ROOT.revokes(holder).model_dump_json(by_alias=True, exclude_none=True))
        digest = "sha256:" + hashlib.sha256(_canonical(revocation)).hexdigest()
        content["documents"].append({"kind": "revocation", "name": "r", "digest": digest, "content": revocation})
    assert any("trial/agency" in one for one in wrong(checker, signed_anew(content)))


def test_what_a_token_signed_is_heard_where_it_can_be_and_else_named_as_not_checked(checker, world, monkeypatch):
    put_token(world, gost())
    signed_trial(world, gost(), Gost())
    raw = made(world).file.encode()
    monkeypatch.setitem(sys.modules, "check_dossier_gost", None)
    found = checker.Checked(raw, TRUSTED)
    assert found.wrong == []
    assert any("not checked here" in one for one in found.notes)
    monkeypatch.delitem(sys.modules, "check_dossier_gost")
    monkeypatch.syspath_prepend(TOOL.parent)
    found = checker.Checked(raw, TRUSTED)
    assert found.wrong == []
    assert not any("not checked here" in one for one in found.notes)
    assert any("trial/agency" in one for one in wrong(checker, forged(raw)))


@pytest.mark.parametrize("private", [*PRIVATE.values(), rsa_key(2048)], ids=[*PRIVATE, "rsa"])
def test_a_certificates_signature_is_heard(checker, world, private):
    key = document(ROOT, "x509", certificate(private), (OFFICER,), held_by=private)
    put_token(world, key)
    signed_trial(world, key, private)
    raw = made(world).file.encode()
    found = checker.Checked(raw, TRUSTED)
    assert found.wrong == []
    assert not any("not checked here" in one for one in found.notes)
    assert any("trial/agency" in one for one in wrong(checker, forged(raw)))


def forged(raw):
    """The dossier with one bit of the agency's signature turned, signed again by its party."""
    content = json.loads(raw)
    [said] = [one for one in content["documents"] if one["kind"] == "signoff" and one["name"].startswith("trial/")]
    signature = bytearray.fromhex(said["content"]["signature"])
    signature[-1] ^= 1
    said["content"]["signature"] = signature.hex()
    said["digest"] = "sha256:" + hashlib.sha256(_canonical(said["content"])).hexdigest()
    return signed_anew(content)


def test_what_went_wrong_before_is_covered_and_checked(checker, world):
    path = world.at("integrator/negatives/one.toml")
    path.parent.mkdir()
    path.write_text(
        'schema = "negative/1"\nid = "one"\nparty = "integrator"\ntitle = "One"\nwhen = "2009"\nwhose = "a maker"\n'
        'happened = "Nothing came of it."\npromise = { words = "a car" }\ncauses = ["rights"]\nsource = "told"\n'
        'confidence = "low"\nguards = [{ requirement = "LAW" }]\n'
    )
    content = json.loads(made(world).file)
    assert wrong(checker, signed_anew(copy.deepcopy(content))) == []
    [said] = [one for one in content["documents"] if one["kind"] == "negative"]
    content["documents"].remove(said)
    assert any("digest of what is covered" in one for one in wrong(checker, signed_anew(content)))


@pytest.mark.parametrize("power", ["58 kW", "56.8 kW", "73.555 kW"])
def test_a_verdict_by_the_sides_of_a_step_is_worked_out_again(checker, power):
    programme = stepped(power, "1 kW", {"LOW": "100 kRUB", "HIGH": "1 MRUB", "MORE": "1 kRUB"})
    found = verify(programme, MemoryRecords())
    said = dossier_of(programme, found, (), ("gate", "trial"), ("integrator", "chief-engineer", "0" * 64))
    again = object.__new__(checker.Checked)
    again.wrong, again.notes, again.dossier = [], [], plain(said)
    rows = {one["requirement"]: one for one in again.dossier["assessment"]}
    assert set(again.dossier["sides"]) == set(rows)
    for row in rows.values():
        again.verdict(row)
    assert again.wrong == []
    wished = "met" if rows["LOW"]["verdict"] != "met" else "not met"
    again.verdict(rows["LOW"] | {"verdict": wished})
    assert again.wrong
    again.wrong = []
    again.dossier["sides"]["LOW"][0]["probability"] += 0.01
    again.verdict(rows["LOW"])
    assert again.wrong


def test_private_requirements_of_others_are_not_in_it(checker, world):
    world.edit("agency/requirements/LAW.toml", 'party = "agency"', 'party = "agency"\nvisibility = "party"')
    said = made(world)
    assert said.said.hidden == ("LAW",)
    assert "Mass by law" not in said.file
    assert "Mass by law" not in said.page
    assert wrong(checker, said.file) == []


def test_every_problem_at_once(world):
    said = world.run("dossier", "none", world.hub, "--party", "nobody")
    assert "exit code 2" in said
    for one in ("no requirement and no gate is called none", "party, role and key are needed", "no party 'nobody'"):
        assert one in said
    said = world.run(
        "dossier", "trial", world.hub, "--party", "agency", "--role", OFFICER, "--key", world.key(INTEGRATOR)
    )
    assert "this is a key of integrator" in said


def test_the_page_says_all_sections_in_both_languages(world):
    page = made(world).page
    titles = re.findall(r"<h2.*?</h2>", page, re.DOTALL)
    assert len(titles) == 10
    assert all(re.search('lang="?en', one) and re.search('lang="?ru', one) for one in titles)
    assert "{" not in re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium to print with")
def test_it_is_printed(world):
    out = world.aside / "trial.json"
    said = world.run(
        "dossier", "trial", world.hub, "--party", "integrator", "--role", "chief-engineer", "--key", world.key(INTEGRATOR),
        "--out", out, "--pdf",
    )  # fmt: skip
    assert "exit code 0" in said, said
    assert out.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    run = subprocess.run([sys.executable, str(TOOL), str(out), *TRUSTED], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert "ACCEPTED" in run.stdout
    out.write_text(out.read_text().replace("joint", "paint", 1))
    run = subprocess.run([sys.executable, str(TOOL), str(out), *TRUSTED], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "REFUSED" in run.stdout


def test_the_trial_gate_of_the_city_car(checker, tmp_path, monkeypatch, records):
    monkeypatch.setattr("covolt.study.verdicts.records.MemoryRecords", lambda: records)
    folder = copy_unsigned(SOURCE / "examples/city-car", tmp_path / "city-car")
    agency = Holder("cc")
    put_key(folder, agency)
    key = key_file(tmp_path / "agency.pem", "cc")
    said = dossier(DossierOptions("trial", folder, "agency", "type-approval-officer", key), Findings())
    path = tmp_path / "trial.json"
    assert write_dossier(said, path).is_file()
    raw = path.read_bytes()
    assert wrong(checker, raw, (agency.fingerprint,)) == []
    numbers = [one for one in said.said.assessment if one.value is not None]
    assert len(numbers) > 20
    for at in range(0, len(raw), len(raw) // 40):
        assert wrong(checker, raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], (agency.fingerprint,)), at
