"""Which variables depend on one another within one instant, which of them in a circle, and in what order parts are stepped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from covolt.exchange.component import Description
from covolt.exchange.master.system import Port

__all__ = ["array_of", "circles", "components_in_order", "dependencies", "immediate_inputs"]

Node = TypeVar("Node")


def array_of(variable: str) -> str:
    """The array whose element a name tells: "forces" of "forces[2,1]"; a scalar's own name."""
    head, bracket, _ = variable.rpartition("[")
    return head if bracket and variable.endswith("]") else variable


def dependencies(
    described: Mapping[str, Description],
    inputs: Iterable[Port],
    outputs: Iterable[Port],
    joined: Iterable[tuple[Port, Port]],
) -> dict[Port, tuple[Port, ...]]:
    """What follows from each variable within the same instant: inputs of an output, by connection, and outputs of an input.

    A component that does not say which outputs follow from which inputs is taken to let all follow from all.
    """
    following: dict[Port, list[Port]] = {}
    for source, target in joined:
        following.setdefault(source, []).append(target)
    outputs_of: dict[str, list[Port]] = {}
    for port in outputs:
        outputs_of.setdefault(port.part, []).append(port)
    for port in inputs:
        said = described[port.part].feedthrough
        for output in outputs_of.get(port.part, ()):
            if said is None or _follows(said, output.variable, port.variable):
                following.setdefault(port, []).append(output)
    return {port: tuple(after) for port, after in following.items()}


def _follows(said: Mapping[str, tuple[str, ...]], output: str, given: str) -> bool:
    """Whether an output follows from an input; what is said of an array holds for its elements."""
    sources = said.get(output, said.get(array_of(output), ()))
    return given in sources or array_of(given) in sources


def circles(following: Mapping[Node, Iterable[Node]], nodes: Iterable[Node]) -> list[tuple[Node, ...]]:
    """Strongly connected nodes (Tarjan 1972, without recursion), each group after all that follow from it.

    A node that is in no circle is a group of one.
    """
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    waiting: set[Node] = set()
    found: list[tuple[Node, ...]] = []
    for root in nodes:
        if root in index:
            continue
        work = [(root, iter(tuple(following.get(root, ()))))]
        _enter(root, index, low, stack, waiting)
        while work:
            node, after = work[-1]
            for child in after:
                if child not in index:
                    _enter(child, index, low, stack, waiting)
                    work.append((child, iter(tuple(following.get(child, ())))))
                    break
                if child in waiting:
                    low[node] = min(low[node], index[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_taken(node, stack, waiting))
    return found


def _enter(node: Node, index: dict[Node, int], low: dict[Node, int], stack: list[Node], waiting: set[Node]) -> None:
    index[node] = low[node] = len(index)
    stack.append(node)
    waiting.add(node)


def _taken(node: Node, stack: list[Node], waiting: set[Node]) -> tuple[Node, ...]:
    group: list[Node] = []
    while True:
        group.append(stack.pop())
        waiting.discard(group[-1])
        if group[-1] == node:
            return tuple(reversed(group))


def immediate_inputs(described: Mapping[str, Description], inputs: Iterable[Port]) -> frozenset[Port]:
    """Inputs from which an output follows within the same instant, joined or not."""
    depended: dict[str, frozenset[str]] = {}
    silent: set[str] = set()
    for part, description in described.items():
        if description.feedthrough is None:
            silent.update([part] if description.of("output") else [])
        else:
            depended[part] = frozenset(one for after in description.feedthrough.values() for one in after)
    return frozenset(
        port
        for port in inputs
        if port.part in silent or {port.variable, array_of(port.variable)} & depended.get(port.part, frozenset())
    )


def components_in_order(
    names: Sequence[str], immediate: frozenset[Port], joined: Iterable[tuple[Port, Port]]
) -> tuple[str, ...]:
    """Parts one after another, so that a part whose outputs follow at once from an input comes after what gives that input.

    Parts of one circle keep the order in which they are written; where nothing follows at once, so do all.
    """
    after: dict[str, list[str]] = {name: [] for name in names}
    for source, target in joined:
        if target in immediate and source.part != target.part:
            after[source.part].append(target.part)
    place = {name: number for number, name in enumerate(names)}
    groups = circles(
        {name: sorted(after[name], key=place.__getitem__, reverse=True) for name in names}, reversed(names)
    )
    return tuple(name for group in reversed(groups) for name in sorted(group, key=place.__getitem__))
