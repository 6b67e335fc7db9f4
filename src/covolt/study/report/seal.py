"""The digest that a report bears of itself: whether its page or twin is as it was written."""

from __future__ import annotations

import re
from hashlib import sha256

__all__ = ["BLANK", "blanked", "is_whole", "sealed", "stated"]

BLANK = f"sha256:{'0' * 64}"
"""Where the digest stands while it is taken."""
PLACES = re.compile(r'(?:<meta name="covolt-page" content="|\n "digest": ?")(sha256:[0-9a-f]{64})"')
"""In a page, and in its twin."""


def sealed(text: str) -> str:
    """The text with the digest of itself, taken with a blank in its place."""
    begin, end = _place(text)
    return text[:begin] + f"sha256:{sha256(blanked(text).encode()).hexdigest()}" + text[end:]


def blanked(text: str) -> str:
    """The text without its digest, whose place is kept."""
    begin, end = _place(text)
    return text[:begin] + BLANK + text[end:]


def stated(text: str) -> str:
    """The digest that a page or a twin bears."""
    begin, end = _place(text)
    return text[begin:end]


def is_whole(text: str) -> bool:
    """Whether the digest is that of the text."""
    return sealed(text) == text


def _place(text: str) -> tuple[int, int]:
    found = PLACES.search(text)
    if found is None:
        raise ValueError("it bears no digest")
    return found.span(1)
