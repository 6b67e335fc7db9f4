"""Signing a gate in a workspace: what is handed out is signed with a key that stays elsewhere, and what comes back is checked."""

import re
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from covolt.cli.application import main
from covolt.contract.document import dumps
from covolt.errors import Conflict, CovoltError, Forbidden, InputError
from covolt.programme.anchor import anchor_file
from covolt.programme.countersigning import countersigned, read_stated
from covolt.programme.keys import in_words
from covolt.programme.signing import new_key, read_key
from covolt.study.cases.keys import make
from covolt.study.cases.options import Findings
from covolt.study.cases.sign_statement import sign_statement
from covolt.study.cases.trusting import trust
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.checkpoint_rows import CheckpointRow
from covolt.workspace.checkpoints import to_countersign
from covolt.workspace.feed import feed, log
from covolt.workspace.keeping import audited
from covolt.workspace.trusting import kept_trust
from tests.workspace.conftest import Clock, of
from tests.workspace.unlocked import PERSON, unlocked

NAME, GATE, ROLE = "small-car", "concept", "chief-engineer"
MAKER = of("integrator")


@pytest.fixture
def begun(tmp_path, small_programme, own_records):
    """A programme in which one party has a key that is known here, and the workspace that has it."""
    folder, key = tmp_path / NAME, tmp_path / "engineer.pem"
    shutil.copytree(small_programme, folder)
    gate = folder / "gates" / f"{GATE}.toml"
    content = gate.read_text(encoding="utf-8").replace("0.9 * constraints", "0 * constraints")
    gate.write_text(content.replace("== negatives.count", "<= negatives.count"), encoding="utf-8")
    day = Clock().now.date().isoformat()
    fingerprint = make(key, folder, "integrator", [ROLE], day=day).fingerprint
    trust(folder, [fingerprint], gates=True)
    workspace = unlocked(Workspace(tmp_path / "home", Clock()))
    workspace.begin(folder, Reader(PERSON))
    yield workspace, key, fingerprint
    workspace.close()


def signed(workspace, key, fingerprint, place, remarks=""):
    """The file of a sign-off over what stands."""
    file = place / "gate.statement"
    file.write_bytes(workspace.signing_off.statement(NAME, MAKER, GATE, ROLE, fingerprint, remarks).content)
    made = sign_statement(file, key, lambda _: True, Findings())
    return made.path.read_text(encoding="utf-8")


def test_what_is_shown_is_what_is_signed(begun, tmp_path, capsys):
    workspace, key, fingerprint = begun
    shown = workspace.signing_off.shown(NAME, MAKER, GATE, 60.0)
    (one,) = shown.signings
    assert (one.role, [each.fingerprint for each in one.keys]) == (ROLE, [fingerprint])
    assert one.digest == workspace.judging.gate(NAME, MAKER, GATE, 60.0).digest
    asked = {"party": "integrator", "role": ROLE, "key": fingerprint}
    door = f"/api/v1/programmes/{NAME}/gates/{GATE}/statement"
    saved = TestClient(application(workspace)).get(door, params=asked).headers["content-disposition"]
    assert saved == f"attachment; filename*=utf-8''{one.file}", "the command of the page names what the browser saves"
    file = tmp_path / one.file
    file.write_bytes(workspace.signing_off.statement(NAME, MAKER, GATE, ROLE, fingerprint).content)
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["sign", "--statement", str(file), "--key", str(key)])
    said = " ".join(capsys.readouterr().out.split())
    for line in one.lines:
        assert " ".join(line.said.said("en").split()) in said
    assert in_words(fingerprint) in said
    assert (tmp_path / one.file.replace(".statement", ".signed.toml")).is_file()

    with pytest.raises(Forbidden, match="does not ask"):
        workspace.signing_off.statement(NAME, of("agency"), GATE, ROLE, fingerprint)
    with pytest.raises(Forbidden, match="has no such key"):
        workspace.signing_off.statement(NAME, of("agency"), "trial", "type-approval-officer", fingerprint)


def test_what_a_statement_says_by_itself_is_not_said_beside_it(begun, tmp_path, capsys):
    workspace, key, fingerprint = begun
    file = tmp_path / "gate.statement"
    file.write_bytes(workspace.signing_off.statement(NAME, MAKER, GATE, ROLE, fingerprint).content)

    def refused(*words):
        with pytest.raises(SystemExit, match=r"^2$"):
            main(["sign", *words, "--key", str(key)])
        return " ".join(capsys.readouterr().err.split())

    beside = ["--party", "integrator", "--role", ROLE, "--remarks", "once", "--dry-run"]
    said = refused(GATE, "a-car", "--statement", str(file), *beside)
    assert "GATE; PROGRAMME; --party; --role: the statement says this by itself hint: leave it out" in said
    assert (
        "--remarks: the statement says this by itself hint: fetch the statement with it: the remark stands in" in said
    )
    assert "--dry-run shows gates alone" in said
    assert not (tmp_path / "gate.signed.toml").exists()
    (tmp_path / "other.statement").write_text('{"schema": "other/1"}')
    told = refused("--statement", str(tmp_path / "other.statement"))
    assert (told.count("hint:"), "this is no statement of a gate" in told) == (1, True), "no list of what it lacks"
    assert "No such file" in refused("--statement", str(tmp_path / "none.statement"))
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["sign", "--statement", str(file), "--key", str(key)])
    assert "Nothing is computed here: what was verified is what the workspace states." in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_gate_opens_by_a_file_that_is_handed_in_and_once(begun, tmp_path):
    """A hundred who hand in the same: one files it, all others are told why not."""
    workspace, key, fingerprint = begun
    content = signed(workspace, key, fingerprint, tmp_path)

    def hand_in(_):
        try:
            return workspace.signing_off.hand_in(NAME, MAKER, GATE, content)
        except CovoltError as error:
            return error

    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(hand_in, range(100)))
    assert len([one for one in answers if isinstance(one, str)]) == 1
    refused = [one for one in answers if not isinstance(one, str)]
    assert {type(one) for one in refused} == {Conflict}
    assert {one.problems[0].what for one in refused} == {"this sign-off is filed already"}
    gate = workspace.judging.gate(NAME, MAKER, GATE, 60.0)
    assert gate.gate.open, [one.said("en") for one in gate.gate.blocks]
    assert workspace.signing_off.shown(NAME, MAKER, GATE).signings == ()
    told = feed(workspace.programmes, NAME, MAKER).events[0]
    assert (told.verb, told.said.said("en")) == ("signed", "signed the gate “Concept”")
    assert [(one.gate, one.turned) for one in told.gates] == [(GATE, "opened")]
    place = tmp_path / "again"
    place.mkdir()
    again = signed(workspace, key, fingerprint, place, "again")
    with pytest.raises(Conflict, match="is signed so already"):
        workspace.signing_off.hand_in(NAME, MAKER, GATE, again)


def test_what_is_forged_stale_or_anothers_is_refused_in_words(begun, tmp_path):
    workspace, key, fingerprint = begun
    content = signed(workspace, key, fingerprint, tmp_path, "again")

    def refused(kind, text, said, who=MAKER, gate=GATE):
        with pytest.raises(kind) as error:
            workspace.signing_off.hand_in(NAME, who, gate, text)
        assert any(said in str(one.what) for one in error.value.problems), error.value.problems
        assert all(one.said("ru").what != str(one.what) for one in error.value.problems)

    refused(
        Forbidden, content.replace('remarks = "again"', 'remarks = "twice"'), "the signature does not count: invalid"
    )
    refused(Forbidden, content, "you act for agency", who=of("agency"))
    refused(Forbidden, content, "this signs the gate concept", gate="prototype")
    refused(InputError, "schema = 'offer/1'", "")
    refused(Forbidden, content, "who signs speaks for a party", who=Reader(PERSON))
    bent = (tmp_path / "gate.statement").read_text(encoding="utf-8")
    assert '"verdict I-MASS' in bent, bent
    place = tmp_path / "bent"
    place.mkdir()
    (place / "gate.statement").write_text(
        re.sub(r'("verdict I-MASS"[^"]*")[^"]*"', r'\1met, 1 kg"', bent), encoding="utf-8"
    )
    bent = sign_statement(place / "gate.statement", key, lambda _: True, Findings()).path.read_text(encoding="utf-8")
    refused(Conflict, bent, "what it says it covers is not what stands here")
    (tmp_path / "gate.statement.bent").write_bytes((tmp_path / "gate.statement").read_bytes() + b" ")
    with pytest.raises(InputError):
        sign_statement(tmp_path / "gate.statement.bent", key, lambda _: True, Findings())
    number = workspace.proposals.make(NAME, of("battery-works"), [("battery", "mass", "236 kg")], "heavier", "cells")
    shown = workspace.proposals.shown(NAME, number, of("battery-works"), 60.0)
    for party in shown.must_agree:
        workspace.proposals.answer(NAME, number, of(party), "accept", "", shown.content)
    workspace.proposals.merge(NAME, number, of("battery-works"))
    refused(Conflict, content, "what was signed is not what stands here now")


def test_a_restored_workspace_says_whose_keys_were_trusted_and_opens_its_gates_once_they_are(
    begun, tmp_path, monkeypatch, capsys
):
    workspace, key, fingerprint = begun
    workspace.signing_off.hand_in(NAME, MAKER, GATE, signed(workspace, key, fingerprint, tmp_path))
    filed = workspace.comparing.states(NAME, MAKER).states[1].said
    assert filed.said("en").startswith("Gate “"), "Git keeps one message, and each reads it in words"
    assert "рубеж" in filed.said("ru").lower()
    assert workspace.judging.gate(NAME, MAKER, GATE, 60.0).gate.open
    home, file = tmp_path / "home", tmp_path / "kept.zip"

    def run(*words):
        with pytest.raises(SystemExit, match=r"^0$"):
            main([*map(str, words)])
        return " ".join(capsys.readouterr().out.split())

    def is_open(place):
        again = unlocked(Workspace(place, Clock()))
        try:
            return again.judging.gate(NAME, MAKER, GATE, 60.0).gate.open
        finally:
            again.close()

    assert "with 1 key that is trusted here" in run("backup", home, file)
    private = key.read_text(encoding="utf-8").splitlines()[1]
    with zipfile.ZipFile(file) as archive:
        kept = archive.read("trusted.toml").decode()
    assert fingerprint in kept and private not in kept and str(tmp_path) not in kept

    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "elsewhere"))
    said = run("restore", file, tmp_path / "again")
    assert f"SIGNED GATES OF {NAME} ARE SHUT HERE" in said and in_words(fingerprint) in said
    assert not is_open(tmp_path / "again")
    command = re.search(r"covolt (key trust \S+ --home \S+ --fingerprint \w+)", said)
    assert "the first key of integrator is trusted" in run(*command[1].split())
    assert is_open(tmp_path / "again"), "what was printed is what opens it"
    assert "ARE SHUT" not in run("restore", file, tmp_path / "third")
    assert "stands" in run("key", "list", tmp_path / "again" / "programmes" / NAME / "programme.git")

    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "third-config"))
    assert "ARE SHUT" not in run("restore", file, tmp_path / "fourth", "--trust")
    assert is_open(tmp_path / "fourth")
    with pytest.raises(SystemExit, match=r"^3$|^2$|^4$"):
        main(["key", "trust", "smal-car", "--home", str(home)])
    assert NAME in capsys.readouterr().err


def test_what_the_service_of_a_workspace_trusts_is_kept_whoever_backs_it_up(begun, tmp_path, monkeypatch):
    workspace, _, fingerprint = begun
    workspace.close()
    home = tmp_path / "home"
    (home / "config").mkdir()
    shutil.move(anchor_file(), home / "config" / "trusted.toml")
    assert fingerprint in kept_trust(home)


def test_a_party_countersigns_the_newest_checkpoint_on_its_own_machine(begun, tmp_path, capsys):
    workspace, key, _ = begun
    client = TestClient(application(workspace))
    at, party = f"/api/v1/programmes/{NAME}/checkpoint", {"Covolt-Party": "integrator"}
    assert client.get(at).status_code == 403, "who signs speaks for a party"
    handed = log(workspace.programmes, NAME, MAKER).checkpoint
    assert handed is not None
    fetched = client.get(at, headers=party, params={"number": handed.number})
    assert fetched.headers["content-disposition"].endswith(f"''{handed.file}"), "the command names what is saved"
    assert fetched.content == client.get(at, headers=party).content
    assert client.get(at, headers=party, params={"number": 99}).status_code == 404
    file = tmp_path / handed.file
    file.write_bytes(fetched.content)
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["sign", "--statement", str(file), "--key", str(key)])
    signed = file.with_suffix(".signed.toml")
    content = signed.read_text(encoding="utf-8")

    def hand_in(text, who="integrator"):
        door = f"{at}/countersignatures"
        return client.post(door, headers={"Covolt-Party": who}, json={"file": text}).status_code

    assert hand_in(content, "agency") == 403, "by no key of that party"
    assert hand_in(content.replace("sequence = 1", "sequence = 2")) in {403, 422}
    new_key(tmp_path / "stranger.pem")
    stranger = countersigned(read_stated(file.read_bytes(), ""), read_key(tmp_path / "stranger.pem"))
    assert hand_in(dumps(stranger)) == 403, "a key that the party has not is nobody's word"
    assert hand_in(content) == 201
    assert hand_in(content) == 409
    told = feed(workspace.programmes, NAME, MAKER).events[0]
    assert told.said.said("en") == "counter-signed checkpoint 1"

    with workspace.programmes.database.reading() as session:
        row = session.get(CheckpointRow, 1)
        content = {**row.content, "heads": {**row.content["heads"], "anothers-car": {"": "0" * 40}}}
    assert "anothers-car" not in to_countersign(content, NAME).stated.decode(), "of other programmes it tells nothing"
    found = audited(tmp_path / "home", against=signed)
    assert (found.problems, found.countersigned, found.kept) == ((), ("integrator",), 1)
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["audit", str(tmp_path / "home"), "--against", str(signed)])
    assert "the kept checkpoint 1 is here" in capsys.readouterr().out
    signed.write_text(signed.read_text(encoding="utf-8").replace('checkpoint = "sha256:', 'checkpoint = "sha256:0'))
    assert audited(tmp_path / "home", against=signed).problems, "it is another checkpoint"


def test_what_was_signed_over_an_earlier_state_is_signed_anew_and_told_as_such(begun, tmp_path):
    workspace, key, fingerprint = begun
    old = signed(workspace, key, fingerprint, tmp_path)
    workspace.signing_off.hand_in(NAME, MAKER, GATE, old)
    with pytest.raises(Conflict, match="a file here already"):
        sign_statement(tmp_path / "gate.statement", key, lambda _: True, Findings())
    number = workspace.proposals.make(NAME, of("battery-works"), [("battery", "mass", "251 kg")], "Heavier", "cells")
    shown = workspace.proposals.shown(NAME, number, of("battery-works"), 60.0)
    for party in shown.must_agree:
        workspace.proposals.answer(NAME, number, of(party), "accept", "", shown.content)
    workspace.proposals.merge(NAME, number, of("battery-works"))
    with pytest.raises(Conflict, match="covers an earlier state"):
        workspace.signing_off.hand_in(NAME, MAKER, GATE, old)
    new = signed(workspace, key, fingerprint, tmp_path)
    assert new != old
    workspace.signing_off.hand_in(NAME, MAKER, GATE, new)


def test_what_a_merge_does_to_a_sign_off_is_told_before_and_whom_it_waits_for_after(begun, tmp_path):
    workspace, key, fingerprint = begun
    maker = of("battery-works")
    number = workspace.proposals.make(NAME, maker, [("battery", "mass", "234 kg")], "Lighter cells", "")
    (asks,) = {one.asks for one in workspace.gates(NAME, MAKER, 60.0).gates if one.id == GATE}
    assert asks == ("integrator",)
    workspace.signing_off.hand_in(NAME, MAKER, GATE, signed(workspace, key, fingerprint, tmp_path))
    assert {one.asks for one in workspace.gates(NAME, MAKER, 60.0).gates if one.id == GATE} == {()}
    now = workspace.comparing.history(NAME, MAKER, 60.0).states[-1]
    assert (now.surely, [one.open for one in now.gates if one.id == GATE]) == (True, [True])
    shown = workspace.proposals.shown(NAME, number, of("agency"), 60.0)
    told = next(one for one in shown.gates if one.gate == GATE)
    assert (told.was_open, told.open, told.voided) == (True, False, ("integrator",))
    (said,) = told.said
    assert said.said("en").endswith("at gate “Concept”, which is open now and shuts")
    workspace.proposals.merge(NAME, number, maker)
    rows = {one.id: one for one in workspace.gates(NAME, MAKER, 60.0).gates}
    assert (rows[GATE].open, rows[GATE].asks) == (False, ("integrator",))
    moved = feed(workspace.programmes, NAME, MAKER).events[0].gates
    assert ["no longer covers it" in each.said("en") for one in moved if one.gate == GATE for each in one.said] == [
        False,
        True,
    ]
    # Without its ± no state says how its gates stood: a sign-off covers these.
    again = Workspace(tmp_path / "home", Clock())
    try:
        first = again.comparing.history(NAME, MAKER)
        assert [(one.surely, one.gates) for one in first.states] == [(False, ())]
        while (found := again.comparing.history(NAME, MAKER, 60.0)).pending:
            pass
    finally:
        again.close()
    stood = [[each.open for each in one.gates if each.id == GATE] for one in found.states]
    assert stood == [[False], [True], [False]]
