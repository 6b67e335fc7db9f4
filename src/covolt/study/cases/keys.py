"""The use cases of keys: made and brought in, shown, listed with how each stands where it is asked, and revoked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from pydantic.dataclasses import dataclass

from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.study.result import RESULT, Said
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.keys import PartyKey
    from covolt.programme.revoking import Revoking

__all__ = [
    "KeyMade",
    "KeyRow",
    "KeyShown",
    "KeysDocument",
    "external",
    "key_called",
    "key_row",
    "listed_keys",
    "make",
    "prove",
    "revoke",
    "show",
]

FEWEST_DIGITS = 8
"""Of a fingerprint by which a key is called."""
OTHER_WORDS = {
    "stolen": "compromised",
    "leaked": "compromised",
    "theft": "compromised",
    "gone": "lost",
    "rotated": "replaced",
}
"""Reasons in words that people use, and what they are called here."""


@dataclasses.dataclass(frozen=True)
class KeyMade:
    """A key of a party: its document in the programme, its fingerprint, and whether its file was made or was there."""

    path: Path
    fingerprint: str
    new: bool


@dataclasses.dataclass(frozen=True)
class KeyShown:
    """The key that a file holds, and how it stands in a programme; without a row where it is not in it, or none was named."""

    fingerprint: str
    row: KeyRow | None
    programme: str


@dataclass(frozen=True, config=RESULT)
class KeyRow:
    """One key of a party."""

    party: str
    roles: tuple[str, ...]
    on: str
    follows: str
    standing: str
    why: Said
    fingerprint: str
    algorithm: str
    parameters: str
    fingerprint_words: str
    fingerprint_groups: str


@dataclass(frozen=True, config=RESULT)
class KeysDocument:
    """All keys of a programme, by party and in the order in which they came."""

    keys: tuple[KeyRow, ...]
    schema: Literal["keys/1"] = "keys/1"


def listed_keys(programme: Programme | Path) -> KeysDocument:
    """Every key of a programme, of a state too that has problems elsewhere."""
    from covolt.programme.reading import read_leniently

    read = read_leniently(programme) if isinstance(programme, Path) else programme

    def place(name: str) -> tuple[str, str, bool, str]:
        key = read.keys[name]
        return key.party, key.on, bool(key.follows), name

    return KeysDocument(tuple(key_row(read, name) for name in sorted(read.standings.keys, key=place)))


def key_row(read: Programme, name: str) -> KeyRow:
    """The key of a fingerprint."""
    from covolt.programme.keys import in_groups, in_words

    one = read.standings.keys[name]
    return KeyRow(
        party=one.key.party,
        roles=tuple(one.key.roles),
        on=one.key.on,
        follows=one.key.follows,
        standing=one.standing.state,
        why=one.standing.why,
        fingerprint=name,
        algorithm=one.key.algorithm or "ed25519",
        parameters=one.key.parameters or "",
        fingerprint_words=in_words(name),
        fingerprint_groups=in_groups(name),
    )


def make(
    file: Path,
    programme: Path,
    party: str,
    roles: Sequence[str],
    *,
    by: Path | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> KeyMade:
    """Make a private key in a file, or take the one that is there, and bring it in as a party's; a file that fails is taken away.

    Raises:
        InputError: every problem: an unknown party, no role, a file within a programme, a key `by` that may not bring it in.
    """
    from covolt.programme.folder import CHARTER_FILE
    from covolt.programme.pledging import bring_in
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import new_key, read_key

    findings = findings or Findings()
    read = findings.take(lambda: read_leniently(programme, day=day))
    home = next((one for one in file.resolve().parents if (one / CHARTER_FILE).is_file()), None)
    if home is not None:
        what = text("a private key does not belong into the programme in {home}", home=str(home))
        findings.add(Problem(what, str(file), text("name a file in a folder of your own, such as ~/keys")))
    _find_unnamed(findings, read, party, roles)
    senior = None if by is None else findings.take(lambda: read_key(by))
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    made = not file.exists()
    if made:
        new_key(file)
    try:
        private = read_key(file)
        path = bring_in(read, private, party, roles, senior)
    except CovoltError:
        if made:
            file.unlink()
        raise
    return KeyMade(path, _fingerprint(file), made)


def external(
    file: Path,
    programme: Path,
    party: str,
    roles: Sequence[str],
    *,
    by: Path | None = None,
    algorithm: str | None = None,
    parameters: str | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> KeyMade:
    """Bring in a key that covolt does not hold: a certificate, or a public key of GOST or STB, for which the key `by` vouches.

    Raises:
        InputError: every problem: of the file, an unknown party, no role, a key `by` that may not bring it in.
    """
    from covolt.contract.document import read_content
    from covolt.programme.attaching import bring_in_external
    from covolt.programme.external import ALGORITHMS, Algorithm
    from covolt.programme.external.reading import public_of
    from covolt.programme.reading import read_leniently
    from covolt.programme.signing import read_key

    findings = findings or Findings()
    read = findings.take(lambda: read_leniently(programme, day=day))
    asked: Algorithm | None = next((one for one in ALGORITHMS if one == algorithm), None)
    if algorithm is not None and asked is None:
        what = text("{algorithm} is no algorithm of such a key", algorithm=algorithm)
        findings.add(
            Problem(what, findings.called("algorithm"), text("one of: {algorithms}", algorithms=", ".join(ALGORITHMS)))
        )
    key = findings.take(lambda: public_of(read_content(file), str(file), asked, parameters))
    _find_unnamed(findings, read, party, roles)
    if by is None:
        what = text("no key is named that vouches for it")
        findings.add(Problem(what, findings.called("by"), text("name a key of Ed25519 of the same party")))
    senior = None if by is None else findings.take(lambda: read_key(by))
    findings.demand_none()
    if read is None or key is None or senior is None:
        raise RuntimeError("there is no key, and no problem says why")
    made = bring_in_external(read, key, party, roles, senior, str(file))
    return KeyMade(read.root / "keys" / party / f"{made.fingerprint[:16]}.toml", made.fingerprint, new=True)


def prove(
    file: Path, programme: Path, fingerprint: str, *, findings: Findings | None = None, day: str | None = None
) -> KeyMade:
    """File the signature of a key's registration, made elsewhere by its holder: from then on the key counts.

    Raises:
        InputError: every problem: no such key, none that covolt does not hold, a signature that is not by it.
    """
    from covolt.contract.document import read_content
    from covolt.programme.attaching import prove_held
    from covolt.programme.external.reading import signature_of
    from covolt.programme.reading import read_leniently

    findings = findings or Findings()
    read = findings.take(lambda: read_leniently(programme, day=day))
    raw = findings.take(lambda: read_content(file))
    key = None if read is None else findings.take(lambda: key_called(read, fingerprint, findings))
    if key is not None and key.algorithm is None:
        what = text("this is a key of Ed25519, and has signed for itself")
        findings.add(Problem(what, findings.called("fingerprint"), text("covolt key list")))
    findings.demand_none()
    if read is None or raw is None or key is None:
        raise RuntimeError("there is no signature, and no problem says why")
    path = prove_held(read, key, signature_of(raw), raw, str(file))
    return KeyMade(path, key.fingerprint, new=False)


def _find_unnamed(findings: Findings, read: Programme | None, party: str, roles: Sequence[str]) -> None:
    """That a key is brought in for an unknown party, or for no role."""
    if read is not None and party not in read.parties:
        hint = text("known: {parties}", parties=", ".join(read.parties))
        findings.add(
            Problem(text("no party '{party}' in this programme", party=party), findings.called("party"), hint), NotFound
        )
    if not roles or not all(roles):
        hint = text("name those that gates ask for, 'offers' to sign offers, or 'recovery' to replace keys")
        findings.add(Problem(text("no role is named"), findings.called("roles"), hint))


def _fingerprint(file: Path) -> str:
    from covolt.programme.keys import fingerprint_of
    from covolt.programme.signing import public_hex, read_key

    return fingerprint_of(public_hex(read_key(file)))


def show(
    file: Path, programme: Path | None = None, *, findings: Findings | None = None, day: str | None = None
) -> KeyShown:
    """Which key a file holds, and in a programme whose it is and whether it counts here."""
    from covolt.programme.reading import read_leniently

    findings = findings or Findings()
    name = findings.take(lambda: _fingerprint(file))
    read = None if programme is None else findings.take(lambda: read_leniently(programme, day=day))
    findings.demand_none()
    if name is None:
        raise RuntimeError("there is no key, and no problem says why")
    known = read is not None and name in read.standings.keys
    row = key_row(read, name) if read is not None and known else None
    return KeyShown(name, row, "" if read is None else read.charter.id)


def revoke(
    fingerprint: str,
    programme: Path,
    reason: str,
    agree: Callable[[PartyKey, Revoking], bool],
    *,
    by: Path | None = None,
    keep: Sequence[str] = (),
    since: str = "",
    findings: Findings | None = None,
    day: str | None = None,
) -> Path | None:
    """Say that a key counts no longer; the file that says so, or None where whoever is shown what falls does not `agree`.

    Args:
        fingerprint: its beginning, in digits or in words.
        by: the file of a key of the same party that says so.
        keep: what still stands of a key that was stolen.
        since: what it signed before this day stands too.

    Raises:
        InputError: every problem of what was named, and whatever keeps this key from saying so.
    """
    from covolt.programme.keys import Reason
    from covolt.programme.pledging import write_pledge
    from covolt.programme.reading import read_leniently
    from covolt.programme.revoking import revoking
    from covolt.programme.signing import read_key

    findings = findings or Findings()
    read = findings.take(lambda: read_leniently(programme, day=day))
    key = None if read is None else findings.take(lambda: key_called(read, fingerprint, findings))
    if reason not in get_args(Reason):
        meant = OTHER_WORDS.get(reason.lower())
        hint = (
            text("say {meant}", meant=meant)
            if meant
            else text("say one of: {get_args}", get_args=", ".join(get_args(Reason)))
        )
        findings.add(Problem(text("'{reason}' is no reason", reason=reason), findings.called("reason"), hint))
    if since and not _is_day(since):
        findings.add(
            Problem(text("'{since}' is no day", since=since), findings.called("since"), text("write it as 2026-11-20"))
        )
    if by is None:
        hint = text("name a key of the same party, or the key itself")
        findings.add(Problem(text("no key is named that says so"), findings.called("by"), hint))
    signer = None if by is None else findings.take(lambda: read_key(by))
    findings.demand_none()
    if read is None or key is None or signer is None:
        raise RuntimeError("there is no key, and no problem says why")
    found = revoking(read, key, signer, cast("Reason", reason), keep, since)
    if not agree(key, found):
        return None
    write_pledge(read, found.path, found.made)
    return found.path


def _is_day(day: str) -> bool:
    from pydantic import TypeAdapter, ValidationError

    from covolt.programme.text import Date

    try:
        TypeAdapter(Date).validate_python(day)
    except ValidationError:
        return False
    return True


def key_called(read: Programme, name: str, findings: Findings) -> PartyKey:
    """The key whose fingerprint begins so: eight digits of it or more, or one of its words or more."""
    from covolt.programme.keys import in_words

    digits, words = name.replace(" ", "").lower(), "-".join(name.lower().replace("-", " ").split())
    found = [
        one
        for print_, one in read.keys.items()
        if (len(digits) >= FEWEST_DIGITS and print_.startswith(digits))
        or f"{in_words(print_)}-".startswith(f"{words}-")
    ]
    if len(found) != 1:
        what = (
            text("{found} keys have a fingerprint that begins with '{name:.80}'", found=len(found), name=name)
            if found
            else text("no key '{name:.80}'", name=name)
        )
        hint = text("give {fewest_digits} digits, a word, or more: covolt key list", fewest_digits=FEWEST_DIGITS)
        raise (InputError if found else NotFound)(Problem(what, findings.called("fingerprint"), hint))
    return found[0]
