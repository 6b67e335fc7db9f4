"""`covolt approval`: which acts hold for the vehicle, and what shows that it keeps them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.printing import console, print_json, styled, table

if TYPE_CHECKING:
    from covolt.study.gate.approval import ApprovalRow

HELP = """Say which acts hold for the vehicle by its category and markets, and which are shown to be kept.

An act is bound to the requirements that cite it. The table is dated data; a row marked ◊ was not checked against its text.

Examples:

  covolt approval examples/city-car

  covolt approval examples/city-car --all --json
"""
COLOURS = {"shown": "green", "failing": "bold red", "open": "yellow", "not applicable": "dim"}


def approval(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    everything: Annotated[bool, typer.Option("--all", help="Acts for other vehicles too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Entry of the command; its help is `HELP`."""
    from covolt.study.gate.approval import approval_rows
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.acts import matrix
    from covolt.study.verdicts.checking import readings_of_act, texts_checked
    from covolt.study.verdicts.verification import verify

    read = read_whole(programme)
    rows = [
        one for one in approval_rows(read, verify(read).verdicts) if everything or json or one.state != "not applicable"
    ]
    if json:
        checks = texts_checked(read)
        acts = [asdict(one) | {"checked": readings_of_act(one.act, checks)} for one in rows]
        print_json({"date": matrix().date, "acts": acts})
        return
    _print(rows, matrix().date)


def _print(rows: list[ApprovalRow], date: str) -> None:
    out = console()
    made = table([("act", "name"), ("", "name"), ("state", "name"), ("by", "name"), ("what", "left")])
    for one in rows:
        mark = "" if one.confirmed else "◊"
        said = ", ".join(one.requirements) if one.state == "shown" else str(one.why)
        made.add_row(one.act, mark, styled((one.state, COLOURS[one.state])), one.basis, f"{one.title}: {said}")
    out.print(made)
    holding = [one for one in rows if one.state != "not applicable"]
    counts = {state: sum(one.state == state for one in holding) for state in ("shown", "failing", "open")}
    summed = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    memory = sum(not one.confirmed for one in rows)
    out.print(
        f"{len(holding)} acts hold: {summed}. Table of {date}; {memory} rows are not checked against their text (◊)."
    )
    out.print("The table is not complete: components approved by themselves and national acts are not in it.")
