"""Signing: who passes a gate says so over the digest of what he passes, with a key that only he holds (Ed25519, RFC 8032)."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from covolt.contract.document import canonical_json
from covolt.errors import InputError, Problem
from covolt.files import write_new
from covolt.programme.gate import SignOff
from covolt.programme.party import Party

__all__ = ["new_key", "public_hex", "read_key", "sign", "signature_problem"]

_UNSIGNED = "0" * 128


def new_key(path: Path) -> str:
    """Make a private key, readable by its owner alone; the public key as hexadecimal digits. Never writes over a file."""
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not write_new(path, content, mode=0o600):
        hint = "name a new file: a key is never written over"
        raise InputError(Problem("there is a file here already", str(path), hint))
    return public_hex(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Private key from a PEM file that its owner alone can read."""
    try:
        others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        content = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise InputError(Problem(error.strerror or str(error), str(path), "check the path")) from error
    if others and os.name == "posix":
        what = "others than its owner can read or write this key"
        raise InputError(Problem(what, str(path), f"chmod 600 {path}, or make a new one if somebody may have read it"))
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(Problem("this is no readable private key", str(path), "make one: covolt key FILE")) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(Problem("the key is not an Ed25519 key", str(path), "make one: covolt key FILE"))
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """Public key of a private one, as it stands in a party's file."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _statement(signoff: SignOff) -> bytes:
    return b"covolt sign-off\n" + canonical_json(signoff, exclude={"signature"})


def sign(signoff: SignOff, key: Ed25519PrivateKey) -> SignOff:
    """The statement with its signature."""
    return signoff.model_copy(update={"signature": key.sign(_statement(signoff)).hex()})


def unsigned(gate: str, party: str, role: str, date: str, digest: str, remarks: str = "") -> SignOff:
    """A statement that is still to be signed."""
    return SignOff(gate=gate, party=party, role=role, date=date, digest=digest, remarks=remarks, signature=_UNSIGNED)


def signature_problem(signoff: SignOff, party: Party) -> str:
    """Why a signature does not count, in a person's words; empty where it does."""
    own = [one for one in party.keys if one.role == signoff.role]
    if not own:
        return f"{party.id} has no key for the role {signoff.role}"
    for one in own:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(one.ed25519)).verify(
                bytes.fromhex(signoff.signature), _statement(signoff)
            )
        except (InvalidSignature, ValueError):
            continue
        return ""
    return f"the signature is not by a key of {party.id} for {signoff.role}, or the statement was changed after it was signed"
