"""Whose word it is that a cabin lacks heat: offer and contract without a fuel-fired heater; and of which place the months are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from covolt.contract.datasheet import Datasheet
from covolt.contract.port import range_si
from covolt.library.fitted import fuel_heater
from covolt.programme.agreement import Contract
from covolt.programme.documents import Programme
from covolt.study.lifetime.climate import the_place
from covolt.study.procedures.protocol import Given
from covolt.study.verdicts.variation import Sheets
from covolt.study.verdicts.verdict import Verdict
from covolt.words import Phrase, joined, text

__all__ = ["FUEL_HEATER", "with_climate", "with_heat"]

FUEL_HEATER = "fuel_heater_power"
"""The declared number by which a cabin has a fuel-fired heater, and a contract asks for one."""


def with_climate(verdict: Verdict, conditions: Mapping[str, str | float]) -> Verdict:
    """A verdict that rests on a year says of which place."""
    if "climate" not in conditions:
        return verdict
    said = text("by the months of {place}", place=the_place(str(conditions["climate"])).title.words)
    return replace(verdict, why=joined((verdict.why, said)))


def with_heat(verdict: Verdict, programme: Programme, sheets: Sheets, given: Given, lacking_W: float | None) -> Verdict:
    """A verdict that fails where the cabin stays too cold: with the heat that is lacking, and by whose offer and contract."""
    if lacking_W is None or verdict.verdict in {"met", "met, text not checked"}:
        return verdict
    cabin = sheets["cabin"]
    slot = next(one for one in programme.slots.values() if programme.vehicle_slot(one) == "cabin")
    lacking = text("{lacking:.0f} kW of heat are lacking", lacking=lacking_W / 1e3)
    told = joined((lacking, _why(cabin, programme.contracts[slot.contract], given)), ": ")
    return replace(verdict, why=joined([one for one in (verdict.why, told) if one]))


def _why(cabin: Datasheet, contract: Contract, given: Given) -> Phrase:
    stated = {name: one.value_si for name, one in (*cabin.model.parameters.items(), *cabin.declared.items())}
    heater, ambient_K = fuel_heater(stated), given.ambient_temperature_K
    offered = {"offer": cabin.reference.partition("/")[2], "party": cabin.party}
    if heater is not None:
        if ambient_K is not None and ambient_K >= float(heater.below_K):
            return text("in this air the fuel-fired heater of {offer} of {party} does not burn", **offered)
        return text("the fuel-fired heater of {offer} of {party} gives all that it can", **offered)
    missing = text("{offer} of {party} has no fuel-fired heater", **offered)
    agreed = {"contract": contract.reference, "between": ", ".join(contract.between)}
    limit = contract.limits.get(FUEL_HEATER)
    least_W, most_W = (0.0, inf) if limit is None else range_si(limit.minimum, limit.maximum, "W")
    asks = text("the contract {contract} between {between} asks for none", **agreed)
    if least_W > 0.0:
        asks = text("though the contract {contract} between {between} asks for one", **agreed)
    elif most_W <= 0.0:
        asks = text("the contract {contract} between {between} rules one out", **agreed)
    return joined((missing, asks), ", ")
