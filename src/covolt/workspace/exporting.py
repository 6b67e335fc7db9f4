"""All that a party owns in a programme, packed for the party itself and for nobody else."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO, cast, final

from covolt.errors import Forbidden, Problem
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.keeping import export_written
from covolt.workspace.programmes import Programmes

__all__ = ["Exports"]


@final
class Exports:
    """What parties take out of the programmes of a workspace."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes

    def packed(self, name: str, party: str, who: Reader) -> BinaryIO:
        """An archive from its beginning, in a file without a name: it is gone when it is closed.

        Raises:
            NotFound: there is no such party.
            Forbidden: who asks does not act for the whole of this party.
        """
        if who.party != party or who.slots is not None:
            what = text("this is for who acts for the whole of '{party}'", party=party)
            raise Forbidden(Problem(what, "party", text("act for the party of which you ask")))
        with TemporaryDirectory(prefix=".covolt-export-", dir=self._programmes.home) as made:
            file = Path(made) / "own.zip"
            export_written(self._programmes.folders(name), self._programmes.database, name, party, file)
            kept = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 - whoever streams it closes it
            with file.open("rb") as packed:
                shutil.copyfileobj(packed, kept)
        kept.seek(0)
        return kept
