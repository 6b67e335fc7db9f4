"""What nobody could use is told before an offer is published; what was published so before stops nobody who did not choose it."""

import re

import pytest

from covolt.cli import exit_codes, main
from covolt.contract.codes import COUNTRIES, CURRENCIES
from covolt.library.cars import figures
from covolt.library.starting import begin
from covolt.programme.offering import publish_part

pytestmark = pytest.mark.whole

TERMS = """
[tables.charging_power]
unit = "kW"
axes = [{ name = "state_of_charge", unit = "1", values = [0.0, 1.0] }]
values = [400.0, 20.0]
basis = "estimate"
source = "x"

[supply]
currency = "BYR"
price = [{ yearly_volume = 100, price = 560000 }]
valid_from = "2026-10-01"

[origin]
value = [{ country = "BY", share = 0.8 }, { country = "XX", share = 0.2 }]
operations = [{ id = "traction battery", country = "BY" }, { id = "Cels", country = "CN" }]
"""
MENDED = {"BYR": "BYN", "XX": "RU", "Cels": "cells", "400.0": "60.0"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    return begin(tmp_path / "prog", figures("city-car"))


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(one) for one in arguments])
    captured = capsys.readouterr()
    return leaving.value.code, " ".join(captured.out.split()), " ".join(captured.err.split())


def newer(folder, terms=TERMS):
    """A newer version of the pack with these terms."""
    part = folder / "supplier/parts/pack/part.toml"
    text = part.read_text().replace('version = "1.0.0"', 'version = "1.1.0"')
    part.write_text(text + terms)
    return part


def mended():
    text = TERMS
    for wrong, right in MENDED.items():
        text = text.replace(wrong, right)
    return text


def test_all_that_no_reader_could_use_is_told_before_anything_is_written(capsys, folder):
    part = newer(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for options in ([], ["--dry-run"]):
        code, _, told = run(capsys, "offer", part, *options)
        assert code == exit_codes.INPUT_WRONG
        assert "4 problems" in told
        for expected in (
            "no scheme of origin knows the operation 'Cels' hint: did you mean 'cells'?",
            "(origin.operations.1.id)",
            "knows the currency BYR",
            "ISO 3166 knows no country XX",
            "the charging curve rises to 400 kW, above charge_power_peak 66.0 kW",
        ):
            assert expected in told, expected
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_mended_part_is_offered_and_its_country_without_value_told(capsys, folder):
    code, out, told = run(capsys, "offer", newer(folder, mended()))
    assert code == exit_codes.COMPLETED, told
    told_of = "supplier/pack@1.1.0 states operations in CN and no share of its value there: cells"
    assert told_of in out + told
    assert run(capsys, "lock", folder, "--upgrade")[0] == exit_codes.COMPLETED
    for command in (("check", folder), ("origin", folder, "--market", "RU")):
        code, out, told = run(capsys, *command)
        assert (code, told_of in out + told) == (exit_codes.COMPLETED, True), command


def test_an_offer_of_before_that_nobody_locked_stops_nobody(capsys, folder):
    part = newer(folder, mended().replace('"cells"', '"Cels"'))
    original = part.read_text()
    publish_part(part)
    part.unlink()
    assert run(capsys, "origin", folder, "--market", "RU")[0] == exit_codes.COMPLETED
    code, out, told = run(capsys, "check", folder)
    assert code == exit_codes.COMPLETED
    assert "no scheme of origin knows the operation 'Cels'" in out + told
    code, _, told = run(capsys, "lock", folder, "--pin", "battery=supplier/pack@1.1.0")
    assert (code, "'Cels'" in told) == (exit_codes.INPUT_WRONG, True)
    part.write_text(original)
    assert run(capsys, "check", folder)[0] == exit_codes.INPUT_WRONG


def test_the_codes_are_those_of_the_shipped_parts():
    assert {"BY", "RU", "KZ", "CN"} <= COUNTRIES
    assert "XX" not in COUNTRIES
    assert {"BYN", "RUB", "CNY", "EUR"} <= CURRENCIES
    assert not {"BYR", "XAU"} & CURRENCIES


def test_all_terms_are_shown_before_publishing_and_compared_beside_rivals(capsys, folder):
    asked = folder / "integrator/requirements/price.toml"
    asked.parent.mkdir(exist_ok=True)
    asked.write_text(
        'schema = "requirement/1"\nid = "I-PRICE"\nparty = "integrator"\ntitle = "Price"\nkind = "wish"\nprocedure = "supply"\n'
        'measure = "covered"\nat_least = "100 %"\nconditions = { date = "2027-01-01", yearly_volume = 200 }\n'
    )
    curve = "[{ yearly_volume = 100, price = 16000000, u = 400000 }, { yearly_volume = 400, price = 14000000 }]"
    terms = mended().replace("[{ yearly_volume = 100, price = 560000 }]", curve).replace('"BYN"', '"RUB"')
    part = newer(folder, terms.replace("[origin]", 'capacity_per_year = 400\nlead_time = "90 d"\n\n[origin]'))
    shown = run(capsys, "offer", part, "--dry-run")[1].replace("\N{NARROW NO-BREAK SPACE}", " ")
    for expected in (
        "price of a part at 100 vehicles a year 16 000 000 RUB 400 000",
        "capacity a year 400",
        "the terms hold from 2026-10-01",
        "lead time 90 d",
        "share of value made in BY 80",
        "operation: cells CN",
    ):
        assert expected in shown.replace("\N{NO-BREAK SPACE}", " "), expected
    assert run(capsys, "offer", part)[0] == exit_codes.COMPLETED
    code, side, _ = run(capsys, "offers", folder, "--slot", "battery")
    side = side.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert code == exit_codes.COMPLETED
    # Half the way in the logarithm: 15 000 000, and half of u = 400 000, twice.
    assert "price at 200 vehicles a year on 2027-01-01, RUB" in side
    assert "15 000 000 ± 400 000" in side
    assert "BY 80 %, RU 20 %" in side
    assert "100: 16 000 000; 400: 14 000 000 RUB" in side


def charging(folder, rows, of="pack", version="1.1.0"):
    """A newer version of a part of the supplier with connectors."""
    part = folder / f"supplier/parts/{of}/part.toml"
    lines = part.read_text().split("\n[[charging]]")[0]
    part.write_text(re.sub('version = "[0-9.]+"', f'version = "{version}"', lines) + rows)
    return part


PACK = """
[[charging]]
connector = "CCS2"
voltage_minimum = "600 V"
voltage_maximum = "900 V"
"""


def test_a_battery_that_its_own_connector_cannot_charge_is_refused(capsys, folder):
    for options in ([], ["--dry-run"]):
        code, _, told = run(capsys, "offer", charging(folder, PACK), *options)
        assert code == exit_codes.INPUT_WRONG
        assert "CCS2 with voltage_minimum 600 V cannot charge a battery of voltage_nominal" in told
    low = PACK.replace("600", "100").replace("900", "200")
    assert "CCS2 with voltage_maximum 200 V cannot" in run(capsys, "offer", charging(folder, low), "--dry-run")[2]
    fair = PACK.replace("600", "250").replace("900", "500")
    code, _, told = run(capsys, "offer", charging(folder, fair), "--dry-run")
    assert code == exit_codes.COMPLETED, told


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "no common direct-current connector"), ("ru", "нет общего разъёма")]
)
def test_a_battery_that_cannot_be_plugged_to_the_charger_is_told_everywhere(capsys, folder, language, expected):
    other = '\n[[charging]]\nconnector = "GB/T DC"\n'
    assert run(capsys, "offer", charging(folder, other, of="charger"))[0] == exit_codes.COMPLETED
    assert run(capsys, "lock", folder, "--upgrade")[0] == exit_codes.COMPLETED
    part = charging(folder, PACK.replace("600", "250").replace("900", "500"))
    language = ("--language", language)
    for command in (("offer", part, "--dry-run"), ("offer", part), ("lock", folder, "--upgrade"), ("check", folder)):
        code, out, told = run(capsys, *command, *language)
        assert (code, expected in out + told) == (exit_codes.COMPLETED, True), (command, out, told)
    agreed = charging(folder, other, version="1.2.0")
    for command in (("offer", agreed), ("lock", folder, "--upgrade"), ("check", folder)):
        code, out, told = run(capsys, *command, *language)
        assert (code, expected in out + told) == (exit_codes.COMPLETED, False), (command, out, told)
