"""Failing: whether a criterion of a gate can fail at all, by trying what its names may come to mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import inf
from random import Random

from covolt.programme.expression import Scope, Value, names_in, outcome

__all__ = ["Numbers", "can_fail"]

MOST_TRIED = 4_000
"""Combinations of values; a criterion of people has two or three names, and each has few values that matter."""
FAR = 1e12
"""Beyond any margin or value that people hold a vehicle against."""
_ASKED = re.compile(r"(verdict|margin|value)\s*\(\s*['\"]([^'\"]*)['\"]\s*\)")
_NUMBER = re.compile(r"(?<![\w.'\"-])\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Numbers:
    """From where to where the value of a requirement can lie, in the unit of its measure, and its bound.

    margin = factor (value - bound)
    """

    low: float = -inf
    high: float = inf
    bound: float = 0.0
    factor: float = 1.0


def can_fail(
    check: str,
    ranges: Mapping[str, tuple[int, int]],
    verdicts: Sequence[str],
    numbers: Mapping[str, Numbers] | None = None,
    *,
    always_met: Collection[str] = (),
) -> bool:
    """Whether any values within what the names may count, any verdicts and any possible numbers leave a criterion not fulfilled.

    `ranges` gives by name from where to where it counts, `numbers` by requirement what its value can be; `always_met` are those
    whose bound cannot be missed. Where nothing is known of a requirement, or 0 is divided by, no criterion is fulfilled; that is
    not looked at here, for it says nothing of the criterion.
    """
    written = [float(one) for one in _NUMBER.findall(check)]
    names = list(dict.fromkeys(names_in(check)))
    # A value and the margin of the same requirement move as one.
    asked = list(dict.fromkeys((function == "verdict", name) for function, name in _ASKED.findall(check)))
    known = numbers or {}
    domains: list[Sequence[Value]] = [_counts(*ranges[name], written) for name in names]
    words = {name: ["met"] if name in always_met else list(verdicts) for _, name in asked}
    domains += [words[name] if said else _near(written, known.get(name, Numbers())) for said, name in asked]

    def found(values: Sequence[Value]) -> bool | None:
        counted = {name: float(one) for name, one in zip(names, values, strict=False)}
        answers = dict(zip(asked, values[len(names) :], strict=True))

        def number(name: str, *, margin: bool) -> Value | None:
            value, of = answers.get((False, name)), known.get(name, Numbers())
            return of.factor * (float(value) - of.bound) if margin and value is not None else value

        functions = {
            "verdict": lambda name: answers.get((True, name)),
            "margin": partial(number, margin=True),
            "value": partial(number, margin=False),
        }
        return outcome(check, Scope(counted, functions))

    outcomes = {found(values) for values in _combined(domains)}
    return False in outcomes or True not in outcomes


def _near(written: Sequence[float], of: Numbers) -> list[Value]:
    """What a value can be about the numbers that are written, as value and as margin, and at the ends of its reach."""
    near = {sign * one + by for one in (0.0, *written) for sign in (-1.0, 1.0) for by in (-1.0, 0.0, 1.0)}
    values = near | {of.bound + of.factor * one for one in near} | {max(of.low, -FAR), min(of.high, FAR)}
    return [one for one in sorted(values) if of.low <= one <= of.high]


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
