"""Algorithms of keys that covolt never holds: which bytes are a key of one, and whether a signature is by its holder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from covolt.programme.external import gost, stb
from covolt.programme.external.cms import Cms, is_cms, read_cms
from covolt.words import Phrase, text

__all__ = [
    "ALGORITHMS",
    "NEEDS",
    "Algorithm",
    "days_of",
    "fingerprint_of",
    "heard",
    "parameter_sets",
    "public_fault",
]

Algorithm = Literal["x509", "gost-r-34.10-2012", "stb-34.101.45"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
NEEDS: Mapping[Algorithm, Phrase] = MappingProxyType(
    {
        "gost-r-34.10-2012": text("GOST R 34.10-2012 is verified where the extra is installed: covolt[gost]"),
        "stb-34.101.45": text("STB 34.101.45 is verified where the C library bee2 is installed"),
    }
)
"""What would verify a signature of an algorithm where it is not here; certificates are verified everywhere."""
SHA = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Hashes that the signature of a certificate's holder may take, by object identifier: SHA-1 is none of them."""
STREEBOG = {"1.2.643.7.1.1.2.2": 32, "1.2.643.7.1.1.2.3": 64}
"""Length of Streebog in bytes, by object identifier."""


def parameter_sets(algorithm: Algorithm) -> Sequence[str]:
    """Names of the parameter sets of an algorithm; a certificate names its own."""
    return {"x509": (), "gost-r-34.10-2012": tuple(gost.CURVES), "stb-34.101.45": (stb.CURVE,)}[algorithm]


def public_fault(algorithm: Algorithm, parameters: str, public: bytes) -> str:
    """Why some bytes are no public key of an algorithm and its parameter set, in a person's words; empty where they are one."""
    if algorithm == "x509":
        from covolt.programme.external import certificate  # loads much that no other key needs

        return certificate.certificate_fault(public)
    if algorithm == "stb-34.101.45":
        return stb.public_key_fault(public)
    return gost.public_key_fault(parameters, public)


def fingerprint_of(algorithm: Algorithm, parameters: str, public: bytes) -> str:
    """SHA-256 of a certificate, as others show it too, or of a bare key after the names of its algorithm and parameter set."""
    named = b"" if algorithm == "x509" else f"{algorithm}/{parameters}\n".encode()
    return hashlib.sha256(named + public).hexdigest()


def days_of(algorithm: Algorithm, public: bytes) -> tuple[str, str] | None:
    """First and last day on which a key may sign; None where it does not say."""
    if algorithm != "x509":
        return None
    from covolt.programme.external import certificate

    return certificate.days_of(public)


def heard(algorithm: Algorithm, parameters: str, public: bytes, signature: bytes, message: bytes) -> bool | None:
    """Whether a detached signature, bare or in CMS, is by the holder of a key; None where nothing here can tell."""
    if not is_cms(signature):
        return _bare(algorithm, parameters, public, signature, message)
    cms = read_cms(signature)
    if cms is None or not _fits(cms, algorithm, parameters):
        return False
    over = cms.signed_over(message, _digest)
    if not isinstance(over, bytes):
        return over
    return _bare(algorithm, parameters, public, cms.signature, over, SHA.get(cms.hash_oid, ""))


def _bare(
    algorithm: Algorithm, parameters: str, public: bytes, signature: bytes, message: bytes, sha: str = ""
) -> bool | None:
    if algorithm == "x509":
        from covolt.programme.external import certificate

        return certificate.verifies(public, signature, message, sha)
    if algorithm == "stb-34.101.45":
        return stb.verifies(public, signature, message)
    return gost.verifies(parameters, public, signature, message)


def _fits(cms: Cms, algorithm: Algorithm, parameters: str) -> bool:
    """Whether the hash of a detached signature is one of the algorithm's: a weaker one, or another's, is refused."""
    if algorithm == "x509":
        return cms.hash_oid in SHA
    if algorithm == "stb-34.101.45":
        return cms.hash_oid == stb.BELT_HASH
    return STREEBOG.get(cms.hash_oid) == gost.CURVES[parameters].size_bytes


def _digest(hash_oid: str, message: bytes) -> bytes | None:
    if hash_oid in STREEBOG:
        return gost.digest(STREEBOG[hash_oid], message)
    if hash_oid == stb.BELT_HASH:
        return stb.digest(message)
    return hashlib.new(SHA[hash_oid], message).digest()
