"""The files of an SSP: an archive, a folder or a structure that lies open, in which sources are found and never left."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import final
from urllib.parse import unquote, urlsplit

from covolt.errors import InputError, NotFound, Problem, system_said
from covolt.exchange.archive import opened_archive
from covolt.files import kind_of_refusal
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["DEFAULT", "Package", "Reference", "open_package", "refer"]

DEFAULT = "SystemStructure.ssd"
"""The structure of an archive that is meant where none is named."""
MOST_BYTES = 64 * 1024 * 1024


@final
@dataclass(frozen=True)
class Reference:
    """A source as its parts: a file of the package, or what lies elsewhere, and a fragment."""

    path: str
    """Relative, with forward slashes; empty where the document itself is meant."""
    fragment: str
    scheme: str


def refer(source: str) -> Reference | None:
    """A source of a document; None where it can be read as none."""
    try:
        parts = urlsplit(source.replace("\\", "/").strip())
    except ValueError:
        return None
    if parts.scheme or parts.netloc:
        return Reference(source, "", parts.scheme or "//")
    return Reference(unquote(parts.path), unquote(parts.fragment), "")


@final
class Package:
    """A folder in which an SSP lies, unpacked."""

    def __init__(self, root: Path, label: str, digest: str) -> None:
        self.root = root.resolve()
        self.label = label
        """How people call it: the file that was given."""
        self.digest = digest

    def find(self, base: str, reference: str, where: str) -> tuple[str, Path]:
        """A file of the package by its place beside the document `base`: its name in the package, and where it lies.

        Raises:
            InputError: it leads out of the package, or is not there.
        """
        steps: list[str] = list(PurePosixPath(base).parent.parts)
        for step in reference.split("/"):
            if step == "..":
                if not steps:
                    raise InputError(_leaves(reference, where))
                steps.pop()
            elif step not in {"", "."}:
                steps.append(step)
        name = "/".join(steps)
        try:
            path = self.root.joinpath(*steps)
            real = path.resolve()
            if reference.startswith("/") or "\0" in name or not real.is_relative_to(self.root):
                raise InputError(_leaves(reference, where))
            if not real.is_file():
                raise NotFound(Problem(text("there is no file '{name}'", name=name), where, self._hint(name)))
        except (OSError, ValueError) as error:
            hint = text("put the file into the package, or write the right source")
            raise NotFound(Problem(text("there is no file '{name}'", name=name[:200]), where, hint)) from error
        return name, real

    def _hint(self, name: str) -> str | Phrase:
        folder = self.root.joinpath(*PurePosixPath(name).parent.parts)
        if not folder.resolve().is_relative_to(self.root) or not folder.is_dir():
            return text("put the file into the package, or write the right source")
        return named(PurePosixPath(name).name, sorted(one.name for one in folder.iterdir())[:500])

    def read(self, path: Path, where: str) -> bytes:
        """Content of a document of the package, within the bound."""
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            hint = text("name a file that is there and that you may read")
            raise kind_of_refusal(error)(Problem(system_said(error), where, hint)) from error
        if len(content) > MOST_BYTES:
            raise InputError(
                Problem(text("this document is larger than {most} bytes", most=MOST_BYTES), where, text("split it"))
            )
        return content


def open_package(path: Path, scratch: Path) -> tuple[Package, str]:
    """The package of an .ssp file, of a folder, or of an .ssd file that lies beside its resources; and its structure's name.

    An archive is unpacked into `scratch`, a new folder of the caller.

    Raises:
        InputError: there is none, or the archive holds what is refused.
    """
    if path.is_dir():
        return _folder(path, DEFAULT)
    if path.suffix.lower() == ".ssd":
        return _folder(path.parent, path.name, path)
    with opened_archive(path) as archive:
        if DEFAULT not in archive:
            what = text("there is no {name} in it", name=DEFAULT)
            hint = text("give an .ssp file as its tool exported it, or an .ssd file")
            raise NotFound(Problem(what, str(path), hint))
        archive.unpack(scratch)
        return Package(scratch, str(path), archive.digest), DEFAULT


def _folder(folder: Path, name: str, label: Path | None = None) -> tuple[Package, str]:
    path = folder / name
    package = Package(folder, str(label or folder), "")
    if not path.is_file():
        hint = text("give an .ssp or .ssd file, or a folder with {name}", name=DEFAULT)
        raise NotFound(Problem(text("there is no {name} in it", name=name), str(folder), hint))
    package.digest = hashlib.sha256(package.read(path, str(path))).hexdigest()
    return package, name


def _leaves(reference: str, where: str) -> Problem:
    what = text("the source '{source}' leads out of the package", source=reference[:200])
    return Problem(what, where, text("put the file into the package and name it from there"))
