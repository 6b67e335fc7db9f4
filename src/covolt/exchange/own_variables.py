"""Variables of parts of covolt's own: what is set before the first step, given in every step, and answered."""

from __future__ import annotations

from covolt.exchange.base_units import of_covolt
from covolt.exchange.component import Unit, Variable
from covolt.units import SUFFIXES

__all__ = ["answered", "given", "number", "set_once", "signal"]


def set_once(name: str, unit: str, start: float, minimum: float, maximum: float, meaning: str) -> Variable:
    """A parameter, in a unit of the SI."""
    return Variable(
        name,
        "parameter",
        variability="fixed",
        unit=of_covolt(unit),
        start=start,
        minimum=minimum,
        maximum=maximum,
        meaning=meaning,
    )


def given(name: str, unit: str, start: float, meaning: str) -> Variable:
    """An input, held within a step."""
    return Variable(name, "input", variability="continuous", unit=of_covolt(unit), start=start, meaning=meaning)


def answered(name: str, unit: str, meaning: str) -> Variable:
    """An output, at the end of a step or as its mean."""
    return Variable(name, "output", variability="continuous", unit=of_covolt(unit), meaning=meaning)


def number(name: str, unit: str, value: float) -> Variable:
    """A number of the part that nobody sets."""
    return Variable(name, "calculated parameter", variability="constant", unit=of_covolt(unit), start=value)


def signal(name: str) -> Variable:
    """An output called as a signal of covolt without its unit: `speed_m_per_s` is `speed` in m/s."""
    words = name.split("_")
    cut = len(words)
    while cut > 1 and (words[cut - 1] in SUFFIXES or words[cut - 1] == "per"):
        cut -= 1
    written = "/".join(" ".join(words[cut:]).split(" per "))
    unit = of_covolt(written) if written else Unit("1")
    return Variable("_".join(words[:cut]), "output", variability="continuous", unit=unit)
