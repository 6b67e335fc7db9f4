"""What a worker needs to see of this machine: Python, its packages, covolt itself and the libraries of the system."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import covolt

__all__ = ["search_path", "seen"]

_LIBRARIES = (
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/local/lib",
)
"""Folders of libraries, and the names that lead to them."""
_FILES = ("/etc/ld.so.cache",)
_KINDS = ("stdlib", "platstdlib", "purelib", "platlib")


@lru_cache(maxsize=1)
def search_path() -> tuple[str, ...]:
    """Where the worker's Python looks for modules: as here, less the folder that one happens to be in."""
    standard = [Path(sysconfig.get_path(one)).resolve() for one in ("stdlib", "platstdlib")]
    packages = [Path(sysconfig.get_path(one)).resolve() for one in ("purelib", "platlib")]
    own = Path(covolt.__file__).resolve().parent.parent
    found = [*standard, *(one / "lib-dynload" for one in standard), *packages, own]
    return tuple(dict.fromkeys(str(one) for one in found if one.is_dir()))


def seen(more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Files and folders that a worker sees, and some more, none of them within another."""
    return _outermost([*_needed(), *more])


@lru_cache(maxsize=1)
def _needed() -> tuple[str, ...]:
    own = str(Path(covolt.__file__).resolve().parent)
    shared = sysconfig.get_config_var("LIBDIR") if sysconfig.get_config_var("Py_ENABLE_SHARED") else None
    library = [str(one) for one in Path(shared).glob("libpython*.so*")] if shared else []
    named = [own if one == str(Path(own).parent) else one for one in search_path()]
    return _outermost([*(one for one in _LIBRARIES if Path(one).exists()), *_FILES, *named, *library, sys.executable])


def _outermost(names: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for one in sorted(set(names), key=len):
        if not any(Path(one).is_relative_to(outer) for outer in kept):
            kept.append(one)
    return tuple(kept)
