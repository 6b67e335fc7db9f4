"""`covolt rename`: a party or the programme called otherwise in every file that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.printing import console, print_notices

HELP = """Call a party, or the programme, otherwise in every file that names it, all of it or nothing.

Offers are published anew with the same content, and locks pin them so. What somebody has signed is never touched.

Examples:

  covolt rename supplier volta my-car --title "Volta Batteries"

  covolt rename my-car city-e my-car --dry-run
"""


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Party, or id of the programme.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name: Latin letters, digits, - and _.")],
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="How people call it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False,
) -> None:
    """Entry of the command; its help is `HELP`."""
    from covolt.study.cases.rename import rename

    made = rename(programme, old, new, title, write=not dry_run)
    out = console()
    for one in made.changes:
        place = one.path.relative_to(made.root).as_posix()
        if one.content is not None and place not in made.moved.values():
            out.print(f"changed {place}")
    for before, after in made.moved.items():
        out.print(f"moved {before} → {after}")
    for before, after in made.offers.items():
        out.print(f"published anew: {before} → {after}")
    print_notices(made.notices)
    out.print("Nothing was written." if dry_run else f"{old} is {new} now; next: covolt check {programme}")
