"""Charging interfaces of parts and contracts: what they refuse, what a contract demands, and that older documents hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from covolt.contract.charging import CONNECTORS, interfaces_held
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import canonical_json, loads
from covolt.errors import InputError
from covolt.programme.agreement import Contract, contract_differences

PART = """
schema = "part/1"
id = "depot-44"
party = "electronics-works"
fills = "charger"
version = "1.0.0"
{charging}
[model]
kind = "on-board"
"""
CONTRACT = """
schema = "contract/1"
id = "charger"
revision = 3
title = "Charging"
interface = "charger@1"
between = ["electronics-works", "bus-works"]
"""
CCS = """
[[charging]]
connector = "CCS2"
protocols = ["DIN 70121", "ISO 15118-2"]
voltage_minimum = "200 V"
voltage_maximum = "850 V"
power = "150 kW"
"""


def part(charging: str = "", fills: str = "charger") -> Datasheet:
    return loads(PART.format(charging=charging).replace('"charger"', f'"{fills}"'), Datasheet, "part.toml")


def differences(offered: str, demanded: str) -> dict[str, tuple[str, str]]:
    found = contract_differences(part(offered), loads(CONTRACT + demanded, Contract, "charger.toml"))
    assert all("charger@4" in str(one.hint) for one in found)
    return {one.path: (str(one.promised), str(one.offered)) for one in found}


def test_a_part_without_it_has_the_digest_that_it_had() -> None:
    assert b"charging" not in canonical_json(part())
    assert b"charging" not in canonical_json(loads(CONTRACT, Contract))
    assert b'"connector":"CCS2"' in canonical_json(part(CCS))


def test_an_offer_that_keeps_everything_is_taken() -> None:
    assert differences(CCS, CCS) == {}
    assert differences(CCS, '[[charging]]\nconnector = "CCS2"\nvoltage_class = "800 V"\n') == {}
    assert differences(CCS, "") == {}
    assert differences("", "") == {}


def test_an_offer_that_lacks_something_is_refused_with_its_figures() -> None:
    wanted = (
        CCS.replace("850 V", "900 V")
        .replace("200 V", "150 V")
        .replace("150 kW", "300 kW")
        .replace('"DIN 70121"', '"ISO 15118-20"')
    )
    assert differences(CCS, wanted + '[[charging]]\nconnector = "GB/T DC"\n') == {
        "charging.CCS2.protocols": ("ISO 15118-20", "DIN 70121, ISO 15118-2"),
        "charging.CCS2.voltage_minimum": ("from 150 V on", "200 V"),
        "charging.CCS2.voltage_maximum": ("up to 900 V", "850 V"),
        "charging.CCS2.power": ("at least 300 kW", "150 kW"),
        "charging.GB/T DC": ("GB/T DC by GB/T 20234.3", "CCS2"),
    }
    assert differences("", '[[charging]]\nconnector = "CHAdeMO"\n') == {
        "charging.CHAdeMO": ("CHAdeMO by IEC 62196-3, AA", "nothing")
    }
    bare = '[[charging]]\nconnector = "CCS2"\n'
    assert {offered for _, offered in differences(bare, CCS).values()} == {"nothing"}
    low = bare + 'voltage_class = "400 V"\n'
    assert differences(low, bare + 'voltage_class = "800 V"\n') == {
        "charging.CCS2.voltage_class": ("class 800 V", "400 V")
    }


@pytest.mark.parametrize("offered", ["499 V", "500 V", "501 V"])
@pytest.mark.parametrize("demanded", ["499 V", "500 V", "501 V"])
def test_a_voltage_is_covered_where_it_is_no_higher(offered: str, demanded: str) -> None:
    rows = '[[charging]]\nconnector = "CCS2"\nvoltage_maximum = "{}"\n'
    contract = loads(CONTRACT + rows.format(demanded), Contract)
    held = list(interfaces_held(contract.charging, part(rows.format(offered)).charging))
    assert all(one.holds for one in held) == (float(offered[:3]) >= float(demanded[:3]))


def test_everything_wrong_is_told_at_once() -> None:
    wrong = """
[[charging]]
connector = "CCS3"
protocols = ["OCPP"]

[[charging]]
connector = "GB/T DC"
protocols = ["ISO 15118-2", "GB/T 27930", "GB/T 27930"]
voltage_minimum = "900 V"
voltage_maximum = "400 V"
voltage_class = "800 V"

[[charging]]
connector = "CCS2"
power = "0 kW"
"""
    with pytest.raises(InputError) as raised:
        part(wrong)
    told = [(one.where, str(one.what), str(one.hint)) for one in raised.value.problems]
    places = [where.partition(" ")[2] for where, _, _ in told]
    assert places == [
        "(charging.0.connector)",
        "(charging.0.protocols.0)",
        "(charging.1.protocols.0)",
        "(charging.1.protocols.2)",
        "(charging.1.voltage_maximum)",
        "(charging.1.voltage_class)",
        "(charging.2.power)",
    ]
    assert all(where.startswith("part.toml:") and hint for where, _, hint in told)
    assert told[0][2] == "did you mean 'CCS2'?"
    assert told[2][1:] == ("ISO 15118-2 is not spoken over GB/T DC", "write one of: GB/T 27930")


def test_only_what_is_charged_states_it_and_each_connector_once() -> None:
    with pytest.raises(InputError) as raised:
        part(CCS + CCS, fills="tyre")
    assert [str(one.what) for one in raised.value.problems] == ["tyre is not charged", "CCS2 stands twice"]
    with pytest.raises(InputError, match="cabin is not charged"):
        loads(CONTRACT.replace("charger@1", "cabin@1") + CCS, Contract)
    assert part(CCS, fills="battery").charging is not None


def test_every_connector_has_a_standard_and_is_told_on_the_page_of_fields() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "programme.md").read_text(encoding="utf-8")
    for name, kind in CONNECTORS.items():
        assert kind.standard and kind.protocols
        assert f"`{name}`" in page and kind.standard.partition(",")[0] in page
        assert all(f"`{protocol}`" in page for protocol in kind.protocols)
