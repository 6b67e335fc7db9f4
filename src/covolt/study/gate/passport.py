"""Fields of the electronic vehicle passport that a programme holds: each with its value and whose word it is, or not known."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import hypot
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt import units
from covolt.contract.datasheet import Basis, Datasheet
from covolt.library.subject import DRIVER_kg
from covolt.programme.documents import Programme
from covolt.programme.text import quantity_si
from covolt.study.procedures.protocol import Record
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.listed import harmless
from covolt.words import Language, Phrase, Words, joined, text

__all__ = ["Passport", "PassportField", "passport_csv", "passport_fields"]

HOW: Mapping[Basis, Literal["declared", "tested"]] = {
    "estimate": "declared",
    "simulated": "declared",
    "supplier": "declared",
    "measured": "tested",
}
SOURCE = text(
    "EEC Board decision 122 of 2015-09-22, by a copy: its form has working voltage, maximum 30-minute power, energy storage"
)
SUM = text("sum of the declared masses")
AXLES = {
    "front": text("front", context="axle"),
    "rear": text("rear", context="axle"),
}
COLUMNS = ("field", "title", "value", "unit", "uncertainty", "how", "party", "slot", "basis", "source", "form")


@dataclass(frozen=True, config=RESULT, kw_only=True)
class PassportField:
    """One field: its value in `unit`, and how it is known: stated in the charter, declared by a party, tested by it, computed.

    `form` where the form of the passport is known to have it; the others are general. `uncertainty` is the standard one.
    """

    field: str
    title: Said
    value: Said | Number | None
    unit: str = ""
    uncertainty: Number | None = None
    how: Literal["stated", "declared", "tested", "computed", "not known"]
    party: str = ""
    slot: str = ""
    basis: str = ""
    source: Said = dataclasses.field(default_factory=Words)
    form: bool = False


@dataclass(frozen=True, config=RESULT)
class Passport:
    """What of the electronic passport of a vehicle a programme holds, on a day; codes of its fields are not known here."""

    programme: str
    date: str
    source: Said
    fields: tuple[PassportField, ...]
    schema: Literal["passport/1"] = "passport/1"


def passport_fields(programme: Programme, records: Mapping[str, Record]) -> Passport:
    """The fields of the vehicle that the lock joins; `records` are those of UN R85 by requirement, where one asks for it."""
    sheets = locked_sheets(programme)
    found = (*_stated(programme), *_masses(programme, sheets), *_drive(sheets, records), *_storage(sheets))
    return Passport(programme.charter.id, programme.day, SOURCE, found)


def passport_csv(passport: Passport, language: Language) -> str:
    """The fields as CSV, one row each; what is not known has an empty value and says so."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in passport.fields:
        row: dict[str, object] = {name: getattr(one, name) for name in COLUMNS}
        value = harmless(one.value.said(language)) if isinstance(one.value, Phrase) else one.value
        row |= {"title": one.title.said(language), "value": value, "source": harmless(one.source.said(language))}
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return made.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else "" if value is None else value


def _stated(programme: Programme) -> Iterator[PassportField]:
    frame = programme.charter.vehicle

    def stated(name: str, title: Phrase, value: Phrase | float | None, unit: str = "") -> PassportField:
        if value is None:
            return PassportField(field=name, title=title, value=None, unit=unit, how="not known")
        source = Words("programme.toml")
        return PassportField(field=name, title=title, value=value, unit=unit, how="stated", source=source)

    yield stated("name", text("name"), programme.charter.title.words)
    yield stated("category", text("category of the vehicle"), Words(frame.category))
    for name, title, written in (
        ("length", text("length"), frame.length),
        ("width", text("width"), frame.width),
        ("height", text("height"), frame.height),
    ):
        yield stated(name, title, None if written is None else 1e3 * quantity_si(written)[0], "mm")
    people = frame.passengers
    yield stated("passengers", text("people besides the driver"), None if people is None else float(people))
    limit = frame.speed_limit
    speed = None if limit is None else units.unit("km/h").from_si(quantity_si(limit)[0])
    yield stated("speed_limit", text("speed limiter"), speed, "km/h")
    yield stated("driven_axle", text("driven axle of the first drive unit"), AXLES[frame.driven_axle])


def _masses(programme: Programme, sheets: Mapping[str, Datasheet]) -> Iterator[PassportField]:
    """m_kerb = sum of the masses; u of one offer in two slots adds up, offers are independent, load and driver are exact."""
    kerb_kg: float | None = 0.0
    unsure: dict[str, float] = defaultdict(float)
    for sheet in sheets.values():
        mass = sheet.declared.get("mass")
        if mass is None or kerb_kg is None:
            kerb_kg = None
            continue
        kerb_kg += mass.value_si
        unsure[sheet.reference] += mass.uncertainty_si
    lines = (
        ("kerb_mass", text("kerb mass, without driver"), 0.0, SUM),
        (
            "running_order_mass",
            text("mass in running order, with a driver of {driver:.0f} kg", driver=DRIVER_kg),
            DRIVER_kg,
            joined((SUM, text("driver by ISO 1176; the form's own definition was not seen"))),
        ),
        (
            "maximum_mass",
            text("maximum mass"),
            quantity_si(programme.charter.vehicle.maximum_load)[0],
            joined((SUM, text("maximum load of programme.toml, in which the driver is"))),
        ),
    )
    for name, title, added_kg, source in lines:
        if kerb_kg is None:
            yield PassportField(field=name, title=title, value=None, unit="kg", how="not known")
            continue
        u_kg = hypot(*unsure.values()) or None
        yield PassportField(
            field=name,
            title=title,
            value=kerb_kg + added_kg,
            unit="kg",
            uncertainty=u_kg,
            how="computed",
            party="covolt",
            source=source,
        )


def _drive(sheets: Mapping[str, Datasheet], records: Mapping[str, Record]) -> Iterator[PassportField]:
    for slot, sheet in sheets.items():
        if sheet.fills.partition("@")[0] == "drive_unit":
            yield _declared(sheet, slot, "power_peak", "power_maximum", text("maximum power"), "kW")
            title = text("maximum 30-minute power")
            yield _declared(sheet, slot, "power_continuous", "power_30_minutes", title, "kW", form=True)
    record = next((one for one in records.values() if "power_30_min" in one.measures), None)
    if record is not None:
        yield PassportField(
            field="power_30_minutes_computed",
            title=text("maximum 30-minute power, computed"),
            value=units.unit("kW").from_si(record.measures["power_30_min"]),
            unit="kW",
            how="computed",
            party="covolt",
            source=text("UN R85, computed by covolt from what the parties declare: no test"),
        )


def _storage(sheets: Mapping[str, Datasheet]) -> Iterator[PassportField]:
    battery = sheets["battery"]
    yield _declared(battery, "battery", "voltage_nominal", "working_voltage", text("working voltage"), "V", form=True)
    cells = battery.chemistry
    yield PassportField(
        field="energy_storage",
        title=text("energy storage: cells"),
        value=None if cells is None else Words(cells),
        how="not known" if cells is None else "declared",
        party=battery.party,
        slot="battery",
        source=Words("" if cells is None else battery.reference),
        form=True,
    )
    for own, name, title, unit in (
        ("energy_nominal", "energy_installed", text("energy storage: installed energy"), "kWh"),
        ("energy_usable", "energy_usable", text("energy storage: usable energy"), "kWh"),
        ("capacity", "capacity", text("energy storage: capacity"), "Ah"),
        ("mass", "battery_mass", text("energy storage: mass"), "kg"),
    ):
        yield _declared(battery, "battery", own, name, title, unit, form=True)


def _declared(
    sheet: Datasheet, slot: str, own: str, name: str, title: Phrase, unit: str, *, form: bool = False
) -> PassportField:
    one, printed = sheet.declared.get(own), units.unit(unit)
    if one is None:
        return PassportField(
            field=name, title=title, value=None, unit=unit, how="not known", party=sheet.party, slot=slot, form=form
        )
    u = one.uncertainty_si
    return PassportField(
        field=name,
        title=title,
        value=printed.from_si(one.value_si),
        unit=unit,
        uncertainty=None if one.u is None else u / printed.factor,
        how=HOW[one.basis],
        party=sheet.party,
        slot=slot,
        basis=one.basis,
        source=Words("; ".join(each for each in (f"{sheet.reference} {own}", one.source, one.evidence) if each)),
        form=form,
    )
