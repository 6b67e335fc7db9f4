"""Parties: the organisations of a programme, by role."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT
from covolt.programme.text import Identifier, Titled

__all__ = ["Key", "Party", "Role"]

Role = Literal["integrator", "supplier", "institute", "agency"]


class Key(BaseModel):
    """A public key with which a party signs: Ed25519, 32 bytes in hexadecimal digits."""

    model_config = DOCUMENT

    role: str = Field(min_length=1)
    ed25519: str = Field(pattern=r"^[0-9a-f]{64}$")


class Party(BaseModel):
    """One organisation: its country (ISO 3166, two letters), its roles and its public keys."""

    model_config = DOCUMENT

    document: Literal["party/1"] = Field(default="party/1", alias="schema")
    id: Identifier
    title: Titled
    country: str = Field(pattern=r"^[A-Z]{2}$")
    roles: tuple[Role, ...] = Field(min_length=1)
    keys: tuple[Key, ...] = ()
