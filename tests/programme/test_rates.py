"""Exchange rates: of a day, in both directions, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from covolt.contract.document import loads
from covolt.errors import InputError
from covolt.library.terms import terms_of
from covolt.programme.rates import Rates, converted
from covolt.programme.reading import read_programme
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import record_key

CITY_CAR = Path(__file__).resolve().parents[2] / "examples" / "city-car"

FILE = """
schema = "rates/1"
id = "assumed-2026"
title = "Assumed rates"
source = "assumption of the programme"
assumed = true
[[rate]]
currency = "BYN"
per = "RUB"
value = 27.1
valid_from = "2026-01-01"
[[rate]]
currency = "BYN"
per = "RUB"
value = 28
valid_from = "2026-07-01"
valid_until = "2026-12-31"
"""


def rates(text: str = FILE) -> Rates:
    return loads(text, Rates, "tables/rates.toml")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-12-31", None),
        ("2026-01-01", Fraction(271)),
        ("2026-06-30", Fraction(271)),
        ("2026-07-01", Fraction(280)),
        ("2026-12-31", Fraction(280)),
        ("2027-01-01", None),
    ],
)
def test_a_rate_holds_from_its_day_until_the_next(day: str, expected: Fraction | None) -> None:
    assert converted(Fraction(10), "BYN", "RUB", day, [rates()]) == expected
    if expected is not None:
        assert converted(expected, "RUB", "BYN", day, [rates()]) == 10


def test_no_currency_comes_by_way_of_a_third() -> None:
    assert converted(Fraction(1), "KZT", "RUB", "2026-02-01", [rates()]) is None
    assert converted(Fraction(1), "RUB", "RUB", "1999-01-01", []) == 1


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = FILE.replace('"2026-07-01"', '"2026-01-01"').replace("value = 28", "value = -28") + (
        '[[rate]]\ncurrency = "RUB"\nper = "RUB"\nvalue = 1\nvalid_from = "2026-02-30"\n'
    )
    with pytest.raises(InputError) as raised:
        rates(wrong)
    told = "\n".join(map(str, raised.value.problems))
    assert "-28" in told
    assert "2026-02-30" in told
    two = FILE.replace('"2026-07-01"', '"2026-01-01"') + (
        '[[rate]]\ncurrency = "RUB"\nper = "RUB"\nvalue = 1\nvalid_from = "2026-02-03"\nvalid_until = "2026-02-01"\n'
    )
    with pytest.raises(InputError) as raised:
        rates(two)
    told = "\n".join(map(str, raised.value.problems))
    assert "2 rates of BYN/RUB from 2026-01-01 on" in told
    assert "RUB against itself" in told
    assert "ends on 2026-02-01, before it begins" in told


@pytest.mark.parametrize("value", ["inf", "nan", "1e400", "1e308", "1e-320", "9223372036854775807"])
def test_a_rate_of_no_size_that_money_has_is_refused(value: str) -> None:
    with pytest.raises(InputError):
        rates(FILE.replace("value = 28", f"value = {value}"))


def city_car(**further: str) -> dict[str, bytes]:
    files = {one.relative_to(CITY_CAR).as_posix(): one.read_bytes() for one in CITY_CAR.rglob("*") if one.is_file()}
    return {**files, **{name: text.encode() for name, text in further.items()}}


def test_a_programme_reads_its_tables_and_procedures_that_read_terms_see_them() -> None:
    # A day on which the programme's own table begins no rate: two that begin on one day are refused.
    later = FILE.replace("2026-01-01", "2026-01-02")
    plain, with_rates = read_programme(city_car()), read_programme(city_car(**{"tables/rates.toml": later}))
    assert set(with_rates.tables) - set(plain.tables) == {"assumed-2026"}
    assert rates(later) in terms_of(with_rates).of(Rates)
    declaration = procedures()["declaration"]
    keys = [
        record_key(one, Given(), locked_sheets(plain), plain.charter.vehicle, terms=terms_of(programme).digest)
        for one in (declaration, replace(declaration, reads_terms=True))
        for programme in (plain, with_rates)
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_what_two_tables_say_of_one_day_is_refused() -> None:
    own = (CITY_CAR / "tables" / "assumed-rate.toml").read_text()
    double = own.replace('id = "assumed-rate"', 'id = "a-rate"').replace("value = ", "value = 1")
    with pytest.raises(InputError, match=r"assumed-rate\.toml:\d+: 'BYN/RUB' on 2026-01-01 is in the table a-rate too"):
        read_programme(city_car(**{"tables/a.toml": double}))
    fee = """
schema = "state-money/1"
id = "NAME"
title = "Fee"
source = "assumption"
markets = ["RU"]
categories = ["M1"]
currency = "RUB"
fee = [{ power_over = "0 kW", valid_from = "FROM", coefficient_new = 1, fee_new = 1, coefficient_older = 1, fee_older = 1 }]
row = [{ id = "tax", title = "Tax", kind = "tax", share = 0.2, valid_from = "FROM", valid_until = "UNTIL" }]
"""

    def named(name: str, begin: str, end: str) -> str:
        return fee.replace("NAME", name).replace("FROM", begin).replace("UNTIL", end)

    first, second = named("one", "2026-01-01", "2026-12-31"), named("two", "2026-06-01", "2027-12-31")
    with pytest.raises(InputError) as caught:
        read_programme(city_car(**{"tables/one.toml": first, "tables/two.toml": second}))
    assert [str(one.what) for one in caught.value.problems] == [
        "'RU, 0 kW' on 2026-06-01 is in the table one too",
        "'tax RU M1' on 2026-06-01 is in the table one too",
    ]
    assert all(one.where.startswith("tables/two.toml:") for one in caught.value.problems)
    elsewhere = second.replace('"RU"', '"KZ"')
    read_programme(city_car(**{"tables/one.toml": first, "tables/two.toml": elsewhere}))


def test_a_table_stands_in_the_folder_of_tables() -> None:
    with pytest.raises(InputError, match=r"move it: tables/rates\.toml"):
        read_programme(city_car(**{"institute/rates.toml": FILE}))
