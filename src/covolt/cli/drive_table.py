"""What `covolt drive` says of several drives: one table, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from covolt.cli.printing import console, known_text, styled, table, unit_text
from covolt.study.cases.remarks import EXACT_FIGURES
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.study.cases.drive import DriveResult

COLUMNS = (
    (text("battery", context="flow"), "Wh/km", "battery_consumption_J_per_m", 1.0 / 3.6),
    (text("plug", context="head"), "kWh/100 km", "plug_consumption_J_per_m", 1.0 / 36.0),
    (text("range", context="head"), "km", "range_m", 1e-3),
    (text("recuperated", context="head"), "%", "recuperated_fraction", 100.0),
)


def print_table(done: Sequence[DriveResult]) -> None:
    """One row a drive, and below the table every drive that was not completed, with its reason."""
    out = console()
    names = [
        (text("car", context="head"), "name"),
        (text("cycle", context="head"), "name"),
        (_head(text("distance", context="head"), "km"), "right"),
    ]
    numbers = [(_head(head, unit), "right") for head, unit, _, _ in COLUMNS]
    made = table([*names, *numbers, (text("completed", context="head"), "left")])
    for one in done:
        result = one.trace.result
        moves = result.distance_m > 0.0
        values = [known_text(one.known[name], factor) if moves else "" for *_, name, factor in COLUMNS]
        distance = known_text(one.known["distance_m"], 1e-3)
        completed = text("yes") if one.trace.outcome.completed else text("no")
        made.add_row(one.car.id, result.mission.name, distance, *values, completed)
    out.print(made)
    for one in done:
        if not one.trace.outcome.completed:
            which = joined((one.car.id, one.trace.result.mission.name), ", ")
            out.print(styled((joined((which, one.trace.outcome.said), ": "), "bold red")))
    out.print(EXACT_FIGURES)


def _head(name: Phrase, unit: str) -> Phrase:
    return joined((name, unit_text(unit)), "\n")


def table_text(done: Sequence[DriveResult]) -> str:
    """One row a drive as CSV: car, mission, outcome, every number of the JSON, and its standard uncertainty."""
    from covolt.study.cases.drive_document import of_drive
    from covolt.study.result import plain

    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    documents = [plain(of_drive(one)) for one in done]
    names = list(documents[0]["result"])
    writer.writerow(["car", "mission", "completed", "reason", *names, *(f"u_{name}" for name in names)])
    for one in documents:
        sure = [one["uncertainty"][name]["uncertainty"] for name in names]
        head = (one["car"]["id"], one["mission"]["name"], one["outcome"]["completed"], one["outcome"]["reason"])
        writer.writerow([*head, *(one["result"][name] for name in names), *sure])
    return made.getvalue()
