"""What the workspace answers of people: how one gets in, who is logged in, members, invitations and tokens."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Said

__all__ = [
    "EntranceShown",
    "InvitationMade",
    "InvitationRow",
    "InvitationsShown",
    "IssuerRow",
    "MemberRow",
    "MembersShown",
    "SessionShown",
    "TokenMade",
    "TokenRow",
    "TokensShown",
]


@dataclass(frozen=True, config=RESULT)
class IssuerRow:
    """Who knows the people of a party, so that they log in there."""

    id: str
    title: Said


@dataclass(frozen=True, config=RESULT)
class EntranceShown:
    """How one gets in; `together` where several people log in."""

    together: bool
    issuers: tuple[IssuerRow, ...]


@dataclass(frozen=True, config=RESULT)
class MemberRow:
    """For which party of which programme somebody acts; where `slots` are named, only for what concerns those."""

    number: int
    programme: str
    party: str
    person: str
    name: str
    slots: tuple[str, ...]
    made: str
    invited_by: str


@dataclass(frozen=True, config=RESULT)
class MembersShown:
    """Members of a programme."""

    members: tuple[MemberRow, ...]
    schema: Literal["workspace-members/1"] = "workspace-members/1"


@dataclass(frozen=True, config=RESULT)
class SessionShown:
    """Who is logged in, and for whom that person acts."""

    person: str
    name: str
    party: str
    together: bool
    administers: bool
    languages: tuple[str, ...]
    memberships: tuple[MemberRow, ...]
    schema: Literal["workspace-session/1"] = "workspace-session/1"


@dataclass(frozen=True, config=RESULT)
class InvitationRow:
    """An invitation, without the word that it is used by."""

    number: int
    party: str
    slots: tuple[str, ...]
    made: str
    made_by: str
    expires: str
    used: str
    used_by: str


@dataclass(frozen=True, config=RESULT)
class InvitationsShown:
    """Invitations into a programme."""

    invitations: tuple[InvitationRow, ...]
    schema: Literal["workspace-invitations/1"] = "workspace-invitations/1"


@dataclass(frozen=True, config=RESULT)
class InvitationMade:
    """An invitation with the word that it is used by; that is told here, and never again."""

    number: int
    word: str
    expires: str
    schema: Literal["workspace-invitation/1"] = "workspace-invitation/1"


@dataclass(frozen=True, config=RESULT)
class TokenRow:
    """A token of a person, without its word."""

    number: int
    title: str
    scopes: tuple[str, ...]
    programme: str
    party: str
    made: str
    expires: str
    ended: str


@dataclass(frozen=True, config=RESULT)
class TokensShown:
    """Tokens of a person."""

    tokens: tuple[TokenRow, ...]
    schema: Literal["workspace-tokens/1"] = "workspace-tokens/1"


@dataclass(frozen=True, config=RESULT)
class TokenMade:
    """A token with its word; that is told here, and never again."""

    number: int
    word: str
    expires: str
    schema: Literal["workspace-token/1"] = "workspace-token/1"
