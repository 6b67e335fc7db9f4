"""Signing: who passes a gate says so over the digest of what he passes, with a key that only he holds (Ed25519, RFC 8032)."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from covolt.contract.document import canonical_json
from covolt.errors import Conflict, Forbidden, InputError, Problem, system_said
from covolt.files import kind_of_refusal, write_new
from covolt.programme.curve import verifies
from covolt.programme.gate import SignOff
from covolt.programme.keys import fingerprint_of
from covolt.programme.party import Party
from covolt.words import Phrase, Words, text

__all__ = ["new_key", "old_key_of", "public_hex", "read_key", "signature_problem"]


def new_key(path: Path) -> str:
    """Make a private key, readable by its owner alone; the public key as hexadecimal digits. Never writes over a file."""
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not write_new(path, content, mode=0o600):
        hint = text("name a new file: a key is never written over")
        raise Conflict(Problem(text("there is a file here already"), str(path), hint))
    return public_hex(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Private key from a PEM file that its owner alone can read."""
    try:
        others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        content = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise kind_of_refusal(error)(Problem(system_said(error), str(path), text("check the path"))) from error
    if others and os.name == "posix":
        what = text("others than its owner can read or write this key")
        raise Forbidden(
            Problem(
                what,
                str(path),
                text("chmod 600 {path}, or make a new one if somebody may have read it", path=str(path)),
            )
        )
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(
            Problem(text("this is no readable private key"), str(path), text("make one: covolt key new FILE"))
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            Problem(text("the key is not an Ed25519 key"), str(path), text("make one: covolt key new FILE"))
        )
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """Public key of a private one, as it stands in a party's file."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _statement(signoff: SignOff) -> bytes:
    """What covolt 0.1.0 signed."""
    return b"covolt sign-off\n" + canonical_json(signoff, exclude={"signature"})


def _old_key(signoff: SignOff, party: Party) -> str:
    """The key of a party's file with which a sign-off of covolt 0.1.0 was signed; empty where none was."""
    own = (one.ed25519 for one in party.keys if one.role == signoff.role)
    signature, statement = bytes.fromhex(signoff.signature), _statement(signoff)
    return next((one for one in own if verifies(bytes.fromhex(one), signature, statement)), "")


def old_key_of(signoff: SignOff, party: Party) -> str:
    """Fingerprint of that key; empty where there is none."""
    public = _old_key(signoff, party)
    return fingerprint_of(public) if public else ""


def signature_problem(signoff: SignOff, party: Party) -> Phrase:
    """Why a signature of covolt 0.1.0 does not count, in a person's words; empty where it does."""
    if not any(one.role == signoff.role for one in party.keys):
        return text("{party} has no key for the role {role}", party=party.id, role=signoff.role)
    if _old_key(signoff, party):
        return Words()
    return text(
        "the signature is not by a key of {party} for {role}, or the statement was changed after it was signed",
        party=party.id,
        role=signoff.role,
    )
