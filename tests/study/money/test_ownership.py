"""Cost of ownership by stated prices and energy tables, and the life-cycle contract of the bus, against sums by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from covolt.contract.datasheet import Declared
from covolt.contract.terms import Supply
from covolt.library.shipped_tables import shipped_tables
from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.energy_prices import EnergyPrices
from covolt.programme.reading import read_programme
from covolt.study.procedures.energy_cost import charging_prices, price_of
from covolt.study.procedures.life_cycle_contract import replacements
from covolt.study.procedures.protocol import Given, Record
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.money_known import money_problems
from tests.study.money.joined import LIFE_CYCLE, table
from tests.study.origin.joined import city_car

SHIPPED = shipped_tables()
BUS = Path(__file__).resolve().parents[3] / "examples" / "city-bus"
RATES = {
    "schema": "rates/1",
    "id": "rates",
    "title": "Rates",
    "source": "assumption of the test",
    "assumed": True,
    "rate": [{"currency": "BYN", "per": "RUB", "value": 25, "valid_from": "2026-01-01"}],
}
DAY = "2026-11-28"


@pytest.fixture(scope="module")
def car() -> Subject:
    programme = city_car()
    return subject_of(locked_sheets(programme), programme.charter.vehicle, "vehicle", terms=Terms("RUB", dict(SHIPPED)))


def own(subject: Subject, **given: Any) -> Record:
    return procedures()["ownership"].do(subject, Given(**given))


def priced(subject: Subject, prices: dict[str, float], u: float = 0.0) -> Subject:
    sheets = dict(subject.sheets)
    for slot, price in prices.items():
        points = [{"yearly_volume": 1000, "price": price, "u": u}]
        supply = Supply.model_validate({"currency": "RUB", "valid_from": "2026-01-01", "price": points})
        sheets[slot] = sheets[slot].model_copy(update={"supply": supply})
    return replace(subject, sheets=sheets)


def test_prices_of_energy_of_the_day() -> None:
    def mean(market: str, place: Any, currency: str, day: str = DAY) -> Any:
        subject = Subject(vehicle=None, terms=Terms("RUB", {**SHIPPED, "rates": table(RATES)}))  # pyright: ignore[reportArgumentType]
        return price_of(subject, Given(market=market, day=day), place, currency)

    assert mean("RU", "public", "RUB") == (15 + 20 + Fraction("19.89")) / 3
    # The tariff of Tver rose on 2026-10-01; a row that has begun takes the place of the one before.
    assert mean("RU", "household", "RUB") == (Fraction("6.99") + Fraction("6.62")) / 2
    assert mean("RU", "household", "RUB", "2026-09-30") == (Fraction("6.99") + Fraction("5.95")) / 2
    assert mean("BY", "public", "BYN") == (Fraction("0.46") + Fraction("0.61")) / 2
    assert mean("BY", "public", "RUB") == 25 * (Fraction("0.46") + Fraction("0.61")) / 2
    assert "no rate of BYN/RUB on 2025-12-31" in str(mean("BY", "public", "RUB", "2025-12-31"))
    assert "no price of electricity is known in RU on 2026-11-28, at a depot" in str(mean("RU", "depot", "RUB"))


def noted(record: Record, title: str) -> float:
    return next(one.value_si for one in record.lines if str(one.title) == title)


def test_ownership_by_stated_prices_and_charging(car: Subject) -> None:
    as_today = own(car)
    rest = [slot for slot in car.sheets if slot not in {"battery", "charger", "drive_unit"}]
    stated = dict.fromkeys(rest, 100_000.0) | {"battery": 400_000.0, "charger": 30_000.0, "drive_unit": 90_000.0}
    record = own(priced(car, stated), market="RU", day=DAY, yearly_vehicle_count=1000)
    price = 1.25 * sum(stated.values())
    assert record.measures["price"] == pytest.approx(price)
    home, public = (6.99 + 6.62) / 2, (15 + 20 + 19.89) / 3
    worth = sum(1.08**-year for year in range(1, 11))

    def total(one: Record, per_kWh: float) -> float:
        yearly = 15_000 * (noted(one, "consumption from the mains") / 3600 * per_kWh + 0.9)
        price = one.measures["price"]
        return price + (yearly + 0.03 * price) * worth - 0.2 * price / 1.08**10

    assert sorted(record.laws["cost"].values()) == pytest.approx([total(record, home), total(record, public)])
    assert "cost_byn" in record.open
    # u of the prices: the cost moves as it does where all prices rise.
    sure = own(priced(car, stated, 2000.0), market="RU", day=DAY, yearly_vehicle_count=1000)
    dearer = own(
        priced(car, {slot: one + 2000.0 for slot, one in stated.items()}),
        market="RU", day=DAY, yearly_vehicle_count=1000,
    )  # fmt: skip
    for measure in ("price", "cost", "cost_per_distance", "cost_over_petrol"):
        assert set(sure.unsure[measure]) == set(stated)
        moved = sum(sure.unsure[measure].values())
        assert moved == pytest.approx(dearer.measures[measure] - record.measures[measure], rel=1e-6)
    assert sure.measures == record.measures
    assert not any("Estimate by kWh and kW" in str(one) for one in record.remarks)
    # Without prices it is as it was, and says so.
    assert any("Estimate by kWh and kW" in str(one) for one in as_today.remarks)
    assert as_today.measures["cost"] == pytest.approx(total(as_today, 7.0))
    part = own(priced(car, {"battery": 400_000.0}), day=DAY, yearly_vehicle_count=1000)
    assert any(
        str(one) == "Estimate by kWh and kW, for no price is stated: drive units, charger, glider"
        for one in part.remarks
    )
    battery_J = as_today.lines[1].value_si
    assert part.measures["price"] - as_today.measures["price"] == pytest.approx(
        1.25 * (400_000 - 9_500 * battery_J / 3.6e6)
    )


def test_a_stated_share_decides_how_it_is_charged_and_what_was_not_found_stays_open(car: Subject) -> None:
    shipped = SHIPPED["energy-prices"]
    assert isinstance(shipped, EnergyPrices)
    tables = {**SHIPPED, "rates": table(RATES), "energy-prices": shipped.model_copy(update={"public_share": 0.25})}
    subject = replace(car, terms=Terms("RUB", tables))
    given = Given(market="BY", day=DAY)
    home, public = (0.2412 + 0.1688 + 0.4824) / 3, (0.46 + 0.61) / 2
    assert charging_prices(subject, given, "BYN") == {
        "25 % charged in public": pytest.approx(0.25 * public + 0.75 * home)
    }
    record = own(subject, market="BY", day=DAY)
    assert "no price of petrol is known in BY" in str(record.open["cost_petrol"].why)
    assert "no price of diesel is known in BY" in str(record.open["cost_diesel"].why)
    assert "cost_over_petrol" in record.open
    assert record.measures["cost_byn"] == pytest.approx(record.measures["cost"] / 25)


def fuel_heated(car: Subject) -> Subject:
    """The car with a fuel-fired heater beside what heats it by the battery."""
    cabin = car.sheets["cabin"]
    declared = {**cabin.declared, "fuel_heater_power": Declared(value="5 kW", basis="estimate")}
    sheets = {**car.sheets, "cabin": cabin.model_copy(update={"declared": declared})}
    return subject_of(sheets, city_car().charter.vehicle, "vehicle", terms=car.terms)


def test_the_fuel_of_heating_has_its_cost_over_the_year_as_electric_heat_has(car: Subject) -> None:
    fitted, given = fuel_heated(car), {"market": "RU", "day": DAY, "climate": "moscow"}
    without, burning = own(car, **given), own(fitted, **given)
    litres = 1e3 * 15e6 * burning.measures["heater_fuel"]
    assert 10.0 < litres < 1000.0
    assert without.measures["heater_fuel"] == 0.0
    months = [one.value_si for one in burning.lines if str(one.title).startswith("from the cells in month")]
    assert noted(burning, "from the cells, over the year") == pytest.approx(sum(months) / 12.0)
    saved_kWh = (
        15e6 / 3.6e6 * (noted(without, "consumption from the mains") - noted(burning, "consumption from the mains"))
    )
    assert saved_kWh > 100.0
    worth = sum(1.08**-year for year in range(1, 11))
    for how, per_kWh in (("charged at home", (6.99 + 6.62) / 2), ("charged in public", (15 + 20 + 19.89) / 3)):
        law = f"glider at 1.1 MRUB, {how}"
        dearer = burning.laws["cost"][law] - without.laws["cost"][law]
        assert dearer == pytest.approx((71.48 * litres - per_kWh * saved_kWh) * worth, rel=1e-6)
    # A climate of the market where none is named, and said so.
    silent = own(fitted, market="RU", day=DAY)
    assert silent.measures == burning.measures
    assert any("those of Moscow" in str(one) for one in silent.remarks)


def test_without_a_price_of_its_fuel_the_cost_is_open_and_the_price_is_not(car: Subject) -> None:
    tables = {**SHIPPED, "rates": table(RATES)}
    fitted = replace(fuel_heated(car), terms=Terms("RUB", tables))
    record = own(fitted, market="BY", day=DAY)
    for measure in ("cost", "cost_per_distance", "cost_over_petrol", "cost_byn"):
        assert "no price of diesel is known in BY on 2026-11-28, at a pump" in str(record.open[measure].why)
    assert record.measures["price"] > 0.0
    assert record.measures["heater_fuel"] > 0.0
    assert "cost" not in own(replace(car, terms=Terms("RUB", tables)), market="BY", day=DAY).open
    # Neither market nor climate: nothing heats, whatever it is; a climate alone is paid as the cars compared pay.
    plain = own(fitted)
    assert plain.measures["heater_fuel"] == 0.0
    assert any("heating and cooling off" in str(one) for one in plain.remarks)
    cold = own(fitted, climate="moscow")
    litre = noted(cold, "fuel of heating a year") / (1e3 * 15e6 * cold.measures["heater_fuel"])
    assert litre == pytest.approx(7.1 * 9.9)


def test_a_car_too_heavy_for_the_cycle_still_has_its_price(car: Subject) -> None:
    record = own(car, market="RU", day=DAY, payload_kg=9000.0)
    for measure in ("cost", "cost_per_distance", "cost_over_petrol", "cost_byn", "heater_fuel"):
        assert "the cycle is not driven at -7.2 degC" in str(record.missing[measure])
    assert record.measures["price"] > 0.0
    assert record.measures["cost_petrol"] > 0.0


def test_batteries_are_replaced_while_the_contract_runs() -> None:
    assert replacements(15, 7.5) == [7.5]
    assert replacements(15, 7.4) == pytest.approx([7.4, 14.8])
    assert replacements(15, 15.0) == []
    assert replacements(15, 20.0) == []
    assert len(replacements(15, 0.5)) == 29


def test_the_contract_of_a_bus_is_a_sum_by_hand_and_open_where_nothing_is_stated() -> None:
    files = {one.relative_to(BUS).as_posix(): one.read_bytes() for one in BUS.rglob("*") if one.is_file()}
    programme = read_programme(files)
    assert not money_problems(programme)
    sheets = {slot: one.model_copy(update={"supply": None}) for slot, one in locked_sheets(programme).items()}
    bare = subject_of(sheets, programme.charter.vehicle, "vehicle", terms=Terms("RUB", dict(SHIPPED)))
    given: dict[str, Any] = {
        "market": "RU",
        "day": DAY,
        "yearly_vehicle_count": 1000,
        "yearly_distance_m": 56e6,
    }
    open_record = procedures()["life-cycle-contract"].do(bare, Given(**given))
    said = str(open_record.open["cost"].why)
    for part in ("no price is stated", "at a depot", "no upkeep is stated", "no life of the battery is stated"):
        assert part in said
    assert open_record.open["cost"].high is None
    depot = {
        "schema": "energy-prices/1",
        "id": "depot",
        "title": "Depot",
        "source": "assumption of the test",
        "assumed": True,
        "price": [
            {
                "country": "RU",
                "carrier": "electricity",
                "place": "depot",
                "price": 8,
                "currency": "RUB",
                "valid_from": "2026-01-01",
            }
        ],
    }
    contract = {**LIFE_CYCLE, "battery_life_km": 420000, "battery_life_years": 7.6}
    whole = priced(bare, dict.fromkeys(bare.sheets, 1_000_000.0))
    tables = {**SHIPPED, "depot": table(depot), "contract": table(contract), "rates": table(RATES)}
    record = procedures()["life-cycle-contract"].do(replace(whole, terms=Terms("RUB", tables)), Given(**given))
    price = 1.25 * 1e6 * len(bare.sheets)
    mains = record.measures["consumption"] / 3.6e6  # kWh/m
    yearly = 56e6 * mains * 8 + 22 * 56_000
    # 420,000 km come after 7.5 years, before the 7.6.
    expected = price + yearly * sum(1.1**-year for year in range(1, 16)) + 1.25e6 / 1.1**7.5
    assert record.measures["cost"] == pytest.approx(expected, rel=1e-9)
    assert record.measures["cost_byn"] == pytest.approx(expected / 25, rel=1e-9)
    assert record.measures["batteries"] == 1.0
    assert 0.5 < mains * 1000 < 2.0


def test_the_battery_of_the_contract_ages_by_the_laws_of_its_cells() -> None:
    files = {one.relative_to(BUS).as_posix(): one.read_bytes() for one in BUS.rglob("*") if one.is_file()}
    programme = read_programme(files)
    bare = subject_of(locked_sheets(programme), programme.charter.vehicle, "vehicle", terms=Terms("RUB", dict(SHIPPED)))
    whole = priced(bare, dict.fromkeys(bare.sheets, 1_000_000.0), 20_000.0)
    contract = {**LIFE_CYCLE, "battery_end_fraction": 0.8}
    given: dict[str, Any] = {"market": "RU", "day": DAY, "yearly_vehicle_count": 1000, "yearly_distance_m": 56e6}
    given["climate"] = "minsk"

    def asked(**further: Any) -> Record:
        tables = {**SHIPPED, "contract": table({**contract, **further})}
        return procedures()["life-cycle-contract"].do(replace(whole, terms=Terms("RUB", tables)), Given(**given))

    record = asked()
    lives = record.laws["battery_life"]
    aged = procedures()["gtr-22"].do(bare, Given(yearly_distance_m=56e6, climate="minsk"))
    kept = aged.laws["soce_8_years"]
    assert set(lives) == set(kept)
    # Who keeps more than 80 % after eight years lives longer than these, and the other way round.
    assert all((lives[law] > 8.0) == (kept[law] > 0.8) for law in lives)
    assert record.measures["battery_life"] == min(lives.values())
    batteries = {law: float(len(replacements(15, life))) for law, life in lives.items()}
    assert record.measures["batteries"] == max(batteries.values())
    # A stated life ends it no later.
    stated = asked(battery_life_years=3)
    assert all(life == min(3.0, lives[law]) for law, life in stated.laws["battery_life"].items())
    battery = record.unsure["cost"]["battery"]
    worst = max(sum(1.1**-one for one in replacements(15, life)) for life in lives.values())
    assert battery == pytest.approx(1.25 * 20_000.0 * (1.0 + worst))
    assert record.unsure["cost"]["body"] == pytest.approx(1.25 * 20_000.0)


def test_a_programme_counts_in_roubles_belarusian_roubles_or_a_currency_that_its_rates_know() -> None:
    charter = (BUS / "programme.toml").read_text(encoding="utf-8")
    assert 'currency = "RUB"' in charter
    files = {one.relative_to(BUS).as_posix(): one.read_bytes() for one in BUS.rglob("*") if one.is_file()}
    rates = "\n".join(
        (
            'schema = "rates/1"', 'id = "rates"', 'title = "Rates"', 'source = "assumption of the test"',
            "assumed = true", "[[rate]]", 'currency = "CNY"', 'per = "RUB"', "value = 11.5", 'valid_from = "2026-01-01"',
        )
    )  # fmt: skip

    def told(currency: str, *, known: bool = False) -> list[str]:
        own = charter.replace('currency = "RUB"', f'currency = "{currency}"').encode()
        tables = {"tables/rates.toml": rates.encode()} if known else {}
        return [str(one) for one in money_problems(read_programme({**files, "programme.toml": own, **tables}))]

    assert told("RUB") == told("BYN") == told("CNY", known=True) == []
    [said] = told("CNY")
    assert "no rate of CNY is known" in said
    assert "programme.toml:" in said
