"""Gates: shut without evidence or signature, open with both, shut again as soon as something moves."""

import hashlib
import re

import pytest

from covolt.contract.document import dumps
from covolt.programme.expression import evaluate
from covolt.programme.folder import read_programme
from covolt.programme.signing import new_key, read_key, sign, unsigned
from covolt.study.gates import _scope, baseline_digest, criteria_blocks, gate_states
from covolt.study.records import RecordStore
from covolt.study.verdict import UNCHECKED
from covolt.study.verification import RECORDS_FOLDER, verify

WANTED = (
    ("concept", "integrator", "chief-engineer"),
    ("prototype", "integrator", "chief-engineer"),
    ("trial", "agency", "type-approval-officer"),
)


def looked_at(folder):
    programme = read_programme(folder)
    return programme, verify(programme, RecordStore(folder / RECORDS_FOLDER))


def state(folder, name):
    programme, found = looked_at(folder)
    return next(one for one in gate_states(programme, found) if one.gate == name)


def show_everything(folder):
    """Evidence for documents, bounds that the car meets, texts that the agency has read: then only signatures are missing."""
    _, found = looked_at(folder)
    (folder / "agency" / "more.toml").write_text(
        'schema = "checked/1"\nid = "more"\nparty = "agency"\n[[text]]\nby = "officer"\non = "2026-11-27"\nedition = "all"\n'
        f"procedures = {sorted({one.procedure for one in found.verdicts if one.unchecked})}\n"
    )
    for one in found.verdicts:
        path = next(folder.rglob(f"requirements/{one.requirement}.toml"))
        text = path.read_text()
        if one.procedure == "document":
            report = path.parent / f"{one.requirement}.pdf"
            report.write_bytes(one.requirement.encode())
            digest = hashlib.sha256(report.read_bytes()).hexdigest()
            path.write_text(text + f'[[evidence]]\npath = "{report.name}"\ndigest = "sha256:{digest}"\n')
        elif one.verdict not in {"met", UNCHECKED}:
            bound = f"{one.value - 3.0 * one.uncertainty - 1.0:.6g}" if one.margin is not None else "0"
            side = "at_least" if "at_least" in text else "at_most"
            if side == "at_most":
                bound = f"{one.value + 3.0 * one.uncertainty + 1.0:.6g}"
            written = f"{side} = {float(bound)}" if one.unit == "1" else f'{side} = "{bound} {one.unit}"'
            path.write_text(re.sub(rf"{side} = .*", written, text))
    return folder


@pytest.fixture
def shown(verified_car, tmp_path):
    folder = show_everything(verified_car)
    for party, role in dict.fromkeys(one[1:] for one in WANTED):
        public = new_key(tmp_path / f"{party}.pem")
        path = folder / "parties" / f"{party}.toml"
        path.write_text(path.read_text() + f'\n[[keys]]\nrole = "{role}"\ned25519 = "{public}"\n')
    return folder


def sign_gate(folder, gate, party, role, key):
    programme, found = looked_at(folder)
    digest = baseline_digest(programme, found, programme.gates[gate])
    path = folder / "signoffs" / gate / f"{party}-{role}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(sign(unsigned(gate, party, role, "2026-03-01", digest), read_key(key))))


def test_no_trial_with_people_without_evidence(programme, verification):
    blocks = [str(one) for one in criteria_blocks(programme, verification, programme.gates["trial"])]
    unshown = {
        one.requirement
        for one in verification.verdicts
        if one.verdict != "met" and (programme.requirements[one.requirement].safety or one.kind == "law")
    }
    orders = {programme.gates[programme.requirements[name].verify.gate].order for name in unshown}
    assert max(orders) > programme.gates["trial"].order, "one that is due later holds it shut too"
    for name in unshown:
        assert any(block.startswith(name) for block in blocks), name


def test_a_gate_opens_and_shuts_again(shown, tmp_path):
    for gate, party, role in WANTED:
        programme = read_programme(shown)
        [wanted] = programme.gates[gate].signoffs
        who = f"{programme.parties[party].title.words}, {wanted.words}"
        assert [str(one) for one in state(shown, gate).blocks] == [f"signature missing: {who}"]
        sign_gate(shown, gate, party, role, tmp_path / f"{party}.pem")
        assert state(shown, gate).open
    requirement = next((shown / "agency" / "requirements").glob("A-R13H.toml"))
    requirement.write_text(requirement.read_text().replace("UN R13-H", "UN R13-H/01"))
    for gate, _, _ in WANTED:
        after = state(shown, gate)
        assert not after.open
        assert any("signature stale" in str(block) for block in after.blocks)


def test_a_law_met_by_a_text_that_nobody_has_checked_holds_gates_shut(verified_car):
    (verified_car / "agency" / "checked.toml").unlink()
    programme, found = looked_at(verified_car)
    verdicts = {one.requirement: one for one in found.verdicts}
    assert verdicts["A-GRADE"].verdict == UNCHECKED
    assert not verdicts["A-GRADE"].passes
    assert "TR CU 018/2011" in verdicts["A-GRADE"].unchecked
    assert any(str(one).startswith("A-GRADE") for one in criteria_blocks(programme, found, programme.gates["trial"]))
    laws = [one for one in found.verdicts if one.kind == "law"]
    scope = _scope(programme, verdicts, list(programme.requirements))
    assert evaluate(f"laws.met == {sum(one.verdict == 'met' for one in laws)} and requirements.unchecked > 0", scope)
    unchecked = [one for one in found.verdicts if one.verdict == UNCHECKED and one.kind == "constraint"]
    assert all(one.passes for one in unchecked)


def test_a_signature_by_a_wrong_key_does_not_open(shown, tmp_path):
    new_key(tmp_path / "other.pem")
    sign_gate(shown, *WANTED[0], tmp_path / "other.pem")
    found = state(shown, "concept")
    assert not found.open
    assert "signature invalid" in str(found.blocks[0])


def test_every_gate_is_told_in_both_languages(programme, verification):
    for one in gate_states(programme, verification):
        assert all(block.en and re.search("[а-яА-Я]", block.said("ru")) for block in one.blocks)
