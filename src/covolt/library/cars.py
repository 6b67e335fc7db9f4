"""The cars that ship with covolt, and the door to cars in files."""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import InputError, NotFound, Problem
from covolt.words import either, text

if TYPE_CHECKING:
    from covolt.library.figures import CarFigures

__all__ = ["car_files", "car_names", "car_text", "figures", "shipped_text"]

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
    text = _small_text(path)
    if text is None:
        return None
    known = f"{path.stem}\n{text}"
    cell = _cell_path(path, text)
    if cell is None:
        return known
    cell_text = _small_text(cell)
    return None if cell_text is None else f"{known}\n{cell_text}"


def car_files(name_or_path: str) -> list[Path]:
    """Files in which a car is described: its own, and that of its cells."""
    path = Path(name_or_path)
    text = None if name_or_path in car_names() else _small_text(path)
    cell = None if text is None else _cell_path(path, text)
    return [path] if cell is None else [path, cell]


def _small_text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_TEXT_bytes:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _cell_path(path: Path, text: str) -> Path | None:
    """Where the cell file of a car lies, if it names one."""
    if "battery_cell" not in text:
        return None
    import tomllib

    try:
        named = tomllib.loads(text).get("battery_cell")
    except (ValueError, RecursionError):
        return None
    return path.parent / named if isinstance(named, str) else None


def figures(name_or_path: str) -> CarFigures:
    """Figures of a car by its shipped name, or from a TOML file."""
    from covolt.contract.document import loads
    from covolt.library.figures import CarFigures, read_car

    if name_or_path in car_names():
        return loads(shipped_text(name_or_path), CarFigures, f"{name_or_path}.toml")
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1 or (name_or_path and path.exists()):
        if path.is_dir():
            raise InputError(
                Problem(text("a folder, not a file"), name_or_path, text("name the TOML file of the car inside it"))
            )
        return read_car(path)
    close = difflib.get_close_matches(name_or_path.casefold(), car_names(), n=3)
    listed = (
        text("did you mean {close}?", close=either(f"'{name}'" for name in close))
        if close
        else text("list them: covolt parts.")
    )
    if (option := re.match(r"-*(cycle|route|ambient|soc)\b", name_or_path)) is not None:
        listed = text("write --{option} as an option of its own: --{option} VALUE.", option=option[1])
    raise NotFound(
        Problem(
            text("there is no car named '{name_or_path}'", name_or_path=name_or_path),
            "CAR",
            text("{listed} A file of your own ends in .toml", listed=listed),
        )
    )
