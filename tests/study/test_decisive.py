"""What to measure next: against every subset, and by doing what it says."""

import dataclasses
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covolt.library.generic import UNCERTAIN
from covolt.study.verdicts import variation
from covolt.study.verdicts.decisive import halved, next_step, next_steps, to_state
from covolt.study.verdicts.verdict import Contribution, Verdict, combined, conforming, standing_at
from covolt.study.verdicts.verification import verify
from covolt.words import Words

QUICK = {"declaration", "charging-ac", "charging-dc", "un-r85", "iso-8715"}


def moves(effect, number="mass", origin="input"):
    return Contribution(origin, "maker", "battery", number, Words(number), effect, 1.0, "kg")


def verdict(margin, *contributions, laws=()):
    laws = {f"law {index}": one for index, one in enumerate(laws)}
    made = Verdict("R", "within uncertainty", "maker", "need", margin=margin, laws=laws, contributions=contributions)
    return dataclasses.replace(made, probability=conforming(made.margins, contributions))


def test_single_numbers_are_ranked():
    """u = sqrt(9 + 4 + 1); with the 3 halved it is sqrt(2.25 + 5), with the 2 halved sqrt(11)."""
    found = next_step(verdict(5.6, moves(1.0), moves(3.0), moves(2.0)))
    assert [choice.numbers[0].effect for choice in found.alone] == [3.0, 2.0]
    assert [choice.verdict for choice in found.alone] == ["met", "met"]
    assert found.alone[0].probability > found.alone[1].probability
    assert (found.together, found.move) == (None, None)
    assert next_step(verdict(-5.6, moves(1.0), moves(3.0))).alone[0].verdict == "not met"


def test_what_can_be_stated_in_place_of_a_generic_number_is_named():
    def said(number, origin="model", slot=""):
        words = to_state(dataclasses.replace(moves(1.0, number, origin), slot=slot))
        assert words is None or words.said("ru").startswith("задайте")
        return words and words.said("en")

    assert said("drive_loss_ratio") == "state a model loss-map in drive_unit"
    assert said("mesh_efficiency", slot="second_gearbox") == "state second_gearbox efficiency"
    assert said("bearing_coefficient") == "state a model coast-down in body"
    assert said("heat_pump_ratio") is None, "no number of a datasheet takes its place"
    assert said("mass", origin="input") is None


def test_where_no_measurement_decides_the_design_must_move():
    """From a margin of 0.1 with u = 4 to 1.645 u."""
    found = next_step(verdict(0.1, moves(4.0)))
    assert (found.alone, found.together) == ((), None)
    assert found.move == pytest.approx(1.6448536 * 4.0 - 0.1, rel=1e-6)
    both = next_step(verdict(1.0, moves(1.0), laws=(1.0, -9.0)))
    assert both.move == pytest.approx(9.0 + 1.2816, abs=0.01), "nine tenths of the worse law, all of the other"


NUMBERS = ("base_loss_W", "permanent_magnet_loss_W", "mesh_efficiency", "charger_efficiency")


TENTHS = st.integers(-40, 40).map(lambda one: 0.1 * one)


@given(st.floats(0.5, 8.0), st.lists(TENTHS, min_size=1, max_size=4), st.lists(TENTHS, max_size=len(NUMBERS)))
def test_no_shorter_list_decides(margin, inputs, models):
    parts = [moves(one, f"mass {i}") for i, one in enumerate(inputs)] + [
        moves(one, NUMBERS[i], "model") for i, one in enumerate(models)
    ]
    one = verdict(margin, *parts)
    if standing_at(one.probability) != "within uncertainty":
        return
    found = next_step(one)
    size = 1 if found.alone else len(found.together.numbers) if found.together else len(parts) + 1
    subsets = chain.from_iterable(combinations(range(len(parts)), count) for count in range(1, size))
    for some in subsets:
        assert standing_at(conforming(one.margins, halved(parts, some))) == "within uncertainty"
    if found.together is not None:
        chosen = [parts.index(part) for part in found.together.numbers]
        assert combined(halved(parts, chosen)) * 1.6448536 <= margin * (1.0 + 1e-9)


def halve(programme, choice, monkeypatch):
    """The programme with the uncertainties of a choice halved."""
    offers = dict(programme.offers)
    for part in choice.numbers:
        if part.origin == "model":
            sharper = tuple(
                dataclasses.replace(one, standard_uncertainty=0.5 * one.standard_uncertainty)
                if one.name == part.number
                else one
                for one in variation.UNCERTAIN
            )
            monkeypatch.setattr(variation, "UNCERTAIN", sharper)
            continue
        slot = next(one for one in programme.slots.values() if programme.vehicle_slot(one) == part.slot)
        pinned = programme.lock.slots[slot.id].offer
        sheet = offers[pinned].datasheet
        half = f"{0.5 * part.uncertainty!r} {part.unit}" if part.unit != "1" else 0.5 * part.uncertainty
        number = sheet.declared[part.number].model_copy(update={"u": half})
        sheet = sheet.model_copy(update={"declared": {**sheet.declared, part.number: number}})
        offers[pinned] = offers[pinned].model_copy(update={"datasheet": sheet})
    return dataclasses.replace(programme, offers=offers)


def test_halving_what_it_names_gives_the_verdict_that_it_foretold(programme, records, verification, monkeypatch):
    steps = [
        one for one in next_steps(verification.verdicts) if programme.requirements[one.requirement].procedure in QUICK
    ]
    choices = [(one.requirement, choice) for one in steps for choice in (*one.alone[:2], one.together) if choice]
    assert len({name for name, _ in choices}) >= 2
    assert {part.origin for _, choice in choices for part in choice.numbers} == {"input", "model"}
    for name, choice in choices:
        with monkeypatch.context() as patch:
            [found] = verify(halve(programme, choice, patch), records, only=[name]).verdicts
        assert found.verdict.startswith(choice.verdict), name
        assert found.probability == pytest.approx(choice.probability, abs=0.02), name
    assert variation.UNCERTAIN is UNCERTAIN
