"""A programme's authority for hosted parts: its certificates in the folder `hosting` of the programme, its keys outside.

Whoever can write the programme can write that folder. So beside its keys a hub keeps what it trusts: the authority's certificate,
the authorities of parties that were admitted on this machine, and the last list of revocations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.exchange.hosted.certificates import (
    Identity,
    Refusal,
    Trust,
    addresses_of,
    certificate_from,
    issued,
    name_of,
    new_authority,
    new_key,
    request_from,
    requested,
    revocation_list,
)
from covolt.files import write_new, write_whole
from covolt.own_files import config_folder, own_content
from covolt.words import text

__all__ = ["HOSTING", "HUB", "Authority", "Invitation", "Issued", "key_folder"]

HOSTING, HUB = "hosting", "hub"
AUTHORITY, OWN, REVOKED = "authority.pem", "own", "revoked.pem"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
FOREIGN_MODES = 0o077


def key_folder(programme: str) -> Path:
    """Where this user keeps private keys of hosting in a programme: never in the programme itself."""
    return config_folder() / HOSTING / programme


@final
@dataclass(frozen=True)
class Issued:
    """One certificate as the authority knows it."""

    party: str
    serial: str
    first: datetime
    last: datetime
    standing: Literal["counts"] | Refusal


@final
@dataclass(frozen=True)
class Invitation:
    """What a party is given: where the hub is, its own certificate, and those by which it knows the hub. Nothing secret."""

    programme: str
    party: str
    hub: str
    certificate: str
    authority: str

    def written(self) -> str:
        """As a file."""
        return json.dumps({"schema": "invitation/1", **self.__dict__}, indent=2) + "\n"

    @classmethod
    def read(cls, content: bytes, where: str) -> Invitation:
        """From a file.

        Raises:
            InputError: it is none.
        """
        try:
            found = json.loads(content)
            if found.pop("schema") == "invitation/1" and all(isinstance(one, str) for one in found.values()):
                return cls(**found)
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        hint = text("name the file that the programme sent you: covolt authority invite")
        raise InputError(Problem(text("this is no invitation"), where, hint))

    def identity(self, key: bytes) -> Identity:
        """What the party shows, with its own private key."""
        return Identity(key, self.certificate.encode(), self.authority.encode())


@final
class Authority:
    """The authority of the programme in a folder; reading asks for no key, `new`, `invite` and `revoke` for the private one."""

    def __init__(self, root: Path, programme: str) -> None:
        self._root, self._programme = root, programme
        self._folder = root / HOSTING
        self._keys = key_folder(programme)

    @property
    def there(self) -> bool:
        """Whether the programme has one."""
        return (self._folder / AUTHORITY).is_file()

    def addresses(self) -> tuple[str, ...]:
        """Hosts for which the hub's certificate is made; none where there is no certificate."""
        file = self._folder / "hub.pem"
        return addresses_of(file.read_bytes()) if file.is_file() else ()

    @property
    def _anchored(self) -> bool:
        """Whether this user's own folder says whom to trust."""
        return (self._keys / AUTHORITY).is_file()

    def new(self, addresses: Sequence[str], at: datetime, days: int) -> Path:
        """Make the authority and the certificate of its hub, which listens at `addresses`.

        Raises:
            Conflict: there is one.
        """
        key = new_key()
        made = new_authority(self._programme, key, at)
        self._keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._folder / AUTHORITY
        if not write_new(file, made, within=self._root):
            hint = text("renew the hub's certificate with --renew, or take the folder away and invite everybody anew")
            raise Conflict(Problem(text("this programme has an authority"), str(file), hint))
        write_whole(self._keys / "authority.key", key, mode=0o600)
        write_whole(self._keys / AUTHORITY, made, mode=0o600)
        for one in (self._keys / OWN).glob("*.pem"):  # of an authority before this one
            one.unlink()
        self._listed({}, at)
        self.renew(addresses, at, days)
        return file

    def renew(self, addresses: Sequence[str], at: datetime, days: int) -> None:
        """A new certificate for the hub."""
        key = new_key()
        made = self._issue(HUB, requested(HUB, key), at, days, addresses)
        write_whole(self._keys / "hub.key", key, mode=0o600)
        write_whole(self._folder / "hub.pem", made, within=self._root)

    def invite(self, party: str, request: bytes, hub: str, at: datetime, days: int) -> Invitation:
        """A certificate for a party's request, and the file that it is sent."""
        request_from(request, party)
        made = self._issue(party, request, at, days, ())
        serial = certificate_from(made, party).serial_number
        write_whole(self._folder / "parties" / f"{party}-{serial:040x}.pem", made, within=self._root)
        authority = self._content(AUTHORITY).decode()
        return Invitation(self._programme, party, hub, made.decode(), authority)

    def admit(self, party: str, authority: bytes) -> Path:
        """Take a party's own authority: it speaks for this party alone."""
        certificate_from(authority, party)
        file = self._folder / OWN / f"{party}.pem"
        write_whole(file, authority, within=self._root)
        if self._anchored:
            (self._keys / OWN).mkdir(mode=0o700, exist_ok=True)
            write_whole(self._keys / OWN / file.name, authority, mode=0o600)
        return file

    def revoke(self, whom: str, at: datetime) -> tuple[Issued, ...]:
        """Let certificates count no longer: all of a party, or the one of a serial number's beginning.

        Raises:
            NotFound: there is none.
        """
        found = tuple(
            one
            for one in self.rows(at)
            if one.standing == "counts" and (one.party == whom or one.serial.startswith(whom))
        )
        if not found:
            known = ", ".join(sorted({one.party for one in self.rows(at)})) or "-"
            what = text("no certificate that counts is of '{whom}'", whom=whom)
            raise NotFound(Problem(what, str(self._folder), text("known parties: {known}", known=known)))
        listed = {**self._revoked(), **{int(one.serial, 16): at for one in found}}
        self._listed(listed, at)
        return found

    def rows(self, at: datetime) -> tuple[Issued, ...]:
        """Every certificate, by party and day."""
        trust = self.trust()
        files = [self._folder / "hub.pem", *sorted((self._folder / "parties").glob("*.pem"))]
        found = [_row(one.read_bytes(), trust, at) for one in files if one.is_file()]
        return tuple(sorted(found, key=lambda one: (one.party, one.first)))

    def trust(self) -> Trust:
        """Whose certificates count, read anew."""
        kept = self._keys if self._anchored else self._folder
        own = {one.stem: one.read_bytes() for one in sorted((kept / OWN).glob("*.pem"))}
        files = sorted((self._folder / "parties").glob("*.pem"), key=lambda one: one.stat().st_mtime_ns)
        issued = tuple(one.read_bytes() for one in files)
        authority = (kept / AUTHORITY).read_bytes() if self._anchored else self._content(AUTHORITY)
        # What was revoked stays so, though an earlier list were put back.
        lists = [self._content(REVOKED)]
        if (self._keys / REVOKED).is_file():
            lists.append((self._keys / REVOKED).read_bytes())
        return Trust(authority, own, lists, issued)

    def hub(self) -> Identity:
        """What the hub shows.

        Raises:
            Forbidden: its private key is not this user's, or the programme names authorities that nobody admitted here.
        """
        self._demand_as_admitted()
        return Identity(self._private("hub.key"), self._content("hub.pem"), self.trust().bundle())

    def _demand_as_admitted(self) -> None:
        """That the folder of the programme names no other authorities than this user's own folder does."""
        if not self._anchored:
            return
        problems: list[Problem] = []
        if self._content(AUTHORITY) != (self._keys / AUTHORITY).read_bytes():
            what = text("this is not the authority that was made here: somebody has changed the file")
            problems.append(
                Problem(what, str(self._folder / AUTHORITY), text("bring back the file as it was committed"))
            )
        for one in sorted((self._folder / OWN).glob("*.pem")):
            known = self._keys / OWN / one.name
            if not known.is_file() or known.read_bytes() != one.read_bytes():
                hint = text(
                    "if {party} has sent it: covolt authority invite {party} --own-authority FILE; else take it away",
                    party=one.stem,
                )
                problems.append(Problem(text("nobody has admitted this authority here"), str(one), hint))
        if problems:
            raise Forbidden(problems)

    def _issue(self, name: str, request: bytes, at: datetime, days: int, addresses: Sequence[str]) -> bytes:
        if not _NAME.fullmatch(name):
            hint = text("write small letters, digits, dots and hyphens")
            raise InputError(Problem(text("'{name}' is no name of a party", name=name), "", hint))
        return issued(
            self._private("authority.key"),
            self._content(AUTHORITY),
            request,
            name,
            at,
            days=days,
            addresses=addresses,
        )

    def _listed(self, revoked: Mapping[int, datetime], at: datetime) -> None:
        content = revocation_list(self._private("authority.key"), self._content(AUTHORITY), revoked, at)
        write_whole(self._folder / REVOKED, content, within=self._root)
        write_whole(self._keys / REVOKED, content, mode=0o600)

    def _revoked(self) -> dict[int, datetime]:
        return {
            one.serial_number: one.revocation_date_utc
            for content in self.trust().revoked
            for one in x509.load_pem_x509_crl(content)
        }

    def _content(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            hint = text("make one: covolt authority new")
            raise NotFound(
                Problem(text("this programme has no authority for hosted parts"), str(self._folder / name), hint)
            ) from None

    def _private(self, name: str) -> bytes:
        file = self._keys / name
        content = own_content(file, FOREIGN_MODES)
        if content is None:
            hint = text("ask whoever made the authority, or make it readable by you alone")
            raise Forbidden(Problem(text("there is no private key here that you alone can read"), str(file), hint))
        return content


def _row(content: bytes, trust: Trust, at: datetime) -> Issued:
    one = certificate_from(content, "")
    refusal = trust.judged(one.public_bytes(Encoding.PEM), at)[1]
    return Issued(
        name_of(one),
        f"{one.serial_number:040x}",
        one.not_valid_before_utc,
        one.not_valid_after_utc,
        refusal or "counts",
    )
