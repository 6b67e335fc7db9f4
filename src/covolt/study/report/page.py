"""The page of the report: one HTML file that needs no network, in two languages, for the screen and for paper."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from covolt.digits import number_text, probability_text, signed_text
from covolt.simulation.chart import chart_files, drawn
from covolt.simulation.ledger import Ledger
from covolt.simulation.sankey import sankey
from covolt.study.report.curves import chart_of
from covolt.study.report.document import MovedMargin, Report, RequirementRow
from covolt.study.report.seal import BLANK
from covolt.study.report.texts import CHANGED, COUNTRIES, FLOWS, TEXTS
from covolt.study.verdicts.printed_units import printed_unit
from covolt.units import UNITS
from covolt.words import LANGUAGES, Phrase, Words

__all__ = ["page"]

BAR_WIDTH, BAR_HEIGHT, FULL_SCALE = 150.0, 16.0, 0.30
Plain = dict[str, Any]


def page(content: Report, ledger: Ledger, language: str = "en") -> str:
    """HTML of the report; `language` is the one in which it opens."""
    folder = files("covolt") / "library" / "report"
    environment = Environment(
        loader=PackageLoader("covolt", "library/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: Plain = {
        "t": _text,
        "both": _both,
        "bar": _bar,
        "number": _number,
        "probability": _probability,
        "signed": _signed,
        "country": _country,
        "stated": _stated,
        "unit": _unit,
        "condition": _condition,
        "css": _css,
        "quoted": _quoted,
        "said": lambda key, language: TEXTS[key].said(language),
        "day": _day,
    }
    template = environment.get_template("page.html.j2", globals=words)
    style, script = chart_files()
    of_drive = list(map(chart_of, content.drive.charts))
    charts = [Markup(one) for one in drawn([*of_drive, *map(chart_of, content.curves)], LANGUAGES)]
    return template.render(
        c=content,
        titles={one.id: one.title for one in content.parties},
        slots={one.id: one.title for one in content.slots},
        language=language,
        blank=BLANK,
        gates_signed=[(gate, row) for gate in content.gates for row in gate.signatures if not row.idle],
        facts=json.dumps(
            {"covolt": content.covolt, "lock": content.lock, "date": content.date, "reader": content.reader}
            | {"base": content.base, "twin": content.digest}
        ),
        style=Markup((folder / "style.css").read_text(encoding="utf-8") + style),
        script=Markup((folder / "script.js").read_text(encoding="utf-8") + script),
        flows=_flows(ledger),
        charts=charts[: len(of_drive)],
        curves=list(zip(content.curves, charts[len(of_drive) :], strict=True)),
    )


def _both(words: Phrase | Mapping[str, str]) -> Markup:
    """A text in both languages; the page shows one."""
    en, ru = (words.said(one) if isinstance(words, Phrase) else words[one] for one in LANGUAGES)
    if en == ru:
        return escape(en)
    return Markup('<span lang="en">{}</span><span lang="ru">{}</span>').format(en, ru)


def _text(key: str) -> Markup:
    return _both(TEXTS[key])


def _css(standing: str) -> str:
    """Class of a verdict on the page."""
    return standing.replace(",", "").replace(" ", "-")


def _quoted(text: str) -> Markup:
    """A text as a string of CSS that nothing in it can end."""
    return Markup('"{}"').format(Markup(re.sub(r"[^\w .,:;()-]", lambda found: f"\\{ord(found[0]):x} ", text)))


def _unit(unit: str) -> Markup:
    """A unit as it is printed."""
    return _both(printed_unit(unit))


def _condition(stated: str | float) -> Markup:
    """A condition as its party wrote it, with its unit as it is printed."""
    if isinstance(stated, str):
        number, _, unit = stated.partition(" ")
        return _both(Words(stated)) if unit not in UNITS else Markup("{} {}").format(number, _unit(unit))
    return _number(stated)


def _day(day: str) -> Markup:
    """A day as it is written in either language: `2026-11-28`, `28.11.2026`."""
    return _both(Words(day, ".".join(reversed(day.split("-")))))


def _country(code: str) -> Markup:
    return _both(COUNTRIES.get(code, Words(code)))


def _stated(text: str) -> Markup:
    """What a change says: its first words in both languages, the names behind them as they are."""
    for words in CHANGED:
        if text == words.en or text.startswith(f"{words.en} "):
            return _both(Words(text, f"{words.ru}{text[len(words.en) :]}"))
    return escape(text)


def _number(value: float | None, digits: int = 4) -> Markup:
    """A number as people read it, in the notation of either language."""
    if value is None:
        return Markup("")
    return _both(Words(*(number_text(value, digits, language) for language in LANGUAGES)))


def _probability(value: float) -> Markup:
    """A probability to conform."""
    return _both(Words(*(probability_text(value, language) for language in LANGUAGES)))


def _signed(value: float, row: MovedMargin) -> Markup:
    """One number of a movement."""
    return _both(Words(*(signed_text(value, row.scale, language) for language in LANGUAGES)))


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
    """The Sankey in both languages, wide and narrow."""
    drawn: list[str] = []
    for width, css_class in ((960.0, "wide"), (360.0, "narrow")):
        english = sankey(ledger, width=width, css_class=css_class)
        russian = english.replace(" Wh, ", " Вт·ч, ").replace(
            "Energy from the battery to where it went", "Энергия от батареи до места расхода"
        )
        russian = re.sub(r"(\d)\.(\d %)", r"\1,\2", russian)
        for en, ru in FLOWS.items():
            russian = russian.replace(f">{en}<", f">{ru}<")
        drawn += [f'<div lang="en">{english}</div>', f'<div lang="ru">{russian}</div>']
    return Markup("".join(drawn))
