"""`covolt authority`: who may host parts in a programme: its certificates made, asked for, issued, revoked and listed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.language import LanguageOption
from covolt.cli.options import language_of
from covolt.cli.printing import console, print_result, print_written
from covolt.cli.trusting import print_fingerprint
from covolt.study.cases.options import Findings
from covolt.words import text

HELP = "Say who may host parts in a programme: certificates issued, revoked and listed."
NEW_HELP = """Make the authority of a programme for hosted parts, and the certificate of its hub.

Certificates lie in the folder hosting of the programme, for everybody to see; private keys stay in your own configuration folder.

Examples:

  covolt authority new my-car --address hub.example.org

  covolt authority new my-car --address hub.example.org --renew
"""
REQUEST_HELP = """Ask to be let in: make a private key that stays with you, and a request for its certificate.

By a key of your party that counts in the programme the request shows whose it is; without one, tell the words that are printed
over another way.

Example:

  covolt authority request my-car --party battery-works --by ~/keys/battery-works.pem -o request.json
"""
INVITE_HELP = """Let a party in: issue the certificate that it asks for, and write the invitation that it is sent.

Nothing in an invitation is secret. A party with an authority of its own sends that instead: --own-authority.

Examples:

  covolt authority invite battery-works my-car --request request.json --hub hub.example.org:7443

  covolt authority invite battery-works my-car --own-authority works-root.pem
"""
REVOKE_HELP = """Let certificates count no longer: all of a party, or the one whose serial number begins so.

A hub that runs asks for the list whenever a party comes, and when it fails.

Example:

  covolt authority revoke battery-works my-car
"""
LIST_HELP = """List the certificates of a programme for hosted parts, and whether each counts.

Example:

  covolt authority list my-car
"""
Programme = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
SPELLED = {"party": "PARTY", "by": "--by", "hub": "--hub"}
HUB = "hub"


def _now() -> datetime:
    return datetime.now(UTC)


@app.command("new", help=NEW_HELP)
def new(
    programme: Programme = Path(),
    address: Annotated[
        list[str] | None, typer.Option("--address", metavar="HOST", help="Where parties find the hub; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How long the hub's certificate counts.")] = 365,
    renew: Annotated[bool, typer.Option("--renew", help="Only a new certificate for the hub.")] = False,
    language: LanguageOption = None,
) -> None:
    """Make the authority, or renew the hub's certificate."""
    from covolt.study.cases.hosting import new_authority, renew_hub

    findings = Findings()
    language_of(findings, language)
    findings.demand_none()
    if renew:
        renew_hub(programme, address or (), _now(), days)
        console().print(text("the hub has a new certificate"))
        return
    print_written(console(), new_authority(programme, address or (), _now(), days))


@app.command("request", help=REQUEST_HELP)
def request(
    programme: Programme = Path(),
    party: Annotated[str, typer.Option("--party", help="Who asks.")] = "",
    by: Annotated[Path | None, typer.Option("--by", metavar="KEYFILE", help="Key of the party that signs it.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="File to write.")] = Path(
        "request.json"
    ),
    language: LanguageOption = None,
) -> None:
    """Make a key and a request for its certificate."""
    from covolt.study.cases.hosting import request_invitation

    findings = Findings({"party": "--party", "by": "--by"})
    language_of(findings, language)
    done = request_invitation(programme, party, output, _now(), by=by, findings=findings)
    out = console()
    out.print(text("wrote {file}, readable by you alone: keep it out of the programme's folder", file=str(done.key)))
    print_written(out, done.request)
    print_fingerprint(done.fingerprint)
    if not done.signed:
        out.print(text("Nobody signed it: tell these words to whoever invites you over another way."))


@app.command("invite", help=INVITE_HELP)
def invite(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Who is let in.")],
    programme: Programme = Path(),
    request: Annotated[Path | None, typer.Option("--request", metavar="FILE", help="What the party asks.")] = None,
    hub: Annotated[str, typer.Option("--hub", metavar="HOST:PORT", help="Where the party finds the hub.")] = "",
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", metavar="WORDS", help="Of the request, told over another way.")
    ] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=825, help="How long the certificate counts.")] = 90,
    own_authority: Annotated[
        Path | None, typer.Option("--own-authority", metavar="FILE", help="Certificate of the party's own authority.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Invitation to write.")] = Path(
        "invitation.json"
    ),
    language: LanguageOption = None,
) -> None:
    """Issue a certificate, or take the party's own authority."""
    from covolt.errors import Problem
    from covolt.study.cases.hosting import admit_authority, invite_party

    findings = Findings(SPELLED)
    language_of(findings, language)
    if own_authority is not None:
        findings.demand_none()
        print_written(console(), admit_authority(party, programme, own_authority, _now()))
        return
    if request is None:
        hint = text("name the file that the party made by covolt authority request")
        findings.add(Problem(text("no request is named"), "--request", hint))
    if not hub:
        findings.add(Problem(text("the hub has no address"), "--hub", text("write HOST:PORT")))
    findings.demand_none()
    if request is not None:
        invite_party(
            party, programme, request, hub, output, _now(), fingerprint=fingerprint, days=days, findings=findings
        )
        print_written(console(), output)


@app.command("revoke", help=REVOKE_HELP)
def revoke(
    whom: Annotated[str, typer.Argument(metavar="PARTY|SERIAL", help="Whose certificates count no longer.")],
    programme: Programme = Path(),
    language: LanguageOption = None,
) -> None:
    """Revoke certificates."""
    from covolt.study.cases.hosting import revoke_certificates

    findings = Findings(SPELLED)
    language_of(findings, language)
    findings.demand_none()
    gone = revoke_certificates(whom, programme, _now())
    for one in gone:
        console().print(text("revoked: {serial} of {party}", serial=one.serial[:16], party=one.party))
    if any(one.party == HUB for one in gone):
        console().print(
            text("the hub listens no more until it is renewed: covolt authority new --renew --address HOST")
        )


@app.command("list", help=LIST_HELP)
def list_certificates(
    programme: Programme = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print every certificate."""
    from covolt.study.cases.hosting import listed_certificates, standing_said

    findings = Findings(SPELLED)
    language_of(findings, language)
    findings.demand_none()
    found = listed_certificates(programme, _now())
    if json:
        print_result(found)
        return
    out = console()
    for one in found.certificates:
        standing = standing_said(one.standing)
        said = text(
            "{party}, {serial}, {first} to {last}: {standing}",
            party=one.party,
            serial=one.serial[:16],
            first=one.first,
            last=one.last,
            standing=standing,
        )
        out.print(said)
    if not found.certificates:
        out.print(text("nobody has a certificate: covolt authority invite"))
