"""A full charge that a tender demands: told with its figures and its owner where the power is too low, else green."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import loads
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.programme.requirement import Requirement
from covolt.study.procedures.full_charge import power_limits
from covolt.study.procedures.protocol import Given, Record
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.records import KeptRecords, record_key
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import verify

BUS = Path(__file__).resolve().parents[3] / "examples" / "city-bus"
BATTERY = """
schema = "part/1"
id = "pack-240"
party = "battery-works"
fills = "battery"
version = "1.0.0"
chemistry = "NMC"
promises = ["energy_closes", "deterministic", "finite"]

[declared]
mass = { value = "2300 kg", basis = "estimate" }
energy_usable = { value = "240 kWh", basis = "estimate" }
voltage_nominal = { value = "640 V", basis = "estimate" }
discharge_power_peak = { value = "330 kW", basis = "estimate" }
charge_power_peak = { value = "150 kW", basis = "estimate" }

[model]
kind = "equivalent-circuit"
"""
CHARGER = """
schema = "part/1"
id = "depot-44"
party = "electronics-works"
fills = "charger"
version = "1.0.0"
promises = ["energy_closes", "deterministic", "finite"]

[declared]
power_maximum = { value = "44 kW", basis = "estimate" }
efficiency = { value = 0.94, basis = "estimate" }
current_maximum = { value = "1000 A", basis = "estimate" }

[model]
kind = "on-board"
"""
TENDER = """
schema = "requirement/1"
id = "O-FULL"
party = "operator"
title = "Full charge in 55 min"
kind = "constraint"
procedure = "full-charge"
measure = "time"
at_most = "55 min"
conditions = { station_power = "150 kW", station_voltage = "920 V" }
"""


@cache
def example() -> Programme:
    return read_programme(BUS)


def bus(battery: str = BATTERY, charger: str = CHARGER, tender: str = TENDER) -> Programme:
    """The shipped bus with a battery, a charger and one requirement of a test."""
    programme = example()
    assert programme.lock is not None
    offers = dict(programme.offers)
    for slot, written in (("battery", battery), ("charger", charger)):
        name = programme.lock.slots[slot].offer
        offers[name] = offers[name].model_copy(update={"datasheet": loads(written, Datasheet)})
    requirement = loads(tender, Requirement)
    return replace(programme, offers=offers, requirements={requirement.id: requirement})


def judged(programme: Programme, folder: Path) -> Verdict:
    [verdict] = verify(programme, KeptRecords(folder), only=["O-FULL"]).verdicts
    return verdict


def done(programme: Programme, **given: Any) -> Record:
    subject = subject_of(locked_sheets(programme), programme.charter.vehicle, "bus")
    return procedures()["full-charge"].do(subject, Given(**given))


FASTER = (
    BATTERY.replace('charge_power_peak = { value = "150 kW"', 'charge_power_peak = { value = "450 kW"')
    + """
[model.tables.charging_power]
unit = "kW"
axes = [{ name = "state_of_charge", unit = "1", values = [0.0, 0.9, 1.0] }]
values = [450.0, 450.0, 250.0]
basis = "supplier"
"""
)


def test_a_bus_of_240_kwh_is_told_that_150_kw_cannot_fill_it_in_55_minutes(tmp_path: Path) -> None:
    verdict = judged(bus(), tmp_path)
    assert verdict.verdict == "not met"
    said = str(verdict.why)
    # 240 kWh in 55 min is 261.8 kW, and 240 kWh at 150 kW is 96 min: by hand.
    assert "240 kWh in 55 min ask for 262 kW at the battery" in said
    assert "battery-works/pack-240@1.0.0: peak charging power 150 kW" in said
    assert "pack-240@1.0.0: максимальная мощность заряда 150 кВт" in verdict.why.said("ru")
    assert "the station: 150 kW as stated" in said
    assert "at 150 kW it takes at least 96.0 min" in said
    assert verdict.value is not None and verdict.value > 96.0


def test_a_bus_that_takes_enough_at_a_station_that_gives_enough_is_green(tmp_path: Path) -> None:
    verdict = judged(bus(FASTER, tender=TENDER.replace("150 kW", "450 kW")), tmp_path)
    assert verdict.verdict == "met"
    assert verdict.value is not None and 240.0 / 450.0 * 60.0 < verdict.value <= 55.0


def test_the_time_is_bounded_by_energy_and_power_and_is_divided_among_who_holds_it() -> None:
    for station_W in (50e3, 150e3, 300e3):
        record = done(bus(), station_power_W=station_W)
        m, power_W = record.measures, min(station_W, 150e3)
        assert m["time_at_least"] == pytest.approx(240 * 3.6e6 / power_W)
        assert m["time_at_least"] < m["time"] and m["mean_power"] <= power_W * (1 + 1e-9)
        assert m["mean_power"] * m["time"] == pytest.approx(m["plug_energy"])
        bound = [m[f"bound_by_{part}"] for part in ("station", "charger", "battery")]
        assert sum(bound) == pytest.approx(m["time"]) and bound[1] == 0.0
        assert (bound[0] > 0.0) == (station_W <= 150e3)


def test_who_holds_it_is_named_with_the_figure_of_its_party(tmp_path: Path) -> None:
    strong = TENDER.replace("150 kW", "450 kW")
    post = judged(bus(FASTER), tmp_path)
    assert "the station: 150 kW as stated" in str(post.why) and "pack-240" not in str(post.why)
    narrow = CHARGER + '\n[model.parameters]\ndirect_power_maximum = { value = "200 kW", basis = "estimate" }\n'
    charger = judged(bus(FASTER, narrow, strong), tmp_path)
    assert "electronics-works/depot-44@1.0.0: highest power by direct current 200 kW" in str(charger.why)
    assert "at 200 kW it takes at least 72.0 min" in str(charger.why) and "pack-240" not in str(charger.why)
    plug = CHARGER.replace("\n[declared]", '\n[[charging]]\nconnector = "CCS2"\npower = "180 kW"\n\n[declared]')
    assert "depot-44@1.0.0: CCS2 180 kW" in str(judged(bus(FASTER, plug, strong), tmp_path).why)
    undeclared = BATTERY.replace('charge_power_peak = { value = "150 kW", basis = "estimate" }\n', "")
    assert "360 kW, generic" in str(power_limits(locked_sheets(bus(undeclared)))[0].said)


def plugged(sheet: str, *rows: str) -> str:
    """A part that states connectors."""
    stated = "".join(f"\n[[charging]]\n{row}\n" for row in rows)
    return sheet.replace("\n[declared]", f"{stated}\n[declared]")


CCS, GB = 'connector = "CCS2"\npower = "180 kW"', 'connector = "GB/T DC"\npower = "90 kW"'
FAST = """
schema = "requirement/1"
id = "O-FULL"
party = "operator"
title = "10 to 80 % at 150 kW"
kind = "constraint"
procedure = "charging-dc"
measure = "time_150"
at_most = "200 min"
"""


def fast(battery: str, charger: str) -> Record:
    programme = bus(battery, charger)
    return procedures()["charging-dc"].do(
        subject_of(locked_sheets(programme), programme.charter.vehicle, "bus"), Given()
    )


def test_a_session_at_a_post_is_held_by_the_connector_that_charger_and_battery_share() -> None:
    free = fast(FASTER, CHARGER)
    assert [line.symbol for line in free.lines[:2]] == ["T_a", "T_b"]
    assert free.measures["mean_power_150"] > 100e3
    slow = plugged(FASTER, 'connector = "CCS2"\npower = "20 kW"\nvoltage_maximum = "900 V"', GB)
    held = fast(slow, plugged(CHARGER, CCS))
    # 70 % of 240 kWh at 20 kW is 8.4 h, losses and loads not counted; the curve of the battery is far above it.
    assert 0.9 * 8.4 * 3600.0 < held.measures["time_150"] < 1.2 * 8.4 * 3600.0
    assert held.measures["mean_power_150"] == pytest.approx(20e3, rel=0.01)
    assert held.measures["energy_10_min"] < 20e3 * 600.0
    assert "battery-works/pack-240@1.0.0: CCS2 20 kW" in [str(line.title) for line in held.lines]
    # What both share with more power is taken; a part that states nothing takes what the other has.
    both = fast(slow, plugged(CHARGER, CCS, GB)).measures
    assert both["mean_power_150"] == pytest.approx(90e3, rel=0.01)
    assert fast(FASTER, plugged(CHARGER, GB)).measures == both


def test_who_has_no_common_connector_cannot_be_charged_and_is_told_so(tmp_path: Path) -> None:
    for tender, name in ((FAST, "charging-dc"), (TENDER, "full-charge")):
        verdict = judged(bus(plugged(FASTER, CCS), plugged(CHARGER, GB), tender), tmp_path)
        assert verdict.verdict == "not met" and verdict.value is None, name
        said = "no common direct-current connector of battery and charger: electronics-works/depot-44@1.0.0: GB/T DC"
        assert said in str(verdict.why) and "battery-works/pack-240@1.0.0: CCS2" in str(verdict.why)
        assert "нет общего разъёма постоянного тока" in verdict.why.said("ru")
    mains = plugged(CHARGER, 'connector = "Type 2 AC"')
    assert "no connector for direct current" in str(judged(bus(FASTER, mains, FAST), tmp_path).why)


def test_a_connector_whose_voltages_the_battery_does_not_have_charges_nothing(tmp_path: Path) -> None:
    high = 'connector = "CCS2"\nvoltage_minimum = "700 V"\nvoltage_maximum = "900 V"'
    for tender in (FAST, TENDER):
        verdict = judged(bus(plugged(FASTER, high), plugged(CHARGER, CCS), tender), tmp_path)
        assert verdict.verdict == "not met"
        assert "does not serve a battery of" in str(verdict.why) and "CCS2 from 700 V on" in str(verdict.why)


def test_a_record_is_another_one_once_the_connector_is() -> None:
    programme = bus(plugged(FASTER, CCS), CHARGER)
    sheets, frame = locked_sheets(programme), programme.charter.vehicle
    weaker = locked_sheets(bus(plugged(FASTER, CCS.replace("180", "18")), CHARGER))
    keys = {record_key(procedures()["charging-dc"], Given(), one, frame) for one in (sheets, weaker)}
    assert len(keys) == 2


def straight(points: int) -> str:
    """A battery whose power falls in a straight line from 480 kW to 60 kW, stated at so many charges."""
    at = [number / (points - 1) for number in range(points)]
    return (
        BATTERY.replace('charge_power_peak = { value = "150 kW"', 'charge_power_peak = { value = "480 kW"')
        + f"""
[model.tables.charging_power]
unit = "kW"
axes = [{{ name = "state_of_charge", unit = "1", values = {at} }}]
values = {[480.0 - 420.0 * one for one in at]}
basis = "supplier"
"""
    )


def test_the_same_curve_takes_the_same_time_by_however_many_points_it_is_stated() -> None:
    narrow = CHARGER + '\n[model.parameters]\ndirect_power_maximum = { value = "150 kW", basis = "estimate" }\n'
    for station_W in (450e3, 150e3):
        measures = [done(bus(straight(n), narrow), station_power_W=station_W).measures for n in (2, 3, 21)]
        for one in measures[1:]:
            assert one["time"] == pytest.approx(measures[0]["time"], rel=1e-6)
            assert one["plug_energy"] == pytest.approx(measures[0]["plug_energy"], rel=1e-6)
        # By hand: 150 kW to 78.6 %, then 240 kWh / 420 kW times the logarithm of 150 kW over 60 kW. Losses and the cells' own end
        # come on top; cut at its two points the curve would fall from 150 kW at once and take 1.37 times as long.
        by_hand_s = 240.0 * 3600.0 * (330.0 / 420.0 / 150.0 + math.log(150.0 / 60.0) / 420.0)
        assert by_hand_s < measures[0]["time"] < 1.1 * by_hand_s
        assert [one["time_at_least"] for one in measures] == pytest.approx([by_hand_s] * 3, rel=1e-6)


def test_a_curve_that_falls_is_named_with_the_time_that_it_leaves(tmp_path: Path) -> None:
    # 240 kWh in 55 min is 262 kW, which every limit allows at some charge: 450 kW to 7 % of it, then the line down to 60 kW.
    strong = TENDER.replace("150 kW", "450 kW")
    said = str(judged(bus(straight(2), tender=strong), tmp_path).why)
    by_hand_min = 240.0 * 60.0 * (30.0 / 420.0 / 450.0 + math.log(450.0 / 60.0) / 420.0)
    assert "ask for 262 kW" in said
    assert f"charging_power falls as it fills, and with it {by_hand_min:.1f} min are the least" in said


def test_two_that_hold_it_alike_are_both_named(tmp_path: Path) -> None:
    alike = CHARGER + '\n[model.parameters]\ndirect_power_maximum = { value = "150 kW", basis = "estimate" }\n'
    loose = TENDER.replace("55 min", "97 min")
    said = str(judged(bus(FASTER, alike, loose), tmp_path).why)
    assert "every limit allows that" in said and "electronics-works/depot-44@1.0.0, station" in said


def test_a_station_of_too_low_a_class_is_named_with_its_voltage(tmp_path: Path) -> None:
    low = judged(bus(FASTER, tender=TENDER.replace("920 V", "500 V").replace("150 kW", "450 kW")), tmp_path)
    assert low.verdict == "not met"
    assert "does not serve a battery of" in str(low.why) and "the station: up to 500 V as stated" in str(low.why)
    plug = CHARGER.replace("\n[declared]", '\n[[charging]]\nconnector = "CCS2"\nvoltage_class = "400 V"\n\n[declared]')
    own = judged(bus(FASTER, plug, TENDER.replace("150 kW", "450 kW")), tmp_path)
    assert own.verdict == "not met" and "electronics-works/depot-44@1.0.0: CCS2 up to 500 V" in str(own.why)


def test_where_every_power_suffices_the_part_that_holds_it_longest_is_named(tmp_path: Path) -> None:
    # 300 kW would do it in 48 min, and the curve of the battery falls long before it is full.
    falling = BATTERY.replace('charge_power_peak = { value = "150 kW"', 'charge_power_peak = { value = "300 kW"')
    verdict = judged(bus(falling, tender=TENDER.replace("150 kW", "300 kW")), tmp_path)
    assert verdict.verdict == "not met"
    assert "every limit allows that" in str(verdict.why) and "battery-works/pack-240@1.0.0" in str(verdict.why)


def test_a_time_within_uncertainty_names_who_holds_it_too(tmp_path: Path) -> None:
    unsure = BATTERY.replace('energy_usable = { value = "240 kWh"', 'energy_usable = { value = "240 kWh", u = "10 kWh"')
    for power, said in (
        ("150 kW", "the charge is held by station"),
        ("300 kW", "the charge is held by battery-works/pack-240"),
    ):
        battery = unsure.replace('charge_power_peak = { value = "150 kW"', f'charge_power_peak = {{ value = "{power}"')
        tender = TENDER.replace("150 kW", power)
        found = judged(bus(battery, tender=tender), tmp_path).value
        assert found is not None
        # Half a minute below the value lies well within what 10 kWh make of it.
        near = tender.replace("55 min", f"{found - 0.5:.2f} min")
        verdict = judged(bus(battery, tender=near), tmp_path)
        assert verdict.verdict == "within uncertainty"
        assert "kWh in" in str(verdict.why) and said in str(verdict.why)


def test_a_charge_that_begins_higher_or_of_an_aged_battery_asks_for_less() -> None:
    least = [
        done(bus(), station_power_W=150e3, **more).measures["time_at_least"]
        for more in ({}, {"state_of_charge": 0.25}, {"state_of_health_fraction": 0.8})
    ]
    assert least == pytest.approx([5760.0, 4320.0, 4608.0])


def test_a_station_without_a_power_is_asked_for() -> None:
    [problem] = procedures()["full-charge"].problems(Given(), "M3")
    assert "needs station_power" in str(problem.what) and "150 kW" in str(problem.hint)
