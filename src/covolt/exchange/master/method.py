"""How a joined system is stepped: in which order parts are asked, how inputs are foreseen, and how long a step is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, final

from covolt.errors import InputError, Problem
from covolt.exchange.master.control import StepControl
from covolt.exchange.master.crossing import Prediction
from covolt.exchange.master.joining import Joined
from covolt.words import text

__all__ = ["Coupling", "Method", "check_method", "largest_step_s", "unit_step_s", "whole_count"]

Coupling = Literal["Jacobi", "Gauss-Seidel", "strong"]
_WHOLE = 1e-9
"""Relative distance from a whole number that rounding explains."""


@final
@dataclass(frozen=True)
class Method:
    """How a system is stepped.

    Jacobi         all parts are asked at the same time: over a network one wait a step
    Gauss-Seidel   one after another, in the order of feedthrough, each with what the parts before it have at the end of the step
    strong         over each step again from its beginning until all agree; every part has to keep a state and go back to it
    """

    step_s: float = 1e-2
    """Between two exchanges."""
    coupling: Coupling = "Jacobi"
    prediction: Prediction = "held"
    settled_ratio: float = 1e-8
    """Strong coupling: the change of an input, by its nominal value or its own, for which no step is repeated."""
    most_repeats: int = 50
    most_resumes: int = 0
    """How often in a row a part that failed and can resume is waited for and asked the same again, before the run stops."""
    control: StepControl | None = None
    """With it steps are as long as the bonds allow, and `step_s` says nothing."""
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
    if method.control is not None:
        problems.extend(_control_problems(joined, method.control))
    if problems:
        raise InputError(problems)
    if method.coupling == "strong":
        problems.extend(_saving_problems(joined))
    for part in joined.system.parts:
        if method.control is not None:
            problems.extend(_step_problems(joined, part.name, part.smallest_step_s, method.control.smallest_step_s))
            problems.extend(_length_problems(joined, part.name, stop_s - start_s))
        else:
            problems.extend(_step_problems(joined, part.name, part.smallest_step_s, method.step_s))
            problems.extend(_span_problems(joined, part.name, method.step_s, stop_s - start_s))
    if problems:
        raise InputError(problems)


def _step_problems(joined: Joined, name: str, allowed_s: float | None, step_s: float) -> list[Problem]:
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
    if allowed_s is not None and step_s < allowed_s:
        what = text(
            "a step of {step} s is smaller than the {allowed} s that the contract of '{part}' allows",
            step=step_s, part=name, allowed=allowed_s,
        )  # fmt: skip
        found.append(Problem(what, name, text("take a larger step, or agree on a smaller one")))
    if can.fixed_step_s is not None and whole_count(step_s, can.fixed_step_s) is None:
        what = text(
            "'{part}' takes steps of {fixed} s only, and {step} s is no multiple", part=name, fixed=can.fixed_step_s,
            step=step_s,
        )  # fmt: skip
        found.append(Problem(what, name, text("take a step that is a whole multiple of it")))
    elif can.fixed_step_s is None and can.largest_step_s is not None and step_s > can.largest_step_s * (1 + _WHOLE):
        what = text(
            "'{part}' takes steps of at most {largest} s, and is asked for {step} s", part=name,
            largest=can.largest_step_s, step=step_s,
        )  # fmt: skip
        found.append(Problem(what, name, text("take a step of at most that")))
    return found


def _control_problems(joined: Joined, control: StepControl) -> list[Problem]:
    """Bounds of the step, and bonds by whose energy it is controlled."""
    place = joined.system.name
    found: list[Problem] = []
    if not 0.0 < control.smallest_step_s <= control.largest_step_s < math.inf:
        what = text(
            "steps go from {smallest} s to {largest} s",
            smallest=control.smallest_step_s,
            largest=control.largest_step_s,
        )
        found.append(Problem(what, place, text("give a smallest step above zero and a largest of at least that")))
    if not 0.0 < control.tolerance_ratio < math.inf:
        what = text("the tolerance is {tolerance}", tolerance=control.tolerance_ratio)
        found.append(Problem(what, place, text("give one above zero, say 0.001")))
    if not joined.bonds:
        what = text("steps are controlled by the energy of bonds, and there is none")
        found.append(Problem(what, place, text("name the pairs of connections that carry power, or take a fixed step")))
    found.extend(
        Problem(
            text("bond '{bond}' has no energy by which an error is measured", bond=bond.bond.name),
            place,
            text("state it from the contract: the rated power of the port times the time that matters"),
        )
        for bond in joined.bonds
        if control.measure is None and not (bond.bond.energy_scale_J or 0.0) > 0.0
    )
    return found


def _saving_problems(joined: Joined) -> list[Problem]:
    return [
        Problem(
            text("strong coupling goes back over each step, and '{part}' keeps no state", part=name),
            name,
            text("take Jacobi with linear prediction, or ask its owner for a part that saves and restores its state"),
        )
        for name, component in joined.components.items()
        if not component.description.capabilities.saves
    ]


def largest_step_s(joined: Joined, control: StepControl) -> float:
    """The largest step that all parts take."""
    limits = (one.description.capabilities.largest_step_s for one in joined.components.values())
    return min([control.largest_step_s, *(one for one in limits if one is not None)])


def unit_step_s(joined: Joined) -> float | None:
    """The largest of the steps that parts take only; None where all take any."""
    fixed = (one.description.capabilities.fixed_step_s for one in joined.components.values())
    return max((one for one in fixed if one is not None), default=None)


def _length_problems(joined: Joined, name: str, span_s: float) -> list[Problem]:
    """A part that takes one step only, where lengths change: it has to be known, go into the others', and into the span."""
    can = joined.components[name].description.capabilities
    if can.fixed_step_s is None:
        if can.variable_step:
            return []
        what = text("'{part}' takes steps of one length only, and does not say of which", part=name)
        return [Problem(what, name, text("take a fixed step"))]
    unit_s = unit_step_s(joined) or can.fixed_step_s
    if whole_count(unit_s, can.fixed_step_s) is not None and whole_count(span_s, unit_s) is not None:
        return []
    what = text(
        "'{part}' takes steps of {fixed} s only, and {step} s is no multiple",
        part=name,
        fixed=can.fixed_step_s,
        step=unit_s if whole_count(unit_s, can.fixed_step_s) is None else span_s,
    )
    return [Problem(what, name, text("take a step that is a whole multiple of it"))]


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
