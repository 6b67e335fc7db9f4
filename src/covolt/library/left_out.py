"""How the generic set met families that its fit had not seen: each left out, predicted by the others."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import final

__all__ = ["LeftOut", "left_out"]


@final
@dataclass(frozen=True)
class LeftOut:
    """One family over one cycle: signed and absolute error of its tests, and half of the 90 % interval, over the measured energy.

    Source: EPA test-car lists of 2011 to 2024, plug energy, unadjusted; made by benchmarks/epa_fit.py with the shipped set.
    """

    family: str
    cycle: str
    test_count: int
    error_fraction: float
    absolute_error_fraction: float
    halfwidth_90_fraction: float
    inside_fraction: float
    """Part of the tests within the interval."""


@cache
def left_out() -> tuple[LeftOut, ...]:
    """Every family that the set was fitted on, by name and cycle."""
    text = (files("covolt") / "library" / "left_out.csv").read_text(encoding="utf-8")
    return tuple(
        LeftOut(
            family=row["family"],
            cycle=row["cycle"],
            test_count=int(row["tests"]),
            error_fraction=float(row["error_percent"]) / 100.0,
            absolute_error_fraction=float(row["mean_absolute_error_percent"]) / 100.0,
            halfwidth_90_fraction=float(row["halfwidth_90_percent"]) / 100.0,
            inside_fraction=float(row["inside_fraction"]),
        )
        for row in csv.DictReader(text.splitlines())
    )
