"""Placing: a document speaks only in its own place, so that who may write to a folder is who may speak in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from pydantic import BaseModel

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.errors import Problem
from covolt.programme.agreement import Contract
from covolt.programme.charter import Scenario
from covolt.programme.checked import CheckedTexts
from covolt.programme.design_space import DesignVariable
from covolt.programme.gate import Gate, KeyedSignOff, SignOff
from covolt.programme.keys import PartyKey, Revocation, Signature
from covolt.programme.negative import Negative
from covolt.programme.party import Party
from covolt.programme.requirement import Interest, Requirement
from covolt.programme.slot import Slot
from covolt.programme.table import TABLES
from covolt.words import text

__all__ = ["OFFERS_FOLDER", "SHARED_FOLDERS", "name_problem", "place_problem", "right_place"]

PARTIES_FOLDER, OFFERS_FOLDER, SIGNOFFS_FOLDER, KEYS_FOLDER = "parties", "offers", "signoffs", "keys"
SHARED_FOLDERS = frozenset({PARTIES_FOLDER, OFFERS_FOLDER, SIGNOFFS_FOLDER, KEYS_FOLDER, "baselines"})
"""Folders that are no party's own: no party may be called so."""
_COMMON: tuple[tuple[type[BaseModel], str], ...] = (
    (Slot, "slots"),
    (Contract, "contracts"),
    (Scenario, "scenarios"),
    (Gate, "gates"),
    *((kind, "tables") for kind in TABLES.values()),
)


def _folder(document: BaseModel) -> str:
    """Folder in which a document of a party, or on a gate, speaks; empty for what is agreed between parties."""
    if isinstance(document, Offer):
        return f"{OFFERS_FOLDER}/{document.datasheet.party}"
    if isinstance(document, SignOff | KeyedSignOff):
        return f"{SIGNOFFS_FOLDER}/{document.gate}"
    if isinstance(document, PartyKey | Revocation):
        return f"{KEYS_FOLDER}/{document.party}"
    if isinstance(document, Signature) and document.subject == "offer":
        return f"{OFFERS_FOLDER}/{document.party}"
    if isinstance(document, Requirement | Interest | DesignVariable | Negative | Datasheet | CheckedTexts | Signature):
        return document.party
    return ""


def right_place(document: BaseModel, source: str, parties: Collection[str]) -> str:
    """Where a document belongs, with the name that its file has; what a party keeps in folders of its own keeps them."""
    if isinstance(document, Party):
        return f"{PARTIES_FOLDER}/{document.id}.toml"
    common = next((folder for kind, folder in _COMMON if isinstance(document, kind)), "")
    folder = _folder(document)
    if folder and "/" not in folder:
        first, *inner = PurePosixPath(source).parts
        return "/".join((folder, *(inner if inner and first in parties else (first, *inner))))
    return f"{folder or common}/{PurePosixPath(source).name}"


def place_problem(
    document: BaseModel, source: str, lines: Mapping[tuple[str | int, ...], int], parties: Collection[str]
) -> Problem | None:
    """That a document does not stand where it may speak, with the line in which it says for whom; None where it does."""
    right = right_place(document, source, parties)
    if isinstance(document, Party):
        if source == right:
            return None
        what = text("it speaks for {document}, and is not {right}", document=document.id, right=right)
    elif not _folder(document):
        folder = source.rpartition("/")[0].partition("/")[0].casefold()
        owners = {one.casefold(): one for one in parties}
        if folder not in SHARED_FOLDERS and folder not in owners:
            return None
        whose = text("is {owners}'s", owners=owners[folder]) if folder in owners else text("is for other documents")
        what = text("it is agreed between parties, and the folder {folder} {whose}", folder=folder, whose=whose)
    else:
        if source.startswith(f"{_folder(document)}/"):
            return None
        what = text(
            "it speaks for {speaker}, and does not stand in the folder {folder}",
            speaker=_speaker(document),
            folder=_folder(document),
        )
    said = next((lines[key] for key in _SPEAKERS if key in lines), 1)
    return Problem(
        what, f"{source}:{said}", text("it counts nowhere else; where it is meant so, move it: {right}", right=right)
    )


_SPEAKERS = (("party",), ("datasheet", "party"), ("id",))


def _speaker(document: BaseModel) -> str:
    return document.datasheet.party if isinstance(document, Offer) else str(getattr(document, "party"))  # noqa: B009


def name_problem(party: str) -> Iterator[Problem]:
    """That a party is called as a folder of the programme is."""
    if party.casefold() in SHARED_FOLDERS or re.fullmatch(r"build|evidence|data|node_modules", party.casefold()):
        yield Problem(
            text("'{party}' is the name of a folder that is no party's own", party=party),
            f"parties/{party}.toml",
            text("choose another"),
        )
