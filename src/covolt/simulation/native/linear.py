"""The tangents of a program as a weighted graph, and what may be done with it: transpose it, or shorten it to its matrix.

JAX writes a tangent as sums, products and choices that are linear in the tangents of what goes in. Each such operation is a
node, joined to the nodes it is made of by edges whose weights are ordinary operations. A cotangent runs along the edges
backwards; a Jacobian is what is left when every node between results and arguments has been taken out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping

from covolt.simulation.native.program import Builder, Operation, Program

Edges = dict[int, int]
"""Weight (an operation of the builder) of each node that a node is made of."""


class LinearGraph:
    """The part of a program that is linear in some of its leaves; the rest is copied into a builder.

    Raises:
        NotImplementedError: where such an operation is not linear.
    """

    def __init__(self, program: Program, is_tangent: Callable[[Operation], bool], to: Builder) -> None:
        self._old = program
        self._to = to
        self.edges: dict[int, Edges] = {}
        self.copied: dict[int, int] = {}
        self._one, self._zero = to.constant(1.0), to.constant(0.0)
        for i, operation in enumerate(program.operations):
            if is_tangent(operation) or any(a in self.edges for a in operation.arguments):
                self.edges[i] = self._edges(operation)
            else:
                self.copied[i] = self._copied(operation)

    def _edges(self, operation: Operation) -> Edges:
        to = self._to
        edges: Edges = {}
        for a, weight in self._parts(operation):
            if a not in self.edges:
                # Beside a tangent, only nothing is linear.
                if not to.is_constant(self.copied[a], 0.0):
                    raise NotImplementedError(f"the slope of {operation.name}")
            elif self.edges[a] or not self._old.operations[a].arguments:
                edges[a] = self._sum(edges.get(a), weight)
        return edges

    def _parts(self, operation: Operation) -> list[tuple[int, int]]:
        """What an operation is made of, with its weights."""
        x, name, to, one = operation.arguments, operation.name, self._to, self._one
        linear = [a in self.edges for a in x]
        if not x:
            return []
        if name in ("add", "sub"):
            return [(x[0], one), (x[1], one if name == "add" else to.constant(-1.0))]
        if name == "neg":
            return [(x[0], to.constant(-1.0))]
        if name == "mul" and not all(linear):
            return [(x[0], self.copied[x[1]]) if linear[0] else (x[1], self.copied[x[0]])]
        if name == "div" and not linear[1]:
            return [(x[0], to.add("div", (one, self.copied[x[1]])))]
        if name == "select" and not linear[0]:
            choices = ((one, self._zero), (self._zero, one))
            return [(a, to.add("select", (self.copied[x[0]], *own))) for a, own in zip(x[1:], choices, strict=True)]
        raise NotImplementedError(f"the slope of {name}")

    def _copied(self, operation: Operation) -> int:
        to, x = self._to, [self.copied.get(a, -1) for a in operation.arguments]
        if operation.name == "constant":
            return to.constant(operation.value, operation.kind)
        if not x:
            return to.leaf(operation.name, int(operation.value))
        if operation.name == "div" and operation.kind == "real":
            return self._quotient(x[0], x[1])
        return to.add(operation.name, x, operation.kind)

    def _quotient(self, above: int, below: int) -> int:
        """A quotient; how JAX shares a slope among equals, and the square of a divisor, without a division of their own."""
        to, divisor, dividend = self._to, self._to.operations[below], self._to.operations[above]
        if divisor.name == "select" and all(to.is_constant(a) for a in divisor.arguments[1:]):
            shares = [1.0 / to.operations[a].value for a in divisor.arguments[1:]]
            share = to.add("select", (divisor.arguments[0], *map(to.constant, shares)))
            if dividend.name == "select" and to.is_constant(dividend.arguments[2], 0.0):
                own = self.product(dividend.arguments[1], share)
                return to.add("select", (dividend.arguments[0], own, self._zero))
            return to.add("mul", (above, share))
        if to.is_constant(above, 1.0) and divisor.name == "mul" and divisor.arguments[0] == divisor.arguments[1]:
            reciprocal = to.add("div", (above, divisor.arguments[0]))
            return to.add("mul", (reciprocal, reciprocal))
        return to.add("div", (above, below))

    def product(self, weight: int, x: int) -> int:
        """Weight times x, where a weight that is a choice of nothing stays a choice: nothing times infinity is nothing."""
        to = self._to
        for a, b in ((weight, x), (x, weight)):
            if to.is_constant(a, -1.0):
                return to.add("neg", (b,))
            operation = to.operations[a]
            if operation.name == "select":
                truth, first, second = operation.arguments
                if to.is_constant(second, 0.0):
                    return to.add("select", (truth, self.product(first, b), self._zero))
                if to.is_constant(first, 0.0):
                    return to.add("select", (truth, self._zero, self.product(second, b)))
        return to.add("mul", (weight, x))

    def _sum(self, total: int | None, x: int) -> int:
        return x if total is None else self._to.add("add", (total, x))

    def transposed(self, seeds: Mapping[int, int], stop: Callable[[int], bool]) -> dict[int, int]:
        """Cotangents of the nodes at which to stop, from those of others."""
        cotangents = {i: x for i, x in seeds.items() if i in self.edges}
        found: dict[int, int] = {}
        for i in range(max(cotangents, default=-1), -1, -1):
            if i not in cotangents:
                continue
            if stop(i):
                found[i] = cotangents[i]
                continue
            for a, weight in self.edges[i].items():
                cotangents[a] = self._sum(cotangents.get(a), self.product(weight, cotangents[i]))
        return found

    def matrix(self, results: Mapping[int, int], leaves: Iterable[int]) -> dict[tuple[int, int], int]:
        """Derivative of each result (row: node) by each leaf, where it is not nothing by structure.

        Nodes between are taken out one by one, first those that join the fewest others.
        """
        arguments, users = self._between(results, set(leaves))
        waiting = [(len(arguments[i]) * len(users[i]), i) for i in arguments if i >= 0 and arguments[i]]
        heapq.heapify(waiting)
        while waiting:
            cost, i = heapq.heappop(waiting)
            if i not in arguments:
                continue
            now = len(arguments[i]) * len(users[i])
            if now > cost:
                heapq.heappush(waiting, (now, i))
                continue
            made_of, used_by = arguments.pop(i), users.pop(i)
            for user in used_by:
                outer = arguments[user].pop(i)
                for a, inner in made_of.items():
                    arguments[user][a] = self._sum(arguments[user].get(a), self.product(outer, inner))
                    users[a].add(user)
            for a in made_of:
                users[a].discard(i)
        return {(row, a): weight for row in results for a, weight in arguments.get(-1 - row, {}).items()}

    def _between(self, results: Mapping[int, int], leaves: set[int]) -> tuple[dict[int, Edges], dict[int, set[int]]]:
        """Edges of the nodes between results (as nodes of their own, numbered -1 - row) and leaves, and their users."""
        touched: set[int] = set(leaves)
        for i in sorted(self.edges):
            if any(a in touched for a in self.edges[i]):
                touched.add(i)
        arguments: dict[int, Edges] = {-1 - row: {i: self._one} for row, i in results.items() if i in touched}
        users: dict[int, set[int]] = {}
        stack = list(arguments)
        while stack:
            user = stack.pop()
            for a in arguments[user]:
                users.setdefault(a, set()).add(user)
                if a not in arguments:
                    arguments[a] = {b: w for b, w in self.edges[a].items() if b in touched}
                    stack.append(a)
        return arguments, users
