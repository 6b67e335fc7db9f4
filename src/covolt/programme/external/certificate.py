"""Certificates (X.509, RFC 5280) of Ed25519, ECDSA or RSA: trusted by their fingerprint alone, never by who issued them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

__all__ = ["certificate_fault", "days_of", "verifies"]

RSA_BITS = range(2048, 8193)
"""Below, they are broken within a century's computing; above, verifying one takes a machine its time."""
HASHES: Mapping[str, HashAlgorithm] = MappingProxyType({"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()})
CURVES: Mapping[str, str] = MappingProxyType({"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"})
"""Curves of ECDSA, each with the hash of its strength (FIPS 186-5, 6.1.1)."""


@lru_cache(maxsize=256)
def _read(certificate: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(certificate)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def certificate_fault(certificate: bytes) -> str:
    """Why some bytes are no certificate that may sign, in a person's words; empty where they are one."""
    read = _read(certificate)
    if read is None:
        return "this is no certificate (X.509 in DER)"
    try:
        weak = read.signature_hash_algorithm is not None and read.signature_hash_algorithm.digest_size < 32
        return "the certificate is signed over a hash that is broken (MD5, SHA-1)" if weak else _key_fault(read)
    except (UnsupportedAlgorithm, ValueError):
        return "the key of the certificate is none of Ed25519, ECDSA (P-256, P-384, P-521) and RSA"


def _key_fault(read: x509.Certificate) -> str:
    public = read.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        if public.key_size not in RSA_BITS:
            return f"an RSA key has {RSA_BITS.start} to {RSA_BITS.stop - 1} bits, and this has {public.key_size}"
    elif isinstance(public, ec.EllipticCurvePublicKey):
        if public.curve.name not in CURVES:
            return f"the curve {public.curve.name} is none of P-256, P-384 and P-521"
    elif not isinstance(public, ed25519.Ed25519PublicKey):
        return "the key of the certificate is none of Ed25519, ECDSA (P-256, P-384, P-521) and RSA"
    purposes = [one for one in read.extensions if isinstance(one.value, x509.ExtendedKeyUsage)]
    if purposes and {*purposes[0].value} == {ExtendedKeyUsageOID.SERVER_AUTH}:
        return "the certificate says that its key is for other things than signing"
    try:
        usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    signs = usage.digital_signature or usage.content_commitment
    return "" if signs else "the certificate says that its key is for other things than signing"


def days_of(certificate: bytes) -> tuple[str, str]:
    """First and last day of a certificate, by UTC."""
    read = _read(certificate)
    if read is None:
        raise RuntimeError("a key with no certificate was taken for one")
    first, last = (one.astimezone(UTC) for one in (read.not_valid_before_utc, read.not_valid_after_utc))
    return first.date().isoformat(), last.date().isoformat()


@lru_cache(maxsize=256)
def verifies(certificate: bytes, signature: bytes, message: bytes, taken: str = "") -> bool:
    """Whether a signature is by the holder of a certificate over a message.

    RSA signs by PKCS #1 1.5 over SHA-256 and ECDSA over the hash of its curve's strength, where no other hash is `taken`.
    """
    read = _read(certificate)
    if read is None or certificate_fault(certificate):
        return False
    public = read.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, padding.PKCS1v15(), HASHES[taken or "sha256"])
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(HASHES[taken or CURVES[public.curve.name]]))
        elif isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, message)
        else:
            return False
    except InvalidSignature:
        return False
    return True
