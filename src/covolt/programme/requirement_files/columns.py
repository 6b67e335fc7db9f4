"""Columns of a table of requirements: where each value stands in a requirement, what it is called, what may be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from covolt.contract.datasheet import Visibility
from covolt.programme.party import LEVELS
from covolt.programme.requirement import Kind, Verify
from covolt.words import Phrase, Words, text

__all__ = ["COLUMNS", "NO", "VERDICT_COLUMNS", "YES", "Column"]


@dataclass(frozen=True)
class Column:
    """One column: where its value stands in a requirement, what it is called, and what may be written."""

    key: str
    title: Phrase
    meaning: str
    choices: tuple[str, ...] = ()

    @property
    def en(self) -> str:
        """What it is called in English."""
        return str(self.title)

    @property
    def path(self) -> tuple[str, ...]:
        """Place of the value in the document."""
        return tuple(self.key.split("."))


YES, NO = text("yes"), text("no")
_KINDS: tuple[str, ...] = get_args(Kind)
_METHODS: tuple[str, ...] = get_args(Verify.model_fields["method"].annotation)
COLUMNS = (
    Column("id", text("ID", context="column"), "name of the requirement, unique in the programme"),
    Column("party", text("Party", context="column"), "who owns it; its file lies in this party's folder"),
    Column("title.en", text("Title", context="column"), "one sentence, in English"),
    Column("title.ru", text("Title (Russian)", context="column"), "one sentence, in Russian"),
    Column("kind", text("Kind", context="column"), "law, constraint, need or wish", _KINDS),
    Column("firmness", text("Firmness", context="column"), "fixed, or negotiable", ("fixed", "negotiable")),
    Column("procedure", text("Procedure", context="column"), "covolt procedures lists them"),
    Column("measure", text("Measure", context="column"), "covolt procedures NAME lists them"),
    Column("at_least", text("At least", context="column"), 'number with unit: "250 km"; a ratio is a plain number'),
    Column("at_most", text("At most", context="column"), "the same; one of both is given"),
    Column("scenario", text("Scenario", context="column"), "conditions by the name of a scenario of the programme"),
    Column("conditions.cycle", text("Cycle", context="column"), "covolt cycles lists them"),
    Column("conditions.ambient", text("Ambient", context="column"), '"-20 degC"'),
    Column("conditions.payload", text("Payload", context="column"), '"150 kg"'),
    Column("conditions.state_of_health", text("State of health", context="column"), "0 to 1"),
    Column("conditions.state_of_charge", text("State of charge", context="column"), "0 to 1"),
    Column(
        "conditions.start", text("Start", context="column"), "soaked, or preconditioned", ("soaked", "preconditioned")
    ),
    Column("conditions.climate", text("Climate", context="column"), "place of the library, such as yakutsk"),
    Column("conditions.yearly_distance", text("Distance a year", context="column"), '"60000 km"'),
    Column("conditions.charges_per_day", text("Charges a day", context="column"), "a number"),
    Column("conditions.market", text("Market", context="column"), "two letters of ISO 3166, such as RU"),
    Column("conditions.date", text("Day of sale", context="column"), "2027-01-01"),
    Column("conditions.yearly_volume", text("Vehicles a year", context="column"), "a whole number"),
    Column("conditions.area", text("Area", context="column"), "as a table of charging networks calls it"),
    Column("conditions.station_power", text("Power of the station", context="column"), '"150 kW"'),
    Column("conditions.station_voltage", text("Voltage of the station", context="column"), '"920 V"'),
    Column("conditions.scheme", text("Scheme of origin", context="column"), "ru-pp-719/taxi-register"),
    Column("conditions.party", text("Of the party", context="column"), "whose level is measured, with all below it"),
    Column("conditions.level", text("Of the level", context="column"), "the level that is measured", LEVELS),
    Column("conditions.year", text("Of the year", context="column"), "a whole number"),
    Column("parents", text("Parents", context="column"), "IDs, separated by commas"),
    Column(
        "relations",
        text("Relations", context="column"),
        "how it is related to others: satisfies: ID; conflicts with: ID",
    ),
    Column("slots", text("Slots", context="column"), "slots that it concerns, separated by commas"),
    Column("safety", text("Safety", context="column"), "yes, or no", ("yes", "no")),
    Column("regulation", text("Regulation", context="column"), "act that it comes from: UN R13-H"),
    Column("verify.method", text("Shown by", context="column"), "simulation, declaration or document", _METHODS),
    Column("verify.gate", text("Gate", context="column"), "gate at which it must be shown"),
    Column("visibility", text("Visible to", context="column"), "who sees its numbers", get_args(Visibility)),
    Column("reason.en", text("Reason", context="column"), "why, in English"),
    Column("reason.ru", text("Reason (Russian)", context="column"), "why, in Russian"),
)
VERDICT_COLUMNS = (
    Column("value", text("Value", context="column"), "what the vehicle reaches; not read back"),
    Column("unit", text("Unit", context="column"), "unit of value, margin and uncertainty; not read back"),
    Column("margin", text("Margin", context="column"), "positive where the bound is kept; not read back"),
    Column("uncertainty", Words("u"), "standard uncertainty; not read back"),
    Column("verdict", text("Verdict", context="column"), "met, not met, within uncertainty …; not read back"),
)
