"""Settlements: what is fair among vehicles within contracts, as each party may read it, and the proposal that comes of it."""

import json
import shutil

import numpy as np
import pytest

from covolt.errors import Conflict, Forbidden, InputError, NotFound
from covolt.study.negotiation.admission import Demanded
from covolt.study.negotiation.gains import Stake
from covolt.study.negotiation.given_way import given_way
from covolt.study.negotiation.protocol import Case, Settled, next_settlement
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.job_files import Question, answer_of, problems_of
from covolt.workspace.job_process import run
from tests.house.source import ROOT
from tests.workspace.conftest import Clock, of
from tests.workspace.test_proposals import agree
from tests.workspace.unlocked import unlocked

NAME = "small-car"
WORKS = of("battery-works")
HEAVIER = [("battery", "mass", "260 kg")]
CANARY = "CANARY"


@pytest.fixture(scope="module")
def moving(small_programme, tmp_path_factory):
    """The small programme with two numbers that move, two interests that can be read and what two parties keep as their own."""
    folder = tmp_path_factory.mktemp("moving") / NAME
    shutil.copytree(small_programme, folder)
    shipped = ROOT / "examples" / "city-car"
    for place in ("battery-works/designs/PACK-SIZE.toml", "integrator/designs/DRAG.toml"):
        (folder / place).parent.mkdir(exist_ok=True)
        shutil.copyfile(shipped / place, folder / place)
    for party, name, measure, worst, best, seen in (
        ("battery-works", "HEAVY-CELLS", "battery.mass", "230 kg", "270 kg", "programme"),
        ("integrator", "LIGHT-CAR", "vehicle.kerb_mass", "1150 kg", "1100 kg", "programme"),
        ("drive-works", f"{CANARY}-WISH", "drive_unit.mass", "63 kg", "51 kg", "party"),
    ):
        (folder / party / "interests").mkdir(exist_ok=True)
        (folder / party / "interests" / f"{name}.toml").write_text(
            f'schema = "interest/1"\nid = "{name}"\nparty = "{party}"\ntitle = "{name}"\nprocedure = "declaration"\n'
            f'measure = "{measure}"\nworst_acceptable = "{worst}"\naspiration = "{best}"\nvisibility = "{seen}"\n',
            encoding="utf-8",
        )
    own = folder / "drive-works/requirements/D-SECRET.toml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(
        f'schema = "requirement/1"\nid = "D-SECRET"\nparty = "drive-works"\ntitle = "{CANARY}"\nkind = "constraint"\n'
        'firmness = "fixed"\nprocedure = "declaration"\nmeasure = "battery.energy_usable"\nat_least = "33.21 kWh"\n'
        'visibility = "party"\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def workspace(tmp_path, moving):
    made = unlocked(Workspace(tmp_path / "home", Clock()))
    made.begin(moving, of(""))
    yield made
    made.close()


def settled(workspace, wanted=HEAVIER, designs=16, party="battery-works", kind="settlement"):
    """A settlement job, or another, done here in this process."""
    number = workspace.conflicts.ask(NAME, of(party), wanted, designs, kind)
    taken = workspace.jobs.take("worker")
    folder = workspace.jobs.folder(taken)
    workspace.jobs.write_programme(taken, folder / "programme")
    Question(taken.kind, taken.party, taken.day, taken.asked).write(folder)
    run(folder)
    assert problems_of(folder) is None, problems_of(folder)
    assert workspace.jobs.finish(taken, "worker", answer_of(folder))
    return number


@pytest.mark.whole
def test_a_settlement_is_proposed_agreed_and_merged_with_its_bounds(workspace):
    number = settled(workspace)
    shown = workspace.jobs.shown(NAME, number, WORKS).settlements
    assert shown.excluding, "the integrator accepts 1150 kg at most, and the tried car weighs more"
    first = shown.options[0]
    assert {one.interest for one in first.given_way} <= {"HEAVY-CELLS", "LIGHT-CAR"}
    assert first.against == ()
    told = [one.said("en") for one in first.notices]
    assert not [one for one in told if "no proposal goes" in one], "who is asked follows from its proposal's verdicts"
    assert {"CANARY-WISH"}.isdisjoint(one.interest for one in first.card.interests)
    with pytest.raises(NotFound):
        workspace.proposals.make(NAME, of("integrator"), (), "Not asked for", "", (number, 0))
    with pytest.raises(NotFound):
        workspace.proposals.make(NAME, WORKS, (), "No such", "", (number, 99))
    made = workspace.proposals.make(NAME, WORKS, (), "Settled", "", (number, 0))
    proposed = workspace.proposals.shown(NAME, made, of("integrator"), 60.0)
    assert proposed.settled
    assert [one.after for one in proposed.proposal.changes] == [one.after for one in first.changes]
    card = workspace.proposals.settlement(NAME, made, of("integrator")).card
    assert card.reader == "integrator"
    agree(workspace, made)
    workspace.proposals.merge(NAME, made, WORKS)
    moved = {one.number: one.after for one in first.changes if not one.slot}
    now = workspace.programmes.read(NAME, workspace.programmes.heads(NAME)).requirements
    assert {name: now[name].bound for name in moved} == moved
    with pytest.raises(Conflict, match="has moved since"):
        workspace.proposals.make(NAME, WORKS, (), "Again", "", (number, 0))
    with pytest.raises(NotFound):
        workspace.proposals.settlement(NAME, 99, WORKS)


@pytest.mark.whole
def test_nothing_that_a_party_keeps_as_its_own_is_in_any_document(workspace):
    number = settled(workspace)
    made = workspace.proposals.make(NAME, WORKS, (), "Settled", "", (number, 0))
    [file] = (workspace.programmes.home / "results").glob("*.json")
    assert CANARY not in file.read_text(encoding="utf-8")
    assert "33.21" not in file.read_text(encoding="utf-8")
    from starlette.testclient import TestClient

    client = TestClient(application(workspace))
    way = f"/api/v1/programmes/{NAME}"
    for party in ("battery-works", "integrator", "union", ""):
        headers = {"Covolt-Party": party}
        doors = (
            f"{way}/conflicts", f"{way}/jobs", f"{way}/jobs/{number}", f"{way}/proposals/{made}",
            f"{way}/proposals/{made}/settlement", f"{way}/feed", f"{way}/gates",
        )  # fmt: skip
        told = json.dumps([client.get(one, headers=headers).text for one in doors])
        assert CANARY not in told, party
        assert "33.21" not in told, party


@pytest.mark.whole
def test_vehicles_stay_within_contracts_and_numbers_are_plain(workspace):
    shown = workspace.jobs.shown(NAME, settled(workspace), WORKS).settlements
    assert shown.levers == ("DRAG", "PACK-SIZE")
    for option in shown.options:
        numbers = {f"{one.slot}/{one.number}": one.after for one in option.changes}
        assert float(numbers.get("battery/mass", "0 kg").split()[0]) <= 270.0, "what the contract of the battery allows"
        drag = numbers.get("body/drag_coefficient", "0.3")
        assert len(drag) <= len("0.302"), drag


def test_who_speaks_for_nobody_asks_for_none_and_what_cannot_be_is_refused(workspace):
    with pytest.raises(Forbidden):
        workspace.conflicts.ask(NAME, of(""), HEAVIER, 4, "settlement")
    with pytest.raises(InputError):
        workspace.conflicts.ask(NAME, WORKS, [("battery", "mass", "1 V")], 4, "settlement")


def test_interests_give_way_together_by_the_least_shares():
    values = np.array([[100.0, 5.0], [90.0, 4.0], [60.0, 1.0]])
    stakes = (Stake("a", "A", 110.0, 200.0), Stake("b", "B", 2.0, 0.0))
    firm = Demanded("LAW", "c", "kg", firm=True, scale=1.0)
    free = Demanded("OWN", "a", "kg", firm=False, scale=1.0, accepted=1.0)
    margins = np.array([[1.0, -2.0], [1.0, -3.0], [-1.0, 0.0]])
    case = Case(stakes, values, (firm, free), margins, np.zeros((3, 1)))
    moved = given_way(case)
    assert [one.worst for one in moved.stakes] == [90.0, 4.0], "20/90 and 2/2 together are less than 10/90 and 3/2"
    assert moved.demanded[1].accepted == 3.0
    found = next_settlement(moved)
    assert isinstance(found, Settled)
    assert found.row == 1
    nothing = Case(stakes, values, (firm,), -np.ones((3, 1)), np.zeros((3, 1)))
    assert given_way(nothing) is None, "a law gives way for nobody"
