"""The catalogue: the parts and offers that lie in a folder."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.contract.schemas import read_document
from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.words import text

__all__ = ["Catalogue", "read_folder"]


@dataclass(frozen=True)
class Catalogue:
    """Datasheets and offers by reference, `party/id@version`."""

    datasheets: Mapping[str, Datasheet]
    offers: Mapping[str, Offer]

    def offers_for(self, slot: str) -> tuple[Offer, ...]:
        """Offers whose interface has the name of a slot, in order of reference."""
        return tuple(offer for _, offer in sorted(self.offers.items()) if offer.interface.name == slot)

    def offer(self, reference: str) -> Offer:
        """One offer by reference."""
        if reference not in self.offers:
            close = difflib.get_close_matches(reference, list(self.offers), n=1)
            hint = (
                text("did you mean '{close}'?", close=close[0]) if close else text("list the offers with: covolt parts")
            )
            raise NotFound(Problem(text("no offer '{reference}'", reference=reference), "catalogue", hint))
        return self.offers[reference]


def read_folder(folder: Path) -> Catalogue:
    """All datasheets and offers under a folder; raises the problems of all files together.

    Every TOML file under the folder must be a document of covolt. Offers are verified: one that was changed after it
    was published is refused.
    """
    if not folder.is_dir():
        raise NotFound(
            Problem(text("not a folder"), str(folder), text("name a folder that holds part.toml or offer.toml files"))
        )
    problems: list[Problem] = []
    datasheets: dict[str, Datasheet] = {}
    offers: dict[str, Offer] = {}
    origin: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.rglob("*.toml")):
        try:
            document = read_document(path)
            if isinstance(document, Offer):
                document.verify()
        except CovoltError as error:
            problems.extend(error.problems)
            continue
        if not isinstance(document, Offer | Datasheet):
            continue
        first = origin.setdefault((type(document).__name__, document.reference), path)
        if first is not path:
            what = text("{document} is already given by {first}", document=document.reference, first=str(first))
            problems.append(Problem(what, str(path), text("give this one another version")))
        elif isinstance(document, Offer):
            offers[document.reference] = document
        else:
            datasheets[document.reference] = document
    if problems:
        raise InputError(problems)
    return Catalogue(datasheets, offers)
