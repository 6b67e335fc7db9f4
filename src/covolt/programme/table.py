"""Tables of a programme: every kind of dated data that its procedures read; they are agreed, and lie in the folder `tables`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from covolt.programme.amendments import SeriesTable
from covolt.programme.charging_network import ChargingNetwork
from covolt.programme.energy_prices import EnergyPrices, LifeCycle
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.rates import Rates
from covolt.programme.state_money import StateMoney

__all__ = ["TABLES", "DatedTable", "is_old"]

OLD_days = 365
"""From the last check of dated data to the day for which they are asked; an estimate: fees and series change with the year."""

DatedTable = Rates | OriginScheme | SeriesTable | StateMoney | EnergyPrices | LifeCycle | ChargingNetwork
"""Any kind of table: each has an id, a title and a source."""
TABLES: Mapping[str, type[DatedTable]] = MappingProxyType(
    {
        "rates/1": Rates,
        "origin-scheme/1": OriginScheme,
        "series/1": SeriesTable,
        "state-money/1": StateMoney,
        "energy-prices/1": EnergyPrices,
        "life-cycle/1": LifeCycle,
        "charging-network/1": ChargingNetwork,
    }
)
"""Every kind of table, by the name that its file states."""


def is_old(checked_on: str, day: str) -> bool:
    """Whether what was last held against its source on a day says little of another."""
    return (date.fromisoformat(day) - date.fromisoformat(checked_on)).days > OLD_days
