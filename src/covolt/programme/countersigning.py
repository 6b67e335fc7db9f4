"""Counter-signatures: what a party signs of a checkpoint of a workspace, on its own machine, of what is its to know of it."""

from __future__ import annotations

import json
from typing import Annotated, Literal, final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT, canonical_json, validate
from covolt.errors import InputError, Problem
from covolt.programme.curve import verifies
from covolt.programme.keys import UNSIGNED
from covolt.programme.signing import public_hex
from covolt.programme.text import Digest, Identifier
from covolt.words import Phrase, text

__all__ = ["Countersignature", "countersigned", "is_countersigning", "read_stated"]

_PREFIX = b"covolt countersignature/1\n"
_OWN = {"key", "signature"}
NOBODY = "0" * 64


@final
class Countersignature(BaseModel):
    """A party's signature over where its programme stood after an entry of the log.

    `checkpoint` is the digest of all that the workspace has signed, which speaks of other programmes, too.
    """

    model_config = DOCUMENT

    document: Literal["countersignature/1"] = Field(default="countersignature/1", alias="schema")
    programme: Identifier
    sequence: Annotated[int, Field(ge=1)]
    at: str
    hash: str
    """Of the entry of the log after which it was made, over which chain all entries before."""
    checkpoint: Digest
    heads: dict[str, str]
    key: str = Field(default=NOBODY, pattern=r"^[0-9a-f]{64}$")
    """The public key, in hexadecimal digits."""
    signature: str = Field(default=UNSIGNED, pattern=r"^[0-9a-f]{128}$")

    @property
    def stated(self) -> bytes:
        """The bytes that are signed."""
        return _PREFIX + canonical_json(self, exclude=_OWN)

    @property
    def is_signed(self) -> bool:
        """Whether the signature is by its key."""
        return verifies(bytes.fromhex(self.key), bytes.fromhex(self.signature), self.stated)

    @property
    def lines(self) -> tuple[tuple[int, Phrase], ...]:
        """What is shown before it is signed."""
        return (
            (0, text("checkpoint {number} of the programme {name}", number=self.sequence, name=self.programme)),
            (2, text("made at {time}", time=self.at)),
            (2, text("hash of its entry of the log: {hash}", hash=self.hash)),
            (2, text("digest of the checkpoint: {digest}", digest=self.checkpoint)),
        )


def is_countersigning(content: bytes) -> bool:
    """Whether a file holds what a party is to sign of a checkpoint."""
    return content.startswith(_PREFIX)


def read_stated(content: bytes, where: str) -> Countersignature:
    """What a workspace hands out to be signed.

    Raises:
        InputError: it is not that, or not as it was written.
    """
    bad = Problem(
        text("this is not what a workspace hands out of a checkpoint"),
        where,
        text("fetch it anew from the page of the log"),
    )
    try:
        table = json.loads(content.removeprefix(_PREFIX))
    except ValueError as error:
        raise InputError(bad) from error
    found = validate(table if isinstance(table, dict) else {}, Countersignature, where)
    if found.stated != content:
        raise InputError(bad)
    return found


def countersigned(draft: Countersignature, private: Ed25519PrivateKey) -> Countersignature:
    """It with the signature of a key."""
    return draft.model_copy(update={"key": public_hex(private), "signature": private.sign(draft.stated).hex()})
