"""Sampling: which designs of a space a study looks at, decided by method, count and seed alone."""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from covolt.errors import InputError, Problem
from covolt.study.designs.space import DesignSpace, Variable
from covolt.words import Phrase, text

__all__ = ["METHODS", "MOST_DESIGNS", "Method", "sample", "sample_problems"]

Method = Literal["sobol", "latin-hypercube", "full"]
METHODS: tuple[Method, ...] = ("sobol", "latin-hypercube", "full")
MOST_DESIGNS = 10_000_000
"""Designs of one study; their values are held in memory."""


def sample_problems(space: DesignSpace, method: Method, count: int | None, levels: int | None) -> list[Problem]:
    """Why a space cannot be sampled so; `levels` are the values taken of a variable between whose bounds every value counts."""
    found = _of_full(space, count, levels) if method == "full" else _of_count(count, levels)
    return [] if found is None else [Problem(*found)]


Told = tuple[Phrase, str, Phrase]


def _of_count(count: int | None, levels: int | None) -> Told | None:
    if count is None:
        return text("it is not said how many designs"), "designs", text("give --designs 1024")
    if not 1 <= count <= MOST_DESIGNS:
        return text("{count} designs", count=count), "designs", text("give 1 to {most}", most=MOST_DESIGNS)
    if levels is not None:
        hint = text("remove it, or take --method full")
        return text("levels are for the full factorial alone"), "levels", hint
    return None


def _of_full(space: DesignSpace, count: int | None, levels: int | None) -> Told | None:
    continuous = [one.id for one in space.variables if one.count is None]
    if levels is not None and levels < 2:
        return text("{count} levels", count=levels), "levels", text("give 2 or more")
    if continuous and levels is None:
        what = text("every value counts between the bounds of {names}", names=", ".join(continuous))
        hint = text("give --levels 5, let their owners declare a step, or take --method sobol")
        return what, "method", hint
    whole = math.prod(_count(one, levels) for one in space.variables)
    if whole > MOST_DESIGNS:
        what = text("the full factorial has {count} designs", count=whole)
        return what, "method", text("take --method sobol, or wider steps")
    if count is not None and count != whole:
        what = text("the full factorial has {count} designs, not {asked}", count=whole, asked=count)
        return what, "designs", text("leave it out, or take --method sobol")
    return None


def _count(one: Variable, levels: int | None) -> int:
    return one.count or levels or 0


def sample(
    space: DesignSpace, method: Method, *, count: int | None = None, seed: int = 0, levels: int | None = None
) -> NDArray[np.float64]:
    """Values of the designs of a study, of shape (designs + 1, variables): design 0 is today's vehicle, whatever the method.

    Sobol's sequence is scrambled (Owen 1998) and the Latin hypercube placed by the seed; the first designs of Sobol's sequence
    are the same however many follow. Steps and choices are all taken equally often.

    Raises:
        InputError: it cannot be sampled so.
    """
    if problems := sample_problems(space, method, count, levels):
        raise InputError(problems)
    if method == "full":
        axes = [_values(one, levels) for one in space.variables]
        grid = np.meshgrid(*axes, indexing="ij")
        designs = np.stack([one.ravel() for one in grid], axis=1)
    else:
        fractions = _fractions(method, len(space.variables), count or 0, seed)
        designs = np.stack([one.at(fractions[:, at]) for at, one in enumerate(space.variables)], axis=1)
    return np.concatenate([space.at_locked[None, :], designs])


def _values(one: Variable, levels: int | None) -> NDArray[np.float64]:
    if one.count is None:
        return np.linspace(one.lowest, one.highest, levels or 0)
    return one.lowest + (1.0 if one.choices else one.step) * np.arange(one.count, dtype=np.float64)


def _fractions(method: Method, variables: int, count: int, seed: int) -> NDArray[np.float64]:
    from scipy.stats import qmc

    if method == "latin-hypercube":
        return qmc.LatinHypercube(variables, rng=np.random.default_rng(seed)).random(count)
    with warnings.catch_warnings():
        # A count that is no power of two is less balanced, and what was asked for.
        warnings.filterwarnings("ignore", message=".*balance properties.*", category=UserWarning)
        return qmc.Sobol(variables, scramble=True, rng=np.random.default_rng(seed)).random(count)
