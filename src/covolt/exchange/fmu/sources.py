"""Compiles FMUs that bring sources and no binary for this machine, in the sandbox: nothing outside is included or written.

FMI 2.0 lists files in its description, FMI 3.0 in `sources/buildDescription.xml`. The headers of the standard come with FMPy.
What a linker does not find is named when the library is loaded.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import final

from covolt.errors import ComponentFailed, InputError, Problem, Unavailable
from covolt.exchange.fmu.documents import Interface, ModelDescription
from covolt.exchange.fmu.library import binary_name
from covolt.exchange.plain_xml import Node, read_xml
from covolt.exchange.sandbox import run_tool
from covolt.files import write_whole
from covolt.words import text

__all__ = ["compile_sources"]

_DEFINITION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
_LIBRARY = re.compile(r"[A-Za-z0-9_+.][A-Za-z0-9_+.\-]{0,60}")
_LIMIT_s = 300.0
_MOST_FILES = 2000
_LONGEST_TOLD = 300
_MADE = "compiled-binary"
_FORMS = {"co-simulation": "CoSimulation", "model exchange": "ModelExchange"}


@final
@dataclass(frozen=True)
class _Build:
    """What is compiled."""

    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    definitions: tuple[str, ...]
    libraries: tuple[str, ...]
    plus: bool
    """Whether it is C++."""


def compile_sources(folder: Path, model: ModelDescription, form: str, *, unprotected: bool = False) -> None:
    """Make the binary of an unpacked FMU where it is looked for; the compiler runs in the sandbox, and includes nothing outside.

    Raises:
        Unavailable: there is no compiler here, or nothing keeps it apart.
        InputError: its sources are not what its description says, or do not compile.
    """
    interface = model.interfaces[form]
    build = _described(folder, model, interface)
    target = folder / binary_name(model, interface.identifier)
    prefix = f"FMI{model.major}"
    command = [
        *_compiler(model.name, plus=build.plus),
        *("-shared", "-fPIC", "-O2", "-w"),
        *(f"-D{prefix}_OVERRIDE_FUNCTION_PREFIX", f"-D{prefix}_FUNCTION_PREFIX="),
        *(f"-D{one}" for one in build.definitions),
        *(f"-I{one.relative_to(folder)}" for one in build.folders),
        f"-I{_headers(model)}",
        *(str(one.relative_to(folder)) for one in build.files),
        *("-o", _MADE, "-lm"),
        *(f"-l{one}" for one in build.libraries),
    ]
    try:
        done = run_tool(command, folder, [_MADE], deadline_s=_LIMIT_s, unprotected=unprotected)
    except ComponentFailed as error:
        what = text("its sources do not compile: {why}", why=error.problems[0].what)
        raise InputError(Problem(what, model.name, text("ask who made it for a binary for this machine"))) from error
    if done.code or _MADE not in done.files:
        lines = [one for one in done.words.splitlines() if "error" in one.lower()] or done.words.splitlines()
        what = text("its sources do not compile: {why}", why=(lines[0] if lines else "")[:_LONGEST_TOLD])
        raise InputError(Problem(what, model.name, text("ask who made it to mend its sources, or for a binary")))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, done.files[_MADE])


def _compiler(where: str, *, plus: bool) -> list[str]:
    for name in ("c++", "g++", "clang++") if plus else ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return [found]
    package = find_spec("ziglang")
    if package is not None and package.submodule_search_locations:
        return [str(Path(package.submodule_search_locations[0], "zig")), "c++" if plus else "cc"]
    what = text("it has sources alone, and there is no C compiler here")
    raise Unavailable(Problem(what, where, text("install cc, or the Python package ziglang, or ask for a binary")))


def _headers(model: ModelDescription) -> Path:
    import fmpy

    return Path(fmpy.__file__).parent / "c-code"


def _described(folder: Path, model: ModelDescription, interface: Interface) -> _Build:
    """What the description says is to be compiled.

    Raises:
        InputError: with all that it names and that is not there, or lies outside.
    """
    sources = folder / "sources"
    problems: list[Problem] = []
    if model.major == 2:
        files = [_inside(sources, one, model.name, problems) for one in interface.sources[:_MOST_FILES]]
        build = _Build(_kept(files), (sources,), (), (), plus=_is_plus(interface.sources))
    else:
        build = _build_of_3(sources, model, interface, problems)
    if not build.files and not problems:
        what = text("its description names no source file of {name}", name=interface.identifier)
        problems.append(Problem(what, model.name, text("ask who made it for a binary for this machine")))
    if problems:
        raise InputError(problems)
    return build


def _build_of_3(sources: Path, model: ModelDescription, interface: Interface, problems: list[Problem]) -> _Build:
    path = sources / "buildDescription.xml"
    where = f"{model.name}, sources/buildDescription.xml"
    if not path.is_file():
        what = text("it has sources and no buildDescription.xml that says how they are compiled")
        problems.append(Problem(what, model.name, text("ask who made it for a binary for this machine")))
        return _Build((), (), (), (), plus=False)
    root = read_xml(path.read_bytes(), where)
    chosen = [one for one in root.all("BuildConfiguration") if one.get("modelIdentifier") == interface.identifier]
    sets = [each for one in chosen[:1] for each in one.all("SourceFileSet")]
    names = [one.get("name") for each in sets for one in each.all("SourceFile")]
    files = [_inside(sources, one, model.name, problems) for one in names[:_MOST_FILES]]
    folders = [
        _inside(sources, one.get("name"), model.name, problems) for each in sets for one in each.all("IncludeDirectory")
    ]
    definitions = tuple(_definitions(sets, where, problems))
    libraries = [
        one.get("name") for each in chosen[:1] for one in each.all("Library") if one.get("external") in {"true", "1"}
    ]
    wrong = [one for one in libraries if not _LIBRARY.fullmatch(one)]
    problems += [
        Problem(text("'{name}' is no name of a library", name=one[:40]), where, text("ask who made it"))
        for one in wrong
    ]
    plus = _is_plus(names) or any("++" in one.get("language") for one in sets)
    return _Build(_kept(files), (sources, *_kept(folders)), definitions, tuple(libraries), plus=plus)


def _definitions(sets: list[Node], where: str, problems: list[Problem]) -> Iterator[str]:
    for one in (one for each in sets for one in each.all("PreprocessorDefinition")):
        name, value = one.get("name"), one.get("value")
        if not _DEFINITION.fullmatch(name) or any(ord(sign) < 32 for sign in value):
            problems.append(
                Problem(text("'{name}' is no name of a definition", name=name[:40]), where, text("ask who made it"))
            )
        elif one.get("optional") not in {"true", "1"}:
            yield f"{name}={value}" if value else name


def _inside(sources: Path, name: str, where: str, problems: list[Problem]) -> Path | None:
    """A file or folder within the sources."""
    steps = name.replace("\\", "/").split("/")
    path = sources.joinpath(*steps)
    if ".." in steps or "" in steps or not path.exists() or name.startswith("-"):
        what = text("its description names sources/{name}, which is not there", name=name[:100])
        problems.append(Problem(what, where, text("ask who made it: the archive is not whole")))
        return None
    return path


def _kept(paths: list[Path | None]) -> tuple[Path, ...]:
    return tuple(one for one in paths if one is not None)


def _is_plus(names: tuple[str, ...] | list[str]) -> bool:
    return any(one.lower().endswith((".cpp", ".cc", ".cxx")) for one in names)
