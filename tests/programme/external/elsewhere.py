"""Keys that parties hold elsewhere, as tests make them, and what is signed with them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from gostcrypto import gosthash, gostsignature

from covolt.programme.external.gost import CURVES
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import PartyKey, sealed, statement_bytes
from tests.signed import Holder, private_key

GOST = "id-tc26-gost-3410-2012-256-paramSetB"
PRIVATE = {"ec": ec.generate_private_key(ec.SECP256R1()), "ed25519": ed25519.Ed25519PrivateKey.generate()}


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def certificate(
    private: Any,
    first: str = "2025-01-01",
    last: str = "2035-01-01",
    hashed: HashAlgorithm | None = None,
    **usage: bool,
) -> bytes:
    """A certificate that its holder has signed himself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "officer")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime.fromisoformat(first))
        .not_valid_after(datetime.datetime.fromisoformat(last))
    )
    if usage:
        every = dict.fromkeys(
            (
                "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
            ),
            False,
        )  # fmt: skip
        made = made.add_extension(x509.KeyUsage(**{**every, **usage}), critical=True)
    bare = isinstance(private, ed25519.Ed25519PrivateKey)
    return made.sign(private, None if bare else hashed or SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Gost:
    """A key of GOST R 34.10-2012, made of a number."""

    number: int = 20121107
    parameters: str = GOST

    @property
    def size(self) -> int:
        return CURVES[self.parameters].size_bytes

    @property
    def _signer(self) -> Any:
        known = gostsignature.CURVES_R_1323565_1_024_2019
        mode = gostsignature.MODE_256 if self.size == 32 else gostsignature.MODE_512
        return gostsignature.new(mode, known[CURVES[self.parameters].peer or self.parameters])

    @property
    def public(self) -> bytes:
        point = bytes(self._signer.public_key_generate(bytearray(self.number.to_bytes(self.size, "big"))))
        return point[: self.size][::-1] + point[self.size :][::-1]

    def sign(self, message: bytes) -> bytes:
        digest = bytes(gosthash.new(f"streebog{8 * self.size}", data=bytearray(message)).digest())
        private = bytearray(self.number.to_bytes(self.size, "big"))
        made = bytes(self._signer.sign(private, bytearray(digest[::-1])))
        return made[self.size :] + made[: self.size]


def document(
    senior: Holder,
    algorithm: str,
    public: bytes,
    roles: tuple[str, ...],
    parameters: str | None = None,
    held_by: Any = None,
    **changed: Any,
) -> PartyKey:
    """The key of a party that it holds elsewhere, for which one of Ed25519 vouches; its registration signed where it is held."""
    draft = PartyKey(
        **{
            "programme": senior.programme,
            "party": senior.party,
            "roles": roles,
            "algorithm": algorithm,
            "parameters": parameters,
            "public": public.hex(),
            "on": senior.on,
            "follows": senior.fingerprint,
            "signature": "0" * 128,
            **changed,
        }
    )
    made = sealed(draft, private_key(senior.seed))
    return (
        made if held_by is None else made.model_copy(update={"possession": bare(held_by, statement_bytes(made)).hex()})
    )


def bare(private: Any, message: bytes) -> bytes:
    """A bare detached signature."""
    if isinstance(private, Gost | ed25519.Ed25519PrivateKey):
        return private.sign(message)
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(message, padding.PKCS1v15(), SHA256())
    return private.sign(message, ec.ECDSA(SHA256()))


def signed(draft: KeyedSignOff, private: Any) -> KeyedSignOff:
    """A sign-off as its token signs it, bare."""
    return draft.model_copy(update={"signature": bare(private, statement_bytes(draft)).hex()})
