"""Sellar's problem as the sizing models of two parties: `python sellar.py first` or `second` answers targets as JSON.

min x^2 + z2 + y1 + exp(-y2), with y1 = z1^2 + z2 + x - 0.2 y2 >= 3.16 of the first, y2 = sqrt(y1) + z1 + z2 <= 24 of the second,
-10 <= z1 <= 10, 0 <= z2 <= 10, 0 <= x <= 10. The first keeps x and the first three terms to itself, the second the last.
Source: Sellar, Batill, Renaud, AIAA 96-0714 (1996).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

NAMES = ("z1", "z2", "y1", "y2")
START = {"z1": 5.0, "z2": 2.0, "y1": 10.0, "y2": 5.0}
OPTIMUM = {"z1": 1.9776, "z2": 0.0, "y1": 3.16, "y2": 3.7553}


def penalty(asked: Mapping[str, Any], response: NDArray[np.float64]) -> float:
    """What it costs to differ from the targets."""
    total = 0.0
    for name, value in zip(NAMES, response, strict=True):
        one = asked["shared"][name]
        apart = one["target"] - value
        total += one["multiplier"] * apart + (one["weight"] * apart) ** 2
    return total


def first(asked: Mapping[str, Any]) -> dict[str, float]:
    """The first party: chooses x, z1, z2 and y2, and y1 follows."""
    return dict(zip(NAMES, _first(asked)[0], strict=True))


def x_of(asked: Mapping[str, Any]) -> float:
    """What the first party tells nobody."""
    return _first(asked)[1]


def _first(asked: Mapping[str, Any]) -> tuple[list[float], float]:
    def first_state(at: NDArray[np.float64]) -> float:
        return at[0] ** 2 + at[1] + at[3] - 0.2 * at[2]

    def response(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([at[0], at[1], first_state(at), at[2]])

    def cost(at: NDArray[np.float64]) -> float:
        return at[3] ** 2 + at[1] + first_state(at) + penalty(asked, response(at))

    begin = [*(asked["shared"][name]["target"] for name in ("z1", "z2", "y2")), 0.5]
    bounds = [(-10.0, 10.0), (0.0, 10.0), (None, None), (0.0, 10.0)]
    limit = {"type": "ineq", "fun": lambda at: first_state(at) - 3.16}
    found = minimize(cost, begin, method="SLSQP", bounds=bounds, constraints=[limit], options={"ftol": 1e-14})
    return response(found.x).tolist(), float(found.x[3])


def second(asked: Mapping[str, Any]) -> dict[str, float]:
    """The second party: chooses z1, z2 and y1, and y2 follows."""

    def second_state(at: NDArray[np.float64]) -> float:
        return np.sqrt(max(at[2], 0.0)) + at[0] + at[1]

    def response(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([*at, second_state(at)])

    def cost(at: NDArray[np.float64]) -> float:
        return np.exp(-second_state(at)) + penalty(asked, response(at))

    begin = [asked["shared"][name]["target"] for name in ("z1", "z2", "y1")]
    bounds = [(-10.0, 10.0), (0.0, 10.0), (1e-9, None)]
    limit = {"type": "ineq", "fun": lambda at: 24.0 - second_state(at)}
    found = minimize(cost, begin, method="SLSQP", bounds=bounds, constraints=[limit], options={"ftol": 1e-14})
    return dict(zip(NAMES, response(found.x).tolist(), strict=True))


if __name__ == "__main__":
    model = first if sys.argv[1] == "first" else second
    sys.stdout.write(f"sizing\n{json.dumps(model(json.load(sys.stdin)))}\n")
