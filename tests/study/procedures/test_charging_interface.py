"""Whether a vehicle meets the stations of a market on a day: yes, no or open, with which power; what is not known is never no."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from covolt.contract.charging import ChargingInterface
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import validate
from covolt.errors import InputError
from covolt.library.shipped_tables import shipped_tables
from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.charging_network import ChargingNetwork
from covolt.programme.coherence import cannot_fill
from covolt.programme.rivals import limits_of_offer
from covolt.study.procedures.protocol import Given, Record
from covolt.study.procedures.registry import procedures
from covolt.study.report.content import slot_rows
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.network_known import network_problems
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification, verify
from tests.study.procedures.test_full_charge import CHARGER, TENDER, bus, straight

DAY = "2026-11-28"
CCS = {"connector": "CCS2", "protocols": ["ISO 15118-2"]}
STATION = {
    "market": "BY",
    "applied_by": "depot",
    "status": "in service",
    "connector": "CCS2",
    "protocols": ["DIN 70121", "ISO 15118-2"],
    "voltage_maximum": "920 V",
    "power": "120 kW",
    "stations": 4,
    "valid_from": "2026-01-01",
    "source": "assumption of the test",
    "confidence": "high",
}


def network(*rows: dict[str, Any], **more: Any) -> ChargingNetwork:
    told = {"schema": "charging-network/1", "id": "of-the-test", "title": "Test", "source": "test", "row": list(rows)}
    return validate(told | more, ChargingNetwork, "tables/of-the-test.toml")


@pytest.fixture(scope="module")
def vehicle() -> Subject:
    programme = bus()
    return subject_of(locked_sheets(programme), programme.charter.vehicle, "bus")


def asked(
    vehicle: Subject, charging: list[dict[str, Any]] | None, table: ChargingNetwork | None = None, **given: Any
) -> Record:
    sheets = dict(vehicle.sheets)
    for slot, own in (("charger", charging), ("battery", given.pop("battery", None))):
        content = sheets[slot].model_dump(mode="json", by_alias=True, exclude_none=True)
        sheets[slot] = validate(content | ({} if own is None else {"charging": own}), Datasheet, "part.toml")
    tables = dict(shipped_tables()) if table is None else {table.id: table}
    subject = replace(vehicle, sheets=sheets, terms=Terms("RUB", tables))
    stated: dict[str, Any] = {"market": "BY", "day": DAY} | given
    return procedures()["charging-interface"].do(subject, Given(**stated))


def answer(record: Record) -> str:
    if "served" in record.open:
        assert record.open["served"].ends == {"at least": 0.0, "at most": 1.0}
        return "open"
    return {1.0: "yes", 0.0: "no"}[record.measures["served"]]


def test_connector_protocol_and_voltage_that_meet_are_a_yes_with_the_power_that_both_share(vehicle: Subject) -> None:
    record = asked(vehicle, [CCS], network(STATION))
    assert answer(record) == "yes"
    assert record.measures["shared_power"] == 120e3
    # 240 kWh at 120 kW are two hours.
    assert record.measures["full_charge_at_least"] == pytest.approx(7200.0)
    assert [str(one) for one in record.remarks] == ["CCS2 at BY, depot: yes"]
    stronger = asked(vehicle, [CCS], network(STATION, {**STATION, "applied_by": "motorway", "power": "350 kW"}))
    assert stronger.measures["shared_power"] == 150e3
    assert asked(vehicle, [{**CCS, "power": "90 kW"}], network(STATION)).measures["shared_power"] == 90e3


@pytest.mark.parametrize(
    ("station", "own", "said"),
    [
        ({"connector": "CHAdeMO", "protocols": []}, {}, "no station of BY has one of: CCS2"),
        (
            {"protocols": ["DIN 70121"]},
            {},
            "electronics-works/depot-44@1.0.0 speaks ISO 15118-2, the station DIN 70121",
        ),
        ({"voltage_maximum": "500 V"}, {}, "the station gives up to 500 V"),
        ({"voltage_maximum": None, "voltage_class": "400 V"}, {}, "the station gives up to 500 V"),
        ({"voltage_minimum": "600 V"}, {"voltage_minimum": "450 V"}, "begins at 450 V, the station at 600 V"),
        ({}, {"voltage_maximum": "600 V"}, "electronics-works/depot-44@1.0.0: up to 600 V"),
    ],
)
def test_what_does_not_meet_is_no_where_the_list_is_whole_and_else_open(
    vehicle: Subject, station: dict[str, Any], own: dict[str, Any], said: str
) -> None:
    row = {name: one for name, one in {**STATION, **station}.items() if one is not None}
    whole = asked(vehicle, [{**CCS, **own}], network(row, complete=["BY"]))
    assert answer(whole) == "no" and whole.measures["shared_power"] == 0.0
    assert said in str(whole.missing["full_charge_at_least"])
    part = asked(vehicle, [{**CCS, **own}], network(row))
    # Of stations that nobody lists nothing is known; a charger that cannot stand its own battery meets none of them.
    assert answer(part) == ("no" if own.get("voltage_maximum") else "open")


@pytest.mark.parametrize(
    ("station", "said"),
    [
        ({"protocols": []}, "the protocol of the stations is not known"),
        ({"voltage_maximum": None}, "the voltage of the stations is not known"),
        ({"connector": None}, "their connector is not known"),
        ({"status": "announced"}, "they are announced, and whether they stand is not said"),
        ({"status": "tender"}, "a tender asks for them"),
        ({"confidence": "low"}, "the source is not sure"),
        ({"valid_from": "2026-11"}, "from which day on or until when is not known"),
    ],
)
def test_what_is_not_known_is_open_and_never_no(vehicle: Subject, station: dict[str, Any], said: str) -> None:
    row = {name: one for name, one in {**STATION, **station}.items() if one is not None}
    record = asked(vehicle, [CCS], network(row, complete=["BY"]))
    assert answer(record) == "open" and said in str(record.open["served"].why)
    assert record.open["shared_power"].low == 0.0


def test_a_vehicle_that_states_no_connector_or_protocol_is_open(vehicle: Subject) -> None:
    record = asked(vehicle, None, network(STATION, complete=["BY"]))
    assert answer(record) == "open"
    assert str(record.open["served"].why) == "no connector is stated: electronics-works/depot-44@1.0.0"
    bare = asked(vehicle, [{"connector": "CCS2"}], network(STATION))
    assert answer(bare) == "open" and "the charger states no protocol" in str(bare.open["served"].why)
    # Over GB/T DC and CHAdeMO there is one protocol, which need not be stated.
    row = {**STATION, "connector": "GB/T DC", "protocols": []}
    assert answer(asked(vehicle, [{"connector": "GB/T DC"}], network(row))) == "yes"


def test_the_least_time_follows_the_curve_of_the_battery() -> None:
    """The highest point of the curve, held over the whole charge, promised 72 min of a charge that takes 104."""
    programme = bus(straight(2))
    falling = subject_of(locked_sheets(programme), programme.charter.vehicle, "bus")
    strong = {**STATION, "power": "150 kW"}
    by_hand_s = 240.0 * 3600.0 * (330.0 / 420.0 / 150.0 + math.log(150.0 / 60.0) / 420.0)
    assert asked(falling, [CCS], network(strong)).measures["full_charge_at_least"] == pytest.approx(by_hand_s, rel=1e-6)
    unknown = {name: one for name, one in STATION.items() if name != "power"}
    least = asked(falling, [CCS], network(unknown)).open["full_charge_at_least"]
    # The whole curve, from 480 to 60 kW.
    assert least.low == pytest.approx(240.0 * 3600.0 * math.log(480.0 / 60.0) / 420.0, rel=1e-4)


def told(
    measure: str, *rows: dict[str, Any], charging: str = "", bound: str = "at_least = 1.0", **more: Any
) -> Verdict:
    """The verdict of the bus on these stations of Belarus."""
    stated = charging or '\n[[charging]]\nconnector = "CCS2"\nprotocols = ["ISO 15118-2"]\n'
    tender = (
        TENDER.replace("full-charge", "charging-interface")
        .replace('"time"', f'"{measure}"')
        .replace('at_most = "55 min"', bound)
        .replace('{ station_power = "150 kW", station_voltage = "920 V" }', f'{{ market = "BY", date = "{DAY}" }}')
    )
    programme = bus(straight(2), CHARGER.replace("\n[declared]", stated + "\n[declared]"), tender)
    programme = replace(programme, tables={**programme.tables, "of-the-test": network(*rows, **more)})
    [verdict] = verify(programme, MemoryRecords(), only=["O-FULL"]).verdicts
    return verdict


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_row_that_decides_is_the_one_that_is_shown(language: str) -> None:
    low = {**STATION, "applied_by": "motorway", "voltage_maximum": "500 V", "protocols": ["DIN 70121"]}
    near = {**STATION, "voltage_maximum": "500 V"}
    none = {**STATION, "applied_by": "city", "status": "not served"}
    none = {
        name: one for name, one in none.items() if name not in {"protocols", "voltage_maximum", "power", "stations"}
    }
    rows = [low, near, none]
    for order in (rows, rows[::-1]):
        no = told("served", *order, complete=["BY"])
        assert no.verdict == "not met"
        said = no.why.said(language)
        # The depot lacks the voltage alone, the motorway the protocol besides, and the city has no such connector.
        assert said.startswith({"en": "CCS2 at BY, depot: no, the station gives up to 500 V", "ru": "CCS2"}[language])
        assert "DIN 70121" not in said and "BY, depot" in said
        assert {"en": "2 more refuse it too", "ru": "так же ещё 2"}[language] in said
    # A connector that no row has.
    other = told("served", {**STATION, "connector": "CHAdeMO", "protocols": []}, complete=["BY"])
    assert "no station of BY has one of: CCS2" in other.why.said("en")
    yes = told("served", STATION, {**STATION, "applied_by": "yard", "power": "60 kW"})
    # A verdict that a table of the programme decides names it besides.
    assert yes.verdict == "met"
    assert yes.why.said("en") == "CCS2 at BY, depot: yes; stands on a table of the programme: of-the-test"


def test_a_time_at_the_stations_names_the_row_and_whose_power_it_is() -> None:
    late = told("full_charge_at_least", STATION, bound='at_most = "55 min"')
    assert late.verdict == "not met"
    said = late.why.said("en")
    assert "CCS2 at BY, depot: the station gives 120 kW" in said
    assert "240 kWh in 55 min ask for 262 kW" in said
    assert "battery-works/pack-240@1.0.0: charging_power falls as it fills" in said


def test_a_battery_that_states_what_it_takes_is_held_against_the_station_too(vehicle: Subject) -> None:
    other = asked(vehicle, [CCS], network(STATION), battery=[{"connector": "GB/T DC"}])
    assert answer(other) == "no" and "battery-works/pack-240@1.0.0 takes no CCS2" in str(
        other.missing["full_charge_at_least"]
    )
    weak = asked(vehicle, [CCS], network(STATION), battery=[{**CCS, "power": "60 kW"}])
    assert answer(weak) == "yes" and weak.measures["shared_power"] == 60e3


def test_a_station_of_unknown_power_leaves_the_shared_power_open(vehicle: Subject) -> None:
    row = {name: one for name, one in STATION.items() if name != "power"}
    record = asked(vehicle, [CCS], network(row))
    assert answer(record) == "yes"
    assert (record.open["shared_power"].low, record.open["shared_power"].high) == (0.0, 150e3)
    least = record.open["full_charge_at_least"]
    assert least.low == pytest.approx(5760.0) and least.high is None


def test_alternating_current_is_held_by_the_charger_and_needs_no_voltage(vehicle: Subject) -> None:
    row = {"connector": "Type 2 AC", "protocols": ["IEC 61851-1"], "voltage_maximum": None, "power": "22 kW"}
    station = {name: one for name, one in {**STATION, **row}.items() if one is not None}
    record = asked(vehicle, [{"connector": "Type 2 AC", "protocols": ["IEC 61851-1"]}], network(station))
    assert answer(record) == "yes" and record.measures["shared_power"] == 22e3


def test_the_day_before_on_and_after_each_end(vehicle: Subject) -> None:
    first, last = date(2026, 3, 1), date(2026, 8, 31)
    table = network({**STATION, "valid_from": f"{first}", "valid_until": f"{last}"}, complete=["BY"])
    day = timedelta(days=1)
    for when, expected in ((first - day, "no"), (first, "yes"), (last, "yes"), (last + day, "no")):
        assert answer(asked(vehicle, [CCS], table, day=f"{when}")) == expected
    month = network({**STATION, "valid_from": "2026-03", "valid_until": "2026-08"}, complete=["BY"])
    for when, expected in (("2026-02-28", "no"), ("2026-03-01", "open"), ("2026-03-31", "yes")):
        assert answer(asked(vehicle, [CCS], month, day=when)) == expected
    for when, expected in (("2026-08-01", "yes"), ("2026-08-31", "open"), ("2026-09-01", "no")):
        assert answer(asked(vehicle, [CCS], month, day=when)) == expected


def test_the_order_of_rows_changes_nothing(vehicle: Subject) -> None:
    rows = [
        STATION,
        {**STATION, "applied_by": "other", "power": "60 kW"},
        {**STATION, "applied_by": "third", "status": "tender"},
    ]
    records = [asked(vehicle, [CCS], network(*order)) for order in (rows, rows[::-1])]
    assert records[0].measures == records[1].measures and set(records[0].remarks) == set(records[1].remarks)


def test_what_ships_says_yes_nowhere_and_no_only_where_a_source_does(vehicle: Subject) -> None:
    by = asked(vehicle, [{"connector": "GB/T DC"}])
    assert answer(by) == "open" and "announced" in str(by.open["served"].why)
    assert answer(asked(vehicle, [{"connector": "pantograph up"}], market="RU", area="Moscow")) == "open"
    down = [{"connector": "pantograph down", "protocols": ["ISO 15118-2"]}]
    assert answer(asked(vehicle, down, market="RU", area="Moscow")) == "open"
    # Before the tender the chargers of Moscow serve no inverse pantograph, as the source says of them; of Russia it says nothing.
    before = asked(vehicle, down, market="RU", area="Moscow", day="2025-12-31")
    assert answer(before) == "no" and "these stations have no pantograph down" in str(
        before.missing["full_charge_at_least"]
    )
    assert answer(asked(vehicle, down, market="RU", day="2025-12-31")) == "open"
    ccs = asked(vehicle, [CCS], market="RU")
    assert answer(ccs) == "open" and "which stations have this connector is not said" in str(ccs.open["served"].why)
    for row in shipped_tables()["charging-networks"].row:  # pyright: ignore[reportAttributeAccessIssue]
        assert row.confidence == "medium" and row.source


def test_rows_that_overlap_and_everything_else_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        network(STATION, {**STATION, "valid_from": "2026-06-01"}, {**STATION, "valid_until": "2026-01-01"})
    assert [str(one.what) for one in raised.value.problems] == [
        "two rows of 'BY depot in service CCS2' hold on 2026-06-01",
        "two rows of 'BY depot in service CCS2' hold on 2026-01-01",
    ]
    network({**STATION, "valid_until": "2026-05-31"}, {**STATION, "valid_from": "2026-06-01"})
    wrong = {
        **STATION,
        "connector": "CCS 2",
        "status": "planned",
        "valid_until": "2025-13",
        "power": "120 V",
    }
    with pytest.raises(InputError) as raised:
        network({**STATION, "protocols": ["CHAdeMO"], "voltage_minimum": "1000 V", "valid_until": "2025-12-31"}, wrong)
    places = [one.where.partition("(")[2] for one in raised.value.problems]
    assert sorted(places) == [
        "row.0.protocols.0)",
        "row.0.valid_until)",
        "row.0.voltage_maximum)",
        "row.1.connector)",
        "row.1.power)",
        "row.1.status)",
        "row.1.valid_until)",
    ]
    assert all(one.hint for one in raised.value.problems)


def test_an_area_that_no_table_has_is_told_with_its_line() -> None:
    tender = (
        TENDER.replace("full-charge", "charging-interface")
        .replace('"time"', '"full_charge_at_least"')
        .replace(
            '{ station_power = "150 kW", station_voltage = "920 V" }',
            '{ market = "RU", date = "2027-01-01", area = "Moskow" }',
        )
    )
    [problem] = network_problems(bus(tender=tender))
    assert str(problem.what) == "no charging network of RU has the area 'Moskow'"
    assert str(problem.hint) == "did you mean 'Moscow'?"
    assert network_problems(bus(tender=tender.replace("Moskow", "Moscow"))) == []


def test_an_offer_that_lacks_what_its_contract_demands_cannot_fill_the_slot() -> None:
    stated = '\n[[charging]]\nconnector = "CCS2"\nprotocols = ["DIN 70121"]\npower = "150 kW"\n'
    programme = bus(charger=CHARGER.replace("\n[declared]", stated + "\n[declared]"))
    assert programme.lock is not None
    contract = programme.contracts[programme.slots["charger"].contract]
    demanded = (ChargingInterface(connector="CCS2", protocols=("ISO 15118-2",), power="270 kW"),)
    agreed = {**programme.contracts, contract.reference: contract.model_copy(update={"charging": demanded})}
    offer = programme.lock.slots["charger"].offer
    found = cannot_fill(replace(programme, contracts=agreed), "charger", offer, signed=False)
    said = [str(one.what) for one in found if "charging" in str(one.what)]
    assert said == [
        "charging.CCS2.protocols: promised ISO 15118-2; offered DIN 70121",
        "charging.CCS2.power: promised at least 270 kW; offered 150 kW",
    ]
    ours = [one for one in found if "charging" in str(one.what)]
    assert all(one.where == offer and "state it under [[charging]]" in str(one.hint) for one in ours)
    limits = limits_of_offer(replace(programme, contracts=agreed), "charger", programme.offers[offer])
    assert [one.holds for one in limits if one.name.startswith("charging")] == [True, False, False]


def test_the_report_says_by_what_a_part_is_charged_in_both_languages() -> None:
    stated = (
        '\n[[charging]]\nconnector = "CCS2"\nprotocols = ["DIN 70121"]\nvoltage_maximum = "750 V"\npower = "150 kW"\n'
    )
    programme = bus(charger=CHARGER.replace("\n[declared]", stated + "\n[declared]"))
    rows = {one.id: one.charging for one in slot_rows(programme, Verification((), {}, 0, 0), ())}
    [way] = rows.pop("charger")
    assert (way.said("en"), way.said("ru")) == (
        "CCS2, DIN 70121, up to 750 V, 150 kW",
        "CCS2, DIN 70121, до 750 V, 150 кВт",
    )
    assert not any(rows.values())
