"""A table that fits every terminal: texts wrap at words, and where even that is too wide each row stands line below line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.style import StyleType
from rich.table import Column, Table
from rich.text import Text

from covolt.cli.language import say
from covolt.words import Phrase

SPACING = ((0, 1), (0, 0))
"""Blanks above and beside a cell: the second where the first leaves too little room."""


@final
class FittingTable(Table):
    """A table in which no number, unit or word is cut."""

    def add_row(
        self, *cells: RenderableType | Phrase | None, style: StyleType | None = None, end_section: bool = False
    ) -> None:
        """Add a row, whose messages are said in the language of the command."""
        said = (say(one) if isinstance(one, Phrase) else one for one in cells)
        super().add_row(*said, style=style, end_section=end_section)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table where all its words fit side by side, else its rows as blocks."""
        if not self._fitted(console, options):
            yield from self._blocks()
            return
        yield from super().__rich_console__(console, options)

    def fits(self, console: Console) -> bool:
        """Whether all its words fit side by side."""
        return self._fitted(console, console.options)

    def _fitted(self, console: Console, options: ConsoleOptions) -> bool:
        """Give the columns their widths; false where there is no room."""
        ranges = [_range(console, options, column, header=self.show_header) for column in self.columns]
        gaps = len(ranges) - 1
        for spacing in SPACING:
            room = options.max_width - gaps - 2 * spacing[1] * gaps
            if sum(one.minimum for one in ranges) <= room:
                self.padding = spacing
                for column, width in zip(self.columns, _shared(ranges, room), strict=True):
                    column.width = width
                return True
        return False

    def _blocks(self) -> Iterator[Text | Padding]:
        """Each row by its first cell, and below it every other one that says something, with its header."""
        headers = [_one_line(column.header) for column in self.columns]
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            name, *others = map(_one_line, cells)
            name.stylize("bold")
            yield name
            for header, cell in zip(headers[1:], others, strict=True):
                if cell.plain:
                    yield Padding(Text.assemble(header, ": " if header.plain else "", cell), (0, 0, 0, 2), expand=False)


def _range(console: Console, options: ConsoleOptions, column: Column, *, header: bool) -> Measurement:
    """From the least width of a column, its longest word or number, to the widest of its lines."""
    cells = [*([column.header] if header else []), *column.cells]
    found = [Measurement.get(console, options.update(max_width=10_000), cell) for cell in cells]
    most = max((one.maximum for one in found), default=0)
    return Measurement(most if column.no_wrap else max((one.minimum for one in found), default=0), most)


def _shared(ranges: Sequence[Measurement], room: int) -> list[int]:
    """Widths of the columns within the room: the widest that can wrap give way first."""
    widths = [one.maximum for one in ranges]
    while sum(widths) > room:
        at = max(range(len(widths)), key=lambda at: (widths[at] > ranges[at].minimum, widths[at]))
        widths[at] -= 1
    return widths


def _one_line(cell: object) -> Text:
    text = cell.copy() if isinstance(cell, Text) else Text(str(cell))
    return Text(" ").join(text.split("\n")) if "\n" in text.plain else text
