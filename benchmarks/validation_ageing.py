"""Laws of ageing against published models at constant conditions, such as NREL's BLAST-Lite.

The reference holds predictions of fits, not measurements: agreement shows that the equations were taken over rightly, not that
cells age so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring import absent, mean, read_rows

from covolt.study.lifetime.ageing import LAWS, DAY_s, Law, Stress, capacity_lost

LAW_OF = {"nmc111_kokam_75Ah": "Smith 2017", "nca_panasonic_3.2Ah": "Keil 2016, Preger 2020"}
"""Models of the reference that are, equation by equation, a law of covolt's; a law may also be called by its own name."""
CHEMISTRIES = ("nmc", "nca", "lfp", "lmo", "lto")
YEAR_s = 365.0 * DAY_s
"""The reference counts years of 365 days."""
CONDITIONS = ("temp_C", "mean_soc_pct", "dod_pct", "c_rate", "years", "equivalent_full_cycles")
NEEDED = ("model", "remaining_capacity_pct", *CONDITIONS)


def law_of(model: str) -> Law | None:
    """The law that a model of the reference is, None where covolt has none of it."""
    wanted = LAW_OF.get(model, model).lower()
    return next((law for law in LAWS if law.name.lower() == wanted), None)


def kept_percent(law: Law, row: Mapping[str, str]) -> float:
    """Capacity that a law leaves under the conditions of a row, in % of the new cell's."""
    years = int(float(row["years"]))
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
    """The greatest deviation over all conditions of the models that are laws of covolt's, and the others beside its band."""
    path = data / "ageing" / "blast_lite_reference.csv"
    table = [row for row in read_rows(path) if all(row.get(name) for name in NEEDED) and float(row["years"]) >= 1.0]
    known: dict[str, float] = {}
    laws: set[str] = set()
    other: dict[str, list[tuple[str, float]]] = {}
    for row in table:
        case, law = "/".join(row[name] for name in ("model", *CONDITIONS)), law_of(row["model"])
        if law is None:
            other.setdefault(row["model"], []).append((case, _outside_band(row)))
            continue
        laws.add(law.name)
        known[case] = abs(kept_percent(law, row) - float(row["remaining_capacity_pct"]))
    named = [f"{model} ({len(cases)} conditions): no law of covolt's" for model, cases in other.items()]
    shared = {
        "goal": None,
        "unit": "% of capacity",
        "better": "lower",
        "peer": "published models of cells at constant conditions, given to 0.001 %",
    }
    name = "ageing_blast_lite"
    if not known:
        return [
            absent(name, "no law of covolt's in the folder", shared["unit"], left_out=named),
            *_other(other, shared),
        ]
    first = {
        "name": name,
        "measured": max(known.values()),
        "cases": len(known),
        "cars": len(laws),
        "fitted": "the equations of the same models",
        "left_out": named,
        "details": known,
    }
    return [first | shared, *_other(other, shared)]


def _outside_band(row: Mapping[str, str]) -> float:
    """How far a model lies outside the band of covolt's laws of its chemistry, of all laws where its name tells none."""
    chemistry = next((name for name in CHEMISTRIES if name in row["model"].lower()), "")
    laws = [law for law in LAWS if law.chemistry.lower().startswith(chemistry)] or list(LAWS)
    found = [kept_percent(law, row) for law in laws]
    kept = float(row["remaining_capacity_pct"])
    return max(min(found) - kept, kept - max(found), 0.0)


def _other(other: Mapping[str, list[tuple[str, float]]], shared: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not other:
        return []
    cases = {case: outside for model in other.values() for case, outside in model}
    row = {
        "name": "ageing_other_outside_band",
        "measured": mean([mean([outside for _, outside in model]) for model in other.values()]),
        "cases": len(cases),
        "cars": len(other),
        "fitted": "nothing: how far models that are no laws of covolt's lie outside its band",
        "details": cases,
    }
    return [row | shared]
