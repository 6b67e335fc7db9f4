"""Files of public keys and detached signatures as other programs write them: PEM, DER, hexadecimal digits."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography import x509

from covolt.errors import InputError, Problem
from covolt.programme.external import gost, stb
from covolt.programme.external.algorithms import Algorithm, parameter_sets
from covolt.programme.external.der import BITS, OCTETS, SEQUENCE, DerError, Element, oid_of, only
from covolt.words import text

__all__ = ["public_of", "signature_of"]

GOST_KEYS = {"1.2.643.7.1.1.1.1", "1.2.643.7.1.1.1.2"}
STB_KEY = "1.2.112.0.2.0.34.101.45.2.1"
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[\s:]*)+")


def signature_of(content: bytes) -> bytes:
    """A signature as its file holds it: armoured, in digits, or as it is."""
    armoured = _PEM.search(content)
    if armoured is not None:
        return _unarmoured(armoured[2])
    stripped = content.strip()
    return bytes.fromhex(re.sub(rb"[\s:]", b"", stripped).decode()) if _HEX.fullmatch(stripped) else content


def public_of(
    content: bytes, where: str, algorithm: Algorithm | None = None, parameters: str | None = None
) -> tuple[Algorithm, str | None, bytes]:
    """Algorithm, parameter set and public key of a file: a certificate or a public key says its own, digits say neither.

    Of a certificate of GOST or STB the key alone is taken: who issued it, and until when, is not judged here.
    """
    if b"PRIVATE KEY" in content:
        what = text("this is a private key, and covolt holds none of these")
        raise InputError(Problem(what, where, text("name the file of the certificate, or of the public key")))
    armoured = _PEM.search(content)
    stripped = content.strip()
    if armoured is None and _HEX.fullmatch(stripped):
        named, public = None, bytes.fromhex(re.sub(rb"[\s:]", b"", stripped).decode())
    else:
        named, public = _of_der(_unarmoured(armoured[2]) if armoured else content, where)
    return _agreed(named, public, where, (algorithm, parameters))


def _agreed(
    named: tuple[Algorithm, str | None] | None,
    public: bytes,
    where: str,
    asked: tuple[Algorithm | None, str | None],
) -> tuple[Algorithm, str | None, bytes]:
    """What a file says of its key, held against what somebody says of it."""
    algorithm, parameters = asked
    if named is None:
        if algorithm is None or algorithm == "x509":
            what = text("digits alone do not say of which algorithm they are")
            hint = text("add --algorithm gost-r-34.10-2012 or stb-34.101.45; a certificate is PEM or DER")
            raise InputError(Problem(what, where, hint))
        known = parameter_sets(algorithm)
        parameters = known[0] if parameters is None and len(known) == 1 else parameters
        if parameters not in known:
            what = text("digits alone do not say in which parameter set they are")
            raise InputError(Problem(what, where, text("add --parameters, one of: {sets}", sets=", ".join(known))))
        return algorithm, parameters, public
    for said, other in zip(named, asked, strict=True):
        if other is not None and other != said:
            what = text("the file says {said}, and you say {other}", said=said or "x509", other=other)
            raise InputError(Problem(what, where, text("leave the option out, or name another file")))
    return (*named, public)


def _unarmoured(body: bytes) -> bytes:
    try:
        return base64.b64decode(re.sub(rb"\s", b"", body), validate=True)
    except binascii.Error:
        return b""


def _of_der(der: bytes, where: str) -> tuple[tuple[Algorithm, str | None], bytes]:
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        certificate = None
    try:
        info = only(der).inner
        if certificate is not None:
            info = _key_info(certificate)
        oid, parameters = oid_of(info[0].of(SEQUENCE).inner[0]), info[0].inner[1:]
        bits = info[1].of(BITS).content[1:]
        if oid in GOST_KEYS:
            name = gost.OIDS[oid_of(parameters[0].of(SEQUENCE).inner[0])]
            return ("gost-r-34.10-2012", name), only(bits).of(OCTETS).content
        if oid == STB_KEY:
            return ("stb-34.101.45", stb.OIDS[oid_of(parameters[0])]), bits
    except (DerError, IndexError, KeyError) as error:
        what = text("this is no certificate, and no public key that is known here")
        hint = text("name a certificate, or a public key of GOST R 34.10-2012 or STB 34.101.45, in PEM or DER")
        raise InputError(Problem(what, where, hint)) from error
    if certificate is None:
        what = text("this is a bare public key of another algorithm")
        raise InputError(Problem(what, where, text("name its certificate")))
    return ("x509", None), der


def _key_info(certificate: x509.Certificate) -> list[Element]:
    """The elements of the public key of a certificate: the first sequence of it that holds an algorithm and bits."""
    body = only(certificate.tbs_certificate_bytes).inner
    return next(
        one.inner for one in body if one.tag == SEQUENCE and [each.tag for each in one.inner] == [SEQUENCE, BITS]
    )
