"""Charging interfaces: connector, protocol, voltage and power that a charger or battery states, and that a contract demands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import AfterValidator, BaseModel, StrictStr, model_validator

from covolt.contract.document import DOCUMENT, Told, refusal, refusals, require_unit
from covolt.words import Phrase, Words, joined, text

__all__ = [
    "CLASS_V",
    "CONNECTORS",
    "ChargingInterface",
    "ChargingPower",
    "ChargingProtocol",
    "ChargingVoltage",
    "Held",
    "Plug",
    "VoltageClass",
    "class_of",
    "highest_V",
    "interface_told",
    "interfaces_held",
    "interfaces_told",
    "lowest_V",
    "power_of_W",
]

Plug = Literal[
    "CCS1", "CCS2", "CHAdeMO", "GB/T DC", "GB/T AC", "Type 1 AC", "Type 2 AC", "pantograph up", "pantograph down"
]
"""How vehicle and station are connected. `pantograph up` rises from the vehicle, `pantograph down` (inverse) from the station."""
ChargingProtocol = Literal[
    "DIN 70121", "ISO 15118-2", "ISO 15118-20", "GB/T 27930", "GB/T 18487.1", "CHAdeMO", "IEC 61851-1"
]
"""How vehicle and station speak with each other; OCPP is none: by it a station speaks with its operator."""
VoltageClass = Literal["400 V", "800 V"]


class ConnectorKind(NamedTuple):
    """Of a connector its standard, the protocols that are spoken over it, and whether it is for direct current."""

    standard: str
    protocols: tuple[ChargingProtocol, ...]
    direct: bool = True


_CCS: tuple[ChargingProtocol, ...] = ("DIN 70121", "ISO 15118-2", "ISO 15118-20")
_PILOT: tuple[ChargingProtocol, ...] = ("IEC 61851-1", "ISO 15118-2", "ISO 15118-20")
CONNECTORS: dict[Plug, ConnectorKind] = {
    "CCS1": ConnectorKind("IEC 62196-3, EE", _CCS),
    "CCS2": ConnectorKind("IEC 62196-3, FF", _CCS),
    "CHAdeMO": ConnectorKind("IEC 62196-3, AA", ("CHAdeMO",)),
    "GB/T DC": ConnectorKind("GB/T 20234.3", ("GB/T 27930",)),
    "GB/T AC": ConnectorKind("GB/T 20234.2", ("GB/T 18487.1",), direct=False),
    "Type 1 AC": ConnectorKind("IEC 62196-2", _PILOT, direct=False),
    "Type 2 AC": ConnectorKind("IEC 62196-2", _PILOT, direct=False),
    "pantograph up": ConnectorKind("SAE J3105/2", (*_CCS, "GB/T 27930")),
    "pantograph down": ConnectorKind("SAE J3105/1", (*_CCS, "GB/T 27930")),
}
"""Every connector with its standard. The letters of IEC 62196-3 are its configurations; standards by their public titles."""
CLASS_V: dict[VoltageClass, float] = {"400 V": 500.0, "800 V": 920.0}
"""Highest voltage of a class: posts of 200 to 500 V and of 200 to 920 V, as makers print them; an estimate for vehicles."""


def _positive(written: str, unit: str) -> str:
    if require_unit(written, unit) <= 0.0:
        raise refusal(text("{written} is not positive", written=written), text("write a number above 0"))
    return written


def _voltage(written: str) -> str:
    return _positive(written, "V")


def _power(written: str) -> str:
    return _positive(written, "W")


ChargingVoltage = Annotated[StrictStr, AfterValidator(_voltage)]
ChargingPower = Annotated[StrictStr, AfterValidator(_power)]


class _Interface(Protocol):
    @property
    def connector(self) -> Plug | None: ...
    @property
    def protocols(self) -> tuple[ChargingProtocol, ...]: ...
    @property
    def voltage_class(self) -> VoltageClass | None: ...
    @property
    def voltage_minimum(self) -> str | None: ...
    @property
    def voltage_maximum(self) -> str | None: ...
    @property
    def power(self) -> str | None: ...


class ChargingInterface(BaseModel):
    """One way by which a vehicle is charged: of a part what it can, in a contract what is demanded of the part.

    `voltage_minimum` and `voltage_maximum` are the ends between which it charges, or `voltage_class` stands for them; `power` is
    the most that passes.
    """

    model_config = DOCUMENT

    connector: Plug
    protocols: tuple[ChargingProtocol, ...] = ()
    voltage_class: VoltageClass | None = None
    voltage_minimum: ChargingVoltage | None = None
    voltage_maximum: ChargingVoltage | None = None
    power: ChargingPower | None = None
    source: str = ""
    evidence: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> ChargingInterface:
        told = list(interface_told(self))
        if told:
            raise refusals(told)
        return self

    @property
    def said(self) -> Phrase:
        """One row in words: connector, protocols, voltages and power."""
        ends = (self.voltage_minimum, self.voltage_maximum)
        if all(ends):
            voltage: Phrase | None = Words(" … ".join(map(str, ends)))
        elif self.voltage_maximum is not None:
            voltage = text("up to {end}", end=self.voltage_maximum)
        elif self.voltage_class is not None:
            voltage = text("class {voltage_class}", voltage_class=self.voltage_class)
        else:
            voltage = None if self.voltage_minimum is None else text("from {end} on", end=self.voltage_minimum)
        said = [
            Words(self.connector),
            *map(Words, self.protocols),
            voltage,
            None if (power_W := power_of_W(self)) is None else text("{power:g} kW", power=power_W / 1e3),
        ]
        return joined((part for part in said if part is not None), ", ")


def interface_told(one: _Interface) -> Iterator[Told]:
    """What is wrong with connector, protocols and voltages beside each other."""
    if one.connector is not None:
        spoken = CONNECTORS[one.connector].protocols
        for number, protocol in enumerate(one.protocols):
            if protocol not in spoken:
                what = text("{protocol} is not spoken over {connector}", protocol=protocol, connector=one.connector)
                yield what, text("write one of: {spoken}", spoken=", ".join(spoken)), ("protocols", number)
    for number, protocol in enumerate(one.protocols):
        if protocol in one.protocols[:number]:
            yield text("{protocol} stands twice", protocol=protocol), text("keep one of them"), ("protocols", number)
    low, high = (None if end is None else require_unit(end, "V") for end in (one.voltage_minimum, one.voltage_maximum))
    if low is not None and high is not None and low >= high:
        ends = {"low": str(one.voltage_minimum), "high": str(one.voltage_maximum)}
        what = text("the voltages run from {low} to {high}", low=ends["low"], high=ends["high"])
        yield what, text("let the lowest voltage be below the highest"), ("voltage_maximum",)
    if one.voltage_class is not None and high is not None and class_of(high) != one.voltage_class:
        what = text(
            "{voltage} is not of the class {voltage_class}",
            voltage=str(one.voltage_maximum),
            voltage_class=one.voltage_class,
        )
        hint = text("state one of the two; the class 400 V ends at 500 V, and 800 V above it")
        yield what, hint, ("voltage_class",)


def interfaces_told(rows: Sequence[ChargingInterface] | None, interface: str) -> list[Told]:
    """What is wrong with the rows of a part or of a contract beside each other."""
    if rows is None:
        return []
    told: list[Told] = []
    if interface not in {"battery", "charger"}:
        what = text("{interface} is not charged", interface=interface)
        told.append((what, text("state it of a charger or a battery"), ("charging",)))
    for number, one in enumerate(rows):
        if one.connector in [other.connector for other in rows[:number]]:
            what = text("{connector} stands twice", connector=one.connector)
            told.append((what, text("merge the rows"), ("charging", number, "connector")))
    return told


def class_of(voltage_V: float) -> VoltageClass:
    """The class of a highest voltage."""
    return "400 V" if voltage_V <= CLASS_V["400 V"] else "800 V"


def lowest_V(one: _Interface) -> float | None:
    """The lowest voltage that is stated."""
    return None if one.voltage_minimum is None else require_unit(one.voltage_minimum, "V")


def highest_V(one: _Interface) -> float | None:
    """The highest voltage that is stated, or that of the class."""
    if one.voltage_maximum is not None:
        return require_unit(one.voltage_maximum, "V")
    return None if one.voltage_class is None else CLASS_V[one.voltage_class]


def power_of_W(one: _Interface) -> float | None:
    """The highest power that is stated."""
    return None if one.power is None else require_unit(one.power, "W")


class Held(NamedTuple):
    """One demand held against what a part states."""

    path: str
    wanted: Phrase
    offered: Phrase
    holds: bool


def interfaces_held(
    demanded: Sequence[ChargingInterface] | None, offered: Sequence[ChargingInterface] | None
) -> Iterator[Held]:
    """Every demand of a contract's charging interfaces, held against those of a part."""
    for wanted in demanded or ():
        path = f"charging.{wanted.connector}"
        called = text("{connector} by {standard}", connector=wanted.connector, standard=_standard(wanted))
        own = next((one for one in offered or () if one.connector == wanted.connector), None)
        if own is None:
            yield Held(path, called, _listed([one.connector for one in offered or ()]), holds=False)
            continue
        yield Held(path, called, Words(own.connector), holds=True)
        for protocol in wanted.protocols:
            yield Held(f"{path}.protocols", _listed([protocol]), _listed(own.protocols), protocol in own.protocols)
        yield from _ends(path, wanted, own)


def _standard(one: ChargingInterface) -> str:
    return CONNECTORS[one.connector].standard


def _ends(path: str, wanted: ChargingInterface, own: ChargingInterface) -> Iterator[Held]:
    low, high, power = (of(own) for of in (lowest_V, highest_V, power_of_W))
    stated = own.voltage_maximum or own.voltage_class
    if wanted.voltage_minimum is not None:
        holds = low is not None and low <= require_unit(wanted.voltage_minimum, "V")
        said = text("from {end} on", end=wanted.voltage_minimum)
        yield Held(f"{path}.voltage_minimum", said, _listed([own.voltage_minimum]), holds)
    if wanted.voltage_maximum is not None:
        holds = high is not None and high >= require_unit(wanted.voltage_maximum, "V")
        said = text("up to {end}", end=wanted.voltage_maximum)
        yield Held(f"{path}.voltage_maximum", said, _listed([stated]), holds)
    if wanted.voltage_class is not None:
        holds = high is not None and class_of(high) == wanted.voltage_class
        said = text("class {voltage_class}", voltage_class=wanted.voltage_class)
        yield Held(f"{path}.voltage_class", said, _listed([stated]), holds)
    if wanted.power is not None:
        holds = power is not None and power >= require_unit(wanted.power, "W")
        yield Held(f"{path}.power", text("at least {end}", end=wanted.power), _listed([own.power]), holds)


def _listed(names: Sequence[str | None]) -> Phrase:
    known = [Words(one) for one in names if one]
    return joined(known, ", ") if known else text("nothing")
