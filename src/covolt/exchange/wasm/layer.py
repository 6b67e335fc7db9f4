"""The layered standard in an FMU: its component, its manifest, and the files of `resources/` that the component may read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from covolt.errors import InputError, NotFound, Problem, system_said
from covolt.exchange.archive import Archive
from covolt.exchange.plain_xml import read_xml
from covolt.words import text

__all__ = ["MANIFEST", "PLATFORM", "Folder", "Layer", "component_name", "read_layer"]

PLATFORM: Final = "wasm32-wasip2"
"""What the folder of components is called among those of binaries."""
MANIFEST: Final = "extra/org.modelica.fmi-ls-wasm/manifest.xml"
_NAME: Final = "org.modelica.fmi-ls-wasm"
_MOST_MANIFEST_BYTES: Final = 65_536
_MOST_FILE_BYTES: Final = 16 * 2**20


@final
@dataclass(frozen=True)
class Layer:
    """What the manifest says."""

    version: str
    """Of the layered standard."""
    meaning: str = ""


def component_name(identifier: str) -> str:
    """Where in an FMU the component of an interface lies."""
    return f"binaries/{PLATFORM}/{identifier}.wasm"


def read_layer(archive: Archive) -> Layer:
    """What the manifest of an FMU with a component says.

    Raises:
        NotFound: it has none.
        InputError: it is no manifest of this layered standard.
    """
    if MANIFEST not in archive:
        what = text("it has a WebAssembly component, but not the {file} that FMI-LS-WASM asks for", file=MANIFEST)
        raise NotFound(Problem(what, archive.path.name, text("export it anew, or ask who made it for the manifest")))
    where = f"{archive.path.name}, {MANIFEST}"
    root = read_xml(archive.read(MANIFEST, _MOST_MANIFEST_BYTES), where)
    fields = {name.rpartition("}")[2]: value for name, value in root.attributes.items()}
    if fields.get("fmi-ls-name") != _NAME or not fields.get("fmi-ls-version"):
        what = text("this is no manifest of {name} with a version", name=_NAME)
        raise InputError(Problem(what, where, text("give it fmi-ls-name and fmi-ls-version as the standard has them")))
    return Layer(fields["fmi-ls-version"], fields.get("fmi-ls-description", ""))


@final
class Folder:
    """The files below an unpacked folder `resources/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        """The bytes of an ordinary file below the folder.

        Raises:
            InputError: there is none, it is too large, or the path leads through a link or outside.
        """
        here = self._folder
        try:
            for step in _steps(path):
                here = here / step
                if here.is_symlink():
                    raise InputError(Problem(text("{path} does not lead to a file of resources", path=path[:200])))
            return _content(here, path)
        except (OSError, ValueError) as error:
            said = system_said(error) if isinstance(error, OSError) else str(error)
            raise InputError(Problem(text("{path} cannot be read: {said}", path=path[:200], said=said))) from None


def _steps(path: str) -> list[str]:
    """Names on the way to a file.

    Raises:
        InputError: the path leads outside.
    """
    steps = path.split("/")
    if any(step in {"", ".", ".."} or "\\" in step or ":" in step or "\0" in step for step in steps):
        raise InputError(Problem(text("{path} does not lead to a file of resources", path=path[:200])))
    return steps


def _content(file: Path, path: str) -> bytes:
    if not file.is_file():
        raise InputError(Problem(text("{path} is no ordinary file", path=path[:200])))
    size_bytes = file.stat().st_size
    if size_bytes > _MOST_FILE_BYTES:
        what = text(
            "{path} has {size} bytes, more than {most}", path=path[:200], size=size_bytes, most=_MOST_FILE_BYTES
        )
        raise InputError(Problem(what))
    return file.read_bytes()
