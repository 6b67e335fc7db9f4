"""Fields that the documents of a programme share: titles in two languages, names, quantities with their unit."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from covolt import units
from covolt.contract.document import refusal
from covolt.contract.terms import Day, a_day
from covolt.contract.title import Title, one_line
from covolt.errors import Problem, UnitError
from covolt.words import QUOTES, Language, Phrase, text

__all__ = [
    "IDENTIFIER",
    "LARGEST",
    "LARGEST_WEIGHT",
    "Date",
    "Digest",
    "Identifier",
    "SigningRole",
    "Title",
    "Titled",
    "a_day",
    "identifier_of",
    "in_latin",
    "one_line",
    "quantity_si",
    "quoted",
    "titled",
    "told",
    "too_far",
    "weighty",
]

LARGEST = 1e30
"""No number that parties state or exchange is further from 0, in SI or its own unit, so that what follows from it is finite."""
LARGEST_WEIGHT = 1e15
"""No weight is larger, nor smaller than one by it."""
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]


_CYRILLIC = re.compile(r"CYRILLIC (SMALL|CAPITAL) LETTER (.+)")
_LATIN: dict[str, str] = dict(
    zip(
        map(chr, range(0x430, 0x450)),  # the Russian alphabet as Unicode has it
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya".replace("-", "").split(" "),
        strict=True,
    )
)
_LATIN |= {"\N{CYRILLIC SMALL LETTER IO}": "e", "\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}": "i"}
_LATIN |= {"\N{CYRILLIC SMALL LETTER YI}": "yi", "\N{CYRILLIC SMALL LETTER UKRAINIAN IE}": "ye"}
_LATIN |= {"\N{CYRILLIC SMALL LETTER GHE WITH UPTURN}": "g", "\N{CYRILLIC SMALL LETTER SHORT U}": "u"}
_LATIN |= {"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"}
"""Letters of other alphabets in Latin ones; keys of requirements that were imported stand on it."""


def identifier_of(text: str) -> str:
    """A text as a name in Latin letters, digits, - and _; empty where nothing is left."""
    latin = "".join(sign if (one := in_latin(sign)) is None else one for sign in unicodedata.normalize("NFC", text))
    plain = "".join(one for one in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(one))
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")


def in_latin(sign: str) -> str | None:
    """A letter of another alphabet in Latin ones; None where the table has none."""
    written = _LATIN.get(sign.lower())
    return written.capitalize() if written is not None and sign.isupper() else written


def titled(text: str) -> Title:
    """A title in the language of its letters."""
    cyrillic = any(_CYRILLIC.fullmatch(unicodedata.name(sign, "")) for sign in text)
    return Title(ru=text) if cyrillic else Title(en=text)


Date = Day
"""A day of the calendar, as ISO 8601 writes it."""


Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


LONGEST_TITLE = 80
"""Signs of a quoted title; a longer one is cut."""
_QUOTES = re.compile(r"[\"\u00ab\u00bb\u201c-\u201f\u2033\u301d\u301e\uff02]")
_PLAIN = re.compile(r"[\w .'\u2019&/+-]*")


def quoted(text: str, longest: int | None = LONGEST_TITLE, language: Language = "en") -> str:
    """A party's words as a quotation of a language: in one line, and without a mark that would end it before they do."""
    plain = _QUOTES.sub("'", one_line(text))
    opened, closed = QUOTES.get(language, ('"', '"'))
    return f"{opened}{plain if longest is None or len(plain) <= longest else plain[: longest - 1] + '…'}{closed}"


def told(text: str) -> str:
    """A party's words in a line of covolt's: as they are where they are words alone, else as a quotation."""
    plain = one_line(text)
    return plain if _PLAIN.fullmatch(plain) and len(plain) <= LONGEST_TITLE else quoted(plain)


def _a_role(written: str) -> str:
    if one_line(written) != written:
        raise refusal(
            text("{text!r:.60} is no role: it breaks off", text=written),
            text("write it in one line, such as chief-engineer"),
        )
    return written


SigningRole = Annotated[str, Field(min_length=1), AfterValidator(_a_role)]
"""In what role a party signs, in one line: a second one would read as a line of covolt's."""


def _from_text(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


Titled = Annotated[Title, BeforeValidator(_from_text)]
"""A title; plain text is English."""


def quantity_si(written: str | float) -> tuple[float, str]:
    """SI value and SI unit of a number as written; a bare number is a ratio.

    Raises:
        UnitError: it is no number with a unit, or one that is too far from 0.
    """
    try:
        ratio = float(written)
    except ValueError:
        si_unit = units.unit_of(str(written)).si
        value_si = units.parse(str(written), si_unit)
        if (told := too_far(value_si, str(written))) is not None:
            raise UnitError(Problem(told[0], "", told[1])) from None
        return value_si, si_unit
    if not math.isfinite(ratio):
        raise UnitError(
            Problem(
                text("{text} is not a finite number", text=written),
                "",
                text("write a number, with its unit where it has one"),
            )
        )
    if (told := too_far(ratio)) is not None:
        raise UnitError(Problem(told[0], "", told[1]))
    return ratio, "1"


def weighty(value: float) -> float:
    """A weight of which sums and shares can be computed.

    Raises:
        PydanticCustomError: it is larger than `LARGEST_WEIGHT`, or smaller than one by it.
    """
    if not 1.0 / LARGEST_WEIGHT <= value <= LARGEST_WEIGHT:
        what = text("a weight of {value}", value=f"{value:g}")
        least, most = f"{1.0 / LARGEST_WEIGHT:g}", f"{LARGEST_WEIGHT:g}"
        raise refusal(what, text("give {least} to {most}, or choose another unit", least=least, most=most))
    return value


def too_far(value: float, written: str = "") -> tuple[Phrase, Phrase] | None:
    """Why a number is none that anything can be computed of, and a hint; None where it is not too far from 0."""
    if abs(value) <= LARGEST:
        return None
    hint = text("give a number from -{most} to {most}, or choose another unit", most=f"{LARGEST:g}")
    return text("{value} is too far from 0", value=written or f"{value:g}"), hint
