"""`covolt audit`, `backup`, `restore` and `export party`: whether a workspace is what was written, and keeping it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption, chosen_language
from covolt.cli.options import DatabaseOption
from covolt.cli.printing import console, print_json, print_problems, print_written
from covolt.cli.trusting import print_fingerprint
from covolt.errors import InputError, Problem
from covolt.words import plural, text

if TYPE_CHECKING:
    from covolt.workspace.auditing import Audit
    from covolt.workspace.trusting import Shut

AUDIT_HELP = """Look whether a workspace is what was written: its log, rows, checkpoints and repositories, to the byte.

Checkpoints say where everything stood; parties counter-sign them with their keys and keep a copy (--receipt), by which they
find later that one is gone (--against). The server may run meanwhile.

Examples:

  covolt audit ~/workspace

  covolt audit ~/workspace --checkpoint

  covolt audit ~/workspace --countersign agency.pem --party agency --receipt kept.json

  covolt audit ~/workspace --against kept.json

  covolt audit ~/workspace --database postgresql://covolt@/covolt

  covolt audit workspace-2026-11-30.zip
"""
BACKUP_HELP = """Write all of a workspace into one file, while the server runs.

Keep it as a secret: it holds what each party keeps as its own, and the key that signs checkpoints.

Example:

  covolt backup ~/workspace workspace-2026-11-30.zip
"""
RESTORE_HELP = """Make the workspace of a back-up in a new folder, whole or not at all, and audit it.

Whose keys count is said on each machine: what was signed counts here once they are trusted here, by --trust all that were
trusted where the back-up was made, or one by one (covolt key trust); what is still to be said is printed.

Examples:

  covolt restore workspace-2026-11-30.zip ~/workspace-again

  covolt restore workspace-2026-11-30.zip ~/workspace-again --trust
"""
PARTY_HELP = """Write all that a party owns in a programme of a workspace into one file.

Its repository as a Git bundle, what it published, and its proposals, answers and entries of the log as JSON.

Example:

  covolt export party joint-city-car battery-works battery-works.zip --home ~/workspace
"""
Home = Annotated[Path, typer.Argument(metavar="HOME", help="Folder of the workspace.")]


def audit(
    home: Annotated[Path, typer.Argument(metavar="HOME", help="Folder of the workspace, or a back-up of it.")],
    checkpoint: Annotated[bool, typer.Option("--checkpoint", help="Write a checkpoint first.")] = False,
    countersign: Annotated[
        Path | None, typer.Option("--countersign", metavar="FILE", help="Sign the last checkpoint with this key.")
    ] = None,
    party: Annotated[str, typer.Option("--party", metavar="ID", help="Whose key it is.")] = "",
    receipt: Annotated[
        Path | None, typer.Option("--receipt", metavar="FILE", help="Where to keep the checkpoint that is signed.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="A checkpoint that was kept before.")
    ] = None,
    database: DatabaseOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> int:
    """Look at everything; 6 where something is not what was written."""
    from covolt.workspace.keeping import audited
    from covolt.workspace.together import database_of

    chosen_language(language)
    if bool(countersign) != bool(party) or (receipt and not countersign):
        hint = text("give both: --countersign FILE --party ID")
        raise InputError(Problem(text("a key is some party's"), "--countersign", hint))
    now = datetime.now(UTC) if checkpoint else None
    address = database_of(home, database)
    found = audited(
        home, checkpoint=now, key=countersign, party=party, receipt=receipt, against=against, address=address
    )
    if json:
        problems = [{"what": one.what, "where": one.where, "hint": one.hint} for one in found.problems]
        print_json({"whole": not problems, "problems": problems, "entries": found.entries, "rows": found.rows})
        return REQUIREMENTS_NOT_MET if problems else 0
    out = console()
    if receipt is not None:
        print_written(out, receipt)
    print_problems(found.problems)
    out.print(plural("{count} entry of the log", "{count} entries of the log", found.entries))
    out.print(plural("{count} row held to it", "{count} rows held to it", found.rows))
    _print_older(found)
    out.print(plural("{count} checkpoint", "{count} checkpoints", found.checkpoints))
    out.print(plural("{count} repository", "{count} repositories", found.repositories))
    if found.kept:
        out.print(text("the kept checkpoint {number} is here", number=found.kept))
    if found.countersigned:
        out.print(text("counter-signed by {parties}", parties=", ".join(found.countersigned)))
    out.print(
        text("It is not what was written.") if found.problems else text("All that it looks at is what was written.")
    )
    return REQUIREMENTS_NOT_MET if found.problems else 0


def _print_older(found: Audit) -> None:
    """What was written before the log held rows."""
    if found.older:
        what = plural(
            "{count} of them was written before the log held rows: it is what it was when that began",
            "{count} of them were written before the log held rows: they are what they were when that began",
            found.older,
        )
        console().print(what)
    if found.unheld:
        what = plural(
            "{count} row was written before the log held rows; it is held from the next start of the workspace on",
            "{count} rows were written before the log held rows; they are held from the next start of the workspace on",
            found.unheld,
        )
        console().print(what)


def backup(home: Home, file: Annotated[Path, typer.Argument(metavar="FILE", help="New file.")]) -> None:
    """Keep a workspace."""
    from covolt.workspace.keeping import back_up, trust_in
    from covolt.workspace.trusting import key_count

    count = back_up(home, file)
    print_written(console(), file)
    console().print(plural("with {count} repository", "with {count} repositories", count))
    keys = key_count(trust_in(file))
    console().print(plural("with {count} key that is trusted here", "with {count} keys that are trusted here", keys))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A back-up.")],
    home: Annotated[Path, typer.Argument(metavar="HOME", help="New folder of the workspace.")],
    trust: Annotated[
        bool, typer.Option("--trust", help="Trust here whose keys were trusted where the back-up was made.")
    ] = False,
) -> None:
    """Bring a workspace back."""
    from covolt.workspace.keeping import restore as restored
    from covolt.workspace.keeping import trust_in
    from covolt.workspace.trusting import shut_in

    found = restored(file, home)
    print_written(console(), home)
    console().print(plural("{count} entry of the log", "{count} entries of the log", found.entries))
    for one in shut_in(home, trust_in(file), again=trust):
        _print_shut(one, home)


def _print_shut(one: Shut, home: Path) -> None:
    """That nothing that was signed in a programme counts here, whose keys were trusted elsewhere, and how they are again."""
    out = console()
    out.print(
        text("SIGNED GATES OF {name} ARE SHUT HERE: no key of it is trusted yet", name=one.programme), style="red"
    )
    for party, key in sorted(one.first.items()):
        out.print(text("{party} was trusted by this key where the back-up was made:", party=party))
        print_fingerprint(key)
    if not one.first:
        out.print(text("The back-up does not say whose keys were trusted: ask the parties."))
    keys = "".join(f" --fingerprint {key}" for _, key in sorted(one.first.items()))
    command = f"covolt key trust {one.programme} --home {home}{keys}"
    out.print(text("Trust them as who serves this: {command}", command=command), soft_wrap=True)


def export_party(
    programme: Annotated[str, typer.Argument(metavar="PROGRAMME", help="Id of the programme.")],
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Id of the party.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file.")],
    home: Annotated[Path, typer.Option("--home", metavar="FOLDER", help="Where the workspace lies.")],
    database: DatabaseOption = None,
) -> None:
    """Give a party all that is its own."""
    from covolt.workspace.keeping import export_party as exported
    from covolt.workspace.together import database_of

    exported(home, programme, party, file, database_of(home, database))
    print_written(console(), file)
