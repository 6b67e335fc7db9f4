"""Contracts: an interface as agreed between named parties, with limits, visibility and conformance tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from covolt import units
from covolt.contract.charging import ChargingInterface, interfaces_held, interfaces_told
from covolt.contract.compatibility import Difference
from covolt.contract.datasheet import Datasheet, OfferedRange, Visibility
from covolt.contract.document import DOCUMENT, Told, refusal, refusals, told_by
from covolt.contract.interface import Interface
from covolt.contract.port import range_si
from covolt.contract.standard import standard_interface, standard_interfaces
from covolt.programme.text import Identifier, Titled
from covolt.words import spoken, text

__all__ = ["Contract", "contract_differences", "limit_text"]


class Contract(BaseModel):
    """What the parties agreed for one slot: interface, limits of declared numbers, promises to be tested, who sees it."""

    model_config = DOCUMENT

    document: Literal["contract/1"] = Field(default="contract/1", alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    revision: int = Field(ge=1)
    title: Titled
    interface: str
    between: tuple[Identifier, ...] = Field(min_length=2)
    visibility: Visibility = "programme"
    limits: dict[str, OfferedRange] = {}
    charging: tuple[ChargingInterface, ...] | None = Field(default=None, min_length=1)
    tests: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_its_interface(self) -> Contract:
        if self.interface not in standard_interfaces():
            raise refusal(
                text("no interface '{interface}'", interface=self.interface),
                text("write one of: {standard_interfaces}", standard_interfaces=", ".join(standard_interfaces())),
                "interface",
            )
        interface = standard_interface(self.interface)
        told: list[Told] = interfaces_told(self.charging, interface.name)
        for name, limit in self.limits.items():
            told += _of_limit(name, limit, interface)
        promised = [promise.name for promise in interface.promises]
        unknown = [name for name in self.tests if name not in promised]
        for party in sorted({one for one in self.between if self.between.count(one) > 1}):
            told.append(
                (
                    text("'{party}' stands twice", party=party),
                    text("name each party once: a contract is between two or more"),
                    ("between",),
                )
            )
        if unknown:
            told.append(
                (
                    text("no promise named {unknown}", unknown=", ".join(unknown)),
                    text("test one of: {promised}", promised=", ".join(promised)),
                    ("tests",),
                )
            )
        if told:
            raise refusals(told)
        return self

    @property
    def reference(self) -> str:
        """How the contract is cited: `battery@2`."""
        return f"{self.id}@{self.revision}"

    @property
    def demanded(self) -> Interface:
        """The interface that it agrees."""
        return standard_interface(self.interface)


def _of_limit(name: str, limit: OfferedRange, interface: Interface) -> list[Told]:
    """What is wrong with one limit."""
    parameter = interface.parameter(name)
    if parameter is None:
        known = ", ".join(one.name for one in interface.parameters)
        return [
            (
                text("{interface} has no number '{name}'", interface=interface.reference, name=name),
                text("limit one of: {known}", known=known),
                ("limits", name),
            )
        ]
    try:
        range_si(limit.minimum, limit.maximum, parameter.unit)
    except PydanticCustomError as error:
        return [(what, hint, ("limits", name)) for what, hint, _ in told_by(error)]
    return []


def limit_text(limit: OfferedRange) -> str:
    """A limit as its parties wrote it: "at most 259.6 kg"."""
    if limit.minimum is None or limit.maximum is None:
        one_sided = (
            text("at least {end}", end=str(limit.minimum))
            if limit.maximum is None
            else text("at most {end}", end=str(limit.maximum))
        )
        return spoken(one_sided)
    return f"{limit.minimum} … {limit.maximum}"


def contract_differences(datasheet: Datasheet, contract: Contract) -> tuple[Difference, ...]:
    """Every point in which a datasheet leaves the limits of a contract."""
    return tuple(_differences(datasheet, contract))


def _differences(datasheet: Datasheet, contract: Contract) -> Iterator[Difference]:
    interface = contract.demanded
    for name, limit in contract.limits.items():
        parameter = interface.parameter(name)
        if parameter is None:
            continue
        low, high = range_si(limit.minimum, limit.maximum, parameter.unit)
        wanted, declared = limit_text(limit), datasheet.declared.get(name)
        path = f"declared.{name}"
        if declared is None:
            yield Difference(path, wanted, text("nothing"), text("declare {name}", name=name))
        elif declared.si_unit == units.unit(parameter.unit).si and not low <= declared.value_si <= high:
            hint = text(
                "keep to {wanted}, or propose {contract}@{revision} with other limits",
                wanted=wanted,
                contract=contract.id,
                revision=contract.revision + 1,
            )
            yield Difference(path, wanted, str(declared.value), hint)
    for held in interfaces_held(contract.charging, datasheet.charging):
        if not held.holds:
            hint = text(
                "let the part keep it and state it under [[charging]], or propose {contract}@{revision} without it",
                contract=contract.id,
                revision=contract.revision + 1,
            )
            yield Difference(held.path, held.wanted, held.offered, hint)
    for name in contract.tests:
        if name not in datasheet.promises:
            yield Difference(
                f"promises.{name}", text("promised"), text("not promised"), text("add '{name}' to promises", name=name)
            )
