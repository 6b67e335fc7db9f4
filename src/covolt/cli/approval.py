"""`covolt approval`: which acts hold for the vehicle, and what shows that it keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption
from covolt.cli.law import print_later, print_law, print_memory
from covolt.cli.options import Findings, check_outputs, language_of
from covolt.cli.printing import ROOMY, console, print_result, styled, table
from covolt.errors import Problem
from covolt.words import Language, Words, plural, text

if TYPE_CHECKING:
    from covolt.study.gate.approval import ApprovalRow

HELP = """Say which acts hold for the vehicle by its category and markets, and what covolt finds of each.

An act is bound to the requirements that cite it. "computed: met" is covolt's word by what the parties declare; an act is shown
when an agency has signed an open gate for it. The table is dated data; a row marked ◊ was not checked against its text.

--at says which series of amendments are in force on a day and what new and all types must fulfil; --until what turns red up to
another day, of the charter's start of series where it is not given. --passport writes what the programme holds of
the electronic vehicle passport; with --at, --until, --market or --all it tells the acts as well.

Examples:

  covolt approval examples/city-car

  covolt approval examples/city-car --all --json

  covolt approval examples/city-car --passport passport.csv

  covolt approval examples/city-car --at 2027-09-01 --market RU,BY --until 2028-12-31
"""
COLOURS = {
    "signed by agency": "bold green",
    "computed: met": "green",
    "document cited": "green",
    "failing": "bold red",
    "open": "yellow",
    "not applicable": "dim",
}
HEADS = (
    text("act", context="head"),
    Words(),
    text("state", context="head"),
    text("by", context="head"),
    text("what", context="head"),
)
BASES = {"computed": text("computed"), "document": text("document")}


def approval(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    everything: Annotated[bool, typer.Option("--all", help="Acts for other vehicles too.")] = False,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="DAY", help="Day as of which series are told.")] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="Day up to which changes are told; else the start of series.")
    ] = "",
    market: Annotated[
        str | None, typer.Option("--market", help="Markets or countries, with commas; else those of the programme.")
    ] = None,
    passport: Annotated[
        Path | None,
        typer.Option("--passport", metavar="FILE", help="Write the fields of the vehicle's passport: .json or .csv."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print which acts hold for the vehicle and what shows each of them, or the law as of a day."""
    findings = Findings({"party": "--party", "at": "--at", "until": "--until", "markets": "--market"})
    said = language_of(findings, language)
    if passport is not None:
        _check_passport(passport, findings)
    if passport is None or everything or at or until or market is not None or json:
        _tell(programme, party, at, until, market, findings, said, everything=everything, json=json)
    if passport is not None:
        _write_passport(programme, party, passport, findings, said, told=not json)


def _tell(
    programme: Path,
    party: str,
    at: str,
    until: str,
    market: str | None,
    findings: Findings,
    said: Language,
    *,
    everything: bool,
    json: bool,
) -> None:
    from covolt.study.cases.approve import approve, red_said, tell_law

    if (at or until) and not json:
        print_law(
            tell_law(programme, party=party, at=at, until=until, markets=market, findings=findings),
            said,
            everything=everything,
        )
        return
    found = approve(programme, party=party, at=at, until=until, markets=market, findings=findings)
    if json:
        print_result(found)
        return
    if shown := [one for one in found.acts if everything or one.state != "not applicable"]:
        _print(shown, found.date, said)
    else:
        markets = ", ".join(found.law.markets)
        sentence = text(
            "No act of the table holds for this vehicle in {markets}; what is dated there: --at DAY", markets=markets
        )
        console().print(sentence.said(said), style="yellow")
    if (red := red_said(found.law)) is not None:
        console().print(red.said(said), style="yellow")
    print_memory(found.law, said)
    print_later(found.law, said)


def _check_passport(path: Path, findings: Findings) -> None:
    check_outputs(findings, (("--passport", path),), endings={"--passport": (".json", ".csv")})
    if not path.suffix:
        findings.add(
            Problem(
                text("the name says no format"),
                f"--passport {path}",
                text("write {path}.json or {path}.csv", path=str(path)),
            )
        )


def _write_passport(programme: Path, party: str, path: Path, findings: Findings, said: Language, *, told: bool) -> None:
    from covolt.files import write_whole
    from covolt.study.cases.passport import passport, passport_text

    found = passport(programme, party=party, findings=findings)
    write_whole(path, passport_text(found, said, as_csv=path.suffix.lower() == ".csv"))
    if not told:
        return
    unknown = sum(one.how == "not known" for one in found.fields)
    fields = plural("{count} field", "{count} fields", count=len(found.fields))
    console().print(
        text("{path}: {fields}, not known: {unknown}.", path=str(path), fields=fields, unknown=unknown).said(said)
    )


def _print(rows: Sequence[ApprovalRow], date: str, said: Language) -> None:
    from covolt.study.cases.approve import NOT_COMPLETE, WHOSE_WORD, acts_said

    out = console()
    roomy = out.width >= ROOMY
    heads = [(words.said(said), "left" if at == len(HEADS) - 1 else "name") for at, words in enumerate(HEADS)]
    made = table([one for at, one in enumerate(heads) if roomy or at != 3])
    for one in rows:
        why = [one.why.said(said)] if one.why else []
        what = ", ".join([*one.requirements, *why] if one.fulfilled else why)
        cells = (one.act, "" if one.confirmed else "◊", styled((one.reads.said(said), COLOURS[one.state])))
        basis = (BASES[one.basis].said(said),) if roomy else ()
        made.add_row(*cells, *basis, f"{one.title.said(said)}: {what}")
    out.print(made)
    out.print(acts_said(rows, date).said(said))
    out.print(WHOSE_WORD.said(said))
    out.print(NOT_COMPLETE.said(said))
