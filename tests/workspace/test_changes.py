"""Bounds, offers and prices that change: tried, proposed, agreed by their owners, merged into files, told with the gates."""

import pytest

from covolt.errors import Conflict, InputError, NotFound
from covolt.programme.reading import read_programme
from covolt.workspace.application import application
from covolt.workspace.changes import Asked, NumberChange
from covolt.workspace.telling import change_row
from tests.house.source import ROOT
from tests.workspace.conftest import of
from tests.workspace.test_proposals import NAME, agree

BOUND = [("", "I-MASS", "1140 kg")]
OFFER = [("battery", "offer", "battery-works/pack-33@0.9.0")]


def verdict(workspace, name, wanted=(), party="integrator"):
    return {one.requirement: one for one in workspace.verdicts(NAME, of(party), wanted).verdicts}[name]


def test_a_bound_is_tried_and_nothing_is_written(workspace):
    assert verdict(workspace, "I-MASS").margin == pytest.approx(10.0)
    tried = verdict(workspace, "I-MASS", BOUND)
    assert (tried.margin, tried.verdict, tried.bound_text.said("en")) == (pytest.approx(-10.0), "not met", "≤ 1140")
    assert verdict(workspace, "I-MASS").margin == pytest.approx(10.0)
    bare = workspace.verdicts(NAME, of("integrator"), [("", "I-MASS", "1140")])
    assert bare.id == workspace.verdicts(NAME, of("integrator"), BOUND).id


def test_bounds_that_exclude_each_other_are_told_at_once(workspace):
    shown = workspace.conflicts.shown(NAME, of("integrator"), [("", "I-MASS", "1300 kg")])
    assert shown.contradictions == ()
    assert workspace.verdicts(NAME, of("integrator"), BOUND).contradictions == ()


def test_a_bound_is_proposed_and_its_owner_agrees_and_its_file_is_written(workspace):
    make = workspace.proposals.make
    number = make(
        NAME, of("battery-works"), [("", "I-MASS", "1175 kg"), ("battery", "mass", "260 kg")], "Room", "cells"
    )
    shown = workspace.proposals.shown(NAME, number, of("integrator"), 60.0)
    assert shown.must_agree == ("integrator",)
    rows = {one.number: one for one in shown.proposal.changes}
    assert (rows["I-MASS"].slot, rows["I-MASS"].before, rows["I-MASS"].after) == ("", "1160 kg", "1175 kg")
    agree(workspace, number)
    commits = workspace.proposals.merge(NAME, number, of("battery-works"))
    own = workspace.folders(NAME).own("integrator").files(commits["integrator"])
    assert 'at_most = "1175 kg"' in own["requirements/I-MASS.toml"].decode()
    assert verdict(workspace, "I-MASS").margin == pytest.approx(0.0)
    told = " ".join(one.said("en") for one in workspace.feed(NAME, of("")).events[0].effects)
    assert "bound of “Kerb mass”: 1160\N{NO-BREAK SPACE}kg to 1175\N{NO-BREAK SPACE}kg" in told


def test_an_offer_that_is_there_is_tried_locked_and_told(workspace):
    tried = workspace.verdicts(NAME, of("integrator"), OFFER)
    assert tried.id != workspace.verdicts(NAME, of("integrator")).id
    number = workspace.proposals.make(NAME, of("integrator"), OFFER, "The earlier pack", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of("integrator"))
    slots = {one.id: one for one in workspace.programme(NAME, of("")).slots}
    assert slots["battery"].part == "battery-works/pack-33@0.9.0"
    [last, *_] = workspace.feed(NAME, of("")).events
    assert "pack-33@1.0.0 to battery-works/pack-33@0.9.0" in last.effects[0].said("en")


def test_a_merge_tells_which_criteria_of_gates_moved(workspace):
    number = workspace.proposals.make(NAME, of("integrator"), [("", "I-MASS", "1200 kg")], "Room", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of("integrator"))
    [last, *_] = workspace.feed(NAME, of("battery-works")).events
    said = [each.said("en") for one in last.gates for each in one.said]
    assert {one.gate for one in last.gates} == {"concept", "prototype"}, "the gates that count the kerb mass"
    assert any("constraints" in one for one in said)


def test_what_somebody_else_moved_is_told_and_other_fields_stand_beside(workspace):
    make, merge = workspace.proposals.make, workspace.proposals.merge
    bound = make(NAME, of("integrator"), BOUND, "A", "")
    late = make(NAME, of("integrator"), [("", "I-MASS", "1150 kg")], "B", "")
    mass = make(NAME, of("battery-works"), [("battery", "mass", "234 kg")], "C", "")
    offer = make(NAME, of("integrator"), OFFER, "D", "")
    for number, party in ((bound, "integrator"), (mass, "battery-works")):
        agree_as(workspace, number)
        merge(NAME, number, of(party))
    assert verdict(workspace, "I-MASS").bound_text.said("en") == "≤ 1140"
    for number, now in ((late, "1140 kg"), (offer, "pack-33@1.1.0")):
        assert now in workspace.proposals.shown(NAME, number, of("")).stands_against[0].said("en")
        with pytest.raises(Conflict):
            merge(NAME, number, of("integrator"))


def agree_as(workspace, number):
    shown = workspace.proposals.shown(NAME, number, of("integrator"), 60.0)
    for party in shown.must_agree:
        workspace.proposals.answer(NAME, number, of(party), "accept", "", shown.content)


def test_what_never_moves_or_is_not_there_is_refused_with_all_its_faults(workspace):
    wrong = [
        ("", "A-GRADE", "0.1"),
        ("", "NOBODYS", "1 kg"),
        ("", "I-MASS", "12 V"),
        ("battery", "offer", "battery-works/pack-99@1.0.0"),
        ("battery", "offer", "integrator/body-3d@1.0.0"),
        ("battery", "price", "12 USD"),
    ]
    with pytest.raises(InputError) as refused:
        workspace.verdicts(NAME, of("integrator"), wrong)
    told = sorted(one.where for one in refused.value.problems)
    assert told == sorted(["A-GRADE", "NOBODYS", "I-MASS", "battery/offer", "battery/offer", "battery/price"])
    with pytest.raises(NotFound):
        workspace.verdicts(NAME, of("integrator"), [("", "NOBODYS", "1 kg")])
    with pytest.raises(InputError, match="another offer fills"):
        workspace.verdicts(NAME, of("integrator"), [*OFFER, ("battery", "mass", "240 kg")])


def test_a_price_moves_at_every_volume_by_as_much(workspace):
    from covolt.programme.movable import locked_sheet

    heads = workspace.programmes.heads(NAME)
    before = locked_sheet(workspace.programmes.read(NAME, heads), "battery").supply.price
    wanted = [("battery", "price", f"{before[0].price + 1000:g}")]
    number = workspace.proposals.make(NAME, of("battery-works"), wanted, "Dearer", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of("battery-works"))
    after = locked_sheet(workspace.programmes.read(NAME, workspace.programmes.heads(NAME)), "battery").supply.price
    assert [now.price - was.price for was, now in zip(before, after, strict=True)] == [1000.0] * len(before)


def test_a_bound_that_only_its_party_reads_is_tried_and_never_proposed(workspace, small_programme, tmp_path):
    import shutil

    folder = tmp_path / "private"
    shutil.copytree(small_programme, folder)
    charter, file = folder / "programme.toml", folder / "battery-works/requirements/B-MASS.toml"
    charter.write_text(charter.read_text(encoding="utf-8").replace("small-car", "private-car"), encoding="utf-8")
    written = file.read_text(encoding="utf-8")
    file.write_text(written.replace("title =", 'visibility = "party"\ntitle ='), encoding="utf-8")
    workspace.begin(folder, of(""))
    wanted = [("", "B-MASS", "250 kg")]
    assert workspace.verdicts("private-car", of("battery-works"), wanted)
    with pytest.raises(InputError, match="everybody would read it"):
        workspace.proposals.make("private-car", of("battery-works"), wanted, "Mine", "")
    told: dict[str, list[str]] = {}
    for name in ("B-MASS", "NEVER"):
        with pytest.raises(NotFound) as refused:
            workspace.verdicts("private-car", of("integrator"), [("", name, "250 kg")])
        told[name] = [one.what for one in refused.value.problems]
    assert told["B-MASS"] == [one.replace("NEVER", "B-MASS") for one in told["NEVER"]]


def test_old_rows_read_and_the_door_takes_bounds(workspace):
    from starlette.testclient import TestClient

    client = TestClient(application(workspace))
    body = {"changes": [{"number": "I-MASS", "value": "1140 kg"}], "title": "Lighter"}
    way = f"/api/v1/programmes/{NAME}"
    made = client.post(f"{way}/proposals", json=body, headers={"Covolt-Party": "integrator"})
    assert made.status_code == 201
    [row] = client.get(f"{way}/proposals").json()["proposals"]
    assert row["changes"][0]["after"] == "1140 kg"


def test_a_number_bears_what_its_party_states_beside_it_and_never_the_source_of_another(workspace):
    asked = Asked("battery", "mass", "241 kg", "1 kg", "measured", "weighed in March")
    number = workspace.proposals.make(NAME, of("battery-works"), [asked], "Weighed", "")
    [change] = workspace.proposals.shown(NAME, number, of("institute")).proposal.changes
    assert change.stated.said("en") == "u = 1\N{NO-BREAK SPACE}kg, measured, weighed in March"
    assert change.stated.said("ru").startswith("u = 1\N{NO-BREAK SPACE}кг, ")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of("battery-works"))
    one = battery_number(workspace, "mass")
    assert (one.written, one.u, one.basis, one.source) == ("241 kg", 1.0, "measured", "weighed in March")

    number = workspace.proposals.make(NAME, of("battery-works"), [("battery", "mass", "243 kg")], "Bolts", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of("battery-works"))
    one = battery_number(workspace, "mass")
    told = f"proposal {number}: Bolts"
    assert (one.written, one.u, one.basis, one.source) == ("243 kg", 1.0, "estimate", told), "nobody weighed that"


def test_what_somebody_else_stated_beside_a_number_is_not_written_over(workspace):
    make, me = workspace.proposals.make, of("battery-works")
    weighed = make(NAME, me, [Asked("battery", "mass", "239 kg", "2 kg", "measured", "weighed")], "Weighed", "")
    agree(workspace, weighed)
    workspace.proposals.merge(NAME, weighed, me)
    same = battery_number(workspace, "mass").written
    once_more = make(NAME, me, [Asked("battery", "mass", same, "1 kg", "measured", "weighed again")], "Again", "")
    modelled = make(NAME, me, [Asked("battery", "mass", same, "3 kg", "simulated", "a model")], "Modelled", "")
    agree(workspace, once_more)
    workspace.proposals.merge(NAME, once_more, me)
    shown = workspace.proposals.shown(NAME, modelled, me)
    told = shown.stands_against[0].said("en")
    assert "u = 2 kg, measured, weighed when this was proposed, and u = 1 kg, measured, weighed again stands" in told
    assert shown.proposal.overtaken
    with pytest.raises(Conflict):
        workspace.proposals.merge(NAME, modelled, me)


def battery_number(workspace, name):
    [slot] = [one for one in workspace.programme(NAME, of("battery-works")).slots if one.id == "battery"]
    return next(one for one in slot.numbers if one.name == name)


def test_what_is_stated_wrongly_beside_a_number_is_told_at_its_place(workspace):
    wrong = [
        Asked("battery", "mass", "241 kg", basis="measured"),
        Asked("battery", "energy_installed", "34 kWh", u="2 V"),
        Asked("", "I-MASS", "1180 kg", source="a hope"),
    ]
    with pytest.raises(InputError) as refused:
        workspace.proposals.make(NAME, of("battery-works"), wrong, "Wrong", "")
    found = {str(one.where): str(one.what) for one in refused.value.problems}
    assert "a measured number has no source" in found["battery/mass"]
    assert "battery/energy_installed" in found or "battery/energy_installed: u" in found
    assert "a part declares alone" in found["I-MASS"]


@pytest.mark.parametrize("written", ["1,200", "-1,200", "12,345,678"])
def test_a_comma_that_may_stand_between_thousands_is_not_guessed_at(workspace, written):
    with pytest.raises(InputError, match="may be read as thousands"):
        workspace.verdicts(NAME, of("battery-works"), [("battery", "mass", written)])


def test_a_comma_that_can_only_be_a_decimal_one_is_read(workspace):
    point, comma = (
        workspace.verdicts(NAME, of("battery-works"), [("battery", "mass", one)]) for one in ("240.5", "240,5")
    )
    assert point.id == comma.id


def test_a_bound_that_is_a_share_is_printed_as_its_verdict_is():
    programme = read_programme(ROOT / "examples" / "city-car")
    row = change_row(NumberChange("", "D-EFFICIENCY", "0.8", "0.7935"), programme)
    assert [one.said("en") for one in (row.before_text, row.after_text)] == [
        "80\N{NO-BREAK SPACE}%",
        "79.35\N{NO-BREAK SPACE}%",
    ]
