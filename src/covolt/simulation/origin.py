"""Where the behaviour of a vehicle's parts comes from: what may be kept, and under which name.

A drive is compiled once for all vehicles of one structure. What a structure computes is decided by the code of the classes in its
slots; and code is told apart so:

- classes of `covolt.vehicle` and `covolt.simulation` by their names, beside a digest of their source (`name_of`);
- all others, a user's own parts, by nothing that can be written down without running them, for they may call anything. On
  disk their drives are kept under what they were traced to; and not at all where a class has no file (a notebook cell,
  `__main__`);
- in one process also by the code of their methods and by what these refer to (`behaviour_of`): the same class is another
  part once its method, a function that it calls or a number of its module has been changed;
- covolt's own classes, functions and constants once they were changed in place (`as_loaded`) by what they are now, as if they
  were somebody else's; and nothing is kept on disk then.

Limits: an object of an installed package that a method refers to, and that is neither code, number, text, array nor a collection
of these, is told apart by its identity; what a method reads from files, or finds by `import` as it runs, is not seen.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any, cast, final

import numpy as np

from covolt import as_loaded
from covolt.vehicle.foreign import Outside

OWN_ROOMS = ("covolt.vehicle.", "covolt.simulation.")
TRACED = (
    "covolt.vehicle.",
    *(
        f"covolt.simulation.{name}"
        for name in (
            "charging",
            "charging_step",
            "core",
            "drive_end",
            "excess",
            "ledger",
            "recharge",
            "request",
            "step",
            "traction",
        )
    ),
)
"""How the modules begin whose code a drive is traced from."""
VERSIONED = ("builtins", "equinox", "jax", "jaxlib", "numpy")
"""Packages whose versions stand in the name of every kept file."""
PLAIN = (type(None), bool, int, float, complex, str, bytes)
HELD = (*PLAIN, np.ndarray, Mapping, Set, tuple, list)
"""What a class may hold beside its methods and change in place."""
MOST_TREES = 256


def name_of(thing: Any) -> str | None:
    """The text by which a thing is the same in every process of this covolt; None where there is none."""
    if isinstance(thing, (*PLAIN, Outside)):
        return f"{type(thing).__name__} {thing!r}"
    if isinstance(thing, type | FunctionType):
        return _dotted(thing)
    if hasattr(thing, "node_data"):
        node = thing.node_data()
        inner = (*(node or ("leaf",)), *thing.children())
        return _joined("tree", inner)
    if isinstance(thing, enum.Enum):
        return _joined("enum", (type(thing), thing.name))
    if isinstance(thing, tuple | list):
        return _joined("sequence", (type(cast("Any", thing)), *cast("tuple[Any, ...]", thing)))
    # A sign such as Equinox's for a field that is not fixed: an object of which there is nothing to know but its class.
    bare = getattr(thing, "__dict__", None) == {} and _is_own(type(thing))
    return _joined("bare", (type(thing),)) if bare else None


def _joined(kind: str, parts: tuple[Any, ...]) -> str | None:
    texts = [name_of(part) for part in parts]
    known = [f"{len(text)}:{text}" for text in texts if text is not None]
    return f"{kind}({','.join(known)})" if len(known) == len(texts) else None


def _dotted(thing: type | FunctionType) -> str | None:
    if thing is type(None):
        # An option that a part leaves out; this class has no name in its module.
        return "builtins:NoneType"
    if not _is_own(thing):
        return None
    found: Any = sys.modules.get(thing.__module__)
    for step in thing.__qualname__.split("."):
        found = getattr(found, step, None)
    return f"{thing.__module__}:{thing.__qualname__}" if found is thing else None


def _is_own(thing: Any) -> bool:
    module = str(getattr(thing, "__module__", ""))
    return module.startswith(OWN_ROOMS) or module.partition(".")[0] in VERSIONED


def has_files(what: Sequence[Any]) -> bool:
    """Whether the code of every part lies in a file, so that what is compiled of it may be kept on disk."""
    if as_loaded.changes(*OWN_ROOMS):
        return False
    trees = [tree for one in what for tree in [getattr(one, "treedef", one)] if hasattr(tree, "node_data")]
    modules = {str(getattr(one, "__module__", "")) for tree in trees for one in _strangers(tree)}
    return all(name != "__main__" and getattr(sys.modules.get(name), "__file__", None) for name in modules)


def behaviour_of(*trees: Any) -> tuple[Hashable, ...]:
    """What decides in this process how parts behave: those that are not covolt's, and what of covolt's was changed in place.

    Nothing where all are covolt's own and as they were loaded.
    """
    unknown = (*as_loaded.changes(*TRACED), *(one for tree in trees for one in _strangers(tree)))
    return _Reader().read(unknown) if unknown else ()


def altered(*rooms: str) -> tuple[Hashable, ...]:
    """What was changed in place in the modules whose names begin so, as it is now; nothing where nothing was."""
    found = as_loaded.changes(*rooms)
    return _Reader().read(found) if found else ()


@functools.lru_cache(maxsize=MOST_TREES)
def _strangers(tree: Any) -> tuple[Any, ...]:
    """Classes and fixed values in a tree that are known only in this process."""
    return tuple(dict.fromkeys(one for one in contents_of(tree) if name_of(one) is None))


def contents_of(tree: Any) -> Iterator[Hashable]:
    """Classes of the nodes of a tree, and its fixed values."""
    node = tree.node_data()
    if node is None:
        return
    kind, fixed = node
    yield kind
    waiting = [fixed]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple | list):
            waiting.extend(cast("list[Any]", one))
        else:
            yield one
    for child in tree.children():
        yield from contents_of(child)


@final
class _Same:
    """A thing that is equal to itself only, and that lives as long as it is compared with."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._thing is other._thing

    def __hash__(self) -> int:
        return id(self._thing)


@final
class _Reader:
    """Reads code and what it refers to, each thing once."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def read(self, thing: Any) -> tuple[Hashable, ...]:
        """What decides the behaviour of a thing, as something that can be compared."""
        if isinstance(thing, PLAIN):
            return (type(thing), repr(thing))
        if isinstance(thing, np.ndarray):
            return ("array", str(thing.dtype), thing.shape, hashlib.sha256(thing.tobytes()).digest())
        if id(thing) in self._seen:
            return ("seen", self._seen[id(thing)])
        self._seen[id(thing)] = len(self._seen)
        return self._read_new(thing)

    def _read_new(self, thing: Any) -> tuple[Hashable, ...]:
        if isinstance(thing, ModuleType | type | FunctionType):
            return self._code(thing)
        if isinstance(thing, Mapping):
            items = cast("Mapping[Any, Any]", thing).items()
            return ("mapping", *(self.read(part) for item in items for part in item))
        if isinstance(thing, Set):
            return ("set", *sorted((self.read(part) for part in cast("Set[Any]", thing)), key=repr))
        if isinstance(thing, Sequence):
            return ("sequence", *(self.read(part) for part in cast("Sequence[Any]", thing)))
        # Methods, what is wrapped or partly applied, properties.
        names = ["__func__", "__self__", "__wrapped__", "func", "args", "keywords", "fget"]
        # A mock answers to any name that is not Python's own, each time with another thing.
        inner = [getattr(thing, name, None) for name in names if name.startswith("__") or hasattr(type(thing), name)]
        found = [one for one in inner if one is not None]
        return (type(thing), *(self.read(one) for one in found)) if found else self._object(thing)

    def _object(self, thing: Any) -> tuple[Hashable, ...]:
        """An object by its identity; one of a user's own class, or a namespace, also by its class and what it holds now."""
        kind = type(thing)
        if kind is not SimpleNamespace and (_is_own(kind) or _is_installed(kind.__module__)):
            return (_Same(thing),)
        slots = [name for base in kind.__mro__ for name in _names_in(vars(base).get("__slots__", ()))]
        held = {name: getattr(thing, name) for name in slots if hasattr(thing, name)} | getattr(thing, "__dict__", {})
        return (_Same(thing), self.read(kind), *(part for name, one in held.items() for part in (name, self.read(one))))

    def _code(self, thing: ModuleType | type | FunctionType) -> tuple[Hashable, ...]:
        if isinstance(thing, ModuleType):
            return ("module", thing.__name__)
        if _is_installed(thing.__module__):
            return (_Same(thing),)
        if isinstance(thing, type):
            return (_Same(thing), *(self.read(one) for one in thing.__bases__), *self._attributes(thing))
        return self._function(thing)

    def _attributes(self, thing: type) -> Iterator[Hashable]:
        for name, value in vars(thing).items():
            if isinstance(value, FunctionType | staticmethod | classmethod | property) or (
                not name.startswith("__") and (callable(value) or isinstance(value, HELD))
            ):
                yield name, self.read(value)

    def _function(self, function: FunctionType) -> tuple[Hashable, ...]:
        parts: list[Any] = [function.__defaults__, function.__kwdefaults__]
        for cell in function.__closure__ or ():
            try:
                parts.append(cell.cell_contents)
            except ValueError:  # not yet filled
                parts.append(None)
        return (function.__code__, *(self.read(part) for part in (*parts, *self._globals(function))))

    def _globals(self, function: FunctionType) -> Iterator[Any]:
        """What a function refers to by name: of its module, and of modules that it names."""
        names = list(dict.fromkeys(_names(function.__code__)))
        for name in names:
            if name not in function.__globals__:
                continue
            waiting = [function.__globals__[name]]
            entered = set[int]()
            while waiting:
                value = waiting.pop()
                yield value
                if isinstance(value, ModuleType) and not _is_installed(value.__name__) and id(value) not in entered:
                    entered.add(id(value))
                    waiting += [vars(value)[other] for other in names if other in vars(value)]


def _names_in(slots: str | Sequence[str]) -> Sequence[str]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _names(one)


def _is_installed(module: str) -> bool:
    """Whether a module is of covolt, the standard library or an installed package: it does not change while a process runs."""
    if module == "__main__":
        return False  # whose file may be that of a notebook's or a console's starter
    top = module.partition(".")[0]
    path = str(getattr(sys.modules.get(module), "__file__", "") or "")
    return top in (*VERSIONED, "covolt") or top in sys.stdlib_module_names or "site-packages" in path
