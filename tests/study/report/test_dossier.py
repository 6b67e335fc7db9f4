"""The dossier, and the program that checks it without covolt: accepted as it is, refused once anything in it has changed."""

import ast
import copy
import hashlib
import importlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from covolt.programme.external.certificate import certificate_fault
from covolt.programme.keys import in_groups, in_words
from covolt.programme.reading import read_leniently
from covolt.study.cases.dossier import DossierOptions, dossier, write_dossier
from covolt.study.cases.options import Findings
from covolt.study.procedures.registry import procedures
from covolt.study.report.dossier import _canonical, dossier_of, shipped
from covolt.study.report.dossier_page import dossier_page
from covolt.study.result import plain
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import verify
from tests.hostile.attacks_by_tokens import gost, put_token, signed_trial
from tests.hostile.joint import AGENCY, FIRST, INTEGRATOR, OFFICER, ROOT, SIGNERS, build, copied
from tests.house.source import ROOT as SOURCE
from tests.programme.external.elsewhere import PRIVATE, Gost, certificate, document, rsa_key
from tests.programme.test_curve import small_order_keys
from tests.signed import Holder, copy_unsigned, key_file, private_key, put_key
from tests.signed import put as sealed_texts
from tests.study.money.test_verdicts_and_division import stepped

pytestmark = pytest.mark.whole

TOOL = SOURCE / "tools/check_dossier.py"
TRUSTED = tuple(one.fingerprint for one in FIRST)


@pytest.fixture(scope="module")
def checker():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOOL.parent)
        yield importlib.import_module("check_dossier")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dossier"))


@pytest.fixture
def world(built, tmp_path):
    with copied(built, tmp_path / "copy") as copy_:
        yield copy_


@pytest.fixture(scope="module")
def content(built, tmp_path_factory):
    with copied(built, tmp_path_factory.mktemp("content") / "copy") as world:
        return json.loads(made(world).file)


def made(world, subject="trial"):
    asked = DossierOptions(subject, world.hub, "integrator", "chief-engineer", world.key(INTEGRATOR))
    return dossier(asked, Findings())


def checked(checker, content, trusted=TRUSTED):
    raw = content if isinstance(content, bytes) else content.encode()
    return checker.Checked(raw, trusted)


def wrong(checker, content, trusted=TRUSTED):
    try:
        return checked(checker, content, trusted).wrong
    except Exception as error:  # what the program itself tells as "this is no dossier"
        return [repr(error)]


def accepted(checker, content, trusted=TRUSTED):
    found = checked(checker, content, trusted)
    return found.wrong == found.unsure == []


def signed_anew(content, seed="integrator"):
    """Signed again, every digest of a document made anew."""
    for one in content["documents"]:
        one["digest"] = "sha256:" + hashlib.sha256(_canonical(one["content"])).hexdigest()
    content.pop("signature", None)
    content["signature"] = private_key(seed).sign(b"covolt dossier/2\n" + _canonical(content)).hex()
    return _canonical(content) + b"\n"


def test_the_program_has_200_lines_and_none_of_it_knows_covolt():
    assert len(TOOL.read_text(encoding="utf-8").splitlines()) <= 200
    known = {*sys.stdlib_module_names, "cryptography", "gostcrypto", "check_dossier", "check_dossier_keys"}
    for path in TOOL.parent.glob("check_dossier*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert all(name.partition(".")[0] in known for name in names)


def test_the_program_knows_which_recipes_have_laws_and_sides(checker, verification):
    rules = importlib.import_module("check_dossier_gates")
    records = verification.records.values()
    assert {one.procedure for one in records if one.laws} <= {*rules.LAWFUL}
    assert {one.procedure for one in records if any(each.sides for each in one.open.values())} <= {*rules.STEPPED}
    assert {*rules.LAWFUL, *rules.STEPPED} <= procedures().keys()


def test_the_program_knows_what_ships(checker):
    """Where this fails, what ships was changed: SHIPPED in tools/check_dossier.py is then this digest."""
    assert "sha256:" + hashlib.sha256(_canonical(plain(shipped()))).hexdigest() == checker.SHIPPED


@pytest.mark.parametrize("subject", ["trial", "LAW"])
def test_a_dossier_is_accepted_and_refused_by_who_trusts_somebody_else(checker, world, subject):
    file = made(world, subject).file
    found = checked(checker, file)
    assert found.wrong == []
    assert found.unsure == ([] if subject == "trial" else ["LAW: requirement of agency, not signed by it"])
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


def forged(content, change):
    one = copy.deepcopy(content)
    change(one)
    return one


def a_row(one, name="MASS"):
    return next(each for each in one["assessment"] if each["requirement"] == name)


def a_document(one, kind, name=""):
    return next(each for each in one["documents"] if each["kind"] == kind and each["name"].startswith(name))["content"]


def put(one, kind, name, content):
    one["documents"].append({"kind": kind, "name": name, "digest": "", "content": content})


def without(one, *kinds):
    one["documents"] = [each for each in one["documents"] if each["kind"] not in kinds]


def all_open(one, **changes):
    """Gates that ask nobody, with the digests that then follow."""
    for each in one["documents"]:
        if each["kind"] == "gate":
            each["content"].update(changes)
    for each in one["gates"]:
        each.update(open=True, blocks=[])


def second_requirement(one):
    put(one, "requirement", "MASS", a_document(one, "requirement", "MASS") | {"at_most": "9000 kg"})


PART = {
    "origin": "input", "party": "supplier", "slot": "battery", "number": "mass", "title": {"en": "a"}, "effect": 9.0,
    "uncertainty": 1.0, "unit": "kg", "by_law": {},
}  # fmt: skip
LIES = {
    "value": lambda one: a_row(one).update(value=1200.0),
    "U": lambda one: a_row(one).update(expanded=1.0),
    "parts of U": lambda one: a_row(one)["contributions"].append({**PART}),
    "verdict": lambda one: a_row(one).update(verdict="not met"),
    "verdict in other letters": lambda one: a_row(one).update(verdict="\N{CYRILLIC SMALL LETTER EM}et", value=None),
    "met without a number": lambda one: a_row(one).update(value=None, expanded=None, probability=None),
    "hidden beside its requirement": lambda one: a_row(one).update(verdict="hidden", value=None),
    "probability": lambda one: a_row(one).update(probability=0.5),
    "unit": lambda one: a_row(one).update(unit="km"),
    "unit that it is not in": lambda one: a_row(one).update(unit="t"),
    "bound": lambda one: a_document(one, "requirement", "MASS").update(at_most="1100 kg"),
    "side of the bound": lambda one: a_document(one, "requirement", "MASS").update(
        at_least=a_document(one, "requirement", "MASS").pop("at_most")
    ),
    "bound beside a row": lambda one: a_row(one).update(bound=9000.0, sign="≥"),
    "laws": lambda one: a_row(one).update(laws={"a": 1150.0, "b": 900.0}),
    "laws better than the value": lambda one: a_row(one).update(value=1200.0, laws={"at most": 900.0}),
    "sides": lambda one: a_row(one).update(sides=[{"low": 0.0, "high": 0.0, "probability": 1.0}], value=None),
    "lines": lambda one: one["calculation"].clear(),
    "value of a line": lambda one: [
        line.update(value_si=9.0) for each in one["calculation"] for line in each["lines"] if line["gives"]
    ],
    "requirement named otherwise": lambda one: a_document(one, "requirement", "MASS").update(id="LAW"),
    "two requirements of a name": second_requirement,
    "no verdicts": lambda one: one.update(assessment=[]),
    "one verdict less": lambda one: one["assessment"].pop(),
    "one verdict twice": lambda one: one["assessment"].append(one["assessment"][0]),
    "paper without a paper": lambda one: a_document(one, "requirement", "REPORT").update(evidence=[]),
    "paper that ran out": lambda one: a_document(one, "requirement", "REPORT")["evidence"][0].update(
        valid_until="2020-01-01"
    ),
    "open beside what holds it": lambda one: one["gates"][0].update(blocks=[{"en": "a", "ru": "a"}]),
    "shut by nothing": lambda one: one["gates"][0].update(open=False),
    "gate digest": lambda one: one["gates"][0].update(digest="sha256:00"),
    "no gates": lambda one: one.update(gates=[]),
    "the last gate alone": lambda one: one["gates"].pop(0),
    "people and no sign-offs": lambda one: all_open(one, signoffs=[], people=True),
    "nothing asked": lambda one: all_open(one, signoffs=[], criteria=[], people=False),
    "sign-offs of another gate": lambda one: [
        each["content"].update(gate="concept") for each in one["documents"] if each["kind"] == "signoff"
    ],
    "no sign-off": lambda one: without(one, "signoff"),
    "no lock": lambda one: without(one, "lock", "offer"),
    "no documents but keys": lambda one: one.update(
        documents=[each for each in one["documents"] if each["kind"] in {"key", "gate", "requirement", "lock"}]
    ),
    "document of no kind": lambda one: put(one, "law", "any", {"id": "any"}),
    "pin": lambda one: next(iter(a_document(one, "lock")["slots"].values())).update(digest="sha256:" + "0" * 64),
    "offer": lambda one: a_document(one, "offer", "supplier/pack")["datasheet"].update(party="rival"),
    "charter": lambda one: a_document(one, "charter").update(id="other"),
    "promise": lambda one: one["conformances"].clear(),
    "validation": lambda one: [each.update(error_fraction=0.0) for each in one["shipped"]["validation"]],
    "units": lambda one: one["shipped"]["units"].update(kg=["kg", 2.0, 0.0]),
    "correlations": lambda one: one["shipped"]["correlations"].clear(),
    "limits": lambda one: one["shipped"].update(limits=[]),
    "section that no dossier has": lambda one: one.update(sides={}),
    "section that is missing": lambda one: one.pop("conformances"),
    "role": lambda one: one.update(role="director"),
    "role offers": lambda one: one.update(role="offers"),
    "party": lambda one: one.update(party="agency"),
    "another programme": lambda one: one.update(programme="other"),
    "day before its key": lambda one: one.update(date="2026-02-28"),
    "sign-off of a day to come": lambda one: one.update(date="2026-03-01"),
    "day that is none": lambda one: one.update(date="2026-99-99"),
    "line marked as checked": lambda one: one["calculation"][0].update(steps_checked=99),
    "reading that nobody made": lambda one: one["calculation"][0]["checked"].append(
        {"by": "a", "on": "2026-01-01", "edition": "a"}
    ),
    "schema": lambda one: one.update(schema="dossier/1"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_changed_and_signed_again_is_refused(checker, content, lie):
    told = forged(content, LIES[lie])
    assert told != content
    assert wrong(checker, signed_anew(copy.deepcopy(told)))
    assert wrong(checker, signed_anew(told, "thief"))


TRUTHS = {
    "as it is": lambda one: None,
    "bound in another unit": lambda one: a_document(one, "requirement", "MASS").update(at_most="1.173 t"),
    "value in another unit": lambda one: a_row(one).update(value=1.15, unit="t"),
    "bound as Russian writes it": lambda one: a_document(one, "requirement", "MASS").update(at_most="1173 кг"),
    "laxer bound": lambda one: a_document(one, "requirement", "MASS").update(at_most="1200 kg"),
    "paper that still holds": lambda one: a_document(one, "requirement", "REPORT")["evidence"][0].update(
        valid_until="2099-01-01"
    ),
    "open at one end": lambda one: a_row(one).update(laws={"at most": 1150.0}),
}


@pytest.mark.parametrize("truth", TRUTHS)
def test_the_honest_twin_of_each_is_accepted_once_the_gates_are_signed_over_it(checker, content, truth):
    told = forged(content, TRUTHS[truth])
    sign_gates(checker, told)
    found = checked(checker, signed_anew(told))
    assert (found.wrong, found.unsure) == ([], [])


def sign_gates(checker, told):
    """Each gate signed by whom it asks over what then stands there."""
    raw = signed_anew(copy.deepcopy(told))
    found = checked(checker, raw)
    for one in told["gates"]:
        one["digest"] = found.rules.covered(found.of["gate"][one["id"]])
        holder, _ = SIGNERS[one["id"]]
        said = a_document(told, "signoff", f"{one['id']}/")
        said.update(digest=one["digest"], signature="")
        said["signature"] = private_key(holder.seed).sign(checker.statement(said)).hex()


GATES = {
    "criteria that are not met": (lambda gate: gate["criteria"][0].update(check="constraints.met >= 3"), "not so"),
    "criteria of a margin": (lambda gate: gate["criteria"][0].update(check="margin('MASS') >= 30"), "not so"),
    "criteria of a verdict": (lambda gate: gate["criteria"][0].update(check="verdict('LAW') != 'met'"), "not so"),
    "a signer more": (lambda gate: gate["signoffs"].append({"party": "supplier", "role": "chief"}), "does not hold"),
}
HONEST = (
    "constraints.met >= 2 and laws.count == 1 and not (needs.met < 1)",
    "margin('MASS') >= 20 and value('ENERGY') * 2 > 65.9 or slots.empty == 9",
    "verdict('LAW') == 'met' and requirements.met == requirements.count - 0",
    "evidence.missing + requirements.unverified == 0 and negatives.count == 0 and -1 < safety.count",
)


@pytest.mark.parametrize("lie", GATES)
def test_what_a_gate_asks_is_worked_out_from_what_stands_there(checker, content, lie):
    """Signed by all whom it asks: a gate that is open beside a criterion that is not so."""
    change, why = GATES[lie]
    told = forged(content, lambda one: change(a_document(one, "gate", "trial")))
    sign_gates(checker, told)
    assert any("it is open" in one and why in one for one in wrong(checker, signed_anew(copy.deepcopy(told))))
    told["gates"][-1].update(open=False, blocks=[{"en": "not so", "ru": ""}])
    assert accepted(checker, signed_anew(told))


@pytest.mark.parametrize("check", HONEST)
def test_criteria_that_are_so_are_accepted(checker, content, check):
    told = forged(content, lambda one: a_document(one, "gate", "trial")["criteria"][0].update(check=check))
    sign_gates(checker, told)
    assert accepted(checker, signed_anew(told))


def signed_with(checker, content, *checks):
    """The dossier whose trial asks what is given, signed by all whom it asks, as it is checked."""
    told = copy.deepcopy(content)
    asked = a_document(told, "gate", "trial")["criteria"]
    asked[:] = [asked[0] | {"id": f"c{number}", "check": check} for number, check in enumerate(checks)]
    sign_gates(checker, told)
    return checked(checker, signed_anew(told))


@pytest.mark.parametrize(
    ("check", "unsure"),
    [
        ("laws.met == laws.count and approval.count > 3", True),
        ("laws.met == laws.count or approval.count > 3", False),
        ("laws.count < 0 or approval.count > 3", True),
        ("not (approval.shown == 2)", True),
        ("negatives.guarded == negatives.count", False),
        ("1 == 1", True),
        ("1 == 1 and laws.count >= 1", False),
    ],
)
def test_what_covolt_alone_counts_and_what_counts_nothing_is_not_checked_here(checker, content, check, unsure):
    found = signed_with(checker, content, check)
    assert found.wrong == []
    assert bool(found.unsure) == unsure, found.unsure


def test_a_name_that_covolt_alone_counts_does_not_switch_off_the_rest(checker, content):
    found = signed_with(checker, content, "laws.met < 0 and approval.count > 3")
    assert any("not so" in one for one in found.wrong)


@pytest.mark.parametrize(
    "check", ["(", "\x1b[2JACCEPTED (", "(" * 150000 + "1", "-" * 3000 + "1", "-" * 90000 + "1", "1 +"]
)
def test_a_criterion_that_is_none_is_refused_in_the_programs_own_words(content, tmp_path, check):
    told = forged(content, lambda one: a_document(one, "gate", "trial")["criteria"][0].update(check=check))
    path = tmp_path / "trial.json"
    path.write_bytes(signed_anew(told))
    run = tool(path, *TRUSTED)
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.startswith("REFUSED: this is no dossier")
    assert run.stdout.isascii()
    assert "\x1b" not in run.stdout
    path.write_text("[" * 200000)
    assert tool(path, *TRUSTED).returncode == 1


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "trial.json"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    run = tool(path, *TRUSTED)
    assert (run.returncode, run.stdout) == (1, "REFUSED: the file has more than 50000000 bytes\n")


def test_a_sign_off_s_remark_is_shown(checker, content):
    told = forged(content, lambda one: a_document(one, "signoff", "trial/").update(remarks="The brakes failed."))
    sign_gates(checker, told)
    found = checked(checker, signed_anew(told))
    assert any("with the remark: The brakes failed." in one for one in found.shown)


def test_a_sign_off_over_a_text_that_nobody_checked_serves_no_met(checker, content):
    """The agency signed what stood there; the dossier's signer makes "met" of "met, text not checked"."""
    told = copy.deepcopy(content)
    a_row(told)["verdict"] = "met, text not checked"
    found = checked(checker, signed_anew(copy.deepcopy(told)))
    trial = found.of["gate"]["trial"]
    assert found.rules.covered(trial) != told["gates"][-1]["digest"]
    told["gates"][-1]["digest"] = found.rules.covered(trial)
    a_row(told)["verdict"] = "met"
    assert any("gate trial: digest of what is covered" in one for one in wrong(checker, signed_anew(told)))


def test_a_dossier_of_a_day_to_come_is_refused_and_a_paper_that_ran_out_since_is_named(checker, content):
    told = forged(content, lambda one: one.update(date="2999-12-31"))
    assert any("it is of 2999-12-31, and today is" in one for one in wrong(checker, signed_anew(told)))
    told = copy.deepcopy(content)
    a_document(told, "requirement", "REPORT")["evidence"][0]["valid_until"] = told["date"]
    sign_gates(checker, told)
    found = checked(checker, signed_anew(copy.deepcopy(told)))
    assert (found.wrong, found.unsure) == ([], [])
    assert any(f"valid until {told['date']}" in one for one in found.shown)
    assert any(one.startswith(f"of {told['date']}, by integrator") for one in found.shown)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checker, "datetime", Later)
        found = checked(checker, signed_anew(told))
    assert found.wrong == []
    assert any(f"ran out on {told['date']}" in one for one in found.unsure)


class Later(datetime):
    """A machine whose clock is years on."""

    @classmethod
    def now(cls, tz=None):
        return cls(2998, 1, 1, tzinfo=tz)


def test_a_requirement_that_is_hidden_is_not_accepted(checker, world):
    content = json.loads(made(world, "LAW").file)
    content["documents"] = [one for one in content["documents"] if one["kind"] != "requirement"]
    content["assessment"][0] |= {"verdict": "hidden", "value": None, "unchecked": []}
    content["calculation"] = []
    found = checked(checker, signed_anew(content))
    assert any("LAW: hidden" in one for one in found.unsure)


@pytest.mark.parametrize("public", list(small_order_keys()), ids=lambda one: one.hex()[:8])
def test_a_key_of_small_order_signs_nothing(checker, public):
    for signature in (public + bytes(32), bytes([1]) + bytes(63)):
        assert not checker.signs({"public": public.hex()}, signature.hex(), b"anything")


def test_only_keys_that_a_trusted_one_brought_in_are_asked(checker, content, monkeypatch):
    asked = []
    keys = importlib.import_module("check_dossier_keys")
    told = copy.deepcopy(content)
    for number in range(100):
        stranger = Holder(f"stranger-{number}", "agency", (OFFICER,), programme="joint")
        put(told, "key", stranger.fingerprint, said_of(stranger.document))
    raw, own = signed_anew(copy.deepcopy(told)), keys.signs
    monkeypatch.setattr(keys, "signs", lambda key, *rest: asked.append(key["public"]) or own(key, *rest))
    assert wrong(checker, raw) == ["gate concept: digest of what is covered", "gate trial: digest of what is covered"]
    assert len({*asked}) == len({one["content"]["public"] for one in content["documents"] if one["kind"] == "key"})
    monkeypatch.setattr(keys, "MOST_KEYS", 50)
    assert any("50 at most" in one for one in wrong(checker, raw))


def test_a_gate_that_asks_nobody_is_not_shown_by_who_writes_the_dossier(checker, content):
    told = forged(content, lambda one: all_open(one, signoffs=[], people=False))
    for one in told["gates"]:
        found = checked(checker, signed_anew(copy.deepcopy(told)))
        one["digest"] = found.rules.covered(found.of["gate"][one["id"]])
    found = checked(checker, signed_anew(told))
    assert found.wrong == []
    assert any("nobody is asked to sign" in one for one in found.unsure)


def test_texts_that_nobody_known_has_checked_do_not_make_a_law_met(checker, content):
    told = forged(content, lambda one: a_document(one, "checked")["text"][0].update(bounds=["UN R1"]))
    sign_gates(checker, told)
    assert any("LAW: met, text not checked" in one for one in wrong(checker, signed_anew(copy.deepcopy(told))))
    unsigned = copy.deepcopy(content)
    unsigned["documents"] = [one for one in unsigned["documents"] if not one["name"].startswith("checked/")]
    found = checked(checker, signed_anew(unsigned))
    assert found.wrong == []
    assert any("LAW: checked by an agency whose signature is not there" in one for one in found.unsure)


def test_a_key_that_signs_keys_or_offers_alone_signs_no_dossier(checker, content):
    recovery = a_document(content, "key", ROOT.fingerprint)
    assert recovery["roles"] == ["recovery"]
    told = forged(content, lambda one: one.update(party="agency", role="recovery", key=ROOT.fingerprint))
    assert any("not signed by a key" in one for one in wrong(checker, signed_anew(told, "agency")))
    told = forged(content, lambda one: one.update(party="agency", role=OFFICER, key=AGENCY.fingerprint))
    assert accepted(checker, signed_anew(told, AGENCY.seed))


def test_a_thief_with_a_key_of_his_own_is_not_trusted(checker, content):
    thief = Holder("thief", "integrator", ("chief-engineer",), programme="joint")
    told = forged(content, lambda one: put(one, "key", thief.fingerprint, said_of(thief.document)))
    told["key"] = thief.fingerprint
    assert any("not signed by a key that you trust" in one for one in wrong(checker, signed_anew(told, "thief")))


GARBAGE = "3082010006092a864886f70d010702a0" + "00" * 40


@pytest.mark.parametrize(("possession", "signature"), [(GARBAGE, GARBAGE), ("", GARBAGE), (GARBAGE, "00" * 64)])
def test_what_nothing_here_can_verify_opens_nothing(checker, content, possession, signature):
    """A certificate that the integrator's key brings in for himself, with a possession and a sign-off that nobody hears."""
    public = certificate(PRIVATE["ed25519"])
    name = hashlib.sha256(public).hexdigest()
    key = a_document(content, "key", INTEGRATOR.fingerprint) | {
        "algorithm": "x509", "public": public.hex(), "follows": INTEGRATOR.fingerprint, "possession": possession,
        "roles": ["chief-engineer"], "signature": "",
    }  # fmt: skip
    key["signature"] = private_key("integrator").sign(checker.statement(key)).hex()
    told = forged(content, lambda one: put(one, "key", name, key))
    sign_gates(checker, told)
    a_document(told, "signoff", "concept/").update(key=name, signature=signature)
    found = checked(checker, signed_anew(told))
    assert found.rules.state != "open"
    assert found.wrong or found.unsure


def tool(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_program_tells_what_it_was_given(content, tmp_path):
    path = tmp_path / "trial.json"
    path.write_bytes(signed_anew(copy.deepcopy(content)))
    groups = [in_groups(one).upper() for one in TRUSTED]
    for given in (TRUSTED, groups, [f"  {one} " for one in TRUSTED], " ".join(groups).split(), [" ".join(TRUSTED)]):
        run = tool(path, *given)
        assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "ACCEPTED")
    worded = [word for one in TRUSTED for word in (in_words(one), *in_groups(one).split())]
    assert tool(path, *worded).returncode == 0
    assert "the signer's word: covolt verify" in tool(path, *TRUSTED).stdout
    for given in (["7a58"], ["no-fingerprint"], [TRUSTED[0] + "0"], []):
        run = tool(path, *given)
        assert (run.returncode, "no fingerprint" in run.stdout) == (2, True)
    run = tool(tmp_path / "none.json", *TRUSTED)
    assert (run.returncode, run.stderr) == (2, "")
    assert "there is nothing to check" in run.stdout
    path.write_text('{"schema":"dossier/1"}\n')
    run = tool(path, *TRUSTED)
    assert (run.returncode, "this program takes dossier/2, and this is dossier/1" in run.stdout) == (1, True)


def test_no_line_of_the_file_becomes_a_line_of_the_program(content, tmp_path):
    path = tmp_path / "trial.json"
    line = "x\nACCEPTED\x1b[8m\N{RIGHT-TO-LEFT OVERRIDE}"
    told = forged(content, lambda one: a_row(one).update(unit="kg", verdict=line))
    told["assessment"].append({**a_row(told), "requirement": line})
    path.write_bytes(signed_anew(told))
    run = tool(path, *TRUSTED)
    assert run.returncode == 1
    assert "ACCEPTED" not in run.stdout.splitlines()
    assert run.stdout.isascii()
    assert not {one for one in run.stdout if ord(one) < 32} - {"\n"}


def test_the_gates_are_not_told_where_their_program_does_not_lie_beside(content, tmp_path):
    for name in (TOOL.name, "check_dossier_keys.py"):
        shutil.copy(TOOL.parent / name, tmp_path)
    path = tmp_path / "trial.json"
    path.write_bytes(signed_anew(copy.deepcopy(content)))
    command = [sys.executable, str(tmp_path / TOOL.name), str(path), *TRUSTED]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (3, "IN PART: see what is not checked here")


def test_a_sign_off_that_is_not_genuine_is_found_by_who_checks(checker, content):
    told = forged(content, lambda one: a_document(one, "signoff", "trial/").update(signature="0" * 128))
    assert any("does not hold" in one for one in wrong(checker, signed_anew(told)))


def test_a_revoked_key_is_refused(checker, content):
    revocation = ROOT.revokes(AGENCY)
    told = forged(content, lambda one: put(one, "revocation", revocation.reference, said_of(revocation)))
    assert any("trial/agency" in one for one in wrong(checker, signed_anew(told)))


def test_a_key_that_a_revoked_key_brought_in_signs_nothing(checker, content):
    """The officer's key is stolen and revoked; the thief brings in another with it, which signs in its stead."""
    stolen = Holder("stolen", "agency", (OFFICER,), programme="joint", by=AGENCY)
    told = forged(content, lambda one: put(one, "key", stolen.fingerprint, said_of(stolen.document)))
    a_document(told, "signoff", "trial/").update(key=stolen.fingerprint)
    said = a_document(told, "signoff", "trial/")
    said["signature"] = private_key(stolen.seed).sign(checker.statement(said)).hex()
    assert wrong(checker, signed_anew(copy.deepcopy(told))) == []
    revocation = ROOT.revokes(AGENCY)
    put(told, "revocation", revocation.reference, said_of(revocation))
    assert any("trial/agency" in one for one in wrong(checker, signed_anew(told)))


@pytest.mark.parametrize(("reason", "stands"), [("replaced", True), ("compromised", False)])
def test_a_key_may_be_replaced_by_the_one_that_it_brought_in(checker, content, reason, stands):
    heir = Holder("heir", "agency", (OFFICER,), programme="joint", by=AGENCY)
    told = forged(content, lambda one: put(one, "key", heir.fingerprint, said_of(heir.document)))
    revocation = heir.revokes(AGENCY, reason=reason)
    put(told, "revocation", revocation.reference, said_of(revocation))
    said = a_document(told, "signoff", "trial/")
    said.update(key=heir.fingerprint)
    said["signature"] = private_key(heir.seed).sign(checker.statement(said)).hex()
    assert any("trial/agency" in one for one in wrong(checker, signed_anew(told))) != stands


def said_of(statement):
    return json.loads(statement.model_dump_json(by_alias=True, exclude_none=True))


def test_what_a_token_signed_is_heard_where_it_can_be_and_else_named_as_not_checked(checker, world, monkeypatch):
    put_token(world, gost())
    signed_trial(world, gost(), Gost())
    raw = made(world).file.encode()
    monkeypatch.setitem(sys.modules, "check_dossier_tokens", None)
    found = checker.Checked(raw, TRUSTED)
    assert found.wrong == []
    assert any("signature trial/agency" in one for one in found.unsure)
    monkeypatch.delitem(sys.modules, "check_dossier_tokens")
    monkeypatch.syspath_prepend(TOOL.parent)
    found = checker.Checked(raw, TRUSTED)
    assert found.wrong == []
    assert not any("signature trial/agency" in one for one in found.unsure)
    assert any("trial/agency" in one for one in wrong(checker, turned(raw)))


@pytest.mark.parametrize("private", [*PRIVATE.values(), rsa_key(2048)], ids=[*PRIVATE, "rsa"])
def test_a_certificates_signature_is_heard(checker, world, private):
    key = document(ROOT, "x509", certificate(private), (OFFICER,), held_by=private)
    put_token(world, key)
    signed_trial(world, key, private)
    raw = made(world).file.encode()
    found = checker.Checked(raw, TRUSTED)
    assert found.wrong == []
    assert not any("signature trial/agency" in one for one in found.unsure)
    assert any("trial/agency" in one for one in wrong(checker, turned(raw)))


SERVERS, PERSONS = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION
UNFIT = {
    "ran out": (PRIVATE["ec"], {"last": (2020, 1, 1)}),
    "of a day to come": (PRIVATE["ec"], {"first": (2090, 1, 1)}),
    "rsa of 1024 bits": (rsa_key(1024), {}),
    "for servers alone": (PRIVATE["ec"], {"purposes": [SERVERS]}),
    "for other things than signing": (PRIVATE["ec"], {"signing": False}),
}


@pytest.mark.parametrize("name", [*UNFIT, "for servers and persons"])
def test_a_certificate_that_covolt_refuses_is_refused_here(checker, name):
    private, how = UNFIT.get(name, (PRIVATE["ec"], {"purposes": [SERVERS, PERSONS]}))
    public = stated(private, **how)
    key = {"algorithm": "x509", "public": public.hex(), "on": "2026-03-01"}
    hashed = (padding.PKCS1v15(), SHA256()) if isinstance(private, rsa.RSAPrivateKey) else (ec.ECDSA(SHA256()),)
    assert bool(checker.signs(key, private.sign(b"said", *hashed).hex(), b"said")) == (name not in UNFIT)
    if "day" not in name and "ran" not in name:
        assert bool(certificate_fault(public)) == (name in UNFIT)


def stated(private, first=(2019, 1, 1), last=(2099, 1, 1), purposes=(), signing=True):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "officer")])
    made = x509.CertificateBuilder(name, name, private.public_key(), 5, datetime(*first), datetime(*last))
    made = made.add_extension(x509.KeyUsage(signing, False, not signing, *(False,) * 6), critical=True)
    if purposes:
        made = made.add_extension(x509.ExtendedKeyUsage(purposes), critical=True)
    return made.sign(private, SHA256()).public_bytes(Encoding.DER)


def test_interests_are_covered_by_one_digest_of_a_party(checker, car):
    told = json.loads(car)
    [one, *_] = [each for each in told["documents"] if each["kind"] == "interests"]
    assert {*one["content"]} == {"party", "digest"}
    told["documents"].remove(one)
    raw = signed_anew(told, AGENCY_OF_THE_CAR.seed)
    assert any("digest of what is covered" in each for each in wrong(checker, raw, (AGENCY_OF_THE_CAR.fingerprint,)))


def turned(raw):
    """The dossier with one bit of the agency's signature turned, signed again by its party."""
    content = json.loads(raw)
    said = a_document(content, "signoff", "trial/")
    signature = bytearray.fromhex(said["signature"])
    signature[-1] ^= 1
    said["signature"] = signature.hex()
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
    assert accepted(checker, signed_anew(copy.deepcopy(content)))
    [said] = [one for one in content["documents"] if one["kind"] == "negative"]
    content["documents"].remove(said)
    assert any("digest of what is covered" in one for one in wrong(checker, signed_anew(content)))


@pytest.mark.parametrize("power", ["58 kW", "56.8 kW", "73.555 kW"])
def test_a_verdict_by_the_sides_of_a_step_is_worked_out_again(checker, power):
    programme = stepped(power, "1 kW", {"LOW": "100 kRUB", "HIGH": "1 MRUB", "MORE": "1 kRUB"})
    found = verify(programme, MemoryRecords())
    said, _ = dossier_of(programme, found, (), ("gate", "trial"), ("integrator", "chief-engineer", "0" * 64))
    told = json.loads(_canonical(plain(said)))

    def verdicts(one):
        return [each for each in wrong(checker, signed_anew(copy.deepcopy(one))) if each.split(":")[0] in rows]

    rows = {one["requirement"]: one for one in told["assessment"]}
    assert all(one["sides"] for one in rows.values())
    assert verdicts(told) == []
    wished = "met" if rows["LOW"]["verdict"] != "met" else "not met"
    assert verdicts(forged(told, lambda one: a_row(one, "LOW").update(verdict=wished)))
    for name in [name for name, row in rows.items() if row["probability"] is not None]:
        assert verdicts(forged(told, lambda one, name=name: a_row(one, name)["sides"][0].update(probability=0.3)))
        other = forged(
            told, lambda one, name=name: a_document(one, "requirement", name).update(procedure="declaration")
        )
        assert any("has no such sides" in one for one in verdicts(other))


def test_private_requirements_of_others_are_not_in_it(checker, world):
    world.edit("agency/requirements/LAW.toml", 'party = "agency"', 'party = "agency"\nvisibility = "party"')
    world.sign("concept", "trial")
    said = made(world)
    assert said.shown.hidden == ("LAW",)
    assert "Mass by law" not in said.file
    assert "Mass by law" not in said.page("trial.json")
    found = checked(checker, said.file)
    assert found.wrong == []
    assert any("requirements that are not shown: LAW" in one for one in found.unsure)


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
    page = made(world).page("trial-of-ours.json")
    assert "check_dossier.py trial-of-ours.json" in page
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


AGENCY_OF_THE_CAR = Holder("cc")


@pytest.fixture(scope="module")
def car(tmp_path_factory, records):
    """The trial gate of the city car as its agency shows it, which has signed what it checked."""
    path = tmp_path_factory.mktemp("car")
    folder = copy_unsigned(SOURCE / "examples/city-car", path / "city-car")
    put_key(folder, AGENCY_OF_THE_CAR)
    digest = read_leniently(folder).checked["agency/texts"].digest
    sealed_texts(folder, AGENCY_OF_THE_CAR.signs("agency/texts", digest), "agency/checked.signed.toml")
    key = key_file(path / "agency.pem", AGENCY_OF_THE_CAR.seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("covolt.study.verdicts.records.MemoryRecords", lambda: records)
        said = dossier(DossierOptions("trial", folder, "agency", "type-approval-officer", key), Findings())
    assert write_dossier(said, path / "trial.json").is_file()
    return (path / "trial.json").read_bytes()


def test_the_trial_gate_of_the_city_car(checker, car):
    trusted = (AGENCY_OF_THE_CAR.fingerprint,)
    assert accepted(checker, car, trusted)
    rows = json.loads(car)["assessment"]
    assert sum(one["value"] is not None for one in rows) > 20
    assert any(one["kind"] == "table" for one in json.loads(car)["documents"])
    for at in range(0, len(car), len(car) // 25):
        assert wrong(checker, car[:at] + bytes([car[at] ^ 1]) + car[at + 1 :], trusted), at


def every(one, chosen, **changes):
    """Changes in all rows that are chosen; there are such."""
    rows = [each for each in one["assessment"] if chosen(each)]
    assert rows
    for each in rows:
        each.update(changes)


def by_laws(row):
    return bool(row["laws"]) and not {*row["laws"]} <= {"at least", "at most"}


CAR_LIES = {
    "texts that nobody checked": lambda one: every(
        one, lambda row: row["verdict"] == "met, text not checked", verdict="met", unchecked=[]
    ),
    "lines marked as checked": lambda one: [
        line.update(checked=True) for each in one["calculation"] for line in each["lines"]
    ],
    "sections": lambda one: every(
        one, lambda row: row["verdict"] == "met, text not checked", verdict="met", unchecked=[], sections=0
    ),
    "fewer parts of U": lambda one: every(one, lambda row: row["expanded"], contributions=[]),
    "no U": lambda one: every(one, lambda row: row["expanded"], contributions=[], expanded=0.0),
    "the best law": lambda one: [
        row.update(laws={law: value for law, value in row["laws"].items() if value != row["value"]})
        for row in one["assessment"]
        if by_laws(row)
    ],
    "a table": lambda one: a_document(one, "table").update(title={"en": "Another"}),
    "a signature of texts": lambda one: a_document(one, "checked")["text"].append(one["shipped"]["checked"][0]),
}


BY_DIGEST = {"a table", "a signature of texts"}
"""What is refused by the digest that sign-offs name; all else although that is made anew."""


@pytest.mark.parametrize("lie", CAR_LIES)
def test_what_is_changed_in_the_city_car_and_signed_again_is_refused(checker, car, lie):
    told = json.loads(car)
    CAR_LIES[lie](told)
    trusted = (AGENCY_OF_THE_CAR.fingerprint,)
    found = checked(checker, signed_anew(told, AGENCY_OF_THE_CAR.seed), trusted)
    for one in told["gates"] if lie not in BY_DIGEST else ():
        one["digest"] = found.rules.covered(found.of["gate"][one["id"]])
    raw = signed_anew(told, AGENCY_OF_THE_CAR.seed)
    assert raw != car
    found = checked(checker, raw, trusted)
    assert found.wrong


def test_the_page_gives_units_reasons_and_words_of_its_language():
    programme = replace(stepped("58 kW", "1 kW", {"FEE": "5 kRUB", "NEVER": "5 BYN"}), reader="integrator")
    never = programme.requirements["NEVER"].model_copy(update={"measure": "value_added_tax_byn"})
    programme = replace(programme, requirements={**programme.requirements, "NEVER": never})
    said = {}
    for name in ("FEE", "NEVER"):
        found = verify(programme, MemoryRecords())
        told, shown = dossier_of(programme, found, (), ("requirement", name), ("integrator", "engineer", "0" * 64))
        said[name] = {one: in_language(dossier_page(told, shown, "{}", "d.json", one), one) for one in ("en", "ru")}
    english, russian = said["FEE"]["en"], said["FEE"]["ru"]
    assert "fee, up to three years old, over 0 to 58.85 kW 3 400 RUB" in english
    assert "fee, three to five years old, over 0 to 58.85 kW 5 200 RUB" in english
    assert "сбор, до трёх лет, свыше 0 до 58,85 кВт 3 400 руб." in russian
    assert re.search("within uncertainty [^|]*open from 3.4 to 991.2[^|]*cars brought in for personal use", english)
    assert "no row is known of value-added tax" in said["NEVER"]["en"]
    assert "не определено: нет данных (НДС)" in said["NEVER"]["ru"]
    assert "ведущая ось" in russian and "задняя ось" in russian and "1,6 м" in russian
    for word in ("driven_axle", "rear", "charter", "signoff", "1.6 m"):
        assert not re.search(rf"\b{re.escape(word)}\b", russian), word


def in_language(page, language):
    """Words of a page as its reader sees them in one language, each blank one space."""
    others = re.sub(rf"<i lang=(?!{language}>)\w+>.*?</i>", "", page, flags=re.DOTALL)
    body = re.sub(r"<(head|style|script)\b.*?</\1>", "", others, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_key_that_does_not_count_here_is_told(world):
    assert made(world).doubt is None
    shutil.rmtree(world.own)
    world.own.mkdir()
    assert "covolt key trust" in made(world).doubt.said("en")
    signer = ("--party", "integrator", "--role", "chief-engineer", "--key", world.key(INTEGRATOR))
    for language, told in (("en", "does not count on this machine"), ("ru", "на этой машине не имеет силы")):
        asked = ("dossier", "trial", world.hub, *signer, "-o", world.aside / "d.json", "--language", language)
        assert told in world.run(*asked)
