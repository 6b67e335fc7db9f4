"""Functions compiled by XLA that outlive the process: kept on disk and loaded without tracing or compiling again.

A function of covolt's own parts is kept under their names and the digest of covolt's source, so that the next process need not
trace it. A function of anybody else's is traced in every process and kept under what was traced (`origin` says why).
"""

from __future__ import annotations

import functools
import os
import pickle
import platform
from collections.abc import Callable, Hashable, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from covolt.simulation.kept import MOST_STRUCTURES, Memory, keep, processor, recalled_as, source_digest
from covolt.simulation.origin import OWN_ROOMS, behaviour_of, has_files, name_of
from covolt.simulation.precision import in_64_bits

NUMERIC_ROOMS = ("simulation", "vehicle")

Result = TypeVar("Result")


class Shape(NamedTuple):
    """How a result is put together: itself with the place of each leaf in its stead, and which leaves are single numbers."""

    template: Any
    single: tuple[bool, ...]


class KeptFunction(NamedTuple):
    """A compiled function, and what was learned about its result when it was traced."""

    function: Callable[..., Any]
    note: Any


_functions: Memory[tuple[Any, ...], KeptFunction] = Memory(MOST_STRUCTURES)


def kept(
    name: str,
    what: tuple[Any, ...],
    function: Callable[..., Any],
    arguments: Sequence[Any],
    note: Callable[[], Any] = lambda: None,
) -> KeptFunction:
    """The function compiled for arguments like these; loaded from disk where it was kept, else compiled and kept.

    Args:
        name: begins the name of the file.
        what: all that the function depends on beside its own source and the shapes of its arguments.
        function: of arrays, to arrays in tuples and dictionaries that can be pickled.
        arguments: of the shapes and types for which it is compiled.
        note: asked once after tracing, and kept with the function; it can be pickled.
    """
    shapes = _shape(list(arguments))
    # The same names in two processes may stand for other code; in one process the things themselves are compared.
    behaviours = [behaviour_of(one) for one in what if hasattr(one, "node_data")]
    return _functions.made(
        (name, function.__module__, *what, *behaviours, shapes),
        lambda: _from_disk_or_new(name, what, function, arguments, note),
    )


def jitted(function: Callable[..., Result]) -> Callable[..., Result]:
    """The function compiled by XLA for each kind of part that it is given, as that part behaves when it is called."""
    import jax

    from covolt.simulation.flattened import Kind, flattened

    def of_behaviour(behaviour: Hashable, trees: tuple[Any, ...], leaves: Sequence[list[Any]]) -> Result:
        del behaviour
        return function(*(jax.tree.unflatten(tree, own) for tree, own in zip(trees, leaves, strict=True)))

    def of_numbers(behaviour: Hashable, kinds: tuple[Kind, ...], numbers: Sequence[Any]) -> Result:
        del behaviour
        return function(*(kind.joined(own) for kind, own in zip(kinds, numbers, strict=True)))

    inner = jax.jit(of_behaviour, static_argnums=(0, 1))
    # One array for each part is handed over much faster than every number of it by itself.
    quick = jax.jit(of_numbers, static_argnums=(0, 1))

    @functools.wraps(function)
    def call(*given: Any) -> Result:
        flat = [flattened(one) for one in given]
        behaviour = behaviour_of(*(one.tree for one in flat))
        kinds = tuple(one.kind for one in flat if one.kind is not None)
        if len(kinds) < len(flat):
            return inner(behaviour, tuple(one.tree for one in flat), [one.leaves for one in flat])
        return quick(behaviour, kinds, [one.numbers for one in flat])

    return call


@in_64_bits
def find(name: str, what: Sequence[str | None], arguments: Sequence[Any]) -> KeptFunction | None:
    """A function of this room that an earlier process kept, by the texts (`name_of`) of what it depends on."""
    about = _about(__name__, what, arguments)
    return _load(name, about) if about is not None else None


@in_64_bits
def _from_disk_or_new(
    name: str, what: tuple[Any, ...], function: Callable[..., Any], arguments: Sequence[Any], note: Callable[[], Any]
) -> KeptFunction:
    import jax
    import jax.numpy as jnp

    texts = [name_of(one) for one in what]
    about = _about(function.__module__, texts, arguments)
    loaded = _load(name, about) if about is not None else None
    if loaded is not None:
        return loaded
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

    lowered = jax.jit(joined).lower(*arguments)
    tree, single = seen[-1]
    noted = note()
    if None in texts and has_files(what):
        about = _about_lowered(lowered.as_text(), tree, single, noted)
        loaded = _load(name, about) if about is not None else None
        if loaded is not None:
            return loaded
    made = lowered.compile()
    result = Shape(jax.tree.unflatten(tree, range(tree.num_leaves)), single)
    if about is not None:
        _keep(name, about, made, result, noted)
    return KeptFunction(_rebuilding(made, result), noted)


def _rebuilding(made: Callable[..., Any], shape: Shape) -> Callable[..., Any]:
    """The compiled function with its result put together again, from floats and NumPy arrays."""
    import jax

    tree = jax.tree.structure(shape.template)

    @in_64_bits
    def call(*arguments: Any) -> Any:
        numbers, *others = [np.asarray(array) for array in made(*arguments)]
        single, whole = iter(numbers.tolist()), iter(others)
        return jax.tree.unflatten(tree, [next(single) if alone else next(whole) for alone in shape.single])

    return call


def _shape(argument: Any) -> tuple[Any, ...]:
    if isinstance(argument, list | tuple):
        return tuple(_shape(part) for part in cast("list[Any]", argument))
    return (str(getattr(argument, "dtype", type(argument).__name__)), tuple(getattr(argument, "shape", ())))


def _about(module: str, what: Sequence[str | None], arguments: Sequence[Any]) -> tuple[str, ...] | None:
    """All that a function depends on; None where some of it has no text, or the source has changed under this process."""
    # The rooms of parts and drives need nothing of covolt's but each other; a function of another room may need anything.
    source = source_digest(*NUMERIC_ROOMS) if module.startswith(OWN_ROOMS) else source_digest()
    texts = [text for text in what if text is not None]
    if source is None or len(texts) < len(what):
        return None
    return ("source", source, *texts, str(_shape(list(arguments))), _surroundings())


def _about_lowered(text: str, tree: Any, single: tuple[bool, ...], noted: Any) -> tuple[str, ...] | None:
    """All that a traced function depends on; None where it calls back into this process."""
    if "callback" in text:
        return None
    return ("lowered", text, str(tree), str(single), repr(noted), _surroundings())


def _surroundings() -> str:
    """What else of this machine a compiled function depends on."""
    return f"{versions()} {os.environ.get('XLA_FLAGS', '')} {processor()}"


@functools.cache
def versions() -> str:
    """Versions of the numeric libraries."""
    import jax
    import jaxlib.version

    libraries = (jax.__version__, jaxlib.version.__version__, version("equinox"), np.__version__)
    return " ".join((platform.python_version(), *libraries))


def _load(name: str, about: Sequence[str]) -> KeptFunction | None:
    """A kept function, None where there is none that can be trusted and used."""

    def loaded(executable: Any, in_tree: Any, out_tree: Any, shape: Shape, note: Any) -> KeptFunction:
        from jax.experimental import serialize_executable

        made = serialize_executable.deserialize_and_load(executable, in_tree, out_tree)
        return KeptFunction(_rebuilding(made, shape), note)

    # Whatever another machine's code makes jaxlib raise, the function is compiled anew.
    return recalled_as(loaded, name, about)


def _keep(name: str, about: Sequence[str], made: Any, shape: Shape, note: Any) -> None:
    from jax.experimental import serialize_executable

    try:
        content = pickle.dumps((*serialize_executable.serialize(made), shape, note))
    except (ValueError, TypeError, AttributeError, pickle.PicklingError):
        return
    keep(name, about, content)
