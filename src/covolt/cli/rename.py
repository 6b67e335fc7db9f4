"""`covolt rename`: a party or the programme called otherwise in every file that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language
from covolt.cli.printing import console, print_notices
from covolt.words import text

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
    language: LanguageOption = None,
) -> None:
    """Call a party or the programme otherwise in every file that names it."""
    from covolt.study.cases.rename import rename

    chosen_language(language)
    made = rename(programme, old, new, title, write=not dry_run)
    out = console()
    for one in made.changes:
        place = one.path.relative_to(made.root).as_posix()
        if one.content is not None and place not in made.moved.values():
            out.print(text("changed {place}", place=place))
    for before, after in made.moved.items():
        out.print(text("moved {before} → {after}", before=before, after=after))
    for before, after in made.offers.items():
        out.print(text("published anew: {before} → {after}", before=before, after=after))
    print_notices(made.notices)
    done = text("{old} is {new} now; next: {command}", old=old, new=new, command=f"covolt check {programme}")
    out.print(text("Nothing was written.") if dry_run else done)
