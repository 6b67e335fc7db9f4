"""`covolt map`: losses of a drive unit from a map or a bench log, into its datasheet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli.language import LanguageOption
from covolt.cli.options import language_of
from covolt.cli.printing import console, fixed, heading, pairs, print_notices, print_result, print_written, with_unit
from covolt.study.cases.options import Findings
from covolt.units import unit
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.study.cases.map import MapDocument

HELP = """Read a map of losses or of efficiency, or the log of a test bench, and say what it knows of a drive unit.

FILE is a table (CSV, .xlsx, .mat) with speed, torque and loss or efficiency, a point a row; a .mat with a matrix; an FMU with
maps by FMI-LS-STRUCT; or a log with time, speed, torque, voltage and current, of which points held steady count.
With --to the losses go into a datasheet; a hole is told and never filled. docs/how-to/bring-a-loss-map.md says more.

Examples:

  covolt map efficiency.csv

  covolt map bench.csv --to drive-works/parts/pm-80/part.toml --at-no-power "80 W"
"""
TOLD_HOLES = 5


def make(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Map or bench log.")],
    to: Annotated[Path | None, typer.Option("--to", metavar="PART", help="part.toml that takes the losses.")] = None,
    at_no_power: Annotated[
        str | None, typer.Option("--at-no-power", help='Loss where nothing turns or pulls, such as "80 W".')
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Read a map and print its range, its holes and what is behind it."""
    from covolt.study.cases.map import make_map, told_of

    findings, out = Findings({"at_no_power": "--at-no-power"}), console()
    language_of(findings, language)
    done = make_map(file, to, at_no_power=at_no_power, findings=findings)
    if json:
        print_result(done)
        return
    known = [one for row in done.losses_W for one in row if one is not None]
    speeds, torques = _own(done.speed_unit, done.speeds_rad_per_s), _own(done.torque_unit, done.torques_Nm)
    heading(out, text("Losses from {file}", file=file.name))
    rows: list[tuple[Phrase, str | Phrase]] = [
        (text("Speeds"), _axis(speeds, done.speed_unit)),
        (text("Torques"), _axis(torques, done.torque_unit)),
        (text("Losses"), text("none") if not known else _range(known, "W")),
        (text("Points"), f"{len(known)}"),
        (text("Holes"), _holes(done)),
    ]
    rows += _behind([one for row in done.counts for one in row if one], [s for row in done.spreads_W for s in row if s])
    out.print(pairs(rows))
    doubtful = told_of(done)
    if doubtful:
        heading(out, plural("{count} thing to know:", "{count} things to know:", len(doubtful)))
        print_notices(doubtful)
    if to is not None:
        print_written(out, to)


def _own(name: str, values_si: Iterable[float]) -> list[float]:
    """Values in the unit of the file."""
    own = unit(name)
    return [own.from_si(one) for one in values_si]


def _range(values: list[float], name: str) -> Phrase:
    end = with_unit(fixed(max(values), 0), name)
    return text("{begin} to {end}", context="range", begin=fixed(min(values), 0), end=end)


def _axis(values: list[float], name: str) -> Phrase:
    return joined((_range(values, name), plural("{count} value", "{count} values", len(values))), "; ")


def _holes(done: MapDocument) -> Phrase:
    holes = done.holes_si
    if not holes:
        return text("none")
    shown = [
        f"{with_unit(fixed(speed, 0), done.speed_unit)} {with_unit(fixed(torque, 1), done.torque_unit)}"
        for speed, torque in zip(
            _own(done.speed_unit, (one for one, _ in holes[:TOLD_HOLES])),
            _own(done.torque_unit, (one for _, one in holes[:TOLD_HOLES])),
            strict=True,
        )
    ]
    count = plural("{count} hole", "{count} holes", len(holes))
    return joined((count, ", ".join(shown) + (" …" if len(holes) > TOLD_HOLES else "")), ": ")


def _behind(counts: list[int], spreads_W: list[float]) -> list[tuple[Phrase, str | Phrase]]:
    if not counts:
        return []
    found: list[tuple[Phrase, str | Phrase]] = [
        (text("Rows behind a point"), text("{begin} to {end}", context="range", begin=min(counts), end=max(counts)))
    ]
    if spreads_W:
        found.append((text("Largest spread"), with_unit(fixed(max(spreads_W), 1), "W")))
    return found
