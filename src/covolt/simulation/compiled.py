"""Compiled functions that outlive the process: kept on disk and loaded without tracing or compiling again.

A kept file is one's own, made by this program for this machine: it lies in `COVOLT_CACHE_DIR`, else in the user's cache folder,
with permissions for the user alone. Its name is a digest of all that went into it: covolt's source, the structure of the
arguments, the versions of JAX and jaxlib, the options of XLA, and the processor. It begins with the digest of its own content; a
file that was cut, damaged or belongs to somebody else is not opened but made anew. Deleting the folder is always safe.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import re
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

SMALL_LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000"
"""Runs a loop of small steps as one function instead of a graph of tiny tasks: 20 times faster for a single drive."""
HEADER = b"covolt compiled 1\n"
DIGEST_BYTES = 32
MOST_FILES = 200
"""The oldest go first: each change of source or version leaves files that nobody asks for again."""
_OWN_NAME = re.compile(r"[a-z]+-[0-9a-f]{32}\.bin")
"""How kept files begin; others in the folder are somebody else's and stay."""


def prepare_process() -> None:
    """Set what has to be set once a process, before JAX first computes: 64-bit numbers and the small-loop option.

    What the user has set in XLA_FLAGS or JAX_ENABLE_X64 stays.
    """
    os.environ.setdefault("XLA_FLAGS", SMALL_LOOPS)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    if "jax" in sys.modules:
        import jax

        if os.environ["JAX_ENABLE_X64"].lower() in {"1", "true", "yes", "on"}:
            jax.config.update("jax_enable_x64", True)


def cache_folder() -> Path | None:
    """Where compiled functions are kept; None where the user has set COVOLT_CACHE_DIR to nothing."""
    chosen = os.environ.get("COVOLT_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) if chosen else None
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(home).expanduser() / "covolt"
    except RuntimeError:
        return None


class Shape(NamedTuple):
    """How a result is put together: itself with the place of each leaf in its stead, and which leaves are single numbers."""

    template: Any
    single: tuple[bool, ...]


class Kept(NamedTuple):
    """A compiled function, and what was learned about its result when it was traced."""

    function: Callable[..., Any]
    note: Any


_in_process: dict[tuple[Any, ...], Kept] = {}
_locks: defaultdict[tuple[Any, ...], threading.Lock] = defaultdict(threading.Lock)


def kept(
    name: str,
    what: tuple[Any, ...],
    function: Callable[..., Any],
    arguments: Sequence[Any],
    note: Callable[[], Any] = lambda: None,
) -> Kept:
    """The function compiled for arguments like these; loaded from disk where it was kept, else compiled and kept.

    Args:
        name: begins the name of the file.
        what: all that the function depends on beside covolt's source and the shapes of its arguments; its text must be the same
            in every process.
        function: of arrays, to arrays in tuples and dictionaries that can be pickled.
        arguments: of the shapes and types for which it is compiled.
        note: asked once after tracing, and kept with the function.
    """
    key = (name, *what, *(_shape(argument) for argument in arguments))
    found = _in_process.get(key)
    if found is not None:
        return found
    with _locks[key]:
        if key not in _in_process:
            _in_process[key] = _from_disk_or_new(name, key, function, arguments, note)
        return _in_process[key]


def find(name: str, what: tuple[Any, ...], arguments: Sequence[Any]) -> Kept | None:
    """A function that an earlier process kept; `what` may be its texts instead of itself."""
    path = _path(name, (name, *what, *(_shape(argument) for argument in arguments)))
    return _load(path) if path is not None else None


def recall(name: str, what: tuple[str, ...]) -> Any:
    """What an earlier process remembered under these texts; None where it is absent or damaged."""
    path = _path(name, (name, *what))
    content = _content(path) if path is not None else None
    return None if content is None else pickle.loads(content)


def remember(name: str, what: tuple[str, ...], thing: Any) -> None:
    """Keep a thing that can be pickled for the next process."""
    path = _path(name, (name, *what))
    if path is not None:
        _write(path, pickle.dumps(thing))


def _from_disk_or_new(
    name: str, key: tuple[Any, ...], function: Callable[..., Any], arguments: Sequence[Any], note: Callable[[], Any]
) -> Kept:
    import jax

    path = _path(name, key)
    loaded = _load(path) if path is not None else None
    if loaded is not None:
        return loaded
    import jax.numpy as jnp

    seen: list[tuple[Any, tuple[bool, ...]]] = []

    def joined(*given: Any) -> list[Any]:
        """All single numbers of the result as one array, because each array that is handed over costs time."""
        leaves, tree = jax.tree.flatten(function(*given))
        single = tuple(jnp.ndim(leaf) == 0 and jnp.result_type(leaf) == jnp.float64 for leaf in leaves)
        seen.append((tree, single))
        numbers = [leaf for leaf, alone in zip(leaves, single, strict=True) if alone]
        return [jnp.stack(numbers) if numbers else jnp.zeros(0)] + [
            leaf for leaf, alone in zip(leaves, single, strict=True) if not alone
        ]

    made = jax.jit(joined).lower(*arguments).compile()
    tree, single = seen[-1]
    result = Shape(jax.tree.unflatten(tree, range(tree.num_leaves)), single)
    noted = note()
    if path is not None:
        _keep(path, made, result, noted)
    return Kept(_rebuilding(made, result), noted)


def _rebuilding(made: Callable[..., Any], shape: Shape) -> Callable[..., Any]:
    """The compiled function with its result put together again, from floats and NumPy arrays."""
    import jax

    tree = jax.tree.structure(shape.template)

    def call(*arguments: Any) -> Any:
        numbers, *others = [np.asarray(array) for array in made(*arguments)]
        single, whole = iter(numbers.tolist()), iter(others)
        return jax.tree.unflatten(tree, [next(single) if alone else next(whole) for alone in shape.single])

    return call


def _shape(argument: Any) -> tuple[Any, ...]:
    if isinstance(argument, list | tuple):
        return tuple(_shape(part) for part in cast("list[Any]", argument))
    return (str(getattr(argument, "dtype", type(argument).__name__)), tuple(getattr(argument, "shape", ())))


def _path(name: str, key: tuple[Any, ...]) -> Path | None:
    folder = cache_folder()
    if folder is None:
        return None
    digest = hashlib.sha256("\n".join([_surroundings(), *map(str, key)]).encode()).hexdigest()
    return folder / f"{name}-{digest[:32]}.bin"


@cache
def _surroundings() -> str:
    """Digest of covolt's numeric source, and what else of this machine a compiled function depends on."""
    import jax
    import jaxlib.version

    content = hashlib.sha256()
    rooms = Path(__file__).resolve().parents[1]
    for path in sorted([*(rooms / "vehicle").rglob("*.py"), *(rooms / "simulation").rglob("*.py")]):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    x64 = jax.config.jax_enable_x64  # pyright: ignore[reportAttributeAccessIssue]  # made at run time
    versions = f"{platform.python_version()} {jax.__version__} {jaxlib.version.__version__} {x64}"
    return f"{content.hexdigest()} {versions} {os.environ.get('XLA_FLAGS', '')} {processor()}"


@cache
def processor() -> str:
    """Name and abilities of the processor: code compiled for one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{platform.machine()} {platform.processor()}"
    chosen = {
        line.partition(":")[0].strip(): line for line in lines if line.startswith(("model name", "flags", "Features"))
    }
    return platform.machine() + "".join(chosen.values())


def _content(path: Path) -> bytes | None:
    """Content of a kept file; None where it is absent, damaged or somebody else's."""
    try:
        owner = path.stat().st_uid
        if hasattr(os, "getuid") and owner != os.getuid():
            return None
        raw = path.read_bytes()
    except OSError:
        return None
    digest, content = raw[len(HEADER) : len(HEADER) + DIGEST_BYTES], raw[len(HEADER) + DIGEST_BYTES :]
    whole = raw.startswith(HEADER) and hashlib.sha256(content).digest() == digest
    return content if whole else None


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a disk that is full or closed costs only the next start."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(HEADER + hashlib.sha256(content).digest() + content)
        Path(file.name).replace(path)
        own = (one for one in path.parent.iterdir() if _OWN_NAME.match(one.name))
        newest_first = sorted(own, key=lambda one: one.stat().st_mtime, reverse=True)
        for old in newest_first[MOST_FILES:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _load(path: Path) -> Kept | None:
    """A kept function, None where there is none that can be trusted and used."""
    content = _content(path)
    if content is None:
        return None
    from jax.experimental import serialize_executable

    try:
        executable, in_tree, out_tree, shape, note = pickle.loads(content)
        made = serialize_executable.deserialize_and_load(executable, in_tree, out_tree)
        return Kept(_rebuilding(made, shape), note)
    except Exception:  # whatever another machine's code makes jaxlib raise, the function is compiled anew
        return None


def _keep(path: Path, made: Any, shape: Shape, note: Any) -> None:
    from jax.experimental import serialize_executable

    try:
        content = pickle.dumps((*serialize_executable.serialize(made), shape, note))
    except (ValueError, TypeError, AttributeError, pickle.PicklingError):
        return
    _write(path, content)
