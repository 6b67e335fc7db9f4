"""Regulations and standards as each language cites them: their names of acts, annexes and steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from covolt.words import Phrase, Words, day_said, joined, text

__all__ = ["citation_said", "law_said"]

Said = Callable[[str], Phrase]
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAY = rf"\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}"


def _iso(day: str) -> str:
    number, month, year = day.split(" ")
    return f"{year}-{MONTHS.index(month) + 1:02d}-{int(number):02d}"


_FORMS: Sequence[tuple[str, Said]] = (
    (r"UN R(\d+(?:-H)?)", lambda number: text("UN R{number}", number=number)),
    (r"(?:UN )?GTR (\d+)", lambda number: text("UN GTR {number}", number=number)),
    (r"TR CU (\d+/\d+)", lambda number: text("TR CU {number}", number=number)),
    (r"GOST (R )?", lambda russian: text("GOST R ") if russian else text("GOST ")),
    (r"Regulation \(EU\) (\d+/\d+)", lambda number: text("Regulation (EU) {number}", number=number)),
    (r"\bEU (\d+/\d+)", lambda number: text("EU {number}", number=number)),
    (r"Annex (\w+)", lambda number: text("Annex {number}", number=number)),
    (r"Table (\w+(?:/\d+)?)", lambda number: text("Table {number}", number=number)),
    (r"\bstep (\d+)", lambda number: text("step {number}", number=number)),
    (
        r"Customs Union Commission decision (\d+)",
        lambda number: text("Customs Union Commission decision {number}", number=number),
    ),
    (rf"\bof ({DAY})", lambda day: text("of {day}", "date", day=day_said(_iso(day)))),
    (rf"\bto ({DAY})", lambda day: text("to {day}", "date", day=day_said(_iso(day)))),
    (rf"({DAY})", lambda day: day_said(_iso(day))),
    (r"(\d\d|\d) series", lambda number: text("{number} series", number=number)),
    (r"Supplement (\d+)", lambda number: text("Supplement {number}", number=number)),
    (r"\bRev\.(\d+)", lambda number: text("Rev.{number}", number=number)),
    (r"\bAmend\.(\d+)", lambda number: text("Amend.{number}", number=number)),
    (r"(?<![A-Za-z] )\bR(\d{1,3})\b", lambda number: text("R{number}", number=number)),
    (r"\btable (\d+)", lambda number: text("table {number}", number=number)),
    (r"Directive (\d+/\d+)/EEC", lambda number: text("Directive {number}/EEC", number=number)),
    (r"Suppl\. (\d+)", lambda number: text("Suppl. {number}", number=number)),
    (r"\bas required\b()", lambda _: text("as required")),
    (r"\bcustomer\b()", lambda _: text("customer", "who asks for a test")),
    (r"\bin preparation\b()", lambda _: text("in preparation")),
    (r"\bexample entry\b()", lambda _: text("example entry")),
    (r"\bstation normals\b()", lambda _: text("station normals")),
    (r"\blimit of the connected test\b()", lambda _: text("limit of the connected test")),
)
"""How citations are written in the tables, and how they are said; the catalogue of a language has its forms."""
_PHRASES = (
    text("mean fully developed deceleration"),
    text("draft of"),
    text("for the masses"),
    text("not the coolant's temperature, from which the 30-minute power follows"),
    text("not the limit of 125 km/h above which the connected test is asked for"),
    text("speed range above 90 % of the power"),
    text("reference programme"),
    text("cycles and downscaling of"),
    text("electrified vehicles are of class 3"),
    text("EPA answer"),
    text("certificates"),
    text("of the EPA, whose ranges the weights reproduce"),
    text("68 kg and 7 kg of luggage"),
    text("page of the publication; results as a test house prints them"),
    text("VECTO of the European Commission, public copy"),
    text("VECTO of the European Commission, resource tables"),
    text("type-approval officer of the example"),
    text("contracts of the programme"),
    text("scopes"),
    text("loads"),
)
"""Words of citations that stand as they are."""
_KNOWN: Sequence[tuple[str, Said]] = (
    (r",? and ()", lambda _: text(" and ", context="citation")),
    *((f"(?<![A-Za-z]){re.escape(str(one))}(?![A-Za-z])()", lambda _, one=one: one) for one in _PHRASES),
    *_FORMS,
)
_ANY = re.compile("|".join(f"(?:{form})" for form, _ in _KNOWN))


def citation_said(cited: str) -> Phrase:
    """A citation as each language writes it; what no form knows stays as it is."""
    parts: list[str | Phrase] = []
    begin = 0
    for found in _ANY.finditer(cited):
        parts.append(Words(cited[begin : found.start()]) if found.start() > begin else "")
        place = next(place for place, (form, _) in enumerate(_KNOWN) if re.fullmatch(form, found[0]))
        whole = re.fullmatch(_KNOWN[place][0], found[0])
        parts.append(_KNOWN[place][1]((whole and whole[1]) or ""))
        begin = found.end()
    parts.append(Words(cited[begin:]) if begin < len(cited) else "")
    return joined(parts, "") if any(parts) else Words()


_LAWS: Sequence[tuple[str, Said]] = (
    (r"at least()", lambda _: text("lower end", "open measure")),
    (r"at most()", lambda _: text("upper end", "open measure")),
    (r"glider at ([\d.]+) MRUB", lambda number: text("glider at {number} million RUB", number=float(number))),
    (r"cells at ([\d.]+) kg/kWh", lambda number: text("cells at {number} kg CO₂e/kWh", number=float(number))),
)


def law_said(law: str) -> Phrase:
    """The name of one of the estimates that disagree: those of covolt's tables in words, those of the literature as cited."""
    for form, said in _LAWS:
        if found := re.fullmatch(form, law):
            return said(found[1])
    return Words(law)
