"""Designs that leave what parties agreed: found as the contracts themselves find them, and told."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from covolt.errors import Conflict, InputError
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.study.cases.study import resume, run
from covolt.study.cases.study_shown import design, show
from covolt.study.cases.verify import verify
from covolt.study.designs.chunks import written
from covolt.study.designs.contracts import contract_limits, contract_margins, contract_notices
from covolt.study.designs.plan import demand_current, read_plan
from covolt.study.designs.sampling import sample
from covolt.study.designs.space import DesignSpace
from covolt.study.gate.check import check_programme
from covolt.study.gate.design_notices import design_notices
from covolt.study.negotiation.numbers import changes_of, contracts_left
from tests.house.source import ROOT
from tests.signed import shipped_anchor
from tests.study.designs.conftest import left_by_contracts, put


@pytest.mark.parametrize("example", ["city-car", "city-bus"])
def test_a_design_leaves_what_its_datasheets_leave(example: str) -> None:
    programme = read_programme(ROOT / "examples" / example).seen_by(None)
    space = DesignSpace.of(programme)
    limits = contract_limits(programme, space)
    values = sample(space, "sobol", count=64, seed=3)
    margins = contract_margins(limits, space.names, values)
    found = [
        {(one.slot, one.number) for one, margin in zip(limits, row, strict=True) if margin < 0.0} for row in margins
    ]
    assert found == [left_by_contracts(programme, space, row) for row in values]
    assert (margins[0] >= 0.0).all(), "what is locked keeps its contracts"
    assert any(found) == (example == "city-car")


def test_a_number_that_is_exactly_agreed_keeps_its_contract(space: DesignSpace, programme: Programme) -> None:
    (mass,) = (one for one in contract_limits(programme, space) if one.name == "contract: battery mass")
    assert str(mass.said) == "at most 270 kg" and mass.scale == 270.0
    values = {"PACK-SIZE": np.array([35.5, 36.0, 35.5 * (1.0 + 1e-14), 30.5])}
    assert mass.margins(values) == pytest.approx([0.0, -3.5, 0.0, 35.0], abs=1e-9)
    assert list(mass.margins(values) >= 0.0) == [True, False, True, True]


def test_a_settled_number_that_is_exactly_agreed_keeps_its_contract(space: DesignSpace, programme: Programme) -> None:
    """Rounding beyond 270 kg counts as in a study; a millionth beyond it does not."""
    seen = programme.seen_by(None)
    for beyond, left in ((1e-12, 0), (1e-6, 1)):
        values = np.array([35.5 * (1.0 + beyond) if one.id == "PACK-SIZE" else one.locked for one in space.variables])
        assert ("battery", "mass") in left_by_contracts(programme, space, values)
        assert len(list(contracts_left(seen, space, values, changes_of(space, values)))) == left


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        (("8.0", "10.0"), 0),
        (("9.5", "10.0"), 1),
        (("8.0", "9.0"), 1),
    ],
)
def test_a_range_without_the_value_of_today_is_told(city_car: Path, ends: tuple[str, str], told: int) -> None:
    low, high = ends
    space = put(city_car, f'number = "ratio"\nlowest = {low}\nhighest = {high}\n', party="drive-works")
    space.write_text(space.read_text(encoding="utf-8").replace('"battery"', '"gearbox"'), encoding="utf-8")
    said = [one for one in check_programme(city_car)[1] if "today's value" in str(one.what)]
    assert [str(one.what) for one in said] == [
        f"X: today's value 9.3 lies outside of its range, {float(low):g} to {float(high):g}"
    ] * told
    assert all(one.where.startswith("drive-works/designs/X.toml") for one in said)


def test_each_variable_whose_range_leaves_contracts_is_told_once(programme: Programme, space: DesignSpace) -> None:
    pack, power = contract_notices(programme, space)
    assert str(pack.what) == (
        "PACK-SIZE: below 27.2742 kWh, discharge_power_peak leaves the contract battery@1 (at least 85 kW); "
        "below 29 kWh, energy_usable leaves the contract battery@1 (at least 29 kWh); "
        "above 35.5 kWh, mass leaves the contract battery@1 (at most 270 kg)"
    )
    assert "below 75 kW, power_peak leaves the contract drive-unit@1 (at least 75 kW)" in str(power.what)
    assert "drive-works, integrator" in str(power.hint) and power.where == "drive-works/designs/MOTOR-POWER.toml"


def test_check_and_run_tell_ranges_that_leave_contracts(city_car: Path, tmp_path: Path) -> None:
    space = put(city_car, 'number = "ratio"\nlowest = 7.5\nhighest = 10.0\n', party="drive-works")
    space.write_text(space.read_text(encoding="utf-8").replace('"battery"', '"gearbox"'), encoding="utf-8")
    assert not [one for one in check_programme(city_car)[1] if "leaves the contract" in str(one.what)]
    space.write_text(space.read_text(encoding="utf-8").replace("10.0", "12.5"), encoding="utf-8")
    (told,) = (one for one in check_programme(city_car)[1] if "leaves the contract" in str(one.what))
    assert str(told.what) == "X: above 12, ratio leaves the contract gearbox@1 (7 … 12)"
    done = run(city_car, tmp_path / "few", designs=2, only=("I-MASS",))
    assert str(told.what) in [str(one.what) for one in done.notices]


def test_a_study_counts_and_marks_designs_that_leave_a_contract(programme: Programme, tmp_path: Path) -> None:
    run(programme, tmp_path / "some", designs=16, only=("I-PARTS",))
    space = DesignSpace.of(programme.seen_by(None))
    values = sample(space, "sobol", count=16, seed=0)
    left = [bool(left_by_contracts(programme, space, row)) for row in values]
    found = show(tmp_path / "some")
    assert found.leaving == sum(left) and 0 < sum(left) < 17
    assert found.meeting_all_and_contracts is not None and found.meeting_all_and_contracts < found.meeting_all
    assert not {at for at, each in enumerate(left) if each} & set(found.first_meeting_all_and_contracts)
    for at, each in enumerate(left):
        assert bool(design(tmp_path / "some", at).leaves) == each


def test_a_study_from_before_contracts_were_looked_at_is_read(programme: Programme, tmp_path: Path) -> None:
    run(programme, tmp_path / "old", designs=3, only=("I-PARTS",))
    plan = tmp_path / "old" / "study.toml"
    stated = plan.read_text(encoding="utf-8").partition("[[contracts]]")[0].replace("checksums = true\n", "")
    plan.write_text(stated, encoding="utf-8")
    for path in written(tmp_path / "old"):
        pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).replace_schema_metadata(None), path)
    found = show(tmp_path / "old")
    assert found.contracts is None and found.leaving is None and found.meeting_all_and_contracts is None
    assert found.written == 4 and design(tmp_path / "old", 2).leaves == ()


def test_a_study_under_other_contracts_is_read_but_not_gone_on_with(city_car: Path, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    run(city_car, folder, designs=2, only=("I-MASS",))
    contract = city_car / "contracts" / "battery.toml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("270 kg", "250 kg"), encoding="utf-8")
    with pytest.raises(Conflict, match="contracts have other limits now"):
        resume(folder)
    read = read_programme(city_car).seen_by(None)
    demand_current(folder, read_plan(folder), read, DesignSpace.of(read), judging=False)


def test_a_study_of_nothing_is_refused(programme: Programme, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="A-R100: shown by a document") as refused:
        run(programme, tmp_path / "x", designs=2, only=("A-R100",))
    assert len(refused.value.problems) == 1 and not (tmp_path / "x").exists()
    assert run(programme, tmp_path / "y", designs=2, only=("A-R100", "I-MASS")).left_out.keys() == {"A-R100"}


@pytest.mark.whole
def test_an_offer_to_choose_that_nobody_has_signed_is_told(tmp_path: Path) -> None:
    bus = shutil.copytree(ROOT / "examples" / "city-bus", tmp_path / "bus", ignore=shutil.ignore_patterns(".covolt"))
    with shipped_anchor():
        assert not design_notices(read_programme(bus).seen_by(None))
        (signature,) = [
            one
            for one in bus.rglob("*.toml")
            if 'subject = "offer"' in (said := one.read_text(encoding="utf-8")) and "saloon-30@2.1.0" in said
        ]
        signature.unlink()
        (told,) = design_notices(read_programme(bus).seen_by(None))
        assert str(told.what) == "bus-works/saloon-30@2.1.0 is not its party's signed word: unsigned"
        assert str(told.what) in [str(one.what) for one in check_programme(bus)[1]]
        done = run(bus, tmp_path / "few", designs=2, only=("B-MASS",))
        tried = verify(bus, only=("B-MASS",), tried=("cabin=bus-works/saloon-30@2.1.0",))
    assert str(told.what) in [str(one.what) for one in done.notices]
    assert str(told.what) in [str(one.what) for one in tried.notices]
