"""Negotiation: what is fair by a stated rule among the vehicles that exist, as proposals that every party answers."""

from __future__ import annotations

from covolt.study.negotiation.bargaining import DEFAULT_RULE, RULES, Bargain, Rule, pareto_rows, settle
from covolt.study.negotiation.gains import Gains, Stake, gains_of_parties

__all__ = [
    "DEFAULT_RULE",
    "RULES",
    "Bargain",
    "Gains",
    "Rule",
    "Stake",
    "gains_of_parties",
    "pareto_rows",
    "settle",
]
