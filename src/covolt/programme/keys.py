"""Keys of parties, their revocations, and signatures beside what they sign; a key is known by its fingerprint.

What is signed is `covolt SCHEMA`, a line break, and the canonical text of the document without its signatures. Each names its
programme, so that nothing is replayed in another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AfterValidator, BaseModel, Field, model_validator

from covolt.contract.document import DOCUMENT, canonical_json, refusal
from covolt.programme.curve import public_key_fault, verifies
from covolt.programme.gate import KeyedSignOff
from covolt.programme.text import Date, Digest, Identifier, SigningRole
from covolt.words import Phrase, text

__all__ = [
    "OFFERS",
    "REASONS",
    "RECOVERY",
    "UNSIGNED",
    "PartyKey",
    "Public",
    "Reason",
    "Revocation",
    "Signature",
    "Statement",
    "fingerprint_of",
    "in_groups",
    "in_words",
    "roots_of",
    "sealed",
    "signed_by",
    "statement_bytes",
    "statement_digest",
]

OFFERS, RECOVERY = "offers", "recovery"
"""Roles of keys that are no roles of people: one signs offers, the other keys and revocations alone."""
UNSIGNED = "0" * 128
SIGNATURE = r"^[0-9a-f]{128}$"
SIGNATURE_FIELDS = {"signature", "possession"}
_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
WORDS_OF = 16
"""Bytes of a fingerprint that are said in words: 128 bits, which nobody finds a second key for."""

Reason = Literal["lost", "compromised", "left", "replaced"]
REASONS: Mapping[Reason, Phrase] = {
    "lost": text("lost", context="key"),
    "compromised": text("compromised", context="key"),
    "left": text("left", context="key"),
    "replaced": text("replaced", context="key"),
}
Kind = TypeVar("Kind", bound=BaseModel)


def _point(text: str) -> str:
    fault = public_key_fault(bytes.fromhex(text))
    if fault:
        raise refusal(fault, "make another key: covolt key new")
    return text


Public = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$"), AfterValidator(_point)]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PartyKey(BaseModel):
    """A public key of a party and the roles in which it signs.

    It shows by `possession` that its holder has the private half. The first key of a party follows none; each later one is
    signed by the key that it follows.
    """

    model_config = DOCUMENT

    document: Literal["key/1"] = Field(default="key/1", alias="schema")
    programme: Identifier
    party: Identifier
    roles: tuple[SigningRole, ...] = Field(min_length=1)
    public: Public
    on: Date
    follows: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    possession: str = Field(pattern=SIGNATURE)
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{128})?$")] = ""

    @model_validator(mode="after")
    def _first_or_signed(self) -> PartyKey:
        if bool(self.follows) != bool(self.signature):
            raise refusal("a key that follows another is signed by it, and a first key by none", "covolt key new")
        return self

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key."""
        return fingerprint_of(self.public)

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return self.fingerprint


class Revocation(BaseModel):
    """A key counts no longer, but for the statements named in `stands`; `by` is the key that says so."""

    model_config = DOCUMENT

    document: Literal["revocation/1"] = Field(default="revocation/1", alias="schema")
    programme: Identifier
    party: Identifier
    key: Fingerprint
    on: Date
    reason: Reason
    by: Fingerprint
    stands: tuple[Digest, ...] = ()
    signature: str = Field(pattern=SIGNATURE)

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return f"{self.key}/{self.by}/{self.reason}"

    @model_validator(mode="after")
    def _own_word(self) -> Revocation:
        if self.key == self.by and self.stands:
            raise refusal(
                "a key cannot say what of itself still stands", "let another key of the party say so", "stands"
            )
        return self


class Signature(BaseModel):
    """A party's signature beside an offer or a file of checked texts, over its name and digest."""

    model_config = DOCUMENT

    document: Literal["signature/1"] = Field(default="signature/1", alias="schema")
    programme: Identifier
    party: Identifier
    subject: Literal["offer", "checked"]
    name: str = Field(min_length=1)
    digest: Digest
    role: SigningRole
    key: Fingerprint
    on: Date
    signature: str = Field(pattern=SIGNATURE)

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return f"{self.subject}/{self.name}/{self.key}"


Statement = PartyKey | Revocation | Signature | KeyedSignOff


def roots_of(keys: Iterable[PartyKey]) -> dict[str, str]:
    """First key of each party, by its own word."""
    return {one.party: one.fingerprint for one in keys if not one.follows}


def fingerprint_of(public: str) -> str:
    """SHA-256 of the 32 bytes of a public key, in 64 hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()


def in_groups(fingerprint: str) -> str:
    """A fingerprint in groups of four digits."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def in_words(fingerprint: str) -> str:
    """The first 128 bits of a fingerprint as eight words that can be said over a telephone.

    Proquints: 16 bits are consonant, vowel, consonant, vowel, consonant (D. S. Wilkerson, arXiv:0901.4016).
    """
    raw = bytes.fromhex(fingerprint)[:WORDS_OF]
    return "-".join(_word(int.from_bytes(raw[start : start + 2], "big")) for start in range(0, WORDS_OF, 2))


def _word(bits: int) -> str:
    return (
        _CONSONANTS[bits >> 12 & 15]
        + _VOWELS[bits >> 10 & 3]
        + _CONSONANTS[bits >> 6 & 15]
        + _VOWELS[bits >> 4 & 3]
        + _CONSONANTS[bits & 15]
    )


def statement_bytes(statement: Statement) -> bytes:
    """What is signed."""
    return b"covolt " + statement.document.encode() + b"\n" + canonical_json(statement, exclude=SIGNATURE_FIELDS)


def statement_digest(statement: Statement) -> str:
    """Digest by which a revocation names a statement that still stands."""
    return "sha256:" + hashlib.sha256(statement_bytes(statement)).hexdigest()


def sealed(statement: Kind, private: Ed25519PrivateKey, field: str = "signature") -> Kind:
    """A statement with one of its signatures."""
    if not isinstance(statement, Statement):
        raise TypeError(f"{type(statement).__name__} is no statement")
    return statement.model_copy(update={field: private.sign(statement_bytes(statement)).hex()})


def signed_by(statement: Statement, public: str, field: str = "signature") -> bool:
    """Whether one of the signatures of a statement is by the holder of a public key."""
    signature: str = getattr(statement, field)
    return verifies(bytes.fromhex(public), bytes.fromhex(signature), statement_bytes(statement))
