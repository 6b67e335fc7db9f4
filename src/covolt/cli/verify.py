"""`covolt verify`: the locked vehicle held against every requirement, how surely, and what to measure next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt import units
from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.gains import print_levels
from covolt.cli.language import LanguageOption, say, speaking
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import (
    console,
    heading,
    indented,
    print_notices,
    print_result,
    styled,
    table,
    unit_text,
    with_unit,
)
from covolt.cli.uncertain import MOST_ALONE, named, print_splits, print_unstated
from covolt.digits import number_text, probability_text
from covolt.files import write_whole
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.cli.fitting_table import FittingTable
    from covolt.programme.checked import CheckedText
    from covolt.programme.documents import Programme
    from covolt.study.cases.verify import Verified
    from covolt.study.verdicts.decisive import NextStep
    from covolt.study.verdicts.verdict import Contribution, Standing, Verdict
    from covolt.study.verdicts.verification import Verification

HELP = """Hold the locked vehicle against every requirement.

What was computed before and has not changed is not driven again.

Examples:

  covolt verify examples/city-car

  covolt verify examples/city-car --next

  covolt verify examples/city-car --only I-RANGE --protocol --verbose

  covolt verify examples/city-car --with battery=battery-works/pack-33@1.0.0

  covolt verify examples/city-car --model battery=pack-33.fmu

  covolt verify examples/city-car --model drive_unit=motor.fmu

  covolt verify my-car --model battery=hosted@0.0.0.0:7443

  covolt verify examples/city-car --csv verdicts.csv --junit verdicts.xml
"""
COLOURS: Mapping[Standing, str] = {
    "met": "green",
    "met, text not checked": "cyan",
    "not met": "bold red",
    "within uncertainty": "yellow",
    "not verified": "magenta",
    "stale": "magenta",
    "hidden": "cyan",
}
NOTE = text(
    "± is two standard uncertainties: of what the datasheets declare, and of the generic numbers for what they leave open. "
    "Met is what conforms with a probability P of at least 95 %, not met what does with at most 5 %. "
    "A text counts as checked where covolt or an agency of the programme says so."
)
HEADS = (text("value", context="head"), text("bound", context="head"), text("margin", context="head"))
REQUIREMENT = text("requirement", context="head")
NARROW_WORDS: Mapping[str, Phrase] = {"within uncertainty": text("within ±", context="column")}
"""Verdicts that have shorter words for a column of a table."""
SHORT_NOTE = text("± is two standard uncertainties; `covolt verify` of the whole programme says of what.")
NARROW = 72
"""Columns of a terminal below which margins stand under their values."""
TITLED = 100
"""Columns from which each requirement stands with what it says."""
WIDE = 96
"""Columns from which a verdict stands with its probability in one line."""


def verify(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    anew: Annotated[bool, typer.Option("--anew", help="Drive everything anew, whatever was computed before.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="Verify these alone.")] = None,
    tried: Annotated[
        list[str] | None, typer.Option("--with", metavar="SLOT=OFFER", help="Try an offer; the lock stays.")
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="SLOT=FILE",
            help="Compute a part by this FMU, a TOML that names its ports, or its host (hosted@ADDRESS:PORT).",
        ),
    ] = None,
    wait: Annotated[str, typer.Option("--wait", metavar="TIME", help="How long a party may take to come.")] = "30 s",
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    protocol: Annotated[bool, typer.Option("--protocol", help="Print every numbered intermediate value.")] = False,
    next_steps: Annotated[bool, typer.Option("--next", help="Say what to measure next.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show whose numbers the ± comes from.")] = False,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts as CSV.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JUnit XML.")] = None,
    language: LanguageOption = None,
) -> None:
    """Hold the locked vehicle against every requirement and print the verdicts."""
    from rich.progress import Progress

    from covolt.study.cases.verify import verify as verify_programme
    from covolt.study.verdicts.decisive import next_steps as steps_of
    from covolt.study.verdicts.listed import junit_text, table_text

    findings = Findings({"only": "--only", "tried": "--with", "stand_ins": "--model", "party": "--party"})
    language_of(findings, language)
    wait_s = findings.take(lambda: units.parse(wait, "s", "--wait"))
    check_outputs(findings, (("--csv", csv), ("--junit", junit)))
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(say(text("driving")), total=None)
        done = verify_programme(
            programme,
            only=only or (),
            anew=anew,
            tried=tried or (),
            stand_ins=models or (),
            now=lambda: datetime.now(UTC),
            wait_s=wait_s or 0.0,
            party=party,
            progress=lambda count, total: bar.update(task, completed=count, total=total),
            findings=findings,
        )
    read, found, checks = done.programme, done.found, done.checks
    for path, written in ((csv, table_text), (junit, junit_text)):
        if path is not None:
            write_whole(path, written(found, read))
    if json:
        print_result(done.document())
    else:
        closing = _of_those(found) if only else _of_whole(done)
        _print_verdicts(found, read, closing=closing, note=SHORT_NOTE if only or next_steps else NOTE)
        print_notices(done.notices, columns=0)
        print_levels(done.levels)
        if verbose:
            print_splits(found.verdicts)
        if next_steps:
            _print_next(steps_of(found.verdicts), found.verdicts, read)
        if protocol:
            _print_protocols(found, checks)
    raise typer.Exit(COMPLETED if found.acceptable else REQUIREMENTS_NOT_MET)


def _print_verdicts(found: Verification, read: Programme, *, closing: Phrase, note: Phrase) -> None:
    from covolt.study.verdicts.unstated_number import unstated_count

    out = console()
    made = _verdict_table(found, read, out.width, titled=out.width >= TITLED)
    out.print(made if made.fits(out) else _verdict_table(found, read, out.width, titled=False))
    reasons: dict[str, list[str]] = {}
    for one in found.verdicts:
        if one.why:
            reasons.setdefault(say(one.why), []).append(one.requirement)
    for why, names in reasons.items():
        out.print(f"{', '.join(names)}: {why}")
    print_unstated(found)
    _print_foreign(found)
    order = list(COLOURS)
    counts = Counter(one.standing for one in sorted(found.verdicts, key=lambda one: order.index(one.verdict)))
    summed = joined((joined((count, standing), " ") for standing, count in counts.items()), "; ")
    heading(
        out,
        plural("{count} requirement: {summed}", "{count} requirements: {summed}", len(found.verdicts), summed=summed),
    )
    if unknown := unstated_count(found.verdicts):
        out.print(unknown)
    for one in found.conformances:
        if one.broken:
            ratio, most = one.found_ratio or 0.0, one.tolerance_ratio
            why = one.why or text("{ratio}, at most {most}", ratio=_number(ratio, 3), most=_number(most, 6))
            which = f" {one.slot}, {one.offer}: {one.promise}: "
            out.print(styled((text("broken promise"), "bold red"), (joined((which, why), ""), "")))
    if found.conformances:
        count, total = sum(one.kept for one in found.conformances), len(found.conformances)
        out.print(text("{kept} of {total} promises of the contracts are kept", kept=count, total=total))
    unshown = [one for one in found.conformances if not one.kept and not one.broken]
    for why in dict.fromkeys(one.why for one in unshown):
        names = [f"{one.slot} {one.promise}" for one in unshown if one.why == why]
        out.print(text("not shown: {names}: {why}", names=", ".join(names), why=why))
    out.print(
        plural(
            "{closing}; {count} record made, {recalled} recalled.",
            "{closing}; {count} records made, {recalled} recalled.",
            found.computed,
            closing=closing,
            recalled=found.recalled,
        )
    )
    out.print(note)


def _print_foreign(found: Verification) -> None:
    """Parts that are not covolt's on which verdicts rest, and how the answers behind each were had."""
    from covolt.study.verdicts.rests_on import by_part, by_settling

    parts = by_part((one.requirement, one.foreign) for one in found.verdicts)
    if not parts:
        return
    out = console()
    heading(out, text("Parts that are not covolt's, on which verdicts rest"))
    for who, several in parts.items():
        out.print(who)
        for settled, names in by_settling(several).items():
            out.print(indented(say(joined((joined(names, ", "), settled), ": ")), 2))


def _verdict_table(found: Verification, read: Programme, width: int, *, titled: bool) -> FittingTable:
    """Requirements by their owners; value, bound and margin in the unit of each, below one another where there is no room."""
    from covolt.programme.text import told
    from covolt.study.verdicts.listed import in_own_unit, numbers_of

    wide = width >= NARROW
    sides = [(words, "right") for words in HEADS]
    numbers = [*sides, (text("unit", context="head"), "name")] if wide else [(joined(HEADS, ", "), "right")]
    titles = [(text("what", context="head"), "left")] if titled else []
    made = table([(REQUIREMENT, "name"), *titles, (text("verdict", context="head"), "left"), *numbers])
    made.columns[0].no_wrap = max((len(one.requirement) for one in found.verdicts), default=0) < width // 2
    for owner in dict.fromkeys(one.owner for one in found.verdicts):
        made.add_section()
        made.add_row(styled((owner, "dim")))
        for one in found.verdicts:
            if one.owner != owner:
                continue
            requirement = read.requirements[one.requirement]
            own = in_own_unit(one, requirement)
            cells = numbers_of(own, requirement, speaking())
            unit = unit_text(own.unit)
            made.add_row(
                f"  {one.requirement}",
                *([told(say(requirement.title.words))] if titled else []),
                styled(
                    (NARROW_WORDS.get(one.verdict, one.standing), COLOURS[one.verdict]),
                    (_surely(one, width), ""),
                ),
                *((*cells, unit) if wide else ["\n".join(f"{one} {unit}".strip() for one in cells if one)]),
            )
    return made


def _surely(one: Verdict, width: int) -> str:
    """How probably a requirement is met that is within uncertainty, or on both sides of a step; in a line of its own where the
    terminal is not wide.
    """
    parted = one.is_open and one.probability not in {0.0, 1.0}
    if one.probability is None or (one.verdict != "within uncertainty" and not parted):
        return ""
    return f"{', ' if width >= WIDE else chr(10)}P {probability_text(one.probability, speaking())}"


def _number(value: float, digits: int = 2) -> str:
    return number_text(value, digits, speaking(), grouped=False)


def _of_those(found: Verification) -> Phrase:
    """Whether the laws and constraints among those verified are met."""
    if not any(one.kind in {"law", "constraint"} for one in found.verdicts):
        return text("No law or constraint among those verified")
    if not found.acceptable:
        return text("A law or a constraint is not shown to be met")
    return _with_provisional(text("Every law and constraint of those verified is met"), found)


def _with_provisional(said: Phrase, found: Verification) -> Phrase:
    """What is said of the whole, and that it stands on answers from a log where it does."""
    if not any(one.provisional for one in found.verdicts):
        return said
    return joined((said, text("provisional, by answers from a log")), ", ")


def _of_whole(done: Verified) -> Phrase:
    """Whether what is written is met, and how many of the acts that hold are shown."""
    said = done.headline()
    whole = joined((joined((said.big, said.scope), ": "), said.acts_said), "; ")
    return _with_provisional(whole, done.found)


def _print_next(steps: Sequence[NextStep], verdicts: Sequence[Verdict], read: Programme) -> None:
    """For every verdict within uncertainty, whose number to know twice as well."""
    from covolt.study.verdicts.verdict import STANDINGS

    out = console()
    out.print()
    heading(out, text("What to measure next: {count} within uncertainty", count=len(steps)))
    for one in steps:
        for place, choice in enumerate(one.alone[:MOST_ALONE]):
            begins = f"{one.requirement}: " if place == 0 else joined(("  ", text("or"), " "), "")
            out.print(joined((begins, _halved(choice.numbers[0]), " → ", STANDINGS[choice.verdict]), ""))
        if one.together is not None:
            numbers = joined(map(_halved, one.together.numbers), say(text(" and ")))
            together = text("together {numbers}", numbers=numbers)
            out.print(joined((f"{one.requirement}: ", together, " → ", STANDINGS[one.together.verdict]), ""))
        if one.move is not None:
            by = with_unit(_number(one.move), one.unit)
            rises = read.requirements[one.requirement].sign > 0.0
            parts = next(verdict.contributions for verdict in verdicts if verdict.requirement == one.requirement)
            most = max(parts, key=lambda part: abs(part.effect), default=None)
            undecided = (
                text("no measurement decides; the value must rise by {by}", by=by)
                if rises
                else text("no measurement decides; the value must fall by {by}", by=by)
            )
            whose = [text("most of its ± is that of {number}", number=_whose(most))] if most else []
            out.print(joined((f"{one.requirement}: ", joined((undecided, *whose))), ""))


def _whose(part: Contribution) -> str:
    return f"{named(part)} ({part.party or 'covolt'})"


def _halved(part: Contribution) -> Phrase:
    """What a party would have to know, and how well."""
    u, half = (with_unit(_number(share * part.uncertainty, 3), part.unit) for share in (1.0, 0.5))
    from covolt.study.verdicts.decisive import to_state

    who, instead = part.party or "covolt", to_state(part)
    generic = (
        [] if part.origin == "input" else [joined((text("generic so far"), *([instead] if instead else [])), ": ")]
    )
    return text(
        "{number} ({whose}): u {now} to {half}",
        number=named(part),
        whose=joined((who, *generic), ", "),
        now=u,
        half=half,
    )


def _print_protocols(found: Verification, checks: Sequence[CheckedText]) -> None:
    from covolt.study.verdicts.checking import line_checked

    out = console()
    for name, record in found.records.items():
        out.print()
        heading(out, f"{name}: {record.procedure}")
        made = table(
            [
                (text("no.", context="head"), "name"),
                (text("what", context="head"), "left"),
                (text("symbol", context="head"), "name"),
                (HEADS[0], "right"),
                (text("clause", context="head"), "left"),
            ]
        )
        for line in record.lines:
            checked = line_checked(record.procedure, line, checks)
            clause = line.clause if checked else text("{clause} (text not checked)", clause=line.clause)
            value = with_unit(_number(line.shown, 6), line.unit)
            made.add_row(line.number, line.title, line.symbol, value, clause)
        out.print(made)
        for remark in record.remarks:
            out.print(remark)
