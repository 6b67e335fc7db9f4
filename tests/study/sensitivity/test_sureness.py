"""Sureness: closed forms of the robust margin and of shares, draws beside the first order, and numbers moved together."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.designs.evaluation import Asked, asked_of
from covolt.study.sensitivity.draws import Drawn, draw, wilson
from covolt.study.sensitivity.sureness import Judged, judged, robust_margin, shares_of
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.variation import moved_together, variations
from covolt.study.verdicts.verdict import Contribution, Verdict, judge
from covolt.words import Text

PHI = NormalDist()


def part(party: str, effect: float, origin: str = "input", number: str = "", **by_law: float) -> Contribution:
    return Contribution(origin, party, "battery", number, Text("made up"), effect, 1.0, "kg", by_law)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def seen(programme: Programme) -> Programme:
    return programme.seen_by(None)


def asked(programme: Programme, *names: str) -> tuple[Asked, ...]:
    return asked_of(programme, names)[0]


@pytest.fixture(scope="module")
def mass(seen: Programme) -> Asked:
    [found] = asked(seen, "I-MASS")
    return found


def verdict(mass: Asked, value: float, *parts: Contribution, laws: dict[str, float] | None = None) -> Verdict:
    requirement: Requirement = mass.requirement
    return judge(requirement, mass.measure, value, parts, laws)


def test_of_one_law_the_robust_margin_is_the_margin_less_z_u(mass: Asked) -> None:
    found = verdict(mass, 1150.0, part("a", 3.0), part("b", -4.0))
    assert found.margin == pytest.approx(10.0) and found.uncertainty == pytest.approx(5.0)
    assert robust_margin(found, 0.95) == pytest.approx(10.0 - PHI.inv_cdf(0.95) * 5.0)
    assert robust_margin(found, 0.5) == pytest.approx(10.0)
    # It is met so surely as it is probable: there nothing is left of the margin.
    assert found.probability is not None
    assert robust_margin(found, found.probability) == pytest.approx(0.0, abs=1e-9)


def test_where_laws_disagree_it_is_there_over_all_of_them(mass: Asked) -> None:
    parts = (part("a", 5.0, low=5.0, high=2.0),)
    found = verdict(mass, 1150.0, *parts, laws={"low": 1150.0, "high": 1130.0})
    margin = robust_margin(found, 0.9)
    assert margin is not None
    sure = 0.5 * (PHI.cdf((10.0 - margin) / 5.0) + PHI.cdf((30.0 - margin) / 2.0))
    assert sure == pytest.approx(0.9, abs=1e-9)


def test_what_is_sure_or_lost_has_its_margin_or_none(mass: Asked) -> None:
    sure = verdict(mass, 1150.0)
    assert robust_margin(sure, 0.95) == pytest.approx(10.0) and shares_of(sure) == {}
    assert robust_margin(Verdict("X", "not verified", "a", "need"), 0.95) is None


def test_shares_are_by_party_and_sum_to_one_with_the_models(mass: Asked) -> None:
    parts = [part("a", 3.0), part("b", -4.0), part("a", 1.0), part("", 2.0, "model", "drive_loss_ratio")]
    found = shares_of(verdict(mass, 1150.0, *parts))
    assert found == pytest.approx({"a": 10.0 / 30.0, "b": 16.0 / 30.0, "": 4.0 / 30.0})


def test_numbers_moved_together_are_those_moved_alone(programme: Programme) -> None:
    sheets = locked_sheets(programme)
    varied = variations(sheets)
    for at in (0, len(varied) // 2, len(varied) - 1):
        alone = varied[at].up
        steps = [0.0] * len(varied)
        steps[at] = varied[at].step_fractions[0]
        found = moved_together(sheets, steps)
        assert found.generic == alone.generic
        slot = varied[at].slot
        if varied[at].origin == "input":
            values = [
                {name: number.value_si for name, number in (*one.declared.items(), *one.model.parameters.items())}
                for one in (found.sheets[slot], alone.sheets[slot])
            ]
            assert values[0] == pytest.approx(values[1], rel=1e-14)
            assert values[0] != {name: one.value_si for name, one in sheets[slot].declared.items()}


def test_physics_ends_what_is_drawn(programme: Programme) -> None:
    sheets = locked_sheets(programme)
    far = moved_together(sheets, [50.0] * len(variations(sheets)))
    numbers = [
        (name, one.value_si)
        for sheet in far.sheets.values()
        for name, one in (*sheet.declared.items(), *sheet.model.parameters.items())
        if name.startswith("efficiency") and one.value_si > 0.0
    ]
    assert numbers and max(value for _, value in numbers) <= 1.0
    assert far.generic.mesh_efficiency <= 0.995


def test_draws_bear_out_the_first_order(seen: Programme) -> None:
    these = asked(seen, "I-MASS", "I-PARTS", "I-POINTS", "D-TORQUE")
    sheets = locked_sheets(seen)
    linear = judged(seen, sheets, these, store=MemoryRecords())
    drawn = draw(seen, sheets, these, draws=400, seed=1)
    for one, of in zip(linear, drawn, strict=True):
        assert of is not None and of.lost == 0 and of.draws == 400
        low, high = wilson(of.probability, of.draws, 3.5)
        assert one.verdict.probability is not None and low <= one.verdict.probability + 1e-9 <= high + 2e-9
        u, margin = one.verdict.uncertainty or 0.0, robust_margin(one.verdict, 0.95)
        assert of.uncertainty == pytest.approx(u, rel=0.12, abs=1e-9)
        assert of.surely(0.95) == pytest.approx(margin, abs=0.3 * u + 1e-9)
        assert one.bend == pytest.approx(0.0, abs=1e-6)
        assert sum(shares_of(one.verdict).values()) == pytest.approx(1.0 if u else 0.0)
    again = draw(seen, sheets, these[:1], draws=8, seed=1)
    assert again[0] is not None


def test_todays_numbers_are_those_of_verify(seen: Programme) -> None:
    from covolt.study.verdicts.verification import verify

    [same] = judged(seen, locked_sheets(seen), asked(seen, "I-MASS"), store=MemoryRecords())
    [told] = verify(seen, MemoryRecords(), only=["I-MASS"]).verdicts
    assert isinstance(same, Judged)
    for name in ("value", "margin", "uncertainty", "probability"):
        assert getattr(same.verdict, name) == getattr(told, name)


def test_what_gives_no_number_counts_as_not_met() -> None:
    margins = np.array([[1.0], [2.0], [np.nan], [-np.inf]])
    found = Drawn(margins, 1, 1)
    assert found.probability == 0.5 and found.surely(0.5) == 1.0 and found.surely(0.9) == -np.inf
    assert found.uncertainty == pytest.approx(np.sqrt(0.5))


def test_wilsons_interval_holds_the_share_and_stays_within_one() -> None:
    assert wilson(0.0, 100)[0] == 0.0 and wilson(1.0, 100)[1] == pytest.approx(1.0)
    low, high = wilson(0.5, 400)
    assert (low, high) == pytest.approx((0.4512, 0.5488), abs=1e-4)
