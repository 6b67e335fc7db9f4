"""`covolt negatives`: what went wrong before, what watches it now, and how that stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption, say
from covolt.cli.options import Findings, language_of
from covolt.cli.printing import console, print_json, print_result, styled, table
from covolt.errors import Problem
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.negatives import NegativeRow, Negatives, Written

HELP = """Say what went wrong before, and what watches it now: first what nothing watches, then what watches and is not met.

A guard that is not there, or that cannot fail, watches nothing. Ends with 6 where a negative is unguarded or its guard not met.

Examples:

  covolt negatives examples/city-car

  covolt negatives --library

  covolt negatives my-car --take --party integrator

  covolt negatives my-car --record --party integrator --at 2027-03-31
"""
COLOURS = {"void": "bold red", "not met": "red", "open": "yellow", "met": "green", "hidden": "dim"}
UNGUARDED = text("unguarded")


def negatives(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    library: Annotated[bool, typer.Option("--library", help="List what ships with covolt instead.")] = False,
    take: Annotated[bool, typer.Option("--take", help="Write what ships into the folder of --party.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Write what went wrong here, beside its baselines, as drafts of --party.")
    ] = False,
    party: Annotated[str, typer.Option("--party", help="Party that reads, or that states what is written.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="DAY", help="Day by which it is judged; else today.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print what went wrong before and what watches it now, or take negatives into a programme."""
    from covolt.study.cases import negatives as cases

    findings = Findings({"party": "--party", "at": "--at"})
    language_of(findings, language)
    day = findings.day("at", at)
    if library + take + record > 1:
        findings.add(Problem(text("these do not go together"), "--library, --take, --record", text("give one of them")))
        findings.demand_none()
    if take or record:
        done = cases.take(programme, party, findings=findings) if take else None
        _print_written(done or cases.record(programme, party, findings=findings, day=day))
        return
    if library:
        _print_library(json=json)
        return
    found = cases.negatives(programme, party=party, findings=findings, day=day)
    if json:
        print_result(found)
    else:
        _print(found)
    if not found.watched:
        raise typer.Exit(REQUIREMENTS_NOT_MET)


def _print_written(done: Written) -> None:
    out = console()
    for path in done.paths:
        out.print(text("wrote {path}", path=str(path)))
    if done.known:
        out.print(text("already there: {names}", names=", ".join(done.known)))
    if done.paths:
        out.print(text("Next: say what watches each, [[guards]], and see: {command}", command="covolt negatives"))
    elif not done.known:
        out.print(
            text("Nothing that a baseline met is not met now, every promise is kept, no offer refused, no gate missed.")
        )


def _print_library(*, json: bool) -> None:
    from covolt.programme.negative import words_of
    from covolt.study.cases.negatives import shipped

    found = shipped()
    if json:
        print_json([one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in found])
        return
    made = table([(text("negative", context="head"), "name"), (text("what", context="head"), "left")])
    for one in found:
        titled = joined((one.title.words, words_of(one.when)), ", ")
        made.add_row(one.id, say(joined((titled, one.happened.words), ": ")))
    console().print(made)
    console().print(text("Copy them into a programme: {command}", command="covolt negatives --take --party PARTY"))


def _print(found: Negatives) -> None:
    out = console()
    if not found.negatives:
        others = "covolt negatives --library"
        out.print(text("No record of what went wrong before is kept here; what others met: {command}", command=others))
        return
    from covolt.study.cases.negatives import GUARD_STATES

    made = table(
        [
            (text("negative", context="head"), "name"),
            (text("state", context="head"), "name"),
            (text("what went wrong, and what watches it", context="head"), "left"),
        ]
    )
    for one in found.negatives:
        word = UNGUARDED if one.state == "void" else GUARD_STATES[one.state]
        made.add_row(one.id, styled((word, COLOURS[one.state])), say(_told(one)))
    out.print(made)
    counts = Counter(one.state for one in found.negatives)
    summed = joined(
        (
            joined((counts[state], UNGUARDED if state == "void" else GUARD_STATES[state]), " ")
            for state in GUARD_STATES
            if counts[state]
        ),
        ", ",
    )
    total = plural("{count} negative", "{count} negatives", len(found.negatives))
    out.print(joined((total, summed), ": "))


def _told(one: NegativeRow) -> Phrase:
    """What went wrong, and each guard with how it stands."""
    from covolt.study.cases.negatives import GUARD_STATES

    guards = [
        joined(
            (joined((joined((guard.said, GUARD_STATES[guard.state]), ", "), guard.why), ": "), guard.stands_on), ", "
        )
        for guard in one.guards
    ]
    watched = joined(guards, "; ") if guards else one.why
    return joined((joined((one.title, one.when), ", "), watched), ". ")
