"""Terms of offers: what they refuse, and that an offer without them is what it was."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import canonical_json, loads
from covolt.contract.offer import Offer
from covolt.contract.terms import Origin, Supply
from covolt.errors import InputError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SUPPLY = """
currency = "BYN"
valid_from = "2026-01-01"
valid_until = "2027-12-31"
capacity_per_year = 8000
lead_time = "90 d"
price = [{ yearly_volume = 1000, price = 16000 }, { yearly_volume = 5000, price = 12000.0, u = 300 }]
"""
ORIGIN = """
value = [{ country = "BY", share = 0.62 }, { country = "CN", share = 0.38 }]
operations = [{ id = "welding of body", country = "BY", extent = 0.7, evidence = "evidence/welding.pdf" }]
"""


def told(text: str, kind: type[Supply] | type[Origin]) -> str:
    with pytest.raises(InputError) as raised:
        loads(text, kind, "part.toml")
    return "\n".join(map(str, raised.value.problems))


def test_terms_are_read() -> None:
    assert loads(SUPPLY, Supply, "part.toml").price[1].u == 300
    assert loads(ORIGIN, Origin, "part.toml").operations[0].extent == 0.7


def test_everything_wrong_with_a_supply_is_told_at_once() -> None:
    said = told(
        SUPPLY.replace("2027-12-31", "2025-12-31")
        .replace("8000", "4000")
        .replace("1000,", "5000,")
        .replace("90 d", "-90 d"),
        Supply,
    )
    assert "do not rise" in said
    assert "before it begins" in said
    assert "5000 vehicles a year, and the capacity is 4000 parts" in said
    assert "-90 d is not positive" in said


@pytest.mark.parametrize(
    ("wrong", "by", "expected"),
    [
        ("share = 0.38", "share = 0.5", "add up to 1.12"),
        ('"CN"', '"BY"', "country stated twice: BY"),
        ('"CN"', '"China"', "no country"),
    ],
)
def test_an_origin_is_held_together(wrong: str, by: str, expected: str) -> None:
    assert expected in told(ORIGIN.replace(wrong, by), Origin)


def test_an_offer_without_terms_keeps_its_digest_and_one_with_them_holds_them() -> None:
    files = sorted(EXAMPLES.glob("*/offers/*/*.toml"))
    offers = [loads(one.read_text(), Offer, one.name) for one in files if ".signed-" not in one.name]
    assert offers
    plain = [one for one in offers if one.datasheet.supply is None and one.datasheet.origin is None]
    for one in offers:
        one.verify()
    sheet = (plain or offers)[0].datasheet
    with_terms = Datasheet.model_validate(
        {
            **sheet.model_dump(by_alias=True, exclude_none=True),
            "supply": tomllib.loads(SUPPLY),
            "origin": tomllib.loads(ORIGIN),
        }
    )
    assert canonical_json(with_terms) != canonical_json(sheet)
    assert b'"supply"' not in canonical_json(sheet.model_copy(update={"supply": None, "origin": None}))


def test_operations_that_read_alike_are_stated_twice() -> None:
    for other in (
        "welding  of body",
        "Welding of body",
        " welding of body",
        "welding \N{CYRILLIC SMALL LETTER O}f body",
    ):
        rows = [{"id": one, "country": "RU"} for one in ("welding of body", other)]
        with pytest.raises(ValueError, match="operation stated twice: welding of body in RU"):
            Origin.model_validate({"operations": rows})
