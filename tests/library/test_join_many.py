"""Many vehicles joined at once: each equal to the bit to the one joined alone, its refusal too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.house.source import ROOT
from tests.library.test_declared import USUAL, sheets_of, stated
from tests.library.test_join import estimate, parts, with_map
from tests.library.test_kinds import OUTSIDE

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.contract.standard import standard_interface
from covolt.errors import CovoltError
from covolt.library import join_many as module
from covolt.library import kinds as room
from covolt.library.join import Frame, Joined, join
from covolt.library.join_many import World, join_all, join_many
from covolt.library.models import model_kinds
from covolt.programme.reading import read_programme
from covolt.simulation.packed import PackedVehicle, packed
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.variation import moved_together, variations

FRAME = Frame("rear", 40.0)


def alone(world: World, *, moved: bool) -> Joined | CovoltError:
    try:
        return join(world.sheets, FRAME, world.generic, moved=moved)
    except CovoltError as error:
        return error


def told(found: Joined | CovoltError) -> Any:
    """Every number of a vehicle and what it is compiled as, or its refusal."""
    if isinstance(found, CovoltError):
        return str(found)
    car: PackedVehicle = packed(found.vehicle)
    tables = [one.tobytes() for one in car.tables]
    return car.vector_si.tobytes(), tables, car.table_shapes, id(car.structure), repr(found.kerb_mass_kg)


def in_columns(worlds: Sequence[World], *, moved: bool) -> int:
    """How many of the vehicles are made in columns; all are equal to those made alone."""
    found = join_all(worlds, FRAME, moved=moved)
    assert [told(one) for one in found] == [told(alone(one, moved=moved)) for one in worlds]
    groups = [join_many(many, FRAME, moved=moved)[0] for _, many in module._alike(worlds)]
    return sum(len(one.members) for several in groups for one in several)


@pytest.mark.parametrize("example", ["city-car", "city-bus"])
def test_vehicles_with_all_their_uncertain_numbers_moved(example: str) -> None:
    sheets = locked_sheets(read_programme(ROOT / "examples" / example).whole)
    varied = variations(sheets)
    steps = np.random.default_rng(8).normal(size=(24, len(varied)))
    worlds = [moved_together(sheets, row.tolist()) for row in steps]
    worlds = [World(one.sheets, one.generic) for one in worlds]
    assert in_columns(worlds, moved=True) == 24
    sides = [World(one.sheets, one.generic) for varied_one in varied for one in (varied_one.up, varied_one.down)]
    assert in_columns(sides, moved=True) == len(sides)


@pytest.mark.parametrize(("slot", "kind"), sorted(model_kinds()))
def test_any_model_with_any_of_its_numbers(slot: str, kind: str) -> None:
    """Some of all that its datasheet admits, each near its usual value: many of them contradict each other."""
    random = np.random.default_rng(sum(map(ord, slot + kind)))
    sheets = sheets_of(slot, kind)
    places = [("declared", one.name) for one in standard_interface(slot).parameters]
    places += [("parameters", name) for name in model_kinds()[slot, kind].parameters]
    for moved in (False, True):
        picked = [one for one in places if random.random() < 0.6]
        worlds = [World({**sheets, slot: near(sheets[slot], picked, random)}) for _ in range(8)]
        in_columns(worlds, moved=moved)


def near(sheet: Datasheet, places: Sequence[tuple[str, str]], random: np.random.Generator) -> Datasheet:
    for place, name in places:
        known = sheet.declared.get(name) or sheet.model.parameters.get(name)
        value = USUAL.get(name) if known is None else known.value
        if value is None:
            continue
        unit = "1" if isinstance(value, float) else units.unit_of(value).si
        width = 0.01 if unit == "K" else 0.2
        factor = 1.0 + width * float(random.choice([0.0, random.uniform(-1.0, 1.0)]))
        si = factor * (value if isinstance(value, float) else units.parse(value, unit))
        sheet = stated(sheet, place, name, si if unit == "1" else f"{si!r} {unit}")
    return sheet


def with_number(slot: str, name: str, values: Sequence[str | float]) -> list[World]:
    sheets = parts()
    return [World({**sheets, slot: stated(sheets[slot], "declared", name, one)}) for one in values]


def test_designs_on_either_side_of_a_branch_are_made_apart() -> None:
    """A vehicle from 3500 kg on rolls on other bearings."""
    heavy = with_number("body", "mass", [f"{kg} kg" for kg in (700, 3200, 800, 3300, 900, 3400, 1000, 3500, 750)])
    assert in_columns(heavy, moved=False) == 9
    groups = [join_many(many, FRAME)[0] for _, many in module._alike(heavy)]
    assert sorted(sorted(one.members.tolist()) for one in groups[0]) == [[0, 2, 4, 6, 8], [1, 3, 5, 7]]


def test_best_efficiencies_and_pulse_resistances_are_found_for_all_at_once() -> None:
    sheets = parts()
    unit = sheets["drive_unit"].model.model_copy(update={"parameters": {}})
    bare = {**sheets, "drive_unit": sheets["drive_unit"].model_copy(update={"model": unit})}
    worlds = [
        World({**bare, slot: stated(bare[slot], "declared", name, value)})
        for slot, name, values in (
            ("drive_unit", "efficiency_peak", [0.9, 0.91, 0.93, 0.95, 0.96]),
            ("battery", "resistance", ["0.08 Ohm", "0.1 Ohm", "0.11 Ohm", "0.12 Ohm", "0.2 Ohm"]),
        )
        for value in values
    ]
    assert in_columns(worlds, moved=False) == 10


def test_a_refused_design_is_told_as_if_it_were_alone_and_keeps_no_other_from_columns() -> None:
    worlds = with_number("battery", "energy_usable", [f"{kWh} kWh" for kWh in (28, 29, 40, 30, 31, 41, 32)])
    found = join_all(worlds, FRAME)
    assert [isinstance(one, CovoltError) for one in found] == [False, False, True, False, False, True, False]
    assert "energy_usable 40 kWh is more than energy_nominal" in str(found[2])
    assert in_columns(worlds, moved=False) == 5


def test_a_design_that_divides_by_zero_keeps_no_other_from_columns() -> None:
    worlds = with_number("body", "wheelbase", [f"{m} m" for m in (2.2, 2.3, 2.4, 2.5, 0.0, 2.7, 2.8, 2.9, 3.0)])
    groups = [join_many(many, FRAME, moved=True) for _, many in module._alike(worlds)]
    assert 4 in groups[0][1]
    assert sum(len(one.members) for one in groups[0][0]) >= 4
    with pytest.raises(ZeroDivisionError):
        join_all(worlds, FRAME, moved=True)


def test_a_loss_map_that_moves_is_read_for_each_alone() -> None:
    sheets = with_map()
    worlds = [
        World({**sheets, "drive_unit": stated(sheets["drive_unit"], "parameters", "loss_ratio", one)})
        for one in (0.9, 1.0, 1.1, 1.2)
    ]
    assert in_columns(worlds, moved=False) == 0
    tyres = [World({**sheets, "tyre": one.sheets["tyre"]}) for one in with_number("tyre", "grip_coefficient", LOOSE)]
    assert in_columns(tyres, moved=False) == len(LOOSE)


LOOSE = [0.8, 0.85, 0.9, 0.95]


def test_a_parameter_that_is_declared_too_is_passed_over() -> None:
    worlds = [
        World({**one.sheets, "tyre": stated(one.sheets["tyre"], "parameters", "grip_coefficient", beside)})
        for beside in (0.7, 0.75)
        for one in with_number("tyre", "grip_coefficient", LOOSE)
    ]
    assert in_columns(worlds, moved=True) == 0  # the model of tyres has no such parameter: all are refused
    body = stated(parts()["body"], "declared", "reference_density", "1.19 kg/m3")
    several = [
        World({**parts(), "body": stated(body, "parameters", "reference_density", f"{density} kg/m3")})
        for density in (1.0, 1.1, 1.2)
        for _ in range(2)
    ]
    assert in_columns(several, moved=False) == 6


def test_another_packages_model_is_made_for_each_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may do with a number what no column stands for."""
    (tmp_path / "soft.py").write_text(OUTSIDE, encoding="utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    model_kinds.cache_clear()
    try:
        soft = model_kinds()["tyre", "soft"]
        worlds = []
        for one in with_number("tyre", "grip_coefficient", LOOSE):
            tyre = one.sheets["tyre"]
            model = tyre.model.model_copy(update={"kind": "soft", "parameters": {"softness": estimate(1.0)}})
            worlds.append(World({**one.sheets, "tyre": tyre.model_copy(update={"model": model})}))
        assert in_columns(worlds, moved=False) == len(LOOSE)
        monkeypatch.setattr(soft.make, "__module__", "soft_maker")
        assert in_columns(worlds, moved=False) == 0
    finally:
        model_kinds.cache_clear()
