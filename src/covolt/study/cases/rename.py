"""The use case `rename`: a party or the programme called otherwise in every file that names it, in one step."""

from __future__ import annotations

from pathlib import Path

from covolt.programme.reading import read_programme
from covolt.programme.renaming import Renaming, renaming, write_renaming

__all__ = ["rename"]


def rename(programme: Path, old: str, new: str, title: str = "", *, write: bool = True) -> Renaming:
    """Call a party, or the programme by its id, otherwise; without `write` nothing is changed.

    Raises:
        InputError: the programme is not in order, the name cannot be taken, or keys and signatures name the old one.
    """
    made = renaming(read_programme(programme), old, new, title)
    if write:
        write_renaming(made)
    return made
