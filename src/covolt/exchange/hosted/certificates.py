"""Certificates by which hub and parties know each other (X.509): made, issued, revoked, and each refusal by its reason.

Keys are ECDSA on P-256: the TLS library of gRPC takes no certificate of Ed25519, with which parties sign their word.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast, final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from covolt.errors import InputError, Problem
from covolt.words import Phrase, text

__all__ = [
    "REFUSALS",
    "Identity",
    "Refusal",
    "Trust",
    "addresses_of",
    "certificate_from",
    "expiry_of",
    "issued",
    "key_matches",
    "name_of",
    "new_authority",
    "new_key",
    "read_private_key",
    "request_from",
    "requested",
    "revocation_list",
]

BEFORE = timedelta(minutes=10)
"""By which a certificate counts before it is issued: clocks differ."""
EPOCH_DAYS = 36500

Refusal = Literal["foreign", "expired", "early", "revoked", "nameless", "other", "stale"]
REFUSALS: Mapping[str, Phrase] = {
    "foreign": text("its certificate was issued by nobody whom this hub trusts for it"),
    "expired": text("its certificate has expired"),
    "early": text("its certificate does not count yet"),
    "revoked": text("its certificate was revoked"),
    "nameless": text("its certificate names no party"),
    "other": text("its certificate names another party"),
    "stale": text("the list of revoked certificates is not signed by the authority"),
}


@final
@dataclass(frozen=True)
class Identity:
    """What one side shows: its private key, its certificate, and those of the authorities that it trusts, all PEM."""

    key: bytes = field(repr=False)
    certificate: bytes
    authorities: bytes


def new_key() -> bytes:
    """A private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_private_key(content: bytes, where: str) -> ec.EllipticCurvePrivateKey:
    """A private key from PEM.

    Raises:
        InputError: it is none, or of a kind that TLS does not take here.
    """
    key = None
    with suppress(ValueError, TypeError):
        key = load_pem_private_key(content, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        hint = text("name the file that covolt made beside the request, or a key of ECDSA of your own authority")
        raise InputError(Problem(text("this is no private key of ECDSA"), where, hint))
    return key


def certificate_from(content: bytes, where: str) -> x509.Certificate:
    """The first certificate of a PEM file.

    Raises:
        InputError: there is none.
    """
    with suppress(ValueError):
        return x509.load_pem_x509_certificate(content)
    raise InputError(
        Problem(text("this is no certificate"), where, text("give a certificate of X.509 in PEM: BEGIN CERTIFICATE"))
    )


def request_from(content: bytes, where: str) -> x509.CertificateSigningRequest:
    """A request for a certificate whose maker holds the key.

    Raises:
        InputError: it is none, or not signed by its own key.
    """
    with suppress(ValueError, InvalidSignature):
        request = x509.load_pem_x509_csr(content)
        if request.is_signature_valid:
            return request
    raise InputError(
        Problem(text("this is no request for a certificate"), where, text("make one: covolt authority request"))
    )


def requested(party: str, key: bytes) -> bytes:
    """A request for a certificate in a party's name, signed by the key that it is for; PEM."""
    private = read_private_key(key, "")
    request = x509.CertificateSigningRequestBuilder().subject_name(_named(party)).sign(private, hashes.SHA256())
    return request.public_bytes(Encoding.PEM)


def new_authority(programme: str, key: bytes, at: datetime, days: int = 3650) -> bytes:
    """The certificate of a programme's authority, by its own key; PEM."""
    private = read_private_key(key, "")
    name = _named(f"{programme} authority")
    made = _begun(name, name, private.public_key(), at, days)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_usage(signs=True), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)


def issued(
    authority_key: bytes,
    authority: bytes,
    request: bytes,
    name: str,
    at: datetime,
    *,
    days: int = 90,
    addresses: Sequence[str] = (),
) -> bytes:
    """A certificate for the key of a request, in the name of a party; one with `addresses` is a hub's. PEM."""
    private, issuer = read_private_key(authority_key, "authority"), certificate_from(authority, "authority")
    wanted = request_from(request, name)
    key = cast("ec.EllipticCurvePublicKey", wanted.public_key())
    made = _begun(_named(name), issuer.subject, key, at, days)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(signs=False), critical=True)
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if addresses else ExtendedKeyUsageOID.CLIENT_AUTH
    made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if addresses:
        made = made.add_extension(x509.SubjectAlternativeName([_address(one) for one in addresses]), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key())
    made = made.add_extension(identifier, critical=False)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)


def revocation_list(authority_key: bytes, authority: bytes, revoked: Mapping[int, datetime], at: datetime) -> bytes:
    """The authority's signed list (RFC 5280) of serial numbers that count no longer; PEM."""
    private, issuer = read_private_key(authority_key, "authority"), certificate_from(authority, "authority")
    made = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(at)
    made = made.next_update(at + timedelta(days=EPOCH_DAYS))
    for serial, on in sorted(revoked.items()):
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(on).build()
        made = made.add_revoked_certificate(one)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)


def name_of(certificate: x509.Certificate) -> str:
    """Whom a certificate names; empty where it names nobody, or several."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def addresses_of(certificate: bytes) -> tuple[str, ...]:
    """Hosts, by name or number, for which a hub's certificate is made."""
    with suppress(x509.ExtensionNotFound):
        found = certificate_from(certificate, "").extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return tuple(str(one.value) for one in found.value)
    return ()


def expiry_of(certificate: bytes) -> datetime:
    """Until when a certificate counts."""
    return certificate_from(certificate, "").not_valid_after_utc


@final
@dataclass(frozen=True)
class Trust:
    """Whose certificates count: the programme's authority for every party, a party's own authority for that party alone."""

    authority: bytes = b""
    own: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """PEM of a party's own authority by the name of the party."""
    revoked: Sequence[bytes] = ()
    """Lists of revoked certificates, PEM, each signed by one of these authorities."""
    issued: Sequence[bytes] = ()
    """Certificates that the authority has issued, as far as the hub knows them: they tell why a party that is absent may be."""

    def bundle(self) -> bytes:
        """Certificates of all of them, PEM, for the handshake."""
        return b"\n".join(one for one in (self.authority, *self.own.values()) if one)

    def judged(self, content: bytes, at: datetime) -> tuple[str, Refusal | None]:
        """Whom a certificate names, and why it does not count; None where it does."""
        try:
            certificate = x509.load_pem_x509_certificate(content)
        except ValueError:
            return "", "foreign"
        party = name_of(certificate)
        issuer = self._issuer(certificate, party)
        if not party:
            return "", "nameless"
        if issuer is None:
            return party, "foreign"
        if at > certificate.not_valid_after_utc:
            return party, "expired"
        if at < certificate.not_valid_before_utc:
            return party, "early"
        return party, self._revocation(certificate, issuer)

    def absence(self, party: str, at: datetime) -> Refusal | None:
        """Why a party cannot come: the reason of its last certificate, where none that is known counts."""
        known = (self.judged(one, at) for one in self.issued)
        found: list[Refusal | None] = [why for name, why in known if name == party]
        return found[-1] if found and None not in found else None

    def _issuer(self, certificate: x509.Certificate, party: str) -> x509.Certificate | None:
        for content in (self.authority, self.own.get(party, b"")):
            if content:
                one = x509.load_pem_x509_certificate(content)
                with suppress(ValueError, TypeError, InvalidSignature):
                    certificate.verify_directly_issued_by(one)
                    return one
        return None

    def _revocation(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Refusal | None:
        for content in self.revoked:
            known = x509.load_pem_x509_crl(content)
            if known.issuer != issuer.subject:
                continue
            if not known.is_signature_valid(cast("ec.EllipticCurvePublicKey", issuer.public_key())):
                return "stale"
            if known.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
                return "revoked"
        return None


def key_matches(key: bytes, certificate: bytes) -> bool:
    """Whether a private key is that of a certificate."""
    public = read_private_key(key, "").public_key()
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public.public_bytes(*form) == certificate_from(certificate, "").public_key().public_bytes(*form)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _address(one: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(one))
    except ValueError:
        return x509.DNSName(one)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(at - BEFORE).not_valid_after(at + timedelta(days=days))


def _usage(*, signs: bool) -> x509.KeyUsage:
    off = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, **off)


def certificates_of(content: bytes) -> Iterable[x509.Certificate]:
    """All certificates of a PEM bundle."""
    return x509.load_pem_x509_certificates(content)
