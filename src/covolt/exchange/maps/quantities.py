"""How columns of maps and of bench logs are headed, and in which units."""

from __future__ import annotations

from dataclasses import replace
from math import pi

from covolt.exchange.maps.grid import OwnUnits
from covolt.simulation.column_header import TIME as CLOCK
from covolt.simulation.column_header import Quantity

__all__ = ["BENCH", "CURRENT", "EFFICIENCY", "LOSS", "POINTS", "SPEED", "TIME", "TORQUE", "VOLTAGE", "own_units"]

_PER_MINUTE = pi / 30.0
TIME = replace(CLOCK, required=False)
"""A map has none."""
SPEED = Quantity(
    "speed",
    ("speed", "rotor[ _]speed", "motor[ _]speed", "shaft[ _]speed", "n", "omega"),
    {
        **dict.fromkeys(("rpm", "1/min", "min-1", "r/min"), _PER_MINUTE),
        **dict.fromkeys(("rad/s", "rad_per_s"), 1.0),
    },
    "speed_rpm, speed [rad/s]",
    required=True,
)
TORQUE = Quantity(
    "torque",
    ("torque", "shaft[ _]torque", "t", "m"),
    {**dict.fromkeys(("nm", "n m", "n.m", "n*m"), 1.0), "knm": 1e3},
    "torque_Nm",
    required=True,
)
LOSS = Quantity(
    "loss",
    ("loss", "losses", "power[ _]loss", "loss[ _]power"),
    {"w": 1.0, "kw": 1e3},
    "loss_W, loss [kW]",
)
EFFICIENCY = Quantity(
    "efficiency",
    ("efficiency", "eta", "eff"),
    {**dict.fromkeys(("", "1", "-", "ratio", "fraction"), 1.0), **dict.fromkeys(("%", "percent", "pct"), 0.01)},
    "efficiency [%]",
)
VOLTAGE = Quantity("voltage", ("voltage", "dc[ _]voltage", "u", "u_dc"), {"v": 1.0, "kv": 1e3}, "voltage_V")
CURRENT = Quantity("current", ("current", "dc[ _]current", "i", "i_dc"), {"a": 1.0, "ma": 1e-3}, "current_A")
POINTS = (SPEED, TORQUE, LOSS, EFFICIENCY)
"""Of a map, a point a row."""
BENCH = (TIME, SPEED, TORQUE, VOLTAGE, CURRENT)
"""Of a log of a test bench."""


def own_units(speed: str, torque: str) -> OwnUnits:
    """What these units of a header are called in covolt's closed list."""
    return OwnUnits(
        "rad/s" if SPEED.units.get(speed, 1.0) == 1.0 else "rpm",
        "Nm" if TORQUE.units.get(torque, 1.0) == 1.0 else "kNm",
    )
