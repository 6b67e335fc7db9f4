"""What rows of validation share: how they look, whom they count as independent, and how often an interval holds."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

NINETY = 1.6449
"""Standard uncertainties on each side of a normal 90 % interval."""
NONE_FITTED = "nothing fitted"
NO_CASE = "no case in the folder"


@dataclass(frozen=True)
class Scored:
    """One computed figure beside a measured one; `plain` is what the plainest model says, `standard_uncertainty` covolt's own."""

    case: str
    car: str
    computed: float
    measured: float
    standard_uncertainty: float | None = None
    plain: float | None = None

    @property
    def error_percent(self) -> float:
        """Relative error of the computed figure."""
        return 100.0 * (self.computed / self.measured - 1.0)

    @property
    def is_inside(self) -> bool:
        """Whether the 90 % interval around the computed figure holds the measured one."""
        return abs(self.measured - self.computed) <= NINETY * (self.standard_uncertainty or 0.0)


def read_rows(path: Path) -> list[dict[str, str]]:
    """A CSV file of the folder, plain or compressed; empty cells are empty texts."""
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8", newline="") as file
    ):
        return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]


def absent(name: str, reason: str, unit: str = "%", **more: Any) -> dict[str, Any]:
    """A row that cannot be had of this folder, and why."""
    return {
        "name": name, "measured": None, "goal": None, "unit": unit, "better": "lower", "peer": "", "cases": 0,
        "cars": 0, "reason": reason, **more,
    }  # fmt: skip


def scored_rows(
    name: str,
    cases: Sequence[Scored],
    *,
    peer: str,
    goal: float | None = None,
    fitted: str = NONE_FITTED,
    plain_is: str = "",
    left_out: Iterable[str] = (),
    score: Callable[[Sequence[float]], float] | None = None,
    details: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The row of the mean absolute error, and that of the coverage of its 90 % intervals where there are any."""
    left = list(left_out)
    if not cases:
        return [absent(name, NO_CASE, goal=goal, fitted=fitted, left_out=left)]
    errors = [abs(one.error_percent) for one in cases]
    plain = [abs(100.0 * (one.plain / one.measured - 1.0)) for one in cases if one.plain is not None]
    score = score or mean
    row: dict[str, Any] = {
        "name": name,
        "measured": score(errors),
        "goal": goal,
        "unit": "%",
        "better": "lower",
        "peer": peer,
        "cases": len(cases),
        "cars": len({one.car for one in cases}),
        "fitted": fitted,
        "left_out": left,
        "details": [*details, *(_detail(one) for one in cases)],
    }
    if plain:
        row |= {"plain": score(plain), "plain_is": plain_is}
    return [row, *coverage(name.removesuffix("_mae").removesuffix("_max"), cases, peer=peer, fitted=fitted)]


def mean(values: Sequence[float]) -> float:
    """Mean as a plain number."""
    return float(np.mean(values))


def _detail(one: Scored) -> dict[str, Any]:
    found: dict[str, Any] = {
        "case": one.case,
        "car": one.car,
        "error_percent": one.error_percent,
        "computed": one.computed,
        "measured": one.measured,
    }
    if one.standard_uncertainty is not None:
        found |= {"halfwidth_90": NINETY * one.standard_uncertainty, "inside": one.is_inside}
    if one.plain is not None:
        found["plain"] = one.plain
    return found


def coverage(name: str, cases: Sequence[Scored], *, peer: str, fitted: str = NONE_FITTED) -> list[dict[str, Any]]:
    """Part of the measured figures inside covolt's 90 % interval, by cases and with cars weighted alike.

    `coverage_low` and `coverage_high` bound it at 90 % for as many independent cars as there are, each counted by the part of
    its cases that is inside: Clopper and Pearson, Biometrika 26 (1934) 404.
    """
    judged = [one for one in cases if one.standard_uncertainty is not None]
    if not judged:
        return []
    inside: dict[str, list[bool]] = defaultdict(list)
    for one in judged:
        inside[one.car].append(one.is_inside)
    by_car = mean([mean(values) for values in inside.values()])
    low, high = proportion_interval(by_car * len(inside), len(inside))
    widths = [100.0 * NINETY * (one.standard_uncertainty or 0.0) / abs(one.computed) for one in judged]
    return [
        {
            "name": f"{name}_coverage_90",
            "measured": 100.0 * mean([one.is_inside for one in judged]),
            "goal": None,
            "unit": "%",
            "better": "higher",
            "peer": peer,
            "cases": len(judged),
            "cars": len(inside),
            "fitted": fitted,
            "by_car": 100.0 * by_car,
            "coverage_low": 100.0 * low,
            "coverage_high": 100.0 * high,
            "halfwidth_90": float(np.median(widths)),
        }
    ]


def proportion_interval(inside: float, count: int, confidence: float = 0.90) -> tuple[float, float]:
    """Clopper and Pearson's interval of a proportion; `inside` need not be whole."""
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if inside <= 0.0 else float(beta.ppf(tail, inside, count - inside + 1.0))
    high = 1.0 if inside >= count else float(beta.ppf(1.0 - tail, inside + 1.0, count - inside))
    return low, high


def best_constant(per_unit: Sequence[float]) -> float:
    """The one number c with the least mean |c / x - 1| over all x: it lies at one of them."""
    values = np.asarray(per_unit, dtype=float)
    misses = [float(np.mean(np.abs(value / values - 1.0))) for value in values]
    return float(values[int(np.argmin(misses))])
