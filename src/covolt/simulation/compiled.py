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
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

SMALL_LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000"
"""Runs a loop of small steps as one function instead of a graph of tiny tasks: 20 times faster for a single drive."""
HEADER = b"covolt compiled 1\n"
DIGEST_BYTES = 32


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


def _from_disk_or_new(
    name: str, key: tuple[Any, ...], function: Callable[..., Any], arguments: Sequence[Any], note: Callable[[], Any]
) -> Kept:
    import jax

    path = _path(name, key)
    loaded = _load(path) if path is not None else None
    if loaded is not None:
        return loaded
    tree: list[Any] = []

    def flat(*given: Any) -> list[Any]:
        values, structure = jax.tree.flatten(function(*given))
        tree.append(structure)
        return values

    made = jax.jit(flat).lower(*arguments).compile()
    template = jax.tree.unflatten(tree[-1], range(tree[-1].num_leaves))
    noted = note()
    if path is not None:
        _keep(path, made, template, noted)
    return Kept(_rebuilding(made, template), noted)


def _rebuilding(made: Callable[..., Any], template: Any) -> Callable[..., Any]:
    """The compiled function with its result put together again."""
    import jax

    tree = jax.tree.structure(template)

    def call(*arguments: Any) -> Any:
        return jax.tree.unflatten(tree, jax.device_get(made(*arguments)))

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
    import jaxlib

    content = hashlib.sha256()
    rooms = Path(__file__).resolve().parents[1]
    for path in sorted([*(rooms / "vehicle").glob("*.py"), *(rooms / "simulation").glob("*.py")]):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    x64 = jax.config.jax_enable_x64  # pyright: ignore[reportAttributeAccessIssue]  # made at run time
    versions = f"{platform.python_version()} {jax.__version__} {jaxlib.__version__} {x64}"
    return f"{content.hexdigest()} {versions} {os.environ.get('XLA_FLAGS', '')} {_processor()}"


def _processor() -> str:
    """Name and abilities of the processor: code compiled for one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{platform.machine()} {platform.processor()}"
    chosen = {
        line.partition(":")[0].strip(): line for line in lines if line.startswith(("model name", "flags", "Features"))
    }
    return platform.machine() + "".join(chosen.values())


def _load(path: Path) -> Kept | None:
    """A kept function, None where there is none that can be trusted and used."""
    try:
        owner = path.stat().st_uid
        if hasattr(os, "getuid") and owner != os.getuid():
            return None
        raw = path.read_bytes()
    except OSError:
        return None
    digest, content = raw[len(HEADER) : len(HEADER) + DIGEST_BYTES], raw[len(HEADER) + DIGEST_BYTES :]
    if not raw.startswith(HEADER) or hashlib.sha256(content).digest() != digest:
        return None
    from jax.experimental import serialize_executable

    try:
        executable, in_tree, out_tree, template, note = pickle.loads(content)
        made = serialize_executable.deserialize_and_load(executable, in_tree, out_tree)
        return Kept(_rebuilding(made, template), note)
    except Exception:  # noqa: BLE001  whatever a foreign file makes jaxlib raise, the function is compiled anew
        return None


def _keep(path: Path, made: Any, template: Any, note: Any) -> None:
    """Write the compiled function, whole or not at all; a disk that is full or closed costs only the next start."""
    from jax.experimental import serialize_executable

    try:
        content = pickle.dumps((*serialize_executable.serialize(made), template, note))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(HEADER + hashlib.sha256(content).digest() + content)
        Path(file.name).replace(path)
    except (OSError, ValueError, pickle.PicklingError):
        return
