"""Words that let somebody in, such as tokens and invitations: 32 random bytes, of which only the hash is kept."""

from __future__ import annotations

import base64
import hashlib
import secrets

__all__ = ["LONGEST", "hash_of", "new_word"]

LONGEST = 4096
"""Signs of the longest word that is looked at: one of another's issuer may be longer than covolt's own."""
BYTES = 32


def new_word(kind: str) -> str:
    """A word that nobody guesses, with its kind before it, so that a person and a scanner of leaked secrets know it."""
    return f"covolt_{kind}_{base64.urlsafe_b64encode(secrets.token_bytes(BYTES)).rstrip(b'=').decode()}"


def hash_of(word: str) -> str:
    """What is kept of it. A word of 256 random bits needs no salt: nobody tries them all."""
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()
