"""Quantities by their names in each language, as mistakes about units name them."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.words import Phrase, text

__all__ = ["quantity_said"]

_SAID: Mapping[str, Phrase] = {
    one.message: one
    for one in (
        text("ratio", context="quantity"),
        text("length", context="quantity"),
        text("area", context="quantity"),
        text("volume", context="quantity"),
        text("time", context="quantity"),
        text("mass", context="quantity"),
        text("speed", context="quantity"),
        text("acceleration", context="quantity"),
        text("angle", context="quantity"),
        text("angular speed", context="quantity"),
        text("frequency", context="quantity"),
        text("force", context="quantity"),
        text("torque", context="quantity"),
        text("moment of inertia", context="quantity"),
        text("pressure", context="quantity"),
        text("energy", context="quantity"),
        text("power", context="quantity"),
        text("energy per distance", context="quantity"),
        text("energy per transported mass and distance", context="quantity"),
        text("mass per distance", context="quantity"),
        text("volume per distance", context="quantity"),
        text("mass per energy", context="quantity"),
        text("points of a scheme", context="quantity"),
        text("roubles", context="quantity"),
        text("roubles per distance", context="quantity"),
        text("Belarusian roubles", context="quantity"),
        text("Belarusian roubles per distance", context="quantity"),
        text("specific energy", context="quantity"),
        text("specific power", context="quantity"),
        text("voltage", context="quantity"),
        text("current", context="quantity"),
        text("charge", context="quantity"),
        text("resistance", context="quantity"),
        text("capacitance", context="quantity"),
        text("inductance", context="quantity"),
        text("voltage per temperature", context="quantity"),
        text("molar energy", context="quantity"),
        text("thermal conductance", context="quantity"),
        text("thermal resistance", context="quantity"),
        text("heat capacity", context="quantity"),
        text("specific heat capacity", context="quantity"),
        text("irradiance", context="quantity"),
        text("heat transfer coefficient", context="quantity"),
        text("per temperature", context="quantity"),
        text("temperature rate", context="quantity"),
        text("rate", context="quantity"),
        text("density", context="quantity"),
        text("mass flow", context="quantity"),
        text("volume flow", context="quantity"),
        text("force per speed", context="quantity"),
        text("force per squared speed", context="quantity"),
        text("temperature", context="quantity"),
    )
}


def quantity_said(name: str) -> Phrase | str:
    """A quantity in words; one that is none of ours as it is written."""
    return _SAID.get(name, name)
