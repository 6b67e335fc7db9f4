"""Every number that an interface or a model admits has a consequence, is refused, or is said not to be used."""

from __future__ import annotations

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.library.test_join import estimate, parts, with_gears, with_map
from tests.study.conftest import CITY_CAR

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.contract.standard import standard_interface
from covolt.errors import AssemblyError, CovoltError, InputError
from covolt.library.declared import best_of_map, declared_problems, not_used, not_used_beside
from covolt.library.fitted import pulse_resistance_Ohm
from covolt.library.join import join
from covolt.library.models import model_kinds, model_level
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.simulation.mission import steady
from covolt.simulation.run import BatchRunner
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import subject_of
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery

USUAL = {
    "efficiency_peak": 0.94,
    "resistance": "0.12 Ohm",
    "voltage_minimum": "280 V",
    "voltage_maximum": "398 V",
    "capacity": "91.7 Ah",
    "cells_in_series": 98.0,
    "cells_in_parallel": 2.0,
    "gears": 1.0,
    "ratio_highest_gear": 9.3,
    "torque_maximum": "200 Nm",
    "cooling_power_maximum": "4 kW",
    "volume": "2.6 m3",
    "power_key_off": "3 W",
    "payload_maximum": "400 kg",
    "pressure": "2.4 bar",
    "reference_density": "1.189 kg/m3",
    "coast_down_constant": "100 N",
    "coast_down_linear": "0.5 N s/m",
    "coast_down_quadratic": "0.42 N s2/m2",
    "drag_coefficient": 0.32,
    "frontal_area": "2.2 m2",
    "heat_capacity": "250 kJ/K",
    "charging_above": "-5 degC",
    "freezing_charge_ratio": 0.2,
    "inertia": "0.05 kg m2",
    "voltage_nominal": "345 V",
    "heating_below": "-5 degC",
    "heater_power": "3 kW",
    "heat_pump": 1.0,
    "fuel_heater_power": "5 kW",
    "fuel_heater_efficiency": 0.83,
    "fuel_heater_electric_power": "50 W",
    "fuel_heater_below": "5 degC",
    "fuel_heater_petrol": 1.0,
    "heat_pump_power": "4 kW",
    "heating_set_point": "20 degC",
    "fresh_air": "0.04 kg/s",
    "occupants": 2.0,
    "loss_ratio": 1.1,
    "loss_constant": "300 W",
    "winding_limit": "150 degC",
    "winding_heat_capacity": "5 kJ/K",
    "drag_torque": "0.6 Nm",
    "shift_time": "0.4 s",
    "upshift_speed": "9000 rpm",
    "downshift_speed": "3500 rpm",
    "temperature_coefficient": "0.008 1/K",
    "direct_power_maximum": "50 kW",
    "recuperation_speed_minimum": "5 km/h",
    "power_standstill": "220 W",
    "power_charging": "160 W",
    "current_maximum": "300 A",
    "motor_induction": 0.0,
    "motor_externally_excited": 0.0,
    "inverter_silicon_carbide": 0.0,
}
"""A plausible value of what the city car leaves open."""
HELD = {"capacity", "cells_in_parallel", "gears", "ratio_highest_gear", "payload_maximum", "heat_pump"}
"""Held against other numbers, or a switch: a small step may be in order, a large one is not."""


@cache
def sheets_of(slot: str, kind: str) -> dict[str, Datasheet]:
    """The city car with this model in this slot."""
    if kind == "loss-map":
        return with_map()
    if kind == "shifting":
        return with_gears({"gears": estimate(3.0), "ratio": estimate(14.0)}, ratio_2=estimate(9.0), ratio_3=None)
    if kind == "coast-down":
        body = parts()["body"]
        terms = {name: estimate(USUAL[name]) for name in USUAL if name.startswith("coast_down")}
        model = body.model.model_copy(update={"kind": kind})
        return {**parts(), "body": body.model_copy(update={"model": model, "declared": {**body.declared, **terms}})}
    return dict(parts())


def admitted() -> list[tuple[str, str, str, str]]:
    """Slot, model, place and name of every number that can be stated."""
    found: list[tuple[str, str, str, str]] = []
    for slot, kind in model_kinds():
        names = [one.name for one in standard_interface(slot).parameters]
        found += [(slot, kind, "declared", name) for name in names]
        found += [(slot, kind, "parameters", name) for name in model_kinds()[slot, kind].parameters]
    # Three gears are driven; a ratio beyond them is refused, which `gears_problems` shows.
    beyond = {f"ratio_{gear}" for gear in range(3, 16)}
    return [one for one in found if one[3] not in beyond]


def stated(sheet: Datasheet, place: str, name: str, value: str | float) -> Datasheet:
    if place == "declared":
        return sheet.model_copy(update={"declared": {**sheet.declared, name: estimate(value)}})
    parameters = {**sheet.model.parameters, name: estimate(value)}
    if name == "heating_below":
        parameters.setdefault("heater_power", estimate("3 kW"))
    return sheet.model_copy(update={"model": sheet.model.model_copy(update={"parameters": parameters})})


def without_rivals(sheet: Datasheet, name: str) -> Datasheet:
    """Two statements of the same loss are refused, so a number is moved where it stands alone."""
    if name != "efficiency_peak":
        return sheet
    kept = {key: one for key, one in sheet.model.parameters.items() if key not in {"loss_ratio", "loss_constant"}}
    return sheet.model_copy(update={"model": sheet.model.model_copy(update={"parameters": kept})})


def seen(sheets: dict[str, Datasheet]) -> list[np.ndarray] | str:
    """Every number of the vehicle under test, and what of the declared ones a procedure reads itself; or the refusal."""
    programme = read()
    try:
        subject = subject_of(sheets, programme.charter.vehicle, "vehicle")
    except CovoltError as error:
        return str(error)
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(eqx.filter(subject.vehicle, eqx.is_array))]
    return [*leaves, np.asarray(subject.kerb_mass_kg)]


@cache
def read() -> Programme:
    return read_programme(CITY_CAR)


def moves(slot: str, kind: str, place: str, name: str) -> bool:
    """Whether the vehicle, or its refusal, follows the number."""
    sheets = sheets_of(slot, kind)
    sheet = without_rivals(sheets[slot], name)
    if place == "parameters" and name.startswith("fuel_heater_"):
        sheet = stated(sheet, "declared", "fuel_heater_power", USUAL["fuel_heater_power"])
    known = sheet.declared.get(name) or sheet.model.parameters.get(name)
    value = USUAL.get(name) if known is None else known.value
    if (kind, name) == ("loss-map", "efficiency_peak"):
        value = best_of_map(sheet)
    assert value is not None, f"give a plausible value of {name}"
    si_unit = "1" if isinstance(value, float) else units.unit_of(value).si
    value_si = value if isinstance(value, float) else units.parse(value, si_unit)
    before = seen({**sheets, slot: stated(sheet, place, name, value)})
    assert not isinstance(before, str), before
    for factor in (1.03, 0.97, *((1e3, 1e-3) if name in HELD or name.startswith("motor_") else ())):
        moved_si = value_si * factor if value_si else 1.0
        after = seen(
            {**sheets, slot: stated(sheet, place, name, moved_si if si_unit == "1" else f"{moved_si!r} {si_unit}")}
        )
        if isinstance(after, str):
            assert name in after or name == "upshift_speed", after
            return True
        if len(before) != len(after) or not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)):
            return True
    return False


@pytest.mark.parametrize(("slot", "kind", "place", "name"), admitted())
def test_every_number_that_can_be_stated_has_a_consequence_or_a_word(
    slot: str, kind: str, place: str, name: str
) -> None:
    if (slot, name) == ("brake", "deceleration_maximum"):
        return  # read by UN R13, see the next test
    sheet = stated(sheets_of(slot, kind)[slot], place, name, USUAL.get(name, 1.0))
    told = {one.name for one in not_used(sheet)}
    assert moves(slot, kind, place, name) != (name in told)


def test_the_deceleration_of_the_brakes_is_read_by_the_stopping_distance() -> None:
    found: list[float] = []
    for value in ("6 m/s2", "7 m/s2"):
        sheets = {**parts(), "brake": stated(parts()["brake"], "declared", "deceleration_maximum", value)}
        subject = subject_of(sheets, read().charter.vehicle, "vehicle")
        found.append(procedures()["un-r13-h"].do(subject, Given()).measures["stopping_distance"])
    assert found[0] > found[1]


def test_what_is_not_used_says_why_in_both_languages_and_costs_the_level() -> None:
    tyre = stated(parts()["tyre"], "declared", "pressure", "2.4 bar")
    (one,) = not_used(tyre)
    assert one.why.said("en") != one.why.said("ru")
    assert (model_level(parts()["tyre"]), model_level(tyre)) == (1, 0)
    by_coast_down = {one.name for one in not_used_beside("tyre", sheets_of("body", "coast-down"))}
    assert by_coast_down == {"rolling_resistance_coefficient"}
    lfp = parts()["battery"].model_copy(update={"chemistry": "LFP"})
    assert [one.name for one in not_used(stated(lfp, "declared", "voltage_minimum", "280 V"))] == ["voltage_minimum"]


def test_a_pack_that_contradicts_itself_is_refused_with_all_that_does() -> None:
    sheet = parts()["battery"]
    for name, value in {
        "energy_nominal": "30 kWh",
        "capacity": "120 Ah",
        "cells_in_series": 60.0,
        "cells_in_parallel": 1000.0,
        "resistance": "0.9 Ohm",
        "voltage_minimum": "420 V",
        "voltage_maximum": "350 V",
    }.items():
        sheet = stated(sheet, "declared", name, value)
    problems = declared_problems(sheet)
    assert [one.where.rpartition(".")[2].rstrip(")") for one in problems] == [
        "energy_nominal", "capacity", "cells_in_series", "cells_in_parallel", "voltage_minimum", "voltage_maximum", "resistance",
    ]  # fmt: skip
    assert all(one.hint.endswith("then offer a new version") for one in problems)
    with pytest.raises(AssemblyError) as refused:
        join({**parts(), "battery": sheet})
    assert set(problems) <= set(refused.value.problems)
    # Moved by its uncertainty a number may come to lie beyond another; the vehicle is still made.
    usable = stated(parts()["battery"], "declared", "energy_usable", "33.1 kWh")
    assert declared_problems(usable)
    assert join({**parts(), "battery": usable}, moved=True).kerb_mass_kg > 0.0


def battery(**declared: str | float) -> CellBattery:
    sheet = parts()["battery"]
    for name, value in declared.items():
        sheet = stated(sheet, "declared", name, value)
    made = join({**parts(), "battery": sheet}).vehicle.battery
    assert isinstance(made, CellBattery)
    return made


@pytest.mark.parametrize("ohm", [0.05, 0.12, 0.25])
def test_a_declared_resistance_is_what_a_pulse_shows(ohm: float) -> None:
    made = battery(resistance=f"{ohm} Ohm")
    assert pulse_resistance_Ohm(made) == pytest.approx(ohm, rel=1e-9)
    # The same by the battery's own step: ten seconds at 1C, the voltage at their end against that at rest.
    state = made.start(0.5, 298.15)
    current_A = float(made.cell.capacity_C * made.parallel_count) / 3600.0
    rest_V = float(made.open_circuit_voltage_V(state))
    for _ in range(100):
        volt = rest_V - ohm * current_A
        state, signals = made.step(state, -current_A * volt, 0.0, 0.0, 298.15, 0.1)
    # What the charge taken out lowers at rest is no resistance.
    sag_V = float(signals.open_circuit_voltage_V) - float(signals.voltage_V)
    assert sag_V / -float(signals.current_A) == pytest.approx(ohm, rel=0.01)


def test_the_usable_window_follows_the_energies_and_the_limits_of_voltage() -> None:
    wide = battery(energy_nominal="33 kWh")
    share = float(wide.highest_cell_charge_fraction - wide.lowest_cell_charge_fraction)
    assert share == pytest.approx(30.5 / 33.0)
    assert float(wide.energy_J()) == pytest.approx(30.5 * 3.6e6, rel=1e-3)
    low = battery(energy_nominal="40 kWh", voltage_maximum="388 V", voltage_minimum="250 V")
    assert float(low.maximum_voltage_V) == pytest.approx(388.0 / 96.0)
    top = float(low.highest_cell_charge_fraction)
    assert float(low.series_count * low.cell.open_circuit_voltage_V(top)) < 388.0
    assert top < float(battery(energy_nominal="40 kWh").highest_cell_charge_fraction)
    assert float(low.highest_cell_charge_fraction - low.lowest_cell_charge_fraction) == pytest.approx(30.5 / 40.0)


@pytest.mark.parametrize("best", [0.90, 0.95])
def test_the_best_efficiency_is_that_of_the_losses(best: float) -> None:
    plain = without_rivals(parts()["drive_unit"], "efficiency_peak")
    sheets = {**parts(), "drive_unit": stated(plain, "declared", "efficiency_peak", best)}
    unit = join(sheets).vehicle.axles[0].drive_unit
    speed = np.linspace(50.0, 1440.0, 150)[:, None]
    torque = np.linspace(1.0, 220.0, 200)[None, :]
    shaft_W = np.where(speed * torque <= 80e3, speed * torque, np.nan)
    efficiency = shaft_W / (
        shaft_W + np.asarray(unit.loss_W(unit.start(338.15), jnp.asarray(torque), jnp.asarray(speed)))
    )
    assert np.nanmax(efficiency) == pytest.approx(best, abs=5e-4)


def test_a_best_efficiency_beside_other_losses_is_held_against_them() -> None:
    both = stated(stated(parts()["drive_unit"], "declared", "efficiency_peak", 0.95), "parameters", "loss_ratio", 1.0)
    (one,) = declared_problems(both)
    assert "loss_ratio" in one.what
    mapped = with_map()["drive_unit"]
    assert declared_problems(stated(mapped, "declared", "efficiency_peak", 0.70))
    best = best_of_map(mapped)
    assert best is not None
    assert not declared_problems(stated(mapped, "declared", "efficiency_peak", best + 0.009))
    assert declared_problems(stated(mapped, "declared", "efficiency_peak", best + 0.011))


def test_the_body_carries_what_the_programme_loads() -> None:
    charter = read().charter.vehicle
    body = stated(parts()["body"], "declared", "payload_maximum", "100 kg")
    with pytest.raises(InputError, match="is 100 kg"):
        subject_of({**parts(), "body": body}, charter, "vehicle")


NONSENSE = {
    "battery": {
        "heater_power": "-5 kW",
        "charging_above": "60 degC",
        "freezing_charge_ratio": 1.5,
        "resistance": "0.5 mOhm",
        "voltage_maximum": "500 V",
        "voltage_minimum": "90 V",
    },
    "drive_unit": {
        "loss_constant": "-300 W",
        "winding_limit": "70 degC",
        "power_continuous": "90 kW",
        "torque_peak": "20 Nm",
    },
}


@pytest.mark.parametrize("slot", NONSENSE)
def test_numbers_that_no_part_can_have_are_all_refused(slot: str) -> None:
    sheet = parts()[slot]
    given = [one.name for one in standard_interface(slot).parameters]
    for name, value in NONSENSE[slot].items():
        sheet = stated(sheet, "declared" if name in given else "parameters", name, value)
    told = declared_problems(sheet)
    assert {one.where.rpartition(".")[2].rstrip(")") for one in told} == NONSENSE[slot].keys()
    assert all(one.hint.endswith("then offer a new version") for one in told)


@pytest.mark.parametrize(
    ("chemistry", "highest", "refused"),
    [
        ("NMC", "470 V", False),
        ("NMC", "500 V", True),
        ("LFP", "500 V", True),
        ("LTO", "500 V", False),
        (None, "500 V", False),
    ],
)
def test_limits_of_voltage_are_those_of_the_chemistry(chemistry: str | None, highest: str, refused: bool) -> None:
    """500 V of a pack of 360 V are 4.7 V for each of 106 cells of NMC, 4.2 V for 120 of LFP, 2.9 V for 171 of LTO."""
    sheet = parts()["battery"].model_copy(update={"chemistry": chemistry})
    assert bool(declared_problems(stated(sheet, "declared", "voltage_maximum", highest))) == refused


@pytest.mark.parametrize("end", [0, 1])
def test_every_number_at_the_end_of_what_is_admitted_drives_in_numbers(end: int) -> None:
    """One number at a time at the end of its interface's range: refused, or driven in numbers."""
    built: dict[tuple[str, str], Vehicle] = {}
    for slot, kind, place, name in admitted():
        if kind in {"loss-map", "shifting", "coast-down"} or place == "parameters":
            continue
        parameter = standard_interface(slot).parameter(name)
        limit = None if parameter is None else (parameter.minimum, parameter.maximum)[end]
        if limit is None:
            continue
        sheets = sheets_of(slot, kind)
        try:
            subject = subject_of(
                {**sheets, slot: stated(sheets[slot], place, name, limit)}, read().charter.vehicle, "v"
            )
        except CovoltError:
            continue
        built[slot, name] = subject.vehicle
    assert len(built) > 20
    structures: dict[object, list[tuple[str, str]]] = {}
    for key, vehicle in built.items():
        structures.setdefault(jax.tree.structure(vehicle), []).append(key)
    for keys in structures.values():
        for key, (result,) in zip(
            keys, BatchRunner().run([built[key] for key in keys], [steady(15.0, 30.0)]), strict=True
        ):
            assert result.outcome.limit != "not a number", (key, result.outcome.reason)
            assert result.ledger.worst_ratio < 1e-6, key
