"""Units by what they are made of: whether one joins another, with which factor and offset, or why it does not.

A unit is a vector of exponents of kg, m, s, A, K, mol, cd and rad with a factor and an offset (FMI 3.0 section 2.4.3, SSP 2.0
section 4.4). Names are never compared: `N.m` joins `Nm`. Two quantities share one vector, torque and energy; there the symbols
of the name tell which is meant, and newton metres do not join joules. Units that are known by their name alone join that name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Union, final

import numpy as np

from covolt import units
from covolt.errors import UnitError
from covolt.exchange.component import Unit
from covolt.words import Phrase, text

__all__ = [
    "BASES",
    "UNKNOWN",
    "Conversion",
    "by_name",
    "contradiction",
    "difference",
    "differs",
    "is_known",
    "joins",
    "made_of",
    "named",
    "of_covolt",
]

BASES = ("kg", "m", "s", "A", "K", "mol", "cd", "rad")
"""What the exponents of a unit belong to, in their order."""
UNKNOWN = math.nan
"""The factor of a unit of which a component gives the name alone, and which nobody here knows."""
_NAMED_ALIKE = 1e-3
"""Share by which the declaration of a unit may differ from its name, as rounded factors do."""
_ENERGY = (1, 2, -2, 0, 0, 0, 0, 0)
"""The vector that torque and energy share."""
_TEMPERATURE = (0, 0, 0, 0, 1, 0, 0, 0)
_SYMBOLS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "1": (0,) * 8,
        **{base: tuple(int(base == one) for one in BASES) for base in BASES},
        "Hz": (0, 0, -1, 0, 0, 0, 0, 0),
        "N": (1, 1, -2, 0, 0, 0, 0, 0),
        "Pa": (1, -1, -2, 0, 0, 0, 0, 0),
        "J": _ENERGY,
        "W": (1, 2, -3, 0, 0, 0, 0, 0),
        "C": (0, 0, 1, 1, 0, 0, 0, 0),
        "V": (1, 2, -3, -1, 0, 0, 0, 0),
        "Ohm": (1, 2, -3, -2, 0, 0, 0, 0),
        "F": (-1, -2, 4, 2, 0, 0, 0, 0),
        "H": (1, 2, -2, -2, 0, 0, 0, 0),
        "Wb": (1, 2, -2, -1, 0, 0, 0, 0),
        "T": (1, 0, -2, -1, 0, 0, 0, 0),
        "S": (-1, -2, 3, 2, 0, 0, 0, 0),
    }
)
_STEP = re.compile(r"(?P<symbol>[A-Za-z]+|1)(?P<power>-?\d*)")
_TORQUE_NAME = re.compile(r"(?<![A-Za-z])[kMm]?N[\s.*\u00b7]*m|(lbf|ft)", re.ASCII)


@final
@dataclass(frozen=True)
class Conversion:
    """From one unit to another: value there = factor * value here + offset, offset in the unit there."""

    factor: float = 1.0
    offset: float = 0.0

    @property
    def same(self) -> bool:
        """Whether numbers pass as they are."""
        return self.factor == 1.0 and self.offset == 0.0

    def of(self, values: np.ndarray) -> np.ndarray:
        """Values, any shape, float64, in the unit there."""
        return values if self.same else self.factor * values + self.offset


def joins(source: Unit | None, target: Unit | None) -> Union[Conversion, Phrase]:
    """How a number in one unit becomes one in another, or why it cannot.

    SI value = factor * value + offset_si, so value there = (factor_s * value + offset_s - offset_t) / factor_t; of differences
    without the offsets (FMI 3.0 section 2.4.4, relativeQuantity). Where one of both states no unit, numbers pass as they are;
    whoever joins them tells so.
    """
    if source is None or target is None or source == target:
        return Conversion()
    why = _reason(source, target)
    if why is not None:
        return why
    shift_si = 0.0 if source.relative or target.relative else source.offset_si - target.offset_si
    if not is_known(source) or (source.factor == target.factor and shift_si == 0.0):
        return Conversion()
    return Conversion(source.factor / target.factor, shift_si / target.factor)


def differs(source: Unit | None, target: Unit | None) -> Phrase | None:
    """Where one of two is of differences and the other is not, what is told of them; of temperatures, which have an origin."""
    if source is None or target is None or source.relative == target.relative:
        return None
    if source.exponents != _TEMPERATURE and not (source.offset_si or target.offset_si):
        return None
    if source.relative:
        return text("a difference in '{one}' becomes a value in '{other}'", one=source.name, other=target.name)
    return text("a value in '{one}' becomes a difference in '{other}'", one=source.name, other=target.name)


def _reason(source: Unit, target: Unit) -> Phrase | None:
    """Why one unit does not join another, if it does not."""
    if not (is_known(source) and is_known(target)):
        if source.name == target.name and is_known(source) == is_known(target):
            return None
        unknown = target if is_known(source) else source
        return text("nobody says what '{unit}' is made of", unit=unknown.name)
    if source.exponents != target.exponents:
        return _apart(source, target)
    if len({_energy_or_torque(one) for one in (source, target)} - {""}) > 1:
        return text(
            "'{one}' and '{other}' are of one dimension, but torque is not energy", one=source.name, other=target.name
        )
    return None


def is_known(unit: Unit) -> bool:
    """Whether it is said what a unit is made of."""
    return math.isfinite(unit.factor) and unit.factor != 0.0 and math.isfinite(unit.offset_si)


def difference(unit: Unit) -> Unit:
    """The unit of differences of a quantity, such as of temperatures: without an offset."""
    return replace(unit, offset_si=0.0, relative=True)


def by_name(name: str) -> Unit:
    """What a name alone says: a unit of covolt's closed list, one that is written in symbols of the SI, else unknown."""
    written = name.replace(".", " ").replace("\u00b7", " ")
    for spelling in (name, written):
        try:
            return named(of_covolt(spelling), name)
        except UnitError:
            continue
    exponents = _exponents(written)
    return Unit(name, factor=UNKNOWN) if exponents is None else Unit(name, exponents)


def contradiction(unit: Unit) -> Phrase | None:
    """What is to be told of a unit that is not declared as its name says, such as a kW of factor 1; the declaration counts.

    None where both agree to a thousandth, where the name says nothing, and where both are of different dimensions, which joins
    nothing by mistake.
    """
    meant = by_name(unit.name)
    if not (is_known(meant) and is_known(unit)) or meant.exponents != unit.exponents:
        return None
    pairs = ((unit.factor, meant.factor), (unit.offset_si, meant.offset_si))
    if all(abs(declared - named_so) <= _NAMED_ALIKE * abs(named_so) for declared, named_so in pairs):
        return None
    return text(
        "1 '{unit}' is declared as {declared}, and its name says {meant}: the declaration counts",
        unit=unit.name,
        declared=_one(unit),
        meant=_one(meant),
    )


def _one(unit: Unit) -> str:
    """One of a unit in base units: "1000 kg m2 s-3", "274.15 K"."""
    return f"{unit.factor + unit.offset_si:.6g} {made_of(unit)}"


def named(unit: Unit, name: str) -> Unit:
    """The same unit by another name."""
    return unit if unit.name == name else replace(unit, name=name)


@cache
def of_covolt(name: str) -> Unit:
    """A unit of covolt's closed list, of files and contracts: "Nm", "km/h", "degC".

    Raises:
        UnitError: there is none of this name. Money and points have no vector: their factor is `UNKNOWN`.
    """
    found = units.unit(name)
    exponents = _exponents(found.si)
    if exponents is None:
        return Unit(found.name, factor=UNKNOWN)
    return Unit(found.name, exponents, found.factor, found.offset * found.factor)


def _exponents(written: str) -> tuple[int, ...] | None:
    """Of a product of symbols of the SI such as "J/(kg m)" or "N s2/m2"; None where one of them is unknown."""
    total = np.zeros(len(BASES), dtype=np.int64)
    side = 1
    bare = written.replace("Nm", "N m").replace("(", " ").replace(")", " ").replace("*", " ").replace("^", "")
    for number, part in enumerate(bare.split("/")):
        side = 1 if number == 0 else -1
        for step in part.split():
            match = _STEP.fullmatch(step)
            vector = _SYMBOLS.get(match["symbol"]) if match else None
            if match is None or vector is None or len(match["power"]) > 2:
                return None
            power = int(match["power"]) if match["power"].strip("-") else 1
            total += side * power * np.array(vector, dtype=np.int64)
    return tuple(int(one) for one in total) if bare.strip() else None


def _energy_or_torque(unit: Unit) -> str:
    """Which of the two quantities that share a vector a unit is of, as far as its name tells."""
    if unit.exponents != _ENERGY:
        return ""
    return "torque" if _TORQUE_NAME.search(unit.name) else "energy" if unit.name else ""


def _apart(source: Unit, target: Unit) -> Phrase:
    """Why two vectors do not join; an angle that one of both counts is the commonest reason."""
    if source.exponents[:-1] == target.exponents[:-1]:
        return text(
            "'{one}' counts the angle and '{other}' does not: {first} is not {second}",
            one=source.name if source.exponents[-1] else target.name,
            other=target.name if source.exponents[-1] else source.name,
            first=made_of(source),
            second=made_of(target),
        )
    return text(
        "'{one}' is {first}, '{other}' is {second}",
        one=source.name,
        first=made_of(source),
        other=target.name,
        second=made_of(target),
    )


def made_of(unit: Unit) -> str:
    """The vector of a unit in symbols: "kg m2 s-2"."""
    steps = [f"{base}{power if power != 1 else ''}" for base, power in zip(BASES, unit.exponents, strict=True) if power]
    return " ".join(steps) or "1"
