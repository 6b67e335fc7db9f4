"""`covolt export`: parts of a programme in forms that other tools run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from covolt.cli.language import LanguageOption, say
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, heading, pairs, print_result, print_written
from covolt.errors import Problem
from covolt.study.cases.options import Findings
from covolt.words import Phrase, text

HELP = "Give parts of a programme to other tools."
FMU_HELP = """Write a part, or the whole vehicle, as an FMU for co-simulation that runs without covolt and without its sources.

Its numbers and its laws are compiled into machine code; what it shows are its ports, and of its numbers those that
--open names. docs/how-to/give-a-part-away.md says what it takes and gives.

Examples:

  covolt export fmu examples/city-car --part battery -o pack.fmu

  covolt export fmu examples/city-car --vehicle -o car.fmu

  covolt export fmu my-car --part battery-works/pack-33@1.2.0 --fmi 2 --platform x86_64-windows --open mass -o pack.fmu
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def _forms() -> None:
    """Keeps `fmu` a command of its own."""


@app.command("fmu", help=FMU_HELP)
def fmu(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="FMU to write.")],
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    part: Annotated[
        str, typer.Option("--part", metavar="SLOT|OFFER", help="Slot, or offer such as PARTY/PART@VERSION.")
    ] = "",
    vehicle: Annotated[bool, typer.Option("--vehicle", help="The whole vehicle that the lock joins.")] = False,
    fmi: Annotated[Literal["2", "3"], typer.Option("--fmi", help="Version of the FMI.")] = "3",
    given: Annotated[
        Literal["power", "current"], typer.Option("--given", help="What a battery is asked for.")
    ] = "power",
    platform: Annotated[
        list[str] | None,
        typer.Option(
            "--platform", metavar="NAME", help="Platform, such as x86_64-windows; may be repeated; else this one."
        ),
    ] = None,
    shown: Annotated[
        list[str] | None,
        typer.Option("--open", metavar="NAME", help="Declared number that goes along; may be repeated."),
    ] = None,
    party: Annotated[str, typer.Option("--party", help="Party that reads.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Write a part as an FMU and say what it holds."""
    from covolt.study.cases.export import ExportOptions, export_fmu

    findings, out = Findings({"part": "--part", "shown": "--open", "party": "--party"}), console()
    language_of(findings, language)
    check_outputs(findings, (("--output", output),), endings={"--output": (".fmu",)})
    if bool(part) == vehicle:
        findings.add(Problem(text("what is to be given away?"), "--part, --vehicle", text("give one of them")))
        findings.demand_none()
    if vehicle and shown:
        findings.add(Problem(text("the vehicle shows no declared numbers"), "--open", text("leave it out")))
    done = export_fmu(
        programme,
        ExportOptions(part, fmi, tuple(platform or ()), given, tuple(shown or ())),
        output,
        party=party,
        findings=findings,
        patience=lambda: console(stderr=True).status(say(text("Compiling the part"))),
    )
    if json:
        print_result(done)
        return
    heading(out, text("{part} as an FMU", part=done.of))
    rows: list[tuple[Phrase, str | Phrase]] = [
        (text("Version of the FMI"), done.fmi),
        (text("Platforms"), ", ".join(done.platforms)),
        (text("Parameters"), ", ".join(done.parameters)),
        (text("Inputs"), ", ".join(done.inputs)),
        (text("Outputs"), ", ".join(done.outputs)),
        (text("Numbers shown"), ", ".join(done.shown) or text("none")),
        (text("Digest"), f"sha256:{done.digest[:12]}"),
    ]
    out.print(pairs(rows))
    print_written(out, output)
