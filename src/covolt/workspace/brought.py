"""What a request brings to say who asks: a token as Bearer, or, since Git speaks Basic, as password with the party as name."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import final

__all__ = ["Brought", "brought"]


@final
@dataclass(frozen=True)
class Brought:
    """A token, and the party for which its bearer acts; each empty where it was not said."""

    token: str = ""
    party: str = ""


def brought(authorization: str) -> Brought:
    """What the header Authorization bears (RFC 6750, RFC 7617); nothing where it cannot be read."""
    scheme, _, given = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return Brought(given.strip())
    if scheme.lower() != "basic":
        return Brought()
    try:
        name, _, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return Brought()
    return Brought(password, name)
