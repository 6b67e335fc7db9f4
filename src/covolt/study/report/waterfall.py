"""Who moved what, drawn: from a margin before over each party's contribution to the margin now, as HTML that needs no script.

Bars are stretched over their column, every text stands beside them and keeps its size at any width and on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import final

from covolt.digits import expanded_text, signed_text
from covolt.simulation.chart import spoken
from covolt.study.report.conditions import unit_said
from covolt.study.report.document import MovedMargin, Report
from covolt.words import Phrase, in_each, languages, text

__all__ = ["Fall", "colours_by_party", "crossed", "falls", "waterfall"]

COLOURS = ("blue", "orange", "green", "purple", "vermillion", "sky", "yellow")
"""Okabe and Ito's, for parties in the order in which a programme names them; what belongs to none is ink."""
ROUND = 1e-12
Margin = float
"""In the unit of its requirement."""
Share = float
"""Of the width of a column, in percent."""


@final
@dataclass(frozen=True)
class Fall:
    """One movement as it is drawn, and whether it led over the bound."""

    requirement: str
    crossed: bool
    html: str


@final
@dataclass(frozen=True)
class _Bar:
    """One row: its name, from where to where in the unit of the margin, what is written beside it."""

    name: Phrase
    begin: Margin
    end: Margin
    said: Phrase
    colour: str
    expanded: Margin = 0.0


def colours_by_party(content: Report) -> dict[str, str]:
    """The colour of each party that moved something, the same in every drawing of a report."""
    moved = () if content.since is None else content.since.parties
    named = (party.id for party in content.parties if party.id in moved)
    return {party: COLOURS[place % len(COLOURS)] for place, party in enumerate(named)}


def crossed(moved: MovedMargin) -> bool:
    """Whether a margin came to the other side of its bound."""
    return (moved.before < 0.0) != (moved.after < 0.0)


def falls(content: Report) -> list[Fall]:
    """Every movement, those that led over the bound first, and the largest beside its scale first."""
    if content.since is None:
        return []
    expanded = {row.requirement: row.expanded for party in content.parties for row in party.requirements}
    moved = sorted(
        content.since.differences, key=lambda one: (not crossed(one), -abs(one.total) / max(one.scale, ROUND))
    )
    titles = {one.id: one.title for one in content.parties}
    colours = colours_by_party(content)
    return [
        Fall(one.requirement, crossed(one), waterfall(one, titles, colours, expanded.get(one.requirement)))
        for one in moved
    ]


def waterfall(
    moved: MovedMargin,
    titles: Mapping[str, Phrase],
    colours: Mapping[str, str],
    expanded: Margin | None,
) -> str:
    """One movement; `expanded` is U of the margin now."""
    bars = list(_bars(moved, titles, colours, expanded or 0.0))
    ends = [
        0.0,
        *(value for one in bars for value in (one.begin, one.end, one.end - one.expanded, one.end + one.expanded)),
    ]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0

    def place(value: Margin) -> Share:
        return 2.0 + 96.0 * (value - low) / span

    unit = spoken(unit_said(moved.unit), languages())
    title = spoken(moved.title, languages())
    rows = "".join(_row(one, place(0.0), place) for one in bars)
    return (
        f'<figure class="fall"><figcaption><a href="#{escape(moved.requirement)}"><code>{escape(moved.requirement)}</code></a> '
        f"{title}, {unit}</figcaption><div>{rows}</div></figure>\n"
    )


def _bars(
    moved: MovedMargin, titles: Mapping[str, Phrase], colours: Mapping[str, str], expanded: Margin
) -> Iterator[_Bar]:
    yield _Bar(text("Margin before"), 0.0, moved.before, _signed(moved.before, moved.scale), "soft")
    reached = moved.before
    for party in [
        *(one for one in titles if one in moved.contributions),
        *(one for one in moved.contributions if one not in titles),
    ]:
        step = moved.contributions[party]
        if signed_text(step, moved.scale) != "0":
            name = titles.get(party) or text("the programme itself")
            yield _Bar(name, reached, reached + step, _signed(step, moved.scale), colours.get(party, "ink"))
        reached += step
    after = in_each(lambda language: expanded_text(moved.after, expanded, moved.scale, language))
    yield _Bar(text("Margin now"), 0.0, moved.after, after, "soft", expanded)


def _signed(value: Margin, scale: Margin) -> Phrase:
    return in_each(lambda language: signed_text(value, scale, language))


def _row(one: _Bar, zero: Share, place: Callable[[Margin], Share]) -> str:
    begin, end = sorted((place(one.begin), place(one.end)))
    whisker = ""
    if one.expanded:
        left, right = place(one.end - one.expanded), place(one.end + one.expanded)
        whisker = f'<i class="u" style="left:{left:.1f}%;width:{right - left:.1f}%"></i>'
    return (
        f'<span>{spoken(one.name, languages())}</span><div class="track"><i class="c-{one.colour}" '
        f'style="left:{begin:.1f}%;width:{max(end - begin, 0.4):.1f}%"></i>'
        f'<i class="zero" style="left:{zero:.1f}%"></i>{whisker}</div><span class="q">{spoken(one.said, languages())}</span>'
    )
