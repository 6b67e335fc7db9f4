"""The shared library of an exported part: its object code and the functions of the FMI around it, compiled and linked here."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from covolt.errors import Problem, Unavailable
from covolt.exchange.component import Variable
from covolt.exchange.export.compiled import CompiledPart, object_code_of
from covolt.exchange.export.platforms import Platform, Version, own_platform
from covolt.simulation.kept import cache_folder
from covolt.words import text

__all__ = ["Constants", "compiler_for", "shared_library"]

Constants = Sequence[tuple[str, float]]
"""Declared numbers that the party shows, by name, in SI."""
PATIENCE_s = 900.0
"""For a platform that it meets first Zig builds the libraries of its system, which takes minutes; beyond this it is stuck."""
FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared", "-s", "-fvisibility=hidden", "-ffp-contract=off", "-fno-ident")


def compiler_for(platform: Platform) -> tuple[str, ...]:
    """The command of a C compiler for a platform: the system's for this one, else Zig's, which reaches all.

    Raises:
        Unavailable: there is none.
    """
    own = shutil.which("cc")
    if own is not None and platform.name == own_platform() and sys.platform != "win32":
        return (own,)
    if importlib.util.find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "cc", "-target", platform.zig)
    hint = text("install one: pip install 'covolt[compiler]'")
    if platform.name == own_platform():
        raise Unavailable(Problem(text("there is no C compiler on this machine"), platform.name, hint))
    raise Unavailable(Problem(text("no C compiler here makes binaries for another platform"), platform.name, hint))


def shared_library(
    part: CompiledPart, constants: Constants, token: str, version: Version, platform: Platform, name: str
) -> bytes:
    """The library for one platform, without the name of anything but the variables.

    Raises:
        Unavailable: no compiler is there, or it fails; then with what it said.
    """
    compiler = compiler_for(platform)
    with tempfile.TemporaryDirectory(prefix="covolt-export-") as scratch:
        folder = Path(scratch)
        folder.joinpath("part.o").write_bytes(object_code_of(part.text, platform.triple, platform.processor))
        folder.joinpath("model.h").write_text(_header(part, constants, token), encoding="utf-8")
        for source in ("part.h", f"fmi{version}.c"):
            folder.joinpath(source).write_text(_glue(source), encoding="utf-8")
        target = f"{name}{platform.ending}"
        command = [*compiler, *FLAGS, "-o", target, f"fmi{version}.c", "part.o", *_linking(platform)]
        _run(command, folder, platform)
        return folder.joinpath(target).read_bytes()


def _linking(platform: Platform) -> tuple[str, ...]:
    # The same model gives the same bytes: no identity of a build. Plain processors round by the library of mathematics.
    return ("-Wl,--build-id=none", "-Wl,--as-needed", "-lm") if platform.name.endswith("linux") else ()


def _run(command: Sequence[str], folder: Path, platform: Platform) -> None:
    # What Zig builds of a system's libraries is kept beside what covolt keeps, out of the home of whoever exports.
    own = {
        "ZIG_LOCAL_CACHE_DIR": str(folder / "zig"),
        "ZIG_GLOBAL_CACHE_DIR": str((cache_folder() or folder) / "zig-global"),
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        what = text("the C compiler did not run: {said}", said=str(error).replace(str(folder), "."))
        raise Unavailable(Problem(what, platform.name, text("try another: pip install 'covolt[compiler]'"))) from error
    if done.returncode != 0:
        said = done.stderr.strip().replace(str(folder), ".")[:500]
        what = text("the C compiler failed: {said}", said=said)
        raise Unavailable(Problem(what, platform.name, text("try another: pip install 'covolt[compiler]'")))


@cache
def _glue(name: str) -> str:
    return files("covolt.exchange.export").joinpath("glue", name).read_text(encoding="utf-8")


def _header(part: CompiledPart, constants: Constants, token: str) -> str:
    """What the functions of the FMI need to know of the model."""
    given: list[Variable] = [*part.parameters, *part.inputs]
    names = ["time", *(one.name for one in (*given, *part.outputs)), *(name for name, _ in constants)]
    numbers = [0.0, *(_start(one) for one in given), *(0.0 for _ in part.outputs), *(value for _, value in constants)]
    truths = [0, *(int(one.kind == "boolean") for one in (*given, *part.outputs)), *(0 for _ in constants)]
    lines = [
        f"#define PARAMETERS {len(part.parameters)}",
        f"#define INPUTS {len(part.inputs)}",
        f"#define OUTPUTS {len(part.outputs)}",
        f"#define CONSTANTS {len(constants)}",
        f"#define STATES {part.states}",
        f"#define TOKEN {json.dumps(token)}",
        f"static const char *const names[] = {{{', '.join(json.dumps(name) for name in names)}}};",
        f"static const unsigned char truths[] = {{{', '.join(map(str, truths))}}};",
        f"static const double initial[] = {{{', '.join(float(number).hex() for number in numbers)}}};",
    ]
    return "\n".join(lines) + "\n"


def _start(variable: Variable) -> float:
    return float(variable.start) if isinstance(variable.start, (int, float)) else 0.0
