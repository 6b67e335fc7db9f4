"""Offers: a published version of a part that never changes again, known by the hash of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from covolt.contract.compatibility import datasheet_differences, differences, offered_interface
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import DOCUMENT, canonical_json, inner_path
from covolt.contract.interface import Interface
from covolt.errors import ContractError, Problem
from covolt.legible import apart
from covolt.words import text

__all__ = ["AttachedFile", "Offer", "publish"]

DIGEST = r"^sha256:[0-9a-f]{64}$"
_UNSIGNED = "sha256:" + "0" * 64


class AttachedFile(BaseModel):
    """A file that belongs to the offer, such as an FMU or a report, by its content."""

    model_config = DOCUMENT

    path: str
    digest: str = Field(pattern=DIGEST)

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        return inner_path(path, "the folder of the part")


class Offer(BaseModel):
    """A published, immutable version of a part: its datasheet, the interface it keeps, its files, and their digest."""

    model_config = DOCUMENT

    document: Literal["offer/1"] = Field(default="offer/1", alias="schema")
    digest: str = Field(pattern=DIGEST)
    datasheet: Datasheet
    interface: Interface
    files: tuple[AttachedFile, ...] = ()

    @property
    def reference(self) -> str:
        """How the offer is cited: `battery-works/pack-33@1.2.0`."""
        return self.datasheet.reference

    def content_digest(self) -> str:
        """Hash of everything but the digest itself."""
        return "sha256:" + hashlib.sha256(canonical_json(self, exclude={"digest"})).hexdigest()

    def verify(self) -> None:
        """Raise if the content is not what was published."""
        found = self.content_digest()
        if found != self.digest:
            now, then = apart(found, self.digest)
            what = text(
                "offer {reference} was changed after it was published: {now} is not {then}",
                reference=self.reference,
                now=now,
                then=then,
            )
            raise ContractError(Problem(what, "digest", text("publish the change as a new version")))


def publish(datasheet: Datasheet, interface: Interface, files: Iterable[AttachedFile] = ()) -> Offer:
    """Offer of a part under an interface; raises every reason for which the part cannot be offered under it."""
    found = datasheet_differences(datasheet, interface)
    kept = interface if found else offered_interface(datasheet, interface)
    found += differences(kept, interface)
    if found:
        raise ContractError([one.problem(datasheet.reference) for one in found])
    draft = Offer(digest=_UNSIGNED, datasheet=datasheet, interface=kept, files=tuple(files))
    return draft.model_copy(update={"digest": draft.content_digest()})
