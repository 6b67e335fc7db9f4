"""Keys of parties, their revocations, and signatures beside what they sign; a key is known by its fingerprint.

What is signed is `covolt SCHEMA`, a line break, and the canonical text of the document without its signatures. Each names its
programme, so that nothing is replayed in another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from covolt.contract.document import DOCUMENT, Told, canonical_json, refusal, refusals
from covolt.programme import external
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
    "heard",
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


_DIGITS, _ED25519 = re.compile(r"([0-9a-f]{2})+"), re.compile(r"[0-9a-f]{64}")
EXTERNAL_HINT = text("bring it in as what it is: covolt key external")


def _point(value: object) -> object:
    """A public key of Ed25519; of another algorithm it is told as that."""
    if not isinstance(value, str):
        return value
    if not _ED25519.fullmatch(value):
        if len(value) in {128, 256} and _DIGITS.fullmatch(value):
            what = text(
                "this is no key of Ed25519: one of GOST R 34.10-2012 or STB 34.101.45 has {value} digits",
                value=len(value),
            )
            raise refusal(what, EXTERNAL_HINT)
        if "BEGIN" in value or (value.startswith("30") and _DIGITS.fullmatch(value)):
            raise refusal(
                text("this is no key of Ed25519, but a certificate or a key of another algorithm"), EXTERNAL_HINT
            )
        raise refusal(text("this is no key of Ed25519"), text("write the 64 hexadecimal digits that covolt key prints"))
    fault = public_key_fault(bytes.fromhex(value))
    if fault:
        raise refusal(fault, text("make another key: covolt key new"))
    return value


Public = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$"), BeforeValidator(_point)]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PartyKey(BaseModel):
    """A public key of a party and the roles in which it signs.

    It shows by `possession` that its holder has the private half. The first key of a party follows none; each later one is
    signed by the key that it follows. One with an `algorithm` is no key of covolt's: the party's key of Ed25519 that it follows
    vouches for it, its holder signs its registration elsewhere, and it signs gates alone.
    """

    model_config = DOCUMENT

    document: Literal["key/1"] = Field(default="key/1", alias="schema")
    programme: Identifier
    party: Identifier
    roles: tuple[SigningRole, ...] = Field(min_length=1)
    algorithm: external.Algorithm | None = None
    """None is Ed25519."""
    parameters: str | None = None
    """Parameter set of the algorithm; a certificate names its own."""
    public: str = Field(pattern=r"^([0-9a-f]{2})+$", min_length=64, max_length=32768)
    """Of Ed25519, GOST and STB the bytes of the key; of X.509 the certificate in DER."""
    on: Date
    follows: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    possession: str = Field(default="", pattern=r"^([0-9a-f]{2})*$", max_length=65536)
    """Of Ed25519 its own signature; of one that covolt does not hold a detached one, bare or in CMS, empty until it is there."""
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{128})?$")] = ""

    @field_validator("public", mode="before")
    @classmethod
    def _of_its_algorithm(cls, value: object, given: ValidationInfo) -> object:
        return _point(value) if given.data.get("algorithm", "") is None else value

    @model_validator(mode="after")
    def _first_or_signed(self) -> PartyKey:
        if bool(self.follows) != bool(self.signature):
            raise refusal(
                text("a key that follows another is signed by it, and a first key by none"), text("covolt key new")
            )
        if self.algorithm is None and len(self.possession) != len(UNSIGNED):
            raise refusal(text("a key of Ed25519 shows that its maker holds it"), text("covolt key new"), "possession")
        told = [*_external_faults(self)]
        if told:
            raise refusals(told)
        return self

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, of a certificate, or of the names and bytes of a key of another algorithm."""
        if self.algorithm is None:
            return fingerprint_of(self.public)
        return external.fingerprint_of(self.algorithm, self.parameters or "", bytes.fromhex(self.public))

    @property
    def held(self) -> bool | None:
        """Whether its holder shows that he has the private half; None where nothing here can tell."""
        if self.algorithm is None:
            return signed_by(self, self.public, "possession")
        if not self.possession:
            return False
        shown, public = bytes.fromhex(self.possession), bytes.fromhex(self.public)
        return external.heard(self.algorithm, self.parameters or "", public, shown, statement_bytes(self))

    @property
    def valid(self) -> tuple[str, str] | None:
        """First and last day on which it may sign; None where it does not say."""
        return external.days_of(self.algorithm, bytes.fromhex(self.public)) if self.algorithm else None

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return self.fingerprint


def _external_faults(key: PartyKey) -> Iterator[Told]:
    """What is wrong with a key that covolt does not hold."""
    if key.algorithm is None:
        if key.parameters is not None:
            yield (
                text("a key of Ed25519 has no parameter set"),
                text("leave it out, or name the algorithm"),
                ("parameters",),
            )
        return
    known = external.parameter_sets(key.algorithm)
    if key.parameters not in (known or (None,)):
        hint = (
            text("write one of: {known}", known=", ".join(known))
            if known
            else text("leave it out: the certificate says it")
        )
        yield (
            text(
                "{parameters} is no parameter set of {algorithm}",
                parameters=key.parameters or "none",
                algorithm=key.algorithm,
            ),
            hint,
            ("parameters",),
        )
    elif fault := external.public_fault(key.algorithm, key.parameters or "", bytes.fromhex(key.public)):
        yield fault, text("ask its owner for another: covolt key external"), ("public",)
    if not key.follows:
        yield (
            text("a first key is of Ed25519: this one follows none"),
            text("covolt key external --by KEYFILE"),
            ("follows",),
        )
    if not {OFFERS, RECOVERY}.isdisjoint(key.roles):
        what = text("a key of {algorithm} signs gates alone, neither offers nor keys", algorithm=key.algorithm)
        yield what, text("let a key of Ed25519 have these roles: covolt key new"), ("roles",)


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
                text("a key cannot say what of itself still stands"),
                text("let another key of the party say so"),
                "stands",
            )
        return self


class Signature(BaseModel):
    """A party's signature beside an offer or checked texts, or in its answer to a proposal, over its name and digest."""

    model_config = DOCUMENT

    document: Literal["signature/1"] = Field(default="signature/1", alias="schema")
    programme: Identifier
    party: Identifier
    subject: Literal["offer", "checked", "answer"]
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
    """The bytes that are signed: `covolt SCHEMA`, a line break, and the canonical text without signatures."""
    return b"covolt " + statement.document.encode() + b"\n" + canonical_json(statement, exclude=SIGNATURE_FIELDS)


def statement_digest(statement: Statement) -> str:
    """Digest by which a revocation names a statement that still stands."""
    return "sha256:" + hashlib.sha256(statement_bytes(statement)).hexdigest()


def sealed(statement: Kind, private: Ed25519PrivateKey, field: str = "signature") -> Kind:
    """A statement with one of its signatures."""
    if not isinstance(statement, Statement):
        raise TypeError(f"{type(statement).__name__} is no statement")
    return statement.model_copy(update={field: private.sign(statement_bytes(statement)).hex()})


def heard(said: Signature | KeyedSignOff, key: PartyKey) -> bool | None:
    """Whether a statement is by the holder of a key of whichever algorithm; None where nothing here can tell."""
    if key.algorithm is None:
        return signed_by(said, key.public)
    if not isinstance(said, KeyedSignOff):
        return False
    public, signature = bytes.fromhex(key.public), bytes.fromhex(said.signature)
    return external.heard(key.algorithm, key.parameters or "", public, signature, statement_bytes(said))


def signed_by(statement: Statement, public: str, field: str = "signature") -> bool:
    """Whether one of the signatures of a statement is by the holder of a public key of Ed25519."""
    signature: str = getattr(statement, field)
    return verifies(bytes.fromhex(public), bytes.fromhex(signature), statement_bytes(statement))
