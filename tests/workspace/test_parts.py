"""One slot as its reader sees it: traced to who changed it, as others see it, and nobody's secrets; the architecture."""

import re
import shutil

import pytest
from fastapi.testclient import TestClient

from covolt.contract.standard import standard_interface
from covolt.errors import NotFound
from covolt.study.cases.publish import lock, offer
from covolt.study.result import text_of
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.architecture import COUPLINGS, quantities
from covolt.workspace.asking import Workspace
from tests.workspace.conftest import PERSON, Clock, of
from tests.workspace.test_proposals import HEAVIER, NAME, agree
from tests.workspace.unlocked import unlocked


def numbers(view):
    return {one.number.name: one for one in view.numbers}


def test_a_number_is_traced_to_its_party_its_proposal_and_its_commit(workspace):
    before = numbers(workspace.looking.part(NAME, of("battery-works"), "battery").own)["mass"]
    [came] = before.changes
    assert (came.proposal, before.number.written) == (0, "235 kg")
    number = workspace.proposals.make(NAME, of("battery-works"), HEAVIER, "Heavier cells", "")
    agree(workspace, number)
    commits = workspace.proposals.merge(NAME, number, of("integrator"))
    shown = workspace.looking.part(NAME, of("agency"), "battery")
    found = numbers(shown.own)
    changed, first = found["mass"].changes
    assert (changed.proposal, changed.commit, first.commit) == (number, commits["battery-works"], came.commit)
    assert (changed.before.said("ru"), changed.after.said("ru")) == ("235\u00a0кг", "260\u00a0кг")
    assert len(found["energy_usable"].changes) == 1
    assert [one.offer for one in shown.own.offers if one.locked] == ["battery-works/pack-33@1.1.0"]
    assert shown.commit == commits[""]


def test_the_contract_is_held_against_what_is_locked(workspace):
    contract = workspace.looking.part(NAME, of("integrator"), "battery").own.contract
    limits = {one.number: one for one in contract.limits}
    assert contract.state == "kept"
    assert limits["mass"].limit.said("en") == "at most 270\u00a0kg"
    assert (limits["mass"].offered.said("en"), limits["mass"].holds) == ("235\u00a0kg", True)
    assert "dc.voltage" in {one.path for one in contract.ports}
    assert contract.between == ("battery-works", "integrator")


def test_who_acts_for_some_slots_reads_a_kept_contract_of_these_alone(tmp_path, small_programme):
    folder = tmp_path / "small-car"
    shutil.copytree(small_programme, folder)
    [contract] = (folder / "contracts").glob("battery*.toml")
    said = contract.read_text(encoding="utf-8").replace("[limits]", 'visibility = "party"\n\n[limits]', 1)
    contract.write_text(said, encoding="utf-8")
    part = folder / "battery-works" / "parts" / "pack-33" / "part.toml"
    heavier = re.sub(r"(?m)^version = .*$", 'version = "7.7.7"', part.read_text(encoding="utf-8"))
    part.write_text(heavier.replace('"235 kg"', '"299 kg"'), encoding="utf-8")
    offer(part.parent)
    made = unlocked(Workspace(tmp_path / "home", Clock()))
    try:
        made.begin(folder, Reader(PERSON))
        heavy, over = [("battery", "mass", "999 kg")], "270"
        for slots, knows in ((None, True), ({"battery"}, True), ({"body"}, False), ({"body", "battery"}, True)):
            who = Reader(PERSON, "battery-works", None if slots is None else frozenset(slots))
            for reader, beside, known in (
                (who, None, knows),
                (who, "integrator", knows),
                (of("agency"), "integrator", 0),
            ):
                part = made.looking.part(NAME, reader, "battery", beside)
                view = part.own if beside is None else part.other
                assert (view.contract is not None) == known, (slots, beside)
                assert any(one.reasons for one in view.offers) == known, "what the heavy one breaks"
            states = {one.slot: one.state for one in made.looking.architecture(NAME, who).slots}
            assert (states["battery"] == "hidden") != knows
            notices = made.verdicts(NAME, who, heavy).notices
            assert any(over in str(one) for one in notices) == knows, (slots, notices)
    finally:
        made.close()


@pytest.fixture
def secret(tmp_path, small_programme):
    """The same programme with the battery's part for its own party alone, locked so, and an offer that nobody knows of."""
    folder = tmp_path / "small-car"
    shutil.copytree(small_programme, folder)
    part = folder / "battery-works" / "parts" / "pack-33" / "part.toml"
    text = part.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^version = .*$", 'version = "7.7.7"\nvisibility = "party"', text)
    text = text.replace('"360 V"', '"361.7531 V"')
    part.write_text(text.replace('"235 kg"', '"239.7531 kg"'), encoding="utf-8")
    locked = offer(part.parent).offer.reference
    lock(folder, pins=[f"battery={locked}"])
    part.write_text(
        text.replace('version = "7.7.7"', 'version = "8.8.8"').replace('"235 kg"', '"299.8642 kg"'), encoding="utf-8"
    )
    offer(part.parent)
    made = unlocked(Workspace(tmp_path / "home", Clock()))
    made.begin(folder, Reader(PERSON))
    yield made
    made.close()


def test_others_see_of_a_private_part_that_it_is_there_and_of_a_private_offer_nothing(secret):
    own = secret.looking.part(NAME, of("battery-works"), "battery", "integrator")
    assert numbers(own.own)["mass"].number.written == "239.7531 kg"
    assert any("8.8.8" in one.offer for one in own.own.offers)
    assert own.other.hidden
    assert (own.other.numbers, own.other.model) == ((), "")
    doors = TestClient(application(secret))
    for party in ("integrator", "agency", ""):
        for asked in ("slots/battery", "slots/battery?beside=battery-works", "slots/battery?beside=", "architecture"):
            answer = doors.get(f"/api/v1/programmes/{NAME}/{asked}", headers={"Covolt-Party": party})
            assert answer.status_code == 200
            for canary in ("239.7531", "361.7531", "299.8642", "8.8.8", "equivalent-circuit"):
                assert canary not in answer.text, (party, asked)
    with pytest.raises(NotFound):
        secret.looking.part(NAME, of("integrator"), "battery", "nobody-such")
    with pytest.raises(NotFound):
        secret.looking.part(NAME, of("integrator"), "motor")
    # Nor can anybody comment on a number of it, or learn of a comment on one.
    secret.comments.add(NAME, of("battery-works"), "battery/mass", "our secret", (), "")
    with pytest.raises(NotFound):
        secret.comments.listed(NAME, of("integrator"), "battery/mass")
    assert secret.comments.counted(NAME, of("integrator")).comments == {}
    assert "secret" not in text_of(secret.feed(NAME, of("integrator")))


def test_the_architecture_couples_ports_that_there_are(workspace):
    for one, port, other, its_port in COUPLINGS:
        for slot, name in ((one, port), (other, its_port)):
            interface = slot.removeprefix("second_")
            assert quantities(interface, name), (slot, name)
            assert standard_interface(interface).name == interface
    shown = workspace.looking.architecture(NAME, of("integrator"))
    known = {one.slot for one in shown.slots}
    assert {one.state for one in shown.slots} == {"kept"}
    assert {end for one in shown.links for end in (one.one, one.other)} == known
    assert ("battery", "drive_unit", ("voltage", "current")) in {
        (one.one, one.other, one.quantities) for one in shown.links
    }
