"""A negotiation from a study to what all have signed: cards, proposals, answers, and what nobody else sees."""

import dataclasses
import json
import re
import shutil
import tomllib

import numpy as np
import pytest

from covolt.cli import main
from covolt.errors import Conflict, Forbidden, InputError, NotFound
from covolt.programme.anchor import trust_in
from covolt.study.cases.negotiate import NegotiationOptions, ProposalOptions, answer, negotiate, show
from covolt.study.cases.options import Findings
from covolt.study.cases.study import run
from covolt.study.designs.study_table import StudyTable
from covolt.study.negotiation import settle
from covolt.study.result import plain
from tests.signed import Holder, key_file, put_key
from tests.study.negotiation.conftest import CITY_BUS, DESIGNS, INTERESTS, studies, write_interest

pytestmark = pytest.mark.whole
OTHERS = ("concern", "drive-works", "integrator")


def negotiated(home, **options):
    return negotiate(home / "car", studies(home), NegotiationOptions(output=home / "proposals", **options))


def changed(home, party, name, **stated):
    """An interest of the programme, stated otherwise."""
    row = next(one for one in INTERESTS if one[:2] == (party, name))
    worst, aspiration = stated.get("worst", row[4]), stated.get("aspiration", row[5])
    write_interest(home / "car", *row[:4], worst, aspiration, *row[6:])


def column(home, name):
    return StudyTable.read(home).interest_values[:, list(StudyTable.read(home).interests).index(name)]


def test_the_settlement_is_the_rule_s_among_designs_that_keep_what_must_be_kept(home):
    found = negotiated(home).card
    table = StudyTable.read(home / "shared")
    gains = np.column_stack(
        [
            (column(home / "battery-works", "battery-works/ENERGY") - 27.0) / 18.0,
            (column(home / "shared", "concern/PARTS") - 1500.0) / -300.0,
            (column(home / "drive-works", "drive-works/TORQUE") - 190.0) / 80.0,
            (column(home / "shared", "integrator/MASS") - 1200.0) / -100.0,
        ]
    )
    # I-MASS is fixed, I-PARTS is a constraint: both are kept by some design that everybody accepts.
    kept = np.flatnonzero((table.margins >= 0.0).all(axis=1) & (gains >= 0.0).all(axis=1))
    assert 1 < len(kept) < DESIGNS
    ours = settle(gains[kept])
    assert found.stage == "kept"
    assert found.design == kept[ours.row]
    assert found.tied == tuple(kept[list(ours.tied)])
    assert found.designs == DESIGNS + 1


def test_a_battery_of_at_least_2250_and_at_most_2100_kg_is_settled(bus):
    """Gains (m - 2120)/130 and (2240 - m)/140 over bests at 2237 and 2120 kg: the shares are equal at 2178.8 kg.

    2300 kg at 240 kWh and 9 kg/kWh give packs of 2174 and 2183 kg there; the least share is greater at the latter.
    """
    found = negotiate(bus, [bus.parent / "packs"]).card
    moved = {one.requirement: (one.value_after, one.moves) for one in found.requirements}
    assert found.state == "agreed"
    assert found.stage == "accepted"
    assert moved == {"B-MASS": pytest.approx((2183.0, 67.0)), "W-BATTERY": pytest.approx((2183.0, 83.0))}
    numbers = {one.number: (one.before, one.after) for one in found.numbers}
    assert numbers["energy_nominal"] == ("240 kWh", "227 kWh")
    assert not found.interests, "both interests are private, and answered by the requirements of the same measure"


def test_a_proposal_says_what_its_party_is_asked_and_how_laws_stand(bus):
    law = bus / "agency" / "requirements" / "A-R100.toml"
    shutil.copy(CITY_BUS / "agency" / "requirements" / "A-R100.toml", law)
    run(bus, bus.parent / "again", method="full")
    found = negotiate(bus, [bus.parent / "again"], NegotiationOptions(output=bus.parent / "proposals"))
    assert [(one.requirement, one.verdict, one.shown) for one in found.card.laws] == [("A-R100", "not verified", False)]
    open_acts = {one.act: one.why.said("en") for one in found.card.acts}
    assert open_acts["UN R100"] == "not shown: A-R100"
    assert open_acts["UN R122"] == "no requirement cites it"
    read = show(found.proposals["bus-works"], bus).read
    assert (read.party, read.stale, read.answered, read.verified) == ("bus-works", (), "", False)
    [own] = read.own
    assert (own.requirement, own.kind, own.side, own.bound, own.needed) == (
        "W-BATTERY",
        "need",
        "at_most",
        2100.0,
        2183.0,
    )
    assert own.moves == pytest.approx(83.0)
    assert [one.requirement for one in read.requirements] == ["W-BATTERY", "B-MASS"], "its own come first"
    assert [one.requirement for one in read.laws] == ["A-R100"]
    (found.folder / "settlement.json").unlink()
    alone = show(found.proposals["bus-works"], bus).read
    assert plain(dataclasses.replace(alone, notices=())) == plain(read), "a proposal says it by itself"


def test_a_card_says_what_every_party_gives_and_gets(home):
    found = negotiated(home, party="battery-works").card
    rows = {one.interest: one for one in found.interests}
    assert set(rows) == {"ENERGY", "PARTS", "MASS"}, "another's private interest is not shown"
    energy, parts = rows["ENERGY"], rows["PARTS"]
    assert (energy.before, energy.worst_acceptable, energy.aspiration) == pytest.approx((30.5, 27.0, 45.0))
    assert parts.after == pytest.approx(column(home / "shared", "concern/PARTS")[found.design])
    gains = {one.party: one.gain for one in found.parties}
    assert gains["battery-works"] == pytest.approx((energy.after - 27.0) / 18.0)
    assert gains["concern"] == pytest.approx((1500.0 - parts.after) / 300.0)
    assert gains["drive-works"] is None
    assert {one.agreement for one in found.parties} == {"by what it states"}
    assert found.state == "agreed"


def test_a_part_that_leaves_its_contract_is_told(home):
    contract = home / "car" / "contracts" / "drive-unit.toml"

    def told(highest):
        written = re.sub(r"mass = .*", f'mass = {{ maximum = "{highest}" }}', contract.read_text(encoding="utf-8"))
        contract.write_text(written, encoding="utf-8")
        return [str(one.what) for one in negotiated(home).card.notices if "contract" in str(one.what)]

    mass = next(one for one in negotiated(home).card.numbers if (one.slot, one.number) == ("drive_unit", "mass"))
    assert told("1000 kg") == []
    below = float(mass.after.partition(" ")[0]) - 0.5
    wanted = f"drive_unit leaves the contract drive-unit@1: declared.mass is {mass.after}, agreed is at most {below} kg"
    assert told(f"{below} kg") == [wanted]


def test_a_proposal_says_which_numbers_of_its_party_change(home):
    found = negotiated(home, rule="egalitarian")
    proposal = show(found.proposals["battery-works"], home / "car").proposal
    numbers = {(one.slot, one.number): (one.before, one.after) for one in proposal.numbers}
    energy = tomllib.loads(found.proposals["battery-works"].read_text())["interests"][0]["after"]
    assert numbers["battery", "energy_usable"] == ("30.5 kWh", f"{energy:g} kWh")
    moved = float(numbers["battery", "mass"][1].removesuffix(" kg")) - 235.0
    assert moved == pytest.approx(7.0 * (energy - 30.5))
    assert {slot for slot, _ in numbers} == {"battery"}
    assert proposal.agree == ("battery-works", "concern", "drive-works", "integrator")


def test_refusals_lead_to_the_next_settlement_until_none_is_left(home):
    first = negotiated(home, party="battery-works")
    energy = next(one.after for one in first.card.interests if one.interest == "ENERGY")
    wanted = f"ENERGY={energy + 0.5:g} kWh"
    path = answer(ProposalOptions(first.proposals["battery-works"], home / "car", bounds=(wanted,)), "refuse").path
    assert path.name == "battery-works.answer.toml"
    second = negotiated(home, party="battery-works")
    assert next(one.after for one in second.card.interests if one.interest == "ENERGY") >= energy + 0.5
    gain = show(second.proposals["concern"], home / "car").proposal.gain
    answer(ProposalOptions(second.proposals["concern"], home / "car"), "refuse")
    third = negotiated(home)
    assert show(third.proposals["concern"], home / "car").proposal.gain > gain, "who refuses wants more"
    assert len({each.card.settlement for each in (first, second, third)}) == 3
    answer(ProposalOptions(third.proposals["integrator"], home / "car", bounds=("MASS=900 kg",)), "refuse")
    last = negotiated(home)
    assert last.card.state == "none left"
    assert [one.said("en") for one in last.card.excluding] == ["what integrator accepts at worst of MASS"]
    own = negotiated(home, party="integrator").card.excluding
    assert [one.said("en") for one in own] == ["integrator/MASS 900 kg"], "a bound of a refusal is its party's own"
    assert last.folder is None


def test_who_has_said_yes_has_said_it_to_this_very_proposal(home):
    changed(home, "integrator", "MASS", worst="1250 kg")
    found = negotiated(home)
    answer(ProposalOptions(found.proposals["battery-works"], home / "car"), "accept")
    states = {one.party: one.agreement for one in negotiated(home, party="battery-works").card.parties}
    assert states["battery-works"] == "accepted"
    changed(home, "battery-works", "ENERGY", aspiration="45.5 kWh")
    again = negotiated(home, party="battery-works").card
    if again.settlement == found.card.settlement:
        row = next(one for one in again.parties if one.party == "battery-works")
        assert (row.agreement, row.why.said("en")) == ("asked", "it answered another proposal")


def everything(home, capsys):
    """All that parties see, by party: their proposal, what everybody may read, what the command prints, and the page."""
    page = home / "page.html"
    found = negotiated(home, report=page)
    seen = {
        party: (found.proposals[party].read_bytes(), (found.folder / "settlement.json").read_bytes())
        for party in found.proposals
    }
    shown = {}
    for party in ("", *seen):
        card = repr(negotiated(home, party=party, report=page).card)
        named = [f"--study={one}" for one in studies(home)]
        printed = []
        for more in ((), ("--json",)):
            with pytest.raises(SystemExit):
                main(["negotiate", str(home / "car"), *named, "--party", party, *more])
            printed.append(capsys.readouterr())
        shown[party] = (card, printed, page.read_bytes())
    return found.folder, seen, shown


def test_a_reservation_value_that_changes_no_outcome_changes_no_byte_for_others(home, capsys):
    folder, files, cards = everything(home, capsys)
    changed(home, "battery-works", "ENERGY", worst="27.4 kWh", aspiration="45 kWh")
    folder_after, files_after, cards_after = everything(home, capsys)
    assert folder_after == folder, "the outcome is the same"
    for party in OTHERS:
        assert files_after[party] == files[party]
        assert cards_after[party] == cards[party]
    assert cards_after[""] == cards[""]
    assert files_after["battery-works"][0] != files["battery-works"][0], "its own proposal says its own gain"
    assert b"ENERGY" not in b"".join(part for party in OTHERS for part in files_after[party])


def test_of_none_left_a_private_demand_is_told_by_its_party_alone(home):
    changed(home, "battery-works", "ENERGY", worst="50 kWh", aspiration="60 kWh")
    said = {
        party: [one.said("en") for one in negotiated(home, party=party).card.excluding] for party in ("", "concern")
    }
    assert said == {party: ["what battery-works accepts at worst"] for party in said}
    own = negotiated(home, party="battery-works").card.excluding
    assert [one.said("en") for one in own] == ["battery-works/ENERGY"]


def test_a_stale_proposal_is_refused(home):
    found = negotiated(home).proposals["concern"]
    lock = home / "car" / "programme.lock"
    pins = tomllib.loads(lock.read_text())["slots"]
    old = tomllib.loads((home / "car/offers/drive-works/pm-80@0.9.0.toml").read_text())
    assert pins["drive_unit"]["offer"] != "drive-works/pm-80@0.9.0"
    text = lock.read_text().replace(pins["drive_unit"]["offer"], "drive-works/pm-80@0.9.0")
    lock.write_text(text.replace(pins["drive_unit"]["digest"], old["digest"]))
    assert "the lock has moved" in str(show(found, home / "car").stale[0].what)
    with pytest.raises(Conflict, match="stale"):
        answer(ProposalOptions(found, home / "car"), "accept")
    with pytest.raises(Conflict, match="other offers are locked now"):
        negotiated(home)


def test_where_a_party_must_sign_only_its_signed_answer_counts(home, tmp_path):
    holder = Holder("battery", "battery-works", ("chief-engineer",))
    put_key(home / "car", holder)
    trust_in("city-car", {"battery-works": holder.fingerprint}, None, None)
    found = negotiated(home)
    asked = {one.party: one for one in negotiated(home, party="battery-works").card.parties}
    assert asked["battery-works"].agreement == "asked"
    assert asked["battery-works"].why.said("en") == "only what it has signed is its word"
    proposal = found.proposals["battery-works"]
    with pytest.raises(Forbidden, match="only what battery-works has signed is its word"):
        answer(ProposalOptions(proposal, home / "car"), "accept")
    with pytest.raises(Forbidden, match="battery-works has no such key"):
        answer(ProposalOptions(proposal, home / "car", key=key_file(tmp_path / "other.pem", "other")), "accept")
    path = answer(ProposalOptions(proposal, home / "car", key=key_file(tmp_path / "own.pem", "battery")), "accept").path
    assert negotiated(home).card.state == "agreed"
    path.write_text(path.read_text().replace('answer = "accept"', 'answer = "refuse"'))
    again = negotiated(home).card
    assert again.state == "open"
    assert any("changed after it was signed" in one.what for one in again.notices)


def test_an_interest_that_no_study_answers_is_named_and_its_party_asked(home):
    found = negotiate(home / "car", [home / "shared"], NegotiationOptions(party="battery-works")).card
    row = next(one for one in found.parties if one.party == "battery-works")
    assert (row.agreement, row.why.said("en")) == ("asked", "no study answers ENERGY")
    assert any("no study answers battery-works/ENERGY" in one.what for one in found.notices)
    assert not any("TORQUE" in one.what for one in found.notices), "another's private interest is not named"


def test_what_is_wrong_is_told_at_once(home):
    changed(home, "integrator", "MASS", aspiration="1200 kg")
    with pytest.raises(InputError) as told:
        inside = home / "car" / "proposals"
        options = NegotiationOptions(rule="nsh", output=inside)
        negotiate(home / "car", [], options, findings=Findings({"output": "--output"}))
    said = [str(one.what) for one in told.value.problems]
    assert any("no rule 'nsh'" in one for one in said)
    assert any("no study is named" in one for one in said)
    assert any("lies in the programme" in one for one in said)
    assert any("nothing is gained between them" in one for one in said)


def test_a_study_that_leaves_a_fixed_requirement_out_is_refused(home):
    run(home / "car", home / "few", designs=7, only=("I-PARTS", "MASS"))
    with pytest.raises(NotFound, match="I-MASS must be kept"):
        negotiate(home / "car", [home / "few"])


def test_studies_of_other_designs_do_not_go_together(home):
    run(home / "car", home / "few", designs=7)
    with pytest.raises(Conflict, match="other designs"):
        negotiate(home / "car", [home / "shared", home / "few"])


def test_a_bound_of_another_s_interest_or_of_no_value_is_refused(home):
    proposal = negotiated(home).proposals["concern"]
    options = ProposalOptions(proposal, home / "car", bounds=("MASS=1100 kg", "PARTS=3 kg", "PARTS"))
    with pytest.raises(InputError) as told:
        answer(options, "refuse")
    said = " ".join(str(one.what) for one in told.value.problems)
    assert "'MASS' is no interest" in said
    assert "PARTS is in" in said
    assert "'PARTS' is no bound" in said


@pytest.mark.parametrize(("width", "language"), [(60, "en"), (80, "ru")])
def test_the_card_fits_the_terminal(home, capsys, monkeypatch, width, language):
    monkeypatch.setenv("COLUMNS", str(width))
    named = [f"--study={one}" for one in studies(home)]
    with pytest.raises(SystemExit) as left:
        main(["negotiate", str(home / "car"), *named, "--party", "battery-works", "--language", language])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= width
    assert "ENERGY" in shown
    if language == "ru":
        assert "Калаи" in shown


def test_scripts_read_the_card(home, capsys):
    with pytest.raises(SystemExit):
        main(["negotiate", str(home / "car"), *[f"--study={one}" for one in studies(home)], "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "negotiation/1"
    assert [one["party"] for one in said["interests"]] == ["concern", "integrator"]
