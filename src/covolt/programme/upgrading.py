"""Upgrading: what of a programme of covolt 0.1.0 moves into its party's place, and what only its parties can do.

Documents keep every byte, so that digests stay; files that they cite are copied along. A document that speaks for one party and
lies in the folder of another is not moved: only that party can say whether it is its word.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.contract.schemas import read_with_lines
from covolt.errors import Conflict, CovoltError, InputError, Problem, system_said
from covolt.files import digest_of, kind_of_refusal, opened
from covolt.journal import Change, reading, write_together
from covolt.programme.documents import Programme
from covolt.programme.folder import attachment, find_root
from covolt.programme.gate import SignOff
from covolt.programme.key_coherence import unsigned_offer, unsigned_texts
from covolt.programme.keys import OFFERS
from covolt.programme.offering import reports_of
from covolt.programme.party import Party
from covolt.programme.placing import place_problem, right_place
from covolt.programme.requirement import Requirement
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.signing import signature_problem
from covolt.programme.walk import document_files, link_on_the_way
from covolt.words import Phrase, joined, text

__all__ = ["Move", "Step", "carry_out", "misplaced", "steps"]


@dataclass(frozen=True)
class Move:
    """A document that moves, both places in the programme with /, and the files that are copied along with it.

    `asks` is the party that must agree first, since another's folder holds its word; empty for none.
    """

    source: str
    target: str
    along: tuple[tuple[str, str], ...] = ()
    asks: str = ""


@dataclass(frozen=True)
class Step:
    """What no tool does for a party: why, and its command."""

    why: Phrase
    command: str


def misplaced(path: Path) -> list[Move]:
    """Every document of a programme that does not stand where it speaks."""
    root = find_root(path)
    read: list[tuple[BaseModel, str]] = []
    with reading(root):
        for file in document_files(root, []):
            source = file.relative_to(root).as_posix()
            # What cannot be read is told by covolt check.
            with suppress(CovoltError):
                if not file.is_symlink():
                    read.append((read_with_lines(file, PROGRAMME_SCHEMAS, source)[0], source))
    parties = {one.id for one, _ in read if isinstance(one, Party)}
    astray = [one for one in read if place_problem(*one, {}, parties) is not None]
    taken: set[str] = set()
    moves = [_move(root, one, source, parties, taken) for one, source in astray]
    if problems := [problem for one in moves for at, _ in one.along for problem in _links(root, at)]:
        raise InputError(problems)
    return moves


def _links(root: Path, place: str) -> Iterator[Problem]:
    """That a link leads to a file which would be copied: what it leads to may be anything that this user can read."""
    link = link_on_the_way(root / place, root)
    if link is not None:
        hint = text("put the file itself here, or no longer cite it: nothing is copied through a link")
        yield Problem(text("this is a link"), link.relative_to(root).as_posix(), hint)


def _move(root: Path, document: BaseModel, source: str, parties: set[str], taken: set[str]) -> Move:
    target, at = right_place(document, source, parties), PurePosixPath(source).parent
    while not isinstance(document, Party) and (target in taken or _is_another(root, source, target)):
        plain = PurePosixPath(target)
        target = plain.with_name(f"{plain.stem}-moved{plain.suffix}").as_posix()
    taken.add(target)
    to = PurePosixPath(target).parent
    along = [((at / one).as_posix(), (to / one).as_posix()) for one in _cited(root, document, source)]
    found = [one for one in along if (root / one[0]).is_file()]
    return Move(source, target, tuple(found), _asks(document, at, parties))


def _is_another(root: Path, source: str, target: str) -> bool:
    return (root / target).exists() and (root / target).read_bytes() != (root / source).read_bytes()


def _asks(document: BaseModel, at: PurePosixPath, parties: set[str]) -> str:
    """The party whose word lies in the folder of another; empty where there is none."""
    speaker = document.datasheet if isinstance(document, Offer) else document
    party: str | None = document.id if isinstance(document, Party) else getattr(speaker, "party", None)
    # `offers/PARTY` and `keys/PARTY` are a party's own too.
    return party if party is not None and ({*at.parts[:2]} & parties) - {party} else ""


def _cited(root: Path, document: BaseModel, source: str) -> Iterator[PurePosixPath]:
    """Files that a document cites by their place beside it."""
    if isinstance(document, Requirement):
        yield from (PurePosixPath(one.path) for one in document.evidence)
    elif isinstance(document, Offer):
        path = root / source
        for stated in document.files:
            yield PurePosixPath(attachment(path, document, stated).relative_to(path.parent).as_posix())
    elif isinstance(document, Datasheet):
        yield from (PurePosixPath(path) for _, path in reports_of(document))


def carry_out(path: Path, moves: Sequence[Move]) -> None:
    """Move what need not be asked for, all of it or nothing: written where it belongs, and taken away where it was."""
    root = find_root(path)
    sure = [one for one in moves if not one.asks]
    pairs = dict([(one.target, one.source) for one in sure] + [(to, at) for one in sure for at, to in one.along])
    contents = {target: _content(root, source) for target, source in pairs.items()}
    wanted = {target: content for target, content in contents.items() if not _stands(root / target, content)}
    if problems := [
        Problem(
            text("another document stands where this one belongs"),
            target,
            text("look at both: {pairs}", pairs=pairs[target]),
        )
        for target in wanted
        if (root / target).exists()
    ]:
        raise Conflict(problems)
    written = [Change(root / target, content, before="") for target, content in wanted.items()]
    gone = [Change(root / one.source, None, before=digest_of(contents[one.target])) for one in sure]
    if gone:
        write_together(root, [*written, *gone])


def _content(root: Path, place: str) -> bytes:
    """Bytes of a file of the programme, to which no link leads even where one has just come."""
    path = root / place
    try:
        with opened(path.parent, root) as folder:
            content = folder.content(path.name)
    except OSError as error:
        raise kind_of_refusal(error)(
            Problem(text("cannot be read: {why}", why=system_said(error)), place, text("look at it"))
        ) from error
    if content is None:
        raise Conflict(Problem(text("this is no longer a file"), place, text("look at it, then run this again")))
    return content


def _stands(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and digest_of(path.read_bytes()) == digest_of(content)


def steps(programme: Programme, folder: str) -> list[Step]:
    """What only people can do, in its order: keys, their trust, signatures; nothing where nobody asks for a signature."""
    asked = {(one.party, one.role) for gate in programme.gates.values() for one in gate.signoffs}
    if not asked and programme.charter.signatures_from is None and not programme.keys:
        return []
    at = shlex.quote(folder)
    return [
        *_keys(programme, asked, at),
        *_offers(programme, at),
        *_texts(programme, at),
        *_demand(programme, at),
        *_signoffs(programme, at),
    ]


def _locked(programme: Programme) -> list[Offer]:
    pinned = [pin.offer for pin in programme.lock.slots.values()] if programme.lock else []
    return [programme.offers[name] for name in pinned if name in programme.offers]


def _keys(programme: Programme, asked: set[tuple[str, str]], at: str) -> Iterator[Step]:
    roles: dict[str, set[str]] = {}
    for party, role in asked:
        roles.setdefault(party, set()).add(role)
    for offer in _locked(programme):
        roles.setdefault(offer.datasheet.party, set()).add(OFFERS)
    keyed = {one.party for one in programme.keys.values()}
    missing = {party: found for party, found in sorted(roles.items()) if party not in keyed}
    for party, found in missing.items():
        said = " ".join(f"--role {shlex.quote(role)}" for role in sorted(found))
        why = text("{party} has no key", party=party)
        yield Step(why, f"covolt key new ~/keys/{party}.pem {at} --party {party} {said}")
    if missing:
        why = text("compare the words of each key over the telephone")
        yield Step(why, f"covolt key trust {at}")


def _offers(programme: Programme, at: str) -> Iterator[Step]:
    for offer in _locked(programme):
        sheet, why = offer.datasheet, unsigned_offer(programme, offer.reference, trusted=False)
        if why is None:
            continue
        part = next((name for name, one in programme.parts.items() if one == sheet), None)
        if part is None:
            said = text(
                "{reference}: {why}; its part is another by now: offer it as a new version, signed, then lock it",
                reference=offer.reference,
                why=why,
            )
            yield Step(said, f"covolt lock {at} --upgrade")
            continue
        said = joined((offer.reference, why), ": ")
        file = shlex.quote(str(Path(at.strip("'")) / programme.origin["part", part][0]))
        yield Step(said, f"covolt offer {file} --key ~/keys/{sheet.party}.pem")


def _texts(programme: Programme, at: str) -> Iterator[Step]:
    for name, texts in programme.checked.items():
        why = unsigned_texts(programme, name, trusted=False)
        if why is not None:
            file = shlex.quote(str(Path(at.strip("'")) / programme.origin["checked", name][0]))
            said = joined((name, why), ": ")
            yield Step(said, f"covolt sign --checked {file} --party {texts.party} --key ~/keys/{texts.party}.pem")


def _signoffs(programme: Programme, at: str) -> Iterator[Step]:
    for one in programme.signoffs.values():
        if not isinstance(one, SignOff):
            continue
        party = programme.parties.get(one.party)
        fault = signature_problem(one, party) if party else f"no party '{one.party}' in this programme"
        who = f"{one.gate}: {one.party}, {one.role}, {one.date}"
        said = (
            text("{who}: not genuine: {fault}", who=who, fault=fault)
            if fault
            else text(
                "{who}: genuine by the party's file alone; it covered verdicts of covolt 0.1.0 and this gate, "
                "none before it",
                who=who,
            )
        )
        party_role = f"--party {one.party} --role {shlex.quote(one.role)} --key ~/keys/{one.party}.pem"
        yield Step(said, f"covolt sign {one.gate} {at} {party_role}")


def _demand(programme: Programme, at: str) -> Iterator[Step]:
    first = min(programme.gates.values(), key=lambda one: one.order, default=None)
    if programme.charter.signatures_from is None and first is not None:
        why = text(
            'before gates are signed: say from which on only what is signed counts; write signatures_from = "{gate}"',
            gate=first.id,
        )
        yield Step(why, f"$EDITOR {at}/programme.toml")
