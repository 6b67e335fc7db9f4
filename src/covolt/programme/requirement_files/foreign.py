"""What another tool's ReqIF says: formatted text without losing its meaning, and keys that keep apart what was apart."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from covolt.programme.text import in_latin

__all__ = ["apart", "key_of", "plain_text", "shifted"]

_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "big", "cite", "code", "dfn", "em", "font", "i", "ins", "kbd", "q", "samp", "small")
) | frozenset(("span", "strong", "sub", "sup", "tt", "u", "var"))
_GONE = frozenset({"del", "s", "strike"})
_STRUCK = re.compile(r"text-decoration[^;]*line-through|display\s*:\s*none", re.IGNORECASE)
_SHIFTED = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def plain_text(formatted: Element) -> str:
    """Text of an XHTML element in one line.

    What was deleted is gone, blocks and breaks part words and inline markup does not, raised and lowered text stays so: 10⁶, CO₂,
    v_max, where Unicode has no sign of its own ^ or _ before it.
    """
    return re.sub(r"\s+", " ", "".join(_pieces(formatted))).strip()


def _pieces(element: Element) -> Iterator[str]:
    name = str(element.tag).rpartition("}")[2].lower()
    if name in _GONE or _STRUCK.search(element.get("style", "")):
        return
    inner = "".join(
        [element.text or "", *(piece for child in element for piece in (*_pieces(child), child.tail or ""))]
    )
    styled = _SHIFTED.search(element.get("style", ""))
    if name in {"sup", "sub"} or styled:
        yield shifted(inner.strip(), raised=name == "sup" or (styled is not None and styled[1].lower() == "super"))
    elif name in _INLINE:
        yield inner
    else:
        yield f" {inner} "


def shifted(text: str, *, raised: bool) -> str:
    """Raised or lowered text in the signs that Unicode has; marked by ^ or _ where one is missing."""
    moved = text.translate(_RAISED if raised else _LOWERED)
    if not text or all(a != b for a, b in zip(text, moved, strict=True)):
        return moved
    mark = "^" if raised else "_"
    return f"{mark}{text}" if text.isalnum() else f"{mark}({text})"


def key_of(raw: str, prefix: str = "") -> str:
    """A key in the letters that names of requirements have; other alphabets in Latin letters, other signs by their number."""
    has_it = raw.startswith(prefix) and not raw[len(prefix) :][:1].isalpha()
    whole = raw if not prefix or has_it else f"{prefix}{'' if prefix[-1] in '-_' else '-'}{raw}"
    key = re.sub(r"-+", "-", re.sub(r"[^A-Za-z0-9_-]+", "-", "".join(map(_letter, whole)))).strip("-_")
    return f"R-{key}" if key.isdigit() else key


def _letter(sign: str) -> str:
    if sign.isascii():
        return sign
    if (latin := in_latin(sign)) is not None:
        return latin
    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return bare or (f"u{ord(sign):04x}" if sign.isalnum() else "-")


def apart(keys: Sequence[str], raws: Sequence[str], owners: Sequence[str]) -> list[str]:
    """Keys of which no two are alike: by the names of their specifications where these differ, else by what stood there."""
    twice = _repeated(keys)
    found = [
        key_of(key, key_of(owner)) if owner and key.casefold() in twice else key
        for key, owner in zip(keys, owners, strict=True)
    ]
    twice = _repeated(found)
    return [
        f"{key}-{hashlib.sha256(raw.encode()).hexdigest()[:6]}" if key.casefold() in twice else key
        for key, raw in zip(found, raws, strict=True)
    ]


def _repeated(keys: Sequence[str]) -> set[str]:
    return {key for key, count in Counter(key.casefold() for key in keys).items() if count > 1}
