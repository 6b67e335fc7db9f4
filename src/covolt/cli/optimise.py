"""`covolt study optimise` and `study front`: the best vehicles of a design space, searched, and shown side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption, chosen_language, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, indented, pairs, print_result, print_written, table, unit_text
from covolt.cli.study import bar
from covolt.digits import number_text
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, message, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.optimise import FrontDesign, FrontDocument, ObjectiveOfSearch

OPTIMISE_HELP = """Search the space that the parties let move for the best vehicles.

With several objectives these are all than which none is better in one and worse in none. Every design that is looked at is
written as covolt study run writes it, so that conflicts and negotiate take it too. Stopped, it goes on with study resume.

Examples:

  covolt study optimise examples/city-car --objective I-RANGE --objective iso-8715.time_0_100:min --objective I-PARTS -o best

  covolt study optimise examples/city-car --method gradient --objective I-PARTS --meet I-RANGE --meet I-MASS -o cheapest
"""
FRONT_HELP = """Show the best vehicles that a search has found so far.

Examples:

  covolt study front best
"""
MARK = "*"
"""Of a design that leaves a contract."""
MOST_SHOWN = 12
"""Designs of a front on the screen, evenly along the first objective; all are in JSON."""


def optimise(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    objective: Annotated[
        list[str] | None,
        typer.Option("--objective", metavar="NAME", help="Requirement, interest, or PROCEDURE.MEASURE:max or :min."),
    ] = None,
    meet: Annotated[
        list[str] | None, typer.Option("--meet", metavar="ID", help="Requirement that must be met; all: every one.")
    ] = None,
    method: Annotated[
        str, typer.Option("--method", metavar="METHOD", help="pareto, or gradient: one objective, from today on.")
    ] = "pareto",
    population: Annotated[
        int | None, typer.Option("--population", metavar="N", help="Designs of a generation; 40.")
    ] = None,
    generations: Annotated[int | None, typer.Option("--generations", metavar="N", help="How many; 25.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed, another search.")] = 0,
    contracts: Annotated[
        str, typer.Option("--contracts", metavar="WAY", help="keep, or may-move: what leaves one is marked.")
    ] = "keep",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="New folder of the study.")] = Path(
        "study"
    ),
    party: Annotated[str, typer.Option("--party", help="Party that runs it: its private interests may be named.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Search a design space, and print the best of it."""
    from covolt.study.cases.optimise import optimise as search

    options = ("objective", "meet", "method", "population", "generations", "seed", "contracts", "output", "party")
    findings = Findings({one: f"--{one}" for one in options})
    language_of(findings, language)
    with bar() as progress:
        found = search(
            programme,
            output,
            objectives=objective or (),
            meet=meet or (),
            method=method,
            population=population,
            generations=generations,
            seed=seed,
            contracts=contracts,
            party=party,
            progress=progress,
            findings=findings,
        )
    if json:
        print_result(found)
    else:
        _print_front(found)
        out = console()
        print_written(out, output)
        where = str(output)
        if found.front:
            out.print(text("One of them: covolt study show {folder} --design N", folder=where), soft_wrap=True)
            surely = text(
                "How surely it meets that: covolt study sureness {programme} --study {folder} --design N --draws 1000",
                programme=str(programme),
                folder=where,
            )
            out.print(surely, soft_wrap=True)
        else:
            out.print(text("What it found: covolt study show {folder}", folder=where), soft_wrap=True)
    raise typer.Exit(COMPLETED if found.front else REQUIREMENTS_NOT_MET)


def front(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Print the best designs of a search."""
    chosen_language(language)
    from covolt.study.cases.optimise import front as find

    found = find(folder)
    print_result(found) if json else _print_front(found)


def _print_front(found: FrontDocument) -> None:
    out = console()
    heading(out, text("Search in {programme}", programme=found.programme))
    rows: list[tuple[str | Phrase, str | Phrase]] = [(text("Designs"), str(found.written))]
    if found.evaluations is not None and found.evaluations > found.written:
        rows.append((text("Judged, those between them too"), str(found.evaluations)))
    if found.meet:
        rows += [(text("Must be met"), ", ".join(found.meet)), (text("Meet it, as computed"), str(found.meeting))]
    else:
        rows.append((text("Must be met"), text("nothing: name it with --meet")))
    rows.append((text("Contracts"), _contracts(found)))
    if found.of_differences:
        rows.append((text("Gradients by differences"), ", ".join(found.of_differences)))
    out.print(pairs(rows))
    out.print()
    if not found.front:
        _print_excluding(found)
        return
    heading(
        out,
        plural(
            "{count} best design, of {written} looked at",
            "{count} best designs, of {written} looked at",
            len(found.front),
            written=found.written,
        ),
    )
    made = table([(text("design", context="head"), "name"), *((_head(one), "right") for one in found.objectives)])
    made.add_row(say(text("today", context="head")), *(_number(one.today) for one in found.objectives))
    for one in _spread(found.front):
        made.add_row(f"{one.design} {MARK}" if one.leaves else str(one.design), *map(_number, one.objectives.values()))
    out.print(made)
    _print_leaving(found)
    if len(found.front) > MOST_SHOWN:
        out.print(text("{number} of them, along the first objective; all with --json", number=MOST_SHOWN))
    out.print()
    _print_made_of(found)
    if found.meet:
        out.print()
        out.print(text("A demand counts as met by the values as they are computed, without their ±."))


def _print_made_of(found: FrontDocument) -> None:
    """The values of the best design, or from where to where those of several go, beside today's."""
    out = console()
    first = found.front[0].values
    alone = len(found.front) == 1
    heads = [text("what it is made of", context="head")] if alone else [text("what they are made of", context="head")]
    ends = (
        (text("value", context="head"),) if alone else (text("least", context="head"), text("greatest", context="head"))
    )
    made = table([(heads[0], "name"), *((one, "right") for one in (*ends, text("today", context="head")))])
    offers: list[tuple[str, Sequence[str]]] = []
    for name in first:
        values = [one.values[name] for one in found.front]
        numbers = [one for one in values if not isinstance(one, str)]
        if len(numbers) < len(values):
            offers.append((name.rpartition(" [")[0], sorted({str(one) for one in values})))
            continue
        today = found.today.get(name)
        cells = (numbers[0],) if alone else (min(numbers), max(numbers))
        made.add_row(_unit_said(name), *map(_number, cells), "" if isinstance(today, str) else _number(today))
    if len(offers) < len(first):
        out.print(made)
    for name, chosen in offers:
        out.print(f"{name}: {', '.join(chosen)}")


def _unit_said(name: str) -> str:
    """A variable with its unit as people write it; without one where it is a ratio."""
    variable, _, unit = name.removesuffix("]").rpartition(" [")
    said = unit_text(unit)
    return f"{variable} [{said}]" if said else variable


def _contracts(found: FrontDocument) -> Phrase:
    if found.leaving is None:
        return text("not looked at: the search is from before they were")
    left = plural("{count} design leaves one", "{count} designs leave one", found.leaving)
    way = text("must be kept") if found.contracts == "keep" else text("may move")
    return joined((way, left), "; ")


def _print_leaving(found: FrontDocument) -> None:
    """What the mark stands for: each limit that a best design leaves."""
    left = {each.limit: each for one in found.front for each in one.leaves}
    for name, each in sorted(left.items()):
        said = {"mark": MARK, "number": name.split()[-1], "contract": each.contract, "limit": each.said}
        console().print(message("{mark} leaves the contract {contract}: {number}, agreed is {limit}", said))


def _head(one: ObjectiveOfSearch) -> str:
    name = one.objective.removeprefix("measure/")
    unit = f" [{unit_text(one.unit)}]" if unit_text(one.unit) else ""
    return f"{'↑' if one.direction == 'max' else '↓'} {name}{unit}"


def _spread(designs: Sequence[FrontDesign]) -> Sequence[FrontDesign]:
    if len(designs) <= MOST_SHOWN:
        return designs
    return [designs[round(at * (len(designs) - 1) / (MOST_SHOWN - 1))] for at in range(MOST_SHOWN)]


def _print_excluding(found: FrontDocument) -> None:
    out = console()
    if not found.excluding:
        if found.meet:
            out.print(text("No design meets for sure what is demanded, and none misses it for sure."))
        else:
            names = ", ".join(one.objective.removeprefix("measure/") for one in found.objectives)
            out.print(text("No design that was looked at has a number for every objective: {names}", names=names))
        return
    heading(out, text("No design that was looked at meets all that is demanded"))
    out.print(
        plural(
            "The smallest sets that the {count} design looked at does not meet together:",
            "The smallest sets that none of the {count} designs looked at meets together:",
            found.written,
        )
    )
    for one in found.excluding:
        out.print(indented(", ".join(one), 2))
    if found.left:
        out.print(indented(text("and {number} more", number=found.left), 2))
    out.print(text("How sure that is, and what resolves it: covolt conflicts --study DIR --search N"))


def _number(value: float | None) -> str:
    return "" if value is None else number_text(value, language=speaking(), grouped=False)
