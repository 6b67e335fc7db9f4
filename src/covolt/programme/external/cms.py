"""Detached signatures of one signer as tokens write them: CMS SignedData (RFC 5652, 5), the body of CAdES and of .p7s files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from covolt.programme.external.der import OCTETS, SEQUENCE, SET, DerError, Element, oid_of, only

__all__ = ["Cms", "is_cms", "read_cms"]

SIGNED_DATA, DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
CONSTRUCTED_0, CONSTRUCTED_1 = 0xA0, 0xA1
Digest = Callable[[str, bytes], bytes | None]
"""Digest of some bytes by the hash of an object identifier; None where nothing here computes it."""


@final
@dataclass(frozen=True)
class Cms:
    """What one signer signed: with which hash, over which attributes, and the signature."""

    hash_oid: str
    attributes: bytes
    """As they are signed; empty where the content itself is."""
    stated: bytes
    """Digest of the content that the attributes state."""
    signature: bytes

    def signed_over(self, message: bytes, digest: Digest) -> bytes | bool | None:
        """The bytes that the signature is over; False where they are not of this message, None where nothing here can tell."""
        if not self.attributes:
            return message
        computed = digest(self.hash_oid, message)
        if computed is None:
            return None
        return self.attributes if computed == self.stated else False


def is_cms(signature: bytes) -> bool:
    """Whether a signature stands in a CMS SignedData, and is not bare."""
    try:
        return oid_of(only(signature).of(SEQUENCE).inner[0]) == SIGNED_DATA
    except (DerError, IndexError):
        return False


def read_cms(signature: bytes) -> Cms | None:
    """The one signer of a detached signature; None where it is damaged, holds its content, or has several signers."""
    try:
        outer, wrapped = only(signature).of(SEQUENCE).inner
        if oid_of(outer) != SIGNED_DATA:
            return None
        _, _, content, *rest = only(wrapped.of(CONSTRUCTED_0).content).of(SEQUENCE).inner
        (kind,) = content.of(SEQUENCE).inner  # a second element would be the content: it is not detached then
        signers = rest[-1].of(SET).inner
        return _signer(signers[0]) if len(signers) == 1 and oid_of(kind) == DATA else None
    except (DerError, ValueError, IndexError):
        return None


def _signer(signer: Element) -> Cms:
    _, _, hash_algorithm, *rest = signer.of(SEQUENCE).inner
    attributes = rest.pop(0) if rest[0].tag == CONSTRUCTED_0 else None
    _, value, *unsigned = rest
    if len(unsigned) > 1 or any(one.tag != CONSTRUCTED_1 for one in unsigned):
        raise DerError
    hash_oid, signature = oid_of(hash_algorithm.of(SEQUENCE).inner[0]), value.of(OCTETS).content
    if attributes is None:
        return Cms(hash_oid, b"", b"", signature)
    stated = dict[str, Element]()
    for one in attributes.inner:
        name, values = one.of(SEQUENCE).inner
        if oid_of(name) in stated:
            raise DerError
        stated[oid_of(name)] = only(values.of(SET).content)
    if not {CONTENT_TYPE, MESSAGE_DIGEST} <= stated.keys() or oid_of(stated[CONTENT_TYPE]) != DATA:
        raise DerError
    # They are signed as the set that they are, not under the tag by which the signer names them (RFC 5652, 5.4).
    return Cms(hash_oid, bytes([SET]) + attributes.whole[1:], stated[MESSAGE_DIGEST].of(OCTETS).content, signature)
