"""`covolt study`: many designs of a programme judged, gone on with, shown and written as one table."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import (
    console,
    heading,
    pairs,
    print_notices,
    print_result,
    print_written,
    table,
    unit_text,
    with_unit,
)
from covolt.digits import number_text
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.study import StudyDone
    from covolt.study.cases.study_shown import DesignDocument, LimitOfDesign, StudyDocument

HELP = "Judge many designs of a programme: everything that its parties let move."
RUN_HELP = """Judge designs of the space that the parties of a programme declare in PARTY/designs/*.toml.

Stopped at any time, it goes on with covolt study resume. Design 0 is today's vehicle.

Examples:

  covolt study run examples/city-car --designs 1024 --output city-designs

  covolt study run examples/city-car --designs 64 --only I-RANGE --only I-MASS --output few
"""
SHOW_HELP = """Say how far a study has come, and how often each requirement is met in it.

Examples:

  covolt study show city-designs

  covolt study show city-designs --design 17
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")

_JUDGING = text("judging designs")

WorkersOption = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Processes that judge, 2 if not given; 0: this one alone.")
]
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="ADDRESS", help="Judge on a cluster: dask://HOST:PORT, or dasks:// for TLS.")
]
USUAL_WORKERS = 2
EVERY_s = 10.0
"""Between two lines of how far something has come, where no terminal shows a bar."""


@app.command("run", help=RUN_HELP)
def run(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="New folder of the study.")] = Path(
        "study"
    ),
    designs: Annotated[
        int | None, typer.Option("--designs", metavar="N", help="How many, beside today's vehicle.")
    ] = None,
    method: Annotated[
        str, typer.Option("--method", metavar="METHOD", help="sobol, latin-hypercube, or full: all combinations.")
    ] = "sobol",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed, other designs.")] = 0,
    levels: Annotated[
        int | None, typer.Option("--levels", metavar="N", help="With full: values taken where every one counts.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="ID", help="Judge by these requirements and interests alone.")
    ] = None,
    party: Annotated[str, typer.Option("--party", help="Party that runs it: its private interests are in it.")] = "",
    workers: WorkersOption = None,
    engine: EngineOption = "",
    json: Annotated[bool, typer.Option("--json", help="Print what it found as JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Judge designs of a programme and write them into a folder."""
    from covolt.study.cases import study_shown
    from covolt.study.cases.study import run as run_study

    options = ("output", "designs", "method", "seed", "levels", "only", "party", "workers", "engine")
    findings = Findings({one: f"--{one}" for one in options})
    language_of(findings, language)
    with bar() as progress:
        done = run_study(
            programme,
            output,
            designs=designs,
            method=method,
            seed=seed,
            levels=levels,
            only=only or (),
            party=party,
            workers=_workers(workers, engine),
            engine=engine,
            progress=progress,
            findings=findings,
        )
    print_result(study_shown.show(done.folder)) if json else _print_done(done)


@app.command("resume", help="Judge the designs of a study that are missing.")
def resume(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.")],
    programme: Annotated[
        Path | None, typer.Option("--programme", metavar="DIR", help="Folder of the programme, where it has moved.")
    ] = None,
    workers: WorkersOption = None,
    engine: EngineOption = "",
    language: LanguageOption = None,
) -> None:
    """Go on with a study."""
    from covolt.study.cases.study import resume as go_on

    chosen_language(language)
    findings = Findings({"workers": "--workers", "engine": "--engine"})

    with bar() as progress:
        done = go_on(
            folder,
            programme=programme,
            workers=_workers(workers, engine),
            engine=engine,
            progress=progress,
            findings=findings,
        )
    _print_done(done)


@app.command("show", help=SHOW_HELP)
def show(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.")],
    design: Annotated[
        int | None, typer.Option("--design", metavar="N", help="One design alone, by its number.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print what a study found so far."""
    chosen_language(language)
    from covolt.study.cases import study_shown

    if design is not None:
        one = study_shown.design(folder, design)
        print_result(one) if json else _print_design(one)
        return
    found = study_shown.show(folder)
    print_result(found) if json else _print_study(found)


@app.command("export", help="Write all designs of a study that are there as one file.")
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".parquet or .csv")],
    language: LanguageOption = None,
) -> None:
    """Write a study as one table."""
    chosen_language(language)
    from covolt.study.cases.study_shown import export as write

    count = write(folder, file)
    out = console()
    out.print(plural("{count} design", "{count} designs", count))
    print_written(out, file)


@contextmanager
def bar(doing: Phrase = _JUDGING) -> Generator[Callable[[int, int], None]]:
    """A bar with the time that is left; where no terminal shows one, a line now and then."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if not console(stderr=True).is_terminal:
        yield _lines(doing)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(doing), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(doing: Phrase) -> Callable[[int, int], None]:
    """What prints how far it has come, and about how long it still takes, every so many seconds."""
    begun = last = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if not done or now - last < EVERY_s:
            return
        last = now
        left = round((now - begun) * (total - done) / done)
        said = text("{done} of {total}, about {left} s left", done=done, total=total, left=left)
        console(stderr=True).print(joined((doing, said), ": "), soft_wrap=True)

    return told


def _workers(asked: int | None, engine: str) -> int:
    return asked if asked is not None else 0 if engine else USUAL_WORKERS


def _print_done(done: StudyDone) -> None:
    out = console()
    heading(out, text("Study of {programme}", programme=done.plan.programme))
    for one in done.set_apart:
        what = text("Set apart as {file}, and its designs judged anew: {why}", file=one.file.name, why=one.why)
        out.print(what, soft_wrap=True)
    out.print(plural("{count} design judged now", "{count} designs judged now", done.judged))
    if done.left_out:
        names = ", ".join(sorted(done.left_out))
        out.print(text("Left out, as no design changes them or they are another's own: {names}", names=names))
    print_notices(done.notices)
    print_written(out, done.folder)
    out.print(text("What it found: covolt study show {folder}", folder=str(done.folder)), soft_wrap=True)


DIGITS_OF_DIGEST = 12
"""As many as a settlement's page shows."""


def _print_study(found: StudyDocument) -> None:
    out = console()
    heading(out, text("Study of {programme}", programme=found.programme))
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Designs"), text("{written} of {designs}", written=found.written, designs=found.designs)),
        (text("Meet everything"), _meeting(found)),
        (text("and keep the contracts"), _meeting_within(found)),
        (text("Digest"), found.digest.removeprefix("sha256:")[:DIGITS_OF_DIGEST]),
    ]
    if found.lost:
        rows.append((text("Not judged"), ", ".join(f"{one}: {why}" for one, why in found.lost.items())))
    out.print(pairs(rows))
    if not found.checksums:
        out.print(
            text("Its files bear no checksums, as they were written before there were any: damage shows only in part.")
        )
    heads = [(text("requirement", context="head"), "name"), (text("met", context="head"), "right")]
    ends = (text("today", context="head"), text("least", context="head"), text("greatest", context="head"))
    margins = [*((one, "right") for one in ends), (text("unit", context="head"), "left")]
    made = table([*heads, *margins])
    for one in found.requirements:
        share = f"{100.0 * one.met_count / found.written:.0f} %"
        numbers = (one.today_margin, one.lowest_margin, one.highest_margin)
        made.add_row(one.requirement, share, *map(_number, numbers), unit_text(one.unit))
    if found.requirements:
        out.print()
        out.print(text("Margins: of today's vehicle, the least and the greatest of all designs."))
        out.print(made)
    _print_contracts(found)
    if found.interests:
        out.print()
        values = table([(text("interest", context="head"), "name"), *margins])
        for each in found.interests:
            values.add_row(
                each.interest, _number(each.today), _number(each.lowest), _number(each.highest), unit_text(each.unit)
            )
        out.print(values)


def _print_contracts(found: StudyDocument) -> None:
    out = console()
    if not found.contracts:
        return
    out.print()
    out.print(
        text("Numbers that contracts limit: as today's vehicle has them, the least and the greatest of all designs.")
    )
    heads = [(text("contract", context="head"), "name"), (text("limit", context="head"), "name")]
    ends = (text("today", context="head"), text("least", context="head"), text("greatest", context="head"))
    left = (text("left by", context="contract"), "right")
    made = table([*heads, left, *((one, "right") for one in ends)])
    for one in found.contracts:
        numbers = map(_number, (one.today, one.lowest, one.highest))
        made.add_row(one.limit.removeprefix("contract: "), say(one.said), str(one.leaving), *numbers)
    out.print(made)


def _meeting_within(found: StudyDocument) -> Phrase:
    if found.meeting_all_and_contracts is None:
        return text("not looked at: the study is older than that")
    left = text("{count} of all designs leave one", count=found.leaving or 0)
    if not found.meeting_all_and_contracts:
        return joined((text("none"), left), "; ")
    numbers = ", ".join(map(str, found.first_meeting_all_and_contracts))
    more = "" if found.meeting_all_and_contracts == len(found.first_meeting_all_and_contracts) else ", …"
    said = text("{count}: design {numbers}", count=found.meeting_all_and_contracts, numbers=numbers + more)
    return joined((said, left), "; ")


def _meeting(found: StudyDocument) -> Phrase:
    if found.meeting_all:
        numbers = ", ".join(map(str, found.first_meeting_all))
        more = "" if found.meeting_all == len(found.first_meeting_all) else ", …"
        return text("{count}: design {numbers}", count=found.meeting_all, numbers=numbers + more)
    if found.nearest is None:
        return text("none")
    return text("none; most is met by design {nearest}", nearest=found.nearest)


def _print_design(one: DesignDocument) -> None:
    out = console()
    heading(out, text("Design {number}", number=one.design))
    if one.outcome:
        out.print(text("Not judged: {why}", why=one.outcome))
    heads = [(text("what moves", context="head"), "name"), (text("value", context="head"), "right")]
    values = table([*heads, (text("today", context="head"), "right")])
    for name, value in one.values.items():
        values.add_row(name, _number(value), _number(one.today.get(name)))
    out.print(values)
    print_left(one.leaves)
    out.print()
    found = table([(text("requirement", context="head"), "name"), *_FOUND])
    for (name, margin), verdict in zip(one.margins.items(), one.verdicts.values(), strict=True):
        found.add_row(name, say(WORDS_SAID[verdict]), _number(one.found[name]), _number(margin))
    out.print(found)
    if one.verdicts:
        out.print(text("Verdicts by the values as they are computed, without their ±: covolt study sureness"))
    if one.interests:
        out.print()
        wanted = table([(text("interest", context="head"), "name"), (text("value", context="head"), "right")])
        for name, value in one.interests.items():
            wanted.add_row(name, _number(value))
        out.print(wanted)


def print_left(limits: Sequence[LimitOfDesign]) -> None:
    """Limits of contracts that a design leaves, each with its number there: it cannot be offered as it is."""
    for one in limits:
        what = text(
            "Leaves the contract {contract}: {number} is {value}, agreed is {limit}",
            contract=one.contract,
            number=one.limit.split()[-1],
            value=with_unit(_number(one.value), one.unit),
            limit=one.said,
        )
        console().print(say(what), style="yellow")


def _number(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return number_text(value, language=speaking(), grouped=False) if isfinite(value) else ""


_FOUND = (
    (text("verdict", context="head"), "left"),
    (text("value", context="head"), "right"),
    (text("margin", context="head"), "right"),
)
WORDS_SAID = {
    "met": text("met"),
    "not met": text("not met"),
    "open": text("open", context="verdict"),
    "not verified": text("not verified"),
}
