"""Compatibility: may this part stand where that interface was promised? The answer is a list of differences.

The rule, port by port:

- what the demand requires must be offered, with the same direction, quantity and dimension;
- into the part: it must stand everything that may come, so its range covers the demanded one;
- out of the part: it must not give what the others cannot take, so its range lies within the demanded one;
- an end that the demand leaves open demands nothing; an end that the offer leaves open is promised nowhere;
- the part may give more signals than demanded, but must not need any that nobody gives;
- every promise that is demanded is offered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.document import told_by
from covolt.contract.interface import Interface, Parameter
from covolt.contract.port import Connector, Port, Range, range_si
from covolt.errors import Problem
from covolt.quantities import quantity_said
from covolt.suggestion import meant
from covolt.words import Phrase, joined, spoken, text

__all__ = ["Difference", "datasheet_differences", "differences", "offered_interface"]


@dataclass(frozen=True)
class Difference:
    """One point in which an offer is not what was demanded."""

    path: str
    promised: str
    offered: str
    hint: str

    def __init__(self, path: str, promised: str | Phrase, offered: str | Phrase, hint: str | Phrase) -> None:
        for name, given in (("path", path), ("promised", promised), ("offered", offered), ("hint", hint)):
            object.__setattr__(self, name, spoken(given))

    def __str__(self) -> str:
        return f"{self.path}: {self._said}"

    @property
    def what(self) -> Phrase:
        """The difference and its place."""
        return joined((self.path, self._said), ": ")

    @property
    def _said(self) -> Phrase:
        if self.promised.startswith("no such"):
            return joined((self.promised, self.offered), ": ")
        return text("promised {promised}; offered {offered}", promised=self.promised, offered=self.offered)

    def problem(self, of: str) -> Problem:
        """The difference as a problem of the offer or part that has it."""
        return Problem(self._said, f"{of} ({self.path})", self.hint)


def differences(offered: Interface, demanded: Interface) -> tuple[Difference, ...]:
    """Every point in which the offered interface cannot stand where the other is demanded; empty if it can."""
    return tuple(_differences(offered, demanded))


def _differences(offered: Interface, demanded: Interface) -> Iterator[Difference]:
    if offered.name != demanded.name:
        hint = text("offer the part for a slot of {offered}", offered=offered.name)
        yield Difference("interface", demanded.reference, offered.reference, hint)
    theirs, ours = dict(offered.paths()), dict(demanded.paths())
    for path, port in ours.items():
        if path in theirs:
            yield from _port_differences(path, theirs[path], port)
        elif not port.optional:
            hint = _closest(path, theirs) or text("add the port '{path}' to the part", path=path)
            yield Difference(
                path,
                text(
                    "{quantity} [{unit}], {direction}",
                    quantity=quantity_said(port.quantity),
                    unit=port.unit,
                    direction=port.direction,
                ),
                text("nothing"),
                hint,
            )
    for path, port in theirs.items():
        if path not in ours and port.direction == "in" and not port.optional:
            hint = text(
                "make '{path}' optional, or ask for it in {demanded}@{version}",
                path=path,
                demanded=demanded.name,
                version=demanded.version + 1,
            )
            yield Difference(
                path,
                text("nothing gives this"),
                text("{quantity} [{unit}] is needed", quantity=quantity_said(port.quantity), unit=port.unit),
                hint,
            )
    kept = {promise.name for promise in offered.promises}
    for promise in demanded.promises:
        if promise.name not in kept:
            hint = text("show that the part keeps it and add '{promise}' to its promises", promise=promise.name)
            yield Difference(f"promises.{promise.name}", promise.sentence, text("not promised"), hint)


def _port_differences(path: str, offered: Port, demanded: Port) -> Iterator[Difference]:
    if offered.direction != demanded.direction:
        hint = text(
            "let the part {value} '{path}'",
            value=(text("take") if demanded.direction == "in" else text("give")),
            path=path,
        )
        yield Difference(
            path,
            text("direction {direction}", direction=demanded.direction),
            text("direction {direction}", direction=offered.direction),
            hint,
        )
    elif offered.quantity != demanded.quantity:
        hint = text("connect only {quantity} with {quantity}", quantity=quantity_said(demanded.quantity))
        yield Difference(
            path,
            text("{quantity} [{unit}]", quantity=quantity_said(demanded.quantity), unit=demanded.unit),
            text("{quantity} [{unit}]", quantity=quantity_said(offered.quantity), unit=offered.unit),
            hint,
        )
    elif not _range_fits(offered, demanded):
        verb = text("stand at least") if demanded.direction == "in" else text("stay within")
        wanted, found = range_text(demanded.range_si, demanded.unit), range_text(offered.range_si, demanded.unit)
        hint = text(
            "{verb} {wanted}, or propose {path} under a new version of the interface",
            verb=verb,
            wanted=wanted,
            path=path.partition(".")[0],
        )
        yield Difference(path, wanted, found, hint)


def _range_fits(offered: Port, demanded: Port) -> bool:
    (low, high), (wanted_low, wanted_high) = offered.range_si, demanded.range_si
    if demanded.direction == "in":
        return (wanted_low == -math.inf or low <= wanted_low) and (wanted_high == math.inf or high >= wanted_high)
    return low >= wanted_low and high <= wanted_high


def range_text(range_si: Range, unit: str) -> str:
    """Range in the words of a person: "250 V … 450 V"."""
    low, high = (None if math.isinf(end) else units.format_quantity(end, unit) for end in range_si)
    if low is None or high is None:
        ends = text("at least {end}", end=low) if low else text("at most {end}", end=high) if high else text("any")
        return spoken(ends)
    return f"{low} … {high}"


def datasheet_differences(datasheet: Datasheet, interface: Interface) -> tuple[Difference, ...]:
    """Every point in which a datasheet is not what an interface demands of it; empty if it is."""
    return tuple(_sheet_differences(datasheet, interface))


def _sheet_differences(datasheet: Datasheet, interface: Interface) -> Iterator[Difference]:
    if datasheet.fills not in {interface.name, interface.reference}:
        yield Difference(
            "fills",
            interface.reference,
            datasheet.fills,
            text('write fills = "{interface}"', interface=interface.reference),
        )
    known = [parameter.name for parameter in interface.parameters]
    # A number that stands there under a misspelt name is not missing besides.
    misspelt = {meant(name, known) for name in datasheet.declared if name not in known}
    for parameter in interface.parameters:
        declared = datasheet.declared.get(parameter.name)
        if declared is not None or parameter.name not in misspelt:
            yield from _parameter_differences(declared, parameter)
    for name in (name for name in datasheet.declared if name not in known):
        hint = _closest(name, known) or text("move what only your model uses to [model.parameters]")
        yield Difference(
            f"declared.{name}", text("no such number in {interface}", interface=interface.reference), name, hint
        )
    yield from _stated_range_differences(datasheet, interface)


def _parameter_differences(declared: Declared | None, parameter: Parameter) -> Iterator[Difference]:
    path, wanted = (
        f"declared.{parameter.name}",
        text("{quantity} [{unit}]", quantity=quantity_said(parameter.quantity), unit=parameter.unit),
    )
    if declared is None:
        if parameter.required:
            yield Difference(
                path,
                wanted,
                text("nothing"),
                text("declare {parameter} with value and basis", parameter=parameter.name),
            )
    elif declared.si_unit != units.unit(parameter.unit).si:
        yield Difference(
            path, wanted, str(declared.value), text("write it in a unit such as {unit}", unit=parameter.unit)
        )
    elif not parameter.range_si[0] <= declared.value_si <= parameter.range_si[1]:
        limits = range_text(parameter.range_si, parameter.unit)
        yield Difference(
            path, limits, str(declared.value), text("check the number: it must be {limits}", limits=limits)
        )


def _stated_range_differences(datasheet: Datasheet, interface: Interface) -> Iterator[Difference]:
    paths = dict(interface.paths())
    for path, stated in datasheet.ports.items():
        if path not in paths:
            hint = _closest(path, paths) or text(
                "ports of {interface}: {paths}", interface=interface.reference, paths=", ".join(paths)
            )
            yield Difference(
                f"ports.{path}", text("no such port in {interface}", interface=interface.reference), path, hint
            )
            continue
        try:
            range_si(stated.minimum, stated.maximum, paths[path].unit)
        except PydanticCustomError as refused:
            wanted = text("a range in {unit}", unit=paths[path].unit)
            yield Difference(f"ports.{path}", wanted, *told_by(refused)[0][:2])


def offered_interface(datasheet: Datasheet, interface: Interface) -> Interface:
    """What this very part offers: the interface with the part's own ranges and only the promises that it makes."""

    def own(path: str, port: Port) -> Port:
        stated = datasheet.ports.get(path)
        return port if stated is None else port.model_copy(update=stated.model_dump(exclude_none=True))

    def own_connector(connector: Connector) -> Connector:
        ports = {
            "potential": own(f"{connector.name}.{connector.potential.name}", connector.potential),
            "flow": own(f"{connector.name}.{connector.flow.name}", connector.flow),
        }
        return connector.model_copy(update=ports)

    return interface.model_copy(
        update={
            "connectors": tuple(own_connector(connector) for connector in interface.connectors),
            "ports": tuple(own(port.name, port) for port in interface.ports),
            "promises": tuple(promise for promise in interface.promises if promise.name in datasheet.promises),
        }
    )


def _closest(name: str, known: Iterable[str]) -> str | Phrase:
    close = meant(name, known)
    return text("did you mean '{close}'?", close=close) if close else ""
