"""Regulations and standards as each language cites them: their names of acts, annexes and steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from covolt.words import Phrase, Words, joined, text

__all__ = ["citation_said"]

Said = Callable[[str], Phrase]
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
    (r"Suppl\. (\d+)", lambda number: text("Suppl. {number}", number=number)),
    (r"\bas required\b()", lambda _: text("as required")),
    (r"\bcustomer\b()", lambda _: text("customer", "who asks for a test")),
    (r"\bin preparation\b()", lambda _: text("in preparation")),
    (r"\bexample entry\b()", lambda _: text("example entry")),
    (r"\bstation normals\b()", lambda _: text("station normals")),
    (r"\blimit of the connected test\b()", lambda _: text("limit of the connected test")),
)
"""How citations are written in the tables, and how they are said; the catalogue of a language has its forms."""
_ANY = re.compile("|".join(f"(?:{form})" for form, _ in _FORMS))


def citation_said(cited: str) -> Phrase:
    """A citation as each language writes it; what no form knows stays as it is."""
    parts: list[str | Phrase] = []
    begin = 0
    for found in _ANY.finditer(cited):
        parts.append(Words(cited[begin : found.start()]) if found.start() > begin else "")
        place = next(place for place, (form, _) in enumerate(_FORMS) if re.fullmatch(form, found[0]))
        whole = re.fullmatch(_FORMS[place][0], found[0])
        parts.append(_FORMS[place][1]((whole and whole[1]) or ""))
        begin = found.end()
    parts.append(Words(cited[begin:]) if begin < len(cited) else "")
    return joined(parts, "") if any(parts) else Words()
