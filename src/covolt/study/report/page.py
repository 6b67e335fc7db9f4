"""The page of the report: one HTML file that needs no network, in every language, for the screen and for paper."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from covolt.catalogues import ENGLISH, decimal_mark, name_of
from covolt.digits import number_text, probability_text, signed_text
from covolt.simulation.chart import chart_files, drawn
from covolt.simulation.ledger import Ledger
from covolt.simulation.sankey import sankey
from covolt.study.report.conditions import cycle_said, quantity_said, unit_said
from covolt.study.report.curves import chart_of
from covolt.study.report.document import MovedMargin, Report, RequirementRow
from covolt.study.report.marks import degrees, marks, phrase
from covolt.study.report.seal import BLANK
from covolt.study.report.templates import template_of
from covolt.study.report.texts import CHANGED, COUNTRIES, FLOWS
from covolt.study.verdicts.unstated_number import unstated_hint, unstated_said
from covolt.words import Phrase, Words, day_said, joined, languages, text

__all__ = ["WORDS", "page"]

ACROSS = text("Energy from the battery to where it went")
GATHERED = 14
"""Signs between two texts that are gathered: they are written once more, and the marks of one text less."""
BAR_WIDTH, BAR_HEIGHT, FULL_SCALE = 150.0, 16.0, 0.30
Plain = dict[str, Any]


def page(content: Report, ledger: Ledger, language: str = "en") -> str:
    """HTML of the report; `language` is the one in which it opens."""
    folder = files("covolt") / "library" / "report"
    template = template_of("page.html.j2", WORDS)
    style, script = chart_files()
    of_drive = list(map(chart_of, content.drive.charts))
    charts = [Markup(one) for one in drawn([*of_drive, *map(chart_of, content.curves)], languages())]
    html = template.render(
        c=content,
        titles={one.id: one.title for one in content.parties},
        slots={one.id: one.title for one in content.slots},
        language=language,
        **marks(content),
        blank=BLANK,
        boxes=[(gate.title, one) for gate in content.gates for one in gate.signers],
        facts=json.dumps(
            {"covolt": content.covolt, "lock": content.lock, "date": content.date, "reader": content.reader}
            | {"state": content.state, "told": dict(content.told)}
            | {"base": content.base, "twin": content.digest}
        ),
        languages=[
            {
                "code": one,
                "name": name_of(one),
                "word": text("Language").said(one),
                "comma": decimal_mark(one) == ",",
            }
            for one in languages()
        ],
        style=Markup((folder / "style.css").read_text(encoding="utf-8") + style),
        script=Markup((folder / "script.js").read_text(encoding="utf-8") + script),
        flows=_flows(ledger),
        charts=charts[: len(of_drive)],
        curves=list(zip(content.curves, charts[len(of_drive) :], strict=True)),
    )
    return _gathered(re.sub(r"\n\s+", "\n", html))


def _gathered(html: str) -> str:
    """Texts in every language that stand side by side made one: `54.1` and `km` become `54.1 km`."""
    one = "".join(f"<i lang={code}>[^<]*</i>" for code in languages())

    def made(found: re.Match[str]) -> str:
        own = {code: re.sub(rf"<i lang=(?!{code}>)[^<]*</i>", "", found[0]) for code in languages()}
        return "".join(f"<i lang={code}>{re.sub('<[^>]*>', '', text)}</i>" for code, text in own.items())

    return re.sub(rf"{one}(?:[^<\n]{{0,{GATHERED}}}{one})+", made, html)


def _both(words: Phrase | Mapping[str, str]) -> Markup:
    """A text in every language; the page shows one."""
    said = words.said if isinstance(words, Phrase) else words.__getitem__
    return _each(lambda language: degrees(said(language)))


def _each(said: Callable[[str], str]) -> Markup:
    """What is said in each language; once where that is the same in all."""
    every = {language: said(language) for language in languages()}
    if len(set(every.values())) == 1:
        return escape(every[ENGLISH])
    return Markup("").join(Markup("<i lang={}>{}</i>").format(*one) for one in every.items())


def _text(key: str) -> Markup:
    return _both(phrase(key))


def _css(standing: str) -> str:
    """Class of a verdict on the page."""
    return standing.replace(",", "").replace(" ", "-")


def _quoted(plain: str) -> Markup:
    """A text as a string of CSS that nothing in it can end."""
    return Markup('"{}"').format(Markup(re.sub(r"[^\w .,:;()-]", lambda found: f"\\{ord(found[0]):x} ", plain)))


def _page_heads(content: Report) -> dict[str, Markup]:
    """Running heads of paper, by language: the script changes them with the language of the page."""

    def head(language: str) -> Markup:
        report, lock = phrase("report").said(language), text("lock", context="running head").said(language)
        day = f", {day_said(content.date).said(language)}" if content.date else ""
        told = f"{report} {content.digest[7:19]}, {lock} {content.lock[7:19]}{day}, covolt {content.covolt}"
        return Markup(
            "@media print {{ @page {{ @top-left {{ content: {}; }} @top-right {{ content: {}; }} }} }}"
        ).format(_quoted(content.title.said(language)), _quoted(told))

    return {language: head(language) for language in languages()}


def _unit(unit: str) -> Markup:
    """A unit as it is printed."""
    return _both(unit_said(unit))


def _condition(stated: str | float) -> Markup:
    """A condition as its party wrote it, with its unit as it is printed."""
    return _both(quantity_said(stated)) if isinstance(stated, str) else _number(stated)


def _day(day: str) -> Markup:
    """A day as it is written in each language: `2026-11-28`, `28.11.2026`."""
    return _both(day_said(day))


def _country(code: str) -> Markup:
    return _both(COUNTRIES.get(code, Words(code)))


def _stated(change: str) -> Markup:
    """What a change says: its first words in both languages, the names behind them as they are."""
    for words in CHANGED:
        if change == str(words) or change.startswith(f"{words} "):
            return _both(joined((words, change.removeprefix(str(words))), ""))
    return escape(change)


def _number(value: float | None, digits: int = 4) -> Markup:
    """A number as people read it, in the notation of either language."""
    if value is None:
        return Markup("")
    return _each(lambda language: number_text(value, digits, language))


def _probability(value: float) -> Markup:
    """A probability to conform."""
    return _each(lambda language: probability_text(value, language))


def _signed(value: float, row: MovedMargin) -> Markup:
    """One number of a movement."""
    return _each(lambda language: signed_text(value, row.scale, language))


def _bar(row: RequirementRow) -> Markup:
    """Margin over the bound as a bar from the middle, with two standard uncertainties as a line."""
    margin, bound = row.margin, row.bound
    if margin is None or bound is None:
        return Markup("")
    scale = abs(bound) or 1.0
    middle = BAR_WIDTH / 2.0

    def place(share: float) -> float:
        return middle + max(-1.0, min(1.0, share / FULL_SCALE)) * (middle - 2.0)

    end = place(margin / scale)
    expanded = (row.expanded or 0.0) / scale
    low, high = place(margin / scale - expanded), place(margin / scale + expanded)
    half = BAR_HEIGHT / 2.0
    return Markup(
        '<svg class="bar" viewBox="0 0 {w} {h}" aria-hidden="true"><line class="axis" x1="{m}" x2="{m}" y1="0" y2="{h}"/>'
        '<rect x="{x:.1f}" y="4" width="{n:.1f}" height="8" rx="1"/>'
        '<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{half}" y2="{half}"/></svg>'
    ).format(
        w=BAR_WIDTH,
        h=BAR_HEIGHT,
        m=middle,
        half=half,
        x=min(middle, end),
        n=max(abs(end - middle), 1.0),
        low=low,
        high=high,
    )


def _flows(ledger: Ledger) -> Markup:
    """The Sankey in every language, wide and narrow."""
    drawn: list[str] = []
    for width, css_class in ((960.0, "wide"), (360.0, "narrow")):
        picture = sankey(ledger, width=width, css_class=css_class)
        drawn += [f'<div lang="{one}">{_flows_said(picture, one)}</div>' for one in languages()]
    return Markup("".join(drawn))


def _flows_said(picture: str, language: str) -> str:
    """The Sankey with its names, unit and numbers as a language writes them."""
    said = picture.replace(" Wh, ", f" {unit_said('Wh').said(language)}, ")
    said = said.replace(str(ACROSS), ACROSS.said(language))
    said = re.sub(r"(\d)\.(\d %)", rf"\1{decimal_mark(language)}\2", said)
    for name in FLOWS:
        said = said.replace(f">{name}<", f">{name.said(language)}<")
    return said


WORDS: Plain = {
    "t": _text,
    "both": _both,
    "bar": _bar,
    "number": _number,
    "probability": _probability,
    "signed": _signed,
    "unstated_said": unstated_said,
    "unstated_hint": unstated_hint,
    "country": _country,
    "stated": _stated,
    "unit": _unit,
    "condition": _condition,
    "css": _css,
    "cycle_said": cycle_said,
    "page_heads": _page_heads,
    "said": lambda key, language: phrase(key).said(language),
    "day": _day,
}
"""What templates call, by name."""
