"""Failing: whether a criterion of a gate can fail at all, by trying what its names may come to mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from random import Random

from covolt.programme.expression import Scope, Value, evaluate, names_in

__all__ = ["can_fail"]

MOST_TRIED = 4_000
"""Combinations of values; a criterion of people has two or three names, and each has few values that matter."""
FAR = 1e12
"""Beyond any margin or value that people hold a vehicle against."""
_ASKED = re.compile(r"(verdict|margin|value)\s*\(\s*['\"]([^'\"]*)['\"]\s*\)")
_NUMBER = re.compile(r"(?<![\w.'\"-])\d+(?:\.\d+)?")


def can_fail(check: str, ranges: Mapping[str, tuple[int, int]], verdicts: Sequence[str]) -> bool:
    """Whether any values within what the names may count, any verdicts and any numbers leave a criterion not fulfilled.

    `ranges` gives by name from where to where it counts. Where nothing is known of a requirement no criterion is fulfilled; that
    is not looked at here, for it says nothing of the criterion.
    """
    written = [float(one) for one in _NUMBER.findall(check)]
    names = list(dict.fromkeys(names_in(check)))
    asked = list(dict.fromkeys(_ASKED.findall(check)))
    near = sorted({sign * one + by for one in written for sign in (-1.0, 1.0) for by in (-1.0, 0.0, 1.0)})
    domains: list[Sequence[Value]] = [_counts(*ranges[name], written) for name in names]
    domains += [list(verdicts) if function == "verdict" else [-FAR, FAR, 0.0, *near] for function, _ in asked]

    def fulfilled(values: Sequence[Value]) -> bool:
        counted = {name: float(one) for name, one in zip(names, values, strict=False)}
        answers = dict(zip(asked, values[len(names) :], strict=True))

        def answer(function: str, requirement: str) -> Value | None:
            return answers.get((function, requirement))

        functions = {one: partial(answer, one) for one in ("verdict", "margin", "value")}
        return evaluate(check, Scope(counted, functions))

    return any(not fulfilled(values) for values in _combined(domains))


def _counts(low: int, high: int, written: Sequence[float]) -> list[Value]:
    """Whole numbers of a range: all where these are few, else its ends and what lies about the numbers that are written."""
    if high - low <= 8:
        return [float(one) for one in range(low, high + 1)]
    about = {int(one * of) + by for one in written for of in (1.0, high) for by in (-1, 0, 1)}
    return [float(one) for one in sorted({low, low + 1, high - 1, high, *(one for one in about if low <= one <= high)})]


def _combined(domains: Sequence[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    """Every combination, or where these are too many as many as are tried, always the same ones."""
    total = 1
    for one in domains:
        total *= len(one)
    if total <= MOST_TRIED:
        yield from product(*domains)
        return
    chance = Random(0)
    for _ in range(MOST_TRIED):
        yield [chance.choice(one) for one in domains]
