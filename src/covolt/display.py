"""Results as people see them in a notebook or at Python's prompt: small tables of values with unit and ±, and pages."""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import final

from covolt import units
from covolt.digits import known_text
from covolt.errors import InputError, Problem
from covolt.files import write_whole
from covolt.legible import shown
from covolt.words import either, text

__all__ = ["AbstractShown", "Drawing", "Page", "Quantity", "Table", "printed"]

NOTE_WIDTH = 100
"""Columns of a remark under a table of text."""
PAGE_HEIGHT = 640
"""Of a page within a notebook, in CSS pixels."""


def printed(unit: str) -> str:
    """A unit as it is printed: none of a ratio."""
    return "" if unit == "1" else unit.replace("deg", "°")


@final
@dataclass(frozen=True, repr=False)
class Quantity:
    """A number in SI with its expanded uncertainty U = 2 u, zero where none is known, and the unit in which people read it."""

    title: str
    value_si: float
    unit: str
    expanded_si: float = 0.0

    @property
    def value(self) -> float:
        """The number in its own unit."""
        return units.unit(self.unit).from_si(self.value_si)

    @property
    def number(self) -> str:
        """The number in its own unit, with ± where it is known."""
        return known_text(self.value, self.expanded_si / units.unit(self.unit).factor)

    def __str__(self) -> str:
        return f"{self.number} {printed(self.unit)}".rstrip()

    def __repr__(self) -> str:
        return f"{self.title}: {self}"


@final
@dataclass(frozen=True)
class Table:
    """A small table of texts; those of parties stand in it as they are, and every sign that means something is escaped."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    """Columns that stand at the right, as numbers do."""
    notes: Sequence[str] = ()

    @property
    def html(self) -> str:
        """As a fragment of HTML without style sheet or script."""
        heads = "".join(f"<th{self._side(at)}>{_safe(one)}</th>" for at, one in enumerate(self.heads))
        rows = "".join(
            f"<tr>{''.join(f'<td{self._side(at)}>{_safe(one)}</td>' for at, one in enumerate(row))}</tr>"
            for row in self.rows
        )
        notes = "".join(f"<p>{_safe(one)}</p>" for one in self.notes if one)
        head = f"<thead><tr>{heads}</tr></thead>" if any(self.heads) else ""
        caption = f'<caption style="text-align:left;font-weight:bold">{_safe(self.title)}</caption>'
        return f"<table>{caption}{head}<tbody>{rows}</tbody></table>{notes}"

    def _side(self, column: int) -> str:
        return f' style="text-align:{"right" if column in self.right else "left"}"'

    @property
    def text(self) -> str:
        """In columns, as a terminal shows it."""
        lines = [[shown(one, breaks=True) for one in row] for row in (self.heads, *self.rows)]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.heads))]
        made = [
            "  ".join(
                one.rjust(width) if at in self.right else one.ljust(width)
                for at, (one, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in (lines if any(self.heads) else lines[1:])
        ]
        told = [line for one in self.notes for line in textwrap.wrap(shown(one, breaks=True), NOTE_WIDTH)]
        return "\n".join([shown(self.title, breaks=True), *made, *told])


def _safe(text: str) -> str:
    return escape(shown(text, breaks=True))


class AbstractShown(ABC):
    """What shows itself as tables: in a notebook as HTML, at Python's prompt as text."""

    __slots__ = ()

    @abstractmethod
    def as_tables(self) -> Sequence[Table]:
        """The tables, most important first."""

    def _repr_html_(self) -> str:
        return "".join(one.html for one in self.as_tables())

    def __repr__(self) -> str:
        return "\n\n".join(one.text for one in self.as_tables())


@final
@dataclass(frozen=True, repr=False)
class Page:
    """A page of HTML that needs nothing else; a notebook shows it in a frame of its own."""

    title: str
    html: str

    def save(self, path: str | Path) -> Path:
        """Write the page, whole or not at all.

        Raises:
            InputError: the name ends otherwise than in .html.
        """
        return _saved(path, {".html": self.html})

    def _repr_html_(self) -> str:
        frame = f'width="100%" height="{PAGE_HEIGHT}" style="border:0" sandbox="allow-scripts"'
        return f'<iframe title="{_safe(self.title)}" {frame} srcdoc="{escape(self.html)}"></iframe>'

    def __repr__(self) -> str:
        return f"{shown(self.title, breaks=True)}: a page of {len(self.html)} signs; .save('page.html') writes it"


@final
@dataclass(frozen=True, repr=False)
class Drawing:
    """A drawing as SVG, without script; a notebook shows it as it stands."""

    title: str
    svg: str

    def save(self, path: str | Path) -> Path:
        """Write it as SVG or within a page of HTML, whole or not at all.

        Raises:
            InputError: the name ends otherwise.
        """
        head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{_safe(self.title)}</title>'
        return _saved(path, {".svg": self.svg, ".html": f"{head}<body>{self.svg}</body></html>"})

    def _repr_html_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"{shown(self.title, breaks=True)}: a drawing; .save('drawing.svg') writes it"


def _saved(path: str | Path, content: Mapping[str, str]) -> Path:
    """The content for how the name ends, written."""
    ending = Path(path).suffix.lower()
    if ending not in content:
        raise InputError(
            Problem(
                text("this is written as {content}", content=either(content)),
                str(path),
                text("let the name end so"),
            )
        )
    write_whole(path, content[ending])
    return Path(path)
