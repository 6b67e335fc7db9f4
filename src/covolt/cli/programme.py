"""`covolt new`, `check`, `lock`, `procedures`: a joint programme and its files."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption, chosen_language
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, print_notices, print_result, table
from covolt.errors import InputError, Problem
from covolt.words import joined, plural, text

NEW_HELP = """Begin a programme that verifies at once, from the public figures of a car.

Examples:

  covolt new my-car

  covolt new my-bus --like city-bus --supplier "Volta Batteries" --agency inspectorate

  covolt new my-car --negatives
"""
CHECK_HELP = """Check every file of a programme, without driving anything: contracts, units, limits, references, missing evidence.

Examples:

  covolt check examples/city-car
"""
LOCK_HELP = """Choose and pin the offer of each slot, or say why none can fill it.

Examples:

  covolt lock examples/city-car

  covolt lock examples/city-car --upgrade

  covolt lock examples/city-car --pin battery=battery-works/pack-33@1.0.0

  covolt lock examples/city-car --freeze concept
"""
PROCEDURES_HELP = """List the procedures, the measures that they yield, and the conditions that they heed.

Examples:

  covolt procedures

  covolt procedures wltp
"""
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder of the programme.")],
    like: Annotated[str, typer.Option("--like", metavar="CAR", help="Shipped car, or a car file.")] = "city-car",
    identifier: Annotated[str, typer.Option("--id", metavar="ID", help="Its id; else the name of the folder.")] = "",
    integrator: Annotated[str, typer.Option(metavar="NAME", help="Who joins the vehicle.")] = "integrator",
    supplier: Annotated[str, typer.Option(metavar="NAME", help="Who brings battery, drive and charger.")] = "supplier",
    agency: Annotated[str, typer.Option(metavar="NAME", help="Who approves the type.")] = "agency",
    example: Annotated[
        str, typer.Option(metavar="NAME", help="Copy this shipped programme instead: city-car, city-bus.")
    ] = "",
    restart: Annotated[
        str, typer.Option(metavar="OLD", help="Begin from this earlier programme, without its signatures.")
    ] = "",
    negatives: Annotated[
        bool,
        typer.Option("--negatives", help="Take in what joint programmes failed by before, with what is to watch it."),
    ] = False,
    language: LanguageOption = None,
) -> None:
    """Begin a programme in a new folder: a first one, a copy of an example, or an earlier one's restart."""
    chosen_language(language)
    if sum(map(bool, (restart, example, negatives))) > 1:
        what, where = text("these do not go together"), "--restart, --example, --negatives"
        raise InputError(Problem(what, where, text("give one of them")))
    if restart:
        _print_restarted(Path(restart), folder, identifier)
        return
    from covolt.study.cases.example import copy_example
    from covolt.study.cases.publish import begin_programme
    from covolt.study.gate.check import read_whole

    if example:
        copied = copy_example(folder, example)
        console().print(
            text(
                "copied {example} to {folder}; next: {command}",
                example=example,
                folder=str(copied),
                command=f"covolt verify {quote(str(copied))}",
            )
        )
        return
    called = {"integrator": integrator, "supplier": supplier, "agency": agency}
    made, car = begin_programme(folder, like, identifier, called, negatives=negatives)
    if car.battery_cell is not None:
        console(stderr=True).print(text("Its battery has generic cells: a programme carries no cell file."))
    out = console()
    out.print(text("began {folder}; next: {command}", folder=str(made), command=f"covolt verify {quote(str(made))}"))
    read = read_whole(made)
    rename = "covolt rename"
    out.print(
        text("Programme {id}; ids are in Latin letters, {command} changes them:", id=read.charter.id, command=rename)
    )
    for party in read.parties.values():
        out.print(joined((f"  {party.id}: ", party.title.words, f", {party.country}"), ""))
    out.print(text("The countries are a beginning: change them in {file}.", file="parties/ID.toml"))
    if read.negatives:
        out.print(
            plural(
                "{count} negative, which nothing watches yet: covolt negatives {folder}",
                "{count} negatives, which nothing watches yet: covolt negatives {folder}",
                len(read.negatives),
                folder=quote(str(made)),
            )
        )
    out.print(
        text(
            "One engineer alone needs no key; how several parties make theirs stands in {file}",
            file=str(made / "README.md"),
        )
    )


def _print_restarted(old: Path, folder: Path, identifier: str) -> None:
    """What a programme takes of an earlier one, and what it does not."""
    from covolt.study.cases.publish import restart_programme

    made, out = restart_programme(old, folder, identifier), console()
    counts = joined(
        (
            plural("{count} file", "{count} files", made.count),
            plural("{count} negative", "{count} negatives", made.negatives),
            plural("{count} baseline", "{count} baselines", made.baselines),
        ),
        ", ",
    )
    out.print(text("began {folder} anew with {counts}", folder=str(made.folder), counts=counts))
    if made.kept:
        # By its file: the folder of the earlier programme is often called like the baseline.
        command = f"covolt diff {quote(str(made.baseline))} {quote(str(made.folder))}"
        said = text("As it was left it is the baseline {name}: {command}", name=made.kept, command=command)
        out.print(said, soft_wrap=True)
    out.print(
        text(
            "Not taken: {count} keys, signatures and sign-offs, and commits; nothing is demanded to be signed yet.",
            count=made.left,
        )
    )


def check(
    programme: Folder = Path(),
    party: Annotated[
        str, typer.Option("--party", help="Party that reads: its private requirements are looked at.")
    ] = "",
    json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Read every file of a programme and print every problem, without a drive."""
    chosen_language(language)
    from covolt.study.gate.check import check_programme, trust_notices

    read, notices = check_programme(programme, party=party)
    moved = trust_notices(read)  # files may be in order, and say less than was trusted
    if json:
        from covolt.study.result import NoticesDocument
        from covolt.study.result import notices as told

        print_result(NoticesDocument(told(notices)))
        if moved:
            raise typer.Exit(REQUIREMENTS_NOT_MET)
        return
    out = console()
    counts = joined(
        (
            plural("{count} party", "{count} parties", len(read.parties)),
            plural("{count} slot", "{count} slots", len(read.slots)),
            plural("{count} contract", "{count} contracts", len(read.contracts)),
            plural("{count} offer", "{count} offers", len(read.offers)),
            plural("{count} requirement", "{count} requirements", len(read.requirements)),
            plural("{count} gate", "{count} gates", len(read.gates)),
        ),
        ", ",
    )
    order = text("it is not as it was trusted here") if moved else text("every file is in order")
    out.print(joined((read.charter.title.words, ": ", counts, "; ", order), ""))
    print_notices(notices)
    if moved:
        raise typer.Exit(REQUIREMENTS_NOT_MET)


def lock(
    programme: Folder = Path(),
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Take the newest offer of every slot.")] = False,
    pin: Annotated[list[str] | None, typer.Option("--pin", metavar="SLOT=OFFER", help="Choose one.")] = None,
    freeze: Annotated[
        str | None, typer.Option("--freeze", metavar="NAME", help="Keep the lock as a baseline to compare with.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Pin the offer of each slot, and keep the lock under a name where one is given."""
    from covolt.study.cases.options import Findings
    from covolt.study.cases.publish import lock

    findings = Findings({"pins": "--pin"})
    language_of(findings, language)
    done = lock(programme, upgrade=upgrade, pins=pin or (), freeze=freeze, findings=findings)
    out = console()
    print_notices(done.passed_over, columns=0)
    if done.path is None:
        out.print(
            plural("nothing moves: {count} slot is pinned", "nothing moves: {count} slots are pinned", done.count)
        )
    else:
        for slot, (before, after) in done.moved.items():
            out.print(joined((slot, ": ", before or text("empty"), " → ", after), ""))
        out.print(text("wrote {path}", path=str(done.path)))
    print_notices(done.notices)
    print_notices(done.waiting)
    if done.frozen is not None:
        out.print(text("kept as {path}", path=str(done.frozen)))


def procedures(
    name: Annotated[str | None, typer.Argument(metavar="[PROCEDURE]", help="Show this one.")] = None,
    language: LanguageOption = None,
) -> None:
    """Print the procedures, or one with its measures and the conditions that it heeds."""
    chosen_language(language)
    from covolt.study.procedures.registry import find_procedure
    from covolt.study.procedures.registry import procedures as all_procedures

    out = console()
    if name is None:
        made = table(
            [
                (text("name", context="head"), "name"),
                (text("measures", context="head"), "right"),
                (text("regulation", context="head"), "left"),
                (text("what", context="head"), "left"),
            ]
        )
        for one in all_procedures().values():
            made.add_row(one.id, str(len(one.measures)), one.regulation, one.title)
        out.print(made)
        return
    one = find_procedure(name, "PROCEDURE")
    heading(out, joined((one.id, ": ", one.title, f" ({one.regulation})"), ""))
    heeded = ", ".join(one.heeded) or text("no conditions")
    out.print(text("heeds: {conditions}; for {categories}", conditions=heeded, categories=", ".join(one.categories)))
    made = table(
        [
            (text("measure", context="head"), "name"),
            (text("unit", context="head"), "name"),
            (text("what", context="head"), "left"),
        ]
    )
    for measure in one.measures:
        made.add_row(measure.id, measure.unit, measure.title)
    out.print(made)
