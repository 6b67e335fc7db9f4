"""`covolt study sureness`: how probably a vehicle meets each requirement, with which margin for sure, by whose numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import language_of
from covolt.cli.printing import console, heading, indented, print_result, print_written, table, unit_text
from covolt.cli.sensitivity import (
    LEAST_SHARE,
    JsonOption,
    OutputOption,
    SeedOption,
    number,
    percent_text,
    print_left,
    valued,
)
from covolt.cli.study import bar
from covolt.digits import probability_text
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.sureness import SurenessDocument, SureRow

HELP = """Say how probably a vehicle meets each requirement, with which margin for sure, and whose numbers leave it open.

Examples:

  covolt study sureness examples/city-car --only I-MASS --draws 1000

  covolt study sureness examples/city-car --study city-designs --design 17
"""


def sureness(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    design: Annotated[
        int, typer.Option("--design", metavar="N", help="A design of the study; 0 is today's vehicle.")
    ] = 0,
    study: Annotated[
        Path | None, typer.Option("--study", metavar="DIR", help="Folder of a study: covolt study run.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="These requirements alone.")] = None,
    sure: Annotated[str, typer.Option("--sure", metavar="PERCENT", help="How sure the robust margin is.")] = "95 %",
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", help="Also draw all that is uncertain at once, N times.")
    ] = 0,
    seed: SeedOption = 0,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are in it.")] = "",
    output: OutputOption = None,
    json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Print how surely requirements are met."""
    from covolt.study.cases.sureness import sureness as find

    options = ("design", "study", "only", "draws", "seed", "party", "output")
    findings = Findings({one: f"--{one}" for one in options} | {"sureness": "--sure"})
    language_of(findings, language)
    wanted = findings.quantity("sureness", sure, "1")
    with bar(text("moving numbers")) as progress:
        found = find(
            programme,
            design=design,
            study=study,
            only=only or (),
            sureness_fraction=0.5 if wanted is None else wanted,
            draws=draws,
            seed=seed,
            party=party,
            output=output,
            progress=progress,
            findings=findings,
        )
    if json:
        print_result(found)
        return
    _print_sureness(found)
    if output is not None:
        print_written(console(), output)


def _print_sureness(found: SurenessDocument) -> None:
    from covolt.study.verdicts.verdict import STANDINGS

    out = console()
    design = text("today's vehicle") if not found.design else text("design {number}", number=found.design)
    heading(out, text("How surely {design} meets what is asked of it", design=design))
    percent = number(100.0 * found.sureness)
    heads = [
        (text("requirement", context="head"), "name"),
        (text("P to conform", context="head"), "right"),
        (text("margin", context="head"), "right"),
        (text("sure to {percent} %", context="head", percent=percent), "right"),
        (text("unit", context="head"), "left"),
    ]
    made = table(heads)
    for one in found.results:
        probability = "" if one.unstated else _probability(one.probability)
        numbers = (probability, number(one.margin), number(one.robust_margin))
        made.add_row(one.requirement, *numbers, unit_text(one.unit))
    out.print(made)
    for one in found.results:
        if one.probability is None:
            said = joined((STANDINGS[one.verdict], one.why) if one.why else (STANDINGS[one.verdict],), ": ")
            out.print(indented(joined((one.requirement, said), ": "), 2))
        if one.unstated:
            out.print(indented(joined((one.requirement, one.unstated), ": "), 2))
    out.print()
    _print_shares(found)
    out.print()
    if found.draws:
        _print_drawn(found)
    else:
        out.print(text("To first order: where values bend, as at an optimum, --draws 1000 says more."))
    print_left(found.left_out)


def _print_shares(found: SurenessDocument) -> None:
    out = console()
    told = [one for one in found.results if one.shares or one.model_share]
    if not told:
        return
    heading(out, text("Whose numbers leave it open"))
    made = table(
        [
            (text("requirement", context="head"), "name"),
            (text("u", context="head"), "right"),
            (text("shares of the variance", context="head"), "left"),
        ]
    )
    for one in told:
        parts = sorted(one.shares.items(), key=lambda part: -part[1])
        named: list[Phrase | str] = [f"{party} {percent_text(share)}" for party, share in parts if share >= LEAST_SHARE]
        if one.model_share >= LEAST_SHARE:
            named.append(text("covolt's models {share}", share=percent_text(one.model_share)))
        made.add_row(one.requirement, valued(one.uncertainty, one.unit), say(joined(named, ", ")))
    out.print(made)


def _print_drawn(found: SurenessDocument) -> None:
    out = console()
    heading(
        out,
        plural("By {count} draw of all that is uncertain", "By {count} draws of all that is uncertain", found.draws),
    )
    made = table(
        [
            (text("requirement", context="head"), "name"),
            (text("P to conform", context="head"), "right"),
            (text("95 % of it", context="head"), "right"),
            (text("sure margin", context="head"), "right"),
            (text("first order", context="head"), "left"),
        ]
    )
    for one in found.results:
        drawn = one.sampled
        if drawn is None:
            made.add_row(one.requirement, "", "", "", say(text("open", context="verdict")))
            continue
        ends = f"{number(100.0 * drawn.lowest, 3)}…{number(100.0 * drawn.highest, 3)} %"
        made.add_row(
            one.requirement, _probability(drawn.probability), ends, number(drawn.robust_margin), say(_borne(one))
        )
    out.print(made)
    for one in found.results:
        if one.sampled is not None and one.sampled.missed:
            missed = plural(
                "{name}: {count} draw misses it whatever the number: {why}",
                "{name}: {count} draws miss it whatever the number, such as: {why}",
                one.sampled.missed,
                name=one.requirement,
                why=one.sampled.why,
            )
            out.print(indented(missed, 2))
        if one.sampled is not None and one.sampled.lost:
            said = plural(
                "{name}: {count} draw gave no number and counts as not met",
                "{name}: {count} draws gave no number and count as not met",
                one.sampled.lost,
                name=one.requirement,
            )
            out.print(indented(said, 2))


def _borne(one: SureRow) -> Phrase:
    if one.sampled is None or one.sampled.agrees is None:
        few = one.sampled is not None and one.probability is not None
        return text("too few draws") if few else text("open", context="verdict")
    return text("borne out") if one.sampled.agrees else text("not borne out")


def _probability(value: float | None) -> str:
    return "" if value is None else probability_text(value, speaking())
