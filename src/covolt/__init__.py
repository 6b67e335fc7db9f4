"""Covolt: engineers of several organisations create one electric vehicle together.

The names of the front door stand in `__init__.pyi` and load on first use, so that `import covolt` stays fast and a tool that only
reads documents never loads the numerical stack.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from pathlib import Path
from typing import Any

_HOMES: dict[str, tuple[str, str]] = {
    name: (module, inner)
    for module, inner, name in re.findall(
        r"(?m)^from (\S+) import (\w+) as (\w+)$", Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    )
}
"""Where each public name lives, as the stub lists them: its module, and what it is called there."""
_RENAMED = {
    "car": ("covolt.library.build", "car", "load_car"),
    "figures": ("covolt.library.cars", "figures", "car_figures"),
    "follow": ("covolt.simulation.mission", "follow", "follow_cycle, whose usual conditions are those of the command"),
    "read_csv": ("covolt.simulation.cycles", "read_csv", "read_cycle"),
    "standard": ("covolt.simulation.cycles", "standard", "standard_cycle"),
}
"""Names of covolt 0.1.0: where they live, and what to write instead."""

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]  # the stub says it to type checkers


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("covolt")
    if name in _RENAMED:
        module, inner, instead = _RENAMED[name]
        warnings.warn(f"covolt.{name} is now {instead}", DeprecationWarning, stacklevel=2)
    elif name in _HOMES:
        module, inner = _HOMES[name]
    else:
        raise AttributeError(f"module 'covolt' has no attribute '{name}'")
    return getattr(importlib.import_module(module), inner)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


importlib.import_module("covolt.as_loaded").watch(sys.modules[__name__])
