"""Renaming: a party, or the programme, called otherwise in every file that names it; what was signed is nobody's to rename."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.document import dumps
from covolt.contract.editing import edited
from covolt.contract.offer import Offer
from covolt.contract.schemas import document_of, read_document
from covolt.errors import Conflict, CovoltError, Forbidden, InputError, NotFound, Problem
from covolt.files import digest_of
from covolt.journal import Change, write_together
from covolt.places import unportable
from covolt.programme.agreement import Contract
from covolt.programme.baselines import baselines
from covolt.programme.charter import Charter, Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.coherence import incoherences
from covolt.programme.design_space import DesignVariable
from covolt.programme.documents import Programme
from covolt.programme.gate import Gate
from covolt.programme.lock import Lock, Pin
from covolt.programme.locking import lock_text
from covolt.programme.negative import Negative
from covolt.programme.party import Party
from covolt.programme.placing import OFFERS_FOLDER, PARTIES_FOLDER, name_problem
from covolt.programme.reading import read_leniently
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.schemas import PROGRAMME_SCHEMAS
from covolt.programme.slot import Slot
from covolt.programme.text import IDENTIFIER, Title, titled
from covolt.programme.walk import document_files
from covolt.suggestion import named
from covolt.words import text

__all__ = ["Renaming", "renaming", "write_renaming"]


@dataclass(frozen=True)
class Renaming:
    """What a renaming writes, in one step: files changed and moved, offers published anew, and what it leaves as it is."""

    root: Path
    changes: Sequence[Change]
    moved: Mapping[str, str]
    offers: Mapping[str, str]
    notices: Sequence[Problem]


def renaming(programme: Programme, old: str, new: str, title: str = "") -> Renaming:
    """The files of a programme with one of its parties, or itself, called otherwise.

    An offer is part of what its digest covers: each is published anew under the new name with the same content, and the locks
    pin it so. Raises where the name cannot be taken, and where somebody's key, signature or sign-off names the old one.
    """
    whole = old not in programme.parties and old == programme.charter.id
    _demand_possible(programme, old, new, whole=whole)
    names = _Names(old, new, title, whole=whole)
    root = programme.root
    files = {file: file.read_bytes() for file in _files(root, names)}
    read = {
        file: read_document(file, PROGRAMME_SCHEMAS, file.relative_to(root).as_posix())
        for file in {*document_files(root, []), *baselines(root)} & files.keys()
    }
    offers = {one.reference: names.applied(one) for one in read.values() if isinstance(one, Offer)}
    pins = {before: (after.reference, after.digest) for before, after in offers.items() if isinstance(after, Offer)}
    written: list[Change] = []
    gone: list[Change] = []
    moved: dict[str, str] = {}
    for file, content in sorted(files.items()):
        place = file.relative_to(root).as_posix()
        document = read.get(file)
        after = None if document is None else _with_pins(names.applied(document), pins, names)
        text = content if document is None or after is None or after == document else _text(content, document, after)
        target = names.place(place)
        if target != place:
            moved[place] = target
            gone.append(Change(file, None, before=digest_of(content)))
            written.append(Change(root / target, text, before=""))
        elif text != content:
            written.append(Change(file, text, before=digest_of(content)))
    published = {before: after for before, (after, _) in pins.items() if before != after}
    made = Renaming(root, (*written, *gone), moved, published, _notices(programme, old, whole=whole))
    _demand_whole(made)
    return made


def write_renaming(made: Renaming) -> None:
    """Write all of a renaming, or nothing of it."""
    write_together(made.root, made.changes)


_Asking = Requirement | Interest | DesignVariable | Datasheet | CheckedTexts | Scenario


@dataclass(frozen=True)
class _Names:
    """What is called how before and after; the programme itself where `whole`."""

    old: str
    new: str
    title: str
    whole: bool

    def one(self, name: str) -> str:
        return self.new if name == self.old and not self.whole else name

    def place(self, place: str) -> str:
        """Where a file stands afterwards."""
        parts = PurePosixPath(place).parts
        if self.whole or len(parts) < 2:
            return place
        if place == f"{PARTIES_FOLDER}/{self.old}.toml":
            return f"{PARTIES_FOLDER}/{self.new}.toml"
        at = 1 if parts[0] == OFFERS_FOLDER else 0
        return PurePosixPath(*parts[:at], self.one(parts[at]), *parts[at + 1 :]).as_posix()

    def _asked(self, document: _Asking) -> dict[str, object]:
        """The party that speaks, the one of whose level it asks, and its own offers among which may be chosen."""
        if isinstance(document, DesignVariable):
            mine = f"{self.old}/"
            offers = (
                f"{self.one(self.old)}/{one.removeprefix(mine)}" if one.startswith(mine) else one
                for one in document.offers
            )
            return {"party": self.one(document.party), "offers": tuple(offers)}
        update: dict[str, object] = {} if isinstance(document, Scenario) else {"party": self.one(document.party)}
        asked = None if isinstance(document, Datasheet | CheckedTexts) else document.conditions
        if asked is not None and asked.party is not None:
            update["conditions"] = asked.model_copy(update={"party": self.one(asked.party)})
        return update

    def applied(self, document: BaseModel) -> BaseModel:
        """A document with the new name in the place of the old one."""
        update: dict[str, object] = {}
        if isinstance(document, Charter if self.whole else Party) and getattr(document, "id", "") == self.old:
            update = {"id": self.new}
        elif isinstance(document, Party) and document.belongs_to is not None:
            update = {"belongs_to": tuple(map(self.one, document.belongs_to))}
        elif isinstance(document, Slot):
            update = {"owner": self.one(document.owner)}
        elif isinstance(document, Contract):
            update = {"between": tuple(map(self.one, document.between))}
        elif isinstance(document, _Asking):
            update = self._asked(document)
        elif isinstance(document, Negative):
            guards = (one.model_copy(update={"party": one.party and self.one(one.party)}) for one in document.guards)
            whose = document.whose if isinstance(document.whose, Title) else self.one(document.whose)
            update = {"party": self.one(document.party), "whose": whose, "guards": tuple(guards)}
        elif isinstance(document, Gate):
            update = {
                "signoffs": tuple(one.model_copy(update={"party": self.one(one.party)}) for one in document.signoffs)
            }
        elif isinstance(document, Offer) and self.one(document.datasheet.party) != document.datasheet.party:
            sheet = document.datasheet.model_copy(update={"party": self.new})
            draft = document.model_copy(update={"datasheet": sheet})
            return draft.model_copy(update={"digest": draft.content_digest()})
        if self.title and "id" in update:
            update["title"] = titled(self.title)
        return document.model_copy(update=update)


def _with_pins(document: BaseModel, pins: Mapping[str, tuple[str, str]], names: _Names) -> BaseModel:
    """A lock with the offers that were published anew, and what it holds of documents as they are called now."""
    if not isinstance(document, Lock):
        return document
    slots = {
        slot: Pin(offer=pins[pin.offer][0], digest=pins[pin.offer][1], contract=pin.contract)
        if pin.offer in pins
        else pin
        for slot, pin in document.slots.items()
    }
    held = {names.place(place): _held(place, text, names) for place, text in document.documents.items()}
    return document.model_copy(update={"slots": slots, "documents": dict(sorted(held.items()))})


def _held(place: str, text: str, names: _Names) -> str:
    """The text of a document that a baseline holds, under the new name."""
    document = document_of(text, place, PROGRAMME_SCHEMAS)[0]
    return _text(text.encode(), document, names.applied(document)).decode().strip()


def _text(content: bytes, before: BaseModel, after: BaseModel) -> bytes:
    """The file with what differs; an offer, and a baseline that holds documents, as they are made: nobody writes them by hand."""
    if isinstance(after, Offer):
        return dumps(after).encode()
    if isinstance(after, Lock) and after.documents:
        return lock_text(after).encode()
    return edited(content.decode("utf-8-sig"), before, after).encode()


def _files(root: Path, names: _Names) -> Iterator[Path]:
    """Documents and locks, and whatever else lies in the folders that are moved."""
    found = {*document_files(root, []), *baselines(root)}
    if not names.whole:
        for folder in (root / names.old, root / OFFERS_FOLDER / names.old):
            found |= {one for one in folder.rglob("*") if one.is_file() or one.is_symlink()}
    links = sorted(one.relative_to(root).as_posix() for one in found if one.is_symlink())
    if links:
        raise InputError([Problem(text("this is a link"), one, text("put the file itself here")) for one in links])
    yield from found


def _demand_possible(programme: Programme, old: str, new: str, *, whole: bool) -> None:
    if not whole and old not in programme.parties:
        known = [*programme.parties, programme.charter.id]
        raise NotFound(Problem(text("no party '{old}' in this programme", old=old), "OLD", named(old, known)))
    problems = [] if whole else [replace(one, where="NEW") for one in name_problem(new)]
    if not re.fullmatch(IDENTIFIER, new):
        problems.append(
            Problem(
                text("'{new}' is no name", new=new), "NEW", text("use Latin letters, digits, - and _, such as volta")
            )
        )
    if (odd := unportable(Path(new))) is not None:
        problems.append(Problem(odd[0], "NEW", odd[1]))
    if problems:
        raise InputError(problems)
    taken = {one.casefold(): one for one in programme.parties}
    if not whole and (there := taken.get(new.casefold())) is not None:
        raise Conflict(
            Problem(
                text("'{there}' is a party already", there=there),
                "NEW",
                text("choose a name that differs by more than capitals"),
            )
        )
    if not whole and any((programme.root / one).exists() for one in (new, f"{OFFERS_FOLDER}/{new}")):
        raise Conflict(
            Problem(
                text("there is a folder {new} already", new=new),
                "NEW",
                text("choose another name, or move that folder away"),
            )
        )
    _demand_unsigned(programme, old, whole=whole)


def _demand_unsigned(programme: Programme, old: str, *, whole: bool) -> None:
    """That no key, signature or sign-off names what is renamed: it is somebody's word, and cannot be changed for him."""
    said = [
        *(("key", name, one.party) for name, one in programme.keys.items()),
        *(("revocation", name, one.party) for name, one in programme.revocations.items()),
        *(("signature", name, one.party) for name, one in programme.signatures.items()),
        *(("signoff", name, one.party) for name, one in programme.signoffs.items()),
    ]
    own = [(kind, name) for kind, name, party in said if whole or party == old]
    if own:
        what = text("keys and signatures name '{old}', and are nobody's to rename", old=old)
        anew = (
            text("keep this name, and begin another programme")
            if whole
            else text("keep this name, or let it come in as a new party")
        )
        places = ", ".join(programme.where(*one) for one in own[:2]) + (", …" if len(own) > 2 else "")
        raise Forbidden(Problem(what, places, text("{anew}, with keys and offers of its own", anew=anew)))


def _notices(programme: Programme, old: str, *, whole: bool) -> list[Problem]:
    """Whose sign-offs are over the old name, and stand no longer, and which pages speak of it."""
    pages = [
        one
        for one in sorted(programme.root.glob("*.md"))
        if re.search(rf"\b{re.escape(old)}\b", one.read_text("utf-8"))
    ]
    return [
        *(
            Problem(
                text("it speaks of '{old}', and was left as it is", old=old), one.name, text("mend its words by hand")
            )
            for one in pages
        ),
        *_stale(programme, old, whole=whole),
    ]


def _stale(programme: Programme, old: str, *, whole: bool) -> list[Problem]:
    return [
        Problem(
            text("{party} has signed the gate '{gate}' over the name '{old}'", party=one.party, gate=one.gate, old=old),
            programme.where("signoff", name),
            text("that signature is stale now; let it sign again: covolt sign"),
        )
        for name, one in programme.signoffs.items()
        if not whole
    ]


def _demand_whole(made: Renaming) -> None:
    """That the programme is in order afterwards: looked at in a copy, before anything is written."""
    with TemporaryDirectory(prefix="covolt-rename-") as copied:
        draft = Path(copied).resolve() / "programme"
        copytree(made.root, draft, ignore=ignore_patterns(".*", "build", "data", "node_modules"), symlinks=True)
        for one in made.changes:
            path = draft / one.path.relative_to(made.root)
            if one.content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(one.content)
        try:
            problems = incoherences(read_leniently(draft))
        except CovoltError as error:
            problems = list(error.problems)
    if problems:
        raise InputError(problems)
