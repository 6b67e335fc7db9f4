"""STB 34.101.45 (bign) over belt-hash (STB 34.101.31), by the C library bee2 where it is installed; no registry has it.

A public key has 64 bytes and a signature 48, as the standard writes them: the curve bign-curve256v1, 128 bits of security.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache

__all__ = ["CURVE", "OIDS", "SIGNATURE_BYTES", "digest", "installed", "public_key_fault", "verifies"]

CURVE = "bign-curve256v1"
OIDS = {"1.2.112.0.2.0.34.101.45.3.1": CURVE}
BELT_HASH = "1.2.112.0.2.0.34.101.31.81"
PUBLIC_BYTES, SIGNATURE_BYTES, DIGEST_BYTES = 64, 48, 32
PARAMETERS_BYTES = 4 + 5 * 64 + 8
"""Of bee2's `bign_params`: level, p, a, b, q and y of the base point, and the seed."""
OCTETS_OF_OID = 32


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    """The library, found by its name as the system finds libraries; None where it is not installed."""
    name = ctypes.util.find_library("bee2")
    try:
        return ctypes.CDLL(name) if name else None
    except OSError:
        return None


def installed() -> bool:
    """Whether the library is here."""
    return _library() is not None


def _parameters(library: ctypes.CDLL) -> ctypes.Array[ctypes.c_char]:
    """The curve as the library knows it, under the name of the function that its release has."""
    made = ctypes.create_string_buffer(PARAMETERS_BYTES)
    name = "bignParamsStd" if hasattr(library, "bignParamsStd") else "bignStdParams"
    if getattr(library, name)(made, next(iter(OIDS)).encode()):
        raise RuntimeError("bee2 does not know the curve of STB 34.101.45")
    return made


@lru_cache(maxsize=256)
def public_key_fault(public: bytes) -> str:
    """Why some bytes are no public key, in a person's words; empty where they are one, or the library is not here to tell."""
    if len(public) != PUBLIC_BYTES:
        return f"a public key of {CURVE} has {PUBLIC_BYTES} bytes, and this has {len(public)}"
    library = _library()
    if library is None:
        return ""
    name = "bignPubkeyVal" if hasattr(library, "bignPubkeyVal") else "bignValPubkey"
    wrong = getattr(library, name)(_parameters(library), public)
    return f"the public key is no point of the curve {CURVE}" if wrong else ""


def digest(message: bytes) -> bytes | None:
    """belt-hash of a message; None where the library is not here."""
    library = _library()
    if library is None:
        return None
    made = ctypes.create_string_buffer(DIGEST_BYTES)
    if library.beltHash(made, message, ctypes.c_size_t(len(message))):
        raise RuntimeError("bee2 computes no belt-hash")
    return made.raw


def verifies(public: bytes, signature: bytes, message: bytes) -> bool | None:
    """Whether a signature is by the holder of a key over a message (STB 34.101.45, 7.1.4); None where nothing here can tell."""
    library, hashed = _library(), digest(message)
    if public_key_fault(public) or len(signature) != SIGNATURE_BYTES:
        return False
    if library is None or hashed is None:
        return None
    oid, length = ctypes.create_string_buffer(OCTETS_OF_OID), ctypes.c_size_t(OCTETS_OF_OID)
    if library.bignOidToDER(oid, ctypes.byref(length), BELT_HASH.encode()):
        raise RuntimeError("bee2 does not know belt-hash by its name")
    return library.bignVerify(_parameters(library), oid, length, hashed, signature, public) == 0
