"""Admission and protocol: what a settlement keeps, how far it moves what may move, and what refusals lead to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covolt.study.negotiation.admission import Demanded, admitted, minimal_set
from covolt.study.negotiation.gains import Stake
from covolt.study.negotiation.protocol import Case, Limit, NoneLeft, Settled, next_settlement

MASS = np.arange(2000.0, 2401.0, 10.0)
"""Of a battery, kg: the works certifies from 2250 kg on, the bus's maker has a free floor up to 2100 kg."""
ALL = np.ones(len(MASS), dtype=bool)


def demanded(**more):
    light = Demanded("W-BATTERY", "bus-works", "kg", firm=False, scale=2100.0, accepted=more.get("light"))
    heavy = Demanded("B-MASS", "battery-works", "kg", firm=False, scale=2250.0, accepted=more.get("heavy"))
    law = Demanded("A-AXLE", "agency", "kg", firm=True, scale=2300.0)
    return (light, heavy, law)


MARGINS = np.column_stack([2100.0 - MASS, MASS - 2250.0, 2300.0 - MASS])


def masses(found):
    return MASS[found.rows].tolist()


def test_where_a_design_keeps_everything_only_such_may_be_settled_on():
    found = admitted(demanded()[::2], MARGINS[:, ::2], ALL)
    assert found.stage == "kept"
    assert masses(found) == MASS[MASS <= 2100.0].tolist()


def test_bounds_move_as_far_as_their_owners_accept_and_laws_do_not():
    found = admitted(demanded(light=140.0, heavy=100.0), MARGINS, ALL)
    assert found.stage == "accepted"
    assert masses(found) == [2150.0 + step for step in range(0, 91, 10)]
    further = admitted(demanded(light=300.0, heavy=300.0), MARGINS, ALL)
    assert max(masses(further)) == 2300.0


def test_what_nobody_states_moves_as_little_as_can_be():
    found = admitted(demanded(heavy=100.0), MARGINS, ALL)
    assert found.stage == "least"
    assert masses(found) == [2150.0]
    assert found.least == pytest.approx({"W-BATTERY": 50.0})


def test_what_is_not_known_is_not_kept():
    margins = np.where(MARGINS == 0.0, np.nan, MARGINS)
    assert 2300.0 not in masses(admitted(demanded(light=300.0, heavy=300.0), margins, ALL))
    unknown = np.column_stack([MARGINS[:, :2], np.full(len(MASS), np.nan)])
    assert admitted(demanded(light=300.0, heavy=300.0), unknown, ALL) is None


def test_as_few_needs_as_can_be_are_missed_and_then_as_few_wishes():
    """Needs that exclude each other, a wish beside each: two needs hold from 2200 kg on, with one wish from 2300 kg on."""
    light = Demanded("LIGHT", "bus-works", "kg", firm=False, scale=2100.0, kind="need")
    heavy = [Demanded(name, "battery-works", "kg", firm=False, scale=2200.0, kind="need") for name in ("A", "B")]
    wish = Demanded("ROOM", "operator", "kg", firm=False, scale=2300.0, kind="wish")
    margins = np.column_stack([2100.0 - MASS, MASS - 2200.0, MASS - 2150.0, MASS - 2300.0])
    found = admitted((light, *heavy, wish), margins, ALL)
    assert found.stage == "fewest"
    assert masses(found) == MASS[MASS >= 2300.0].tolist()


LIGHT = Stake("bus-works", "LIGHT", worst=2240.0, aspiration=2040.0, unit="kg")
CERTIFIED = Stake("battery-works", "CERTIFIED", worst=2150.0, aspiration=2250.0, unit="kg")


def case(stakes=(CERTIFIED, LIGHT), **more):
    values = np.column_stack([MASS for _ in stakes])
    return Case(tuple(stakes), values, demanded(**{"light": 140.0, "heavy": 100.0} | more), MARGINS, MASS[:, None])


def test_a_settlement_shares_what_is_between_two_bounds_that_exclude_each_other():
    """Gains (m - 2150)/100 and (2240 - m)/200 from 2150 to 2240 kg: shares of the best are equal in the middle, at 2195 kg."""
    found = next_settlement(case())
    assert isinstance(found, Settled)
    assert found.admission.stage == "accepted"
    assert sorted(MASS[list(found.tied)].tolist()) == [2190.0, 2200.0]
    assert MASS[found.row] == 2190.0
    assert found.by_party == pytest.approx({"battery-works": 0.4, "bus-works": 0.25})


def test_refusals_lead_on_until_none_is_left():
    """Who refuses says what it would accept; the next settlement keeps that, and the last refusal excludes everything."""
    here = case()
    lighter = Limit("bus-works/LIGHT by its refusal", "bus-works", MASS <= 2170.0)
    heavier = Limit("battery-works/CERTIFIED by its refusal", "battery-works", MASS >= 2180.0)
    second = next_settlement(here, [lighter])
    assert MASS[second.row] == 2170.0
    assert second.by_party["bus-works"] > next_settlement(here).by_party["bus-works"]
    assert next_settlement(here, [lighter, heavier]) == NoneLeft((heavier.name, lighter.name))


def test_of_none_that_all_accept_the_demands_are_a_minimal_set():
    stubborn = Stake("battery-works", "CERTIFIED", worst=2310.0, aspiration=2400.0, unit="kg")
    found = next_settlement(case((stubborn, Stake("operator", "PRICE", 3000.0, 2000.0))))
    assert found == NoneLeft(("A-AXLE", "battery-works/CERTIFIED"))


def test_parties_that_are_asked_in_another_order_get_the_same():
    assert next_settlement(case((LIGHT, CERTIFIED))).row == next_settlement(case()).row


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=6))
def test_a_minimal_set_excludes_everything_and_loses_that_without_any_member(rows):
    met = {f"D{at}": np.array(one) for at, one in enumerate(rows)}
    found = minimal_set(met)
    assert found == minimal_set(dict(reversed(met.items())))
    if np.logical_and.reduce(list(met.values())).any():
        assert found == ()
        return
    assert not np.logical_and.reduce([met[one] for one in found]).any()
    for name in found:
        rest = [met[one] for one in found if one != name]
        assert not rest or np.logical_and.reduce(rest).any()
