"""Values that rest alone on numbers without a stated uncertainty: named, found by few vehicles, and told as such everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from covolt.contract.datasheet import Declared
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.study.negotiation.surely import _sure
from covolt.study.negotiation.wording import sureness_said
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.report.dossier import dossier_of
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.listed import in_own_unit, junit_text, numbers_of, table_text, verdict_table
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.unstated import UnstatedNumbers, is_sure
from covolt.study.verdicts.unstated_number import Unstated, unstated_count, unstated_hint, unstated_said
from covolt.study.verdicts.variation import World
from covolt.study.verdicts.verdict import Verdict, margin_text, value_text
from covolt.study.verdicts.verification import Verification, given_of, verify
from tests.house.source import ROOT

pytestmark = pytest.mark.whole
STOPS, SPEED = "A-R13", "W-SPEED"
BRAKES = 'u = "… m/s2"'


@pytest.fixture(scope="module")
def bus() -> Programme:
    return read_programme(ROOT / "examples" / "city-bus")


@pytest.fixture(scope="module")
def found(bus: Programme) -> Verification:
    return verify(bus, MemoryRecords(), only=[STOPS, SPEED])


def of(found: Verification, name: str) -> Verdict:
    return next(one for one in found.verdicts if one.requirement == name)


def test_nobody_can_say_how_sure_it_is(found: Verification) -> None:
    one = of(found, STOPS)
    assert (one.verdict, one.uncertainty, one.expanded, one.inputs, one.models, one.probability) == ("met", *[None] * 5)
    assert one.margin is not None and one.margin > 0.0
    [number] = one.unstated
    assert number == Unstated(
        "bus-works", "brake", "bus-works/ebs-12@1.0.0", "deceleration_maximum", "estimate", BRAKES
    )
    assert value_text(one).endswith(" ± ?") and margin_text(one, "ru").endswith(" ± ?")


def test_what_no_number_moves_stays_sure(found: Verification) -> None:
    one = of(found, SPEED)
    assert one.unstated == () and one.probability == 1.0 and is_sure(one)
    assert "?" not in value_text(one) + margin_text(one)


def test_every_list_says_it_in_its_place(found: Verification, bus: Programme) -> None:
    said = "no uncertainty is stated of deceleration_maximum of bus-works/ebs-12@1.0.0, an estimate"
    one = of(found, STOPS)
    assert numbers_of(in_own_unit(one, bus.requirements[STOPS]), bus.requirements[STOPS])[2].endswith("± ?")
    shown = "\n".join(map(str, [*one.as_tables(), verdict_table(found, bus)]))
    assert shown.count("± ?") >= 3 and said in str(one.as_tables()[0].rows) and "1 verdict rests" in shown
    [head, *rows] = table_text(found, bus).splitlines()
    row = dict(zip(head.split(","), next(one for one in rows if one.startswith(STOPS)).split(","), strict=False))
    assert row["probability"] == row["expanded_uncertainty"] == "" and row["unstated"].strip('"') in said
    assert said in junit_text(found, bus)
    assert str(unstated_said(one.unstated)) == said and BRAKES in str(unstated_hint(one.unstated))
    assert unstated_count(found.verdicts) and not unstated_count([of(found, SPEED)])


def test_a_dossier_and_a_settlement_give_it_no_probability(found: Verification, bus: Programme) -> None:
    said, _ = dossier_of(bus, found, (), ("requirement", STOPS), ("agency", "type-approval-officer", "0" * 64))
    [row] = said.assessment
    assert (row.probability, row.expanded) == (None, 0.0) and str(unstated_said(of(found, STOPS).unstated)) in str(
        row.why
    )
    sure = _sure(of(found, STOPS), bus.requirements[STOPS])
    assert (sure.probability, sure.bound_kept, str(sureness_said(sure))) == (None, None, "") and sure.unstated


class _Counted(Bench):
    """A bench that says how many vehicles with numbers moved were asked for."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # pyright: ignore[reportArgumentType]
        self.asked = 0

    def measures(self, procedure, given, world):
        self.asked += 1
        return super().measures(procedure, given, world)


def test_halves_find_the_same_as_each_number_moved_alone(bus: Programme) -> None:
    sheets = locked_sheets(bus)
    bench = _Counted(Setting.of(bus), MemoryRecords())
    numbers = UnstatedNumbers(bench, sheets)
    declaration = procedures()["declaration"]
    verdict = Verdict("X", "met", "bus-works", "need", measure="vehicle.kerb_mass", value=1.0, uncertainty=0.0)
    told = numbers.behind(verdict, declaration, Given())
    asked, own = bench.asked, bench.record(declaration, Given(), sheets)
    alone = [
        one.unstated
        for one in numbers._numbers
        if bench.measures(declaration, Given(), World({**sheets, one.slot: one.moved_in(sheets[one.slot])})).measures
        != own.measures
        and one.unstated.number == "mass"
    ]
    assert list(told) == alone and 1 < len(alone) < len(numbers._numbers)
    assert asked < 2 * len(numbers._numbers)
    assert numbers.behind(replace(verdict, uncertainty=0.1), declaration, Given()) == ()


def test_of_what_no_number_moves_one_vehicle_is_asked_for(found: Verification, bus: Programme) -> None:
    bench = _Counted(Setting.of(bus), MemoryRecords())
    numbers = UnstatedNumbers(bench, locked_sheets(bus))
    assert numbers.behind(of(found, SPEED), procedures()["un-r68"], given_of(bus.requirements[SPEED], bus)) == ()
    assert bench.asked == 1


def test_numbers_that_would_undo_each_other_are_moved_by_other_shares(bus: Programme) -> None:
    """A speed n r / i moves with r and i by the same share not at all."""
    numbers = UnstatedNumbers(Bench(Setting.of(bus), MemoryRecords()), locked_sheets(bus))
    steps = [one.step_fraction for one in numbers._numbers]
    assert len(set(steps)) == len(steps) and all(0.005 <= one <= 0.01 for one in steps)


@pytest.mark.parametrize(
    ("value", "spelling"), [("20 degC", 'u = "… K"'), (0.9, "u = …"), ("6.5 m/s2", BRAKES), ("262 kg", 'u = "… kg"')]
)
def test_an_owner_is_told_what_to_write(value: str | float, spelling: str) -> None:
    one = Declared(value=value, basis="supplier")
    assert Unstated.of("maker", "battery", "maker/pack@1.0.0", "limit", one).spelling == spelling
