"""What an owner lets move of its parts: one number within bounds, with what moves beside it, or a choice among its offers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr, field_validator, model_validator

from covolt import units
from covolt.contract.datasheet import Visibility
from covolt.contract.document import DOCUMENT, Told, refusal, refusals
from covolt.contract.port import NAME
from covolt.errors import UnitError
from covolt.programme.text import Identifier, Titled, quantity_si, too_far
from covolt.words import Phrase, message, text

__all__ = ["PRICE", "Coupled", "DesignVariable", "Rate", "rate_of"]

PRICE = "price"
"""The one number beside those of a datasheet: every point of the price curve of `[supply]`."""
Quantity = StrictStr | StrictFloat | StrictInt
STEPS_TOLERANCE = 1e-9
MOST_STEPS = 1_000_000_000
"""Steps of one number: every value keeps its place among them exactly, and a search tells two of them apart."""


@dataclass(frozen=True)
class Rate:
    """How much of one thing goes with a unit of another, in SI; `unit` and `per_unit` are the SI units of both."""

    value_si: float
    unit: str
    per_unit: str


def rate_of(written: str | float) -> Rate:
    """A rate such as "7.0 kg/kWh", "1200 RUB" per a ratio, or a bare number of ratios. Raises `UnitError`.

    What stands before the last `/` is the unit of what moves, what follows that of the number that moves it; currencies
    beyond the closed list are their three letters.
    """
    found = re.fullmatch(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*)", f"{written}", re.DOTALL)
    number, rest = (found[1], found[2].strip()) if found else ("", f"{written}")
    try:
        value = float(number)
    except ValueError:
        value, rest = quantity_si(f"{written}")[0], ""  # tells what is wrong with it
    above, _, below = rest.rpartition("/")
    above, below = (above, below) if above else (rest, "1")
    if re.fullmatch(r"[A-Z]{3}", above) and above not in units.UNITS:
        factor, unit = 1.0, above
    else:
        one = units.unit(above or "1")
        factor, unit = one.factor, one.si
    divisor = units.unit(below)
    return Rate(value * factor / divisor.factor, unit, divisor.si)


class Coupled(BaseModel):
    """A number of the same party that moves with a variable: locked value + per (variable - its locked value).

    `slot` is the variable's own where it is not stated; `price` is every point of the price curve.
    """

    model_config = DOCUMENT

    number: str = Field(pattern=NAME)
    per: Quantity
    slot: str = ""

    @field_validator("per")
    @classmethod
    def _is_a_rate(cls, per: str | float) -> str | float:
        try:
            rate = rate_of(per)
        except UnitError as error:
            hint = text('write what it gains per unit of the variable, such as per = "7.0 kg/kWh"')
            raise refusal(error.problems[0].what, hint) from error
        if (far := too_far(rate.value_si)) is not None:
            raise refusal(*far)
        return per


class DesignVariable(BaseModel):
    """What one owner lets move in one slot: a number from `lowest` to `highest`, in steps where they are stated, or its `offers`.

    What no such document names does not move.
    """

    model_config = DOCUMENT

    document: Literal["design-space/1"] = Field(default="design-space/1", alias="schema")
    id: Identifier
    party: Identifier
    slot: str
    title: Titled
    visibility: Visibility = "programme"
    number: str = Field(default="", pattern=rf"^$|{NAME}")
    lowest: Quantity | None = None
    highest: Quantity | None = None
    step: Quantity | None = None
    offers: tuple[StrictStr, ...] = ()
    coupled: tuple[Coupled, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> DesignVariable:
        told = self._of_offers() if self.offers and not self.number else self._of_number()
        if told:
            raise refusals(told)
        return self

    def _of_offers(self) -> list[Told]:
        told: list[Told] = []
        for name in ("lowest", "highest", "step"):
            if getattr(self, name) is not None:
                told.append((text("a choice among offers has no {name}", name=name), text("remove it"), (name,)))
        if self.coupled:
            what = text("nothing is coupled to a choice: each offer states all of its numbers")
            told.append((what, text("remove it"), ("coupled",)))
        for one, count in Counter(self.offers).items():
            if count > 1:
                told.append((text("{one} is named twice", one=one), text("keep one of them"), ("offers",)))
        if len(set(self.offers)) < 2:
            what = text("a choice of one offer leaves nothing to choose")
            told.append((what, text("name two or more, or remove the file: then it does not move"), ("offers",)))
        return told

    def _of_number(self) -> list[Told]:
        if self.offers:
            hint = text("keep one of them; two things that move are two files")
            return [(text("number and offers are both given"), hint, ("offers",))]
        if not self.number:
            hint = text('give number, lowest and highest, or offers = ["PARTY/PART@VERSION", …]')
            return [(text("it names nothing that moves"), hint, ())]
        told: list[Told] = []
        read: dict[str, tuple[float, str]] = {}
        stated = {"lowest": self.lowest, "highest": self.highest, "step": self.step}
        for name, written in stated.items():
            if written is None:
                if name != "step":
                    told.append((text("it has no {name}", name=name), text("write it with its unit"), ()))
                continue
            try:
                read[name] = _difference(written) if name == "step" else quantity_si(written)
            except UnitError as error:
                told.append((error.problems[0].what, error.problems[0].hint, (name,)))
                continue
            if (far := too_far(read[name][0])) is not None:
                told.append((*far, (name,)))
        told += [] if told else self._bounds(read)
        pairs = Counter((one.slot or self.slot, one.number) for one in self.coupled)
        pairs[self.slot, self.number] += 1
        for (slot, number), count in pairs.items():
            if count > 1:
                what = text("{number} of '{slot}' is moved twice", number=number, slot=slot)
                told.append((what, text("keep one of them"), ("coupled",)))
        return told

    def _bounds(self, read: dict[str, tuple[float, str]]) -> list[Told]:
        """What is wrong between bounds and step, each of which can be read."""
        (lowest, unit), (highest, other) = read["lowest"], read["highest"]
        values = {"lowest": str(self.lowest), "highest": str(self.highest), "step": str(self.step)}
        if unit != other:
            what = message("lowest is {lowest} and highest is {highest}", values)
            return [(what, text("write both in units of the same dimension"), ("highest",))]
        if lowest > highest:
            what = message("lowest is {lowest}, above highest, {highest}", values)
            return [(what, text("exchange them"), ("lowest",))]
        if lowest == highest:
            what = message("lowest and highest are the same, {lowest}: nothing moves", values)
            return [(what, text("let them differ, or remove the file: then it does not move"), ("highest",))]
        step, of_step = read.get("step", (highest - lowest, unit))
        told: tuple[str | Phrase, str | Phrase] | None = None
        if of_step != unit:
            what = message("lowest is {lowest} and step is {step}", values)
            told = (what, text("write both in units of the same dimension"))
        elif step <= 0.0:
            hint = text("write a step above 0, or leave it out: then every value between counts")
            told = (message("step is {step}", values), hint)
        elif step > (highest - lowest) * (1.0 + STEPS_TOLERANCE):
            what = message("a step of {step} leads from lowest beyond highest: nothing moves", values)
            told = (what, text("write a smaller one"))
        elif (highest - lowest) / step > MOST_STEPS:
            what = message("a step of {step} makes too many values", values)
            told = (
                what,
                text(
                    "write a wider one for {most} at most, or leave it out: then every value between counts",
                    most=MOST_STEPS,
                ),
            )
        return [(*told, ("step",))] if told else []

    @property
    def unit(self) -> str:
        """The unit in which its values are told: that in which `lowest` is written."""
        return units.unit_of(str(self.lowest)).name if isinstance(self.lowest, str) else "1"

    def in_unit(self, written: str | float) -> float:
        """A bound in that unit."""
        return units.unit(self.unit).from_si(quantity_si(written)[0])

    @property
    def step_in_unit(self) -> float:
        """The step in that unit; 0 where every value between the bounds counts."""
        return 0.0 if self.step is None else _difference(self.step)[0] / units.unit(self.unit).factor


def _difference(written: str | float) -> tuple[float, str]:
    """A difference in SI, and its SI unit; of temperatures it is written in K."""
    value, unit = quantity_si(written)
    return (units.parse_difference(written, unit) if isinstance(written, str) else value), unit
