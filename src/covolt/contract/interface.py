"""Interfaces: what a slot demands of a part, under a name and a version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from covolt.contract.document import DOCUMENT, refusal
from covolt.contract.port import NAME, Connector, Port, Quantity, Range, check_quantity, range_si
from covolt.words import text

__all__ = ["Interface", "Parameter", "Promise"]


class Parameter(BaseModel):
    """One number that a datasheet states for this interface."""

    model_config = DOCUMENT

    name: str = Field(pattern=NAME)
    quantity: str
    unit: str
    required: bool = False
    minimum: Quantity | None = None
    maximum: Quantity | None = None
    meaning: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Parameter:
        check_quantity(self.quantity, self.unit)
        range_si(self.minimum, self.maximum, self.unit)
        return self

    @property
    def range_si(self) -> Range:
        """Lower and upper end in SI."""
        return range_si(self.minimum, self.maximum, self.unit)


class Promise(BaseModel):
    """A property that the part keeps at all times, by name, with the sentence that a person agrees to."""

    model_config = DOCUMENT

    name: str = Field(pattern=NAME)
    sentence: str


class Interface(BaseModel):
    """What a slot demands of a part, or what a part offers: ports, parameters and promises."""

    model_config = DOCUMENT

    document: Literal["interface/1"] = Field(default="interface/1", alias="schema")
    name: str = Field(pattern=NAME)
    version: int = Field(ge=1)
    meaning: str = ""
    connectors: tuple[Connector, ...] = ()
    ports: tuple[Port, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    promises: tuple[Promise, ...] = ()

    @model_validator(mode="after")
    def _names_once(self) -> Interface:
        groups = {
            "port": [path for path, _ in self.paths()],
            "parameter": [parameter.name for parameter in self.parameters],
            "promise": [promise.name for promise in self.promises],
        }
        twice = [f"{kind} '{name}'" for kind, names in groups.items() for name, n in Counter(names).items() if n > 1]
        if twice:
            raise refusal(text("stated more than once: {twice}", twice=", ".join(twice)), text("keep one of each name"))
        return self

    @property
    def reference(self) -> str:
        """How the interface is cited: `battery@1`."""
        return f"{self.name}@{self.version}"

    def paths(self) -> Iterator[tuple[str, Port]]:
        """Every port by its path: `dc.voltage` within a connector, `temperature` alone."""
        for connector in self.connectors:
            for port in (connector.potential, connector.flow):
                path = f"{connector.name}.{port.name}"
                yield path, port.model_copy(update={"optional": port.optional or connector.optional})
        for port in self.ports:
            yield port.name, port

    def port(self, path: str) -> Port | None:
        """Port at a path, None where there is none."""
        return dict(self.paths()).get(path)

    def parameter(self, name: str) -> Parameter | None:
        """Parameter by name, None where there is none."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
