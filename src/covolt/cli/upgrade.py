"""`covolt upgrade`: what must change in a programme of covolt 0.1.0, shown first, then made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.printing import console, heading

HELP = """Show what must change in a programme of covolt 0.1.0, and with --write make what a tool can make.

Documents move into the folder of the party that speaks in them, byte for byte. Keys and signatures are for people: each is named
with its command. Run again, it changes nothing more.

Examples:

  covolt upgrade my-car

  covolt upgrade my-car --write
"""


def upgrade(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    write: Annotated[bool, typer.Option("--write", help="Make the moves that are shown.")] = False,
) -> None:
    """Show or make the moves, and say what is left for people."""
    from covolt.study.cases.upgrade import upgrade

    out, done = console(), upgrade(programme, write=write)
    for one in done.sure:
        out.print(f"{'moved' if done.made else 'moves'}: {one.source} → {one.target}")
        for at, to in one.along:
            out.print(f"  {'copied' if done.made else 'copies'} along: {at} → {to}")
    for one in done.asking:
        out.print(f"not moved: {one.source} speaks for {one.asks} in the folder of another", style="yellow")
        out.print(f"  where {one.asks} says that it is its word: move it to {one.target}; else remove it")
    if done.sure and not done.made:
        out.print("Make these moves: covolt upgrade --write")
    if not done.moves:
        out.print("every document stands where it speaks")
    if done.steps:
        heading(out, "\nWhat only people can do, in this order")
        for one in done.steps:
            out.print(str(one.why))
            out.print(f"  {one.command}", soft_wrap=True)
    else:
        out.print("no gate asks for a signature, and nothing demands one: no key is needed")
