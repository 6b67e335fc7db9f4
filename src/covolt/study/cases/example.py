"""The use case of a shipped programme: copied into a folder of one's own, to try everything on, signatures and all."""

from __future__ import annotations

from pathlib import Path

import covolt
from covolt.errors import Conflict, NotFound, Problem
from covolt.journal import Change, write_together
from covolt.words import text

__all__ = ["copy_example", "example_names"]

PLACES = (Path(covolt.__file__).parent / "examples", Path(covolt.__file__).parents[2] / "examples")
"""In an installed covolt, and in a checkout."""


def _found() -> dict[str, Path]:
    return {path.parent.name: path.parent for place in reversed(PLACES) for path in place.glob("*/programme.toml")}


def example_names() -> list[str]:
    """Names of the programmes that ship as examples."""
    return sorted(_found())


def copy_example(folder: Path, name: str) -> Path:
    """Copy a shipped programme into a new or empty folder, all of its files or none.

    Raises:
        NotFound: no programme of this name is shipped.
        Conflict: there is something in the folder.
    """
    source = _found().get(name)
    if source is None:
        raise NotFound(
            Problem(
                text("no programme '{name}' is shipped", name=name),
                name,
                text("shipped: {example_names}", example_names=", ".join(example_names())),
            )
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            Problem(text("there is something here already"), str(folder), text("name a new or an empty folder"))
        )
    hidden = {".covolt", "build", "__pycache__"}
    paths = [path for path in source.rglob("*") if path.is_file() and not hidden & set(path.relative_to(source).parts)]
    folder.mkdir(parents=True, exist_ok=True)
    root = folder.resolve()
    write_together(root, [Change(root / path.relative_to(source), path.read_bytes(), before="") for path in paths])
    return folder
