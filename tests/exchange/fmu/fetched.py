"""FMUs that others made: of the package crane-fmu, which is installed, and of gemseo-fmu, which pins an old FMPy and is fetched alone."""

import functools
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.house.source import ROOT

GEMSEO = "gemseo-fmu==3.1.1"
KEPT = ROOT / "build" / "wheels" / "gemseo-fmu"


def crane_fmus():
    """FMUs of the package crane-fmu, in the order of their names."""
    return sorted(Path(sysconfig.get_path("purelib"), "examples").glob("*.fmu"))


@functools.cache
def gemseo_fmus():
    """FMUs for Linux of the wheel gemseo-fmu by name, fetched once into build/; skips the test where that cannot be had."""
    if not list(KEPT.rglob("linux/*.fmu")):
        part = KEPT.with_name(f"{KEPT.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        for command in _fetching(part):
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
            if done.returncode == 0 and list(part.rglob("linux/*.fmu")):
                shutil.rmtree(KEPT, ignore_errors=True)
                part.rename(KEPT)
                break
        else:
            pytest.skip(f"{GEMSEO} cannot be fetched here")
    return {one.stem: one for one in sorted(KEPT.rglob("linux/*.fmu"))}


def _fetching(folder):
    """Commands that may fetch it, without what it depends on."""
    wanted = ["install", "--quiet", "--no-deps", "--target", str(folder), GEMSEO]
    own = ROOT / "build" / "uv" / "bin" / "uv"
    found = [str(own)] if own.exists() else []
    if shutil.which("uv"):
        found.append("uv")
    yield from ([one, "pip", *wanted, "--python", sys.executable] for one in found)
    yield [sys.executable, "-m", "pip", *wanted]
    if shutil.which("pip"):
        yield ["pip", *wanted]
