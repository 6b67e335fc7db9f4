"""What to measure next: against a sum worked out by hand, by what each reader may see, and what asks for it."""

import dataclasses
import re
import shutil
from math import sqrt
from statistics import NormalDist

import pytest

from covolt.study.cases.publish import lock, offer
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from tests.workspace.conftest import PERSON, Clock, of
from tests.workspace.unlocked import unlocked

NAME = "small-car"
AT_95 = NormalDist().inv_cdf(0.95)


def carried_of(shown, requirement, key):
    [row] = [one for one in shown.open if one.verdict.requirement == requirement]
    [found] = [one for one in row.carried if one.key == key]
    return found


def masses(programme):
    return {slot.id: one.u for slot in programme.slots for one in slot.numbers if one.name == "mass" and one.u}


def test_shares_and_what_decides_are_those_of_the_sum_of_masses(workspace):
    """Kerb mass = sum of the masses: each adds its own u, u^2 = sum of u_i^2, P = Phi(margin / u)."""
    shown = workspace.measuring.shown(NAME, of("battery-works"), 60.0)
    assert shown.surely
    [row] = [one for one in shown.open if one.verdict.requirement == "I-MASS"]
    u_kg = masses(workspace.programme(NAME, of("battery-works")))
    assert all(one.margin_text.said("en").endswith(row.verdict.unit.said("en")) for one in row.carried)
    margin_kg, whole = row.verdict.margin, sqrt(sum(one**2 for one in u_kg.values()))
    told = {one.key: one for one in row.carried}
    assert {key for key, one in told.items() if one.share >= 0.01} == {
        f"{slot}/mass" for slot, one in u_kg.items() if one**2 >= 0.01 * whole**2
    }
    for slot, one in u_kg.items():
        found = told.get(f"{slot}/mass")
        if found is None:
            continue
        rest = whole**2 - one**2
        half = sqrt(rest + 0.25 * one**2)
        assert found.share == pytest.approx(one**2 / whole**2, rel=1e-3)
        sure = NormalDist().cdf(margin_kg / half)
        assert found.verdict == ("met" if sure >= 0.95 else "within uncertainty")
        assert float(found.probability_text.said("en").split()[0]) == pytest.approx(100.0 * sure, abs=0.06)
        expanded_kg = float(found.margin_text.said("en").split()[2])
        assert expanded_kg == pytest.approx(2.0 * half, abs=0.51)
        left = (margin_kg / AT_95) ** 2 - rest
        assert (found.needed_share is None) == (left < 0.0)
        if left >= 0.0:
            assert found.needed_share == pytest.approx(min(1.0, sqrt(left) / one), abs=1e-3)


def test_numbers_are_asked_for_in_the_order_of_what_they_decide(workspace):
    shown = workspace.measuring.shown(NAME, of("battery-works"), 60.0)
    counts = [len(one.decides) for one in shown.asked]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 1
    assert [one.requirement for one in shown.asked[0].decides] == ["B-MASS"]
    [pack] = [one for one in shown.asked if one.key == "battery/mass"]
    assert (pack.address, pack.party, pack.mine, pack.hidden) == ("battery/mass", "battery-works", True, False)
    [other] = [one for one in workspace.measuring.shown(NAME, of("agency"), 60.0).asked if one.key == "battery/mass"]
    assert other == dataclasses.replace(pack, mine=False)


def test_numbers_of_a_part_that_one_does_not_see_are_told_as_their_partys(tmp_path, small_programme):
    folder = tmp_path / NAME
    shutil.copytree(small_programme, folder)
    part = folder / "battery-works" / "parts" / "pack-33" / "part.toml"
    text = re.sub(r"(?m)^version = .*$", 'version = "7.7.7"\nvisibility = "party"', part.read_text(encoding="utf-8"))
    part.write_text(text, encoding="utf-8")
    day = "2026-11-30"
    lock(folder, pins=[f"battery={offer(part.parent, day=day).offer.reference}"], day=day)
    made = unlocked(Workspace(tmp_path / "home", Clock()))
    made.begin(folder, Reader(PERSON))
    own = made.measuring.shown(NAME, of("battery-works"), 60.0)
    other = made.measuring.shown(NAME, of("integrator"), 60.0)
    made.close()
    mine, told = (
        carried_of(one, "I-MASS", key) for one, key in ((own, "battery/mass"), (other, "party/battery-works"))
    )
    assert told.share == pytest.approx(mine.share)
    assert told.needed.said("en") == ""
    [asked] = [one for one in other.asked if one.hidden]
    assert (asked.address, asked.slot, asked.u.said("en"), asked.half.said("en")) == ("", "", "", "")
    assert asked.title.said("en") == "numbers of Battery works that you do not see"
    assert not any(one.address.startswith("battery/") or one.slot == "battery" for one in other.asked)
    assert not any(one.slot == "battery" for one in other.unstated)
