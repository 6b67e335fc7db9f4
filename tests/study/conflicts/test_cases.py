"""Conflicts of the shipped programmes: static ones, those of a study, what is offered for moving, and what a reader is told."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from covolt.cli.application import main
from covolt.errors import Conflict, InputError, NotFound
from covolt.study.cases.conflicts import conflicts
from covolt.study.cases.study import run
from covolt.study.conflicts.posed import margins_of
from covolt.study.designs.study_table import StudyTable
from covolt.study.result import plain
from tests.signed import copy_unsigned

EXAMPLES = Path(__file__).parents[3] / "examples"
UNDRIVEN = ("I-MASS", "B-MASS", "D-TORQUE", "I-PRICE", "A-R85", "PARTS-PRICE", "PRICE-OF-CAR")


@pytest.fixture
def car(tmp_path):
    return copy_unsigned(EXAMPLES / "city-car", tmp_path / "car")


@pytest.fixture
def bus(tmp_path):
    return copy_unsigned(EXAMPLES / "city-bus", tmp_path / "bus")


def edited(folder, name, old, new):
    [path] = folder.glob(f"*/requirements/{name}.toml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def studied(car, folder, designs=16, *more):
    """A study by what needs no drive, of which 0 is today's vehicle."""
    shutil.rmtree(folder, ignore_errors=True)
    run(car, folder, designs=designs, only=(*UNDRIVEN, *more))
    return folder


def no_fee(car):
    """A requirement that no vehicle meets, on a measure that follows no line: only a search says so."""
    edited(car, "I-FEE", "5 kRUB", "1 kRUB")


def names(found):
    return [tuple(each.requirement for each in one.demands) for one in found.conflicts]


def test_without_a_study_bounds_that_exclude_each_other_are_told(bus):
    found = conflicts(bus)
    [one] = found.excluded
    assert (one.at_least.requirement, one.at_most.requirement, one.gap, one.unit) == (
        "B-MASS",
        "W-BATTERY",
        150.0,
        "kg",
    )
    assert found.designs is None
    # Beside it no pack that is offered is as light as the works wants it.
    assert names(found) == [("W-BATTERY",)]
    assert found.conflicts[0].sure == "proven"


def test_a_budget_that_does_not_add_up_is_proven_without_a_study(car):
    edited(car, "I-MASS", "1160 kg", "1140 kg")
    edited(car, "B-MASS", "230 kg", "260 kg")
    found = conflicts(car)
    assert names(found) == [("I-PRICE",), ("B-MASS", "I-MASS")]
    one = found.conflicts[1]
    assert one.sure == "proven" and one.nearest.short > 0.0
    moves = {each.requirement: each for eased in one.eased for each in eased.moves if len(eased.moves) == 1}
    assert set(moves) == {"B-MASS", "I-MASS"}
    edited(car, "B-MASS", "260 kg", f"{moves['B-MASS'].relaxed!r} kg")
    assert names(conflicts(car)) == [("I-PRICE",)]


def test_prices_that_no_parts_come_to_are_proven_without_a_study(car):
    """Prices are declared too, and their sum follows what moves along a line; the parts of the car cost 1,227 kRUB at least."""
    path = next(car.glob("*/requirements/I-PARTS.toml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"at_most = .*", 'at_most = "1227 kRUB"', text), encoding="utf-8")
    found = conflicts(car)
    assert names(found) == [("I-PARTS",), ("I-PRICE",)]
    assert {one.sure for one in found.conflicts} == {"proven"}
    assert 0.0 < found.conflicts[0].nearest.short < 0.5


def heavier(car, mass):
    """A further requirement: a pack of at least so many kg, which leaves the contract of the drive unit to be met."""
    path = next(car.glob("*/requirements/B-MASS.toml"))
    text = path.read_text(encoding="utf-8").replace('id = "B-MASS"', 'id = "X-BAT"')
    (path.parent / "X-BAT.toml").write_text(re.sub(r"at_least = .*", f'at_least = "{mass}"', text), encoding="utf-8")


def test_a_design_that_leaves_a_contract_resolves_nothing_and_is_named(car, tmp_path, capsys, monkeypatch):
    heavier(car, "256 kg")
    found = {tuple(each.requirement for each in one.demands): one for one in conflicts(car).conflicts}
    one = found["I-MASS", "X-BAT"]
    [left] = one.contracts
    assert (left.contract, left.number, left.unit) == ("drive-unit@1", "power_peak", "kW") and left.value < 75.0
    assert one.sure == "proven"
    power = [each.value for eased in one.eased for each in eased.design if each.variable == "MOTOR-POWER"]
    assert len(power) == 2 and min(power) >= 75.0
    run(car, tmp_path / "study", designs=16, only=("I-MASS", "X-BAT"))
    table = StudyTable.read(tmp_path / "study")
    beyond = table.values[:, table.variables.index("MOTOR-POWER")] < 75.0
    whole = conflicts(car, study=tmp_path / "study", search=60)
    assert 0 < beyond.sum() <= whole.designs.leaving and whole.designs.meet == 0
    assert names(whole) == [("I-MASS", "X-BAT")] and whole.conflicts[0].contracts
    said = printed(capsys, monkeypatch, 80, "conflicts", car, "--study", tmp_path / "study", "--search", "60")
    assert "leave a contract, and count for none" in said
    assert "leaves the contract drive-unit@1 meets it" in " ".join(said.split())
    assert said.index("To meet everything at once") < said.index("Conflict 1 of 1")


def test_of_what_is_hidden_only_owner_and_kind_are_told(bus):
    edited(bus, "B-MASS", 'schema = "requirement/1"', 'schema = "requirement/1"\nvisibility = "party"')
    [one] = conflicts(bus).excluded
    assert (one.at_least.party, one.at_least.kind, one.gap) == ("battery-works", "constraint", None)
    assert "B-MASS" not in str(plain(one)) and "2250" not in str(plain(one))
    assert conflicts(bus, party="battery-works").excluded[0].gap == 150.0


def test_a_bound_moved_as_told_resolves_its_conflict_and_099_of_the_move_does_not(car, tmp_path):
    folder = studied(car, tmp_path / "study", designs=4)
    found = conflicts(car, study=folder)
    assert found.designs.count == found.designs.of_study == 5
    [price] = [one for one in found.conflicts if one.demands[0].requirement == "I-PRICE"]
    assert price.sure == "proven"
    [move] = price.eased[0].moves
    assert (move.party, move.bound, move.unit) == ("integrator", 1400.0, "kRUB")
    assert move.bound + move.by <= move.relaxed <= move.bound + move.by / 0.99
    less = f"{move.bound + 0.99 * move.by:.3f}"
    edited(car, "I-PRICE", "1400 kRUB", f"{less} kRUB")
    assert ("I-PRICE",) in names(conflicts(car, study=studied(car, folder, designs=4)))
    edited(car, "I-PRICE", f"{less} kRUB", f"{move.relaxed!r} kRUB")
    assert ("I-PRICE",) not in names(conflicts(car, study=studied(car, folder, designs=4)))


def test_what_is_met_across_a_step_is_missed_by_no_margin(car, tmp_path):
    """The fee of 113 kW lies on the good side of its step with 97 %: that is met, and asks for no other bound."""
    run(car, tmp_path / "study", designs=8, only=("I-FEE",))
    table = StudyTable.read(tmp_path / "study")
    said, margins = table.verdicts[:, 0], table.margins[:, 0]
    assert set(said) == {"met", "open"}
    assert margins[said == "met"] == pytest.approx(1.6) and (margins[said == "open"] < 0.0).all()
    power = table.values[:, table.variables.index("MOTOR-POWER")]
    assert power[said == "met"].max() > 110.0, "the other side is probable enough to be told"
    # A table of an older covolt has the margin of the other side.
    assert margins_of(np.array(["met", "not met", "open"]), np.array([-986.2, 1.6, 1.6]))[:2].tolist() == [
        np.inf,
        -np.inf,
    ]


def test_neither_law_nor_what_is_fixed_is_offered_for_moving(car, tmp_path):
    edited(car, "I-PRICE", 'firmness = "negotiable"', 'firmness = "fixed"')
    found = conflicts(car, study=studied(car, tmp_path / "study"))
    [price] = [one for one in found.conflicts if one.demands[0].requirement == "I-PRICE"]
    assert (price.eased, price.demands[0].may_move) == ((), False)
    assert found.everything == ()
    moved = {each.requirement for one in found.conflicts for eased in one.eased for each in eased.moves}
    may_move = {each.requirement: each.may_move for one in found.conflicts for each in one.demands}
    assert all(may_move[name] for name in moved)


def test_search_adds_designs_and_says_how_many(car, tmp_path):
    no_fee(car)
    folder = studied(car, tmp_path / "study", 8, "I-FEE")
    before, after = conflicts(car, study=folder), conflicts(car, study=folder, search=40)
    sure = {one.demands[0].requirement: (one.sure, one.sought) for one in after.conflicts}
    assert sure["I-FEE"][0] == "searched" and sure["I-FEE"][1] > 0 and sure["I-PRICE"][0] == "proven"
    sought = after.designs.count - after.designs.of_study
    for_everything = sought - sum(one.sought for one in after.conflicts)
    assert 0 < for_everything <= 40
    ways = [
        {tuple(each.requirement for each in one.demands): one.nearest.short for one in found.conflicts}
        for found in (before, after)
    ]
    assert all(ways[1][name] <= ways[0][name] for name in ways[0].keys() & ways[1].keys())
    [[there]] = [one.eased for one in after.conflicts if one.demands[0].requirement == "I-PRICE"]
    assert {one.variable for one in there.design} == {"PACK-SIZE", "GEAR-RATIO", "MOTOR-POWER", "MOTOR-TORQUE", "DRAG"}


def test_what_others_keep_as_their_own_is_not_told_beside_a_conflict(car, tmp_path):
    edited(car, "B-MASS", 'schema = "requirement/1"', 'schema = "requirement/1"\nvisibility = "party"')
    folder = tmp_path / "study"
    run(car, folder, designs=8, only=UNDRIVEN, party="battery-works")
    own, other = (str(plain(conflicts(car, study=folder, party=one))) for one in ("battery-works", "integrator"))
    assert "B-MASS" in own
    assert "B-MASS" not in other and "battery.mass" not in other


def test_what_is_wrong_is_told(car, tmp_path):
    with pytest.raises(NotFound, match="no study here"):
        conflicts(car, study=tmp_path / "none")
    with pytest.raises(InputError, match="30000000 designs"):
        conflicts(car, study=tmp_path / "none", search=30_000_000)
    with pytest.raises(InputError, match="no designs to begin a search from"):
        conflicts(car, search=3)
    folder = studied(car, tmp_path / "study", designs=2)
    edited(car, "I-PRICE", "1400", "1450")
    with pytest.raises(Conflict, match="requirements, interests"):
        conflicts(car, study=folder)


def printed(capsys, monkeypatch, width, *arguments):
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    assert not ended.value.code
    return capsys.readouterr().out


def test_it_is_printed_in_both_languages_and_no_number_is_cut(car, tmp_path, capsys, monkeypatch):
    no_fee(car)
    folder = studied(car, tmp_path / "study", 16, "I-FEE")
    said = [
        printed(capsys, monkeypatch, width, "conflicts", car, "--study", folder, "--language", language)
        for language in ("en", "ru")
        for width in (60, 80)
    ]
    for width, text in zip((60, 80, 60, 80), said, strict=True):
        assert max(map(len, text.splitlines())) <= width
    for narrow, wide in (said[:2], said[2:]):
        assert sorted(re.findall(r"\d[\d.,]*\d", narrow)) == sorted(re.findall(r"\d[\d.,]*\d", wide))
    assert "no design found meets this" in said[1] and "Not confirmed" in said[1]
    assert "из" in said[3] and "integrator: I-PRICE" in said[3]
    assert not re.search(r"\b(the|design|bound)\b", said[3].replace(str(folder), ""))
