"""Signing a gate in a workspace: what is handed out is signed with a key that stays elsewhere, and what comes back is checked."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from covolt.cli.application import main
from covolt.errors import Conflict, CovoltError, Forbidden, InputError
from covolt.programme.keys import in_words
from covolt.study.cases.keys import make
from covolt.study.cases.options import Findings
from covolt.study.cases.sign_statement import sign_statement
from covolt.study.cases.trusting import trust
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from covolt.workspace.feed import feed
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
    file.write_bytes(workspace.signing_off.statement(NAME, MAKER, GATE, ROLE, fingerprint, remarks))
    made = sign_statement(file, key, lambda _: True, Findings())
    return made.path.read_text(encoding="utf-8")


def test_what_is_shown_is_what_is_signed(begun, tmp_path, capsys):
    workspace, key, fingerprint = begun
    shown = workspace.signing_off.shown(NAME, MAKER, GATE, 60.0)
    (one,) = shown.signings
    assert (one.role, [each.fingerprint for each in one.keys]) == (ROLE, [fingerprint])
    assert one.digest == workspace.judging.gate(NAME, MAKER, GATE, 60.0).digest
    file = tmp_path / one.file
    file.write_bytes(workspace.signing_off.statement(NAME, MAKER, GATE, ROLE, fingerprint))
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
    file.write_bytes(workspace.signing_off.statement(NAME, MAKER, GATE, ROLE, fingerprint))

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
