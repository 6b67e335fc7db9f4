"""The curve of Ed25519: which public keys and signatures are refused before any library is asked (RFC 8032, 5.1).

OpenSSL verifies without asking these questions, so that a key of small order signs anything: with it the equation
[S]B = R + [k]A holds for many k that nobody chose. Refused are, as libsodium refuses them, public keys that are not canonical,
not on the curve or of small order, and signatures whose S is not below the order of the group or whose R is of small order
(J. Chalkias, F. Garillot and V. Nikolaenko, "Taming the many EdDSAs", 2020, 3).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from covolt.words import Phrase, text

__all__ = ["public_key_fault", "verifies"]

FIELD = 2**255 - 19
"""Prime p of the field."""
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Order L of the base point (RFC 8032, 5.1)."""
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD
"""d of the curve -x^2 + y^2 = 1 + d x^2 y^2."""
_EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL_ORDER = frozenset({0, 1, FIELD - 1, _EIGHTH, FIELD - _EIGHTH})
"""y of the eight points whose order divides the cofactor 8; x may have either sign."""
PUBLIC_BYTES, SIGNATURE_BYTES = 32, 64


def _y(encoded: bytes) -> int:
    """y of an encoded point; the highest bit is the sign of x."""
    return int.from_bytes(encoded, "little") & (2**255 - 1)


def _on_curve(y: int) -> bool:
    """Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a root (RFC 8032, 5.1.3)."""
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    return square == 0 or pow(square, (FIELD - 1) // 2, FIELD) == 1


def public_key_fault(public: bytes) -> str | Phrase:
    """Why 32 bytes are no public key of a party, in a person's words; empty where they are one."""
    if len(public) != PUBLIC_BYTES:
        return text(
            "a public key has {public_bytes} bytes, and this has {public}",
            public_bytes=PUBLIC_BYTES,
            public=len(public),
        )
    y = _y(public)
    if y >= FIELD:
        return text("the public key is not written canonically")
    if y in SMALL_ORDER:
        return text("the public key is of small order: with it anybody signs anything")
    return "" if _on_curve(y) else text("the public key is no point of the curve")


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature is by the holder of a public key over a message."""
    if len(signature) != SIGNATURE_BYTES or public_key_fault(public):
        return False
    nonce_y, scalar = _y(signature[:PUBLIC_BYTES]), int.from_bytes(signature[PUBLIC_BYTES:], "little")
    if nonce_y >= FIELD or nonce_y in SMALL_ORDER or scalar >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
