"""Acts: regulations as dated data, the categories and markets that each holds for, and the numbers that it asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, StrictBool, StrictStr, model_validator

from covolt.contract.document import DOCUMENT, loads, read_text, refusal, refusals, require_unit
from covolt.programme.amendments import DatedAct, Series, Validity, series_problems
from covolt.programme.text import Titled, quantity_si
from covolt.study.verdicts.printed_units import printed_unit
from covolt.words import Phrase, joined, text

__all__ = ["Act", "Check", "KnownVehicle", "Limit", "Market", "Matrix", "matrix"]

Category = Literal["M1", "M2", "M3", "N1", "N2", "N3"]


class Check(BaseModel):
    """A number of an act that a procedure of covolt computes; without a bound the maker declares it."""

    model_config = DOCUMENT

    procedure: str
    measure: str
    at_least: StrictStr | None = None
    at_most: StrictStr | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Check:
        if self.at_least is not None and self.at_most is not None:
            raise refusal(text("a check has one bound"), text("give at_least or at_most"))
        if self.bound is not None:
            quantity_si(self.bound)
        return self

    @property
    def bound(self) -> str | None:
        """The bound as written."""
        return self.at_least if self.at_least is not None else self.at_most


class Limit(BaseModel):
    """Vehicles of some categories that an act leaves out: by masses, people or the class of UN R107.

    Reference mass = unladen mass + 100 kg (UN R83, 2.2). What is not known of a vehicle leaves nothing out.
    """

    model_config = DOCUMENT

    categories: tuple[Category, ...] = Field(min_length=1)
    reference_mass_at_most: StrictStr | None = None
    reference_mass_over: StrictStr | None = None
    maximum_mass_at_most: StrictStr | None = None
    passengers_over: int | None = None
    bus_class: tuple[Literal["I", "II", "III", "A", "B"], ...] = ()

    @model_validator(mode="after")
    def _masses(self) -> Limit:
        for bound in (self.reference_mass_at_most, self.reference_mass_over, self.maximum_mass_at_most):
            if bound is not None:
                require_unit(bound, "kg")
        return self

    def leaves_out(self, known: KnownVehicle) -> Phrase | None:
        """Why the act does not hold for a vehicle of these categories; None where it does."""
        if known.category not in self.categories:
            return None
        masses = (
            (self.reference_mass_at_most, known.reference_mass_kg, 1.0, text("reference mass over")),
            (self.reference_mass_over, known.reference_mass_kg, -1.0, text("reference mass up to")),
            (self.maximum_mass_at_most, known.maximum_mass_kg, 1.0, text("maximum mass over")),
        )
        for bound, mass_kg, sign, what in masses:
            if bound is not None and mass_kg is not None and sign * (mass_kg - quantity_si(bound)[0]) > 0.0:
                number, _, unit = bound.partition(" ")
                return joined((what, number, printed_unit(unit)), " ")
        most = self.passengers_over
        if most is not None and known.passengers is not None and known.passengers <= most:
            return text("up to {most} passengers", most=most)
        if self.bus_class and known.bus_class is not None and known.bus_class not in self.bus_class:
            held = ", ".join(self.bus_class)
            return text("for buses of class {held}", held=held)
        return None


@dataclass(frozen=True)
class KnownVehicle:
    """What scopes of acts ask of a vehicle; None where it is not known."""

    category: str
    reference_mass_kg: float | None
    maximum_mass_kg: float | None
    passengers: int | None
    bus_class: str | None


class Act(BaseModel):
    """A regulation: the categories and markets that it holds for, what of them it leaves out, and how it is shown."""

    model_config = DOCUMENT

    id: str
    title: Titled
    categories: tuple[Category, ...] = Field(min_length=1)
    markets: tuple[str, ...] = Field(min_length=1)
    limit: tuple[Limit, ...] = ()
    combustion_only: bool = False
    check: tuple[Check, ...] = ()
    series: tuple[Series, ...] = ()
    validity: tuple[Validity, ...] = ()
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Act:
        told = list(series_problems(self.series))
        if told:
            raise refusals(told)
        return self

    def leaves_out(self, known: KnownVehicle) -> Phrase | None:
        """Why the act does not hold for a vehicle; None where it does."""
        if known.category not in self.categories:
            return text("for {held}", held=", ".join(self.categories))
        outside = next((why for why in (one.leaves_out(known) for one in self.limit) if why is not None), None)
        return text("for combustion engines") if outside is None and self.combustion_only else outside


class Market(BaseModel):
    """Where acts hold; one without countries is for a party of any country that is not in `not_in`.

    `confirmed` is false where which acts hold there comes from memory.
    """

    model_config = DOCUMENT

    id: str
    title: Titled
    countries: tuple[str, ...]
    not_in: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    confirmed: StrictBool = True


class Matrix(BaseModel):
    """All acts, as of a day; those of `dated` have dates, and for which vehicles they hold is not known here."""

    model_config = DOCUMENT

    document: Literal["approval/1"] = Field(default="approval/1", alias="schema")
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    market: tuple[Market, ...]
    act: tuple[Act, ...]
    dated: tuple[DatedAct, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Matrix:
        names = [one.id for one in (*self.act, *self.dated)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise refusal(text("acts stand twice: {twice}", twice=", ".join(twice)), text("merge their rows"))
        known = {one.id for one in self.market}
        strange = sorted({market for one in (*self.act, *self.dated) for market in one.markets} - known)
        if strange:
            raise refusal(
                text("no market {strange}", strange=", ".join(strange)),
                text("known: {known}", known=", ".join(sorted(known))),
            )
        return self

    def markets_of(self, countries: Collection[str]) -> frozenset[str]:
        """The markets that lie in any of these countries, those without countries of their own included."""
        found, everywhere = set(countries), not countries
        return frozenset(
            one.id
            for one in self.market
            if (found & set(one.countries) if one.countries else everywhere or found - set(one.not_in))
        )

    def known_places(self) -> tuple[str, ...]:
        """Every market, and every country that lies in one."""
        return tuple(sorted({one.id for one in self.market} | {each for one in self.market for each in one.countries}))

    def places(self, asked: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        """The markets and the countries that are meant by names of either: those of a market with it."""
        named = {one.id: one for one in self.market if one.id in asked}
        countries = {one for one in asked if one not in named} | {
            each for one in named.values() for each in one.countries
        }
        lying = self.markets_of(countries) if countries else frozenset[str]()
        return lying | frozenset(named), frozenset(countries)


@cache
def matrix(path: Path | None = None) -> Matrix:
    """The table that ships, or another."""
    if path is not None:
        return loads(read_text(path), Matrix, str(path))
    return loads((files("covolt") / "library" / "approval.toml").read_text(encoding="utf-8"), Matrix, "approval.toml")
