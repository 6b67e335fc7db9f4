"""The cars that ship with covolt, and the door to cars in files."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import InputError, Problem

if TYPE_CHECKING:
    from covolt.library.figures import CarFigures

__all__ = ["car_names", "car_text", "figures", "shipped_text"]

LARGEST_TEXT_bytes = 1_000_000


@cache
def car_names() -> tuple[str, ...]:
    """Names of the shipped cars."""
    folder = files("covolt") / "library" / "cars"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def shipped_text(name: str) -> str:
    """The file of a shipped car, to begin one's own from."""
    return (files("covolt") / "library" / "cars" / f"{name}.toml").read_text(encoding="utf-8")


def car_text(name_or_path: str) -> str | None:
    """The text by which a car is known, its name with it; None where it cannot be read, which `figures` then tells."""
    if name_or_path in car_names():
        return f"{name_or_path}\n{shipped_text(name_or_path)}"
    path = Path(name_or_path)
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_TEXT_bytes:
            return None
        return f"{path.stem}\n{path.read_text(encoding='utf-8')}"
    except (OSError, ValueError):
        return None


def figures(name_or_path: str) -> CarFigures:
    """Figures of a car by its shipped name, or from a TOML file."""
    from covolt.contract.document import loads
    from covolt.library.figures import CarFigures, read_car

    if name_or_path in car_names():
        return loads(shipped_text(name_or_path), CarFigures, f"{name_or_path}.toml")
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1 or path.exists():
        if path.is_dir():
            raise InputError(Problem("a folder, not a file", name_or_path, "name the TOML file of the car inside it"))
        return read_car(path)
    close = difflib.get_close_matches(name_or_path.casefold(), car_names(), n=3, cutoff=0.4)
    listed = "did you mean " + " or ".join(f"'{name}'" for name in close) + "?" if close else "list them: covolt parts"
    raise InputError(
        Problem(f"there is no car named '{name_or_path}'", "CAR", f"{listed} A file of your own ends in .toml")
    )
