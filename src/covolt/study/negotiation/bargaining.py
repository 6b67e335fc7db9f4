"""Bargaining: which of the outcomes that exist is fair to all by a stated rule; pure functions of a finite table of gains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from covolt.study.negotiation.gains import shares_of

__all__ = ["DEFAULT_RULE", "RULES", "Bargain", "Rule", "pareto_rows", "settle"]

Rule = Literal["kalai-smorodinsky", "nash", "egalitarian"]
DEFAULT_RULE: Rule = "kalai-smorodinsky"
SAME = 1e-12
"""Of a normalised gain, and of a sum of logarithms, what rounding leaves of equality."""
Rows = NDArray[np.intp]
Table = NDArray[np.float64]


@dataclass(frozen=True)
class Bargain:
    """What a rule chooses: the row of the outcome, all rows that are as good by the rule, and what each party has of it.

    `reached_ratios` are gains over the best, `best_ratios`, that each party has among the acceptable outcomes. `extended` says
    that more than the least reached share decided: another outcome has the same least share and less for somebody else.
    `without` are the parties (columns) that gain nothing.
    """

    rule: Rule
    row: int
    tied: tuple[int, ...]
    gain_ratios: tuple[float, ...]
    reached_ratios: tuple[float, ...]
    best_ratios: tuple[float, ...]
    extended: bool
    without: tuple[int, ...]


def pareto_rows(gains: Table) -> Rows:
    """Rows than which no other row is better for one party and worse for none, ascending; equal rows stay together.

    Exact: values are compared as they are. From the lexicographically greatest row down, for who dominates a row is greater than
    it; each row that is kept takes away all that it dominates.

    Args:
        gains: (outcomes, parties), finite.
    """
    if not len(gains):
        return np.empty(0, dtype=np.intp)
    distinct, members = np.unique(gains, axis=0, return_inverse=True)
    left = np.arange(len(distinct))[::-1]
    kept: list[int] = []
    while left.size:
        first = int(left[0])
        kept.append(first)
        left = left[~(distinct[left] <= distinct[first]).all(axis=1)]
    return np.flatnonzero(np.isin(members.reshape(-1), kept))


def settle(
    gains: Table, rule: Rule = DEFAULT_RULE, weights: Table | None = None, order: Table | None = None
) -> Bargain | None:
    """The outcome that a rule chooses among those that leave nobody below its disagreement gain 0; None where there is none.

    Only outcomes of the table are ever chosen, and only Pareto ones. With u_i the gain of party i, b_i its best over
    the acceptable outcomes and w_i its weight (1 for each where none are given):

    - `kalai-smorodinsky`: leximin of u_i / (b_i w_i): the greatest least share, then the greatest second least, and so on
      (Kalai and Smorodinsky 1975; the lexicographic extension: Imai 1983);
    - `nash`: the greatest sum of w_i ln(u_i / b_i) (Nash 1950; Kalai 1977 for weights). Where no outcome gives everybody
      something, those count that give something to as many parties as any does, and the sum is over these;
    - `egalitarian`: leximin of u_i / w_i, with u normalised from the worst acceptable value to the aspiration (Kalai 1977;
      Chun and Peters 1988).

    Of outcomes that are equal by the rule that with the least row of `order` is taken, compared from its first column on; without
    it that with the greatest gains from the first party on. So neither the order of rows nor that of files decides.

    Args:
        gains: (outcomes, parties), finite.
        rule: the name of the rule.
        weights: (parties,), above 0.
        order: (outcomes, any number).
    """
    parties = gains.shape[1]
    shares = np.ones(parties) if weights is None else np.asarray(weights, dtype=float)
    if not np.isfinite(gains).all() or not (np.isfinite(shares) & (shares > 0.0)).all() or shares.shape != (parties,):
        raise ValueError("gains are finite, and there is a weight above 0 for each party")
    acceptable = np.flatnonzero((gains >= 0.0).all(axis=1))
    if not acceptable.size or not parties:
        return None
    best = gains[acceptable].max(axis=0)
    chosen, extended = RULES[rule](gains[acceptable], _shares(gains[acceptable], best), shares)
    # Who dominates what is chosen is chosen too; only within rounding both are.
    tied = acceptable[chosen][pareto_rows(gains[acceptable][chosen])]
    keys = -gains[tied] if order is None else np.column_stack([order[tied], -gains[tied]])
    row = int(tied[np.lexsort(keys.T[::-1])[0]])
    return Bargain(
        rule=rule,
        row=row,
        tied=tuple(int(one) for one in tied),
        gain_ratios=tuple(float(one) for one in gains[row]),
        reached_ratios=tuple(float(one) for one in _shares(gains[row], best)),
        best_ratios=tuple(float(one) for one in best),
        extended=extended,
        without=tuple(int(one) for one in np.flatnonzero(gains[row] <= 0.0)),
    )


def _shares(gains: Table, best: Table) -> Table:
    """Gains over the best of each party; 0 for a party that can gain nothing."""
    return np.divide(gains, best, out=np.zeros_like(gains), where=best > 0.0)


def _leximin(table: Table) -> tuple[Rows, bool]:
    """Rows with the lexicographically greatest ascending values, and whether the least value alone left worse ones."""
    ascending, rows = np.sort(table, axis=1), np.arange(len(table))
    first = 0
    for column in ascending.T:
        rows = rows[column[rows] >= column[rows].max() - SAME * max(1.0, abs(column[rows].max()))]
        first = first or len(rows)
    return rows, len(rows) < first


def _kalai_smorodinsky(gains: Table, reached: Table, weights: Table) -> tuple[Rows, bool]:
    del gains
    return _leximin(reached / weights)


def _egalitarian(gains: Table, reached: Table, weights: Table) -> tuple[Rows, bool]:
    del reached
    return _leximin(gains / weights)


def _nash(gains: Table, reached: Table, weights: Table) -> tuple[Rows, bool]:
    gaining = (gains > 0.0).sum(axis=1)
    rows = np.flatnonzero(gaining == gaining.max())
    some = reached[rows] > 0.0
    logarithms = np.log(reached[rows], where=some, out=np.zeros_like(reached[rows]))
    totals = (shares_of(weights) * logarithms).sum(axis=1)
    return rows[totals >= totals.max() - SAME * max(1.0, abs(totals.max()))], False


Chooser = Callable[[Table, Table, Table], tuple[Rows, bool]]
RULES: Mapping[Rule, Chooser] = MappingProxyType(
    {"kalai-smorodinsky": _kalai_smorodinsky, "nash": _nash, "egalitarian": _egalitarian}
)
"""How each rule chooses among outcomes: of gains, gains over each party's best, and weights, the rows."""
