"""Sobol's indices: which share of how far a result varies over a space each independent input explains, and how surely."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast, final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import InputError, Problem, Unavailable
from covolt.words import text

__all__ = ["FEWEST_BLOCKS", "Columns", "SobolIndices", "saltelli_blocks", "sobol_indices"]

Columns = NDArray[np.float64]
"""Numbers of shape (rows, columns), or along one of them."""
Counts = NDArray[np.int64]
FEWEST_BLOCKS = 32
"""Blocks below which nothing is sampled: of fewer the shares are off by a quarter, and their intervals hold too seldom."""
FEWEST_WHOLE = 16
"""Whole blocks of them that must be left: of fewer the intervals of a bootstrap are too narrow."""
ROUNDING = 1e-9
"""Of an output, what rounding may leave between designs in which it is the same."""
ORDERS = 64
"""Orders of the second half of a sample that are tried beside the one in which it comes."""
RESAMPLES = 500
"""Bootstrap samples of each index; at 500 a half-width is itself known to about 3 %."""


@final
@dataclass(frozen=True)
class SobolIndices:
    """Indices of each output (row) by each input (column), each with the half-width of its interval.

    First order S_i = V(E(y | x_i)) / V(y): what the input explains alone; total T_i = 1 - V(E(y | all but x_i)) / V(y): with all
    that it does together with others. `second` S_ij is what two explain together beyond each alone; empty where nobody asked.
    NaN where an output does not vary or too little of it is there. `deviations` are sqrt(V(y)) in the unit of each output,
    `blocks` how many of Saltelli's blocks each estimate rests on, `lost` how many rows of each output were no number.
    """

    inputs: tuple[str, ...]
    first: Columns
    first_half_widths: Columns
    total: Columns
    total_half_widths: Columns
    second: Columns
    second_half_widths: Columns
    deviations: Columns
    blocks: Counts
    lost: Counts
    rows: int
    sureness_fraction: float


def saltelli_blocks(inputs: int, rows: int, *, second_order: bool = False) -> int:
    """How many blocks fit into so many rows, a power of two: a block has inputs + 2 rows, or 2 inputs + 2 with second order."""
    most = rows // _block(inputs, second_order)
    return 1 << (most.bit_length() - 1) if most else 0


def _block(inputs: int, second_order: bool) -> int:
    return 2 * inputs + 2 if second_order else inputs + 2


def sobol_indices(
    inputs: Sequence[str],
    evaluate: Callable[[Columns], Columns],
    *,
    blocks: int,
    seed: int = 0,
    second_order: bool = False,
    covariance: Columns | None = None,
    sureness_fraction: float = 0.95,
) -> SobolIndices:
    """Indices of every output of a function of independent inputs.

    The inputs are sampled by Saltelli's scheme over a scrambled Sobol sequence (`_halves`), the estimators are Saltelli's (2010)
    for first order and Jansen's for total, the intervals come from a bootstrap over the blocks. A block in which an output is
    no number counts for none of its estimates, since an index of a part of a block is none; `lost` says how many rows that were.

    Args:
        inputs: their names.
        evaluate: outputs (rows, outputs) of inputs (rows, inputs), each input from 0 to below 1 and uniform there.
        blocks: a power of two, at least `FEWEST_BLOCKS`.
        covariance: of the inputs; the indices are defined for independent ones alone, so one that binds two is refused.
        sureness_fraction: of the intervals.

    Raises:
        InputError: too few blocks, a count that is no power of two, or inputs that are correlated.
        Unavailable: SALib is not installed.

    Source: A. Saltelli et al., Computer Physics Communications 181 (2010) 259; estimators by SALib.
    """
    if problems := [*_of_blocks(blocks), *_of_covariance(inputs, covariance)]:
        raise InputError(problems)
    analysing = _salib()
    count = len(inputs)
    problem = {"num_vars": count, "names": list(inputs), "bounds": [[0.0, 1.0]] * count}
    rows = _rows(*_halves(count, blocks, seed), second_order=second_order)
    outputs = np.asarray(evaluate(rows), dtype=np.float64)
    outputs = outputs.reshape(len(rows), -1)
    there = np.isfinite(outputs)
    found: list[dict[str, Any]] = []
    used: list[int] = []
    deviations: list[float] = []
    for column in range(outputs.shape[1]):
        by_block = outputs[:, column].reshape(blocks, -1)
        kept = by_block[there[:, column].reshape(blocks, -1).all(axis=1)]
        used.append(len(kept))
        # Of each block the first and the last row are free samples; the others share their inputs.
        varies = float(kept[:, [0, -1]].std()) if len(kept) else np.nan
        deviations.append(0.0 if varies <= ROUNDING * float(np.abs(kept).max(initial=0.0)) else varies)
        found.append(_indices(analysing, problem, kept, deviations[-1], second_order, seed, sureness_fraction))

    def together(name: str) -> Any:
        return np.array([one[name] for one in found])

    return SobolIndices(
        tuple(inputs),
        together("S1"),
        together("S1_conf"),
        together("ST"),
        together("ST_conf"),
        together("S2"),
        together("S2_conf"),
        np.array(deviations),
        np.array(used),
        (~there).sum(axis=0),
        len(rows),
        sureness_fraction,
    )


def _halves(inputs: int, blocks: int, seed: int) -> tuple[Columns, Columns]:
    """Two samples (blocks, inputs) of all inputs, between which those of one input are as good as independent.

    They are the halves of a Sobol sequence of twice the dimensions, whose columns mirror each other while there are few points:
    of 16 in ten dimensions x and x' of one input differ too little in every block, or too much, so that E (x - x')^2 = 1/6 is
    missed and every total with it, and no bootstrap over these blocks could see that. So the second half is taken in that order,
    the one in which it comes or one by chance, that comes nearest to 1/6 for every input.
    """
    from scipy.stats import qmc

    whole = qmc.Sobol(2 * inputs, scramble=True, rng=np.random.default_rng(seed)).random(blocks)
    first, second = whole[:, :inputs], whole[:, inputs:]
    random = np.random.default_rng((seed, 1))
    orders = [np.arange(blocks), *(random.permutation(blocks) for _ in range(ORDERS))]
    off = [float(np.abs(6.0 * np.mean((first - second[one]) ** 2, axis=0) - 1.0).max()) for one in orders]
    return first, second[orders[int(np.argmin(off))]]


def _rows(first: Columns, second: Columns, *, second_order: bool) -> Columns:
    """Saltelli's blocks one after another: of each the first sample, it with one input of the second at a time, the second.

    With second order also the second with one input of the first at a time.
    """
    inputs = first.shape[1]
    own = np.eye(inputs, dtype=bool)
    crossed = [np.where(one, second, first) for one in own]
    if second_order:
        crossed += [np.where(one, first, second) for one in own]
    return np.stack([first, *crossed, second], axis=1).reshape(-1, inputs)


def _indices(
    analysing: Any,
    problem: dict[str, Any],
    kept: Columns,
    scale: float,
    second_order: bool,
    seed: int,
    sureness_fraction: float,
) -> dict[str, Any]:
    """What SALib finds of whole blocks; NaN where an output does not vary, or hardly a block is there."""
    count = int(problem["num_vars"])
    names = ("S1", "S1_conf", "ST", "ST_conf")
    pairs = np.full((count, count), np.nan)
    found: dict[str, Any] = {one: np.full(count, np.nan) for one in names} | {"S2": pairs, "S2_conf": pairs}
    if len(kept) < FEWEST_WHOLE or not scale > 0.0:
        return found
    with warnings.catch_warnings():
        # A resample in which an output happens not to vary is no news.
        warnings.filterwarnings("ignore", message="Constant values encountered", category=UserWarning)
        # Without a seed of its own SALib draws from the state that the whole process shares, and 0 counts as none.
        said = analysing.analyze(
            problem,
            kept.ravel(),
            calc_second_order=second_order,
            num_resamples=RESAMPLES,
            conf_level=sureness_fraction,
            seed=seed + 1,
        )
    return found | {name: np.asarray(said[name]) for name in found if name in said}


def _of_blocks(blocks: int) -> list[Problem]:
    if blocks >= FEWEST_BLOCKS and blocks & (blocks - 1) == 0:
        return []
    hint = text("give a power of two from {least} on", least=FEWEST_BLOCKS)
    return [Problem(text("{count} blocks of rows", count=blocks), "blocks", hint)]


def _of_covariance(inputs: Sequence[str], covariance: Columns | None) -> list[Problem]:
    if covariance is None:
        return []
    bound = np.asarray(covariance, dtype=np.float64)
    pairs = [
        f"{inputs[at]}, {inputs[other]}"
        for at in range(len(inputs))
        for other in range(at)
        if bound[at, other] != 0.0 or bound[other, at] != 0.0
    ]
    hint = text("let one of them move alone, or give them as one input")
    return [Problem(text("correlated inputs: {names}", names=one), "covariance", hint) for one in pairs]


def _salib() -> Any:
    try:
        import SALib.analyze.sobol as analysing  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        hint = text("install it: pip install 'covolt[search]'")
        raise Unavailable(
            Problem(text("Sobol's indices are found where the package SALib is installed"), "sobol", hint)
        ) from error
    return cast("Any", analysing)
