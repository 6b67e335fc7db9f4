"""A party's Python class as a component: its file is run inside the worker, and never in covolt's own process."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from covolt.errors import InputError, Problem
from covolt.exchange.component import Component
from covolt.exchange.sandbox.sandboxed import Program
from covolt.words import text

__all__ = ["FACTORY", "open_in_worker", "program_of"]

FACTORY = f"{__name__}:open_in_worker"
"""As a `Program` names it."""
_MODULE = "component_of_a_party"
_METHODS = ("wire", "start", "step", "window", "set_values", "get_values", "close")


def program_of(file: Path, name: str, arguments: Mapping[str, Any] | None = None, *, digest: str = "") -> Program:
    """The class of a party's file as what a worker runs, with the file's folder in sight.

    It counts as what the `digest` says, else as what the file itself holds, not what it imports from its folder.
    """
    options: dict[str, Any] = {"file": file.name, "class": name, "arguments": dict(arguments or {})}
    content = f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}"
    return Program(
        name, FACTORY, file.resolve().parent, options, digest or hashlib.sha256(content.encode()).hexdigest()
    )


def open_in_worker(folder: Path, options: Mapping[str, Any]) -> Component:
    """An object of the class `options["class"]` in the file `options["file"]` of a folder.

    The class keeps the protocol `covolt.exchange.component.Component`; `options["arguments"]`, a mapping, is handed to it by
    name. Modules beside the file can be imported by it.

    Raises:
        InputError: no such file or class, or one that lacks methods of the protocol; and whatever the class raises when made.
    """
    file, name = folder / str(options["file"]), str(options["class"])
    if not file.is_file():
        raise InputError(
            Problem(text("there is no such file"), str(options["file"]), text("name a file in the part's folder"))
        )
    sys.path.insert(0, str(folder))
    module = _loaded(file)
    found = getattr(module, name, None)
    if not isinstance(found, type):
        classes = sorted(
            one for one, value in vars(module).items() if isinstance(value, type) and value.__module__ == _MODULE
        )
        raise InputError(
            Problem(
                text("no class is called {name} here", name=name),
                file.name,
                text("it has: {names}", names=", ".join(classes)),
            )
        )
    missing = [one for one in ("description", *_METHODS) if not hasattr(found, one)]
    if missing:
        what = text("class {name} is no component: it lacks {names}", name=name, names=", ".join(missing))
        hint = text("give it every method of covolt.exchange.component.Component")
        if missing == ["description"]:
            hint = text(
                "make description an attribute of the class, or a property: it is read before the class is made"
            )
        raise InputError(Problem(what, file.name, hint))
    return cast(Component, found(**dict(options.get("arguments") or {})))


def _loaded(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(_MODULE, file)
    if spec is None or spec.loader is None:
        raise InputError(Problem(text("this is no Python file"), file.name, text("let its name end in .py")))
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module  # dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        what = text("it cannot be loaded: {error}", error=f"{type(error).__name__}: {error}")
        raise InputError(
            Problem(what, file.name, text("see that it loads with Python and the packages of covolt alone"))
        ) from error
    return module
