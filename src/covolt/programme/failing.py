"""Failing: whether a criterion of a gate can fail at all, by trying what a vehicle and its requirements may come to together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isinf
from random import Random
from typing import Any, TypeVar

from covolt.programme.expression import Scope, Value, names_in, outcome, requirements_named

__all__ = ["COMPUTED", "DOCUMENT", "Asked", "Numbers", "can_fail"]

COMPUTED = ("met", "met, text not checked", "within uncertainty", "not met", "not verified")
"""Words that a requirement can get whose number is computed or declared."""
DOCUMENT = ("met", "stale", "not verified")
"""Words that one can get which a document shows."""
MOST_TRIED = 4_000
"""Combinations of values; a criterion of people has two or three names, and each has few values that matter."""
MISSED_BY = (0.5, 1.0, 8.0, 64.0)
"""By how much of its size a bound is missed in what is tried; an estimate: who misses by half of it has failed."""
_NUMBER = re.compile(r"(?<![\w.'\"-])\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Numbers:
    """From where to where the value of a requirement can lie, in the unit of its measure, and its bound.

    margin = factor (value - bound); requirements with the same `of`, a measure under its conditions, have one value.
    """

    low: float = -inf
    high: float = inf
    bound: float = 0.0
    factor: float = 1.0
    of: Hashable = None

    @property
    def missed(self) -> list[float]:
        """Values that miss the bound by half of its size or more, as far as the value can go; none where it goes nowhere."""
        room = self.bound - self.low if self.factor > 0.0 else self.high - self.bound
        size = abs(self.bound) if self.bound and not (self.factor > 0.0 and -inf < self.low < 0.0) else room
        size = 1.0 if isinf(size) else size
        return [
            self.bound - self.factor * one for one in sorted({min(by * size, room) for by in MISSED_BY}) if one > 0.0
        ]

    def margin(self, value: float) -> float:
        """By how much a value keeps the bound."""
        return self.factor * (value - self.bound)


@dataclass(frozen=True)
class Asked:
    """One requirement as criteria see it: what counts it, and what it can come to; no numbers where a document shows it."""

    kind: str = "constraint"
    safety: bool = False
    words: tuple[str, ...] = COMPUTED
    numbers: Numbers | None = None
    counts: bool = True
    """Whether it is among those that the gate counts."""


One = TypeVar("One")
Group = tuple[str, bool, tuple[str, ...]]
Tally = Counter[tuple[Group, str]]
"""How many of each group have each word."""


def can_fail(check: str, asked: Mapping[str, Asked], beside: Mapping[str, tuple[int, int]] | None = None) -> bool:
    """Whether a criterion can fail in a state in which a vehicle can be.

    One that names requirements must fail where all of them are missed, by half of the size of the bound or more, and nothing
    else helps; one that only counts, in any state. `beside` gives by name from where to where what is no requirement counts.
    Where nothing is known of a requirement, or 0 is divided by, no criterion is fulfilled.
    """
    written = _written(check)
    here = [name for name in dict.fromkeys(requirements_named(check)) if name in asked]
    named = {name: asked[name] for name in here if len(asked[name].words) > 1}
    if here and not named:
        return False
    firm = {name: asked[name].numbers for name in here if name not in named}
    kept = {name: one.bound for name, one in firm.items() if one is not None}
    others = [one for name, one in asked.items() if name not in named and one.counts]
    names = [name for name in beside or {} if name in names_in(check)]
    free: list[Sequence[Any]] = [_tallies(check, others), *(_counts(*(beside or {})[name], written) for name in names)]
    around = [(tally, dict(zip(names, values, strict=True))) for tally, *values in _combined(free)]

    def found(
        tally: Tally, counted: Mapping[str, float], words: Mapping[str, str], values: Mapping[str, float]
    ) -> bool | None:
        return outcome(check, _scope(asked, tally, counted, words, {**kept, **values}))

    if not named:
        outcomes = {found(tally, counted, {}, {}) for tally, counted in around}
        return False in outcomes or True not in outcomes
    return any(
        all(not found(tally, counted, words, values) for words, values in missed)
        for missed in (_missed(named, said) for said in ("not verified", "stale"))
        for tally, counted in around
    )


def _missed(named: Mapping[str, Asked], said: str) -> list[tuple[dict[str, str], dict[str, float]]]:
    """States in which these are missed: all of them, or where no value misses all that share it, one at least."""
    groups: dict[Hashable, dict[str, Numbers]] = {}
    for name, one in named.items():
        if one.numbers is not None:
            groups.setdefault(name if one.numbers.of is None else one.numbers.of, {})[name] = one.numbers
    domains: list[list[float]] = []
    for each in groups.values():
        values = sorted({value for one in each.values() for value in one.missed})
        domains.append([v for v in values if all(one.margin(v) < 0.0 for one in each.values())] or values)
    states: list[tuple[dict[str, str], dict[str, float]]] = []
    for combined in _combined(domains):
        values = {name: value for each, value in zip(groups.values(), combined, strict=True) for name in each}
        states.append(({name: _word(one, values.get(name), said) for name, one in named.items()}, values))
    return states


def _word(one: Asked, value: float | None, said: str) -> str:
    if one.numbers is None or value is None:
        return said if said in one.words else "not verified"
    return "not met" if one.numbers.margin(value) < 0.0 else "met"


def _scope(
    asked: Mapping[str, Asked],
    tally: Tally,
    counted: Mapping[str, float],
    words: Mapping[str, str],
    values: Mapping[str, float],
) -> Scope:
    full = tally + Counter((_group(asked[name]), word) for name, word in words.items() if asked[name].counts)

    def margin(name: str) -> Value | None:
        numbers = asked[name].numbers if name in values else None
        return None if numbers is None else numbers.margin(values[name])

    def verdict(name: str) -> Value | None:
        return words.get(name, asked[name].words[0] if name in asked else None)

    return Scope({**_numbers(full), **counted}, {"verdict": verdict, "margin": margin, "value": values.get})


def _group(one: Asked) -> Group:
    return one.kind, one.safety, one.words


def _numbers(tally: Tally) -> dict[str, float]:
    """What the names of criteria count, as `covolt.study.gate.counting.counts` counts verdicts."""

    def of(which: Callable[[Group, str], bool]) -> float:
        return float(sum(count for (group, word), count in tally.items() if which(group, word)))

    found: dict[str, float] = {}
    for plural, kind in (("laws", "law"), ("constraints", "constraint"), ("needs", "need")):
        found[f"{plural}.count"] = of(lambda group, _, kind=kind: group[0] == kind)
        found[f"{plural}.met"] = of(lambda group, word, kind=kind: group[0] == kind and word in _passing(kind))
    found["safety.count"] = of(lambda group, _: group[1])
    found["safety.met"] = of(lambda group, word: group[1] and word == "met")
    found["requirements.count"] = of(lambda *_: True)
    found["requirements.met"] = of(lambda _, word: word == "met")
    found["requirements.unverified"] = of(lambda _, word: word == "not verified")
    found["requirements.unchecked"] = of(lambda _, word: word == "met, text not checked")
    found["requirements.stale"] = of(lambda _, word: word == "stale")
    found["evidence.missing"] = of(lambda group, word: group[2] == DOCUMENT and word == "not verified")
    return found


def _passing(kind: str) -> tuple[str, ...]:
    """A law must be met by a checked text."""
    return ("met",) if kind == "law" else ("met", "met, text not checked")


def _tallies(check: str, others: Sequence[Asked]) -> list[Tally]:
    """How the requirements that a criterion does not name may stand together: of each group some met, some of another word."""
    groups, written = Counter(_group(one) for one in others), _written(check)
    if not groups or not any(one.partition(".")[0] in COUNTING for one in names_in(check)):
        return [Counter({(group, group[2][0]): count for group, count in groups.items()})]
    # First each word alone, of as many groups as can have it: what chance might not draw.
    alone = [
        Counter({(group, word if word in group[2] else group[2][-1]): count for group, count in groups.items()})
        for word in dict.fromkeys((*COMPUTED, *DOCUMENT))
    ]
    most = MOST_TRIED // 10  # leaves as many for what counts beside
    mixed = _combined([_standing(group, count, written) for group, count in groups.items()], most)
    return [*alone, *(sum(each, Counter()) for each in mixed)]


COUNTING = ("laws", "constraints", "needs", "safety", "requirements", "evidence")


def _standing(group: Group, count: int, written: Sequence[float]) -> list[Tally]:
    first, *rest = group[2]
    some = [int(one) for one in _counts(1, count, written)]
    mixed = [Counter({(group, first): count - one, (group, word): one}) for word in rest for one in some]
    return [Counter({(group, first): count}), *mixed]


def _written(check: str) -> list[float]:
    return [float(one) for one in _NUMBER.findall(check)]


def _counts(low: int, high: int, written: Sequence[float]) -> list[float]:
    """Whole numbers of a range: all where these are few, else its ends and what lies about the numbers that are written."""
    if high - low <= 8:
        return [float(one) for one in range(low, high + 1)]
    about = {int(one * of) + by for one in written for of in (1.0, high) for by in (-1, 0, 1)}
    return [float(one) for one in sorted({low, low + 1, high - 1, high, *(one for one in about if low <= one <= high)})]


def _combined(domains: Sequence[Sequence[One]], most: int = MOST_TRIED) -> Iterator[Sequence[One]]:
    """Every combination, or where these are too many as many as are tried, always the same ones."""
    total = 1
    for one in domains:
        total *= len(one)
    if total <= most:
        yield from product(*domains)
        return
    chance = Random(0)
    for _ in range(most):
        yield [chance.choice(one) for one in domains]
