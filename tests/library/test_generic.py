"""The generic set: every uncertain number moves the vehicles that leave it open, and no others."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import jax
import numpy as np
import pytest
from tests.library.test_join import loss_table, parts
from tests.sample import LABORATORY, figures

from covolt.contract.datasheet import Axis, Datasheet, Declared, Model, Table
from covolt.library.build import car
from covolt.library.generic import GENERIC, UNCERTAIN, Generic, correlation, moved
from covolt.library.interval import drive_intervals, plug_intervals
from covolt.library.join import generic_numbers_used, join
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow

DRAG: dict[str, Any] = {
    "coast_down": None,
    "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.008},
}


def moves(make: Any) -> set[str]:
    """Names of the uncertain numbers that move what is made of them."""
    before = jax.tree.leaves(make(GENERIC))
    found: set[str] = set()
    for number in UNCERTAIN:
        after = jax.tree.leaves(make(moved(GENERIC, number.name, 0.5 * number.standard_uncertainty)))
        if any(not np.array_equal(one, other) for one, other in zip(before, after, strict=True)):
            found.add(number.name)
    return found


def test_every_number_is_a_field_within_its_range_with_a_source_and_both_languages() -> None:
    names = {field.name for field in fields(Generic)}
    for number in UNCERTAIN:
        assert number.name in names
        assert number.lowest <= getattr(GENERIC, number.name) <= number.highest
        assert number.standard_uncertainty > 0.0
        assert number.source
        assert number.title.said("en")
        assert number.title.said("ru")
    assert len({number.name for number in UNCERTAIN}) == len(UNCERTAIN)


def test_correlations_make_a_covariance() -> None:
    names = [number.name for number in UNCERTAIN]
    matrix = np.array([[correlation(one, other) for other in names] for one in names])
    assert np.array_equal(matrix, matrix.T)
    assert np.all(np.diag(matrix) == 1.0)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9


def test_a_name_that_the_set_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        moved(GENERIC, "mass_exponent", 1.0)


def test_every_number_moves_a_car() -> None:
    seen = moves(lambda generic: car(figures(**DRAG), generic))
    seen |= moves(lambda generic: car(figures(motor_kind="induction"), generic))
    seen |= moves(lambda generic: car(figures(motor_kind="externally-excited"), generic))
    seen |= moves(lambda generic: car(figures(heat_pump=True), generic))
    seen |= moves(lambda generic: car(figures(inverter_kind=None), generic))
    seen |= moves(lambda generic: car(figures(cabin_size=4.5), generic))
    assert seen == {number.name for number in UNCERTAIN}


def declared(sheet: Datasheet, name: str, value: str | float) -> Datasheet:
    return sheet.model_copy(update={"declared": {**sheet.declared, name: Declared(value=value, basis="estimate")}})


def charging_power() -> Table:
    """A charging curve of its maker."""
    axis = Axis(name="state_of_charge", unit="1", values=(0.1, 0.8))
    return Table(unit="kW", axes=(axis,), values=(50.0, 30.0), basis="supplier")


def variants(sheets: dict[str, Datasheet]) -> dict[str, dict[str, Datasheet]]:
    """The vehicle with other things left open or said."""

    def unit(slot: str = "drive_unit", **parameters: str | float) -> dict[str, Datasheet]:
        said = {name: Declared(value=value, basis="estimate") for name, value in parameters.items()}
        model = sheets[slot].model.model_copy(update={"parameters": said})
        return {slot: sheets[slot].model_copy(update={"model": model})}

    loss_map = sheets["drive_unit"].model_copy(update={"model": Model(kind="loss-map", tables={"loss": loss_table()})})
    open_gearbox = {k: v for k, v in sheets["gearbox"].declared.items() if k != "efficiency"}
    return {
        "as it is": {},
        "loss map": {"drive_unit": loss_map},
        "induction": unit(motor_induction=1.0),
        "externally excited, silicon carbide": unit(motor_externally_excited=1.0, inverter_silicon_carbide=1.0),
        "silicon": unit(inverter_silicon_carbide=0.0),
        "constant loss": unit(loss_constant="300 W"),
        "open gearbox": {"gearbox": sheets["gearbox"].model_copy(update={"declared": open_gearbox})},
        "cabin": {"cabin": declared(sheets["cabin"], "heat_transfer", "60 W/K")},
        "heat pump": {"cabin": declared(sheets["cabin"], "heat_pump", 1.0)},
        "fresh air": {"cabin": declared(sheets["cabin"], "fresh_air", "0.05 kg/s")},
        "saloon of a bus": {"cabin": declared(sheets["cabin"], "heat_transfer", "300 W/K")},
        "charging curve": {
            "battery": sheets["battery"].model_copy(update={"tables": {"charging_power": charging_power()}})
        },
    }


def used(variant: str) -> set[str]:
    sheets = parts()
    return set(generic_numbers_used({**sheets, **variants(sheets)[variant]}))


def test_a_stated_kind_keeps_the_numbers_of_its_kind_and_no_others() -> None:
    kinds = {"permanent_magnet_loss_W", "externally_excited_loss_W", "induction_loss_W"}
    for variant, own in (
        ("as it is", "permanent_magnet_loss_W"),
        ("induction", "induction_loss_W"),
        ("externally excited, silicon carbide", "externally_excited_loss_W"),
    ):
        assert used(variant) & kinds == {own}
    inverter = {"silicon_fraction", "silicon_torque_loss_W_per_Nm"}
    assert used("as it is") & inverter == inverter
    assert used("silicon") & inverter == {"silicon_torque_loss_W_per_Nm"}
    assert used("externally excited, silicon carbide") & inverter == set()
    assert "heat_pump_ratio" in used("heat pump") - used("as it is")


def relative_u(**stated: Any) -> float:
    """Of the plug energy over UDDS."""
    (found,) = plug_intervals(figures(**stated), [follow(standard("udds"), LABORATORY)])
    return found.standard_uncertainty / found.value


def test_an_interval_is_wider_where_the_inverter_is_unknown_and_follows_the_kind_of_machine() -> None:
    unknown, silicon, carbide = (relative_u(inverter_kind=kind) for kind in (None, "silicon", "silicon-carbide"))
    assert unknown > 1.05 * silicon > 1.05 * carbide > 0.0
    magnets, excited, induction = (
        relative_u(motor_kind=kind) for kind in ("permanent-magnet", "externally-excited", "induction")
    )
    assert magnets < excited < induction


def test_a_heat_pump_has_its_own_uncertainty_in_the_cold() -> None:
    """Of the cabin's energy: a resistance heater turns all of it into heat, a pump as well as the set knows."""
    cold = follow(standard("udds"), Conditions(ambient_temperature_K=268.15, comforts_on=True))
    cabin = [drive_intervals(figures(heat_pump=pump), cold)["cabin climate"] for pump in (False, True)]
    assert cabin[1].value < cabin[0].value
    resistance, pump = (one.standard_uncertainty / one.value for one in cabin)
    assert pump > resistance > 0.0


NAMES = (
    "as it is", "loss map", "induction", "externally excited, silicon carbide", "silicon", "constant loss",
    "open gearbox", "cabin", "heat pump", "fresh air", "saloon of a bus", "charging curve",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_be_used_is_what_moves_the_vehicle(name: str) -> None:
    sheets = parts()
    part = {**sheets, **variants(sheets)[name]}
    assert set(generic_numbers_used(part)) == moves(lambda generic: join(part, generic=generic).vehicle)
