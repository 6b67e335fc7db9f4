"""`covolt study`: many designs of a programme judged, gone on with, shown and written as one table."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, chosen_language, say
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, print_written, table
from covolt.study.cases.options import Findings
from covolt.words import plural, text

if TYPE_CHECKING:
    from covolt.study.cases.study import StudyDone

HELP = "Judge many designs of a programme: everything that its parties let move."
RUN_HELP = """Judge designs of the space that the parties of a programme declare in PARTY/designs/*.toml.

Stopped at any time, it goes on with covolt study resume. Design 0 is today's vehicle.

Examples:

  covolt study run examples/city-car --designs 1024 --output city-designs

  covolt study run examples/city-car --designs 64 --only I-RANGE --only I-MASS --output few
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")


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
    language: LanguageOption = None,
) -> None:
    """Judge designs of a programme and write them into a folder."""
    from covolt.study.cases.study import run as run_study

    options = ("output", "designs", "method", "seed", "levels", "only", "party")
    findings = Findings({one: f"--{one}" for one in options})
    language_of(findings, language)
    with _bar() as progress:
        done = run_study(
            programme,
            output,
            designs=designs,
            method=method,
            seed=seed,
            levels=levels,
            only=only or (),
            party=party,
            progress=progress,
            findings=findings,
        )
    _print_done(done)


@app.command("resume", help="Judge the designs of a study that are missing.")
def resume(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.")],
    programme: Annotated[
        Path | None, typer.Option("--programme", metavar="DIR", help="Folder of the programme, where it has moved.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Go on with a study."""
    chosen_language(language)
    from covolt.study.cases.study import resume as go_on

    with _bar() as progress:
        done = go_on(folder, programme=programme, progress=progress)
    _print_done(done)


@contextmanager
def _bar() -> Generator[Callable[[int, int], None]]:
    """A bar with the time that is left."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(text("judging designs")), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_done(done: StudyDone) -> None:
    out = console()
    heading(out, text("Study of {programme}", programme=done.plan.programme))
    out.print(plural("{count} design judged now", "{count} designs judged now", done.judged))
    if done.left_out:
        rows = table([(text("left out", context="head"), "name"), (text("why", context="head"), "left")])
        for name, why in sorted(done.left_out.items()):
            rows.add_row(name, say(why))
        out.print(rows)
    print_written(out, done.folder)
