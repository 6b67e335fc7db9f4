"""Negatives that ship with covolt: what joint programmes of vehicles failed by, organisations described by their role."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from covolt.contract.document import load_table, validate
from covolt.programme.negative import Negative

__all__ = ["WHO_STATES", "shipped_negatives", "stated_by"]

WHO_STATES = "integrator"
"""The party that the shipped files name, in whose place the one that takes them in is written."""


@cache
def shipped_negatives() -> Mapping[str, Negative]:
    """Every shipped negative by name."""
    folder = files("covolt") / "library" / "negatives"
    found = (
        validate(load_table(file.read_text(encoding="utf-8"), file.name), Negative, file.name)
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
    )
    return MappingProxyType({one.id: one for one in found})


def stated_by(negative: Negative, party: str) -> Negative:
    """A shipped negative as a party states it, which is then the one whose signature it asks for."""
    guards = tuple(
        one.model_copy(update={"party": party}) if one.party == WHO_STATES else one for one in negative.guards
    )
    return negative.model_copy(update={"party": party, "guards": guards})
