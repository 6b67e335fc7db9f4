"""DER as far as certificates and detached signatures need it (ITU-T X.690, 10): strict, one element after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

__all__ = ["DerError", "Element", "elements", "oid_of", "only"]

SEQUENCE, SET, OCTETS, BITS, OID = 0x30, 0x31, 0x04, 0x03, 0x06
MOST_OCTETS_OF_LENGTH = 4


@final
class DerError(ValueError):
    """Bytes that are no DER, or not what is looked for."""


@final
@dataclass(frozen=True)
class Element:
    """One element: its tag, its content, and all of it as it was encoded."""

    tag: int
    content: bytes
    whole: bytes

    def of(self, tag: int) -> Element:
        """The element, which must have this tag."""
        if self.tag != tag:
            raise DerError
        return self

    @property
    def inner(self) -> list[Element]:
        """The elements that a constructed element holds, in order."""
        return elements(self.content)


def elements(encoded: bytes) -> list[Element]:
    """Every element of some bytes, to the last byte."""
    found: list[Element] = []
    while encoded:
        element = _first(encoded)
        found.append(element)
        encoded = encoded[len(element.whole) :]
    return found


def only(encoded: bytes) -> Element:
    """The one element that some bytes are."""
    found = elements(encoded)
    if len(found) != 1:
        raise DerError
    return found[0]


def _first(encoded: bytes) -> Element:
    if len(encoded) < 2 or encoded[0] & 0x1F == 0x1F:
        raise DerError
    length, start = encoded[1], 2
    if length & 0x80:
        count = length & 0x7F
        octets = encoded[2 : 2 + count]
        length, start = int.from_bytes(octets, "big"), 2 + count
        if not 0 < count <= MOST_OCTETS_OF_LENGTH or len(octets) < count or not octets[0] or length < 0x80:
            raise DerError  # without end, or longer than it need be: there is one encoding of each content
    if len(encoded) < start + length:
        raise DerError
    return Element(encoded[0], encoded[start : start + length], encoded[: start + length])


def oid_of(element: Element) -> str:
    """An object identifier in dots (X.690, 8.19)."""
    numbers, value = list[int](), 0
    for octet in element.of(OID).content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    if not numbers or element.content[-1] & 0x80:
        raise DerError
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
