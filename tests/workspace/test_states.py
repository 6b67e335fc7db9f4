"""States of a programme beside each other and in their order; gates with their evidence; dossiers; the log and its chain."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from covolt.errors import Forbidden, NotFound
from covolt.files import digest_of
from covolt.study.result import text_of
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace, tried_said
from covolt.workspace.feed import chain, log
from covolt.workspace.tables import EventRow
from covolt.workspace.verbs import GATES, KINDS, Verb
from tests.workspace.conftest import Clock, of
from tests.workspace.test_parts import secret
from tests.workspace.test_proposals import HEAVIER, NAME, agree
from tests.workspace.unlocked import PERSON, unlocked

__all__ = ["secret"]


@pytest.fixture
def merged(workspace):
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier cells", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of("integrator"))
    return workspace


def test_two_states_are_compared_verdict_by_verdict(merged):
    ids = [one.id for one in merged.comparing.states(NAME, of("integrator")).states]
    commits = [one for one in ids if one.startswith("commit:")]
    assert (ids[0], len(commits), ids[-1]) == ("now", 2, "proposal:1")
    for before, after in ((commits[1], "now"), (commits[1], commits[0]), ("before:1", "proposal:1")):
        shown = merged.comparing.compared(NAME, of("integrator"), before, after, 60.0)
        assert shown.surely
        row = {one.requirement: one for one in shown.turned}["I-MASS"]
        assert (row.value_before.said("en"), row.value_after.said("en")) == ("1150", "1175")
        assert len(shown.turned) + shown.unmoved_count == 3
        changed = {one.what: (one.before, one.after) for one in shown.differences}
        if before != "before:1":
            assert changed["battery"] == ("battery-works/pack-33@1.0.0", "battery-works/pack-33@1.1.0")
    same = merged.comparing.compared(NAME, of(""), "now", commits[0])
    assert (same.turned, same.differences) == ((), ())


@pytest.mark.parametrize(
    "state", ["commit:", "commit:00", "baseline:none", "proposal:9", "before:9", "HEAD", "commit:HEAD", ""]
)
def test_what_is_no_state_is_not_found(workspace, state):
    with pytest.raises(NotFound):
        workspace.comparing.compared(NAME, of("integrator"), state, "now")


def test_the_history_has_margins_and_gates_at_each_state(merged):
    shown = merged.comparing.history(NAME, of("integrator"), 60.0)
    assert [one.state.said.said("en") for one in shown.states] == [
        "Taken into the workspace",
        'Proposal 1 merged by Integrator: "Heavier cells"',
    ]
    mass = next(one for one in shown.margins if one.requirement == "I-MASS")
    assert mass.margins[1] == pytest.approx(mass.margins[0] - 25.0)
    gates = merged.gates(NAME, of("integrator"), 60.0).gates
    assert [(one.id, one.blocks_count > 0) for one in shown.states[-1].gates] == [
        (one.id, not one.open) for one in gates
    ]
    assert shown.levels.parties
    assert all(one.guards or one.why for one in shown.negatives)


def test_every_verb_of_the_log_has_its_words_and_can_be_asked_for():
    verbs = set(get_args(Verb))
    assert verbs == KINDS.keys() - {GATES}
    assert not [kind for kind, title in KINDS.items() if title.said("ru") == title.said("en")]


def test_a_gate_shows_what_it_asks_for_and_what_there_is(workspace):
    shown = workspace.judging.gate(NAME, of("agency"), "trial", 60.0)
    row = next(one for one in workspace.gates(NAME, of("agency"), 60.0).gates if one.id == "trial")
    assert shown.surely
    assert shown.gate == row
    lacking = {one.lacking.said("en") for one in shown.criteria if not one.fulfilled}
    assert lacking <= {one.said("en") for one in row.blocks}
    assert {one.requirement for one in shown.evidence} == {"I-MASS", "B-MASS", "A-GRADE"}
    missing = [one for one in shown.signatures if one.asked and not one.given]
    assert missing
    assert not any(one.counts for one in missing)
    with pytest.raises(NotFound):
        workspace.judging.gate(NAME, of("agency"), "none")
    asked = workspace.judging.agency(NAME, of("agency"), 60.0)
    held = [one for one in asked.acts if one.holds]
    assert asked.acts_said.said("en").startswith(f"{len(held)} acts hold: ")
    assert not [one.act for one in asked.acts if one.shown or (one.fulfilled and not one.holds)]  # no agency has signed
    caveats = " ".join(one.said("en") for one in asked.caveats)
    assert "is covolt's word by what the parties declare" in caveats
    assert "The table is not complete" in caveats
    [law] = asked.laws
    assert law.requirement == "A-GRADE"
    assert law.measure_title.said("ru") not in {law.measure, law.measure_title.said("en")}
    assert law.cites
    assert {one.gate.id for one in asked.gates} == {
        one.gate.id
        for one in (workspace.judging.gate(NAME, of("agency"), each.id) for each in row_ids(workspace))
        if any(each.party == "agency" and each.asked for each in one.signatures)
    }


@pytest.fixture
def papered(tmp_path, small_programme):
    """The same programme with two requirements that a paper shows, the one for its own party alone."""
    folder = tmp_path / "small-car"
    shutil.copytree(small_programme, folder)
    own = folder / "integrator" / "requirements"
    (own / "papers").mkdir(exist_ok=True)
    (own / "papers" / "leave.txt").write_text("agreed by both sides", encoding="utf-8")
    digest = digest_of((own / "papers" / "leave.txt").read_bytes())
    for name, readers in (("I-LEAVE", "programme"), ("I-OWN", "party")):
        (own / f"{name}.toml").write_text(
            f'schema = "requirement/1"\nid = "{name}"\nparty = "integrator"\ntitle = "Leave"\nkind = "constraint"\n'
            f'visibility = "{readers}"\nverify = {{ method = "document", gate = "concept" }}\n'
            f'evidence = [{{ path = "papers/leave.txt", digest = "{digest}", valid_until = "2027-05-01" }}]\n',
            encoding="utf-8",
        )
    made = unlocked(Workspace(tmp_path / "home", Clock()))
    made.begin(folder, Reader(PERSON))
    yield made, digest
    made.close()


def test_a_requirement_that_papers_show_tells_them_to_whoever_may_see_it(papered):
    workspace, digest = papered
    signs = digest.removeprefix("sha256:")[:12]
    for party, seen in (("integrator", {"I-LEAVE", "I-OWN"}), ("agency", {"I-LEAVE"})):
        rows = workspace.judging.gate(NAME, of(party), "concept", 60.0).evidence
        told = {one.requirement: one.papers for one in rows if one.papers}
        assert told.keys() == seen
        (paper,) = told["I-LEAVE"]
        assert paper.said("en") == f"papers/leave.txt, {signs}, valid until 2027-05-01"
        assert paper.said("ru").startswith(f"papers/leave.txt, {signs}, ")
        assert "01.05.2027" in paper.said("ru")


def row_ids(workspace):
    return workspace.gates(NAME, of("agency")).gates


@pytest.mark.parametrize(("kind", "subject"), [("gate", "trial"), ("requirement", "I-MASS")])
def test_a_dossier_is_fetched_and_says_that_nobody_signed_it(workspace, kind, subject, tmp_path):
    doors = TestClient(application(workspace))
    place = f"/api/v1/programmes/{NAME}/dossiers/{kind}/{subject}"
    found = doors.get(place, headers={"Covolt-Party": "agency"})
    said = json.loads(found.text)
    assert found.headers["content-disposition"] == f'attachment; filename="{subject}.json"'
    assert (said["schema"], said["subject"], said["reader"], said["key"], said["signature"]) == (
        "dossier/2", subject, "agency", "", "",
    )  # fmt: skip
    assert next(one["value"] for one in said["assessment"] if one["requirement"] == "I-MASS") == 1150.0
    page = doors.get(f"{place}?form=html&language=ru&party=agency")
    assert "Nobody has signed this" in page.text
    file = tmp_path / "unsigned.json"
    file.write_bytes(found.content)
    checked = subprocess.run(
        [sys.executable, "tools/check_dossier.py", str(file), "0" * 64], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    assert "WRONG: nobody has signed this" in checked.stdout
    assert "not as covolt writes" not in checked.stdout
    assert doors.get(place.replace(subject, "NONE")).status_code == 404


def test_no_dossier_shows_what_a_party_keeps_to_itself(secret):
    with pytest.raises(Forbidden):
        secret.judging.dossier(NAME, of("agency"), "gate", "trial")
    assert secret.judging.dossier(NAME, of("battery-works"), "gate", "trial").said.documents
    shown = [
        secret.judging.gate(NAME, of("agency"), "trial", 60.0),
        secret.judging.agency(NAME, of("agency"), 60.0),
        secret.comparing.history(NAME, of("agency"), 60.0),
        secret.comparing.compared(NAME, of("agency"), "now", "now"),
    ]
    for canary in ("361.7531", "299.8642", "8.8.8"):
        for one in shown:
            said = text_of(one)
            assert canary not in said, said[max(0, said.index(canary) - 300) :][:600]


def test_the_log_is_whole_until_somebody_changes_it(workspace):
    workspace.comments.add(NAME, of("battery-works"), "battery/mass", "Why?", (), "")
    assert [one.verb for one in log(workspace.programmes, NAME, of("agency")).events] == ["commented", "begun"]
    whole = chain(workspace.programmes, NAME, of("agency"))
    assert (whole.whole, whole.entry_count, whole.broken) == (True, 2, ())
    with workspace.programmes.database.writing() as session:
        session.get(EventRow, 1).party = "somebody-else"
    broken = chain(workspace.programmes, NAME, of("agency"))
    assert (broken.whole, broken.broken) == (False, (1,))
    assert broken.last == whole.last


def test_a_hidden_bound_is_not_found_by_trying(workspace):
    """The sentence about a vehicle that is tried is by what its reader may see: that of the whole turns at a hidden bound."""
    one = workspace.programmes.computed(NAME, workspace.programmes.heads(NAME))
    own = one.programme.seen_by("drive-works")
    own, said, whole = replace(own, hidden=own.hidden | {"I-MASS"}), set(), set()
    for verdict in ("met", "not met"):
        judged = [
            replace(each, verdict=verdict if each.requirement == "I-MASS" else "met", kind="constraint")
            for each in one.nominal.verdicts
        ]
        mine = replace(one.nominal, verdicts=tuple(judged)).seen_in(own)
        whole.add(mine.acceptable)
        said.add(tried_said(own, mine).said("en"))
    assert whole == {True, False}
    assert len(said) == 1 and "of what you may see" in said.pop()


def test_for_some_slots_there_is_no_dossier(workspace):
    with pytest.raises(Forbidden, match="for some slots"):
        workspace.judging.dossier(NAME, Reader("someone", "integrator", frozenset({"body"})), "gate", "concept")


@pytest.mark.parametrize("number", [str(10**20), "-1"])
def test_a_number_that_no_entry_has_is_refused(workspace, number):
    with TestClient(application(workspace), base_url="http://127.0.0.1") as client:
        where = f"/api/v1/programmes/{NAME}/feed/stream"
        assert client.get(where, params={"after": number}).status_code == 422
        assert client.get(where, headers={"Last-Event-ID": number}).status_code == 422
