"""What a party sees of the folders of others, as files: with its own and the shared ones they make a programme to work in."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from covolt.contract.document import dumps
from covolt.programme.documents import Programme

__all__ = ["files_beside"]


def files_beside(own: Programme) -> dict[str, bytes]:
    """Documents of others that the reader of a programme may see, each by its place, written anew from what is seen.

    Of a requirement that is hidden from the reader its id, owner, kind and gate are left, so that what names it finds it. Parts
    of others are not among them: what is to be seen of these they offer.
    """
    kinds: tuple[tuple[str, Mapping[str, BaseModel]], ...] = (
        ("requirement", own.requirements),
        ("interest", own.interests),
        ("design", own.designs),
        ("negative", own.negatives),
        ("checked", own.checked),
        ("signature", own.signatures),
    )
    found: dict[str, bytes] = {}
    for kind, documents in kinds:
        for name, one in documents.items():
            place, _ = own.origin[kind, name]
            folder = place.partition("/")[0]
            if folder in own.parties and folder != own.reader:
                hidden = kind == "requirement" and name in own.hidden
                found[f"{folder}/requirements/{name}.toml" if hidden else place] = dumps(one).encode()
    return found
