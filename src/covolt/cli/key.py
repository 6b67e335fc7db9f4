"""`covolt key`: whose word counts: keys of parties made, trusted, revoked and listed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from covolt.cli.exit_codes import INTERRUPTED
from covolt.cli.printing import console, print_result
from covolt.cli.trusting import ask_for_trust, named_roots, print_fingerprint, settle_named
from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.study.cases.options import Findings

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.keys import PartyKey
    from covolt.study.cases.keys import KeyRow

HELP = "Make, trust, revoke, list and tell apart the keys with which parties sign."
NEW_HELP = """Make a key that only you hold, and bring it into a programme as your party's.

The first key of a party stands by itself and is trusted by its fingerprint; each later one is signed by the one that it follows.
FILE may hold a key of yours already.

Examples:

  covolt key new ~/keys/agency.pem examples/city-car --party agency --role type-approval-officer

  covolt key new ~/keys/offers.pem my-car --party battery-works --role offers --by ~/keys/battery-works.pem
"""
TRUST_HELP = """Say whose keys you trust in a programme: each is shown, and asked for; so is who must sign before people ride.

Compare the words with those that the party tells you over another way. What you agreed to before and the programme now says
otherwise is asked for too: who has left, what must be signed, a revocation that is gone.

Examples:

  covolt key trust my-car

  covolt key trust my-car --fingerprint 4f2c...
"""
REVOKE_HELP = """Say that a key counts no longer. FINGERPRINT is its beginning, in digits or in words.

What a compromised (stolen) key signed counts no longer, nor any key that it alone brought in, but for what --keep names and what
is of a day before --since: look through it, for a thief dates as he likes. Of a key that was lost, left or replaced everything
stands that counts today. What falls and what stands is shown before; at a terminal you are asked.

Examples:

  covolt key revoke 4f2c9a1b my-car --by ~/keys/recovery.pem --reason compromised --since 2026-11-20

  covolt key revoke tumuv my-car --by ~/keys/recovery.pem --reason compromised --keep supplier/pack@1.2.0 --keep concept
"""
SHOW_HELP = """Say which key a file holds: its fingerprint, and in a programme whose it is and whether it counts here.

Examples:

  covolt key show ~/keys/agency.pem

  covolt key show ~/keys/agency.pem my-car
"""
LIST_HELP = """List the keys of a programme, and whether each counts here.

Examples:

  covolt key list my-car
"""
FEWEST_DIGITS = 8
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]


app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
WORDS = ("new", "trust", "revoke", "list", "show")
OTHER_WORDS = {
    "stolen": "compromised",
    "leaked": "compromised",
    "theft": "compromised",
    "gone": "lost",
    "rotated": "replaced",
}


def refuse_old_words(arguments: Sequence[str]) -> None:
    """Tell who writes `covolt key FILE`, as covolt 0.1.0 had it, how it is written now."""
    if len(arguments) > 1 and arguments[0] == "key" and not arguments[1].startswith("-") and arguments[1] not in WORDS:
        hint = "covolt key new FILE PROGRAMME --party PARTY --role ROLE"
        raise InputError(Problem(f"'{arguments[1]}' is no word of covolt key: {', '.join(WORDS)}", "key", hint))


@app.command("new", help=NEW_HELP)
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of the private key, new or yours already.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Whose key it is.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="Role in which it signs; may be repeated.")] = None,
    by: Annotated[Path | None, typer.Option("--by", metavar="OLDKEYFILE", help="Key that it follows.")] = None,
) -> None:
    """Entry of the command; its help is `NEW_HELP`."""
    from covolt.programme.folder import CHARTER_FILE
    from covolt.programme.pledging import bring_in
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import new_key, read_key

    findings = Findings()
    read = read_leniently(programme)
    home = next((one for one in file.resolve().parents if (one / CHARTER_FILE).is_file()), None)
    if home is not None:
        what = f"a private key does not belong into the programme in {home}"
        findings.add(Problem(what, str(file), "name a file in a folder of your own, such as ~/keys"))
    if party not in read.parties:
        hint = f"known: {', '.join(read.parties)}"
        findings.add(Problem(f"no party '{party}' in this programme", "--party", hint), NotFound)
    if not role or not all(role):
        hint = "name those that gates ask for, 'offers' to sign offers, or 'recovery' to replace keys"
        findings.add(Problem("no role is named", "--role", hint))
    senior = None if by is None else findings.take(lambda: read_key(by))
    findings.demand_none()
    made = not file.exists()
    if made:
        new_key(file)
    try:
        path = bring_in(read, read_key(file), party, role or (), senior)
    except CovoltError:
        if made:
            file.unlink()
        raise
    out = console()
    out.print(f"{'wrote' if made else 'took'} {file}, readable by you alone: keep it out of the programme's folder")
    out.print(f"{party} signs by it as {', '.join(role or ())}: {path}")
    key = next(one for one in read_leniently(programme).keys.values() if path.name.startswith(one.fingerprint[:16]))
    print_fingerprint(key.fingerprint)
    out.print(
        "Tell these words to the others over another way than the files; they then say: covolt key trust"
        if by is None
        else "It counts with everyone who trusts the first key of the party: nobody need compare anything."
    )


@app.command("trust", help=TRUST_HELP)
def trust(
    programme: Folder = Path(),
    fingerprint: Annotated[
        list[str] | None,
        typer.Option("--fingerprint", metavar="HEX", help="Trust this first key, and ask nothing; may be repeated."),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="With --fingerprint: take what this party now says otherwise than you agreed to."
        ),
    ] = False,
    gates: Annotated[
        bool,
        typer.Option(
            "--gates", help="With --fingerprint: take whom gates ask now, and from which on signatures count."
        ),
    ] = False,
) -> None:
    """Entry of the command; its help is `TRUST_HELP`."""
    from covolt.programme.reading import read_leniently

    read = read_leniently(programme)
    if fingerprint:
        chosen = named_roots(read, fingerprint, replacing=replace, asking=can_ask())
        settle_named(read, chosen, replacing=replace, gates=gates, asking=can_ask())
    elif not can_ask():
        hint = "name the fingerprints that you have compared: --fingerprint HEX"
        raise InputError(Problem("nobody can be asked here", "--fingerprint", hint))
    else:
        ask_for_trust(read)


def can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@app.command("revoke", help=REVOKE_HELP)
def revoke(
    fingerprint: Annotated[str, typer.Argument(metavar="FINGERPRINT", help="Key that counts no longer.")],
    programme: Folder = Path(),
    by: Annotated[
        Path | None, typer.Option("--by", metavar="KEYFILE", help="Key of the same party that says so.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="lost, compromised, left or replaced.")] = "",
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="NAME", help="What still stands: offer, texts, gate, key; may be repeated."),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="What it signed before this day (2026-11-20) still stands.")
    ] = "",
) -> None:
    """Entry of the command; its help is `REVOKE_HELP`."""
    from covolt.programme.keys import Reason
    from covolt.programme.pledging import revoking, write_pledge
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import read_key
    from covolt.programme.text import told

    findings, read = Findings(), read_leniently(programme)
    key = findings.take(lambda: _key_called(read, fingerprint))
    if reason not in get_args(Reason):
        meant = OTHER_WORDS.get(reason.lower())
        hint = f"say {meant}" if meant else f"say one of: {', '.join(get_args(Reason))}"
        findings.add(Problem(f"'{reason}' is no reason", "--reason", hint))
    if since and not _is_day(since):
        findings.add(Problem(f"'{since}' is no day", "--since", "write it as 2026-11-20"))
    if by is None:
        findings.add(Problem("no key is named that says so", "--by", "name a key of the same party, or the key itself"))
    signer = None if by is None else findings.take(lambda: read_key(by))
    findings.demand_none()
    if key is None or signer is None:
        raise RuntimeError("there is no key, and no problem says why")
    found = revoking(read, key, signer, cast("Reason", reason), keep or (), since)
    out = console()
    out.print(f"the key of {key.party} that signs as {', '.join(map(told, key.roles))}:")
    print_fingerprint(key.fingerprint)
    for word, names in (("falls", found.falls), ("still stands", found.stands)):
        for one in names:
            out.print(f"  {word}: {one}", soft_wrap=True)
    if not found.stands:
        out.print("  nothing that it signed stands any longer")
    if can_ask() and not typer.confirm("Revoke it so?", default=False):
        out.print("nothing was revoked")
        raise typer.Exit(INTERRUPTED)
    write_pledge(read, found.path, found.made)
    out.print(f"revoked: {found.path}")


def _is_day(text: str) -> bool:
    from pydantic import TypeAdapter, ValidationError

    from covolt.programme.text import Date

    try:
        TypeAdapter(Date).validate_python(text)
    except ValidationError:
        return False
    return True


def _key_called(read: Programme, text: str) -> PartyKey:
    """The key whose fingerprint begins so: eight digits of it or more, or one of its words or more."""
    from covolt.programme.keys import in_words

    digits, words = text.replace(" ", "").lower(), "-".join(text.lower().replace("-", " ").split())
    found = [
        one
        for name, one in read.keys.items()
        if (len(digits) >= FEWEST_DIGITS and name.startswith(digits)) or f"{in_words(name)}-".startswith(f"{words}-")
    ]
    if len(found) != 1:
        what = (
            f"{len(found)} keys have a fingerprint that begins with '{text:.80}'" if found else f"no key '{text:.80}'"
        )
        hint = f"give {FEWEST_DIGITS} digits, a word, or more: covolt key list"
        raise (InputError if found else NotFound)(Problem(what, "FINGERPRINT", hint))
    return found[0]


@app.command("show", help=SHOW_HELP)
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of a private key.")],
    programme: Annotated[Path | None, typer.Argument(metavar="[PROGRAMME]", help="Folder of a programme.")] = None,
) -> None:
    """Entry of the command; its help is `SHOW_HELP`."""
    from covolt.programme.keys import fingerprint_of
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import public_hex, read_key
    from covolt.study.cases.keys import key_row

    findings = Findings()
    private = findings.take(lambda: read_key(file))
    read = None if programme is None else findings.take(lambda: read_leniently(programme))
    findings.demand_none()
    if private is None:
        raise RuntimeError("there is no key, and no problem says why")
    name = fingerprint_of(public_hex(private))
    if read is not None and name in read.standings.keys:
        console().print(_told(key_row(read, name)))
    elif read is not None:
        console().print(f"this key is not in the programme {read.charter.id}")
    print_fingerprint(name)


@app.command("list", help=LIST_HELP)
def list_keys(
    programme: Folder = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Entry of the command; its help is `LIST_HELP`."""
    from covolt.study.cases.keys import listed_keys

    found = listed_keys(programme)
    if json:
        print_result(found)
        return
    out = console()
    for one in found.keys:
        out.print(_told(one))
        print_fingerprint(one.fingerprint)
    if not found.keys:
        out.print("no party has a key: covolt key new")


def _told(row: KeyRow) -> str:
    from covolt.programme.text import told

    why = f" ({row.why})" if row.why else ""
    return f"{row.party}, {', '.join(map(told, row.roles))}, {row.on}: {row.standing}{why}"
