"""Fewer operations a step for the same result but for rounding.

Products and quotients are gathered into (what is fixed over the drive, computed once) x (what moves) / (one divisor); sums
into what is fixed and what moves. Division by what is fixed becomes multiplication, several divisions by one number
become one.
"""

from __future__ import annotations

from collections import Counter

from covolt.simulation.native.program import Builder, Program


class Rewriter:
    """Builds a program anew from the operations of another that are needed."""

    def __init__(self, old: Program) -> None:
        self._old = old
        self._to = Builder()
        self._new: dict[int, int] = {}
        self._uses = _uses(old)
        self._within = self._find_within()

    def program(self) -> Program:
        """The program with fewer operations and the same results but for rounding."""
        for i in sorted(self._uses):
            if i not in self._within:
                self._new[i] = self._rewritten(i)
        to, new = self._to, self._new
        start, after = tuple(new[i] for i in self._old.start), tuple(new[i] for i in self._old.after)
        return Program(tuple(to.operations), tuple(to.moving), start, after)

    def _find_within(self) -> set[int]:
        """Operations that are gathered into the only one that uses them, for it is of the same group."""
        old = self._old
        found: set[int] = set()
        for i in self._uses:
            group = _group(old, i)
            if group is not None:
                found |= {a for a in old.operations[i].arguments if self._uses[a] == 1 and _group(old, a) == group}
        return found

    def _rewritten(self, i: int) -> int:
        operation = self._old.operations[i]
        if not operation.arguments:
            kind = operation.kind
            return (
                self._to.constant(operation.value, kind)
                if operation.name == "constant"
                else self._to.leaf(operation.name, int(operation.value))
            )
        group = _group(self._old, i)
        if group == "product":
            return self._product(i)
        if group == "sum":
            return self._sum(i)
        return self._to.add(operation.name, [self._new[a] for a in operation.arguments], operation.kind)

    def _product(self, i: int) -> int:
        above, below = self._factors(i)
        to = self._to
        fixed = self._times([x for x in above if not to.moving[x]])
        fixed_below = self._times([x for x in below if not to.moving[x]])
        moving = self._times([x for x in above if to.moving[x]])
        moving_below = self._times([x for x in below if to.moving[x]])
        if fixed_below is not None:
            fixed = to.add("div", (to.constant(1.0) if fixed is None else fixed, fixed_below))
        value = self._times([x for x in (moving, fixed) if x is not None])
        if moving_below is None:
            return to.constant(1.0) if value is None else value
        return to.add("div", (to.constant(1.0) if value is None else value, moving_below))

    def _times(self, factors: list[int]) -> int | None:
        if not factors:
            return None
        value = factors[0]
        for factor in factors[1:]:
            value = self._to.add("mul", (value, factor))
        return value

    def _factors(self, i: int) -> tuple[list[int], list[int]]:
        operation = self._old.operations[i]
        above: list[int] = []
        below: list[int] = []
        for place, a in enumerate(operation.arguments):
            own, other = self._factors(a) if a in self._within else ([self._new[a]], [])
            if operation.name == "div" and place == 1:
                own, other = other, own
            above += own
            below += other
        return above, below

    def _sum(self, i: int) -> int:
        to = self._to
        terms = self._terms(i, False)
        fixed = [(x, negative) for x, negative in terms if not to.moving[x]]
        moving = [(x, negative) for x, negative in terms if to.moving[x]]
        if len(fixed) > 1:
            moving.append((self._total(fixed), False))
        else:
            moving += fixed
        return self._total(moving)

    def _total(self, terms: list[tuple[int, bool]]) -> int:
        """Sum of terms, begun with one that is not negative where there is one."""
        at = next((n for n, (_, negative) in enumerate(terms) if not negative), None)
        if at is None:
            total = self._to.add("neg", (terms[0][0],))
            rest = terms[1:]
        else:
            total, rest = terms[at][0], terms[:at] + terms[at + 1 :]
        for x, negative in rest:
            total = self._to.add("sub" if negative else "add", (total, x))
        return total

    def _terms(self, i: int, negative: bool) -> list[tuple[int, bool]]:
        operation = self._old.operations[i]
        found: list[tuple[int, bool]] = []
        for place, a in enumerate(operation.arguments):
            turned = negative != (operation.name == "neg" or (operation.name == "sub" and place == 1))
            found += self._terms(a, turned) if a in self._within else [(self._new[a], turned)]
        return found


def _group(program: Program, i: int) -> str | None:
    operation = program.operations[i]
    if not program.moving[i] or operation.kind != "real":
        return None
    if operation.name in ("mul", "div"):
        return "product"
    return "sum" if operation.name in ("add", "sub", "neg") else None


def _uses(program: Program) -> Counter[int]:
    """How often each needed operation is used; results count as used twice, for they must stand by themselves."""
    uses: Counter[int] = Counter()
    stack = [*program.start, *program.after]
    uses.update(stack)
    uses.update(stack)
    reached: set[int] = set(stack)
    while stack:
        i = stack.pop()
        for a in program.operations[i].arguments:
            uses[a] += 1
            if a not in reached:
                reached.add(a)
                stack.append(a)
    return uses


def _shared_divisors(program: Program) -> Program:
    """The program with one reciprocal for each moving number by which several are divided."""
    needed = _uses(program)
    divisors = Counter(
        operation.arguments[1]
        for i, operation in enumerate(program.operations)
        if i in needed and program.moving[i] and operation.name == "div" and operation.kind == "real"
    )
    to = Builder()
    new: dict[int, int] = {}
    for i in sorted(needed):
        operation = program.operations[i]
        arguments = [new[a] for a in operation.arguments]
        if operation.name == "constant":
            new[i] = to.constant(operation.value, operation.kind)
        elif not arguments:
            new[i] = to.leaf(operation.name, int(operation.value))
        elif operation.name == "div" and program.moving[i] and divisors[operation.arguments[1]] > 1:
            reciprocal = to.add("div", (to.constant(1.0), arguments[1]))
            new[i] = to.add("mul", (arguments[0], reciprocal))
        else:
            new[i] = to.add(operation.name, arguments, operation.kind)
    start, after = tuple(new[i] for i in program.start), tuple(new[i] for i in program.after)
    return Program(tuple(to.operations), tuple(to.moving), start, after)


def rewritten(program: Program) -> Program:
    """The program with fewer operations in each step."""
    return _shared_divisors(Rewriter(program).program())
