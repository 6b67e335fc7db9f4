"""Signs that nobody sees and that change what a person sees: found in documents, and shown as what they are in a terminal."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

__all__ = ["ASCII_SIGNS", "HIDDEN", "alike", "apart", "escaped", "hidden", "mixed_words", "odd_signs", "shown"]

_CAN_VARY = "\u00a9\u00ae\u203c-\u3299\u3400-\u9fff\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff"
"""Signs of which Unicode has variants: pictures and ideographs."""
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u302a-\u302f\u3099\u309a\ua66f-\ua672"
    "\ua674-\ua67d\ufe20-\ufe2f"  # of every script
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f7e\u0f80-\u0f84"  # Thai, Lao, Tibetan
)
"""Marks that stand over, under or in the sign before them."""
MOST_MARKS = 8
"""On one sign, as Unicode's form for streams bounds them to 30; Vietnamese has two, Hebrew with its cantillation four."""
HIDDEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"  # control characters but for line break and tab
    "\u00ad\u034f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # hyphens and joins that are not seen; direction of writing
    "\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065\ufeff\ufff0-\ufffb"  # no width
    "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and patterns that are blank
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"  # the same of shorthand and music
    "\ud800-\udfff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"  # unpaired surrogates; tags
    f"|[{_MARKS}](?<=[{_MARKS}]{{{MOST_MARKS + 1}}})"  # marks that pile up over the lines around
    f"|(?<![{_CAN_VARY}])(?:[\ufe00-\ufe0e\U000e0100-\U000e01ef]|\ufe0f(?!\u20e3))"
)
"""Signs that nobody sees, and that turn, cut or stretch what is seen."""
_BREAKS = re.compile(r"[\t\n]")
_LETTERS = re.compile(r"[^\W\d_]+")
_ALPHABETS = ("LATIN", "CYRILLIC")
_PLAIN = {
    "±": "+/-",
    "−": "-",
    "–": "-",
    "—": "-",
    "‑": "-",
    "→": "->",
    "←": "<-",
    "⇒": "=>",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "≠": "!=",
    "×": "x",
    "·": "*",
    "°": "deg",
    "µ": "u",
    "μ": "u",
    "…": "...",
    "•": "*",
    "²": "2",
    "³": "3",
    "½": "1/2",
    "Ω": "ohm",
    "Δ": "d",
    "η": "eta",
    "σ": "sigma",
    "₂": "2",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "\u00a0": " ",
    "\u2009": " ",
    "\u202f": " ",
}
ASCII_SIGNS = "covolt-signs"
"""Name of the handler by which a terminal without a sign gets what people type instead of it."""

SHOWN_SIGNS = 19
"""Signs of a digest that a person compares: `sha256:` and twelve."""


def hidden(text: str) -> list[str]:
    """The hidden signs of a text: controls, direction, no width, blanks, tags, variants of nothing, halves, heaps of marks."""
    return HIDDEN.findall(text)


def shown(text: str, *, breaks: bool = False) -> str:
    r"""The text with each hidden sign as `\u{…}`; with `breaks`, line breaks and tabs too."""
    seen = HIDDEN.sub(_number, text)
    return _BREAKS.sub(_number, seen) if breaks else seen


def _number(found: re.Match[str]) -> str:
    return f"\\u{{{ord(found[0]):x}}}"


def escaped(json: str) -> str:
    """JSON with each hidden sign of its texts in the escapes of JSON."""
    return HIDDEN.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _units(found[0])), json)


def _units(sign: str) -> Iterator[int]:
    raw = sign.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(raw[k : k + 2], "big") for k in range(0, len(raw), 2))


def mixed_words(text: str) -> dict[str, str]:
    """Words in which Latin and Cyrillic letters stand together, each with the letters of the alphabet that it has fewer of."""
    found: dict[str, str] = {}
    for word in _LETTERS.findall(text):
        by_alphabet = {name: [x for x in word if unicodedata.name(x, "").startswith(name)] for name in _ALPHABETS}
        if all(by_alphabet.values()):
            name, letters = min(by_alphabet.items(), key=lambda one: len(one[1]))
            found[word] = f"{name.capitalize()} {', '.join(dict.fromkeys(letters))}"
    return found


_COMMON = re.compile(r"[\u0020-\u007e\u00a0\u00ab\u00bb\u2013\u2014\u2018\u2019\u201c-\u201e\u2116]")
"""Signs beside letters that names of organisations are written with in English and Russian."""
_PLAIN_LETTER = re.compile(
    r"(?:LATIN (?:SMALL|CAPITAL) (?:LETTER (?:[A-Z]|AE|SHARP S)|LIGATURE OE)(?: WITH |$)|CYRILLIC (?:SMALL|CAPITAL) LETTER )"
)


def odd_signs(text: str) -> list[str]:
    """Signs of a name that can look like others, or like none: letters of other alphabets, wide or small ones, rare dashes."""
    return [
        one
        for one in dict.fromkeys(text)
        if not _COMMON.match(one)
        and not (_PLAIN_LETTER.match(unicodedata.name(one, "")) and unicodedata.normalize("NFKC", one) == one)
    ]


_TWINS = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb0",
    "abekmhopctyxijsdqwho",
)
"""Cyrillic letters, and nought, as the Latin letters that look like them, large or small."""


def alike(name: str) -> str:
    """A name without what people do not tell apart: two that look or read alike give one text.

    Letters large or small, full-width forms, what stands between letters, and letters of one alphabet for those of another.
    """
    folded = unicodedata.normalize("NFKC", HIDDEN.sub("", name)).casefold()
    return "".join(one for one in folded if one.isalnum()).translate(_TWINS)


def _typed_instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign, "?") for sign in signs), error.end


codecs.register_error(ASCII_SIGNS, _typed_instead)


def apart(one: str, other: str) -> tuple[str, str]:
    """Two digests, short, and each where the two differ."""
    at = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    if at < SHOWN_SIGNS:
        return f"{one[:SHOWN_SIGNS]}…", f"{other[:SHOWN_SIGNS]}…"
    first, last = SHOWN_SIGNS - 8, max(at - 3, SHOWN_SIGNS)

    def shown(digest: str) -> str:
        return f"{digest[:first]}…{digest[last : last + 8]}{'…' if len(digest) > last + 8 else ''}"

    return shown(one), shown(other)
