"""Laws of ageing against the published models that they come from: NREL BLAST-Lite at constant conditions.

The reference holds predictions of fits, not measurements: agreement shows that the equations were taken over rightly, not that
cells age so.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from covolt.study.ageing import LAWS, DAY_s, Stress, capacity_lost

LAW_OF = {"nmc111_kokam_75Ah": "Smith 2017", "nca_panasonic_3.2Ah": "Keil 2016, Preger 2020"}
YEAR_s = 365.0 * DAY_s
"""The reference counts years of 365 days."""


def kept_percent(row: Mapping[str, str]) -> float:
    """Capacity that the law of a row's model leaves, in % of the new cell's."""
    law = next(law for law in LAWS if law.name == LAW_OF[row["model"]])
    years = int(row["years"])
    stress = Stress(
        duration_s=YEAR_s,
        temperature_K=float(row["temp_C"]) + 273.15,
        state_of_charge=float(row["mean_soc_pct"]) / 100.0,
        cell_voltage_V=3.7,
        depth_fraction=float(row["dod_pct"]) / 100.0,
        rate_per_s=float(row["c_rate"]) / 3600.0,
        cycle_rate_per_s=float(row["equivalent_full_cycles"]) / (years * YEAR_s),
    )
    return 100.0 * (1.0 - capacity_lost(law, [stress], years)[-1])


def rows(data: Path) -> list[dict[str, Any]]:
    """The greatest deviation over all conditions of both models."""
    with (data / "ageing" / "blast_lite_reference.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    deviations = [abs(kept_percent(row) - float(row["remaining_capacity_pct"])) for row in table]
    conditions = ("model", "temp_C", "mean_soc_pct", "dod_pct", "c_rate", "years", "equivalent_full_cycles")
    return [
        {
            "name": "ageing_blast_lite",
            "measured": max(deviations),
            "goal": None,
            "unit": "% of capacity",
            "better": "lower",
            "peer": "NREL BLAST-Lite, Kokam 75 Ah and Panasonic NCA, constant conditions, given to 0.001 %",
            "cases": len(table),
            "details": {
                "/".join(row[name] for name in conditions): deviation
                for row, deviation in zip(table, deviations, strict=True)
            },
        }
    ]
