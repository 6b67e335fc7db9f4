"""Whether covolt's own code stands in this process as it was loaded, or was changed in place since.

Python binds a module in its package as soon as it has been loaded, before anybody else can reach it. Then its names, and those of
its classes, are noted; what differs from the note later was changed in place: a method of a class, a function, a constant.

Limits: an object that changes inside without being replaced is not seen, but for tables (dict, list, set) that are constants.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple, final

__all__ = ["changes", "looked_at_once", "watch"]

Names = Mapping[str, Any]
TABLES = (dict, list, set)


class _Space(NamedTuple):
    """Where names of a module or of one of its classes stand now, and what they meant when they were loaded."""

    where: str
    now: Names
    loaded: MutableMapping[str, Any]


Changes = tuple[tuple[str, Any], ...]
_noted: dict[str, list[_Space]] = {}
"""By module."""
_seen: ContextVar[dict[tuple[str, ...], Changes] | None] = ContextVar("_seen", default=None)
"""What was found since `looked_at_once`."""


@final
class _Package(ModuleType):
    """A package that notes each of its modules as it is bound."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}":
            watch(value)


def watch(module: ModuleType) -> None:
    """Note what a module's names mean; of a package that of every module in it, now and as they are loaded."""
    if not hasattr(module, "__path__"):
        _noted[module.__name__] = list(_spaces_of(module))
        _within.cache_clear()
        return
    module.__class__ = _Package
    for name, value in list(vars(module).items()):
        if isinstance(value, ModuleType) and value.__name__ == f"{module.__name__}.{name}":
            watch(value)


@contextmanager
def looked_at_once() -> Generator[None]:
    """While this lasts, each room is looked at once: for work of many small pieces, in which nobody changes code."""
    token = None if _seen.get() is not None else _seen.set({})
    try:
        yield
    finally:
        if token is not None:
            _seen.reset(token)


def changes(*rooms: str) -> Changes:
    """What was changed in place in the modules whose names begin so: each name with what it means now; None where it is gone."""
    seen = _seen.get()
    if seen is None:
        return _looked_at(rooms)
    if rooms not in seen:
        seen[rooms] = _looked_at(rooms)
    return seen[rooms]


def _looked_at(rooms: tuple[str, ...]) -> Changes:
    spaces, now, loaded = _within(rooms)
    return () if _same(now, loaded) else tuple(one for space in spaces for one in _changed(space))


@lru_cache(maxsize=16)
def _within(rooms: tuple[str, ...]) -> tuple[list[_Space], list[Names], list[Names]]:
    spaces = [space for name, found in _noted.items() if name.startswith(rooms) for space in found]
    return spaces, [space.now for space in spaces], [space.loaded for space in spaces]


def _spaces_of(module: ModuleType) -> Iterator[_Space]:
    owners: list[ModuleType | type] = [module]
    classes = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    # Records of numbers (named tuples) do nothing: to leave them out makes a look twice as quick.
    owners += [one for one in classes if not issubclass(one, tuple)]
    for owner in owners:
        where = f"{module.__name__}:{'' if owner is module else owner.__qualname__ + '.'}"
        yield _Space(where, vars(owner), {name: _copied(name, value) for name, value in vars(owner).items()})


def _copied(name: str, value: Any) -> Any:
    """The value; of a table that is a constant a copy, for it may change inside. Others are memories, which do."""
    constant = name.lstrip("_")[:1].isupper() and type(value) in TABLES
    return value.copy() if constant else value


def _changed(space: _Space) -> Iterator[tuple[str, Any]]:
    if _same(space.now, space.loaded):
        return
    found = False
    for name in {**space.loaded, **space.now}:
        now, loaded = space.now.get(name), space.loaded.get(name)
        if now is loaded or _same(now, loaded) or _is_bookkeeping(name, now, loaded):
            continue
        found = True
        yield space.where + name, now
    if not found:
        # Python's own notes have changed: they are not compared one by one again.
        space.loaded.update({name: value for name, value in space.now.items() if name.startswith("__")})


def _is_bookkeeping(name: str, *values: Any) -> bool:
    """Whether a name is Python's own and no method, such as the memory of warnings that were given."""
    return name.startswith("__") and not any(map(callable, values))


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # whatever a thing that somebody put there does when it is compared
        return False
