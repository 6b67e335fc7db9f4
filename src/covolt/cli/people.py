"""`covolt people`: who may come into a workspace of several people: added, listed, given a token, invited; without its server."""

from __future__ import annotations

import getpass
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.options import DatabaseOption
from covolt.cli.printing import console, table
from covolt.words import plural, text

if TYPE_CHECKING:
    from covolt.workspace.asking import Workspace

HELP = "Say who may come into a workspace of several people, on the machine where it lies."
ADD_HELP = """Make a person known to the workspace; its number is printed.

Example:

  covolt people add "A battery engineer" --administrator

  covolt people add "A battery engineer" --home /srv/covolt --database postgresql://covolt@/covolt
"""
LIST_HELP = """List the people of the workspace, and for which parties they act.

Example:

  covolt people list
"""
TOKEN_HELP = """Make a token with which a person logs in, or with which a script asks; it is printed once.

PERSON is a name, or the id where several are called so.

Scopes: read, propose, answer, merge, sign, push, which together are the usual ones; run (the runner of a party) and administer
(invite, export, make tokens) where they are named.

Examples:

  covolt people token "A battery engineer" "log-in"

  covolt people token 3f9a1c22b0d14e57 "first log-in" --scope usual --scope administer

  covolt people token 3f9a1c22b0d14e57 "nightly report" --scope read --programme joint-city-car --days 30
"""
INVITE_HELP = """Make an invitation to act for a party of a programme, for one person and once; it is printed once.

Example:

  covolt people invite joint-city-car battery-works --slot battery --days 7
"""
END_HELP = """Let a person in no longer: all tokens, sessions and memberships of that one end now, and the server may run.

PERSON is a name, or the id that `covolt people list` has where several are called so. What the person did stays, and so does
the name; programmes in which one acted are told.

Example:

  covolt people end "A battery engineer"
"""
USUAL_WORD = "usual"
Home = Annotated[
    Path | None,
    typer.Option(
        "--home", metavar="FOLDER", help="Where the workspace lies.", show_default="COVOLT_HOME, or your data folder"
    ),
]
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")


@contextmanager
def _opened(home: Path | None, database: str | None, *, begins: bool = False) -> Generator[Workspace]:
    """The workspace, which `begins` where none lies there, and says so: a folder that is misnamed is not to become one."""
    from covolt.workspace.alone import own_home
    from covolt.workspace.asking import Workspace
    from covolt.workspace.auditing import demand_home
    from covolt.workspace.database import DATABASE_FILE
    from covolt.workspace.together import database_of

    place = home or own_home()
    address = database_of(place, database)
    new = not address and not (place / DATABASE_FILE).exists()
    if new and not begins:
        demand_home(place)
    workspace = Workspace(place, lambda: datetime.now(UTC), address)
    try:
        if new:  # beside the number, which scripts read
            console(stderr=True).print(text("a new workspace begins in {folder}", folder=str(place)), soft_wrap=True)
        yield workspace
    finally:
        workspace.close()


@app.command("add", help=ADD_HELP)
def add(
    name: Annotated[str, typer.Argument(help="How others call the person.", show_default=False)],
    administrator: Annotated[
        bool, typer.Option("--administrator", help="The person administers the workspace: begins programmes, invites.")
    ] = False,
    home: Home = None,
    database: DatabaseOption = None,
) -> None:
    """Add a person."""
    with _opened(home, database, begins=True) as workspace:
        console().print(workspace.people.add(name, administers=administrator), soft_wrap=True)


@app.command("list", help=LIST_HELP)
def listed(home: Home = None, database: DatabaseOption = None) -> None:
    """List people."""
    shown = table([(text("Person"), "left"), (text("Name"), "left"), (text("Acts for"), "left")])
    with _opened(home, database) as workspace:
        for person, name, administers in workspace.people.listed():
            acts = [
                "/".join([one.programme, one.party, *(["+".join(map(str, one.slots))] if one.slots else [])])
                for one in workspace.people.memberships_of(person)
            ]
            shown.add_row(
                person, name, ", ".join([*acts, *([text("the workspace").said("en")] if administers else [])])
            )
    console().print(shown)


@app.command("token", help=TOKEN_HELP)
def token(
    person: Annotated[str, typer.Argument(help="Name or id, as `covolt people list` has it.", show_default=False)],
    title: Annotated[str, typer.Argument(help="What it is for.", show_default=False)],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="What it allows, again for each.", show_default="usual")
    ] = None,
    programme: Annotated[
        str, typer.Option("--programme", metavar="ID", help="In which programme alone.", show_default="all")
    ] = "",
    party: Annotated[
        str, typer.Option("--party", metavar="PARTY", help="For which party alone.", show_default="all")
    ] = "",
    days: Annotated[int, typer.Option("--days", help="How long it counts.")] = 90,
    home: Home = None,
    database: DatabaseOption = None,
) -> None:
    """Make a token."""
    from covolt.workspace.entrance import USUAL, Asker
    from covolt.workspace.tokens import TokenWanted

    scopes = [each for one in scope or [USUAL_WORD] for each in (USUAL if one == USUAL_WORD else [one])]
    with _opened(home, database) as workspace:
        found = workspace.people.called(person)
        wanted = TokenWanted(title, scopes, programme, party, days)
        console().print(workspace.tokens.make(Asker(found), wanted).word, soft_wrap=True)


@app.command("invite", help=INVITE_HELP)
def invite(
    programme: Annotated[str, typer.Argument(help="Its id.", show_default=False)],
    party: Annotated[str, typer.Argument(help="For which the person will act.", show_default=False)],
    slot: Annotated[
        list[str] | None, typer.Option("--slot", help="For this slot alone, again for each.", show_default="all")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How long it counts.")] = 7,
    home: Home = None,
    database: DatabaseOption = None,
) -> None:
    """Make an invitation."""
    from covolt.workspace.alone import own_home
    from covolt.workspace.entrance import Asker
    from covolt.workspace.together import settings_of

    settings = settings_of(home or own_home())
    with _opened(home, database) as workspace:
        asker = Asker(_whoever(), administers=True)
        word = workspace.invitations.make(asker, programme, party, slot or (), days).word
    console().print(word, soft_wrap=True)
    if settings is not None:  # beside the word, which scripts read
        link = f"{settings.address}/en/#invitation={word}"
        console(stderr=True).print(text("send this address: {link}", link=link), soft_wrap=True)


@app.command("end", help=END_HELP)
def end(
    person: Annotated[str, typer.Argument(help="Name or id, as `covolt people list` has it.", show_default=False)],
    home: Home = None,
    database: DatabaseOption = None,
) -> None:
    """Let a person in no longer."""
    with _opened(home, database) as workspace:
        found = workspace.people.called(person)
        memberships, tokens, sessions = workspace.people.end_all(_whoever(), found)
    out = console()
    out.print(plural("{count} membership has ended", "{count} memberships have ended", memberships))
    out.print(plural("{count} token has ended", "{count} tokens have ended", tokens))
    out.print(plural("{count} session has ended", "{count} sessions have ended", sessions))


def _whoever() -> str:
    """Who runs this; a user that exists while a service runs has a number, and perhaps no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "engineer"
