"""The use cases of hosting: an authority made, parties asking to be let in, invited, revoked and listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.study.result import RESULT
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.exchange.hosted.request import HostingRequest
    from covolt.programme.documents import Programme

__all__ = [
    "AuthorityDocument",
    "CertificateRow",
    "Requested",
    "admit_authority",
    "invite_party",
    "listed_certificates",
    "new_authority",
    "renew_hub",
    "request_invitation",
    "revoke_certificates",
    "standing_said",
]

FEWEST_DIGITS = 8


@dataclasses.dataclass(frozen=True)
class Requested:
    """A request as it was written: its file, the file of the private key, and the fingerprint of the public one."""

    request: Path
    key: Path
    fingerprint: str
    signed: bool


@dataclass(frozen=True, config=RESULT)
class CertificateRow:
    """One certificate of the authority of a programme."""

    party: str
    serial: str
    first: str
    last: str
    standing: str


@dataclass(frozen=True, config=RESULT)
class AuthorityDocument:
    """All certificates of a programme for hosted parts."""

    programme: str
    certificates: tuple[CertificateRow, ...]
    schema: Literal["authority/1"] = "authority/1"


def new_authority(programme: Path, addresses: Sequence[str], at: datetime, days: int = 365) -> Path:
    """Make the authority of a programme, and the certificate of its hub at these addresses."""
    from covolt.exchange.hosted.authority import Authority

    read = _read(programme, at)
    return Authority(read.root, read.charter.id).new(_bare(addresses), at, days)


def renew_hub(programme: Path, addresses: Sequence[str], at: datetime, days: int = 365) -> None:
    """A new certificate for the hub of a programme."""
    from covolt.exchange.hosted.authority import Authority

    read = _read(programme, at)
    Authority(read.root, read.charter.id).renew(_bare(addresses), at, days)


def request_invitation(
    programme: Path, party: str, output: Path, at: datetime, *, by: Path | None = None, findings: Findings | None = None
) -> Requested:
    """Make a private key for hosting, and a request for its certificate, signed by a key of the party where one is named.

    Raises:
        InputError: every problem: an unknown party, a key that does not count here or is another's.
    """
    from covolt.exchange.hosted.authority import key_folder
    from covolt.exchange.hosted.certificates import new_key, requested
    from covolt.exchange.hosted.request import HostingRequest
    from covolt.files import write_new, write_whole
    from covolt.programme.keys import fingerprint_of
    from covolt.programme.signing import public_hex, read_key

    findings = findings or Findings()
    read = _read(programme, at)
    _find_unknown(read, party, findings)
    signer = None if by is None else findings.take(lambda: read_key(by))
    if signer is not None and (fault := _fault(read, party, fingerprint_of(public_hex(signer)))):
        findings.add(
            Problem(fault, findings.called("by"), text("name a key of the party that counts: covolt key list"))
        )
    findings.demand_none()
    key = new_key()
    file = key_folder(read.charter.id) / f"{party}.key"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not write_new(file, key, mode=0o600):
        hint = text("it belongs to an earlier request: take it away where that is not invited yet, or host with it")
        raise Conflict(Problem(text("there is a private key here already"), str(file), hint))
    made = HostingRequest(read.charter.id, party, requested(party, key).decode(), at.date().isoformat())
    if signer is not None:
        made = made.signed(signer, fingerprint_of(public_hex(signer)))
    write_whole(output, made.written())
    return Requested(output, file, made.fingerprint, signer is not None)


def invite_party(
    party: str,
    programme: Path,
    request: Path,
    hub: str,
    output: Path,
    at: datetime,
    *,
    fingerprint: str = "",
    days: int = 90,
    findings: Findings | None = None,
) -> None:
    """Issue the certificate that a party asks for and write its invitation.

    That the request is the party's is shown by its signature, of a key that counts here, or by its fingerprint, told elsewhere.

    Raises:
        InputError: every problem of the request.
        Forbidden: nothing shows that it is the party's.
    """
    from covolt.contract.document import read_content
    from covolt.exchange.hosted.address import demand_named
    from covolt.exchange.hosted.authority import Authority
    from covolt.exchange.hosted.request import HostingRequest
    from covolt.files import write_whole

    findings = findings or Findings()
    read = _read(programme, at)
    _find_unknown(read, party, findings)
    asked = findings.take(lambda: HostingRequest.read(read_content(request), str(request)))
    if asked is not None and (asked.party, asked.programme) != (party, read.charter.id):
        what = text("this request is of {party} for {programme}", party=asked.party, programme=asked.programme)
        findings.add(Problem(what, str(request), text("name the request of this party for this programme")))
    authority = Authority(read.root, read.charter.id)
    findings.take(lambda: demand_named(hub, authority.addresses(), findings.called("hub")))
    findings.demand_none()
    if asked is None:
        raise RuntimeError("there is no request, and no problem says why")
    _demand_shown(read, asked, fingerprint, str(request))
    made = authority.invite(party, asked.request.encode(), hub, at, days)
    write_whole(output, made.written())


def _demand_shown(read: Programme, asked: HostingRequest, fingerprint: str, where: str) -> None:
    from covolt.programme.keys import in_words

    told = "".join(fingerprint.split()).lower()
    if told:
        words = in_words(asked.fingerprint)
        if len(told) < FEWEST_DIGITS or not (asked.fingerprint.startswith(told) or words == told):
            # Those of this request are not told: whoever forged it would only have to be asked again.
            hint = text(
                "ask {party} over another way which words its covolt authority request showed", party=asked.party
            )
            raise Forbidden(Problem(text("these words are not those of this request"), where, hint))
        return
    if not asked.key:
        what = text("nothing shows that this request is of {party}", party=asked.party)
        hint = text("let the party sign it (--by), or compare its words and name them: --fingerprint WORDS")
        raise Forbidden(Problem(what, where, hint))
    fault = _fault(read, asked.party, asked.key)
    if fault is None and not asked.heard(read.standings.keys[asked.key].key.public):
        fault = text("its signature is not by the key that it names")
    if fault is not None:
        raise Forbidden(Problem(fault, where, text("ask the party to sign it by a key that counts: covolt key list")))


def _fault(read: Programme, party: str, fingerprint: str) -> Phrase | None:
    """Why a key does not speak for a party here; None where it does."""
    known = read.standings.keys.get(fingerprint)
    if known is None or known.key.party != party:
        return text("this is no key of {party} in this programme", party=party)
    if known.key.algorithm is not None:
        return text("a request for hosting is signed by a key of Ed25519")
    if not known.standing.counts:
        return text("the key of {party} does not count here: {why}", party=party, why=known.standing.state)
    return None


def admit_authority(party: str, programme: Path, authority: Path, at: datetime) -> Path:
    """Take a party's own authority, whose certificates then count for this party alone."""
    from covolt.contract.document import read_content
    from covolt.exchange.hosted.authority import Authority

    findings = Findings()
    read = _read(programme, at)
    _find_unknown(read, party, findings)
    content = findings.take(lambda: read_content(authority))
    findings.demand_none()
    return Authority(read.root, read.charter.id).admit(party, content or b"")


def revoke_certificates(whom: str, programme: Path, at: datetime) -> tuple[CertificateRow, ...]:
    """Let the certificates of a party, or one by the beginning of its serial number, count no longer."""
    from covolt.exchange.hosted.authority import Authority

    read = _read(programme, at)
    made = Authority(read.root, read.charter.id)
    gone = {one.serial for one in made.revoke(whom, at)}
    return tuple(one for one in listed_certificates(programme, at).certificates if one.serial in gone)


def listed_certificates(programme: Path, at: datetime) -> AuthorityDocument:
    """Every certificate of the authority, and whether it counts."""
    from covolt.exchange.hosted.authority import Authority

    read = _read(programme, at)
    rows = tuple(
        CertificateRow(one.party, one.serial, one.first.date().isoformat(), one.last.date().isoformat(), one.standing)
        for one in Authority(read.root, read.charter.id).rows(at)
    )
    return AuthorityDocument(read.charter.id, rows)


def standing_said(standing: str) -> Phrase:
    """Whether a certificate counts, in words."""
    from covolt.exchange.hosted.certificates import REFUSALS

    return REFUSALS.get(standing, text("it counts"))


def _read(programme: Path, at: datetime) -> Programme:
    from covolt.programme.reading import read_leniently

    return read_leniently(programme, day=at.date().isoformat())


def _find_unknown(read: Programme, party: str, findings: Findings) -> None:
    if party not in read.parties:
        what = text("no party '{party}' in this programme", party=party) if party else text("no party is named")
        hint = text("name one of: {known}", known=", ".join(read.parties))
        findings.add(Problem(what, findings.called("party"), hint), NotFound)


def _bare(addresses: Sequence[str]) -> list[str]:
    """Names of hosts without ports."""
    found = [one.rpartition(":")[0] or one if one.count(":") == 1 else one for one in addresses]
    if not found or not all(found):
        hint = text("name the host at which parties find the hub: hub.example.org, or 192.0.2.7")
        raise InputError(Problem(text("the hub has no address"), "--address", hint))
    return found
