"""What a record depends on: nothing that its key leaves out can change it."""

from dataclasses import replace
from functools import cache

import pytest

from covolt import as_loaded
from covolt.contract.architecture import SECOND_AXLE
from covolt.contract.datasheet import Datasheet, Declared
from covolt.programme.reading import read_programme
from covolt.study.procedures import wltp
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts import records
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.records import record_key
from covolt.vehicle import tyre
from tests.all_wheel import all_wheel
from tests.study.conftest import CITY_CAR
from tests.study.procedures.sample import recorded

OTHER = {
    "ambient_temperature_K": 253.15,
    "payload_kg": 150.0,
    "state_of_health_fraction": 0.9,
    "state_of_charge": 0.5,
    "start": "preconditioned",
    "climate": "phoenix",
}
FRUGAL = sorted(name for name, one in procedures().items() if one.mass_only)


@cache
def joined(example: str):
    programme = read_programme(CITY_CAR.parent / example)
    return locked_sheets(programme), programme.charter.vehicle


def shifted(sheet: Datasheet) -> Datasheet:
    """Every number of a sheet but its mass moved by a fifth, temperatures by two kelvins."""

    def moved(numbers: dict[str, Declared]) -> dict[str, Declared]:
        return {
            name: one if name == "mass" else one.model_copy(update={"value": lower(one)})
            for name, one in numbers.items()
        }

    def lower(one: Declared) -> float | str:
        value_si = one.value_si - 2.0 if one.si_unit == "K" else 0.8 * one.value_si
        return value_si if one.si_unit == "1" else f"{value_si!r} {one.si_unit}"

    model = sheet.model.model_copy(update={"parameters": moved(dict(sheet.model.parameters))})
    return sheet.model_copy(update={"declared": moved(dict(sheet.declared)), "model": model})


def others(procedure):
    """The procedure's own conditions, and each that it heeds stated otherwise."""
    yield Given()
    yield from (replace(Given(), **{name: OTHER[name]}) for name in procedure.conditions if name in OTHER)


def content(record):
    curves = [(name, tuple(values)) for one in record.curves for name, values in one.y.items()]
    lines = [(one.number, one.value_si) for one in record.lines]
    return dict(record.measures), lines, curves, record.remarks, dict(record.missing)


@pytest.mark.parametrize("name", FRUGAL)
def test_what_the_key_leaves_out_changes_nothing(name):
    procedure = procedures()[name]
    sheets, frame = joined("city-car" if "M1" in procedure.categories else "city-bus")
    for given in others(procedure):
        key = record_key(procedure, given, sheets, frame)
        before = content(recorded(procedure, subject_of(sheets, frame, "car"), given))
        unheeded = []
        for slot in sheets.keys() & set(procedure.mass_only):
            changed = {**sheets, slot: shifted(sheets[slot])}
            if record_key(procedure, given, changed, frame) == key:
                unheeded.append(slot)
                after = content(recorded(procedure, subject_of(changed, frame, "car"), given))
                assert after == before, f"{slot} matters under {given}"
        # Who reads the terms of offers reads whole datasheets: its key leaves nothing out.
        assert bool(unheeded) != procedure.reads_terms or given != Given()


@pytest.mark.parametrize("name", ["charging-ac", "charging-dc"])
def test_charging_heeds_nothing_but_the_mass_of_a_second_axle(name, tmp_path):
    programme = read_programme(all_wheel(tmp_path / "all-wheel"))
    procedure, sheets, frame = procedures()[name], locked_sheets(programme), programme.charter.vehicle
    key = record_key(procedure, Given(), sheets, frame)
    before = content(recorded(procedure, subject_of(sheets, frame, "car")))
    for slot in SECOND_AXLE:
        changed = {**sheets, slot: shifted(sheets[slot])}
        assert record_key(procedure, Given(), changed, frame) == key
        assert record_key(procedures()["wltp"], Given(), changed, frame) != record_key(
            procedures()["wltp"], Given(), sheets, frame
        )
        assert content(recorded(procedure, subject_of(changed, frame, "car"))) == before


def test_the_key_heeds_mass_and_what_is_used():
    sheets, frame = joined("city-car")
    procedure = procedures()["wltp"]
    key = record_key(procedure, Given(), sheets, frame)
    mass = sheets["cabin"].declared["mass"]
    heavier = sheets["cabin"].model_copy(
        update={"declared": {**sheets["cabin"].declared, "mass": mass.model_copy(update={"value": "99 kg"})}}
    )
    assert record_key(procedure, Given(), {**sheets, "cabin": heavier}, frame) != key
    assert record_key(procedure, Given(), {**sheets, "tyre": shifted(sheets["tyre"])}, frame) != key
    weaker = {**sheets, "cabin": shifted(sheets["cabin"])}
    assert record_key(procedure, Given(), weaker, frame) == key
    cells = {**sheets, "battery": sheets["battery"].model_copy(update={"chemistry": "LFP"})}
    assert record_key(procedure, Given(), cells, frame) != key
    assert record_key(procedure, Given(climate="yakutsk"), sheets, frame) != key
    cold = Given(ambient_temperature_K=253.15)
    assert record_key(procedure, cold, weaker, frame) != record_key(procedure, cold, sheets, frame)


def test_what_a_model_from_elsewhere_yields_is_found_again_by_this_process_only(monkeypatch):
    """Its code is in no sheet: kept for another process, it would outlive its own edit."""
    sheets, frame = joined("city-car")
    procedure, battery = procedures()["wltp"], sheets["battery"]
    foreign = battery.model_copy(update={"model": battery.model.model_copy(update={"entry": "own_part:Pack"})})
    of_both = [record_key(procedure, Given(), {**sheets, "battery": one}, frame) for one in (battery, foreign)]
    again = record_key(procedure, Given(), {**sheets, "battery": foreign}, frame)
    monkeypatch.setattr(as_loaded, "changes", lambda *_: ())  # this test itself changes covolt in place
    monkeypatch.setattr(records, "THIS_PROCESS", "another")
    later = [record_key(procedure, Given(), {**sheets, "battery": one}, frame) for one in (battery, foreign)]
    assert again == of_both[1]
    assert later[0] == of_both[0]
    assert later[1] != of_both[1]


def test_what_covolt_changed_in_place_yields_is_found_again_with_the_same_change_only(monkeypatch):
    """A record of a patched notebook is not that of the covolt that the next process reads."""
    sheets, frame = joined("city-car")

    def key() -> str:
        return record_key(procedures()["wltp"], Given(), sheets, frame)

    plain = key()
    with monkeypatch.context() as patch:
        patch.setattr(tyre.Tyre, "resistance_factor", lambda self, state: 2.0)
        first = key()
        assert key() == first
        patch.setattr(tyre.Tyre, "resistance_factor", lambda self, state: 3.0)
        second = key()
    with monkeypatch.context() as patch:
        patch.setattr(wltp, "LEFT_AFTER_SECOND", 0.1)
        third = key()
    assert len({plain, first, second, third}) == 4
    assert key() == plain
