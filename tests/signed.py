"""Keys and statements of parties as tests make them: from a seed, so that every run has the same."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from covolt.contract.document import canonical_json, dumps
from covolt.programme import anchor
from covolt.programme.gate import SignOff
from covolt.programme.keys import UNSIGNED, PartyKey, Revocation, Signature, sealed
from covolt.programme.signing import public_hex

SHIPPED = anchor._shipped
STATEMENT = re.compile(r'(?m)^schema = "(key|revocation|signature|signoff)/')
DAY = "2026-03-01"
DIGEST = "sha256:" + "a" * 64


@contextmanager
def shipped_anchor() -> Generator[None]:
    """The anchor of the shipped examples, which tests do not know otherwise: their copies have other keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchor, "_shipped", SHIPPED)
        yield


def copy_unsigned(example: Path, folder: Path) -> Path:
    """A copy of a shipped programme without its signatures, which a test may change, and sign with keys of its own."""
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".covolt", "build"))
    for path in folder.rglob("*.toml"):
        if STATEMENT.search(path.read_text(encoding="utf-8")):
            path.unlink()
    for path in (folder / "keys", folder / "signoffs"):
        shutil.rmtree(path, ignore_errors=True)
    charter = folder / "programme.toml"
    text = charter.read_text(encoding="utf-8")
    charter.write_text(re.sub(r"(?m)^signatures_from = .*\n", "", text), encoding="utf-8")
    return folder


def private_key(seed: str) -> Ed25519PrivateKey:
    """A private key that is made of a word."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())


def key_file(path: Path, seed: str) -> Path:
    """The file of such a key, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(private_key(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


@dataclass(frozen=True)
class Holder:
    """A key of a party by its seed, and what is signed with it."""

    seed: str
    party: str = "agency"
    roles: tuple[str, ...] = ("type-approval-officer",)
    on: str = DAY
    programme: str = "city-car"
    by: Holder | None = None

    @property
    def document(self) -> PartyKey:
        draft = PartyKey(
            programme=self.programme,
            party=self.party,
            roles=self.roles,
            public=public_hex(private_key(self.seed)),
            on=self.on,
            follows=self.by.fingerprint if self.by else "",
            possession=UNSIGNED,
            signature=UNSIGNED if self.by else "",
        )
        key = sealed(draft, private_key(self.seed), "possession")
        return sealed(key, private_key(self.by.seed)) if self.by else key

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(bytes.fromhex(public_hex(private_key(self.seed)))).hexdigest()

    def revokes(
        self, other: Holder, stands: tuple[str, ...] = (), on: str = DAY, reason: str = "compromised"
    ) -> Revocation:
        draft = Revocation(
            programme=self.programme,
            party=self.party,
            key=other.fingerprint,
            on=on,
            reason=reason,
            by=self.fingerprint,
            stands=stands,
            signature=UNSIGNED,
        )
        return sealed(draft, private_key(self.seed))

    def signs(self, name: str, digest: str, subject: str = "checked", role: str = "", on: str = DAY) -> Signature:
        draft = Signature(
            programme=self.programme,
            party=self.party,
            subject=subject,
            name=name,
            digest=digest,
            role=role or self.roles[0],
            key=self.fingerprint,
            on=on,
            signature=UNSIGNED,
        )
        return sealed(draft, private_key(self.seed))


def put(folder: Path, document: object, place: str) -> Path:
    """Write a document into a programme."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(document), encoding="utf-8")
    return path


def put_key(folder: Path, holder: Holder) -> Path:
    """Write a key where it belongs."""
    return put(folder, holder.document, f"keys/{holder.party}/{holder.fingerprint[:16]}.toml")


def old_sign(gate: str, party: str, role: str, digest: str, key: Ed25519PrivateKey, remarks: str = "") -> SignOff:
    """A sign-off as covolt 0.1.0 made it."""
    draft = SignOff(gate=gate, party=party, role=role, date=DAY, digest=digest, remarks=remarks, signature=UNSIGNED)
    return old_signoff(draft, key)


def old_signoff(signoff: SignOff, key: Ed25519PrivateKey) -> SignOff:
    """A sign-off with the signature that covolt 0.1.0 would have given it."""
    statement = b"covolt sign-off\n" + canonical_json(signoff, exclude={"signature"})
    return signoff.model_copy(update={"signature": key.sign(statement).hex()})
