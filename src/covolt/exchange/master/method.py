"""How a joined system is stepped: in which order parts are asked, how inputs are foreseen, and how long a step is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, final

from covolt.errors import InputError, Problem
from covolt.exchange.master.crossing import Prediction
from covolt.exchange.master.joining import Joined
from covolt.words import text

__all__ = ["Coupling", "Method", "check_method", "whole_count"]

Coupling = Literal["Jacobi", "Gauss-Seidel"]
_WHOLE = 1e-9
"""Relative distance from a whole number that rounding explains."""


@final
@dataclass(frozen=True)
class Method:
    """How a system is stepped.

    Jacobi         all parts are asked at the same time: over a network one wait a step
    Gauss-Seidel   one after another, in the order of feedthrough, each with what the parts before it have at the end of the step
    """

    step_s: float
    """Between two exchanges."""
    coupling: Coupling = "Jacobi"
    prediction: Prediction = "held"
    keep_every: int = 1
    """Of how many exchanges one is kept in the record; the ledger and the guard see all."""


def whole_count(span_s: float, step_s: float) -> int | None:
    """How often a step goes into a span, where it does so without a rest."""
    count = round(span_s / step_s)
    return count if count >= 1 and abs(count * step_s - span_s) <= _WHOLE * max(span_s, step_s) else None


def check_method(joined: Joined, method: Method, start_s: float, stop_s: float) -> None:
    """Whether all parts can be stepped in this way.

    Raises:
        InputError: with all that speaks against it: a step that no part takes, or that a contract does not allow.
    """
    problems: list[Problem] = []
    if not (math.isfinite(start_s) and math.isfinite(stop_s) and stop_s > start_s):
        what = text("a run goes from {start} s to {stop} s, which is no span of time", start=start_s, stop=stop_s)
        problems.append(Problem(what, joined.system.name, text("let it stop after it starts")))
    if not (math.isfinite(method.step_s) and method.step_s > 0.0) or method.keep_every < 1:
        what = text("the step is {step} s", step=method.step_s)
        problems.append(Problem(what, joined.system.name, text("give a step above zero")))
    if problems:
        raise InputError(problems)
    for part in joined.system.parts:
        problems.extend(_step_problems(joined, part.name, part.smallest_step_s, method))
        problems.extend(_span_problems(joined, part.name, method.step_s, stop_s - start_s))
    if problems:
        raise InputError(problems)


def _step_problems(joined: Joined, name: str, allowed_s: float | None, method: Method) -> list[Problem]:
    can = joined.components[name].description.capabilities
    found: list[Problem] = []
    needed_s = can.fixed_step_s if can.fixed_step_s is not None else can.largest_step_s
    if allowed_s is not None and needed_s is not None and needed_s < allowed_s:
        what = text(
            "'{part}' needs a step of at most {needed} s, and its contract allows none under {allowed} s",
            part=name, needed=needed_s, allowed=allowed_s,
        )  # fmt: skip
        found.append(
            Problem(what, name, text("agree on a smaller step, or ask its owner for a part that takes larger ones"))
        )
    if allowed_s is not None and method.step_s < allowed_s:
        what = text(
            "a step of {step} s is smaller than the {allowed} s that the contract of '{part}' allows",
            step=method.step_s, part=name, allowed=allowed_s,
        )  # fmt: skip
        found.append(Problem(what, name, text("take a larger step, or agree on a smaller one")))
    if can.fixed_step_s is not None and whole_count(method.step_s, can.fixed_step_s) is None:
        what = text(
            "'{part}' takes steps of {fixed} s only, and {step} s is no multiple", part=name, fixed=can.fixed_step_s,
            step=method.step_s,
        )  # fmt: skip
        found.append(Problem(what, name, text("take a step that is a whole multiple of it")))
    elif (
        can.fixed_step_s is None
        and can.largest_step_s is not None
        and method.step_s > can.largest_step_s * (1 + _WHOLE)
    ):
        what = text(
            "'{part}' takes steps of at most {largest} s, and is asked for {step} s", part=name,
            largest=can.largest_step_s, step=method.step_s,
        )  # fmt: skip
        found.append(Problem(what, name, text("take a step of at most that")))
    return found


def _span_problems(joined: Joined, name: str, step_s: float, span_s: float) -> list[Problem]:
    """A last step that is shorter than the others, which not every part takes."""
    can = joined.components[name].description.capabilities
    takes_any = can.variable_step and can.fixed_step_s is None
    if takes_any or not step_s > 0.0 or whole_count(span_s, step_s) is not None:
        return []
    what = text(
        "'{part}' takes no shorter step at the end, and {span} s are no multiple of {step} s",
        part=name,
        span=span_s,
        step=step_s,
    )
    return [Problem(what, name, text("stop at a multiple of the step"))]
