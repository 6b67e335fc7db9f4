"""How results and problems look in a terminal: numbers with units, at 80 columns, with and without colour."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from math import inf
from typing import TYPE_CHECKING

import typer

from covolt import digits
from covolt.catalogues import ENGLISH, decimal_mark
from covolt.cli.gathering import gathered
from covolt.cli.language import say, speaking
from covolt.errors import Problem
from covolt.legible import escaped, shown
from covolt.words import Phrase, plural, text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from covolt.cli.fitting_table import FittingTable
    from covolt.library.spread import Interval

NARROWEST = 40
ROOMY = 72
"""Columns from which a table has room for bars."""
NEARLY = 0.97
"""Of an uncertainty a side is not told apart from the other: what rounding and linearity leave."""
MOST_LISTED = 500
"""Problems that a person is shown at once; more come of one mistake in a large file."""


def console(*, stderr: bool = False) -> Console:
    """A console that wraps at words, never colours a number by itself and takes brackets in a text for brackets."""
    from covolt.cli.shown_console import ShownConsole

    return ShownConsole(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_json(content: object, indent: int | None = 2) -> None:
    """Content as JSON on the output stream, whatever signs its texts hold and whichever the stream has."""
    typer.echo(escaped(json.dumps(content, indent=indent, ensure_ascii=not _unicode())))


def print_result(result: object) -> None:
    """A result, or several in a row, as its schema says."""
    from covolt.study.result import plain

    print_json(plain(result))


def styled(*pieces: tuple[str | Phrase, str]) -> Text:
    """Pieces of text, each with its style."""
    from rich.text import Text

    return Text.assemble(*((_said(piece), style) for piece, style in pieces))


def _said(words: str | Phrase) -> str:
    """Messages in the language of the command; what others have written as it is."""
    return say(words) if isinstance(words, Phrase) else words


def indented(words: str | Phrase, columns: int) -> Padding:
    """A text whose every line stands in from the margin, so that no broken line of it looks like another's first."""
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(_said(words)), (0, 0, 0, columns), expand=False)


def print_problems(problems: Sequence[Problem]) -> None:
    """Every problem as what, where and hint, on the error stream."""
    from rich.text import Text

    out = console(stderr=True)
    count = len(problems)
    if count > 1:
        heading(out, plural("{count} problem:", "{count} problems:", count))
    for problem in gathered([one.said(speaking()) for one in problems[:MOST_LISTED]]):
        line = Text("✗ " if _unicode() else "x ", style="bold red")
        if problem.where:
            line.append(f"{shown(problem.where, breaks=True)}: ", style="bold")
        line.append(shown(problem.what, breaks=True), style="")
        out.print(line)
        if problem.hint:
            out.print(indented(text("hint: {hint}", hint=problem.hint), 2))
    if count > MOST_LISTED:
        out.print(text("and {number} more", number=count - MOST_LISTED))


def print_notices(notices: Iterable[Problem], columns: int = 2) -> None:
    """What is no mistake and must be told, each with where and a hint."""
    for one in (notice.said(speaking()) for notice in notices):
        place = f"{one.where}: " if one.where else ""
        hint = f" ({one.hint})" if one.hint else ""
        console().print(f"{' ' * columns}{place}{one.what}{hint}", style="yellow")


def heading(out: Console, words: str | Phrase) -> None:
    """A line above a table, wrapped at the width of the terminal, not of the table."""
    from rich.text import Text

    out.print(Text(_said(words), style="bold"))


def print_outcome(out: Console, ended: Phrase, *, completed: bool) -> None:
    """How a drive or a session ended, in green or in red."""
    out.print(styled((text("Outcome: "), "bold"), (ended, "green" if completed else "bold red")))


def print_written(out: Console, path: object) -> None:
    """That a file was written; its path is not broken, so that it can be copied."""
    out.print(text("Wrote {path}", path=str(path)), soft_wrap=True)


def table(headers: Iterable[tuple[str | Phrase, str]]) -> FittingTable:
    """An empty table; each header is its text and "left", "right" or "name" (left, wrapped only where there is no room).

    No number and no word is ever cut: where there is no room, texts wrap, then rows stand line below line.
    """
    from rich import box
    from rich.text import Text

    from covolt.cli.fitting_table import FittingTable

    made = FittingTable(
        box=box.SIMPLE_HEAD if _unicode() else box.ASCII_DOUBLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    for words, side in headers:
        justify = "right" if side == "right" else "left"
        made.add_column(Text(shown(_said(words))), justify=justify, overflow="fold", no_wrap=side == "right")
    return made


def pairs(rows: Iterable[tuple[str | Phrase, str | Phrase]]) -> FittingTable:
    """Names and values side by side."""
    from rich import box
    from rich.text import Text

    from covolt.cli.fitting_table import FittingTable

    made = FittingTable(box=box.SIMPLE, show_header=False, pad_edge=False, show_edge=False)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(shown(_said(name))), Text(shown(_said(value))))
    return made


def with_unit(number: str, unit: str) -> str:
    """A number and its unit; the unit of a ratio is not printed."""
    return number if unit == "1" else f"{number} {unit_text(unit)}"


def unit_text(unit: str) -> str:
    """A unit as it is typed in files; in other languages as they print it."""
    if speaking() == ENGLISH or unit in {"", "1", "%"}:
        return "" if unit == "1" else unit
    from covolt.study.verdicts.printed_units import printed_unit

    return say(printed_unit(unit))


def fixed(value: float, places: int) -> str:
    """A number with so many decimals, with the decimal mark of the language."""
    return f"{value:.{places}f}".replace(".", decimal_mark(speaking()))


def known_text(one: Interval, factor: float = 1.0, *, by: float = 0.0, ends: Sequence[float] = (-inf, inf)) -> str:
    """A number with its expanded uncertainty, in another unit, moved by an offset; without ± where nothing uncertain moves it.

    Where it cannot lie beyond `ends`, in its own unit, the ± has two sides, `43 −9/+15`.
    """
    told = digits.known_text(factor * one.value + by, abs(factor) * one.expanded, speaking())
    down, up = (min(one.expanded, max(side, 0.0)) for side in (one.value - ends[0], ends[1] - one.value))
    if min(down, up) > NEARLY * one.expanded or not told.partition(" ± ")[2]:
        return told
    number, _, sure = told.partition(" ± ")
    places = len(sure.partition(decimal_mark(speaking()))[2])
    sides = [fixed(abs(factor) * side, places) for side in (down, up)]
    return f"{number} \N{MINUS SIGN}{sides[0]}/+{sides[1]}"


def bar(share_ratio: float, width: int) -> str:
    """A bar of text as long as a share of the whole."""
    filled = round(max(0.0, min(1.0, share_ratio)) * width)
    return ("█" if _unicode() else "#") * filled


def _unicode() -> bool:
    encoding = (sys.stdout.encoding or "").lower()
    return encoding.startswith("utf")
