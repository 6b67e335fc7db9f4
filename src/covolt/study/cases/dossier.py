"""The use case `dossier`: one requirement or gate as one signed file that an agency checks offline, and the page made from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from covolt.errors import Conflict, Forbidden, InputError, NotFound, Problem
from covolt.files import whole
from covolt.study.cases.options import Findings, Progress, Wish, heed, silent
from covolt.words import Words, text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from covolt.programme.documents import Programme
    from covolt.programme.keys import PartyKey
    from covolt.study.report.dossier import Dossier, Shown
    from covolt.words import Language, Phrase

__all__ = ["DossierOptions", "MadeDossier", "dossier", "write_dossier"]


@dataclass(frozen=True)
class DossierOptions:
    """Of which requirement or gate, as which party and in which role, and by which file of a private key."""

    subject: str
    programme: Path
    party: str = ""
    role: str = ""
    key: Path | None = None
    day: str | None = None


@dataclass(frozen=True)
class MadeDossier:
    """A signed file's text, what it says, and what the page that is made from it shows."""

    said: Dossier
    file: str
    shown: Shown
    language: Language = "en"
    doubt: Phrase | None = None
    """Why the key that signed it does not count on this machine; None where it counts."""

    def page(self, name: str) -> str:
        """HTML that shows it and names the file that is to be checked."""
        from covolt.study.report.dossier_page import dossier_page

        return dossier_page(self.said, self.shown, self.file, name, self.language)


def dossier(
    asked: DossierOptions,
    findings: Findings,
    *,
    language: Language = "en",
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> MadeDossier:
    """The dossier of a requirement or a gate, everything driven anew; private requirements of others are not in it.

    Raises:
        InputError: every problem: nothing is called so, the party cannot sign so.
        Cancelled: where `cancelled`, which is asked before every drive, says so.
    """
    from covolt.programme.pledging import own_key
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states
    from covolt.study.report.dossier import dossier_of, signed_text
    from covolt.study.verdicts.records import MemoryRecords
    from covolt.study.verdicts.verification import verify

    read = read_whole(asked.programme, day=asked.day)
    subject = findings.take(lambda: _subject(read, asked, findings))
    private = _signer(read, asked, findings)
    read = findings.seen(read, asked.party)
    findings.demand_none()
    key = None if private is None else own_key(read, private)
    if private is None or key is None or subject is None:
        raise RuntimeError("there is no dossier, and no problem says why")
    # Who signs takes nobody's records on trust.
    found = verify(read, MemoryRecords(), progress=progress, cancelled=cancelled)
    states = tuple(gate_states(read, found))
    said, shown = dossier_of(read, found, states, subject, (asked.party, asked.role, key.fingerprint))
    heed(cancelled)
    return MadeDossier(said, signed_text(said, private), shown, language, _doubt(read, key))


def _doubt(read: Programme, key: PartyKey) -> Phrase | None:
    """Why a key does not count by what this machine trusts."""
    known = read.standings.keys.get(key.fingerprint)
    if known is not None and known.standing.counts:
        return None
    why = Words() if known is None else known.standing.why
    return text("the key that signed it does not count on this machine: {why}", why=why)


def write_dossier(made: MadeDossier, path: Path) -> Path:
    """Write the signed file and beside it its page; the page's path."""
    page = path.with_suffix(".html")
    with whole(path) as first, whole(page) as second:
        first.write_bytes(made.file.encode())
        second.write_text(made.page(path.name), encoding="utf-8")
    return page


def _subject(read: Programme, asked: DossierOptions, findings: Findings) -> tuple[Literal["requirement", "gate"], str]:
    name = asked.subject
    seen = read.seen_by(asked.party if asked.party in read.parties else None)
    kinds = [kind for kind, there in (("gate", seen.gates), ("requirement", seen.requirements)) if name in there]
    if not kinds:
        what = text("no requirement and no gate is called {name}", name=name)
        hint = text("gates: {gates}; requirements: covolt verify", gates=", ".join(read.gates))
        raise NotFound(Problem(what, findings.called("subject"), hint))
    if len(kinds) > 1:
        what = text("a requirement and a gate are both called {name}", name=name)
        raise Conflict(Problem(what, findings.called("subject"), text("rename one of them")))
    if name in seen.hidden:
        what = text("the requirement {name} is its party's own", name=name)
        raise Forbidden(Problem(what, findings.called("subject"), text("let that party make the dossier")))
    return ("gate" if kinds[0] == "gate" else "requirement"), name


def _signer(read: Programme, asked: DossierOptions, findings: Findings) -> Ed25519PrivateKey | None:
    """The private key; everything for which it cannot sign so goes to the findings."""
    from covolt.programme.keys import OFFERS
    from covolt.programme.pledging import signer_problems
    from covolt.programme.signing import read_key

    if asked.key is None or not asked.party or not asked.role:
        what = text("a dossier is signed: party, role and key are needed")
        hint = text("name --party, --role and --key; keys: covolt key list")
        findings.add(Problem(what, findings.called("party", "role", "key"), hint), InputError)
        return None
    file = asked.key
    if asked.role == OFFERS:
        what = text("{role} signs offers, and no dossier", role=OFFERS)
        findings.add(Problem(what, findings.called("role"), text("name the role of a person")), Forbidden)
    private = findings.take(lambda: read_key(file))
    if private is not None and asked.party in read.parties:
        for one in signer_problems(read, private, asked.party, asked.role, f"{findings.called('key')} {file}"):
            findings.add(one, Forbidden)
    return private
