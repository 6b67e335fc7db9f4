"""`covolt key`: whose word counts: keys of parties made, trusted, revoked and listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import INTERRUPTED
from covolt.cli.language import LanguageOption, chosen_language, say
from covolt.cli.options import language_of
from covolt.cli.printing import console, indented, print_result
from covolt.cli.trusting import asked, can_ask, print_agreed, print_fingerprint, print_lines
from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, message, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.keys import PartyKey
    from covolt.programme.revoking import Revoking
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

Whoever runs a workspace says so of a programme in it, as the user and with the environment that it is served by:

  covolt key trust joint-city-car --home /var/lib/covolt
"""
EXTERNAL_HELP = """Bring in a key that covolt does not hold: a certificate, or a public key of GOST R 34.10-2012 or STB 34.101.45.

Its private half stays in its token; FILE holds the certificate or the public key (PEM, DER, or digits with --algorithm and
--parameters). A key of Ed25519 of the same party vouches for it, and it signs gates alone: covolt sign --external.

It counts once its holder has signed its registration, which is written beside it: with --proves, FILE is that signature.

Examples:

  covolt key external officer.cer my-car --party agency --role type-approval-officer --by ~/keys/agency.pem

  covolt key external registration.p7s my-car --proves 4f2c9a1b
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

  covolt key list joint-city-car --home /var/lib/covolt
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
OrId = Annotated[
    Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme; with --home its id in that workspace.")
]
Home = Annotated[
    Path | None, typer.Option("--home", metavar="FOLDER", help="Workspace that has it.", show_default=False)
]


def _read(programme: Path, home: Path | None) -> Programme | Path:
    """A programme as a workspace has it, where one is named, or the bare repository in it; else its folder."""
    from covolt.workspace.trusting import programme_in, read_in

    place = programme_in(programme) if home is None else home / "programmes" / programme.name
    return programme if place is None else read_in(place)


app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
WORDS = ("new", "external", "trust", "revoke", "list", "show")
SPELLED = {
    "party": "--party",
    "roles": "--role",
    "by": "--by",
    "algorithm": "--algorithm",
    "reason": "--reason",
    "since": "--since",
    "fingerprint": "FINGERPRINT",
    "fingerprints": "--fingerprint",
    "replacing": "--replace",
    "gates": "--gates",
}
"""How the options of the cases are called here."""


def refuse_old_words(arguments: Sequence[str]) -> None:
    """Tell who writes `covolt key FILE`, as covolt 0.1.0 had it, how it is written now."""
    if len(arguments) > 1 and arguments[0] == "key" and not arguments[1].startswith("-") and arguments[1] not in WORDS:
        hint = text("covolt key new FILE PROGRAMME --party PARTY --role ROLE")
        raise InputError(
            Problem(
                text("'{arguments}' is no word of covolt key: {words}", arguments=arguments[1], words=", ".join(WORDS)),
                "key",
                hint,
            )
        )


@app.command("new", help=NEW_HELP)
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of the private key, new or yours already.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Whose key it is.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="Role in which it signs; may be repeated.")] = None,
    by: Annotated[Path | None, typer.Option("--by", metavar="OLDKEYFILE", help="Key that it follows.")] = None,
    language: LanguageOption = None,
) -> None:
    """Make a key, or take yours, and bring it in."""
    from covolt.study.cases.keys import make

    findings = Findings(SPELLED)
    language_of(findings, language)
    done = make(file, programme, party, role or (), by=by, findings=findings)
    out = console()
    out.print(
        text("wrote {file}, readable by you alone: keep it out of the programme's folder", file=str(file))
        if done.new
        else text("took {file}, readable by you alone: keep it out of the programme's folder", file=str(file))
    )
    roles = ", ".join(role or ())
    out.print(text("{party} signs by it as {roles}: {path}", party=party, roles=roles, path=str(done.path)))
    print_fingerprint(done.fingerprint)
    out.print(
        text("Tell these words to the others over another way than the files; they then say: covolt key trust")
        if by is None
        else text("It counts with everyone who trusts the first key of the party: nobody need compare anything.")
    )


@app.command("external", help=EXTERNAL_HELP)
def external(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Certificate or public key; with --proves a signature.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Whose key it is.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="Role in which it signs; may be repeated.")] = None,
    by: Annotated[Path | None, typer.Option("--by", metavar="KEYFILE", help="Key of the party that vouches.")] = None,
    algorithm: Annotated[
        str | None, typer.Option("--algorithm", help="x509, gost-r-34.10-2012 or stb-34.101.45.")
    ] = None,
    parameters: Annotated[str | None, typer.Option("--parameters", help="Parameter set, where FILE is digits.")] = None,
    proves: Annotated[
        str | None,
        typer.Option("--proves", metavar="FINGERPRINT", help="Key whose holder FILE shows, by its beginning."),
    ] = None,
) -> None:
    """Bring in a key that covolt does not hold."""
    from covolt.study.cases.keys import external, prove

    if proves is not None:
        shown = prove(file, programme, proves, findings=Findings({**SPELLED, "fingerprint": "--proves"}))
        console().print(text("its holder has shown that he has it: {path}", path=str(shown.path)))
        print_fingerprint(shown.fingerprint)
        return
    done = external(
        file,
        programme,
        party,
        role or (),
        by=by,
        algorithm=algorithm,
        parameters=parameters,
        findings=Findings(SPELLED),
    )
    roles = ", ".join(role or ())
    console().print(text("{party} signs by it as {roles}: {path}", party=party, roles=roles, path=str(done.path)))
    print_fingerprint(done.fingerprint)
    then = f"covolt key external SIGNATURE {programme} --proves {done.fingerprint[:8]}"
    statement = str(done.path.with_suffix(".statement"))
    said = text(
        "It counts once its holder has signed {statement} as it is, detached: {then}", statement=statement, then=then
    )
    console().print(said)


@app.command("trust", help=TRUST_HELP)
def trust(
    programme: OrId = Path(),
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
    home: Home = None,
    language: LanguageOption = None,
) -> None:
    """Trust first keys, named or asked for."""
    from covolt.study.cases.trusting import trust

    findings = Findings(SPELLED)
    language_of(findings, language)
    ask = asked if can_ask() else None
    new = trust(
        _read(programme, home),
        fingerprint or (),
        replacing=replace,
        gates=gates,
        ask=ask,
        tell=print_lines,
        findings=findings,
    )
    print_agreed(new)


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
    language: LanguageOption = None,
) -> None:
    """Show what falls with a key and what stands, and revoke it."""
    from covolt.study.cases.keys import revoke

    def agree(key: PartyKey, found: Revoking) -> bool:
        _print_revoking(key, found)
        return not can_ask() or typer.confirm(say(text("Revoke it so?")), default=False)

    findings = Findings(SPELLED)
    language_of(findings, language)
    done = revoke(fingerprint, programme, reason, agree, by=by, keep=keep or (), since=since, findings=findings)
    if done is None:
        console().print(text("nothing was revoked"))
        raise typer.Exit(INTERRUPTED)
    console().print(text("revoked: {path}", path=str(done)))


def _print_revoking(key: PartyKey, found: Revoking) -> None:
    from covolt.programme.text import told

    out = console()
    roles = ", ".join(map(told, key.roles))
    out.print(text("the key of {party} that signs as {roles}:", party=key.party, roles=roles))
    print_fingerprint(key.fingerprint)
    for word, names in ((text("falls"), found.falls), (text("still stands"), found.stands)):
        for one in names:
            out.print(joined(("  ", word, ": ", one), ""), soft_wrap=True)
    if not found.stands:
        out.print(indented(text("nothing that it signed stands any longer"), 2))


@app.command("show", help=SHOW_HELP)
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of a private key.")],
    programme: Annotated[Path | None, typer.Argument(metavar="[PROGRAMME]", help="Folder of a programme.")] = None,
    language: LanguageOption = None,
) -> None:
    """Say which key a file holds."""
    from covolt.study.cases.keys import show

    chosen_language(language)
    done = show(file, programme)
    if done.row is not None:
        console().print(_told(done.row))
    elif done.programme:
        console().print(text("this key is not in the programme {programme}", programme=done.programme))
    print_fingerprint(done.fingerprint)


@app.command("list", help=LIST_HELP)
def list_keys(
    programme: OrId = Path(),
    home: Home = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print the keys of the programme, which count here, and why the others do not."""
    from covolt.study.cases.keys import listed_keys

    chosen_language(language)
    found = listed_keys(_read(programme, home))
    if json:
        print_result(found)
        return
    out = console()
    for one in found.keys:
        out.print(_told(one))
        print_fingerprint(one.fingerprint)
    if not found.keys:
        out.print(text("no party has a key: covolt key new"))


def _told(row: KeyRow) -> Phrase:
    from covolt.programme.text import told

    why = [joined(("(", row.why, ")"), "")] if row.why else []
    standing = joined((message(row.standing, {}, context="signature"), *why), " ")
    kind = f"{row.algorithm}, " if row.algorithm != "ed25519" else ""
    return joined((f"{row.party}, {', '.join(map(told, row.roles))}, {kind}{row.on}", standing), ": ")
