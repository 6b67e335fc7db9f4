"""A party's request to be let in: for its certificate, signed by the key with which the party signs in the programme."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from covolt.errors import InputError, Problem
from covolt.exchange.hosted.certificates import request_from
from covolt.programme.curve import verifies
from covolt.words import text

__all__ = ["HostingRequest"]

SCHEMA = "hosting-request/1"


@final
@dataclass(frozen=True)
class HostingRequest:
    """Who asks, for which programme, for which key, on which day; signed, or told by its fingerprint over another way."""

    programme: str
    party: str
    request: str
    on: str
    key: str = ""
    """Fingerprint of the key of the party that signs it; empty where none does."""
    signature: str = ""

    def signed(self, private: Ed25519PrivateKey, fingerprint: str) -> HostingRequest:
        """The same, signed."""
        made = replace(self, key=fingerprint)
        return replace(made, signature=private.sign(made._bytes()).hex())

    def heard(self, public: str) -> bool:
        """Whether it is signed by the holder of a public key of Ed25519."""
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError:
            return False
        return len(signature) == 64 and verifies(bytes.fromhex(public), signature, self._bytes())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key that the certificate is for."""
        public = request_from(self.request.encode(), self.party).public_key()
        return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    def written(self) -> str:
        """As a file."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def read(cls, content: bytes, where: str) -> HostingRequest:
        """From a file.

        Raises:
            InputError: it is none.
        """
        try:
            found = json.loads(content)
            if found.pop("schema") == SCHEMA and all(isinstance(one, str) for one in found.values()):
                made = cls(**found)
                request_from(made.request.encode(), where)
                return made
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        hint = text("let the party make one: covolt authority request")
        raise InputError(Problem(text("this is no request of a party that hosts"), where, hint))

    def _bytes(self) -> bytes:
        named = {name: value for name, value in asdict(self).items() if name != "signature"}
        content = json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"covolt {SCHEMA}\n{content}".encode()
