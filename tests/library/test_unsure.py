"""An invented number buys no certainty: without u it is known no better than what it replaces."""

from __future__ import annotations

import pytest
from tests.library.test_declared import sheets_of, stated
from tests.library.test_join import loss_table, parts, with_map

from covolt.contract.datasheet import Datasheet, Declared
from covolt.library.generic import GENERIC, UNCERTAIN
from covolt.library.generic_used import generic_numbers_used
from covolt.library.join import join
from covolt.library.unsure import lent, with_lent
from covolt.study.verdicts.variation import Variation, variations
from covolt.vehicle.drive_unit import MapDriveUnit

U = {one.name: one.standard_uncertainty for one in UNCERTAIN}


def found(sheets: dict[str, Datasheet], slot: str, name: str) -> Variation | None:
    return next((one for one in variations(sheets) if (one.slot, one.number) == (slot, name)), None)


def measured(sheet: Datasheet, name: str, value: str) -> Datasheet:
    one = Declared(value=value, basis="measured", source="bench")
    return sheet.model_copy(update={"declared": {**sheet.declared, name: one}})


def test_a_guess_in_place_of_a_generic_number_is_as_unsure_as_it() -> None:
    before = dict(parts())
    assert "pack_resistance_ratio" in generic_numbers_used(before)
    guessed = {**before, "battery": stated(before["battery"], "declared", "resistance", "120 mOhm")}
    assert "pack_resistance_ratio" not in generic_numbers_used(guessed)
    one = found(guessed, "battery", "resistance")
    assert one is not None
    assert (one.uncertainty, one.unit) == (pytest.approx(120.0 * U["pack_resistance_ratio"]), "mOhm")
    assert one.title.said("en").endswith("stated without u") and one.title.said("ru") != one.title.said("en")
    moved = [side.sheets["battery"].declared["resistance"].value_si for side in (one.up, one.down)]
    assert moved == pytest.approx([0.150, 0.090])
    assert (
        found({**before, "battery": measured(before["battery"], "resistance", "120 mOhm")}, "battery", "resistance")
        is None
    )


def test_several_generic_numbers_are_replaced_with_all_their_uncertainty() -> None:
    sheets = {**parts(), "drive_unit": stated(parts()["drive_unit"], "parameters", "loss_constant", "300 W")}
    one = found(sheets, "drive_unit", "loss_constant")
    both = (U["base_loss_W"] ** 2 + U["permanent_magnet_loss_W"] ** 2) ** 0.5
    assert one is not None
    assert one.uncertainty == pytest.approx(
        300.0 * both / (GENERIC.base_loss_W + GENERIC.permanent_magnet_loss_W), 1e-3
    )


def test_a_map_that_nobody_measured_moves_as_a_whole() -> None:
    assert found(with_map(), "drive_unit", "loss_ratio") is None
    guessed = with_map(loss_table().model_copy(update={"basis": "simulated"}))
    one = found(guessed, "drive_unit", "loss_ratio")
    assert one is not None
    assert one.uncertainty == pytest.approx(U["drive_loss_ratio"])
    losses: list[float] = []
    for side in (one.up, one.down):
        unit = join(side.sheets, moved=True).vehicle.axles[0].drive_unit
        assert isinstance(unit, MapDriveUnit)
        losses.append(float(unit.losses.values[3, 5]))
    assert losses[0] / losses[1] == pytest.approx(1.22 / 0.78)


def test_a_guessed_coast_down_and_best_efficiency_keep_what_was_generic() -> None:
    coasting = sheets_of("body", "coast-down")
    names = {(one.slot, one.name) for one in lent(coasting)}
    assert ("body", "coast_down_constant") in names
    unit = stated(parts()["drive_unit"], "declared", "efficiency_peak", 0.9)
    one = found({**parts(), "drive_unit": unit}, "drive_unit", "efficiency_peak")
    assert one is not None
    assert one.uncertainty == pytest.approx(0.9 * 0.1 * U["drive_loss_ratio"], 1e-3)


def test_an_efficiency_never_rises_above_one() -> None:
    charger = parts()["charger"]
    sheets = {**parts(), "charger": stated(charger, "declared", "efficiency", 0.99)}
    one = found(sheets, "charger", "efficiency")
    assert one is not None
    assert one.up.sheets["charger"].declared["efficiency"].value_si == pytest.approx(1.0)
    assert one.step_fractions == (pytest.approx(0.01 / one.uncertainty), 1.0)


def test_what_is_written_twice_is_lent_once() -> None:
    guessed = {**parts(), "battery": stated(parts()["battery"], "declared", "resistance", "0.12 Ohm")}
    again = with_lent(guessed)
    assert [one.name for one in lent(guessed) if one.slot == "battery"] == ["resistance"]
    assert not [one.name for one in lent(again) if one.slot == "battery"]
    assert "no surer" in lent(guessed)[0].problem(guessed[lent(guessed)[0].slot]).what
