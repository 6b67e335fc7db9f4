"""The door by which a party takes out all that it owns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, BinaryIO

from fastapi import APIRouter
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse

from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import API, Who

__all__ = ["routes"]

PIECE_bytes = 2**16


class Zip(StreamingResponse):
    """An archive."""

    media_type = "application/zip"


def routes(workspace: Workspace) -> APIRouter:
    """This door."""
    doors = APIRouter(prefix=API)

    @doors.get("/programmes/{name}/parties/{which}/export", response_class=Zip)
    def export(name: str, which: Annotated[str, PathParameter(max_length=100)], who: Who) -> Zip:
        packed = workspace.exports.packed(name, which, who)
        # Whom it lets in acts for this very party: its id is one that the programme has.
        return Zip(_pieces(packed), headers={"Content-Disposition": f'attachment; filename="{name}-{which}.zip"'})

    return doors


def _pieces(packed: BinaryIO) -> Iterator[bytes]:
    with closing(packed):
        while piece := packed.read(PIECE_bytes):
            yield piece
